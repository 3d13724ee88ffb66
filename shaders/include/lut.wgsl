// From values to gray levels, in the order and words of PS3.3 C.11. Twin of `volume::Voi::gray`.

fn is_nan(value: f32) -> bool {
    // By its bits: compilers may assume that comparisons never see NaN.
    return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
}

// Gray in 0–1, gamma-encoded as displays expect it.
fn voi(window: Window, value: f32) -> f32 {
    if (is_nan(value)) {
        return 0.0;
    }
    let c = window.center;
    let w = window.width;
    var gray: f32;
    switch window.function {
        // LINEAR_EXACT, C.11.2.1.3.2
        case 1u: { gray = (value - c) / w + 0.5; }
        // SIGMOID, C.11.2.1.3.1
        case 2u: { gray = 1.0 / (1.0 + exp(-4.0 * (value - c) / w)); }
        // LINEAR, C.11.2.1.2.1: a step at c − 0.5 when w = 1
        default: {
            if (w <= 1.0) {
                gray = select(0.0, 1.0, value > c - 0.5);
            } else {
                gray = (value - (c - 0.5)) / (w - 1.0) + 0.5;
            }
        }
    }
    return clamp(gray, 0.0, 1.0);
}

// VOI LUT, then presentation: inversion.
fn present(window: Window, value: f32) -> f32 {
    let gray = voi(window, value);
    return select(gray, 1.0 - gray, window.inverted == 1u);
}

// What the target wants: gamma-encoded as it is, or linear light for a target that encodes by itself.
override linear_target: bool = false;

fn to_target(rgb: vec3<f32>) -> vec4<f32> {
    let linear = select(pow((rgb + 0.055) / 1.055, vec3<f32>(2.4)), rgb / 12.92, rgb <= vec3<f32>(0.04045));
    return vec4<f32>(select(rgb, linear, linear_target), 1.0);
}
