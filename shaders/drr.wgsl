// Digitally reconstructed radiograph: ∫ µ dx along each pixel's ray. Twin of `render::cpu::drr_picture`; the method is told
// there.

#import include/layout.wgsl
#import include/lut.wgsl
#import include/sample.wgsl
#import include/screen.wgsl

// Mirrored field by field in src/render/gpu/drr.rs; a test compares every offset.
// A ray starts at start + start_u·x + start_v·y and ends `along` + along_u·x + along_v·y further, in voxel indices; `mm` is
// that way in the patient.
struct DrrUniforms {
    start: vec4<f32>,
    start_u: vec4<f32>,
    start_v: vec4<f32>,
    along: vec4<f32>,
    along_u: vec4<f32>,
    along_v: vec4<f32>,
    mm: vec4<f32>,
    mm_u: vec4<f32>,
    mm_v: vec4<f32>,
    grid: Grid,
    window: Window,
    // picture width, height in pixels; attenuation of water per mm; one unused number
    display: vec4<f32>,
}

@group(0) @binding(0) var<uniform> draw: DrrUniforms;
@group(0) @binding(1) var voxels: texture_3d<u32>;

// Parts of the ray at which it enters and leaves the grid; the second is not above the first when it misses it.
fn inside(start: vec3<f32>, along: vec3<f32>) -> vec2<f32> {
    let low = vec3<f32>(-0.5) - start;
    let high = vec3<f32>(draw.grid.dims.xyz) - 0.5 - start;
    let moves = abs(along) >= vec3<f32>(1e-9);
    if (any(!moves & ((low > vec3<f32>(0.0)) | (high < vec3<f32>(0.0))))) {
        return vec2<f32>(1.0, 0.0);
    }
    let safe = select(vec3<f32>(1.0), along, moves);
    let enter = select(vec3<f32>(0.0), min(low / safe, high / safe), moves);
    let leave = select(vec3<f32>(1.0), max(low / safe, high / safe), moves);
    let first = max(max(enter.x, 0.0), max(enter.y, enter.z));
    return vec2<f32>(first, min(min(leave.x, 1.0), min(leave.y, leave.z)));
}

// Attenuation in multiples of water's at a position in a layer. `a` and `b` are the steps along the other two axes.
fn attenuation(base: vec3<i32>, a: vec3<i32>, b: vec3<i32>, last: vec2<f32>, position: vec2<f32>) -> f32 {
    let kind = draw.grid.dims.w;
    let at = clamp(position, vec2<f32>(0.0), last);
    let low = floor(at);
    let w = at - low;
    let near = base + a * i32(low.x) + b * i32(low.y);
    let step_a = select(vec3<i32>(0), a, low.x < last.x);
    let step_b = select(vec3<i32>(0), b, low.y < last.y);
    let upper = mix(stored_at(voxels, kind, near), stored_at(voxels, kind, near + step_a), w.x);
    let lower = mix(stored_at(voxels, kind, near + step_b), stored_at(voxels, kind, near + step_a + step_b), w.x);
    let hu = mix(upper, lower, w.y) * draw.grid.rescale.x + draw.grid.rescale.y;
    // What is not known weakens nothing.
    return select(max(1.0 + hu / 1000.0, 0.0), 0.0, is_nan(hu));
}

fn line_integral(start: vec3<f32>, along: vec3<f32>, length_mm: f32) -> f32 {
    let ends = inside(start, along);
    if (ends.x >= ends.y) {
        return 0.0;
    }
    let size = abs(along);
    // The axis that the ray follows most, and the other two.
    var main = vec3<i32>(1, 0, 0);
    var a = vec3<i32>(0, 1, 0);
    var b = vec3<i32>(0, 0, 1);
    if (!(size.x >= size.y && size.x >= size.z)) {
        a = vec3<i32>(1, 0, 0);
        main = select(vec3<i32>(0, 1, 0), vec3<i32>(0, 0, 1), size.y < size.z);
        b = vec3<i32>(0, 1, 1) - main;
    }
    let on_main = vec3<f32>(main);
    let step = dot(along, on_main);
    let start_main = dot(start, on_main);
    let others = mat2x3<f32>(vec3<f32>(a), vec3<f32>(b));
    // Minor positions as linear functions of the layer.
    let slope = (along * others) / step;
    let offset = start * others;
    let last = vec3<f32>(draw.grid.dims.xyz) - 1.0;
    let last_minor = last * others;
    let edge_0 = start_main + step * ends.x;
    let edge_1 = start_main + step * ends.y;
    let low = min(edge_0, edge_1);
    let high = max(edge_0, edge_1);
    let mm_per_layer = length_mm / abs(step);
    let first_layer = max(ceil(low), 0.0);
    let last_layer = min(floor(high), dot(last, on_main));
    if (first_layer > last_layer) {
        // Between two layers: the nearer one stands for all of it.
        let middle = (low + high) * 0.5;
        let layer = clamp(floor(middle + 0.5), 0.0, dot(last, on_main));
        let value = attenuation(main * i32(layer), a, b, last_minor, offset + (middle - start_main) * slope);
        return draw.display.z * value * (high - low) * mm_per_layer;
    }
    var sum = 0.0;
    for (var layer = first_layer; layer <= last_layer; layer += 1.0) {
        let before = select(0.5, first_layer - low, layer <= first_layer);
        let behind = select(0.5, high - last_layer, layer >= last_layer);
        let value = attenuation(main * i32(layer), a, b, last_minor, offset + (layer - start_main) * slope);
        sum += (before + behind) * value;
    }
    return draw.display.z * sum * mm_per_layer;
}

@fragment
fn drr(screen: Screen) -> @location(0) vec4<f32> {
    let px = pixel(screen, draw.display.xy);
    let start = draw.start.xyz + draw.start_u.xyz * px.x + draw.start_v.xyz * px.y;
    let along = draw.along.xyz + draw.along_u.xyz * px.x + draw.along_v.xyz * px.y;
    let mm = draw.mm.xyz + draw.mm_u.xyz * px.x + draw.mm_v.xyz * px.y;
    return to_target(vec3<f32>(present(draw.window, line_integral(start, along, length(mm)))));
}
