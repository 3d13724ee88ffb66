// Volume rendering by ray casting, front to back. Twin of `render::cpu::raycast_picture`.

#import include/layout.wgsl
#import include/lut.wgsl
#import include/raycast_layout.wgsl
#import include/raycast_ray.wgsl
#import include/screen.wgsl

@group(0) @binding(0) var<uniform> draw: RaycastUniforms;
// Gradient per voxel (central differences), and the stored value brought into the range of half floats. Interpolating
// central differences gives the slope of the interpolated values: one look-up for both.
@group(0) @binding(1) var voxels: texture_3d<f32>;
// How far a ray may leap from each block; 0: something can be seen in it.
@group(0) @binding(2) var leaps: texture_3d<u32>;
// The transfer function's sums over all entries before each: red, green, blue by optical depth, optical depth.
@group(0) @binding(3) var sums: texture_2d<u32>;
@group(0) @binding(4) var labels: texture_3d<u32>;
// Color of each label; alpha is its share.
@group(0) @binding(5) var palette: texture_2d<f32>;
@group(0) @binding(6) var smooth_sampler: sampler;

// Edge of a block in voxels; also in src/render/raycast/blocks.rs.
const BLOCK: i32 = 4;
// Entries of the transfer function; also in src/render/transfer/table.rs.
const ENTRIES: f32 = 2048.0;
// What labels do; also in src/render/raycast/uniforms.rs.
const FLAG_HIDES: u32 = 1u;
const FLAG_TINT: u32 = 2u;

// False leaves the labels out: software drivers run through both sides of every branch.
override masked: bool = true;

// A piece that begins less than this many steps behind a cut belongs to its face. Also in src/render/cpu/raycast_ray.rs.
const CUT: f32 = 0.75;

// The gradient per voxel and the kept number at a position.
fn sample_at(p: vec3<f32>) -> vec4<f32> {
    let at = clamp(p, vec3<f32>(0.0), vec3<f32>(draw.dims.xyz) - 1.0);
    return textureSampleLevel(voxels, smooth_sampler, (at + 0.5) * draw.per_texel.xyz, 0.0);
}

// Entry of the transfer function for a kept number.
fn entry_of(number: f32) -> u32 {
    return u32(clamp(number * draw.table.x + draw.table.y, 0.0, ENTRIES - 1.0));
}

// How much of the lamp at the eye comes back: x of the color, y of white.
fn light(g: vec3<f32>, step: vec3<f32>) -> vec2<f32> {
    let rest = draw.metric_rest.xyz * vec3<f32>(g.y * g.z, g.x * g.z, g.x * g.y);
    let squared = dot(draw.metric_diagonal.xyz * g, g) + 2.0 * (rest.x + rest.y + rest.z);
    // Inside even material there is no surface: as if it faced the eye.
    let facing = select(1.0, min(abs(dot(g, step)) * inverseSqrt(squared), 1.0), squared > draw.table.w);
    return vec2<f32>(draw.shading.x + draw.shading.y * facing, draw.shading.z * pow(facing, draw.shading.w));
}

// What the labels around a position do: color by its share, and in w how much of the place is seen.
struct Labeled {
    tint: vec4<f32>,
    seen: f32,
}

fn labeled_at(p: vec3<f32>) -> Labeled {
    let place = vec4<f32>(p, 1.0);
    let rows = draw.label_from_ijk;
    let at = vec3<f32>(dot(rows[0], place), dot(rows[1], place), dot(rows[2], place));
    let low = floor(at);
    let w = at - low;
    var found = Labeled(vec4<f32>(0.0), 0.0);
    for (var n = 0u; n < 8u; n++) {
        let up = vec3<u32>(n & 1u, (n >> 1u) & 1u, n >> 2u);
        let corner = vec3<i32>(low) + vec3<i32>(up);
        let weights = select(1.0 - w, w, up == vec3<u32>(1u));
        let weight = weights.x * weights.y * weights.z;
        let inside = all(corner >= vec3<i32>(0)) && all(corner < vec3<i32>(draw.label_dims.xyz));
        var label = 0u;
        if (inside) {
            label = textureLoad(labels, corner, 0).r;
        }
        let color = textureLoad(palette, vec2<u32>(label, 0u), 0);
        found.tint += weight * vec4<f32>(color.rgb * color.a, color.a);
        let bits = draw.visible[label / 128u][(label % 128u) / 32u];
        found.seen += select(0.0, weight, ((bits >> (label % 32u)) & 1u) == 1u);
    }
    return found;
}

// Steps from a position to the first one beyond the blocks in which nothing is seen.
fn steps_to_leap(p: vec3<f32>, block: vec3<i32>, blocks: i32, step: vec3<f32>) -> f32 {
    let face = vec3<f32>(select(block - blocks + 1, block + blocks, step > vec3<f32>(0.0)) * BLOCK);
    let moves = abs(step) > vec3<f32>(1e-7);
    let steps = select(vec3<f32>(1e9), (face - p) / select(vec3<f32>(1.0), step, moves), moves);
    return floor(max(min(steps.x, min(steps.y, steps.z)), 0.0)) + 1.0;
}

// Where a ray is.
struct Walk {
    n: f32,
    // steps at the ends of the piece that was found
    near: f32,
    far: f32,
    // entries there, in order
    first: u32,
    end: u32,
    // at the far end
    gradient: vec3<f32>,
    entry: u32,
    has_entry: bool,
    found: bool,
}

// On to the first step that is not within blocks in which nothing is seen.
fn leap(n: f32, start: f32, end: f32, span: vec2<f32>, ray: Ray) -> f32 {
    let last = vec3<i32>(draw.dims.xyz) - 1;
    var at = n;
    loop {
        let p = ray.base + ray.step * clamp(at + start, span.x, span.y);
        let block = clamp(vec3<i32>(floor(p)), vec3<i32>(0), last) / BLOCK;
        let blocks = i32(textureLoad(leaps, block, 0).r);
        if (blocks == 0 || at > end) {
            break;
        }
        at += steps_to_leap(p, block, blocks, ray.step);
    }
    return at;
}

fn is_clear(p: vec3<f32>) -> bool {
    let last = vec3<i32>(draw.dims.xyz) - 1;
    return textureLoad(leaps, clamp(vec3<i32>(floor(p)), vec3<i32>(0), last) / BLOCK, 0).r > 0u;
}

// Color and opacity of the piece of a ray that was found, lit as its end is.
fn piece(walk: Walk, ray: Ray, cut: bool) -> vec4<f32> {
    let sum = textureLoad(sums, vec2<u32>(walk.end, 0u), 0) - textureLoad(sums, vec2<u32>(walk.first, 0u), 0);
    var rgb = vec3<f32>(sum.xyz) / f32(sum.w);
    if (masked) {
        let labeled = labeled_at(ray.base + ray.step * (0.5 * (walk.near + walk.far)));
        if (labeled.seen < 0.5) {
            return vec4<f32>(0.0);
        }
        rgb = rgb * (1.0 - labeled.tint.w) + labeled.tint.rgb;
    }
    let depth = f32(sum.w) / f32(walk.end - walk.first);
    let opacity = 1.0 - exp(-depth * draw.table.z * (walk.far - walk.near));
    // A cut face shows its material, not the slope of what lies there.
    let lit = select(light(walk.gradient, ray.step), vec2<f32>(draw.shading.x + draw.shading.y, 0.0), cut);
    return vec4<f32>(min(rgb * lit.x + lit.y, vec3<f32>(1.0)), opacity);
}

// Three loops, the cheapest innermost: a group of pixels leaps until all of them meet something, samples until all of them
// see something, and only then is lit, together.
@fragment
fn raycast(screen: Screen) -> @location(0) vec4<f32> {
    let px = pixel(screen, draw.display.xy);
    let ray = ray_of_px(draw, px);
    let span = span_of_ray(draw, ray);
    let start = start_of_ray(draw, px);
    let end = select(-1e9, ceil(span.y - start), span.x < span.y);
    var walk: Walk;
    walk.n = floor(span.x - start) + 1.0;
    var through = 1.0;
    var rgb = vec3<f32>(0.0);
    while (walk.n <= end && through > draw.background.w) {
        walk.found = false;
        while (!walk.found && walk.n <= end) {
            if (!walk.has_entry) {
                walk.n = leap(walk.n, start, end, span, ray);
            }
            walk.near = clamp(walk.n + start - 1.0, span.x, span.y);
            walk.far = clamp(walk.n + start, span.x, span.y);
            // The first sample after a leap is the one before it: what lies between the two is seen as well.
            let p = ray.base + ray.step * select(walk.near, walk.far, walk.has_entry);
            let found = sample_at(p);
            let entry = entry_of(found.w);
            if (walk.has_entry) {
                walk.first = min(walk.entry, entry);
                walk.end = max(walk.entry, entry) + 1u;
                walk.gradient = found.xyz;
                walk.found = textureLoad(sums, vec2<u32>(walk.end, 0u), 0).w
                    != textureLoad(sums, vec2<u32>(walk.first, 0u), 0).w;
                walk.n += 1.0;
                walk.has_entry = !is_clear(p);
            } else {
                walk.has_entry = true;
            }
            walk.entry = entry;
        }
        if (walk.found) {
            let seen = piece(walk, ray, walk.near - span.x < CUT);
            rgb += through * seen.w * seen.rgb;
            through *= 1.0 - seen.w;
        }
    }
    return to_target(rgb + through * draw.background.rgb);
}
