//! What drafts say, and how they follow the case.

use super::*;
use proptest::prelude::*;

#[test]
fn the_draft_reads_as_expected() {
    let report = draft(&findings(), &searches());
    assert_eq!(
        texts(&report, SectionKind::Findings),
        [
            "Right lung, as far as imaged: volume 2310 mL, mean −812 HU.",
            "Lung lesion candidate in the right lung, 14 mm × 11 mm, volume 1.3 mL, mean −35 HU (series 4, image 24).",
            "Left lung: volume 1981 mL, mean −820 HU.",
            "Lung lesion candidate in the left lung, mean diameter 7 mm (8 mm × 6 mm), volume 0.21 mL, mean 12 HU \
             (series 4, image 24).",
        ]
    );
    assert_eq!(
        texts(&report, SectionKind::Technique)[0],
        "CT of the chest, 64 slices of 512 × 512 pixels, pixel spacing 0.7 × 0.7 mm, slice spacing 5 mm, slice thickness 5 mm."
    );
    assert_eq!(texts(&report, SectionKind::Comparison), ["None available to this program."]);
    assert_eq!(texts(&report, SectionKind::Impression), ["No finding has been confirmed by a reader yet."]);
    assert_eq!(texts(&report, SectionKind::Communication), ["No critical result recorded."]);
    let limitations = texts(&report, SectionKind::Limitations);
    for expected in [&not_searched()[0], "Slices 12 and 13 are missing.", "Nothing else was searched by this program."]
    {
        assert!(limitations.iter().any(|text| text == expected), "no “{expected}” in {limitations:?}");
    }
    let problems = check(&report, &findings(), &study());
    assert!(problems.iter().all(|p| p.kind == ProblemKind::Unreviewed), "{problems:?}");
}

#[test]
fn a_search_without_proposals_is_named_and_asks() {
    let mut searches = searches();
    searches[1].proposed = 0;
    let report = draft(&findings()[..2], &searches);
    let negative: Vec<_> = report.sentences().filter(|s| s.kind == SentenceKind::Negative).collect();
    assert_eq!(negative.len(), 1);
    assert_eq!(
        negative[0].text(),
        "No lung lesion candidate proposed by ct-rules 0.1.0 (rules); reader confirmation required."
    );
    assert_eq!(author_mark(negative[0], &[]), "AI draft");
}

#[test]
fn unproven_models_draft_no_sentence() {
    let mut searches = searches();
    searches.iter_mut().for_each(|s| s.unproven = true);
    searches[1].proposed = 0;
    let report = draft(&findings(), &searches);
    assert!(report.sentences().all(|s| s.evidence.is_empty() && s.kind != SentenceKind::Negative));
    let limitations = texts(&report, SectionKind::Limitations).join(" ");
    assert!(limitations.contains("Experimental overlay: ct-rules 0.1.0 (rules)"), "{limitations}");
}

#[test]
fn an_image_that_no_model_serves_still_has_a_whole_report() {
    let series = Series {
        modality: "DX".into(),
        body_part: "Q7".into(),
        instances: vec![Instance::default()],
        ..Series::default()
    };
    let report = compose(&DraftInput {
        study: &study(),
        series: &series,
        findings: &[],
        searches: &[],
        not_searched: &["no model reads radiographs yet".into()],
        cite: &cite,
        warnings: &[],
    });
    assert!(report.sections.iter().all(|s| !s.sentences.is_empty()));
    assert_eq!(texts(&report, SectionKind::Technique), ["Digital radiography, body part “Q7”, 1 image."]);
    let limitations = texts(&report, SectionKind::Limitations);
    assert_eq!(limitations[0], "No model reads radiographs yet.");
    assert_eq!(limitations[1], "No search ran on these images: nothing was searched by this program.");
}

#[test]
fn the_impression_holds_confirmed_lesions_only_and_undo_restores_it() {
    let mut findings = findings();
    let mut report = draft(&findings, &searches());
    let before = report.clone();
    accept(&mut findings, 0);
    refresh(&mut report, &findings);
    assert_eq!(texts(&report, SectionKind::Impression), ["No lesion has been confirmed by a reader yet."]);
    accept(&mut findings, 2);
    refresh(&mut report, &findings);
    assert_eq!(texts(&report, SectionKind::Impression), ["Possible lung lesion in the right lung, 14 mm × 11 mm."]);
    let sentence = &report.section(SectionKind::Impression).expect("an impression").sentences[0];
    assert_eq!(author_mark(sentence, &findings), "AI, accepted by Dr. Reader");
    let accepted = report.clone();
    refresh(&mut report, &super::findings());
    assert_eq!(report, before);
    refresh(&mut report, &findings);
    assert_eq!(report, accepted, "accepting again gives the same sentences, with the same identities");
}

#[test]
fn rejecting_marks_and_deleting_makes_stale_until_undone() {
    let mut findings = findings();
    let mut report = draft(&findings, &searches());
    let clean = report.clone();
    findings[2].state = FindingState::Rejected;
    refresh(&mut report, &findings);
    assert_eq!(resting_on(&report, "f3").mark, SentenceMark::Rejected);
    assert_eq!(resting_on(&report, "f4").mark, SentenceMark::None);
    findings[2].state = FindingState::Proposed;
    findings[2].measures = None;
    refresh(&mut report, &findings);
    assert_eq!(resting_on(&report, "f3").mark, SentenceMark::Stale);
    findings.remove(2);
    refresh(&mut report, &findings);
    assert_eq!(resting_on(&report, "f3").mark, SentenceMark::Stale);
    refresh(&mut report, &super::findings());
    assert_eq!(report, clean);
}

#[test]
fn fields_follow_the_mask() {
    let mut findings = findings();
    let mut report = draft(&findings, &searches());
    findings[2].measures = Some(measures(16.0, 12.0, 2.0, -20.0));
    refresh(&mut report, &findings);
    let text = resting_on(&report, "f3").text();
    assert!(text.contains("16 mm × 12 mm, volume 2.0 mL, mean −20 HU"), "{text}");
    findings[2].measures = Some(measures(9.0, 7.0, 0.3, -20.0));
    redraft(&mut report, &findings, &cite);
    let text = resting_on(&report, "f3").text();
    assert!(text.contains("mean diameter 8 mm (9 mm × 7 mm)"), "{text}");
}

#[test]
fn lesions_follow_the_organ_they_lie_in() {
    let mut findings = findings();
    findings[2].site = "right lung, upper zone".into();
    let second = texts(&draft(&findings, &searches()), SectionKind::Findings).swap_remove(1);
    assert!(second.starts_with("Lung lesion candidate in the right lung, upper zone, 14 mm"), "{second}");
}

#[test]
fn numbers_that_are_none_are_not_spoken() {
    let mut findings = findings();
    findings[2].measures = Some(SegmentMeasures { mean: Some(f64::NAN), ..measures(f64::INFINITY, 3.0, 1.0, 0.0) });
    let text = resting_on(&draft(&findings, &searches()), "f3").text();
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
}

#[test]
fn a_new_draft_keeps_what_a_person_wrote() {
    let mut findings = findings();
    let mut report = draft(&findings[..3], &searches());
    let organ = resting_on(&report, "f1").id;
    edit_sentence(&mut report, organ, "Right lung well expanded.", "Dr. Reader").expect("an edit");
    edit_sentence(&mut report, SentenceId(1), "Cough.", "Dr. Reader").expect("an edit");
    add_sentence(&mut report, SectionKind::Impression, "Seen together.", "Dr. Reader").expect("added");
    accept(&mut findings, 2);
    let input = DraftInput {
        study: &study(),
        series: &series(),
        findings: &findings,
        searches: &searches(),
        not_searched: &[],
        cite: &cite,
        warnings: &[],
    };
    let again = recompose(&report, &input);
    assert_eq!(texts(&again, SectionKind::Indication), ["Cough."]);
    assert_eq!(texts(&again, SectionKind::Findings)[0], "Right lung well expanded.");
    assert_eq!(texts(&again, SectionKind::Findings).len(), 4);
    assert_eq!(
        texts(&again, SectionKind::Impression),
        ["Seen together.", "Possible lung lesion in the right lung, 14 mm × 11 mm."]
    );
    assert_eq!(recompose(&again, &input), again, "drafting twice changes nothing");
}

#[test]
fn a_signed_report_never_changes() {
    let mut findings = findings();
    let mut report = draft(&findings, &searches());
    let signature = |name: &str| Signature {
        name: "Dr. Reader".into(),
        time: "2026-03-01T10:00:00Z".into(),
        identity: [name.into(), "A0001".into(), "19700230".into(), "ACC-7".into()],
    };
    assert_eq!(sign(&mut report, &findings, &study(), signature("Else, Anyone")), Err(SignError::Identity));
    findings[2].state = FindingState::Rejected;
    refresh(&mut report, &findings);
    assert!(matches!(
        sign(&mut report, &findings, &study(), signature("Test, Thea")),
        Err(SignError::Problems(problems)) if problems[0].kind == ProblemKind::Rejected
    ));
    findings[2].state = FindingState::Proposed;
    refresh(&mut report, &findings);
    sign(&mut report, &findings, &study(), signature("Test, Thea")).expect("nothing blocks");
    let signed = report.clone();
    findings[2].state = FindingState::Rejected;
    refresh(&mut report, &findings);
    redraft(&mut report, &findings, &cite);
    assert_eq!(edit_sentence(&mut report, SentenceId(1), "Other words.", "X"), Err(EditError::Signed));
    assert_eq!(report, signed);
}

#[test]
fn the_lint_finds_sides_numbers_words_and_gaps() {
    let findings = findings();
    let mut report = draft(&findings, &searches());
    let id = resting_on(&report, "f3").id;
    edit_sentence(&mut report, id, "Lesion in the left lung, 14 mm, 22 mm deep.", "Dr. Reader").expect("an edit");
    report.section_mut(SectionKind::Communication).sentences.clear();
    let sentence = report.sentence_mut(SentenceId(1)).expect("a sentence");
    sentence.parts = vec![Part::Text("Normal study.".into())];
    let kinds: Vec<ProblemKind> = check(&report, &findings, &study()).into_iter().map(|p| p.kind).collect();
    for kind in [ProblemKind::Side, ProblemKind::Number, ProblemKind::ForbiddenWord, ProblemKind::MissingSection] {
        assert!(kinds.contains(&kind), "no {kind:?} in {kinds:?}");
    }
    report.sentence_mut(SentenceId(1)).expect("a sentence").author = Author::Person("Dr. Reader".into());
    let kinds: Vec<ProblemKind> = check(&report, &findings, &study()).into_iter().map(|p| p.kind).collect();
    assert!(!kinds.contains(&ProblemKind::ForbiddenWord), "a person may write it");
}

fn any_finding(n: usize) -> impl Strategy<Value = Finding> {
    let words = prop_oneof![
        Just("Lung lesion candidate".to_owned()),
        Just("Liver".to_owned()),
        Just(String::new()),
        Just("Benign, normal metastasis".to_owned()),
        Just("\u{202e}<b>\u{202e} x\u{0}".to_owned()),
        "\\PC{0,30}".prop_map(|s| s),
    ];
    let numbers = (0.0..400.0f64, 0.0..400.0f64, 0.0..5000.0f64, -1100.0..3000.0f64);
    let states = prop_oneof![
        Just(FindingState::Proposed),
        Just(FindingState::Accepted),
        Just(FindingState::Edited),
        Just(FindingState::Rejected)
    ];
    let sure = prop_oneof![Just(Certainty::Present), Just(Certainty::Absent), Just(Certainty::Uncertain)];
    (words.clone(), words, any::<[bool; 4]>(), numbers, states, sure).prop_map(
        move |(label, site, [organ, measured, sided, person], (long, short, volume, mean), state, certainty)| {
            let kind = if organ { FindingKind::Organ } else { FindingKind::Lesion };
            let mut f = finding(&format!("f{n}"), kind, &label, (n % 200) as u8 + 1);
            f.site = site;
            f.measures = measured.then(|| measures(long, short, volume, mean));
            f.laterality = sided.then_some(RIGHT);
            if person {
                f.provenance = Provenance::Person("Dr. Reader".into());
            }
            f.state = state;
            f.certainty = certainty;
            f
        },
    )
}

fn any_findings() -> impl Strategy<Value = Vec<Finding>> {
    (0usize..6).prop_flat_map(|n| (0..n).map(any_finding).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever was found or not found: no forbidden word, every section, evidence that exists, an honest impression.
    #[test]
    fn drafts_keep_the_rules(findings in any_findings(), proposed in 0usize..2, unproven: bool) {
        let mut searches = searches();
        searches[1].proposed = proposed;
        searches[1].unproven = unproven;
        let mut report = draft(&findings, &searches);
        for sentence in report.sentences() {
            let text = sentence.text();
            prop_assert!(!text.is_empty() && !text.chars().any(char::is_control));
            prop_assert!(forbidden_words(&text).is_empty(), "{text}");
            prop_assert!(sentence.evidence.iter().all(|id| findings.iter().any(|f| f.id == *id)));
            prop_assert!(sentence.kind != SentenceKind::Finding || !sentence.evidence.is_empty());
        }
        prop_assert!(report.sections.iter().all(|s| !s.sentences.is_empty()));
        for sentence in &report.section(SectionKind::Impression).expect("an impression").sentences {
            for id in &sentence.evidence {
                prop_assert!(findings.iter().any(|f| f.id == *id && f.state.is_confirmed()));
            }
        }
        let mut ids: Vec<u64> = report.sentences().map(|s| s.id.0).collect();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), report.sentences().count());
        let once = report.clone();
        refresh(&mut report, &findings);
        let twice = report.clone();
        refresh(&mut report, &findings);
        prop_assert_eq!(&report, &twice);
        if !unproven {
            prop_assert_eq!(&report, &once);
        }
    }
}
