// A plane of a volume: VOI LUT, inversion, and the labels of a mask over it. Twin of `render::cpu::plane_picture`.

#import include/layout.wgsl
#import include/lut.wgsl
#import include/sample.wgsl
#import include/screen.wgsl

@group(0) @binding(0) var<uniform> draw: SliceUniforms;
@group(0) @binding(1) var voxels: texture_3d<u32>;
@group(0) @binding(2) var labels: texture_3d<u32>;
@group(0) @binding(3) var<uniform> palette: Palette;

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

@fragment
fn slice(screen: Screen) -> @location(0) vec4<f32> {
    let px = pixel(screen, draw.display.xy);
    let at = ijk_from_px(draw.plane, px, 0.0);
    var rgb = vec3<f32>(0.0);
    if (is_inside(at, draw.grid.dims.xyz)) {
        rgb = vec3<f32>(present(draw.window, sample_volume(voxels, draw.grid, at, draw.flags.x == 1u)));
    }
    if (draw.flags.y == 1u) {
        let label = label_at(px);
        if (label != 0u) {
            let color = palette.colors[label];
            let opacity = select(draw.display.z, draw.display.w, on_outline(px, label));
            rgb = mix(rgb, color.rgb, opacity * color.a);
        }
    }
    return to_target(rgb);
}
