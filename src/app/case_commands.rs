//! Commands that change the case. Every one becomes an [`Edit`]; an AI result too.

use super::results::Done;
use super::{App, Saved, work};
use crate::case::{Case, Edit, EditError, Journal, JournalHeader};
use crate::context::{Command, FindingChange, NoticeLevel, SegmentLook, SentenceChange, Tool, UiCommand};
use crate::findings::{FindingId, FindingState};
use crate::reading::{self, Found};
use crate::report::{Report, Signature};
use crate::volume::{AlgorithmKind, Brush, BrushMode, BrushShape, Segment};
use crate::{codes, report};
use std::time::Instant;

/// Colors of segments drawn by hand: safe for color-blind readers, neighbors differ.
const DRAWN_COLORS: [[u8; 3]; 8] = [
    [0xE6, 0x9F, 0x00],
    [0x56, 0xB4, 0xE9],
    [0x00, 0x9E, 0x73],
    [0xF0, 0xE4, 0x42],
    [0xCC, 0x79, 0xA7],
    [0xD5, 0x5E, 0x00],
    [0x00, 0x72, 0xB2],
    [0xBB, 0xBB, 0xBB],
];

impl App {
    /// Puts the case on screen away, as it is.
    pub(super) fn park_case(&mut self) {
        if let Some(case) = self.case.take() {
            self.parked.insert(case.source().series.key(), case);
        }
        self.saved = Saved::Untouched;
    }

    /// The case of the series on screen: the parked one, the one left behind by a crash, or a new one.
    pub(super) fn begin_case(&mut self) {
        let Some(series) = self.series.as_ref().filter(|s| s.complete) else { return };
        let loaded = series.loaded.clone();
        self.blank_report = Some(work::blank_report(&loaded));
        if let Some(case) = self.parked.remove(&loaded.series.key()) {
            self.case = Some(case);
            self.mask_generation += 1;
            return;
        }
        let left = self.recovering.take_if(|r| r.header.series_uid == loaded.series.key());
        if let Some(left) = left {
            match crate::case::recover(&left.path, loaded.clone()) {
                Ok(case) => {
                    self.case = Some(case);
                    self.mask_generation += 1;
                    self.hide_covering_masks();
                    self.saved = Saved::At(Instant::now());
                    return self.notify(NoticeLevel::Info, "The reading is as it was.");
                }
                Err(problem) => self.notify(NoticeLevel::Error, problem.to_string()),
            }
        }
        let header = JournalHeader {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            opened: work::now(),
            paths: self.paths.clone(),
            study_uid: loaded.study.uid.clone(),
            series_uid: loaded.series.key(),
            title: work::case_title(&loaded),
        };
        let journal = match Journal::create(&self.journal_folder, &header) {
            Ok(journal) => Some(journal),
            Err(problem) => {
                self.notify(NoticeLevel::Warning, problem.to_string());
                None
            }
        };
        self.case = Some(Case::new(loaded, reading::empty_report(), journal));
        self.mask_generation += 1;
    }

    /// The report as it is shown: before the first sentence, what would be written then.
    pub(super) fn shown_report<'a>(&'a self, case: &'a Case) -> &'a Report {
        if case.report().sections.is_empty() {
            self.blank_report.as_ref().unwrap_or(case.report())
        } else {
            case.report()
        }
    }

    /// Makes the blank report the case's own, before something is done with it. Not sooner: a series that was only looked
    /// at leaves nothing behind.
    pub(super) fn ensure_draft(&mut self) -> bool {
        let empty = self.case.as_ref().is_some_and(|c| c.report().sections.is_empty());
        match self.blank_report.clone().filter(|_| empty) {
            Some(blank) => self.edit(Edit::Draft(Box::new(blank))),
            None => true,
        }
    }

    /// Does an edit and says so when it cannot be done.
    pub(super) fn edit(&mut self, edit: Edit) -> bool {
        let Some(case) = &mut self.case else { return false };
        let result = case.apply(edit);
        self.edited(result)
    }

    fn edited(&mut self, result: Result<(), EditError>) -> bool {
        self.mask_generation += 1;
        match result {
            Ok(()) => {
                self.saved = Saved::At(Instant::now());
                true
            }
            Err(problem) => {
                if matches!(problem, EditError::Journal(_)) {
                    self.saved = Saved::Failed;
                }
                self.notify(NoticeLevel::Error, problem.to_string());
                false
            }
        }
    }

    pub(super) fn undo_or_redo(&mut self, undo: bool) {
        let Some(case) = &mut self.case else { return };
        let result = if undo { case.undo() } else { case.redo() };
        self.edited(result.map(|_| ()));
    }

    pub(super) fn apply_to_case(&mut self, command: Command) {
        match command {
            Command::Dab { from_lps, to_lps, normal_lps } => self.dab(from_lps, to_lps, normal_lps),
            Command::FinishStroke => {
                self.painting = false;
                if let Some(case) = &mut self.case {
                    let result = case.stroke_end();
                    self.edited(result);
                }
            }
            Command::AddSegment => {
                self.add_segment();
            }
            Command::ChangeFinding(id, change) => self.change_finding(&id, change),
            Command::ChangeSentence(change) => self.change_sentence(change),
            Command::Sign { name } => self.sign(name),
            _ => {}
        }
    }

    fn dab(&mut self, from: crate::geometry::DVec3, to: crate::geometry::DVec3, normal: crate::geometry::DVec3) {
        if !self.painting {
            let Some(number) = self.view.active_segment else {
                let text = "Choose a segment first: click one in the list of segments, or add one.";
                return self.notify(NoticeLevel::Warning, text);
            };
            let tip = self.view.brush;
            let shape = if tip.sphere { BrushShape::Sphere } else { BrushShape::Disk { normal_lps: normal } };
            let mode = if self.view.tool == Tool::Eraser { BrushMode::Erase(number) } else { BrushMode::Paint(number) };
            let brush = Brush { shape, radius_mm: tip.radius_mm, mode };
            let Some(case) = &mut self.case else { return };
            if let Err(problem) = case.stroke_begin(brush, from) {
                return self.notify(NoticeLevel::Error, problem.to_string());
            }
            self.painting = true;
        }
        if let Some(case) = &mut self.case {
            case.stroke_to(to);
            self.mask_generation += 1;
        }
    }

    /// Chooses brush or eraser; without any segment the brush begins one.
    pub(super) fn begin_painting(&mut self, tool: Tool) {
        self.view.tool = tool;
        let Some(masks) = self.case.as_ref().and_then(|c| c.segmentation()) else { return };
        let chosen = self.view.active_segment.filter(|n| masks.segment(*n).is_some());
        if chosen.is_some() {
            return;
        }
        let visible = masks.segments.iter().find(|s| self.view.ai_shown || s.algorithm == AlgorithmKind::Manual);
        match visible.map(|s| s.number) {
            Some(number) => self.view.active_segment = Some(number),
            None if tool == Tool::Brush => self.add_segment(),
            None => {}
        }
    }

    fn add_segment(&mut self) {
        let Some(masks) = self.case.as_ref().and_then(|c| c.segmentation()) else {
            return self.notify(NoticeLevel::Warning, "Masks need a volume; this series has none.");
        };
        let Some(number) = masks.free_number() else {
            return self.notify(NoticeLevel::Error, "All 255 segment numbers are taken; remove a segment first.");
        };
        let drawn = masks.segments.iter().filter(|s| s.algorithm == AlgorithmKind::Manual).count();
        let segment = Segment {
            number,
            label: format!("Segment {}", drawn + 1),
            category: codes::MORPHOLOGICALLY_ABNORMAL,
            property: None,
            laterality: None,
            color_rgb: DRAWN_COLORS[drawn % DRAWN_COLORS.len()],
            algorithm: AlgorithmKind::Manual,
            algorithm_name: String::new(),
            tracking_uid: work::fresh_uid(),
        };
        if self.edit(Edit::AddSegment(segment)) {
            self.view.active_segment = Some(number);
        }
    }

    pub(super) fn apply_to_findings(&mut self, command: UiCommand) {
        if command == UiCommand::NextFinding {
            let next = self.case_view().and_then(|c| c.next_unreviewed(self.view.selected.as_ref()));
            match next.map(|f| f.id.clone()) {
                Some(id) if self.view.ai_shown => self.select_finding(&id),
                Some(_) => self.notify(NoticeLevel::Info, "The AI draft is hidden: V shows it."),
                None => {}
            }
            return;
        }
        let Some(id) = self.view.selected.clone() else { return };
        match command {
            UiCommand::AcceptFinding => self.change_finding(&id, FindingChange::Accept),
            UiCommand::RejectFinding => self.change_finding(&id, FindingChange::Reject),
            _ => {
                let label = self.case.as_ref().and_then(|c| c.finding(&id)).map(|f| f.label.clone());
                if let Some(label) = label {
                    self.view.tab = crate::context::Tab::Findings;
                    self.ui_state.begin_edit(id, label);
                }
            }
        }
    }

    /// Verdicts need the evidence on screen (`clinical.md` rule 2).
    fn change_finding(&mut self, id: &FindingId, change: FindingChange) {
        let Some(finding) = self.case.as_ref().and_then(|c| c.finding(id)) else { return };
        if !self.view.evidence_on_screen(finding) && change != FindingChange::Reopen {
            let text = format!("Look at it first: click “{}” to bring its evidence on screen.", finding.label);
            return self.notify(NoticeLevel::Warning, text);
        }
        let (reviewer, site) = (self.reader.clone(), finding.site.clone());
        let review = |state| Edit::Review { finding: id.clone(), state, reviewer: reviewer.clone() };
        let edit = match change {
            FindingChange::Accept => review(FindingState::Accepted),
            FindingChange::Reject => review(FindingState::Rejected),
            FindingChange::Reopen => review(FindingState::Proposed),
            FindingChange::Rename(label) => Edit::Describe { finding: id.clone(), label, site, reviewer },
        };
        self.edit(edit);
    }

    fn change_sentence(&mut self, change: SentenceChange) {
        if !self.ensure_draft() {
            return;
        }
        let author = self.reader.clone();
        let edit = match change {
            SentenceChange::Rewrite(sentence, text) => Edit::EditSentence { sentence, text, author },
            SentenceChange::Remove(sentence) => Edit::RemoveSentence { sentence },
            SentenceChange::RemoveMarked => Edit::RemoveMarked,
            SentenceChange::Add(section, text) => Edit::AddSentence { section, text, author },
        };
        self.edit(edit);
    }

    fn sign(&mut self, name: String) {
        if !self.ensure_draft() {
            return;
        }
        let Some(case) = &self.case else { return };
        let study = &case.source().study;
        let patient = &study.patient;
        let identity = [&patient.name, &patient.id, &patient.birth_date, &study.accession].map(Clone::clone);
        self.reader.clone_from(&name);
        let signature = Signature { name, time: work::now(), identity };
        if self.edit(Edit::Sign(signature)) {
            self.notify(NoticeLevel::Info, "The report is signed. Export writes it in the formats that hospitals use.");
        }
    }

    pub(super) fn copy_report(&mut self) {
        let Some(case) = &self.case else { return };
        let text = report::plain_text(self.shown_report(case), &work::report_context(case, &work::now()));
        self.egui.copy_text(text);
        self.notify(NoticeLevel::Info, "The report is on the clipboard as plain text.");
    }

    /// Runs all models that serve the series on screen.
    pub(super) fn run_models(&mut self) {
        let Some(case) = &self.case else {
            return self.notify(NoticeLevel::Warning, "There is nothing to search: open a series first.");
        };
        let loaded = case.source().clone();
        let series_uid = loaded.series.key();
        self.pool.spawn("Reading with local models", move |progress, cancel| Done::Searched {
            result: work::search(&loaded, progress, cancel),
            series_uid,
        });
    }

    /// A mask that covers most of the picture (a body's outline) hides more than it shows: it starts hidden.
    pub(super) fn hide_covering_masks(&mut self) {
        const SHARE: f64 = 0.2;
        let Some(masks) = self.case.as_ref().and_then(|c| c.segmentation()) else { return };
        let most = masks.labelmap.geometry().len() as f64 * SHARE;
        let counts = masks.labelmap.histogram();
        for segment in &masks.segments {
            if counts[usize::from(segment.number)] as f64 > most {
                let look = self.view.look(segment.number);
                self.view.looks.insert(segment.number, SegmentLook { visible: false, ..look });
            }
        }
    }

    /// Takes over what models found, each proposal as an edit that can be undone, and the draft.
    pub fn take_found(&mut self, series_uid: &str, found: Found) {
        let Some(case) = self.case.as_mut().filter(|c| c.source().series.key() == series_uid) else {
            let text = "The series was left before its models had finished; run them again.";
            return self.notify(NoticeLevel::Warning, text);
        };
        let (proposed, missing) = (case.findings().len(), found.not_searched.len());
        let result = reading::take_over(case, found, &[]);
        let proposed = case.findings().len() - proposed;
        if self.edited(result) {
            self.hide_covering_masks();
            let findings = if proposed == 1 { "finding" } else { "findings" };
            let mut text = format!("{proposed} {findings} proposed.");
            if missing > 0 {
                text.push_str(" What was not searched stands under Limitations.");
            }
            self.notify(NoticeLevel::Info, text);
        }
    }
}
