//! Coarse copies of a mask, for operations with large radii.

use super::Mask;

/// One voxel for every block of `factor` voxels along each axis (smaller at the far end): in when at least half of the
/// block is in. Factors are at least 1.
pub fn coarse_mask(mask: &Mask, factor: [usize; 3]) -> Mask {
    let dims = mask.dims();
    let factor = factor.map(|f| f.max(1));
    let coarse: [usize; 3] = std::array::from_fn(|axis| dims[axis].div_ceil(factor[axis]));
    Mask::by_slices(coarse, |ck, out| {
        let mut counts = vec![0usize; out.len()];
        let slices = ck * factor[2]..((ck + 1) * factor[2]).min(dims[2]);
        for k in slices.clone() {
            for (j, row) in mask.slice(k).chunks_exact(dims[0]).enumerate() {
                let counts = &mut counts[j / factor[1] * coarse[0]..][..coarse[0]];
                for (block, count) in row.chunks(factor[0]).zip(counts) {
                    *count += block.iter().filter(|&&b| b).count();
                }
            }
        }
        for (n, (out, count)) in out.iter_mut().zip(counts).enumerate() {
            let (ci, cj) = (n % coarse[0], n / coarse[0]);
            let wide = factor[0].min(dims[0] - ci * factor[0]);
            let high = factor[1].min(dims[1] - cj * factor[1]);
            *out = 2 * count >= wide * high * slices.len();
        }
    })
}

/// Back to the fine grid: every voxel takes the flag of its block.
pub fn fine_mask(coarse: &Mask, factor: [usize; 3], dims: [usize; 3]) -> Mask {
    let factor = factor.map(|f| f.max(1));
    let [ci, _, _] = coarse.dims();
    Mask::by_slices(dims, |k, out| {
        let slice = coarse.slice(k / factor[2]);
        for (j, row) in out.chunks_exact_mut(dims[0]).enumerate() {
            let from = &slice[j / factor[1] * ci..][..ci];
            for (block, &b) in row.chunks_mut(factor[0]).zip(from) {
                block.fill(b);
            }
        }
    })
}
