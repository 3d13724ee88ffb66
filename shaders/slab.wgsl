// Values of a slab or projection along the plane's normal, orthographic, before any window.
// Twin of `render::cpu::slab::sampled`.

#import include/layout.wgsl
#import include/lut.wgsl
#import include/sample.wgsl
#import include/screen.wgsl

@group(0) @binding(0) var<uniform> draw: SampleUniforms;
@group(0) @binding(1) var voxels: texture_3d<u32>;
// Highest value that interpolation inside each block can give.
@group(0) @binding(2) var bounds: texture_3d<f32>;

// `SlabMode`: 0 maximum, 1 minimum, 2 mean, 3 sum.
override slab_mode: u32 = 0u;
// False where interpolation overshoots its neighbors, so that their highest value is no bound.
override leaps: bool = true;

// Edge of a block in voxels; also in src/render/blocks.rs.
const BLOCK: i32 = 8;

// First step inside the volume and the one after the last, one more on either side against rounding.
fn steps_inside(start: vec3<f32>, n: vec3<f32>) -> vec2<u32> {
    let low = vec3<f32>(-0.5) - start;
    let high = vec3<f32>(draw.grid.dims.xyz) - 0.5 - start;
    let moves = abs(n) > vec3<f32>(1e-6);
    let safe = select(vec3<f32>(1.0), n, moves);
    let enter = select(vec3<f32>(-1e9), min(low / safe, high / safe), moves);
    let leave = select(vec3<f32>(1e9), max(low / safe, high / safe), moves);
    let last = f32(draw.flags.x);
    let first = clamp(floor(max(enter.x, max(enter.y, enter.z))) - 1.0, 0.0, last);
    let end = clamp(ceil(min(leave.x, min(leave.y, leave.z))) + 2.0, 0.0, last);
    return vec2<u32>(u32(first), u32(end));
}

// How many more steps stay in the block that holds the position.
fn steps_in_block(at: Ijk, block: vec3<i32>, n: vec3<f32>) -> u32 {
    let position = vec3<f32>(at.whole - block * BLOCK) + at.part;
    let ahead = select(position, f32(BLOCK) - position, n > vec3<f32>(0.0));
    let steps = ahead / max(abs(n), vec3<f32>(1e-6));
    return u32(clamp(min(steps.x, min(steps.y, steps.z)), 0.0, 1e5));
}

// Blocks that cannot raise the maximum are left at once.
fn highest(px: vec2<f32>, inside: vec2<u32>, n: vec3<f32>) -> f32 {
    let last = vec3<i32>(draw.grid.dims.xyz) - 1;
    var highest = OUTSIDE;
    var step = inside.x;
    while (step < inside.y) {
        let at = ijk_from_px(draw.plane, px, f32(step));
        if (!is_inside(at, draw.grid.dims.xyz)) {
            step += 1u;
            continue;
        }
        let block = clamp(at.whole, vec3<i32>(0), last) / BLOCK;
        if (leaps && textureLoad(bounds, block, 0).r <= highest) {
            step += 1u + steps_in_block(at, block, n);
            continue;
        }
        let value = sample_volume(voxels, draw.grid, at);
        if (!is_nan(value)) {
            highest = max(highest, value);
        }
        step += 1u;
    }
    return highest;
}

// Minimum, mean or sum. Sums are kept in two parts, or the rounding of hundreds of additions would show in narrow windows.
fn gathered(px: vec2<f32>, inside: vec2<u32>) -> f32 {
    var lowest = 3.0e38;
    var sum = 0.0;
    var part = 0.0;
    var count = 0u;
    for (var step = inside.x; step < inside.y; step++) {
        let at = ijk_from_px(draw.plane, px, f32(step));
        let value = sample_volume(voxels, draw.grid, at);
        if (is_inside(at, draw.grid.dims.xyz) && !is_nan(value)) {
            lowest = min(lowest, value);
            part += value;
            count += 1u;
            if (count % 16u == 0u) {
                sum += part;
                part = 0.0;
            }
        }
    }
    if (count == 0u) {
        return OUTSIDE;
    }
    if (slab_mode == 1u) {
        return lowest;
    }
    return select(sum + part, (sum + part) / f32(count), slab_mode == 2u);
}

@fragment
fn slab(screen: Screen) -> @location(0) f32 {
    let px = pixel(screen, draw.display.xy);
    let n = draw.plane.n_coarse.xyz + draw.plane.n_fine.xyz;
    let start = ijk_from_px(draw.plane, px, 0.0);
    let inside = steps_inside(vec3<f32>(start.whole) + start.part, n);
    if (slab_mode == 0u) {
        return highest(px, inside, n);
    }
    return gathered(px, inside);
}
