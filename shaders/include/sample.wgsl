// Values between voxels. Twin of `volume::sample_linear_ijk` and of `render::cpu::sample`.
// A volume reaches half a voxel beyond its outer voxel centers, where the edge values hold; beyond that is "outside".

const VOXEL_UNSIGNED: u32 = 0u;
const VOXEL_SIGNED_16: u32 = 1u;
const VOXEL_FLOAT: u32 = 2u;

// Rounding must not push the outermost half voxel outside (SLACK of the twins).
const SLACK: f32 = 1e-6;
// Positions this close below a half round up, so that both twins choose the same voxel at a tie (TIE of the twins).
const TIE: f32 = 1e-5;

// A position as whole voxels and the part of a voxel beyond, in 0–1.
struct Ijk {
    whole: vec3<i32>,
    part: vec3<f32>,
}

fn ijk_from_px(map: PlaneMap, px: vec2<f32>, step: f32) -> Ijk {
    let coarse = map.origin_coarse.xyz + map.u_coarse.xyz * px.x + map.v_coarse.xyz * px.y + map.n_coarse.xyz * step;
    let fine = map.origin_fine.xyz + map.u_fine.xyz * px.x + map.v_fine.xyz * px.y + map.n_fine.xyz * step;
    let floor_coarse = floor(coarse);
    let rest = (coarse - floor_coarse) + fine;
    let carry = floor(rest);
    return Ijk(vec3<i32>(floor_coarse) + vec3<i32>(carry), rest - carry);
}

fn is_inside(at: Ijk, dims: vec3<u32>) -> bool {
    let last = vec3<i32>(dims) - 1;
    let low = (at.whole > vec3<i32>(-1)) | ((at.whole == vec3<i32>(-1)) & (at.part >= vec3<f32>(0.5 - SLACK)));
    let high = (at.whole < last) | ((at.whole == last) & (at.part <= vec3<f32>(0.5 + SLACK)));
    return all(low & high);
}

fn nearest_index(at: Ijk, dims: vec3<u32>) -> vec3<i32> {
    let up = select(vec3<i32>(0), vec3<i32>(1), at.part >= vec3<f32>(0.5 - TIE));
    return clamp(at.whole + up, vec3<i32>(0), vec3<i32>(dims) - 1);
}

// The stored value from the bits of a texel: volumes are kept bit by bit as they were stored.
fn stored_value(bits: u32, kind: u32) -> f32 {
    switch kind {
        case VOXEL_SIGNED_16: { return f32(bitcast<i32>(bits << 16u) >> 16u); }
        case VOXEL_FLOAT: { return bitcast<f32>(bits); }
        default: { return f32(bits); }
    }
}

fn stored_at(voxels: texture_3d<u32>, kind: u32, at: vec3<i32>) -> f32 {
    return stored_value(textureLoad(voxels, at, 0).r, kind);
}

// Value after the Modality LUT at a position inside the volume.
fn sample_volume(voxels: texture_3d<u32>, grid: Grid, at: Ijk, linear: bool) -> f32 {
    let dims = grid.dims.xyz;
    let kind = grid.dims.w;
    if (!linear) {
        return stored_at(voxels, kind, nearest_index(at, dims)) * grid.rescale.x + grid.rescale.y;
    }
    let last = vec3<i32>(dims) - 1;
    let low = clamp(at.whole, vec3<i32>(0), last);
    let high = min(low + 1, last);
    // Beyond the outer centers the edge value holds.
    let edge = (at.whole < vec3<i32>(0)) | (at.whole >= last);
    let w = select(at.part, vec3<f32>(0.0), edge);
    let c00 = mix(stored_at(voxels, kind, low), stored_at(voxels, kind, vec3<i32>(high.x, low.y, low.z)), w.x);
    let c10 = mix(stored_at(voxels, kind, vec3<i32>(low.x, high.y, low.z)),
                  stored_at(voxels, kind, vec3<i32>(high.x, high.y, low.z)), w.x);
    let c01 = mix(stored_at(voxels, kind, vec3<i32>(low.x, low.y, high.z)),
                  stored_at(voxels, kind, vec3<i32>(high.x, low.y, high.z)), w.x);
    let c11 = mix(stored_at(voxels, kind, vec3<i32>(low.x, high.y, high.z)), stored_at(voxels, kind, high), w.x);
    return mix(mix(c00, c10, w.y), mix(c01, c11, w.y), w.z) * grid.rescale.x + grid.rescale.y;
}
