//! The undoable document and its journal.

use fovea::case::{Case, Edit, EditError, Import, Journal, JournalHeader, Proposal, recover, recoverable};
use fovea::codes;
use fovea::findings::{
    Certainty, Evidence, Finding, FindingId, FindingKind, FindingState, ModelProvenance, Provenance,
};
use fovea::geometry::{DMat3, DVec3, VolumeGeometry};
use fovea::loaded::{ImageData, LoadedSeries};
use fovea::report::{DraftInput, Report, ReportStatus, SearchRecord, SectionKind, SentenceMark, Signature, compose};
use fovea::study::{Patient, Series, Study};
use fovea::volume::{
    AlgorithmKind, Brush, BrushMode, BrushShape, Labelmap, Rescale, Segment, Segmentation, ValueUnit, Volume, Voxels,
};
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;

const DIMS: [usize; 3] = [12, 10, 6];

fn geometry() -> VolumeGeometry {
    VolumeGeometry::new(DIMS, DVec3::new(-6.0, -5.0, 100.0), DVec3::new(1.0, 1.0, 2.0), DMat3::IDENTITY).unwrap()
}

fn source() -> LoadedSeries {
    let voxels = Voxels::I16((0..geometry().len() as i16).collect());
    let volume = Volume::new(geometry(), voxels, Rescale::IDENTITY, ValueUnit::Hu).unwrap();
    LoadedSeries {
        study: Arc::new(Study {
            uid: "2.25.1".into(),
            patient: Patient { id: "P1".into(), ..Patient::default() },
            ..Study::default()
        }),
        series: Arc::new(Series { uid: "2.25.2".into(), modality: "CT".into(), ..Series::default() }),
        image: ImageData::Volume(Arc::new(volume)),
        slices: Arc::new([]),
        header_voi: None,
        voi_choices: Vec::new(),
    }
}

fn empty_report() -> Report {
    Report { status: ReportStatus::Draft, sections: Vec::new() }
}

fn model() -> ModelProvenance {
    ModelProvenance {
        name: "test-rules".into(),
        version: "1".into(),
        weights_sha256: String::new(),
        settings: String::new(),
        rules: true,
    }
}

fn segment(number: u8, algorithm: AlgorithmKind) -> Segment {
    Segment {
        number,
        label: format!("Segment {number}"),
        category: codes::ANATOMICAL_STRUCTURE,
        property: Some(codes::LUNG),
        laterality: Some(codes::RIGHT),
        color_rgb: [1, 2, 3],
        algorithm,
        algorithm_name: "test-rules 1".into(),
        tracking_uid: format!("2.25.{number}"),
    }
}

/// A 3 × 3 × 2 block of label 1 with one finding on it.
fn proposal() -> Proposal {
    let mut labels = vec![0; geometry().len()];
    for k in 2..4 {
        for j in 4..7 {
            for i in 5..8 {
                labels[geometry().index([i, j, k])] = 1;
            }
        }
    }
    let labelmap = Labelmap::from_labels(geometry(), &labels).unwrap();
    let finding = Finding {
        id: FindingId(String::new()),
        kind: FindingKind::Lesion,
        label: "Lung lesion candidate".into(),
        code: Some(codes::LESION),
        site: "right lung".into(),
        site_code: None,
        laterality: Some(codes::RIGHT),
        certainty: Certainty::Uncertain,
        state: FindingState::Proposed,
        reviewer: String::new(),
        evidence: vec![Evidence::Segment(1)],
        measures: None,
        score: Some(0.5),
        provenance: Provenance::Model(model()),
        tracking_uid: "2.25.9".into(),
    };
    Proposal {
        segmentation: Some(Segmentation { labelmap, segments: vec![segment(1, AlgorithmKind::Automatic)] }),
        findings: vec![finding],
        search: SearchRecord {
            model: model(),
            looked_for: "lung lesion candidate".into(),
            proposed: 1,
            unproven: false,
        },
    }
}

fn brush(mode: BrushMode) -> Brush {
    Brush { shape: BrushShape::Sphere, radius_mm: 2.0, mode }
}

fn voxels(case: &Case, label: u8) -> usize {
    case.segmentation().unwrap().labelmap.histogram()[usize::from(label)]
}

fn dab(case: &mut Case, mode: BrushMode, at: DVec3) {
    case.stroke_begin(brush(mode), at).unwrap();
    case.stroke_end().unwrap();
}

#[test]
fn a_proposal_is_measured_and_undone_as_one_edit() {
    let mut case = Case::new(source(), empty_report(), None);
    case.apply(Edit::Propose(Box::new(proposal()))).unwrap();
    assert_eq!(voxels(&case, 1), 18);
    let measures = case.findings()[0].measures.as_ref().expect("measured with the proposal");
    assert!((measures.volume_mm3 - 36.0).abs() < 1e-9);
    assert_eq!(case.findings()[0].id, FindingId("f1".into()));
    assert_eq!(case.undo().unwrap().as_deref(), Some("lung lesion candidate"));
    assert_eq!(voxels(&case, 1), 0);
    assert!(case.findings().is_empty() && case.segmentation().unwrap().segments.is_empty());
    case.redo().unwrap();
    assert_eq!(voxels(&case, 1), 18);
    assert_eq!(case.findings().len(), 1);
}

#[test]
fn a_stroke_changes_the_measures_and_makes_the_mask_semiautomatic() {
    let mut case = Case::new(source(), empty_report(), None);
    case.apply(Edit::Propose(Box::new(proposal()))).unwrap();
    dab(&mut case, BrushMode::Erase(1), geometry().point_lps(DVec3::new(5.0, 4.0, 2.0)));
    assert!(voxels(&case, 1) < 18);
    let measures = case.findings()[0].measures.clone().unwrap();
    assert_eq!(measures.voxels, voxels(&case, 1));
    assert_eq!(case.segmentation().unwrap().segments[0].algorithm, AlgorithmKind::SemiAutomatic);
    case.apply(Edit::Review { finding: FindingId("f1".into()), state: FindingState::Accepted, reviewer: "R".into() })
        .unwrap();
    assert_eq!(case.findings()[0].state, FindingState::Edited, "accepted after a change means edited");
    case.undo().unwrap();
    case.undo().unwrap();
    assert_eq!(case.segmentation().unwrap().segments[0].algorithm, AlgorithmKind::Automatic);
    assert_eq!(case.findings()[0].measures.as_ref().unwrap().voxels, 18);
}

#[test]
fn a_machine_never_writes_over_a_person() {
    let mut case = Case::new(source(), empty_report(), None);
    case.apply(Edit::AddSegment(segment(1, AlgorithmKind::Manual))).unwrap();
    let center = geometry().point_lps(DVec3::new(6.0, 5.0, 2.0));
    dab(&mut case, BrushMode::Paint(1), center);
    let drawn = voxels(&case, 1);
    assert!(drawn > 0);
    case.apply(Edit::Propose(Box::new(proposal()))).unwrap();
    assert_eq!(voxels(&case, 1), drawn, "the person's voxels stay");
    assert_eq!(case.segmentation().unwrap().segments[1].number, 2, "the proposal got a free number");
    assert!(voxels(&case, 2) < 18);
}

#[test]
fn a_cancelled_stroke_leaves_nothing() {
    let mut case = Case::new(source(), empty_report(), None);
    case.apply(Edit::AddSegment(segment(1, AlgorithmKind::Manual))).unwrap();
    case.stroke_begin(brush(BrushMode::Paint(1)), geometry().center_lps()).unwrap();
    assert!(voxels(&case, 1) > 0, "the stroke in hand is shown");
    case.stroke_cancel();
    assert_eq!(voxels(&case, 1), 0);
    assert_eq!(case.can_undo(), Some("add segment"));
}

#[test]
fn a_signed_report_never_changes() {
    let mut case = Case::new(source(), empty_report(), None);
    let input = DraftInput {
        study: &case.source().study.clone(),
        series: &case.source().series.clone(),
        findings: &[],
        searches: &[],
        not_searched: &[],
        cite: &|k| format!("slice {k}"),
        warnings: &[],
    };
    case.apply(Edit::Draft(Box::new(compose(&input)))).unwrap();
    let nameless = Signature { name: " ".into(), time: String::new(), identity: Default::default() };
    assert!(matches!(case.apply(Edit::Sign(nameless)), Err(EditError::Sign(_))));
    let identity = [String::new(), "P1".into(), String::new(), String::new()];
    let signature = Signature { name: "Dr. R".into(), time: "2026-01-01T00:00:00Z".into(), identity };
    case.apply(Edit::Sign(signature)).unwrap();
    let before = case.report().clone();
    let add = Edit::AddSentence { section: SectionKind::Findings, text: "More.".into(), author: "R".into() };
    assert!(matches!(case.apply(add), Err(EditError::Signed)));
    assert!(matches!(case.undo(), Err(EditError::Signed)));
    assert!(matches!(case.stroke_begin(brush(BrushMode::Paint(1)), DVec3::ZERO), Err(EditError::Signed)));
    assert_eq!(*case.report(), before);
}

#[test]
fn a_mask_on_another_grid_is_refused() {
    let mut case = Case::new(source(), empty_report(), None);
    let mut elsewhere = proposal();
    let moved = VolumeGeometry::new(DIMS, DVec3::ZERO, DVec3::ONE, DMat3::IDENTITY).unwrap();
    elsewhere.segmentation.as_mut().unwrap().labelmap = Labelmap::empty(moved);
    assert!(matches!(case.apply(Edit::Propose(Box::new(elsewhere))), Err(EditError::OtherGrid)));
    assert!(case.findings().is_empty());
}

fn header() -> JournalHeader {
    JournalHeader {
        program: "test".into(),
        opened: "2026-01-01T00:00:00Z".into(),
        paths: vec!["somewhere".into()],
        study_uid: "2.25.1".into(),
        series_uid: "2.25.2".into(),
        title: "Phantom".into(),
    }
}

/// Everything that a reader would notice had changed.
fn state(case: &Case) -> (Vec<u8>, Vec<Segment>, Vec<Finding>, Report) {
    let masks = case.segmentation().unwrap();
    (masks.labelmap.to_labels(), masks.segments.clone(), case.findings().to_vec(), case.report().clone())
}

fn work(case: &mut Case) {
    case.apply(Edit::Propose(Box::new(proposal()))).unwrap();
    dab(case, BrushMode::Paint(1), geometry().point_lps(DVec3::new(2.0, 2.0, 2.0)));
    let text = "A person's sentence, with \"quotes\" and ümlauts.".to_owned();
    case.apply(Edit::AddSentence { section: SectionKind::Findings, text, author: "R".into() }).unwrap();
    dab(case, BrushMode::Erase(1), geometry().point_lps(DVec3::new(6.0, 5.0, 3.0)));
    case.undo().unwrap();
    case.apply(Edit::Review { finding: FindingId("f1".into()), state: FindingState::Rejected, reviewer: "R".into() })
        .unwrap();
}

/// The process dies without closing: dropping the lock is all that happens to the file.
fn killed(folder: &Path) -> (Vec<u8>, Vec<Segment>, Vec<Finding>, Report) {
    let journal = Journal::create(folder, &header()).unwrap();
    let mut case = Case::new(source(), empty_report(), Some(journal));
    work(&mut case);
    state(&case)
}

#[test]
fn after_a_kill_the_case_is_offered_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let before = killed(folder.path());
    let found = recoverable(folder.path());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].header, header());
    let mut case = recover(&found[0].path, source()).unwrap();
    assert_eq!(state(&case), before);
    case.undo().unwrap();
    assert_eq!(case.findings()[0].state, FindingState::Proposed, "what came before can still be undone");
    case.close().unwrap();
    assert!(recoverable(folder.path()).is_empty(), "closed cases are not offered");
}

#[test]
fn what_a_file_brings_is_one_step_and_outlives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::create(folder.path(), &header()).unwrap();
    let mut case = Case::new(source(), empty_report(), Some(journal));
    let Proposal { segmentation, findings, .. } = proposal();
    let import = Import { segmentation, findings: findings.clone(), source: "masks of a file".into() };
    case.apply(Edit::Import(Box::new(import))).unwrap();
    let own = case.findings()[0].segment().expect("its mask came too");
    assert!(case.segmentation().unwrap().segment(own).is_some());
    assert!(case.searches().is_empty(), "nothing was searched by this program");
    assert_eq!(case.can_undo(), Some("masks of a file"));
    // Without masks of its own, a finding rests on those of the case.
    let mut on_known = findings[0].clone();
    on_known.evidence = vec![Evidence::Segment(own)];
    let import = Import { segmentation: None, findings: vec![on_known], source: "measurements".into() };
    case.apply(Edit::Import(Box::new(import))).unwrap();
    assert_eq!(case.findings()[1].segment(), Some(own));
    let before = state(&case);
    drop(case);
    let mut case = recover(&recoverable(folder.path())[0].path, source()).unwrap();
    assert_eq!(state(&case), before);
    case.undo().unwrap();
    case.undo().unwrap();
    assert!(case.findings().is_empty() && case.segmentation().unwrap().segments.is_empty());
}

#[test]
fn a_torn_tail_loses_only_the_last_record() {
    let folder = tempfile::tempdir().unwrap();
    killed(folder.path());
    let path = recoverable(folder.path())[0].path.clone();
    let bytes = std::fs::read(&path).unwrap();
    for cut in [1, 5, 40] {
        std::fs::write(&path, &bytes[..bytes.len() - cut]).unwrap();
        let edits = recoverable(folder.path())[0].edits;
        assert_eq!(edits, 5, "six records, the last one torn");
    }
}

#[test]
fn a_case_in_use_is_not_offered() {
    let folder = tempfile::tempdir().unwrap();
    let mut case = Case::new(source(), empty_report(), Some(Journal::create(folder.path(), &header()).unwrap()));
    work(&mut case);
    assert!(recoverable(folder.path()).is_empty());
}

#[test]
fn a_journal_is_not_replayed_on_other_images() {
    let folder = tempfile::tempdir().unwrap();
    killed(folder.path());
    let mut other = source();
    other.series = Arc::new(Series { uid: "2.25.3".into(), ..Series::default() });
    let path = recoverable(folder.path())[0].path.clone();
    assert!(recover(&path, other).is_err());
    assert_eq!(recoverable(folder.path()).len(), 1, "and it is still there");
}

#[test]
fn damaged_journals_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    killed(folder.path());
    let path = recoverable(folder.path())[0].path.clone();
    let bytes = std::fs::read(&path).unwrap();
    for at in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x5a;
        std::fs::write(&path, &damaged).unwrap();
        let _ = recoverable(folder.path());
        std::fs::write(&path, &damaged).unwrap();
        let _ = recover(&path, source());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Undoing everything gives the beginning; redoing everything gives the end.
    #[test]
    fn undo_and_redo_are_exact(strokes in prop::collection::vec((any::<bool>(), 0..12u8, 0..10u8, 0..6u8), 1..12)) {
        let mut case = Case::new(source(), empty_report(), None);
        case.apply(Edit::Propose(Box::new(proposal()))).unwrap();
        let begin = state(&case);
        let mut steps = 0;
        for (paint, i, j, k) in strokes {
            let mode = if paint { BrushMode::Paint(1) } else { BrushMode::Erase(1) };
            let before = case.revision();
            dab(&mut case, mode, geometry().point_lps(DVec3::new(i.into(), j.into(), k.into())));
            steps += usize::from(case.revision() > before);
        }
        let end = state(&case);
        for _ in 0..steps { case.undo().unwrap(); }
        prop_assert_eq!(&state(&case), &begin);
        for _ in 0..steps { case.redo().unwrap(); }
        prop_assert_eq!(&state(&case), &end);
    }
}

#[test]
fn a_disk_stays_in_its_slice_and_a_tip_smaller_than_a_voxel_still_marks_one() {
    let labels = Labelmap::empty(geometry());
    let disk = Brush { shape: BrushShape::Disk { normal_lps: DVec3::Z }, radius_mm: 3.0, mode: BrushMode::Paint(7) };
    let center = geometry().point_lps(DVec3::new(6.0, 5.0, 3.0));
    let (painted, delta) = disk.stroke(&labels, center, center);
    assert_eq!(delta.slices.iter().map(|s| s.k).collect::<Vec<_>>(), [3]);
    // Voxel centers within 3 mm on a 1 mm grid: the lattice points in a circle of radius 3.
    assert_eq!(painted.histogram()[7], 29);
    let tip = Brush { radius_mm: 0.1, ..disk };
    let (dot, _) = tip.stroke(&labels, center + DVec3::splat(0.4), center + DVec3::splat(0.4));
    assert_eq!(dot.histogram()[7], 1);
}

#[test]
fn rejected_sentences_go_in_one_step_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut case = Case::new(source(), empty_report(), Some(Journal::create(folder.path(), &header()).unwrap()));
    case.apply(Edit::Propose(Box::new(proposal()))).unwrap();
    let draft = fovea::reading::draft(&case, &[], &[]);
    case.apply(Edit::Draft(Box::new(draft))).unwrap();
    let about = |case: &Case| case.report().sentences().filter(|s| !s.evidence.is_empty()).count();
    assert_eq!(about(&case), 1);
    case.apply(Edit::Review { finding: FindingId("f1".into()), state: FindingState::Rejected, reviewer: "R".into() })
        .unwrap();
    assert_eq!(case.report().sentences().filter(|s| s.mark == SentenceMark::Rejected).count(), 1);
    case.apply(Edit::RemoveMarked).unwrap();
    assert_eq!(about(&case), 0);
    case.undo().unwrap();
    assert_eq!(about(&case), 1, "undo brings it back");
    case.redo().unwrap();
    let after = state(&case);
    drop(case);
    let case = recover(&recoverable(folder.path())[0].path, source()).unwrap();
    assert_eq!(state(&case), after, "the journal knows the step");
}
