//! How things are shown: panes, framing, crosshair, window, tool. Plain data that `app` changes and panels read.

use crate::findings::{Finding, FindingId};
use crate::geometry::{BoxLps, DVec2, DVec3, Orientation, SlicePlane, VolumeGeometry};
use crate::report::SentenceId;
use crate::volume::Voi;
use std::collections::{BTreeMap, HashMap, HashSet};

/// One picture area of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pane {
    /// A plane through a volume.
    Plane(Orientation),
    /// Maximum intensity projection of the volume.
    Mip,
    /// A picture that belongs to no volume.
    Picture,
}

impl Pane {
    /// The four panes of a volume, in reading order.
    pub const QUAD: [Self; 4] = [
        Self::Plane(Orientation::Axial),
        Self::Plane(Orientation::Coronal),
        Self::Plane(Orientation::Sagittal),
        Self::Mip,
    ];

    /// "axial", …, "3D maximum intensity", "image".
    pub fn name(self) -> &'static str {
        match self {
            Self::Plane(orientation) => orientation.name(),
            Self::Mip => "3D maximum intensity",
            Self::Picture => "image",
        }
    }
}

/// How a pane is framed: 1 = the whole volume fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Framing {
    /// Magnification against the fitting size.
    pub zoom: f64,
    /// Displacement of the picture's middle along screen-right and screen-down, in mm (pictures: in image pixels).
    pub pan: DVec2,
}

impl Default for Framing {
    fn default() -> Self {
        Self { zoom: 1.0, pan: DVec2::ZERO }
    }
}

/// What the left button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Window/level by drag; a click moves the crosshair.
    Window,
    /// Zoom by drag.
    Zoom,
    /// Pan by drag.
    Pan,
    /// Move the linked crosshair.
    Crosshair,
    /// Paint the active segment.
    Brush,
    /// Erase the active segment.
    Eraser,
}

/// Size and shape of brush and eraser.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BrushTip {
    /// Radius in mm.
    pub radius_mm: f64,
    /// A ball through slices, or a disc in the plane that is painted on.
    pub sphere: bool,
}

/// How cine loops and 4D groups are played.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Player {
    /// It runs.
    pub playing: bool,
    /// The reader's speed; `None` = as recorded.
    pub frames_per_second: Option<f64>,
    /// Forth and back, instead of from the beginning again.
    pub bounce: bool,
    /// On the way back.
    pub backwards: bool,
}

impl Player {
    /// Frames a second: the reader's, else the recorded, else ten.
    pub fn speed(self, recorded: Option<f64>) -> f64 {
        self.frames_per_second.or(recorded).unwrap_or(10.0)
    }
}

/// How one segment is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SegmentLook {
    /// Shown at all.
    pub visible: bool,
    /// 0–1, times the common opacities.
    pub opacity: f32,
}

impl Default for SegmentLook {
    fn default() -> Self {
        Self { visible: true, opacity: 1.0 }
    }
}

/// Tabs of the right panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Findings and segments.
    Findings,
    /// The report.
    Report,
    /// Facts about the series, warnings, what was not read.
    Info,
}

/// How everything is shown.
#[allow(clippy::struct_excessive_bools, reason = "independent switches of the view")]
#[derive(Debug, Clone)]
pub struct ViewState {
    /// The pane that fills the middle, if one does.
    pub maximized: Option<Pane>,
    /// The pane that keys go to.
    pub active: Pane,
    /// Point that all planes pass through.
    pub crosshair_lps: DVec3,
    /// Whether the crosshair is drawn.
    pub crosshair_shown: bool,
    /// Framing of the planes, by orientation.
    pub framing: HashMap<Pane, Framing>,
    /// Which picture of a series without volume.
    pub picture: usize,
    /// The window of the series.
    pub voi: Voi,
    /// The window it opened with.
    pub first_voi: Voi,
    /// The window of the 3D view.
    pub mip_voi: Voi,
    /// Dark and bright exchanged.
    pub inverted: bool,
    /// Linear interpolation between voxels; else nearest.
    pub smooth: bool,
    /// Overlay texts (identity, side and "not for clinical use" stay).
    pub texts_shown: bool,
    /// Overlay planes, shutter and padding of the file.
    pub overlays_shown: bool,
    /// Turn of the 3D view about the vertical and the screen-right axis, in degrees.
    pub mip_turn_deg: [f64; 2],
    /// How loops and 4D groups are played.
    pub player: Player,
    /// What the left button does.
    pub tool: Tool,
    /// Brush and eraser.
    pub brush: BrushTip,
    /// Whether proposals of machines may be seen.
    pub ai_shown: bool,
    /// Masks hidden by a key, whatever else is set.
    pub masks_hidden: bool,
    /// Fill of masks, 0–1.
    pub fill_opacity: f32,
    /// Outline of masks, 0–1.
    pub outline_opacity: f32,
    /// Segments that differ from the default look.
    pub looks: BTreeMap<u8, SegmentLook>,
    /// The segment that brush and eraser change.
    pub active_segment: Option<u8>,
    /// The finding in hand.
    pub selected: Option<FindingId>,
    /// Sentences lit because a voxel or finding under them was pointed at.
    pub lit: Vec<SentenceId>,
    /// Side panels are shown.
    pub panels_shown: bool,
    /// The open tab.
    pub tab: Tab,
    /// The plane each pane showed last.
    pub shown: HashMap<Pane, SlicePlane>,
    /// Slices (or pictures) that have been on screen.
    pub seen: HashSet<usize>,
    /// Once all were, proposals are shown by themselves, and hiding them again is left to the reader.
    pub all_seen: bool,
}

impl Default for ViewState {
    fn default() -> Self {
        Self {
            maximized: None,
            active: Pane::Plane(Orientation::Axial),
            crosshair_lps: DVec3::ZERO,
            crosshair_shown: true,
            framing: HashMap::new(),
            picture: 0,
            voi: Voi::linear(40.0, 400.0),
            first_voi: Voi::linear(40.0, 400.0),
            mip_voi: Voi::linear(300.0, 900.0),
            inverted: false,
            smooth: true,
            texts_shown: true,
            overlays_shown: true,
            mip_turn_deg: [0.0, 0.0],
            player: Player::default(),
            tool: Tool::Window,
            brush: BrushTip { radius_mm: 6.0, sphere: false },
            ai_shown: false,
            masks_hidden: false,
            fill_opacity: 0.25,
            outline_opacity: 1.0,
            looks: BTreeMap::new(),
            active_segment: None,
            selected: None,
            lit: Vec::new(),
            panels_shown: true,
            tab: Tab::Findings,
            shown: HashMap::new(),
            seen: HashSet::new(),
            all_seen: false,
        }
    }
}

/// How a standard plane lies in a grid: along its own axes, so that an acquired slice is shown as it was acquired, and an
/// oblique one keeps its slices (the edge letters say how it is turned).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaneAxes {
    /// Unit vector toward screen-right.
    pub u_lps: DVec3,
    /// Unit vector toward screen-down.
    pub v_lps: DVec3,
    /// Which grid axis "next slice" follows: 0 = i, 1 = j, 2 = k.
    pub axis: usize,
    /// +1 when "next slice" is a growing index, −1 when falling.
    pub sign: f64,
    /// Distance of neighboring slices.
    pub step_mm: f64,
}

impl PlaneAxes {
    /// The plane of a grid that is nearest to a standard plane.
    pub fn of(geometry: &VolumeGeometry, orientation: Orientation) -> Self {
        let direction = geometry.direction();
        let columns = [direction.x_axis, direction.y_axis, direction.z_axis];
        let axes = assign_axes(columns);
        let along = |wanted: DVec3| {
            let patient_axis = if wanted.x.abs() > 0.5 { 0 } else { 1 + usize::from(wanted.z.abs() > 0.5) };
            let axis = axes[patient_axis];
            let sign = if columns[axis].dot(wanted) < 0.0 { -1.0 } else { 1.0 };
            (axis, sign, columns[axis] * sign)
        };
        let (u, v) = orientation.axes_lps();
        let (axis, sign, _) = along(orientation.scroll_lps());
        Self { u_lps: along(u).2, v_lps: along(v).2, axis, sign, step_mm: geometry.spacing_mm()[axis] }
    }

    /// Position of a point in reading order (0 = first slice) and the number of slices.
    pub fn slice_of(&self, geometry: &VolumeGeometry, lps: DVec3) -> (usize, usize) {
        let count = geometry.dims()[self.axis];
        let index = self.index_of(geometry, lps);
        (if self.sign > 0.0 { index } else { count - 1 - index }, count)
    }

    /// Grid index of the slice that holds a point.
    pub fn index_of(&self, geometry: &VolumeGeometry, lps: DVec3) -> usize {
        let at = geometry.ijk_from_lps().transform_point3(lps)[self.axis];
        (at + 0.5).floor().clamp(0.0, geometry.dims()[self.axis] as f64 - 1.0) as usize
    }

    /// The point moved onto the center of slice `order` (reading order), kept inside the grid.
    pub fn moved_to(&self, geometry: &VolumeGeometry, lps: DVec3, order: usize) -> DVec3 {
        let last = geometry.dims()[self.axis] - 1;
        let order = order.min(last);
        let index = if self.sign > 0.0 { order } else { last - order } as f64;
        let at = geometry.ijk_from_lps().transform_point3(lps)[self.axis];
        let direction = geometry.direction();
        let column = [direction.x_axis, direction.y_axis, direction.z_axis][self.axis];
        lps + column * ((index - at) * self.step_mm)
    }
}

/// Which grid axis stands for Left, Posterior, Superior: the assignment with the greatest total agreement.
fn assign_axes(columns: [DVec3; 3]) -> [usize; 3] {
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let agreement = |order: &[usize; 3]| (0..3).map(|patient| columns[order[patient]][patient].abs()).sum::<f64>();
    ORDERS.into_iter().max_by(|a, b| agreement(a).total_cmp(&agreement(b))).unwrap_or([0, 1, 2])
}

impl ViewState {
    /// How a pane is framed.
    pub fn framing(&self, pane: Pane) -> Framing {
        self.framing.get(&pane).copied().unwrap_or_default()
    }

    /// The plane that a pane of `size_px` shows.
    pub fn plane(&self, geometry: &VolumeGeometry, orientation: Orientation, size_px: [u32; 2]) -> SlicePlane {
        let axes = PlaneAxes::of(geometry, orientation);
        let framing = self.framing(Pane::Plane(orientation));
        let middle = geometry.center_lps();
        let size = geometry.dims().map(|n| n as f64);
        let spacing = geometry.spacing_mm();
        let extent = |along: DVec3| {
            let direction = geometry.direction();
            let columns = [direction.x_axis, direction.y_axis, direction.z_axis];
            (0..3).map(|axis| columns[axis].dot(along).abs() * size[axis] * spacing[axis]).sum::<f64>()
        };
        let [width, height] = size_px.map(|n| f64::from(n.max(1)));
        let fit_mm = (extent(axes.u_lps) / width).max(extent(axes.v_lps) / height);
        let normal = axes.u_lps.cross(axes.v_lps);
        let center = middle + normal * normal.dot(self.crosshair_lps - middle);
        SlicePlane {
            center_lps: center - axes.u_lps * framing.pan.x - axes.v_lps * framing.pan.y,
            u_lps: axes.u_lps,
            v_lps: axes.v_lps,
            pixel_mm: fit_mm / framing.zoom,
            size_px: size_px.map(|n| n.max(1)),
        }
    }

    /// How a segment is shown.
    pub fn look(&self, segment: u8) -> SegmentLook {
        self.looks.get(&segment).copied().unwrap_or_default()
    }

    /// True when some plane on screen passes through the finding's evidence and shows its middle; findings without a place
    /// in the patient are judged by their picture.
    pub fn evidence_on_screen(&self, finding: &Finding) -> bool {
        let Some(place) = finding.box_lps() else {
            return finding.focus_lps().is_none() && self.shown.contains_key(&Pane::Picture);
        };
        self.shown.iter().any(|(pane, plane)| {
            let on_screen = self.maximized.is_none_or(|only| only == *pane);
            on_screen && matches!(pane, Pane::Plane(_)) && plane_shows_box(plane, &place)
        })
    }
}

/// True when the plane cuts the box and the middle of the cut lies within the picture.
pub fn plane_shows_box(plane: &SlicePlane, place: &BoxLps) -> bool {
    let depths = place.corners().map(|corner| plane.px_from_lps(corner).1);
    let near = depths.iter().copied().fold(f64::INFINITY, f64::min);
    let far = depths.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // A box of one slice is as thick as the slice; half a millimetre forgives rounding.
    if near > 0.5 || far < -0.5 {
        return false;
    }
    let (px, _) = plane.px_from_lps(place.center());
    let [width, height] = plane.size_px.map(f64::from);
    px.x >= 0.0 && px.y >= 0.0 && px.x < width && px.y < height
}
