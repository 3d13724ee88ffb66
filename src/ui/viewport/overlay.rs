//! Words over a picture: whose it is, which side, which slice, which window, what to beware of. Corner blocks align, never
//! cover the middle, and are hidden by a key; identity, sides, warnings and "Not for clinical use" never are.

use super::Frame;
use crate::context::{AppContext, MaskUse, Over, PlaneAxes, ShownSeries, Standing, Values, ViewKind};
use crate::geometry::{DVec3, Orientation, SlicePlane};
use crate::registration::Link;
use crate::render::annotate;
use crate::render::{Interpolation, PictureDraw};
use crate::study::{Patient, Study};
use crate::ui::{camera, theme, widgets};
use crate::volume::{AlgorithmKind, Calibration, Picture, Voi, VoiFunction};
use egui::{Align2, Color32, Painter, Rect, pos2, vec2};

/// What every export and every viewport says.
pub const NOT_FOR_CLINICAL_USE: &str = "Not for clinical use";
/// Free space at the edge.
const MARGIN: f32 = 8.0;
/// Height of a line of small text.
const LINE: f32 = 15.0;

/// A line of a corner block.
struct Line {
    text: String,
    color: Color32,
    bold: bool,
}

impl Line {
    fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), color: theme::OVERLAY, bold: false }
    }

    fn warning(text: impl Into<String>) -> Self {
        Self { text: text.into(), color: theme::WARNING, bold: false }
    }

    fn ai(text: impl Into<String>) -> Self {
        Self { text: text.into(), color: theme::AI, bold: true }
    }
}

/// Letters at the middle of the left, right, top and bottom edge; empty ones are left out.
pub fn letters(painter: &Painter, rect: Rect, [left, right, top, bottom]: &[String; 4]) {
    let inset = MARGIN + super::stack::WIDTH;
    let places = [
        (left, pos2(rect.left() + MARGIN, rect.center().y), Align2::LEFT_CENTER),
        (right, pos2(rect.right() - inset, rect.center().y), Align2::RIGHT_CENTER),
        (top, pos2(rect.center().x, rect.top() + 4.0), Align2::CENTER_TOP),
        (bottom, pos2(rect.center().x, rect.bottom() - 4.0), Align2::CENTER_BOTTOM),
    ];
    for (text, at, anchor) in places {
        if !text.is_empty() {
            widgets::outlined_text(painter, at, anchor, text, theme::bold(theme::BODY_PT), theme::OVERLAY);
        }
    }
}

/// In the middle of a viewport that has no picture, or none yet.
pub fn in_the_middle(painter: &Painter, rect: Rect, words: &str) {
    let (font, color) = (theme::body(), theme::TEXT_SECOND);
    widgets::outlined_text(painter, rect.center(), Align2::CENTER_CENTER, words, font, color);
}

/// Texts of a plane through `at`.
pub fn plane_texts(
    painter: &Painter,
    ctx: &AppContext<'_>,
    frame: &Frame<'_>,
    plane: &SlicePlane,
    (axes, at): (&PlaneAxes, DVec3),
) {
    let series = frame.series;
    let Some(geometry) = series.geometry() else { return };
    let (slice, count) = axes.slice_of(geometry, at);
    let acquired = axes.is_acquired();
    let mut right = Vec::new();
    let mut left = Vec::new();
    if ctx.view.texts_shown {
        right.push(Line::plain(series_line(frame)));
        let name = if axes.axis.is_some() { frame.viewport.kind.name() } else { "oblique" };
        right.push(Line::plain(if acquired {
            format!("{name} · {}", series.loaded.cite(axes.index_of(geometry, at)))
        } else {
            name.to_owned()
        }));
        let normal = plane.normal_lps();
        let position = normal.dot(at).abs() * (if letter_sign(normal, at) < 0.0 { -1.0 } else { 1.0 });
        let thickness = if acquired { series.loaded.series.slice_thickness_mm } else { None };
        left.push(Line::plain(slice_line(slice, count, position, axes.step_mm, thickness)));
        left.push(Line::plain(viewport_window(ctx, frame)));
    }
    right.extend(presentation(ctx, frame));
    right.extend(linked(ctx, frame));
    right.extend(warnings(frame));
    right.extend(verified(painter, ctx, frame));
    right.extend(made(ctx, frame, acquired).map(Line::plain));
    blocks(painter, ctx, frame, &right, &left, scale_bar_mm(plane.pixel_mm * f64::from(frame.scale)));
}

/// What was done to the stored values before they were shown: reformatted, interpolated, thickened, filtered, fused.
fn made(ctx: &AppContext<'_>, frame: &Frame<'_>, acquired: bool) -> impl Iterator<Item = String> {
    let between = match ctx.view.interpolation {
        Interpolation::Nearest => "",
        Interpolation::Linear => "interpolated",
        Interpolation::Cubic => "interpolated (cubic)",
    };
    let words = [if acquired { "" } else { "reformatted" }, between, frame.viewport.filter.words()];
    let slab = frame.viewport.slab.filter(|_| frame.viewport.kind != ViewKind::Picture);
    let slab = slab.map(|slab| format!("{} slab {} mm", slab.mode.name(), trimmed(slab.thickness_mm)));
    let fused = ctx.over(frame.viewport).map(|(over, second, _)| fused_words(ctx, frame, over, second));
    let words = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
    [Some(words).filter(|words| !words.is_empty()), slab, fused].into_iter().flatten()
}

/// "+ PT 50 %", from which value on, and what the place of the second rests on where it is no common frame of reference.
fn fused_words(ctx: &AppContext<'_>, frame: &Frame<'_>, over: &Over, second: &ShownSeries) -> String {
    let from = over.hidden_share.map(|share| {
        let unit = second.loaded.volume().map_or("", |volume| volume.unit().as_str());
        format!(", from {:.0} % of {} {unit}", 100.0 * share, widgets::number(over.maximum, 1))
    });
    let basis = match ctx.link(frame.series, second) {
        Some(Link::SameFrame) | None => String::new(),
        Some(link) => format!(", {}", ctx.basis_words(frame.series, second, &link)),
    };
    format!("+ {} {}{}{basis}", second.loaded.series.modality, over.manner(), from.unwrap_or_default())
}

/// Sign of the patient axis that a normal is nearest to, for a position with the sign of LPS.
fn letter_sign(normal: DVec3, at: DVec3) -> f64 {
    let axis = match Orientation::nearest(normal) {
        Orientation::Axial => 2,
        Orientation::Coronal => 1,
        Orientation::Sagittal => 0,
    };
    at[axis].signum()
}

/// Texts of the 3D view.
pub fn mip_texts(painter: &Painter, ctx: &AppContext<'_>, frame: &Frame<'_>, plane: &SlicePlane) {
    let mut right = Vec::new();
    let mut left = Vec::new();
    if ctx.view.texts_shown {
        right.push(Line::plain("3D · maximum intensity"));
        left.push(Line::plain("drag turns · Shift + drag: window"));
        left.push(Line::plain(viewport_window(ctx, frame)));
    }
    right.extend(linked(ctx, frame));
    right.extend(warnings(frame));
    right.extend(verified(painter, ctx, frame));
    let fused = ctx.over(frame.viewport).map(|(over, second, _)| fused_words(ctx, frame, over, second));
    right.extend(fused.map(Line::plain));
    blocks(painter, ctx, frame, &right, &left, scale_bar_mm(plane.pixel_mm * f64::from(frame.scale)));
}

/// What is said of a view of a whole volume.
pub struct SolidTexts<'a> {
    /// What was done to the values; hidden with the texts.
    pub notes: Vec<String>,
    /// Never hidden: what the picture is not.
    pub warnings: Vec<String>,
    /// How it is used; hidden with the texts.
    pub hints: &'a [&'a str],
    /// Of the scale bar.
    pub mm_per_point: f64,
    /// Of the scale bar: "mm".
    pub unit: &'a str,
}

/// Texts of a view of a whole volume.
pub fn solid_texts(painter: &Painter, ctx: &AppContext<'_>, frame: &Frame<'_>, texts: &SolidTexts<'_>) {
    let (mut right, mut left) = (Vec::new(), Vec::new());
    if ctx.view.texts_shown {
        right.push(Line::plain(series_line(frame)));
        right.extend(texts.notes.iter().map(Line::plain));
        left.extend(texts.hints.iter().map(|hint| Line::plain(*hint)));
    }
    right.extend(texts.warnings.iter().map(Line::warning));
    right.extend(warnings(frame));
    blocks(painter, ctx, frame, &right, &left, scale_bar(texts.mm_per_point, texts.unit));
}

/// A sentence in the middle of a viewport that refuses a picture, in as many lines as it needs.
pub fn sentence_in_the_middle(ui: &mut egui::Ui, rect: Rect, words: &str) {
    let place = Rect::from_center_size(rect.center(), vec2((rect.width() - 64.0).max(80.0), 120.0));
    let label = egui::Label::new(widgets::second(words)).wrap().halign(egui::Align::Center);
    ui.put(place, label);
}

/// Texts of a picture.
pub fn picture_texts(
    painter: &Painter,
    ctx: &AppContext<'_>,
    frame: &Frame<'_>,
    (index, count): (usize, usize),
    image: &Picture,
    draw: &PictureDraw,
) {
    let mut right = Vec::new();
    let mut left = Vec::new();
    if ctx.view.texts_shown {
        right.push(Line::plain(series_line(frame)));
        let view = [image.laterality.as_str(), image.view_position.as_str()].join(" ");
        right.push(Line::plain(format!("{} {}", frame.series.loaded.cite(index), view.trim())));
        left.push(Line::plain(format!("{}/{count} · {} × {} px", index + 1, image.width, image.height)));
        left.push(Line::plain(viewport_window(ctx, frame)));
    }
    if image.patient_orientation.is_none() {
        right.push(Line::warning("side unknown: no orientation in the file"));
    }
    right.extend(presentation(ctx, frame));
    right.extend(linked(ctx, frame));
    right.extend(warnings(frame));
    right.extend(verified(painter, ctx, frame));
    right.extend(made(ctx, frame, true).map(Line::plain));
    let per_point = draw.u_px.x * f64::from(frame.scale);
    let calibration = ctx.calibration(frame.series, image);
    let bar = match calibration.spacing_mm() {
        Some([_, column_mm]) => scale_bar_mm(per_point * column_mm).map(|(points, text)| {
            let source = match calibration {
                Calibration::ImagerPixelSpacing(_) => " at the detector".into(),
                Calibration::Magnified { factor, .. } => format!(" (magnification {factor:.2} removed)"),
                Calibration::UltrasoundRegion(_) => " in the ultrasound region".into(),
                Calibration::KnownLength(_) => " by a known length".into(),
                _ => String::new(),
            };
            (points, text + &source)
        }),
        None => scale_bar(per_point, "px"),
    };
    blocks(painter, ctx, frame, &right, &left, bar);
}

fn series_line(frame: &Frame<'_>) -> String {
    let series = &frame.series.loaded.series;
    let parts = [series.modality.as_str(), series.description.as_str(), series.kernel.as_str()];
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn slice_line(slice: usize, count: usize, position_mm: f64, step_mm: f64, thickness_mm: Option<f64>) -> String {
    let place = format!("{}/{count} · {} mm", slice + 1, widgets::number(position_mm, 1));
    match thickness_mm {
        Some(thickness) if (thickness - step_mm).abs() > 0.01 => {
            format!("{place} · thick {} every {} mm", trimmed(thickness), trimmed(step_mm))
        }
        Some(thickness) => format!("{place} · thick {} mm", trimmed(thickness)),
        None => format!("{place} · every {} mm", trimmed(step_mm)),
    }
}

/// At most two decimals, none that say nothing.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The window of a viewport: "SUV 0.0–7.0" for PET, "W 400 L 40" for others.
fn viewport_window(ctx: &AppContext<'_>, frame: &Frame<'_>) -> String {
    let (voi, inverted) = (ctx.voi_in(frame.viewport), ctx.inverted_in(frame.viewport));
    if frame.series.opening.values != Values::Suv || voi.function != VoiFunction::LinearExact {
        return window_line(voi, inverted);
    }
    let ends = [-0.5, 0.5].map(|side| widgets::number(voi.center + side * voi.width, 1));
    format!("SUV {}–{}{}", ends[0], ends[1], if inverted { " · inverted" } else { "" })
}

/// "W 400 L 40".
pub fn window_line(voi: Voi, inverted: bool) -> String {
    let digits = if voi.width < 10.0 { 2 } else { 0 };
    let turned = if inverted { " · inverted" } else { "" };
    if matches!(voi.function, VoiFunction::Table(_)) {
        return format!("VOI LUT{turned}");
    }
    format!("W {} L {}{turned}", widgets::number(voi.width, digits), widgets::number(voi.center, digits))
}

/// The presentation state on the image, and what of it is not there to be seen.
fn presentation(ctx: &AppContext<'_>, frame: &Frame<'_>) -> Vec<Line> {
    let Some((on, _)) = ctx.presentation_in(frame.viewport) else { return Vec::new() };
    let mut lines = vec![Line::plain(format!("presentation state {}", on.name))];
    if !on.not_applied.is_empty() {
        lines.push(Line::warning(format!("not applied: {}", on.not_applied.join(", "))));
    }
    lines
}

/// What to beware of, permanently.
fn warnings(frame: &Frame<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    if !frame.series.complete {
        lines.push(Line::warning("incomplete: loading"));
    }
    if frame.series.lossy {
        lines.push(Line::warning("lossy compression"));
    }
    let sentences: Vec<&str> = frame.series.loaded.series.warnings.iter().collect();
    if let Some(first) = sentences.first() {
        lines.push(Line::warning(*first));
    }
    if sentences.len() > 1 {
        lines.push(Line::warning(format!("{} more in Info", sentences.len() - 1)));
    }
    lines
}

/// What links the series to another one on screen, and whether that is only on trial.
fn linked(ctx: &AppContext<'_>, frame: &Frame<'_>) -> Option<Line> {
    let words = ctx.linked_words(frame.series)?;
    Some(if ctx.on_trial(frame.series) { Line::warning(words) } else { Line::plain(words) })
}

/// "prior 2025-03-02" and "current 2026-01-02", loud, while both are on screen.
fn standing(ctx: &AppContext<'_>, frame: &Frame<'_>) -> Option<(String, Color32)> {
    let day = || crate::study::shown_day(&frame.series.loaded.study.date);
    Some(match ctx.standing(frame.series)? {
        Standing::Current => (format!("current {}", day()), theme::ACCENT),
        Standing::Prior(day) => (format!("prior {day}"), theme::WARNING),
        Standing::Later(day) => (format!("later study {day}"), theme::WARNING),
        Standing::OtherStudy(day) => (format!("other study {day}, not known to be earlier"), theme::WARNING),
    })
}

/// What the verification of the view gave: success for a while, failure for good.
fn verified(painter: &Painter, ctx: &AppContext<'_>, frame: &Frame<'_>) -> Option<Line> {
    let (verified, left) = ctx.verified(frame.viewport.id)?;
    if let Some(left) = left {
        painter.ctx().request_repaint_after(left);
    }
    let color = if verified.failed { theme::DANGER } else { theme::OVERLAY };
    Some(Line { text: verified.words.clone(), color, bold: verified.failed })
}

/// The banner: name; ID, birth date, sex; study date, accession.
fn identity(study: &Study) -> Vec<Line> {
    let Patient { name, id, birth_date, sex, .. } = &study.patient;
    if name.is_empty() && id.is_empty() {
        return vec![Line::warning("No patient identity in the files")];
    }
    let name = if name.is_empty() { "(no name)" } else { name };
    let born = if birth_date.is_empty() { String::new() } else { format!("born {}", widgets::date(birth_date)) };
    let person = joined(&[format!("ID {id}"), born, sex.clone()]);
    let accession = if study.accession.is_empty() { String::new() } else { format!("Acc {}", study.accession) };
    let study_line = joined(&[widgets::date(&study.date), accession]);
    let mut lines = vec![Line { text: name.to_owned(), color: theme::OVERLAY, bold: true }, Line::plain(person)];
    if !study_line.is_empty() {
        lines.push(Line::plain(study_line));
    }
    lines
}

fn joined(parts: &[String]) -> String {
    parts.iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join(" · ")
}

/// Paints the four corner blocks. The right block starts below the identity where both do not fit side by side: identity
/// is never shortened for it.
fn blocks(
    painter: &Painter,
    ctx: &AppContext<'_>,
    frame: &Frame<'_>,
    right: &[Line],
    left: &[Line],
    scale: Option<(f32, String)>,
) {
    let rect = frame.rect.shrink(MARGIN);
    let rect = Rect::from_min_max(rect.min, pos2(rect.right() - super::stack::WIDTH, rect.bottom()));
    let identity = identity(&frame.series.loaded.study);
    let banner_color = if ctx.several_patients { Some(theme::WARNING) } else { None };
    camera::words(ctx, frame, || corners(ctx, frame, &identity, right, left));
    let mut banner_width = 0.0f32;
    for (n, line) in identity.iter().enumerate() {
        let at = rect.left_top() + vec2(0.0, n as f32 * LINE);
        let painted = line_at(painter, at, Align2::LEFT_TOP, line, banner_color, rect.width());
        banner_width = banner_width.max(painted.width());
    }
    let mut lines = identity.len();
    if let Some((words, color)) = standing(ctx, frame) {
        let at = rect.left_top() + vec2(2.0, lines as f32 * LINE + 2.0);
        let galley = painter.layout_no_wrap(words, theme::bold(theme::BODY_PT), theme::BLACK);
        let place = Rect::from_min_size(at, galley.size());
        painter.rect_filled(place.expand(2.0), 2.0, color);
        painter.galley(at, galley, theme::BLACK);
        banner_width = banner_width.max(place.width());
        lines += 2;
    }
    // The letter at the top edge stays free too.
    let free = rect.width() - banner_width - 2.0 * MARGIN;
    let beside = free >= 110.0 && banner_width < rect.width() / 2.0 - 12.0;
    let (top, width) = if beside {
        (rect.top(), (rect.width() / 2.0 - 12.0).min(free))
    } else {
        (rect.top() + lines as f32 * LINE, rect.width())
    };
    // The lower blocks need room as well; the first lines matter most.
    // In a narrow viewport the series' description gives way first: the list of studies shows it too.
    let skipped = usize::from(!beside && right.len() > 1 && ctx.view.texts_shown && !frame.viewport.kind.is_solid());
    let room = ((rect.height() / 2.0 - 16.0 - (top - rect.top())) / LINE).max(1.0) as usize;
    for (n, line) in right.iter().skip(skipped).take(room).enumerate() {
        let at = pos2(rect.right(), top + n as f32 * LINE);
        line_at(painter, at, Align2::RIGHT_TOP, line, None, width);
    }
    lower_blocks(painter, ctx, frame, rect, left, scale);
}

/// The same words for a picture of the viewport.
fn corners(
    ctx: &AppContext<'_>,
    frame: &Frame<'_>,
    identity: &[Line],
    right: &[Line],
    left: &[Line],
) -> [Vec<annotate::Line>; 4] {
    let said = |line: &Line| annotate::Line::toned(line.text.clone(), camera::tone(line.color, line.bold));
    let all = |lines: &[Line]| lines.iter().map(said).collect::<Vec<_>>();
    let last = annotate::Line::toned(NOT_FOR_CLINICAL_USE, annotate::Tone::Strong);
    let lower = ai_mark(ctx, frame).map(|text| said(&Line::ai(text))).into_iter().chain([last]);
    [all(identity), all(right), all(left), lower.collect()]
}

fn lower_blocks(
    painter: &Painter,
    ctx: &AppContext<'_>,
    frame: &Frame<'_>,
    rect: Rect,
    left: &[Line],
    scale: Option<(f32, String)>,
) {
    let mut lower = Vec::new();
    if let Some(text) = ai_mark(ctx, frame) {
        lower.push(Line::ai(text));
    }
    lower.push(Line::plain(NOT_FOR_CLINICAL_USE));
    let half = rect.width() / 2.0 - 14.0;
    let widest = |lines: &[Line]| lines.iter().map(|l| text_width(painter, l)).fold(0.0f32, f32::max);
    // Side by side where it fits, else the left block above the right one.
    let beside = widest(left) < half && widest(&lower) < half;
    let lift = if beside { 0.0 } else { lower.len() as f32 * LINE };
    for (n, line) in left.iter().rev().enumerate() {
        let at = pos2(rect.left(), rect.bottom() - lift - n as f32 * LINE);
        line_at(painter, at, Align2::LEFT_BOTTOM, line, None, rect.width());
    }
    for (n, line) in lower.iter().rev().enumerate() {
        let at = pos2(rect.right(), rect.bottom() - n as f32 * LINE);
        line_at(painter, at, Align2::RIGHT_BOTTOM, line, None, rect.width());
    }
    if let Some((points, text)) = scale {
        let above = if beside { lower.len() } else { lower.len() + left.len() };
        let y = rect.bottom() - above as f32 * LINE - 8.0;
        scale_bar_at(painter, pos2(rect.right(), y), points.min(rect.width() / 2.0), &text);
    }
}

fn scale_bar_at(painter: &Painter, right: egui::Pos2, points: f32, text: &str) {
    let left = right - vec2(points, 0.0);
    for x in [left, right] {
        widgets::outlined_line(painter, [x - vec2(0.0, 4.0), x + vec2(0.0, 1.0)], 1.0, theme::OVERLAY);
    }
    widgets::outlined_line(painter, [left, right], 1.0, theme::OVERLAY);
    let at = right - vec2(0.0, 4.0);
    widgets::outlined_text(painter, at, Align2::RIGHT_BOTTOM, text, theme::small(), theme::OVERLAY);
}

fn font(line: &Line) -> egui::FontId {
    if line.bold { theme::bold(theme::SMALL_PT) } else { theme::small() }
}

fn text_width(painter: &Painter, line: &Line) -> f32 {
    painter.layout_no_wrap(line.text.clone(), font(line), line.color).size().x
}

fn line_at(painter: &Painter, at: egui::Pos2, anchor: Align2, line: &Line, color: Option<Color32>, width: f32) -> Rect {
    let font = font(line);
    let text = widgets::fitted(painter, &line.text, &font, width);
    widgets::outlined_text(painter, at, anchor, &text, font, color.unwrap_or(line.color))
}

/// The AI mark of overlays: in words, as long as a machine's mask or box is on screen.
fn ai_mark(ctx: &AppContext<'_>, frame: &Frame<'_>) -> Option<String> {
    let case = ctx.case?;
    let shows_masks = match frame.viewport.kind {
        ViewKind::Mip => false,
        ViewKind::Volume => frame.viewport.solid.masks != MaskUse::Ignore,
        _ => true,
    };
    if !shows_masks || !ctx.ai_shown() || !super::is_of_case(ctx, frame) {
        return None;
    }
    let machine = case
        .segmentation
        .into_iter()
        .flat_map(|s| &s.segments)
        .find(|s| s.algorithm != AlgorithmKind::Manual && ctx.view.look(s.number).visible);
    if let Some(segment) = machine
        && !ctx.view.masks_hidden
    {
        return Some(format!("AI overlay · {}", segment.algorithm_name));
    }
    let proposed = case.findings.iter().any(crate::findings::Finding::is_unreviewed_ai);
    proposed.then(|| "AI findings".to_owned())
}

fn scale_bar_mm(mm_per_point: f64) -> Option<(f32, String)> {
    scale_bar(mm_per_point, "mm")
}

/// The longest of 1, 2, 5 × 10ⁿ that takes at most about 100 points.
fn scale_bar(units_per_point: f64, unit: &str) -> Option<(f32, String)> {
    if !(units_per_point.is_finite() && units_per_point > 0.0) {
        return None;
    }
    let most = units_per_point * 100.0;
    let power = 10f64.powf(most.log10().floor());
    let length = [5.0, 2.0, 1.0].into_iter().map(|m| m * power).find(|l| *l <= most)?;
    Some(((length / units_per_point) as f32, format!("{} {unit}", trimmed(length))))
}
