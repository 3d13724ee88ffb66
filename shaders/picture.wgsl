// A 2D picture (radiograph, photograph), zoomed, moved and turned, gray with a window or colored as it is.
// Twin of `render::cpu::picture_rgba`.

#import include/layout.wgsl
#import include/lut.wgsl
#import include/sample.wgsl
#import include/screen.wgsl

@group(0) @binding(0) var<uniform> draw: PictureUniforms;
@group(0) @binding(1) var samples: texture_2d<u32>;

// Gray: the value after the Modality LUT in x. Colored: red, green, blue in 0–1.
fn texel(at: vec2<i32>) -> vec3<f32> {
    let bits = textureLoad(samples, at, 0);
    if (draw.flags.z == 1u) {
        return vec3<f32>(bits.rgb) / 255.0;
    }
    return vec3<f32>(stored_value(bits.r, draw.grid.dims.w) * draw.grid.rescale.x + draw.grid.rescale.y);
}

struct Texel {
    value: vec3<f32>,
    inside: bool,
}

// The picture at a screen position: linear between pixel centers, edge values within the outer half pixel.
fn sample_picture(screen_px: vec2<f32>) -> Texel {
    let coarse = draw.origin.xy + draw.u.xy * screen_px.x + draw.v.xy * screen_px.y;
    let fine = draw.origin.zw + draw.u.zw * screen_px.x + draw.v.zw * screen_px.y;
    let floor_coarse = floor(coarse);
    let rest = (coarse - floor_coarse) + fine;
    let carry = floor(rest);
    let at = Ijk(vec3<i32>(vec2<i32>(floor_coarse) + vec2<i32>(carry), 0), vec3<f32>(rest - carry, 0.0));
    let dims = vec3<u32>(draw.grid.dims.xy, 1u);
    if (!is_inside(at, dims)) {
        return Texel(vec3<f32>(0.0), false);
    }
    if (draw.flags.x == 0u) {
        return Texel(texel(nearest_index(at, dims).xy), true);
    }
    let last = vec2<i32>(draw.grid.dims.xy) - 1;
    let low = clamp(at.whole.xy, vec2<i32>(0), last);
    let high = min(low + 1, last);
    let edge = (at.whole.xy < vec2<i32>(0)) | (at.whole.xy >= last);
    let w = select(at.part.xy, vec2<f32>(0.0), edge);
    let upper = mix(texel(low), texel(vec2<i32>(high.x, low.y)), w.x);
    let lower = mix(texel(vec2<i32>(low.x, high.y)), texel(high), w.x);
    return Texel(mix(upper, lower, w.y), true);
}

@fragment
fn picture(screen: Screen) -> @location(0) vec4<f32> {
    let px = pixel(screen, draw.display.xy);
    // Made smaller, a pixel averages several positions, or thin lines would come and go.
    let taps = draw.flags.y;
    var sum = vec3<f32>(0.0);
    var count = 0.0;
    for (var row = 0u; row < taps; row++) {
        for (var column = 0u; column < taps; column++) {
            let offset = (vec2<f32>(f32(column), f32(row)) + 0.5) / f32(taps) - 0.5;
            let found = sample_picture(px + offset);
            if (found.inside) {
                sum += found.value;
                count += 1.0;
            }
        }
    }
    if (count == 0.0) {
        return to_target(vec3<f32>(0.0));
    }
    let mean = sum / count;
    if (draw.flags.z == 1u) {
        return to_target(mean);
    }
    return to_target(vec3<f32>(present(draw.window, mean.x)));
}
