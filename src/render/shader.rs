//! WGSL sources, built into the program, and the resolver of their `#import FILE` lines.

/// Entry shaders: `(file, fragment entry point)`.
pub const SHADERS: [(&str, &str); 7] = [
    ("plane.wgsl", "plane"),
    ("slab.wgsl", "slab"),
    ("view.wgsl", "view"),
    ("picture.wgsl", "picture"),
    ("blit.wgsl", "blit"),
    ("drr.wgsl", "drr"),
    ("raycast.wgsl", "raycast"),
];

/// Shaders of triangles: file, vertex entry point and fragment entry points.
pub const MESH_SHADERS: [(&str, [&str; 3]); 1] = [("surface.wgsl", ["place", "peel", "shade"])];

/// The text of a file below `shaders/`.
fn file(path: &str) -> Option<&'static str> {
    Some(match path {
        "plane.wgsl" => include_str!("../../shaders/plane.wgsl"),
        "slab.wgsl" => include_str!("../../shaders/slab.wgsl"),
        "view.wgsl" => include_str!("../../shaders/view.wgsl"),
        "picture.wgsl" => include_str!("../../shaders/picture.wgsl"),
        "blit.wgsl" => include_str!("../../shaders/blit.wgsl"),
        "drr.wgsl" => include_str!("../../shaders/drr.wgsl"),
        "raycast.wgsl" => include_str!("../../shaders/raycast.wgsl"),
        "surface.wgsl" => include_str!("../../shaders/surface.wgsl"),
        "include/layout.wgsl" => include_str!("../../shaders/include/layout.wgsl"),
        "include/lut.wgsl" => include_str!("../../shaders/include/lut.wgsl"),
        "include/raycast_layout.wgsl" => include_str!("../../shaders/include/raycast_layout.wgsl"),
        "include/raycast_ray.wgsl" => include_str!("../../shaders/include/raycast_ray.wgsl"),
        "include/sample.wgsl" => include_str!("../../shaders/include/sample.wgsl"),
        "include/screen.wgsl" => include_str!("../../shaders/include/screen.wgsl"),
        _ => return None,
    })
}

/// Why a shader cannot be put together: a defect of the program, found by a test.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the shader file {0} is imported but does not exist")]
pub struct MissingShader(pub String);

/// A shader with every import in place, each file once, in the order of first use.
pub fn source(path: &str) -> Result<String, MissingShader> {
    let mut text = String::new();
    append(path, &mut Vec::new(), &mut text)?;
    Ok(text)
}

fn append<'a>(path: &'a str, seen: &mut Vec<&'a str>, text: &mut String) -> Result<(), MissingShader> {
    if seen.contains(&path) {
        return Ok(());
    }
    seen.push(path);
    for line in file(path).ok_or_else(|| MissingShader(path.to_owned()))?.lines() {
        if let Some(import) = line.strip_prefix("#import ") {
            append(import.trim(), seen, text)?;
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    Ok(())
}
