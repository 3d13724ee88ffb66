//! A person's edits: fields stay bound, typed numbers stand beside measured ones.

use super::*;
use proptest::prelude::*;

const PERSON: &str = "Dr. Reader";

fn edited(change: impl Fn(&str) -> String) -> (Report, SentenceId, Vec<Finding>) {
    let findings = findings();
    let mut report = draft(&findings, &searches());
    let sentence = resting_on(&report, "f3");
    let (id, text) = (sentence.id, change(&sentence.text()));
    edit_sentence(&mut report, id, &text, PERSON).expect("an edit");
    (report, id, findings)
}

fn field_of(report: &Report, id: SentenceId, quantity: Quantity) -> Option<Field> {
    report.sentence(id)?.fields().find(|f| f.quantity == quantity).cloned()
}

#[test]
fn the_same_words_change_nothing() {
    let (report, id, findings) = edited(str::to_owned);
    assert_eq!(report, draft(&findings, &searches()));
    assert!(matches!(report.sentence(id).expect("it").author, Author::Machine(_)));
}

#[test]
fn other_words_keep_the_numbers_alive() {
    let (mut report, id, mut findings) = edited(|text| text.replace("Lung lesion candidate", "Spiculated nodule"));
    assert_eq!(report.sentence(id).expect("it").fields().count(), 4);
    assert_eq!(author_mark(report.sentence(id).expect("it"), &findings), "AI, edited by Dr. Reader");
    findings[2].measures = Some(measures(20.0, 15.0, 3.0, -10.0));
    refresh(&mut report, &findings);
    let text = report.sentence(id).expect("it").text();
    assert!(text.starts_with("Spiculated nodule in the right lung, 20 mm × 15 mm, volume 3.0 mL"), "{text}");
}

#[test]
fn a_number_typed_over_is_shown_beside_the_measured_one() {
    let (mut report, id, mut findings) = edited(|text| text.replace("14 mm", "15 mm"));
    let field = field_of(&report, id, Quantity::LongAxis).expect("still bound");
    assert_eq!((field.measured.as_str(), field.typed.as_deref()), ("14 mm", Some("15 mm")));
    let text = report.sentence(id).expect("it").text();
    assert!(text.contains("15 mm (measured 14 mm) × 11 mm"), "{text}");
    // Editing what is shown keeps both; typing the measured number clears it.
    edit_sentence(&mut report, id, &text.replace("15 mm (m", "16 mm (m"), PERSON).expect("an edit");
    assert_eq!(field_of(&report, id, Quantity::LongAxis).expect("bound").typed.as_deref(), Some("16 mm"));
    findings[2].measures = Some(measures(16.0, 12.0, 2.0, -20.0));
    refresh(&mut report, &findings);
    let text = report.sentence(id).expect("it").text();
    assert!(text.contains(" 16 mm × 12 mm"), "{text}");
}

#[test]
fn a_bare_number_gets_its_unit_and_a_comma_is_no_end() {
    let (report, id, _) = edited(|text| text.replace("14 mm", "15"));
    assert_eq!(field_of(&report, id, Quantity::LongAxis).expect("bound").typed.as_deref(), Some("15 mm"));
    let (report, id, _) = edited(|text| text.replace("11 mm", "11,5 mm"));
    assert_eq!(field_of(&report, id, Quantity::ShortAxis).expect("bound").typed.as_deref(), Some("11,5 mm"));
}

#[test]
fn a_number_inside_another_is_not_taken_for_it() {
    let (report, id, _) = edited(|_| "Nodule of 114 mm.".to_owned());
    assert!(field_of(&report, id, Quantity::LongAxis).is_none());
    assert_eq!(report.sentence(id).expect("it").text(), "Nodule of 114 mm.");
    assert_eq!(report.sentence(id).expect("it").evidence, [FindingId("f3".into())], "evidence stays");
}

#[test]
fn a_persons_impression_stays_and_speaks_for_its_finding() {
    let mut findings = findings();
    let mut report = draft(&findings, &searches());
    accept(&mut findings, 2);
    accept(&mut findings, 3);
    refresh(&mut report, &findings);
    let id = report.section(SectionKind::Impression).expect("it").sentences[0].id;
    edit_sentence(&mut report, id, "Suspicious nodule of 14 mm in the right lung.", PERSON).expect("an edit");
    refresh(&mut report, &findings);
    assert_eq!(
        texts(&report, SectionKind::Impression),
        [
            "Suspicious nodule of 14 mm in the right lung.",
            "Lung lesion in the left lung, mean diameter 7 mm (8 mm × 6 mm)."
        ]
    );
    findings[2].state = FindingState::Rejected;
    findings[3].state = FindingState::Rejected;
    refresh(&mut report, &findings);
    assert_eq!(texts(&report, SectionKind::Impression).len(), 1);
    assert_eq!(report.sentence(id).expect("kept").mark, SentenceMark::Rejected);
    let own = add_sentence(&mut report, SectionKind::Impression, "Seen with Dr. Other.", PERSON).expect("added");
    remove_sentence(&mut report, id).expect("removed");
    assert_eq!(report.sentence(own).map(Sentence::text).as_deref(), Some("Seen with Dr. Other."));
    assert_eq!(add_sentence(&mut report, SectionKind::Impression, " \n", PERSON), Err(EditError::Empty));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Any text can be typed: nothing panics, and what is read is what was typed (typed numbers aside).
    #[test]
    fn any_edit_is_safe(text in "[ -~×−µ“”0-9m,.()]{1,80}") {
        let findings = findings();
        let mut report = draft(&findings, &searches());
        let id = resting_on(&report, "f4").id;
        if edit_sentence(&mut report, id, &text, PERSON).is_ok() {
            let read = report.sentence(id).expect("it").text();
            let typed = report.sentence(id).expect("it").fields().any(|f| f.typed.is_some());
            prop_assert!(typed || read == text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        refresh(&mut report, &findings);
    }
}
