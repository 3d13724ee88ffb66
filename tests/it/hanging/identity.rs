//! Who is whose prior, and the order of the study browser.

use super::{best, patient, protocols, study, volume};
use fovea::hanging::{Studies, resolve};
use fovea::study::{Identity, Patient, Study, identity, is_before, is_found, patients, priors, shown_day};

fn chest(uid: &str, date: &str, patient: Patient) -> Study {
    Study { patient, ..study(uid, date, "CT chest", vec![volume(&format!("{uid} ct"), "CT", "chest", 40)]) }
}

#[test]
fn priors_need_id_issuer_and_birth_date() {
    let now = patient();
    let with = |change: fn(&mut Patient)| {
        let mut other = patient();
        change(&mut other);
        identity(&now, &other)
    };
    assert_eq!(with(|_| ()), Identity::Same(None));
    assert_eq!(with(|p| p.birth_date = "1960.02.03".into()), Identity::Same(None), "dates of old files have dots");
    assert!(matches!(with(|p| p.name = "Roe, Jane".into()), Identity::Same(Some(why)) if why.contains("Name")));
    assert!(matches!(with(|p| p.id = "4712".into()), Identity::Different(_)));
    assert!(matches!(with(|p| p.issuer = "Elsewhere".into()), Identity::Different(_)));
    assert!(matches!(with(|p| p.birth_date = "19600204".into()), Identity::Different(_)));
    assert!(matches!(with(|p| p.birth_date.clear()), Identity::Unconfirmed(_)));
    let nameless = Patient { birth_date: String::new(), name: "Other".into(), ..patient() };
    assert!(matches!(identity(&now, &nameless), Identity::Different(why) if why.contains("Name")));
    assert!(matches!(identity(&Patient::default(), &Patient::default()), Identity::Different(_)));
}

#[test]
fn another_persons_study_never_hangs() {
    let protocols = protocols();
    let stranger = Patient { birth_date: "19700101".into(), ..patient() };
    let unsure = Patient { birth_date: String::new(), ..patient() };
    let all = [
        chest("now", "20260105", patient()),
        chest("stranger", "20251231", stranger),
        chest("unsure", "20251230", unsure),
    ];
    let found = best(&protocols, &all);
    for stage in &found.protocol.stages {
        for cell in resolve(found.protocol, stage, Studies::new(&all[0], &all, &[])) {
            let of_prior = cell.cell.prior > 0;
            assert_eq!(of_prior, cell.shows.is_err(), "{}", stage.name);
            assert!(cell.shows.is_ok_and(|placed| placed.study.uid == "now") || of_prior);
        }
    }
    // A person confirms what nothing contradicts, and can confirm nothing else.
    let confirmed = ["unsure".to_owned(), "stranger".to_owned()];
    let studies = Studies::new(&all[0], &all, &confirmed);
    assert_eq!(studies.priors().iter().map(|s| s.uid.as_str()).collect::<Vec<_>>(), ["unsure"]);
    assert_eq!(Studies::new(&all[0], &all, &[]).unconfirmed().len(), 1);
    assert!(studies.unconfirmed().is_empty());
}

#[test]
fn before_is_proven_or_not_said() {
    let at = |date: &str, time: &str| Study { date: date.into(), time: time.into(), ..Study::default() };
    assert!(is_before(&at("20250101", ""), &at("20250102", "")));
    assert!(!is_before(&at("20250102", ""), &at("20250101", "")));
    assert!(is_before(&at("20250101", "08"), &at("20250101", "0801")));
    assert!(!is_before(&at("20250101", "080100.5"), &at("20250101", "080100.50")));
    assert!(!is_before(&at("20250101", ""), &at("20250101", "0800")), "one day without a time proves nothing");
    assert!(!is_before(&at("", ""), &at("20250101", "")));
    assert!(!is_before(&at("20251301", ""), &at("20260101", "")), "there is no 13th month");
    assert!(is_before(&at("1994.11.05", ""), &at("19950101", "")));
    assert_eq!([shown_day("20240229"), shown_day("20230229"), shown_day(" ")], ["2024-02-29", "20230229", "no date"]);
}

#[test]
fn the_browser_lists_patients_and_their_studies_newest_first() {
    let other = Patient { id: "1".into(), ..patient() };
    let same_id = Patient { birth_date: "19990101".into(), name: "Roe".into(), ..patient() };
    let nobody = Patient::default();
    let all = [
        chest("a1", "20240101", patient()),
        chest("b", "20250601", other),
        chest("a2", "20260101", patient()),
        chest("c", "20230101", same_id),
        chest("n1", "", nobody.clone()),
        chest("n2", "", nobody),
    ];
    let listed = patients(&all);
    let uids: Vec<Vec<&str>> = listed.iter().map(|p| p.studies.iter().map(|s| s.uid.as_str()).collect()).collect();
    assert_eq!(uids, [vec!["a2", "a1"], vec!["b"], vec!["c"], vec!["n1"], vec!["n2"]]);
    let shared: Vec<bool> = listed.iter().map(|p| p.shares_id).collect();
    assert_eq!(shared, [true, false, true, false, false], "two persons under one ID are marked");
    let found = priors(&all[2], &all);
    assert_eq!(found.iter().map(|prior| prior.study.uid.as_str()).collect::<Vec<_>>(), ["a1"]);
}

#[test]
fn search_finds_by_any_word() {
    let one = Study { accession: "ACC-9".into(), ..chest("a", "20240131", patient()) };
    for text in ["", "jane", "DOE chest", "4711", "acc-9", "2024-01-31", "20240131", "ct chest jane"] {
        assert!(is_found(&one, text), "{text}");
    }
    for text in ["abdomen", "jane abdomen", "2025"] {
        assert!(!is_found(&one, text), "{text}");
    }
}
