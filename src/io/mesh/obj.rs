//! Wavefront OBJ: text, an object and a material for each segment, and the materials' colors in an MTL file of the same name.

use super::{Checked, MeshError, SPACE, SegmentSurface, StoredSurface, checked, corners, plain_names};
use std::io::{self, Write};
use std::path::Path;

/// The object file and the file of its colors.
pub(super) fn write(path: &Path, surfaces: &[SegmentSurface<'_>]) -> Result<Vec<Checked>, MeshError> {
    let names = plain_names(surfaces);
    let materials = path.with_extension("mtl");
    let library = materials.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let colors = checked(
        materials,
        |out| fill_colors(out, surfaces, &names),
        |bytes| std::str::from_utf8(bytes).is_ok_and(|text| parse_colors(text).len() == names.len()),
    )?;
    let mut color_text = Vec::new();
    // Into memory: nothing can fail.
    let _ = fill_colors(&mut color_text, surfaces, &names);
    let object = checked(
        path.to_owned(),
        |out| fill(out, surfaces, &names, &library),
        |bytes| {
            parse(bytes, &color_text).is_ok_and(|back| {
                back.len() == surfaces.len()
                    && back.iter().zip(surfaces).zip(&names).all(|((back, surface), name)| {
                        back.name == *name
                            && back.color_rgb == Some(surface.color_rgb)
                            && back.triangles == surface.mesh.triangles
                            && back.vertices_lps.iter().copied().eq(corners(surface.mesh))
                    })
            })
        },
    )?;
    // The colors first: an object never stands there without them.
    Ok(vec![colors, object])
}

fn fill_colors(out: &mut impl Write, surfaces: &[SegmentSurface<'_>], names: &[String]) -> io::Result<()> {
    writeln!(out, "# Fovea")?;
    for (surface, name) in surfaces.iter().zip(names) {
        let [r, g, b] = surface.color_rgb.map(|byte| f32::from(byte) / 255.0);
        writeln!(out, "newmtl {name}\nKd {r} {g} {b}\nillum 1")?;
    }
    Ok(())
}

fn fill(out: &mut impl Write, surfaces: &[SegmentSurface<'_>], names: &[String], library: &str) -> io::Result<()> {
    writeln!(out, "# Fovea {SPACE}\nmtllib {library}")?;
    let mut first = 1u64;
    for (surface, name) in surfaces.iter().zip(names) {
        writeln!(out, "o {name}\nusemtl {name}")?;
        // The shortest texts that give back the same 32-bit floats.
        corners(surface.mesh).try_for_each(|[x, y, z]| writeln!(out, "v {x} {y} {z}"))?;
        for triangle in &surface.mesh.triangles {
            let [a, b, c] = triangle.map(|n| u64::from(n) + first);
            writeln!(out, "f {a} {b} {c}")?;
        }
        first += surface.mesh.vertices_lps.len() as u64;
    }
    Ok(())
}

/// The objects of a file, each with vertices of its own.
pub(super) fn parse(bytes: &[u8], materials: &[u8]) -> Result<Vec<StoredSurface>, &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text")?;
    let colors = parse_colors(std::str::from_utf8(materials).map_err(|_| "its materials are no text")?);
    let mut found: Vec<StoredSurface> = Vec::new();
    let mut first = 1u64;
    for line in text.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if word == "o" {
            first += found.last().map_or(0, |before| before.vertices_lps.len() as u64);
            found.push(StoredSurface { name: rest.to_owned(), ..StoredSurface::default() });
            continue;
        }
        let Some(last) = found.last_mut() else { continue };
        match word {
            "usemtl" => last.color_rgb = colors.iter().find(|(name, _)| name == rest).map(|(_, color)| *color),
            "v" => last.vertices_lps.push(three(rest).ok_or("a vertex is not three numbers")?),
            "f" => {
                let own = |n: u64| n.checked_sub(first).filter(|&n| n < last.vertices_lps.len() as u64);
                let [a, b, c] = three::<u64>(rest).ok_or("a face is not three numbers")?.map(own);
                let (Some(a), Some(b), Some(c)) = (a, b, c) else { return Err("a face names a vertex of no object") };
                last.triangles.push([a as u32, b as u32, c as u32]);
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Diffuse colors by name.
fn parse_colors(text: &str) -> Vec<(String, [u8; 3])> {
    let mut colors: Vec<(String, [u8; 3])> = Vec::new();
    for line in text.lines() {
        match line.split_once(' ') {
            Some(("newmtl", name)) => colors.push((name.to_owned(), [0; 3])),
            Some(("Kd", rest)) => {
                if let (Some(rgb), Some((_, color))) = (three::<f32>(rest), colors.last_mut()) {
                    *color = rgb.map(|part| (part * 255.0).round() as u8);
                }
            }
            _ => {}
        }
    }
    colors
}

fn three<T: std::str::FromStr>(text: &str) -> Option<[T; 3]> {
    let numbers: Result<Vec<T>, _> = text.split_whitespace().map(str::parse).collect();
    numbers.ok()?.try_into().ok()
}
