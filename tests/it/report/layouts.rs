//! All layouts hold the same sentences, open in other software, and survive hostile texts.

use super::*;
use std::process::Command;

fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, image::ImageFormat::Png).expect("a PNG");
    out.into_inner()
}

/// Calls `f` with a context around everything of the fixture.
fn with_context<T>(findings: &[Finding], study: &Study, f: impl FnOnce(&ReportContext<'_>) -> T) -> T {
    let key_images: Vec<KeyImage> = findings
        .iter()
        .filter(|f| f.kind == FindingKind::Lesion)
        .map(|f| KeyImage {
            finding: Some(f.id.clone()),
            caption: format!("{}: series 4, image 24", f.label),
            png: png(320, 240),
        })
        .collect();
    let notices =
        vec!["ct-rules 0.1.0: rules, no network; looks at density and shape only, and misses much.".to_owned()];
    let omitted = vec![Omitted { file: "segmentation.dcm".into(), reason: "there is no mask".into() }];
    f(&ReportContext {
        study,
        series: &series(),
        findings,
        model_notices: &notices,
        generated: "2026-03-02T09:00:00Z",
        program_version: "0.1.0",
        omitted: &omitted,
        key_images: &key_images,
        phantom: false,
    })
}

fn reviewed() -> (Report, Vec<Finding>) {
    let mut findings = findings();
    let mut report = draft(&findings, &searches());
    accept(&mut findings, 2);
    findings[3].state = FindingState::Rejected;
    findings[3].reviewer = "Dr. Reader".into();
    refresh(&mut report, &findings);
    (report, findings)
}

fn goldens() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings
}

#[test]
fn text_goldens() {
    let (report, findings) = reviewed();
    let fresh = super::findings();
    goldens().bind(|| {
        with_context(&fresh, &study(), |ctx| {
            insta::assert_snapshot!("report_draft", plain_text(&draft(&fresh, &searches()), ctx));
        });
        with_context(&findings, &study(), |ctx| {
            insta::assert_snapshot!("report_reviewed", plain_text(&report, ctx));
            insta::assert_snapshot!("report_measurements", measurements_csv(ctx));
            insta::assert_snapshot!(
                "report_json",
                serde_json::to_string_pretty(&report_json(&report, ctx)).expect("JSON")
            );
            insta::assert_snapshot!(
                "report_findings_json",
                serde_json::to_string_pretty(&findings_json(ctx)).expect("JSON")
            );
            insta::assert_snapshot!("report_fhir", serde_json::to_string_pretty(&fhir(&report, ctx)).expect("JSON"));
        });
    });
}

/// As a reader of the page sees it: tags become spaces.
fn visible(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    let codes = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#61;", "="),
        ("&#64;", "@"),
        ("&#96;", "`"),
        ("&#40;", "("),
        ("&amp;", "&"),
    ];
    let plain = codes.iter().fold(out, |text, (code, c)| text.replace(code, c));
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text of a PDF by another program, or `None` where it is not installed.
fn pdf_text(bytes: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, bytes).expect("written");
    if let Ok(out) = Command::new("pdftotext").arg(&path).arg("-").output() {
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        Some(String::from_utf8_lossy(&out.stdout).into_owned())
    } else {
        eprintln!("SKIPPED: pdftotext is not installed");
        None
    }
}

fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn every_layout_holds_every_sentence_and_the_notice() {
    let (report, findings) = reviewed();
    with_context(&findings, &study(), |ctx| {
        let page = html(&report, ctx);
        let seen = visible(&page);
        let bytes = pdf(&report, ctx).expect("a PDF");
        assert_eq!(bytes, pdf(&report, ctx).expect("a PDF"), "the same input gives the same bytes");
        let printed = pdf_text(&bytes).map(|text| dense(&text));
        for sentence in report.sentences() {
            let text = sentence.text();
            assert!(seen.contains(&text), "not in the HTML: {text}");
            let start: String = text.chars().take(40).collect();
            assert!(printed.as_ref().is_none_or(|p| p.contains(&dense(&start))), "not in the PDF: {text}");
        }
        for words in
            ["Not for clinical use", "AI, accepted by Dr. Reader", "Rejected: a finding it rests on was rejected"]
        {
            assert!(seen.contains(words), "not in the HTML: {words}");
            assert!(printed.as_ref().is_none_or(|p| p.contains(&dense(words))), "not in the PDF: {words}");
        }
        assert_eq!(page.matches("data:image/png;base64,").count(), 2);
        assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("<script"));
        assert_eq!(fhir(&report, ctx)["status"], "partial");
        let text = plain_text(&report, ctx);
        assert!(text.contains("[AI draft]") && text.contains("[AI, accepted by Dr. Reader]"));
        assert!(!text.contains("in the left lung, mean"), "pasted text has no rejected sentence");
    });
}

#[test]
fn report_json_reads_back_the_same() {
    let (mut report, findings) = reviewed();
    let id = resting_on(&report, "f3").id;
    let text = report.sentence(id).expect("it").text().replace("14 mm", "15 mm");
    edit_sentence(&mut report, id, &text, "Dr. Reader").expect("an edit");
    with_context(&findings, &study(), |ctx| {
        let json = report_json(&report, ctx).to_string();
        let saved = from_json(&json).expect("read back");
        assert_eq!(saved.report, report);
        assert_eq!(saved.study.patient, study().patient);
        assert_eq!(saved.omitted, ctx.omitted);
        let mut expected = ctx.findings.to_vec();
        for finding in expected.iter_mut().filter(|f| f.kind == FindingKind::Organ) {
            // Organs are written without diameters.
            finding.measures =
                finding.measures.take().map(|m| SegmentMeasures { long_axis: None, short_axis: None, ..m });
        }
        let findings = findings_from_json(&findings_json(ctx).to_string()).expect("read back");
        assert_eq!(findings, expected);
        assert_eq!(check(&saved.report, &findings, &saved.study), check(&report, ctx.findings, &study()));
        let negative = json.replace("\"start\":", "\"start\":99999999999, \"was\":");
        assert!(from_json(&negative).is_err());
    });
    assert!(from_json("{").is_err());
    assert!(from_json("[]").is_err());
    assert!(findings_from_json("{\"notice\": \"\", \"findings\": [{}]}").is_err());
}

#[test]
fn the_command_line_checks_and_exports_a_written_report() {
    use fovea::cli::Failure;
    use fovea::cli::report::{Args, ReportCommand};
    let run = |command: ReportCommand, out: &mut Vec<u8>| fovea::cli::report::run(&Args { command }, out);
    let (report, findings) = reviewed();
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    with_context(&findings, &study(), |ctx| {
        std::fs::write(at("report.json"), report_json(&report, ctx).to_string()).expect("written");
        std::fs::write(at("findings.json"), findings_json(ctx).to_string()).expect("written");
        std::fs::create_dir(at("key_images")).expect("made");
        std::fs::write(at("key_images/f3-axial.png"), png(64, 48)).expect("written");
    });
    let mut out = Vec::new();
    let failure = run(ReportCommand::Check { file: at("report.json"), json: true }, &mut out);
    assert!(matches!(failure, Err(Failure::Failed(_))), "a rejected sentence blocks signing");
    let listed: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
    assert_eq!(listed["problems"][2]["kind"], "rejected");
    for name in ["again.html", "again.pdf", "again.txt", "again.csv", "again.fhir.json", "again.json"] {
        run(ReportCommand::Export { file: at("report.json"), output: at(name) }, &mut out).expect(name);
        assert!(std::fs::metadata(at(name)).expect(name).len() > 200);
    }
    let page = std::fs::read_to_string(at("again.html")).expect("the page");
    assert!(page.contains("Key image: f3-axial"));
    let again = std::fs::read_to_string(at("again.json")).expect("the report");
    assert_eq!(from_json(&again).expect("read back").report, report);
    assert!(run(ReportCommand::Export { file: at("report.json"), output: at("again.docx") }, &mut out).is_err());
    assert!(run(ReportCommand::Export { file: at("none.json"), output: at("again.txt") }, &mut out).is_err());
    assert!(run(ReportCommand::Export { file: at("report.json"), output: at("no/folder.txt") }, &mut out).is_err());
}

#[test]
fn hostile_texts_stay_texts() {
    let long = "Wolfeschlegelsteinhausenbergerdorff".repeat(60);
    let hostile = [
        "<script>alert(1)</script><img src=http://x.example/a.png onerror=alert(1)>",
        "\" onmouseover=\"alert(1)\" style=\"background:url(https://x.example)\" @import fetch(1)",
        "דוד \u{202e}gnp.exe\u{202c} محمد 山田太郎 김철수 नमस्ते 😀 e\u{301}",
        "a\u{0}b\u{7}c\r\nd\te\u{85}f",
        long.as_str(),
        "",
        "=HYPERLINK(\"http://x.example\")",
    ];
    for text in hostile {
        let mut study = study();
        study.patient.name = text.into();
        study.patient.id = text.into();
        study.accession = text.into();
        let mut findings = findings();
        findings[2].label = text.into();
        findings[2].site = text.into();
        findings[2].reviewer = text.into();
        findings[2].state = FindingState::Accepted;
        let report = draft(&findings, &searches());
        with_context(&findings, &study, |ctx| {
            let page = html(&report, ctx);
            for forbidden in ["<script", "<img src=http", "src=http", "url(http", "@import", "fetch(", "onerror=alert"]
            {
                assert!(!page.contains(forbidden), "{forbidden} in the page");
            }
            let seen = visible(&page);
            let bytes = pdf(&report, ctx).expect("a PDF");
            let _ = pdf_text(&bytes);
            for sentence in report.sentences() {
                assert!(seen.contains(&sentence.text()), "not in the HTML: {}", sentence.text());
                assert!(!sentence.text().contains(['\u{0}', '\u{202e}', '\n']));
            }
            let table = measurements_csv(ctx);
            assert!(table.lines().all(|line| !line.contains(",=") && !line.starts_with('=')));
            assert!(fhir(&report, ctx).to_string().contains("\"status\":\"partial\""));
            assert_eq!(from_json(&report_json(&report, ctx).to_string()).expect("read back").report, report);
            let _ = plain_text(&report, ctx);
        });
    }
}

#[test]
fn a_broken_key_image_is_one_clear_error() {
    let (report, findings) = reviewed();
    with_context(&findings, &study(), |ctx| {
        let broken = [KeyImage { finding: None, caption: String::new(), png: b"no picture".to_vec() }];
        let error = pdf(&report, &ReportContext { key_images: &broken, ..*ctx }).expect_err("no PNG");
        assert!(error.to_string().starts_with("key image 1 cannot be embedded"), "{error}");
    });
}

/// Long reports break over pages; no sentence is torn so that a text search would miss it.
#[test]
fn long_reports_have_numbered_pages() {
    let mut findings: Vec<Finding> = Vec::new();
    for n in 0..60u8 {
        let mut lesion = finding(&format!("f{n}"), FindingKind::Lesion, "Lung lesion candidate", n + 1);
        lesion.measures = Some(measures(12.0 + f64::from(n), 11.0, 1.0, 0.0));
        lesion.site = "right lung".into();
        findings.push(lesion);
    }
    let report = draft(&findings, &searches());
    with_context(&findings, &study(), |ctx| {
        let bytes = pdf(&report, ctx).expect("a PDF");
        if let Some(text) = pdf_text(&bytes) {
            let pages = text.matches('\u{c}').count();
            assert!(pages > 3, "{pages} pages");
            assert_eq!(text.matches("Not for clinical use").count(), 2 * pages);
            assert!(text.contains(&format!("Page {pages} of {pages}")));
            let dense = dense(&text);
            assert!(report.sentences().all(|s| dense.contains(&super::layouts::dense(&s.text()))));
        }
    });
}

/// Writes the layouts where FOVEA_REPORT_OUT says, to be looked at.
#[test]
fn write_to_look_at() {
    let Some(folder) = std::env::var_os("FOVEA_REPORT_OUT").map(std::path::PathBuf::from) else { return };
    let (report, findings) = reviewed();
    with_context(&findings, &study(), |ctx| {
        std::fs::write(folder.join("report.html"), html(&report, ctx)).expect("written");
        std::fs::write(folder.join("report.pdf"), pdf(&report, ctx).expect("a PDF")).expect("written");
        std::fs::write(folder.join("report.txt"), plain_text(&report, ctx)).expect("written");
    });
    let mut study = study();
    study.patient.name = "דוד محمد 山田太郎 Ångström–Łukasz Ωμέγα Жанна ".repeat(3);
    let mut findings = findings;
    findings[2].label = "<b>山田</b> lesion ".repeat(9);
    let report = draft(&findings, &searches());
    with_context(&findings, &study, |ctx| {
        let ctx = ReportContext { phantom: true, ..*ctx };
        std::fs::write(folder.join("hostile.html"), html(&report, &ctx)).expect("written");
        std::fs::write(folder.join("hostile.pdf"), pdf(&report, &ctx).expect("a PDF")).expect("written");
    });
}
