// Uniforms of raycast.wgsl. Mirrored field by field in src/render/raycast/uniforms.rs; a test compares every offset.
// Positions are voxel indices; a ray's parameter counts steps.

struct RaycastUniforms {
    // voxel index of pixel (x, y) on the camera's plane: origin + u·x + v·y
    origin: vec4<f32>,
    u: vec4<f32>,
    v: vec4<f32>,
    // w 0: one step of all rays; w 1: the eye that all rays start from
    ray: vec4<f32>,
    // middle of the picture in pixels; edge of a pixel and distance of the eye from the plane in steps
    camera: vec4<f32>,
    // squared length of a gradient g per step: Σ diagonal·g² + 2·(x·gy·gz + y·gx·gz + z·gx·gy)
    metric_diagonal: vec4<f32>,
    metric_rest: vec4<f32>,
    // three rows: index in the label grid of a voxel index
    label_from_ijk: array<vec4<f32>, 3>,
    // half spaces that are kept: xyz·p + w ≥ 0
    planes: array<vec4<f32>, 14>,
    // the part of the grid that is kept
    low: vec4<f32>,
    high: vec4<f32>,
    // ambient, diffuse, specular, shininess
    shading: vec4<f32>,
    // entry of a kept number: number·x + y; z: optical depth of one level over one step; w: square of the smallest gradient
    // that has a direction, per step
    table: vec4<f32>,
    // red, green, blue behind everything; the share of light at which a ray ends
    background: vec4<f32>,
    // bit per label: whether it is seen
    visible: array<vec4<u32>, 2>,
    // columns, rows, slices; an unused number
    dims: vec4<u32>,
    label_dims: vec4<u32>,
    // number of planes; what labels do (FLAG_*); frame; 1 when starts differ from ray to ray
    flags: vec4<u32>,
    // picture width, height in pixels; two unused numbers
    display: vec4<f32>,
    // one over the size of the volume's texture, which may have unused room at its ends
    per_texel: vec4<f32>,
}
