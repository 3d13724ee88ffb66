//! Surfaces out and back, in three formats; broken files are refused.

use clap::Parser as _;
use fovea::geometry::{DMat3, DVec3, VolumeGeometry};
use fovea::io::mesh::{MeshError, MeshFormat, SegmentSurface, read, write};
use fovea::volume::surface::surface;
use fovea::volume::{Labelmap, Mesh};
use std::path::Path;

fn meshes() -> [Mesh; 2] {
    let geometry =
        VolumeGeometry::new([14, 12, 10], DVec3::new(-212.3, 37.1, 431.7), DVec3::new(0.7, 0.9, 2.5), DMat3::IDENTITY);
    let geometry = geometry.unwrap();
    let label = |n: usize| match geometry.ijk(n) {
        [2..6, 3..9, 2..5] => 1,
        [8..12, 1..4, 6..9] => 2,
        _ => 0,
    };
    let labels: Vec<u8> = (0..geometry.len()).map(label).collect();
    let labels = Labelmap::from_labels(geometry, &labels).unwrap();
    [1, 2].map(|number| surface(&labels, number).unwrap())
}

fn segments(meshes: &[Mesh; 2]) -> [SegmentSurface<'_>; 2] {
    [
        SegmentSurface { name: "Right lung", color_rgb: [200, 30, 7], mesh: &meshes[0] },
        SegmentSurface { name: "../Läsion 1", color_rgb: [0, 255, 128], mesh: &meshes[1] },
    ]
}

fn has_space(path: &Path) -> bool {
    std::fs::read(path).unwrap()[..200].windows(9).any(|window| window == b"SPACE=LPS")
}

#[test]
fn stl_has_one_file_per_segment() {
    let (folder, meshes) = (tempfile::tempdir().unwrap(), meshes());
    let files = write(&folder.path().join("all.stl"), MeshFormat::Stl, &segments(&meshes)).unwrap();
    let names: Vec<_> = files.iter().map(|f| f.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["all_Right_lung.stl", "all____Läsion_1.stl"]);
    for (file, mesh) in files.iter().zip(&meshes) {
        let [back] = read(file, MeshFormat::Stl).unwrap().try_into().unwrap();
        assert_eq!(back.triangles.len(), mesh.triangles.len());
        let first = mesh.corners_lps(mesh.triangles[0])[0];
        assert_eq!(back.vertices_lps[0], first.as_vec3().to_array());
        assert!(has_space(file));
        assert_eq!(std::fs::metadata(file).unwrap().len(), 84 + 50 * mesh.triangles.len() as u64);
    }
    let only = folder.path().join("one.stl");
    assert_eq!(write(&only, MeshFormat::Stl, &segments(&meshes)[..1]).unwrap(), [only]);
}

#[test]
fn obj_and_ply_keep_colors() {
    let (folder, meshes) = (tempfile::tempdir().unwrap(), meshes());
    let (obj, ply) = (folder.path().join("all.obj"), folder.path().join("all.ply"));
    let files = write(&obj, MeshFormat::Obj, &segments(&meshes)).unwrap();
    assert_eq!(files, [folder.path().join("all.mtl"), obj.clone()]);
    let back = read(&obj, MeshFormat::Obj).unwrap();
    assert_eq!(back.len(), 2);
    for (back, segment) in back.iter().zip(segments(&meshes)) {
        assert_eq!((back.color_rgb, &back.triangles), (Some(segment.color_rgb), &segment.mesh.triangles));
        let stored = segment.mesh.vertices_lps.iter().map(|v| v.as_vec3().to_array());
        assert!(back.vertices_lps.iter().copied().eq(stored));
    }
    assert_eq!(back[0].name, "Right_lung");
    assert_eq!(write(&ply, MeshFormat::Ply, &segments(&meshes)).unwrap(), std::slice::from_ref(&ply));
    let [back] = read(&ply, MeshFormat::Ply).unwrap().try_into().unwrap();
    assert_eq!(back.color_rgb, Some([200, 30, 7]));
    assert_eq!(back.triangles.len(), meshes.iter().map(|m| m.triangles.len()).sum::<usize>());
    assert!(has_space(&obj) && has_space(&ply));
}

#[test]
fn nothing_is_left_behind_when_writing_fails() {
    let (folder, meshes) = (tempfile::tempdir().unwrap(), meshes());
    let missing = folder.path().join("none/all.obj");
    assert!(matches!(write(&missing, MeshFormat::Obj, &segments(&meshes)), Err(MeshError::Io { .. })));
    let empty = Mesh::default();
    let nothing = [SegmentSurface { name: "", color_rgb: [0; 3], mesh: &empty }];
    let refused = write(&folder.path().join("x.ply"), MeshFormat::Ply, &nothing);
    assert!(matches!(refused, Err(MeshError::Nothing)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn broken_files_are_refused() {
    let (folder, meshes) = (tempfile::tempdir().unwrap(), meshes());
    for (name, format) in [("a.stl", MeshFormat::Stl), ("a.ply", MeshFormat::Ply), ("a.obj", MeshFormat::Obj)] {
        let path = folder.path().join(name);
        write(&path, format, &segments(&meshes)[..1]).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for cut in [0, 7, 83, 90, whole.len() / 2, whole.len() - 3] {
            std::fs::write(&path, &whole[..cut]).unwrap();
            // Text may end anywhere; what is left of it is still in order or refused.
            assert!(format == MeshFormat::Obj || read(&path, format).is_err(), "{name} cut at {cut}");
        }
        for n in (0..whole.len()).step_by(11) {
            let mut broken = whole.clone();
            broken[n] ^= 0x55;
            std::fs::write(&path, &broken).unwrap();
            if let Ok(surfaces) = read(&path, format) {
                let counted = |s: &fovea::io::mesh::StoredSurface| s.vertices_lps.len() as u32;
                assert!(surfaces.iter().all(|s| s.triangles.iter().flatten().all(|n| *n < counted(s))));
            }
        }
    }
}

/// The command line, with its own arguments.
#[derive(clap::Parser)]
struct Convert {
    #[command(flatten)]
    args: fovea::cli::convert::Args,
}

#[test]
fn the_command_line_writes_surfaces_of_masks() {
    let Some(shared) = crate::common::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let masks = shared.join("data/objects/lung_dx_a0001/seg_binary.dcm");
    let output = folder.path().join("masks.stl");
    let convert = |from: &Path, to: &Path| {
        let words = ["convert".as_ref(), from.as_os_str(), "-o".as_ref(), to.as_os_str()];
        fovea::cli::convert::run(&Convert::try_parse_from(words).expect("it parses").args, &mut std::io::sink())
    };
    convert(&masks, &output).unwrap();
    let names = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path());
    let mut litres: Vec<f64> = names
        .map(|file| {
            let [stored] = read(&file, MeshFormat::Stl).unwrap().try_into().unwrap();
            let vertices = stored.vertices_lps.iter().map(|v| DVec3::from_array(v.map(f64::from))).collect();
            Mesh::new(vertices, stored.triangles).volume_mm3() / 1e6
        })
        .collect();
    litres.sort_by(f64::total_cmp);
    // What ground_truth.json says of the voxels; 140 of the tumor's lie in the lungs too.
    println!("{litres:?}");
    assert_eq!(litres.len(), 2);
    for (found, expected) in litres.iter().zip([0.108_713, 5.523_414]) {
        assert!((found / expected - 1.0).abs() < 0.02, "{found} l for {expected} l");
    }
    let refused = convert(&shared.join("data/ct/lung_dx_a0001"), &folder.path().join("ct.stl")).unwrap_err();
    assert!(refused.to_string().contains("surfaces are made of masks"), "{refused}");
}
