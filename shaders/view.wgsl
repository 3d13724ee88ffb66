// From values to a picture: display filter, VOI LUT, inversion, color map, a second volume, and the labels of a mask.
// Twin of `render::cpu::present::presented`.

#import include/layout.wgsl
#import include/lut.wgsl
#import include/sample.wgsl
#import include/screen.wgsl

@group(0) @binding(0) var<uniform> draw: ViewUniforms;
// Values of the first volume and of the second, one per pixel or coarser.
@group(0) @binding(1) var values: texture_2d<f32>;
@group(0) @binding(2) var second: texture_2d<f32>;
@group(0) @binding(3) var labels: texture_3d<u32>;
@group(0) @binding(4) var<uniform> palette: Palette;
@group(0) @binding(5) var<uniform> base_map: Palette;
@group(0) @binding(6) var<uniform> fused_map: Palette;

// False leaves everything out but the window: most pictures need no more, and software drivers run through both sides
// of every branch.
override layered: bool = true;

// Texel of a pixel; the texture may be coarser than the picture.
fn texel_of(px: vec2<f32>, size: vec2<u32>) -> vec2<i32> {
    return vec2<i32>(floor((px + 0.5) * vec2<f32>(size) / draw.display.xy));
}

// A neighbor's value, or the pixel's own where there is none.
fn neighbor(of_texture: texture_2d<f32>, at: vec2<i32>, own: f32) -> f32 {
    let last = vec2<i32>(textureDimensions(of_texture)) - 1;
    let value = textureLoad(of_texture, clamp(at, vec2<i32>(0), last), 0).r;
    return select(value, own, value == OUTSIDE || is_nan(value));
}

// The value of a pixel after the display filter.
fn filtered(of_texture: texture_2d<f32>, px: vec2<f32>) -> f32 {
    let at = texel_of(px, textureDimensions(of_texture));
    let own = textureLoad(of_texture, at, 0).r;
    if (draw.kernel.w == 0.0 || own == OUTSIDE || is_nan(own)) {
        return own;
    }
    var weights = array<f32, 3>(draw.kernel.x, draw.kernel.y, draw.kernel.z);
    var sum = 0.0;
    for (var dy = -2; dy <= 2; dy++) {
        for (var dx = -2; dx <= 2; dx++) {
            let weight = weights[abs(dx)] * weights[abs(dy)];
            sum += weight * (neighbor(of_texture, at + vec2<i32>(dx, dy), own) - own);
        }
    }
    return own + draw.kernel.w * sum;
}

// Label at a pixel; 0 outside the mask's grid and for hidden labels.
fn label_at(px: vec2<f32>) -> u32 {
    let at = ijk_from_px(draw.label_plane, px, 0.0);
    if (!is_inside(at, draw.label_grid.dims.xyz)) {
        return 0u;
    }
    let label = textureLoad(labels, nearest_index(at, draw.label_grid.dims.xyz), 0).r;
    return select(0u, label, palette.colors[label].a > 0.0);
}

// True within an outline's width of the border of its label, inside it.
fn on_outline(px: vec2<f32>, label: u32) -> bool {
    let reach = draw.outline.x;
    let diagonal = reach * 0.70710678;
    return label_at(px + vec2<f32>(reach, 0.0)) != label || label_at(px - vec2<f32>(reach, 0.0)) != label
        || label_at(px + vec2<f32>(0.0, reach)) != label || label_at(px - vec2<f32>(0.0, reach)) != label
        || label_at(px + vec2<f32>(diagonal, diagonal)) != label
        || label_at(px - vec2<f32>(diagonal, diagonal)) != label
        || label_at(px + vec2<f32>(diagonal, -diagonal)) != label
        || label_at(px - vec2<f32>(diagonal, -diagonal)) != label;
}

// Both volumes: blended, in squares, or side by side.
fn fused(px: vec2<f32>, base: vec3<f32>) -> vec3<f32> {
    let value = filtered(second, px);
    let is_there = value != OUTSIDE;
    if (is_there && value < draw.outline.z) {
        return base;
    }
    let over = select(vec3<f32>(0.0), color_of(present(draw.fused_window, value), true), is_there);
    let number = draw.flags.z;
    switch draw.flags.y {
        case 1u: { return mix(base, over, select(0.0, draw.outline.y, is_there)); }
        case 2u: {
            let square = vec2<u32>(px) / number;
            return select(base, over, (square.x + square.y) % 2u == 1u);
        }
        case 3u: { return select(base, over, u32(px.x) >= number); }
        default: { return base; }
    }
}

// Color of a gray level in 0–1, linear between the entries of the first or the second volume's map.
fn color_of(gray: f32, is_fused: bool) -> vec3<f32> {
    let at = clamp(gray, 0.0, 1.0) * 255.0;
    let low = u32(at);
    let high = min(low + 1u, 255u);
    let a = select(base_map.colors[low], fused_map.colors[low], is_fused);
    let b = select(base_map.colors[high], fused_map.colors[high], is_fused);
    return mix(a.rgb, b.rgb, at - f32(low));
}

@fragment
fn view(screen: Screen) -> @location(0) vec4<f32> {
    let px = pixel(screen, draw.display.xy);
    if (!layered) {
        let value = textureLoad(values, texel_of(px, textureDimensions(values)), 0).r;
        return to_target(vec3<f32>(select(present(draw.window, value), 0.0, value == OUTSIDE)));
    }
    let value = filtered(values, px);
    var rgb = select(color_of(present(draw.window, value), false), vec3<f32>(0.0), value == OUTSIDE);
    if (draw.flags.y != 0u) {
        rgb = fused(px, rgb);
    }
    if (draw.flags.x == 1u) {
        let label = label_at(px);
        if (label != 0u) {
            let color = palette.colors[label];
            let opacity = select(draw.display.z, draw.display.w, on_outline(px, label));
            rgb = mix(rgb, color.rgb, opacity * color.a);
        }
    }
    return to_target(rgb);
}
