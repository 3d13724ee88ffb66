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

// The stored value from the bits of a texel: volumes are kept bit by bit as they were stored. Without branches: this runs
// eight times per sample.
fn stored_value(bits: u32, kind: u32) -> f32 {
    let wrap = select(0.0, 65536.0, kind == VOXEL_SIGNED_16 && bits >= 32768u);
    return select(f32(bits) - wrap, bitcast<f32>(bits), kind == VOXEL_FLOAT);
}

fn stored_at(voxels: texture_3d<u32>, kind: u32, at: vec3<i32>) -> f32 {
    return stored_value(textureLoad(voxels, at, 0).r, kind);
}

// How plane.wgsl and slab.wgsl sample: settled when their pipelines are built, so that each holds one way only.
// 0 nearest, 1 linear, 2 cubic
override interpolation: u32 = 1u;
override voxel_kind: u32 = 0u;

// Weights of the four voxels around a position, `t` of the way from the second to the third. R. Keys 1981, a = −1/2.
fn cubic_weights(t: f32) -> vec4<f32> {
    return vec4<f32>(
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    );
}

// A neighbor that counts nothing takes no part, even when it is no number: only floats hold such.
fn blend(a: f32, b: f32, w: f32) -> f32 {
    let mixed = a + (b - a) * w;
    return select(mixed, a, voxel_kind == VOXEL_FLOAT && w == 0.0);
}

fn bilinear(voxels: texture_3d<u32>, low: vec2<i32>, high: vec2<i32>, k: i32, w: vec2<f32>) -> f32 {
    let left_upper = stored_at(voxels, voxel_kind, vec3<i32>(low, k));
    let right_upper = stored_at(voxels, voxel_kind, vec3<i32>(high.x, low.y, k));
    let left_lower = stored_at(voxels, voxel_kind, vec3<i32>(low.x, high.y, k));
    let right_lower = stored_at(voxels, voxel_kind, vec3<i32>(high, k));
    return blend(blend(left_upper, right_upper, w.x), blend(left_lower, right_lower, w.x), w.y);
}

fn cubic(voxels: texture_3d<u32>, low: vec3<i32>, w: vec3<f32>, last: vec3<i32>) -> f32 {
    var across = cubic_weights(w.x);
    var down = cubic_weights(w.y);
    var deep = cubic_weights(w.z);
    var sum = 0.0;
    for (var k = 0; k < 4; k++) {
        for (var j = 0; j < 4; j++) {
            let line = clamp(low.yz + vec2<i32>(j, k) - 1, vec2<i32>(0), last.yz);
            let weight = down[j] * deep[k];
            var along = 0.0;
            for (var i = 0; i < 4; i++) {
                let column = clamp(low.x + i - 1, 0, last.x);
                let value = stored_at(voxels, voxel_kind, vec3<i32>(column, line));
                along += select(value * across[i], 0.0, across[i] * weight == 0.0);
            }
            sum += along * weight;
        }
    }
    return sum;
}

// Value after the Modality LUT at a position inside the volume.
fn sample_volume(voxels: texture_3d<u32>, grid: Grid, at: Ijk) -> f32 {
    let dims = grid.dims.xyz;
    if (interpolation == 0u) {
        return stored_at(voxels, voxel_kind, nearest_index(at, dims)) * grid.rescale.x + grid.rescale.y;
    }
    let last = vec3<i32>(dims) - 1;
    let low = clamp(at.whole, vec3<i32>(0), last);
    // Beyond the outer centers the edge value holds.
    let edge = (at.whole < vec3<i32>(0)) | (at.whole >= last);
    let w = select(at.part, vec3<f32>(0.0), edge);
    if (interpolation == 2u) {
        return cubic(voxels, low, w, last) * grid.rescale.x + grid.rescale.y;
    }
    let high = min(low + 1, last);
    let near = bilinear(voxels, low.xy, high.xy, low.z, w.xy);
    let far = bilinear(voxels, low.xy, high.xy, high.z, w.xy);
    return blend(near, far, w.z) * grid.rescale.x + grid.rescale.y;
}
