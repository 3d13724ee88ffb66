// Uniform structures. Mirrored field by field in src/render/gpu/layout.rs; a test reflects this file with naga and
// compares every offset. No bare vec3: it would align to 16 bytes behind Rust's back.

// Voxel index of picture pixel (x, y) at depth step s: origin + u·x + v·y + n·s.
// Each vector is split: `coarse` is a multiple of 1/1024 voxel, so that sums of products stay exact in f32, `fine` is the
// small rest. Together they place a pixel to about a millionth of a voxel, where a plain f32 matrix would err by 1e-4
// voxel, which is visible at steep edges under narrow windows.
struct PlaneMap {
    origin_coarse: vec4<f32>,
    origin_fine: vec4<f32>,
    u_coarse: vec4<f32>,
    u_fine: vec4<f32>,
    v_coarse: vec4<f32>,
    v_fine: vec4<f32>,
    n_coarse: vec4<f32>,
    n_fine: vec4<f32>,
}

// A grid of stored values: columns, rows, slices, and how the bits of a texel are read (VOXEL_* in sample.wgsl).
struct Grid {
    dims: vec4<u32>,
    // Modality LUT (PS3.3 C.11.1): slope, intercept; then two unused numbers.
    rescale: vec4<f32>,
}

// VOI LUT (PS3.3 C.11.2) and presentation.
struct Window {
    center: f32,
    width: f32,
    // 0 LINEAR, 1 LINEAR_EXACT, 2 SIGMOID
    function: u32,
    // 1: low values are bright
    inverted: u32,
}

// Where there is nothing: no value of an image is as low. OUTSIDE of the twins.
const OUTSIDE: f32 = -3.0e38;

// plane.wgsl and slab.wgsl
struct SampleUniforms {
    plane: PlaneMap,
    grid: Grid,
    // picture width, height in pixels; two unused numbers
    display: vec4<f32>,
    // number of depth steps; three unused numbers
    flags: vec4<u32>,
}

// view.wgsl
struct ViewUniforms {
    label_plane: PlaneMap,
    label_grid: Grid,
    window: Window,
    fused_window: Window,
    // picture width, height in pixels; fill opacity; outline opacity
    display: vec4<f32>,
    // outline width in pixels; opacity of the second volume; its value below which it is not drawn; one unused number
    outline: vec4<f32>,
    // weights of the filter at distances 0, 1, 2; factor of smoothed − own value, 0 for no filter
    kernel: vec4<f32>,
    // 1 with labels / 0 without; 0 no second volume, 1 blend, 2 checkerboard, 3 swipe; edge of the squares or first column
    // of the second volume; one unused number
    flags: vec4<u32>,
}

struct PictureUniforms {
    // position in picture pixels of screen pixel (x, y): origin.xy + u.xy·x + v.xy·y, split like PlaneMap:
    // coarse in .xy, fine in .zw
    origin: vec4<f32>,
    u: vec4<f32>,
    v: vec4<f32>,
    grid: Grid,
    window: Window,
    // screen width, height in pixels; two unused numbers
    display: vec4<f32>,
    // 0 nearest, 1 linear, 2 cubic; taps per axis of the averaging (1–4); 1 colored / 0 gray; one unused number
    flags: vec4<u32>,
}

// Colors of labels, or of gray levels.
struct Palette {
    // red, green, blue, 0–1, gamma-encoded; alpha 0 hides a label
    colors: array<vec4<f32>, 256>,
}
