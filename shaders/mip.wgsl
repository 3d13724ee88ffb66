// Maximum intensity projection along the plane's normal, orthographic. Twin of `render::cpu::mip_picture`.

#import include/layout.wgsl
#import include/lut.wgsl
#import include/sample.wgsl
#import include/screen.wgsl

@group(0) @binding(0) var<uniform> draw: MipUniforms;
@group(0) @binding(1) var voxels: texture_3d<u32>;
// Highest value that interpolation inside each block can give.
@group(0) @binding(2) var bounds: texture_3d<f32>;

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
    let last = f32(draw.flags.y);
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

@fragment
fn mip(screen: Screen) -> @location(0) vec4<f32> {
    let px = pixel(screen, draw.display.xy);
    let n = draw.plane.n_coarse.xyz + draw.plane.n_fine.xyz;
    let start = ijk_from_px(draw.plane, px, 0.0);
    let inside = steps_inside(vec3<f32>(start.whole) + start.part, n);
    let last = vec3<i32>(draw.grid.dims.xyz) - 1;
    var highest = -3.0e38;
    var step = inside.x;
    while (step < inside.y) {
        let at = ijk_from_px(draw.plane, px, f32(step));
        if (!is_inside(at, draw.grid.dims.xyz)) {
            step += 1u;
            continue;
        }
        let block = clamp(at.whole, vec3<i32>(0), last) / BLOCK;
        if (textureLoad(bounds, block, 0).r <= highest) {
            step += 1u + steps_in_block(at, block, n);
            continue;
        }
        let value = sample_volume(voxels, draw.grid, at, draw.flags.x == 1u);
        if (!is_nan(value)) {
            highest = max(highest, value);
        }
        step += 1u;
    }
    if (highest == -3.0e38) {
        return to_target(vec3<f32>(0.0));
    }
    return to_target(vec3<f32>(present(draw.window, highest)));
}
