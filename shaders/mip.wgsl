// Maximum intensity projection along the plane's normal, orthographic. Twin of `render::cpu::mip_picture`.

#import include/layout.wgsl
#import include/lut.wgsl
#import include/sample.wgsl
#import include/screen.wgsl

@group(0) @binding(0) var<uniform> draw: MipUniforms;
@group(0) @binding(1) var voxels: texture_3d<u32>;

@fragment
fn mip(screen: Screen) -> @location(0) vec4<f32> {
    let px = pixel(screen, draw.display.xy);
    var highest = 0.0;
    var hit = false;
    for (var step = 0u; step < draw.flags.y; step++) {
        let at = ijk_from_px(draw.plane, px, f32(step));
        if (!is_inside(at, draw.grid.dims.xyz)) {
            continue;
        }
        let value = sample_volume(voxels, draw.grid, at, draw.flags.x == 1u);
        if (!is_nan(value) && (!hit || value > highest)) {
            highest = value;
            hit = true;
        }
    }
    if (!hit) {
        return to_target(vec3<f32>(0.0));
    }
    return to_target(vec3<f32>(present(draw.window, highest)));
}
