//! Stand-ins until io, phantom and reading land.

use super::*;
use crate::findings::*;
use crate::geometry::*;
use crate::study::*;
use crate::volume::*;
use crate::codes;

pub fn open(_paths: &[PathBuf], _p: &Progress, _c: &Cancel) -> Result<Catalog, String> {
    Err("opening files is not wired yet".into())
}
pub fn load(_c: &Catalog, _uid: &str, _p: &Progress, _x: &Cancel) -> Result<LoadedSeries, String> {
    Err("not wired yet".into())
}
pub fn preview(_c: &Catalog, _uid: &str) -> Option<Arc<Picture>> {
    None
}
pub fn thumbnail(_c: &Catalog, _uid: &str) -> Option<GrayPicture> {
    None
}
pub fn export(_s: &Snapshot, _k: ExportKind, folder: &Path, _p: &Progress, _c: &Cancel) -> Result<Exported, String> {
    Ok(Exported { folder: folder.into(), files: vec![], omitted: vec![] })
}
pub fn demo(_p: &Progress, _c: &Cancel) -> Result<Demo, String> {
    let dims = [192usize, 160, 64];
    let spacing = DVec3::new(1.8, 1.8, 5.0);
    let origin = DVec3::new(-172.0, -143.0, -300.0);
    let g = VolumeGeometry::new(dims, origin, spacing, DMat3::IDENTITY).map_err(|e| e.to_string())?;
    let mut v = vec![-1000i16; g.len()];
    for n in 0..v.len() {
        let p = g.point_lps(DVec3::from_array(g.ijk(n).map(|x| x as f64)));
        let e = |c: [f64; 3], r: [f64; 3]| ((p - DVec3::from_array(c)) / DVec3::from_array(r)).length() < 1.0;
        let noise = ((n * 7919 % 101) as i16 - 50) / 4;
        let mut hu = -1000;
        if ((p.x / 160.0).powi(2) + (p.y / 115.0).powi(2)) < 1.0 { hu = -90; }
        if ((p.x / 148.0).powi(2) + (p.y / 103.0).powi(2)) < 1.0 { hu = 45; }
        if e([-72.0, 0.0, -120.0], [58.0, 82.0, 130.0]) || e([72.0, 0.0, -120.0], [55.0, 80.0, 130.0]) { hu = -860; }
        if e([30.0, -25.0, -170.0], [45.0, 40.0, 50.0]) { hu = 60; }
        if e([0.0, 70.0, -150.0], [18.0, 18.0, 400.0]) { hu = 350; }
        if e([-60.0, -10.0, -290.0], [90.0, 70.0, 60.0]) { hu = 70; }
        if e([-80.0, 20.0, -110.0], [8.0, 7.0, 9.0]) { hu = 35; }
        v[n] = hu + noise;
    }
    let volume = Volume::new(g.clone(), Voxels::I16(v), Rescale::IDENTITY, ValueUnit::Hu).map_err(|e| e.to_string())?;
    let instances: Vec<Instance> = (0..64).map(|k| Instance { number: Some(64 - k), rows: 160, columns: 192, frames: 1, ..Default::default() }).collect();
    let series = Series { uid: "1.2.3".into(), modality: "CT".into(), description: "Thorax 5.0 B31f, a description that is much longer than fits".into(), number: Some(4), slice_thickness_mm: Some(5.0), kernel: "B31f".into(), instances, geometry: SeriesGeometry::Volume(g), ..Default::default() };
    let study = Study { uid: "1.2".into(), patient: Patient { name: "Phantom, Thorax".into(), id: "PH-0001".into(), birth_date: "19600102".into(), sex: "O".into(), ..Default::default() }, date: "20260102".into(), description: "CT thorax with contrast".into(), accession: "A0001".into(), series: vec![series.clone()], ..Default::default() };
    let loaded = LoadedSeries { study: Arc::new(study.clone()), series: Arc::new(series), image: crate::loaded::ImageData::Volume(Arc::new(volume)), slices: (0..64).map(|instance| crate::loaded::SliceSource { instance, frame: 0 }).collect::<Vec<_>>().into(), header_voi: None };
    Ok(Demo { paths: vec![], catalog: Catalog { root: PathBuf::new(), studies: vec![study], unreadable: vec![] }, loaded: Some(loaded) })
}
pub fn read(series: &LoadedSeries, p: &Progress, c: &Cancel) -> Result<Read, String> {
    let volume = series.volume().ok_or("no volume")?;
    let g = volume.geometry().clone();
    for n in 0..10 {
        p.set(format!("stage {n}"), Some(n as f32 / 10.0));
        std::thread::sleep(Duration::from_millis(60));
        if c.is_cancelled() { return Err("cancelled".into()); }
    }
    let mut labels = vec![0u8; g.len()];
    for n in 0..labels.len() {
        let q = g.point_lps(DVec3::from_array(g.ijk(n).map(|x| x as f64)));
        let hu = volume.value(n);
        if hu < -600.0 && q.x.abs() < 140.0 && q.y.abs() < 95.0 { labels[n] = if q.x < 0.0 { 1 } else { 2 }; }
        if (q - DVec3::new(-80.0, 20.0, -110.0)).length() < 10.0 && hu > -200.0 { labels[n] = 3; }
    }
    let labelmap = Labelmap::from_labels(g, &labels).ok_or("labels")?;
    let seg = |number, label: &str, color_rgb| Segment { number, label: label.into(), category: codes::ANATOMICAL_STRUCTURE, property: Some(codes::LUNG), laterality: None, color_rgb, algorithm: AlgorithmKind::Automatic, algorithm_name: "ct-rules 0.1 (rules, no network)".into(), tracking_uid: fresh_uid() };
    let model = ModelProvenance { name: "ct-rules".into(), version: "0.1".into(), weights_sha256: String::new(), settings: String::new(), rules: true };
    let measures = measure_segments(&labelmap, Some(volume));
    let find = |n: u8, kind, label: &str, score| Finding { id: FindingId(String::new()), kind, label: label.into(), code: None, site: if n == 3 { "right lung".into() } else { String::new() }, site_code: None, laterality: None, certainty: Certainty::Present, state: FindingState::Proposed, reviewer: String::new(), evidence: vec![Evidence::Segment(n)], measures: measures.iter().find(|m| m.0 == n).map(|m| m.1.clone()), score, provenance: Provenance::Model(model.clone()), tracking_uid: fresh_uid() };
    let findings = vec![find(1, FindingKind::Organ, "Right lung", None), find(2, FindingKind::Organ, "Left lung", None), find(3, FindingKind::Lesion, "Lung lesion candidate", Some(0.82))];
    let segmentation = Segmentation { labelmap, segments: vec![seg(1, "Right lung", [80, 170, 230]), seg(2, "Left lung", [230, 160, 60]), seg(3, "Lesion 1", [240, 80, 120])] };
    let search = SearchRecord { model: model.clone(), looked_for: "lung lesion candidate".into(), proposed: 1, unproven: false };
    Ok(Read { proposals: vec![Proposal { segmentation: Some(segmentation), findings, search }], not_searched: vec!["Bones were not searched: no model is installed.".into()] })
}
