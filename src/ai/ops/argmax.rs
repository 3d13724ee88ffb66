//! The class with the largest logit, voxel by voxel.

use rayon::prelude::*;

/// Voxels handed to a thread at a time.
const PIECE: usize = 1 << 14;

/// Appends the class of each voxel; `logits` is `[classes, voxels]`, at most 256 classes. The first of equal logits wins,
/// and NaN never does.
pub fn append_classes(logits: &[f32], classes: usize, out: &mut Vec<u8>) {
    let voxels = logits.len() / classes.max(1);
    let start = out.len();
    out.resize(start + voxels, 0);
    out[start..].par_chunks_mut(PIECE).enumerate().for_each(|(n, out)| {
        #[allow(clippy::large_stack_arrays, reason = "fits the stack of every worker")]
        let mut best = [f32::NEG_INFINITY; PIECE];
        for class in 0..classes {
            let at = class * voxels + n * PIECE;
            for ((out, best), &logit) in out.iter_mut().zip(&mut best).zip(&logits[at..]) {
                if logit > *best {
                    *best = logit;
                    *out = class as u8;
                }
            }
        }
    });
}
