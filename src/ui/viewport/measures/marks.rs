//! A measurement as it lies on the screen, and which one lies under the pointer.

use super::{Canvas, REACH};
use crate::findings::Finding;
use crate::findings::Quantity;
use crate::findings::measurement::{HandleId, Measurement, Place, Shape, Unit};
use crate::ui::theme;
use egui::{Pos2, Rect, Ui, vec2};

/// How a mark is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Plain,
    /// The pointer is on it, or on its row in the list.
    Hovered,
    Selected,
    /// It is being drawn or changed.
    InHand,
}

impl Look {
    /// Whether the points to take it by are shown.
    pub fn has_handles(self) -> bool {
        self != Self::Plain
    }
}

/// One line of a label.
pub struct Text {
    pub text: String,
    /// What a reader must beware of.
    pub caution: bool,
}

/// What is painted of a measurement.
pub struct Mark<'a> {
    /// The finding it is; `None` while it is none yet.
    pub finding: Option<&'a Finding>,
    pub measurement: std::borrow::Cow<'a, Measurement>,
    pub look: Look,
    /// Lines on the screen.
    pub lines: Vec<Vec<Pos2>>,
    /// Points to take it by; none where only a cut of it is seen.
    pub handles: Vec<(HandleId, Pos2)>,
    /// Where the words of a text lie.
    pub words: Option<Rect>,
    /// The sphere of a peak: middle and radius.
    pub peak: Option<(Pos2, f32)>,
    pub texts: Vec<Text>,
}

impl<'a> Mark<'a> {
    /// What is seen of a measurement here, if anything.
    pub fn of(
        ui: &Ui,
        canvas: &Canvas<'_>,
        finding: Option<&'a Finding>,
        measurement: &'a Measurement,
    ) -> Option<Self> {
        Self::new(ui, canvas, finding, std::borrow::Cow::Borrowed(measurement))
    }

    /// The same of a measurement that nobody else holds.
    pub fn owned(ui: &Ui, canvas: &Canvas<'_>, measurement: Measurement) -> Option<Self> {
        Self::new(ui, canvas, None, std::borrow::Cow::Owned(measurement)).map(|m| Self { look: Look::InHand, ..m })
    }

    fn new(
        ui: &Ui,
        canvas: &Canvas<'_>,
        finding: Option<&'a Finding>,
        measurement: std::borrow::Cow<'a, Measurement>,
    ) -> Option<Self> {
        let lines = canvas.lines(&measurement);
        let here = canvas.shows(&measurement.place);
        if lines.is_empty() && !here {
            return None;
        }
        let place = &measurement.place;
        let handles = if here {
            measurement.handles().into_iter().map(|h| (h.id, canvas.pos(place, h.at))).collect()
        } else {
            Vec::new()
        };
        let mut texts = texts(finding, &measurement);
        if canvas.is_slab() && measurement.shape.is_region() {
            texts.push(Text { text: "values of the middle plane, not of the slab".into(), caution: true });
        }
        let series = place.series();
        if series.key != canvas.frame.series.key() && !measurement.results.values.is_empty() {
            // The numbers are not those of the picture that they stand on.
            texts.push(Text { text: format!("of {}, {}", series.modality, place.cited()), caution: false });
        }
        let words = match measurement.shape {
            Shape::Text(at) => {
                let words = texts.first().map_or("", |line| line.text.as_str()).to_owned();
                let galley = ui.painter().layout_no_wrap(words, theme::body(), theme::TEXT);
                Some(Rect::from_min_size(canvas.pos(place, at), galley.size()))
            }
            _ => None,
        };
        let peak = canvas.peak(&measurement);
        Some(Self { finding, measurement, look: Look::Plain, lines, handles, words, peak, texts })
    }

    /// Says that its numbers are on their way.
    pub fn waiting(mut self) -> Self {
        self.look = Look::InHand;
        self.texts.push(Text { text: "measuring …".into(), caution: false });
        self
    }

    /// Distance of a screen position from what is painted.
    fn distance(&self, at: Pos2) -> f32 {
        let segments = self.lines.iter().flat_map(|line| line.windows(2));
        let to_lines = segments.map(|w| distance_to_segment(at, w[0], w[1])).fold(f32::INFINITY, f32::min);
        let to_words = self.words.map_or(f32::INFINITY, |rect| rect.distance_to_pos(at));
        let to_point = match self.measurement.shape {
            Shape::Point(_) => self.handles.first().map_or(f32::INFINITY, |(_, p)| p.distance(at)),
            _ => f32::INFINITY,
        };
        to_lines.min(to_words).min(to_point)
    }

    /// The box around all that is painted but its label.
    pub fn bounds(&self) -> Rect {
        let points = self.lines.iter().flatten().copied().chain(self.handles.iter().map(|h| h.1));
        let bounds = points.fold(Rect::NOTHING, |rect, p| rect.union(Rect::from_min_max(p, p)));
        self.words.map_or(bounds, |words| bounds.union(words))
    }
}

/// The mark under a position among those that may be taken, and the handle of it.
pub fn hit<'m, 'a>(
    marks: &'m [Mark<'a>],
    at: Pos2,
    may_be_taken: impl Fn(&Finding) -> bool,
) -> Option<(&'m Mark<'a>, Option<HandleId>)> {
    let allowed = |mark: &&Mark<'_>| mark.finding.is_some_and(&may_be_taken);
    let handle = |mark: &Mark<'_>| {
        let near = mark.handles.iter().map(|(id, p)| (*id, p.distance(at))).filter(|(_, d)| *d <= REACH);
        near.min_by(|a, b| a.1.total_cmp(&b.1))
    };
    let taken = marks.iter().filter(allowed).filter_map(|mark| Some((mark, handle(mark)?)));
    if let Some((mark, (id, _))) = taken.min_by(|a, b| a.1.1.total_cmp(&b.1.1)) {
        return Some((mark, Some(id)));
    }
    let lines = marks.iter().filter(allowed).map(|mark| (mark, mark.distance(at))).filter(|(_, d)| *d <= REACH);
    lines.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(mark, _)| (mark, None))
}

/// Name, values and cautions.
fn texts(finding: Option<&Finding>, measurement: &Measurement) -> Vec<Text> {
    let plain = |text: String| Text { text, caution: false };
    let own_name = finding.map(|f| &f.label).filter(|label| **label != measurement.default_label());
    let mut texts: Vec<Text> = own_name.cloned().map(plain).into_iter().collect();
    if matches!(measurement.shape, Shape::Text(_)) {
        return finding.map(|f| plain(f.label.clone())).into_iter().collect();
    }
    texts.extend(measurement.screen_lines().iter().flat_map(|line| narrow(line)).map(plain));
    let has_length = [Quantity::Length, Quantity::LongAxis, Quantity::Area];
    let caution = measurement.place.length_caution();
    if !caution.is_empty() && has_length.iter().any(|q| measurement.results.get(*q).is_some()) {
        texts.push(Text { text: caution, caution: true });
    }
    // An angle in a picture whose pixels may not be square is one of the picture, not of the patient.
    let is_picture = matches!(measurement.place, Place::Picture(_));
    let in_px = is_picture && measurement.place.length_unit() == Unit::Px;
    if in_px && measurement.results.get(Quantity::Angle).is_some() {
        texts.push(Text { text: "not calibrated: square pixels assumed".into(), caution: true });
    }
    texts
}

/// A long line as two, at a comma: narrow labels find a place beside their shape.
fn narrow(line: &str) -> Vec<String> {
    const MOST: usize = 26;
    match line.rfind(", ").filter(|_| line.chars().count() > MOST) {
        Some(at) => vec![line[..at].to_owned(), line[at + 2..].to_owned()],
        None => vec![line.to_owned()],
    }
}

/// Distance of a point from a line between two others.
pub fn distance_to_segment(at: Pos2, from: Pos2, to: Pos2) -> f32 {
    at.distance(nearest_on_segment(at, from, to))
}

/// The point of a line between two others that is nearest to a position.
pub fn nearest_on_segment(at: Pos2, from: Pos2, to: Pos2) -> Pos2 {
    let whole = to - from;
    let share = if whole.length_sq() > 0.0 { (at - from).dot(whole) / whole.length_sq() } else { 0.0 };
    from + vec2(whole.x, whole.y) * share.clamp(0.0, 1.0)
}
