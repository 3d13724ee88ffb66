// One triangle that covers the viewport, and the pixel it is asked for.

struct Screen {
    @builtin(position) position: vec4<f32>,
    // 0–1 from the viewport's left upper corner
    @location(0) uv: vec2<f32>,
}

@vertex
fn cover(@builtin(vertex_index) index: u32) -> Screen {
    let uv = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u));
    return Screen(vec4<f32>(uv.x * 2.0 - 1.0, 1.0 - uv.y * 2.0, 0.0, 1.0), uv);
}

// Pixel (column, row) as whole numbers: interpolation of uv is not exact, its rounded value is.
fn pixel(screen: Screen, size: vec2<f32>) -> vec2<f32> {
    return round(screen.uv * size - 0.5);
}
