// Values of a plane of a volume, before any window. Twin of `render::cpu::slab::sampled`.

#import include/layout.wgsl
#import include/sample.wgsl
#import include/screen.wgsl

@group(0) @binding(0) var<uniform> draw: SampleUniforms;
@group(0) @binding(1) var voxels: texture_3d<u32>;

@fragment
fn plane(screen: Screen) -> @location(0) f32 {
    let at = ijk_from_px(draw.plane, pixel(screen, draw.display.xy), 0.0);
    return select(OUTSIDE, sample_volume(voxels, draw.grid, at), is_inside(at, draw.grid.dims.xyz));
}
