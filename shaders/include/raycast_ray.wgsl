// Rays through a grid: where they run, where they enter and leave what is kept, and where they start.

struct Ray {
    // position at step 0
    base: vec3<f32>,
    // one step
    step: vec3<f32>,
}

fn ray_of_px(draw: RaycastUniforms, px: vec2<f32>) -> Ray {
    let on_plane = draw.origin.xyz + draw.u.xyz * px.x + draw.v.xyz * px.y;
    if (draw.ray.w == 0.0) {
        return Ray(on_plane, draw.ray.xyz);
    }
    let aside = (px - draw.camera.xy) * draw.camera.z;
    let steps = sqrt(draw.camera.w * draw.camera.w + dot(aside, aside));
    return Ray(draw.ray.xyz, (on_plane - draw.ray.xyz) / steps);
}

// Steps at which the ray enters and leaves what is kept; leaves before it enters where it misses.
fn span_of_ray(draw: RaycastUniforms, ray: Ray) -> vec2<f32> {
    var enter = select(-1e9, 0.0, draw.ray.w == 1.0);
    var leave = 1e9;
    for (var axis = 0u; axis < 3u; axis++) {
        let low = draw.low[axis] - ray.base[axis];
        let high = draw.high[axis] - ray.base[axis];
        let along = ray.step[axis];
        if (abs(along) > 1e-7) {
            enter = max(enter, min(low / along, high / along));
            leave = min(leave, max(low / along, high / along));
        } else if (low > 0.0 || high < 0.0) {
            leave = -1e9;
        }
    }
    for (var n = 0u; n < draw.flags.x; n++) {
        let plane = draw.planes[n];
        let above = dot(plane.xyz, ray.base) + plane.w;
        let along = dot(plane.xyz, ray.step);
        if (along > 1e-7) {
            enter = max(enter, -above / along);
        } else if (along < -1e-7) {
            leave = min(leave, -above / along);
        } else if (above < 0.0) {
            leave = -1e9;
        }
    }
    return vec2<f32>(enter, leave);
}

// Start of a ray in 0–1 of a step: a sequence of low discrepancy over the picture (Roberts' R2) that moves on by the golden
// ratio from frame to frame. Whole numbers: both twins have the same.
fn start_of_ray(draw: RaycastUniforms, px: vec2<f32>) -> f32 {
    if (draw.flags.w == 0u) {
        return 0.0;
    }
    let bits = u32(px.x) * 3242174889u + u32(px.y) * 2447445414u + draw.flags.z * 2654435769u;
    return f32(bits >> 8u) / 16777216.0;
}
