//! Every shader is valid WGSL, and Rust's uniform structures lie in memory exactly as WGSL reads them.

use fovea::render::RaycastUniforms;
use fovea::render::gpu::drr::DrrUniforms;
use fovea::render::gpu::layout::{Grid, Palette, PictureUniforms, PlaneMap, SampleUniforms, ViewUniforms, Window};
use fovea::render::gpu::surfaces::SurfaceUniforms;
use fovea::render::shader::{MESH_SHADERS, SHADERS, source};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use std::mem::{offset_of, size_of};

fn parsed(path: &str) -> naga::Module {
    naga::front::wgsl::parse_str(&source(path).unwrap()).unwrap_or_else(|error| panic!("{path}: {error:?}"))
}

#[test]
fn every_shader_is_valid_and_has_its_entries() {
    let covering = SHADERS.map(|(path, fragment)| (path, vec!["cover", fragment]));
    let meshes = MESH_SHADERS.map(|(path, entries)| (path, entries.to_vec()));
    for (path, entries) in covering.into_iter().chain(meshes) {
        let module = parsed(path);
        let info = Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module);
        assert!(info.is_ok(), "{path}: {:?}", info.err());
        let names: Vec<_> = module.entry_points.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(names, entries, "{path}");
    }
}

#[test]
fn every_shader_file_is_reached() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let files = std::fs::read_dir(&root).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file());
    let mut on_disk: Vec<_> = files.map(|p| p.file_name().unwrap().to_string_lossy().into_owned()).collect();
    let mut listed: Vec<_> = SHADERS.iter().map(|(path, _)| (*path).to_owned()).collect();
    listed.extend(MESH_SHADERS.iter().map(|(path, _)| (*path).to_owned()));
    on_disk.sort();
    listed.sort();
    assert_eq!(on_disk, listed);
}

#[test]
fn a_missing_import_is_named() {
    assert_eq!(
        source("none.wgsl").unwrap_err().to_string(),
        "the shader file none.wgsl is imported but does not exist"
    );
}

/// `(size, [(member, offset)])` of a structure as WGSL lays it out.
fn reflected(module: &naga::Module, name: &str) -> (usize, Vec<(String, usize)>) {
    let (_, ty) = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some(name)).expect(name);
    let naga::TypeInner::Struct { members, span } = &ty.inner else { panic!("{name} is no structure") };
    let offsets = members.iter().map(|m| (m.name.clone().unwrap_or_default(), m.offset as usize)).collect();
    (*span as usize, offsets)
}

macro_rules! same_layout {
    ($module:expr, $ty:ident { $($field:ident),* }) => {
        let expected = vec![$((stringify!($field).to_owned(), offset_of!($ty, $field))),*];
        assert_eq!(reflected($module, stringify!($ty)), (size_of::<$ty>(), expected), stringify!($ty));
    };
}

#[test]
fn rust_and_wgsl_agree_on_every_offset() {
    let view = parsed("view.wgsl");
    same_layout!(&view, PlaneMap { origin_coarse, origin_fine, u_coarse, u_fine, v_coarse, v_fine, n_coarse, n_fine });
    same_layout!(&view, Grid { dims, rescale });
    same_layout!(&view, Window { center, width, function, inverted });
    same_layout!(&view, Palette { colors });
    same_layout!(&view, SampleUniforms { plane, grid, display, flags });
    same_layout!(
        &view,
        ViewUniforms { label_plane, label_grid, window, fused_window, display, outline, kernel, flags }
    );
    same_layout!(&view, PictureUniforms { origin, u, v, grid, window, display, flags });
    let surface = parsed("surface.wgsl");
    same_layout!(&surface, SurfaceUniforms { across, up, away, toward_reader, colors });
    let drr = parsed("drr.wgsl");
    same_layout!(
        &drr,
        DrrUniforms { start, start_u, start_v, along, along_u, along_v, mm, mm_u, mm_v, grid, window, display }
    );
    let raycast = parsed("raycast.wgsl");
    same_layout!(
        &raycast,
        RaycastUniforms {
            origin,
            u,
            v,
            ray,
            camera,
            metric_diagonal,
            metric_rest,
            label_from_ijk,
            planes,
            low,
            high,
            shading,
            table,
            background,
            visible,
            dims,
            label_dims,
            flags,
            display,
            per_texel
        }
    );
}
