// Puts a picture that was rendered before (a projection in progress) onto the viewport, stretched if it is smaller.

#import include/layout.wgsl
#import include/lut.wgsl
#import include/screen.wgsl

@group(0) @binding(0) var source: texture_2d<f32>;
@group(0) @binding(1) var smooth_sampler: sampler;

@fragment
fn blit(screen: Screen) -> @location(0) vec4<f32> {
    return to_target(textureSampleLevel(source, smooth_sampler, screen.uv, 0.0).rgb);
}
