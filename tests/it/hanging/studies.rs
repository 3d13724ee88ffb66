//! What hangs for made-up studies.

use super::{best, cells, placed, projection, protocols, shown, study, volume};
use fovea::hanging::{CellWindow, Mirror, Studies, View, hang, resolve};
use fovea::study::{Projection, Series, Study, Uptake, UptakeBasis};

fn mammography(uid: &str, date: &str) -> Study {
    let view = |position: &str, side: &str, letters| {
        let series = projection(&format!("{uid} {side}{position}"), "MG", position, side, letters);
        Series { body_part: "BREAST".into(), ..series }
    };
    // Stored as acquired: chest wall of the right breast at the right edge (rows run to the back), of the left at the left.
    let series = vec![
        view("MLO", "L", ["A", "FR"]),
        view("CC", "R", ["P", "L"]),
        view("MLO", "R", ["P", "FL"]),
        view("CC", "L", ["A", "R"]),
    ];
    study(uid, date, "Screening", series)
}

#[test]
fn mammograms_hang_right_on_screen_left_with_chest_walls_to_the_middle() {
    let (protocols, all) = (protocols(), [mammography("now", "20260105"), mammography("then", "20240105")]);
    let found = best(&protocols, &all);
    assert_eq!(found.protocol.name, "Mammography");
    assert_eq!(found.stages, [0, 1, 2, 3, 4], "the four views, each pair with the prior, each pair");
    let four = cells(found.protocol, "Four views", &all);
    assert_eq!(shown(&four), ["now RCC", "now LCC", "now RMLO", "now LMLO"]);
    assert!(four.iter().all(|cell| placed(cell).mirror == Mirror::No), "stored as they should hang");
    let cc = cells(found.protocol, "CC, prior below", &all);
    assert_eq!(shown(&cc), ["now RCC", "now LCC", "then RCC", "then LCC"]);
}

#[test]
fn a_lone_mammogram_hangs_on_its_side() {
    let mut one = mammography("now", "20260105");
    one.series.truncate(1);
    let (protocols, all) = (protocols(), [one]);
    let found = best(&protocols, &all);
    assert_eq!(found.stages, [4]);
    assert_eq!(shown(&cells(found.protocol, "MLO", &all)), ["empty: no series fits \"rmlo\"", "now LMLO"]);
}

#[test]
fn a_mammogram_is_mirrored_by_patient_orientation_only() {
    let (protocols, mut all) = (protocols(), [mammography("now", "20260105")]);
    let set = |study: &mut Study, n: usize, letters: [&str; 2]| {
        let projection = study.series[n].instances[0].projection.as_mut().expect("a projection");
        projection.patient_orientation = letters.map(String::from);
    };
    set(&mut all[0], 1, ["A", "L"]);
    set(&mut all[0], 3, ["", ""]);
    let found = best(&protocols, &all);
    let four = cells(found.protocol, "Four views", &all);
    let mirrors: Vec<Mirror> = four.iter().map(|cell| placed(cell).mirror).collect();
    assert_eq!(mirrors[0], Mirror::Yes, "its chest wall is stored at the left");
    assert!(matches!(&mirrors[1], Mirror::Unknown(why) if why.contains("Patient Orientation")));
    assert_eq!(mirrors[2..], [Mirror::No, Mirror::No]);
}

#[test]
fn four_views_in_one_series_are_told_apart_by_image() {
    let mut one = mammography("now", "20260105");
    let instances = one.series.iter().flat_map(|series| series.instances.clone()).collect();
    one.series = vec![Series { instances, ..one.series[0].clone() }];
    let (protocols, all) = (protocols(), [one]);
    let found = best(&protocols, &all);
    let images: Vec<_> = cells(found.protocol, "Four views", &all).iter().map(|cell| placed(cell).image).collect();
    assert_eq!(images, [Some(1), Some(3), Some(2), Some(0)]);
}

#[test]
fn for_processing_mammograms_are_refused() {
    let mut raw = mammography("now", "20260105");
    for series in &mut raw.series {
        series.instances[0].projection.as_mut().expect("a projection").presentation_intent = "FOR PROCESSING".into();
    }
    let (protocols, all) = (protocols(), [raw]);
    let ranking = hang(&protocols, Studies::new(&all[0], &all, &[]));
    assert!(ranking.matches.is_empty(), "{:?}", ranking.matches[0].protocol.name);
    let why = &ranking.rejected.iter().find(|r| r.protocol.name == "Mammography").expect("rejected").why;
    assert!(why.contains("FOR PROCESSING"), "{why}");
}

#[test]
fn a_view_is_unknown_where_code_and_position_contradict() {
    use fovea::codes::Code;
    use fovea::study::ProjectionView;
    let says = |position: &str, code: Option<&'static str>| {
        let view_code = code.map(|value| Code::sct(value, ""));
        Projection { view_position: position.into(), view_code, ..Projection::default() }.view()
    };
    assert_eq!(says("PA", None), Some(ProjectionView::Frontal));
    assert_eq!(says("", Some("399162004")), Some(ProjectionView::CranioCaudal));
    assert_eq!(says("MLO", Some("399368009")), Some(ProjectionView::MedioLateralOblique));
    assert_eq!(says("CC", Some("399368009")), None);
    assert_eq!(says("LLD", None), Some(ProjectionView::Other), "a decubitus view is no lateral one");
    assert_eq!(says("", None), None);
}

fn chest_ct(uid: &str, date: &str) -> Study {
    let soft =
        Series { kernel: "B31f".into(), number: Some(2), ..volume(&format!("{uid} soft"), "CT", "Thorax 5.0", 60) };
    let lung =
        Series { kernel: "B70f".into(), number: Some(3), ..volume(&format!("{uid} lung"), "CT", "Lung 1.0", 300) };
    let mut scout = volume(&format!("{uid} scout"), "CT", "Topogram", 1);
    scout.image_type = ["ORIGINAL", "PRIMARY", "LOCALIZER"].map(String::from).into();
    study(uid, date, "CT Thorax", vec![scout, soft, lung])
}

#[test]
fn chest_ct_hangs_soft_tissue_and_lung_from_their_kernels() {
    let (protocols, all) = (protocols(), [chest_ct("now", "20260105")]);
    let found = best(&protocols, &all);
    assert_eq!(found.protocol.name, "Chest CT");
    let first = resolve(found.protocol, &found.protocol.stages[found.stages[0]], Studies::new(&all[0], &all, &[]));
    assert_eq!(shown(&first), ["now soft", "now lung"]);
    assert!(matches!(first[1].cell.look.window, CellWindow::Preset(preset) if preset.name == "lung"));
    assert!(found.reasons.iter().any(|reason| reason.starts_with("+40")), "{:?}", found.reasons);
    let planes = cells(found.protocol, "Planes and slabs", &all);
    assert_eq!(planes.len(), 6);
    assert!(planes.iter().all(|cell| cell.shows.is_ok()));
}

#[test]
fn chest_ct_hangs_beside_its_newest_comparable_prior() {
    let head = study("head", "20251101", "CT Head", vec![volume("head ct", "CT", "Head", 30)]);
    let all = [chest_ct("now", "20260105"), head, chest_ct("old", "20230105"), chest_ct("then", "20240105")];
    let protocols = protocols();
    let found = best(&protocols, &all);
    let first = resolve(found.protocol, &found.protocol.stages[found.stages[0]], Studies::new(&all[0], &all, &[]));
    assert_eq!(shown(&first), ["now soft", "then soft"], "the head is newer, and no prior of a chest");
    assert_eq!(first[0].cell.sync, first[1].cell.sync);
    // A prior later than the study that is read is none.
    let old = Studies::new(&all[2], &all, &[]);
    assert!(old.priors().is_empty());
}

#[test]
fn chest_radiographs_hang_frontal_lateral_prior() {
    let chest = |uid: &str, date: &str, views: &[&str]| {
        let series = views.iter().map(|view| projection(&format!("{uid} {view}"), "DX", view, "", ["", ""]));
        study(uid, date, "Chest 2 views", series.collect())
    };
    let protocols = protocols();
    let all = [chest("now", "20260105", &["LL", "PA"]), chest("then", "20250101", &["AP"])];
    let found = best(&protocols, &all);
    assert_eq!(found.protocol.name, "Chest radiograph");
    let first = |all: &[Study]| {
        let found = best(&protocols, all);
        shown(&resolve(found.protocol, &found.protocol.stages[found.stages[0]], Studies::new(&all[0], all, &[])))
    };
    assert_eq!(first(&all), ["now PA", "now LL", "then AP"]);
    assert_eq!(first(&all[..1]), ["now PA", "now LL"]);
    assert_eq!(first(&all[1..]), ["then AP"]);
}

fn pet_ct() -> Study {
    let known = Uptake::Known(UptakeBasis::default());
    let pet = Series { uptake: known.clone(), ..volume("pet", "PT", "WB AC", 200) };
    let raw = Series { uptake: known, ..volume("raw", "PT", "WB uncorrected NAC", 400) };
    study("now", "20260105", "PET CT FDG", vec![volume("ct", "CT", "CTAC wb", 200), raw, pet])
}

#[test]
fn pet_ct_hangs_ct_pet_fused_mip() {
    let (protocols, mut all) = (protocols(), [pet_ct()]);
    let found = best(&protocols, &all);
    assert_eq!(found.protocol.name, "PET/CT");
    let four = cells(found.protocol, "CT, PET, fused, MIP", &all);
    assert_eq!(shown(&four), ["ct", "pet", "ct", "pet"]);
    assert_eq!(placed(&four[2]).over.expect("asked for").expect("one frame of reference").uid, "pet");
    assert_eq!(four[3].cell.view, View::Mip);
    assert_eq!(four[1].cell.look.inverted, Some(true));

    all[0].series[0].frame_of_reference_uid = "2.25.1".into();
    let apart = cells(found.protocol, "CT, PET, fused, MIP", &all);
    let why = placed(&apart[2]).over.expect("asked for").expect_err("never fused by guess");
    assert!(why.contains("frame of reference"), "{why}");
}

#[test]
fn brain_mr_hangs_dwi_adc_flair_t1_with_contrast() {
    let series = vec![
        volume("t1", "MR", "t1_mprage_sag", 176),
        Series { contrast_agent: "Gadovist".into(), ..volume("t1c", "MR", "t1_mprage_sag KM", 176) },
        volume("t2", "MR", "t2_tse_tra", 30),
        volume("flair", "MR", "t2_tirm_tra_dark-fluid FLAIR", 30),
        volume("adc", "MR", "ep2d_diff_ADC", 30),
        volume("dwi", "MR", "ep2d_diff_TRACEW", 30),
    ];
    let (protocols, all) = (protocols(), [study("now", "20260105", "MRT Schaedel", series)]);
    let found = best(&protocols, &all);
    assert_eq!(found.protocol.name, "Brain MR");
    assert_eq!(
        shown(&cells(found.protocol, "DWI, ADC, FLAIR, T1 with contrast", &all)),
        ["dwi", "adc", "flair", "t1c"]
    );
}

#[test]
fn abdomen_head_and_unknown_volumes_have_their_protocols() {
    let protocols = protocols();
    for (description, modality, expected) in [
        ("CT Abdomen/Pelvis", "CT", "Abdomen CT"),
        ("CT, HEAD/BRAIN WO CONTRAST", "CT", "Head CT"),
        ("Knee", "MR", "Volume"),
        ("", "OT", "Volume"),
        ("PET brain", "PT", "Volume"),
    ] {
        let all = [study("now", "20260105", description, vec![volume("v", modality, "", 40)])];
        assert_eq!(best(&protocols, &all).protocol.name, expected, "{description}");
    }
    let picture = projection("p", "XC", "", "", ["", ""]);
    let all = [study("now", "", "", vec![picture.clone(), Series { uid: "q".into(), ..picture }])];
    let found = best(&protocols, &all);
    assert_eq!((found.protocol.name.as_str(), &found.stages[..]), ("Picture", &[0, 1][..]));
    assert_eq!(shown(&cells(found.protocol, "Four", &all))[..2], ["p", "q"]);
    assert!(shown(&cells(found.protocol, "Four", &all))[2].starts_with("empty: 2 series fit"));
}

#[test]
fn nothing_hangs_for_a_study_without_images() {
    let report = Series { uid: "sr".into(), modality: "SR".into(), ..Series::default() };
    let all = [study("now", "20260105", "Chest", vec![report])];
    let protocols = protocols();
    let ranking = hang(&protocols, Studies::new(&all[0], &all, &[]));
    assert!(ranking.matches.is_empty());
    assert_eq!(ranking.rejected.len(), protocols.len());
    assert!(ranking.rejected.iter().all(|rejected| !rejected.why.is_empty()));
}

#[test]
fn a_missing_series_leaves_its_cell_empty_and_says_so() {
    let series = vec![volume("flair", "MR", "FLAIR tra", 30), volume("t1", "MR", "T1 sag", 30)];
    let (protocols, all) = (protocols(), [study("now", "20260105", "MR Brain", series)]);
    let found = best(&protocols, &all);
    assert_eq!(found.filled, [2, 4]);
    let first = shown(&cells(found.protocol, "DWI, ADC, FLAIR, T1 with contrast", &all));
    assert_eq!(first, ["empty: no series fits \"dwi\"", "empty: no series fits \"adc\"", "flair", "t1"]);
}
