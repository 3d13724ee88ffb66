// A 2D picture (radiograph, photograph), zoomed, moved and turned, gray with a window or colored as it is.
// Twin of `render::cpu::picture_rgba`.

#import include/layout.wgsl
#import include/lut.wgsl
#import include/sample.wgsl
#import include/screen.wgsl

@group(0) @binding(0) var<uniform> draw: PictureUniforms;
@group(0) @binding(1) var samples: texture_2d<u32>;
@group(0) @binding(2) var<uniform> map: Palette;

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

fn cubic_texel(low: vec2<i32>, w: vec2<f32>, last: vec2<i32>) -> vec3<f32> {
    var across = cubic_weights(w.x);
    var down = cubic_weights(w.y);
    var sum = vec3<f32>(0.0);
    for (var j = 0; j < 4; j++) {
        for (var i = 0; i < 4; i++) {
            sum += texel(clamp(low + vec2<i32>(i, j) - 1, vec2<i32>(0), last)) * across[i] * down[j];
        }
    }
    return sum;
}

// Color of a gray level in 0–1, linear between entries.
fn color_of(gray: f32) -> vec3<f32> {
    let at = clamp(gray, 0.0, 1.0) * 255.0;
    let low = u32(at);
    return mix(map.colors[low].rgb, map.colors[min(low + 1u, 255u)].rgb, at - f32(low));
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
    if (draw.flags.x == 2u) {
        return Texel(cubic_texel(low, w, last), true);
    }
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
        return to_target(clamp(mean, vec3<f32>(0.0), vec3<f32>(1.0)));
    }
    return to_target(color_of(present(draw.window, mean.x)));
}
