// Surfaces of segments, layer by layer from the reader on (depth peeling). Twin of `render::cpu::surfaces_picture`.
//
// For each layer, `peel` finds the nearest surface behind the layer before, and `shade` then blends it under what is there.

// Mirrored field by field in src/render/gpu/surfaces.rs; a test compares every offset.
struct SurfaceUniforms {
    // clip x, y and depth of a vertex: dot(row.xyz, vertex) + row.w
    across: vec4<f32>,
    up: vec4<f32>,
    away: vec4<f32>,
    // unit vector toward the reader; one unused number
    toward_reader: vec4<f32>,
    // red, green, blue, 0–1, gamma-encoded, and opacity of each surface; opacity 0 hides it
    colors: array<vec4<f32>, 256>,
}

// Light at grazing angles; also in src/render/surfaces.rs.
const AMBIENT: f32 = 0.25;

@group(0) @binding(0) var<uniform> draw: SurfaceUniforms;
// Depths of the layer before; 0 before the first.
@group(0) @binding(1) var before: texture_depth_2d;

struct Shown {
    @invariant @builtin(position) position: vec4<f32>,
    @location(0) normal: vec3<f32>,
    @location(1) @interpolate(flat) surface: u32,
}

@vertex
fn place(@location(0) at: vec3<f32>, @location(1) normal: vec3<f32>, @location(2) surface: u32) -> Shown {
    let x = dot(draw.across.xyz, at) + draw.across.w;
    let y = dot(draw.up.xyz, at) + draw.up.w;
    let depth = dot(draw.away.xyz, at) + draw.away.w;
    let is_hidden = draw.colors[surface].a == 0.0;
    // Hidden surfaces end up outside of the picture.
    return Shown(vec4<f32>(select(x, 2.0, is_hidden), y, depth, 1.0), normal, surface);
}

@fragment
fn peel(shown: Shown) {
    if (shown.position.z <= textureLoad(before, vec2<i32>(shown.position.xy), 0)) {
        discard;
    }
}

@fragment
fn shade(shown: Shown) -> @location(0) vec4<f32> {
    let size = length(shown.normal);
    let normal = select(vec3<f32>(0.0), shown.normal / size, size > 0.0);
    let light = AMBIENT + (1.0 - AMBIENT) * abs(dot(normal, draw.toward_reader.xyz));
    let color = draw.colors[shown.surface];
    return vec4<f32>(color.rgb * light * color.a, color.a);
}
