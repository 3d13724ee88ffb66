//! The viewports of the window and where they lie. Plain data that `app` changes and panels read.

use super::fusion::Over;
use super::planes::PlaneAxes;
use super::solid::SolidView;
use super::view::Sight;
use crate::geometry::{DVec2, DVec3, Orientation, SlicePlane, VolumeGeometry};
use crate::hanging;
use crate::render::{ColorMap, DisplayFilter, Slab};
use crate::volume::Voi;

/// The windows that a series opens with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opening {
    /// Of planes and pictures.
    pub voi: Voi,
    /// Of projections.
    pub mip_voi: Voi,
    /// Low values bright, as PET is read.
    pub inverted: bool,
    /// What the values are: presets in HU and windows in SUV are for such values only.
    pub values: Values,
}

/// What the values of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// Hounsfield units.
    Hu,
    /// SUV by body weight.
    Suv,
    /// Anything else.
    Other,
}

impl Opening {
    /// The window that a hanging protocol wants, where such values have it.
    pub(super) fn hung(&self, window: &hanging::CellWindow) -> Option<Voi> {
        window.voi(self.values == Values::Hu, self.values == Values::Suv)
    }
}

/// Identity of a viewport: stays with it while cells, series and kinds of view change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ViewportId(pub u32);

/// What a viewport shows of its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViewKind {
    /// A plane through a volume.
    Plane(Orientation),
    /// Maximum intensity projection of the volume.
    Mip,
    /// Volume rendering.
    Volume,
    /// A radiograph computed from a CT.
    Drr,
    /// Surfaces of segments.
    Surface,
    /// A picture that belongs to no volume.
    Picture,
}

impl ViewKind {
    /// The four views that a volume opens with, in reading order.
    pub const QUAD: [Self; 4] = [
        Self::Plane(Orientation::Axial),
        Self::Plane(Orientation::Coronal),
        Self::Plane(Orientation::Sagittal),
        Self::Mip,
    ];

    /// What can be shown of a volume.
    pub const OF_VOLUMES: [Self; 7] = [
        Self::Plane(Orientation::Axial),
        Self::Plane(Orientation::Coronal),
        Self::Plane(Orientation::Sagittal),
        Self::Mip,
        Self::Volume,
        Self::Drr,
        Self::Surface,
    ];

    /// "axial", …, "3D maximum intensity", "image".
    pub fn name(self) -> &'static str {
        match self {
            Self::Plane(orientation) => orientation.name(),
            Self::Mip => "3D maximum intensity",
            Self::Volume => "3D volume rendering",
            Self::Drr => "synthetic radiograph",
            Self::Surface => "3D surfaces",
            Self::Picture => "image",
        }
    }

    /// True where the view needs a volume.
    pub fn needs_volume(self) -> bool {
        self != Self::Picture
    }

    /// True for views of the whole volume, which are turned instead of scrolled.
    pub fn is_solid(self) -> bool {
        matches!(self, Self::Mip | Self::Volume | Self::Drr | Self::Surface)
    }

    /// The group whose viewports of one series share a window: planes together, projections apart.
    fn window_group(self) -> u8 {
        u8::from(self.is_solid())
    }
}

/// How a viewport is framed: 1 = the whole volume fits.
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

/// One picture area of the window.
#[allow(clippy::struct_excessive_bools, reason = "independent switches of the view")]
#[derive(Debug, Clone)]
pub struct Viewport {
    /// Which one it is.
    pub id: ViewportId,
    /// The series it shows ([`crate::study::Series::key`]); `None` for an empty cell.
    pub series: Option<String>,
    /// What it shows of it.
    pub kind: ViewKind,
    /// Its window.
    pub voi: Voi,
    /// The window it opened with.
    pub first_voi: Voi,
    /// Viewports of one series with the same number change their window together.
    pub window_group: u8,
    /// Dark and bright exchanged.
    pub inverted: bool,
    /// Whether it opened so.
    pub first_inverted: bool,
    /// Magnification and displacement.
    pub framing: Framing,
    /// Turn of a 3D view about the vertical and the screen-right axis, in degrees.
    pub turn_deg: [f64; 2],
    /// Of volume rendering, radiographs and surfaces.
    pub solid: SolidView,
    /// Slices from the crosshair to the plane that is shown, in reading order: tiles show consecutive ones.
    pub offset: i64,
    /// Thickness of its plane; `None` for the plane alone.
    pub slab: Option<Slab>,
    /// Colors of the gray levels.
    pub color_map: ColorMap,
    /// What is done to the picture for looking only.
    pub filter: DisplayFilter,
    /// What lies over the series.
    pub over: Option<Over>,
    /// As many mm per pixel, and the same middle, as others that say so.
    pub zoom_linked: bool,
    /// The series that it was exchanged for, current or prior: one key brings it back.
    pub exchanged: Option<String>,
    /// How it was before another series came: window and framing go over to that once it is there.
    pub carried: Option<Box<Viewport>>,
    /// The window and polarity that a hanging protocol wants.
    pub wanted: hanging::Look,
    /// The picture that it shows by itself, whatever others of its series show.
    pub picture: Option<usize>,
    /// Left and right exchanged, as mammograms of one side are hung; the letters go with it.
    pub mirrored: bool,
    /// Where a picture lies at first.
    pub align: hanging::Align,
    /// The same mm on screen as all other viewports that say so.
    pub same_mm: bool,
    /// Why nothing is shown, or what is not as the protocol wants it.
    pub note: String,
    /// It has taken the window of its series.
    pub dressed: bool,
    /// The plane it showed last.
    pub shown: Option<SlicePlane>,
}

impl Viewport {
    /// An empty one.
    pub fn empty(id: ViewportId) -> Self {
        let voi = Voi::linear(40.0, 400.0);
        Self {
            id,
            series: None,
            kind: ViewKind::Picture,
            voi,
            first_voi: voi,
            window_group: 0,
            inverted: false,
            first_inverted: false,
            framing: Framing::default(),
            turn_deg: [0.0, 0.0],
            solid: SolidView::default(),
            offset: 0,
            slab: None,
            color_map: ColorMap::Gray,
            filter: DisplayFilter::None,
            over: None,
            zoom_linked: false,
            exchanged: None,
            carried: None,
            wanted: hanging::Look::default(),
            picture: None,
            mirrored: false,
            align: hanging::Align::Center,
            same_mm: false,
            note: String::new(),
            dressed: false,
            shown: None,
        }
    }

    /// One that shows a series.
    pub fn of(id: ViewportId, series: &str, kind: ViewKind, opening: &Opening) -> Self {
        let mut viewport = Self { series: Some(series.to_owned()), kind, ..Self::empty(id) };
        viewport.open_with(opening);
        viewport
    }

    /// The picture of a series without volume that it shows.
    pub fn picture_of(&self, sight: &Sight) -> usize {
        self.picture.unwrap_or(sight.picture)
    }

    /// Takes the window that the series opens with.
    pub fn open_with(&mut self, opening: &Opening) {
        if self.wanted == hanging::Look::default() {
            self.window_group = self.kind.window_group();
        }
        self.take_opening(opening);
        (self.voi, self.inverted, self.dressed) = (self.first_voi, self.first_inverted, true);
    }

    /// Notes the window that the series opens with; the one in hand stays, but for projections, which wait for all slices.
    pub fn take_opening(&mut self, opening: &Opening) {
        let is_projection = self.kind.is_solid();
        let own = if is_projection { opening.mip_voi } else { opening.voi };
        self.first_voi = opening.hung(&self.wanted.window).unwrap_or(own);
        self.first_inverted = self.wanted.inverted.unwrap_or(opening.inverted);
        if is_projection {
            self.voi = self.first_voi;
        }
    }

    /// True when it shows the series with this key.
    pub fn shows(&self, key: &str) -> bool {
        self.series.as_deref() == Some(key)
    }

    /// The series that it needs: the one it shows, the one over it, and the one that a key brings back.
    pub fn needs(&self) -> impl Iterator<Item = &str> {
        let over = self.over.iter().map(|over| &over.series);
        self.series.iter().chain(over).chain(&self.exchanged).map(String::as_str)
    }

    /// How its plane lies in a grid; `None` for views that are no plane.
    pub fn axes(&self, geometry: &VolumeGeometry, sight: &Sight) -> Option<PlaneAxes> {
        match self.kind {
            ViewKind::Plane(orientation) => Some(PlaneAxes::turned(geometry, orientation, sight.turn)),
            _ => None,
        }
    }

    /// The point that its plane passes through: the crosshair, or so many slices beyond; `None` beyond the volume.
    pub fn passes(&self, geometry: &VolumeGeometry, axes: &PlaneAxes, crosshair_lps: DVec3) -> Option<DVec3> {
        // Planes along the grid lie on its slices: never between two of them, mixed from both.
        if self.offset == 0 && axes.axis.is_none() {
            return Some(crosshair_lps);
        }
        let (slice, count) = axes.slice_of(geometry, crosshair_lps);
        let wanted = usize::try_from(slice as i64 + self.offset).ok().filter(|wanted| *wanted < count)?;
        Some(axes.moved_to(geometry, crosshair_lps, wanted))
    }

    /// The plane that it shows in `size_px`: through a point, the whole volume fitted, then zoomed and moved.
    pub fn plane(
        &self,
        geometry: &VolumeGeometry,
        axes: &PlaneAxes,
        through_lps: DVec3,
        size_px: [u32; 2],
    ) -> SlicePlane {
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
        let center = middle + normal * normal.dot(through_lps - middle);
        SlicePlane {
            center_lps: center - axes.u_lps * self.framing.pan.x - axes.v_lps * self.framing.pan.y,
            u_lps: axes.u_lps,
            v_lps: axes.v_lps,
            pixel_mm: fit_mm / self.framing.zoom,
            size_px: size_px.map(|n| n.max(1)),
        }
    }
}

/// A viewport's place in the grid.
#[derive(Debug, Clone)]
pub struct Cell {
    /// First row, from 0.
    pub row: u8,
    /// First column, from 0.
    pub column: u8,
    /// Rows it covers.
    pub rows: u8,
    /// Columns it covers.
    pub columns: u8,
    /// What is there.
    pub viewport: Viewport,
}

/// A grid of viewports.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Rows of the grid.
    pub rows: u8,
    /// Columns of the grid.
    pub columns: u8,
    /// In reading order.
    pub cells: Vec<Cell>,
    next_id: u32,
}

impl Default for Layout {
    /// One empty viewport.
    fn default() -> Self {
        let mut layout = Self { rows: 0, columns: 0, cells: Vec::new(), next_id: 0 };
        layout.set_grid(1, 1);
        layout
    }
}

impl Layout {
    /// Most rows and columns that can be chosen by hand.
    pub const MOST: u8 = 6;

    /// The layout that a series opens with: four views of a volume, or one picture.
    pub fn opening(key: &str, is_volume: bool, opening: &Opening) -> Self {
        let mut layout = Self::default();
        let kinds = if is_volume { &ViewKind::QUAD[..] } else { &[ViewKind::Picture] };
        let side = if is_volume { 2 } else { 1 };
        layout.set_grid(side, side);
        for (viewport, kind) in layout.viewports_mut().zip(kinds) {
            *viewport = Viewport::of(viewport.id, key, *kind, opening);
        }
        layout
    }

    /// A grid with viewports in these cells, whose identities it gives.
    pub fn hung(rows: u8, columns: u8, mut cells: Vec<Cell>) -> Self {
        for (cell, id) in cells.iter_mut().zip(1..) {
            cell.viewport.id = ViewportId(id);
        }
        let next_id = cells.len() as u32;
        let layout = Self { rows, columns, cells, next_id };
        if layout.cells.is_empty() { Self::default() } else { layout }
    }

    /// Rows and columns of single cells. Viewports that are there keep their places in reading order; new ones are empty.
    pub fn set_grid(&mut self, rows: u8, columns: u8) {
        let (rows, columns) = (rows.clamp(1, Self::MOST), columns.clamp(1, Self::MOST));
        let mut before = std::mem::take(&mut self.cells).into_iter().map(|cell| cell.viewport);
        for row in 0..rows {
            for column in 0..columns {
                let viewport = before.next().unwrap_or_else(|| {
                    self.next_id += 1;
                    Viewport::empty(ViewportId(self.next_id))
                });
                self.cells.push(Cell { row, column, rows: 1, columns: 1, viewport });
            }
        }
        (self.rows, self.columns) = (rows, columns);
    }

    /// All viewports, in reading order.
    pub fn viewports(&self) -> impl Iterator<Item = &Viewport> {
        self.cells.iter().map(|cell| &cell.viewport)
    }

    /// All viewports, to be changed.
    pub fn viewports_mut(&mut self) -> impl Iterator<Item = &mut Viewport> {
        self.cells.iter_mut().map(|cell| &mut cell.viewport)
    }

    /// A viewport by its identity.
    pub fn viewport(&self, id: ViewportId) -> Option<&Viewport> {
        self.viewports().find(|viewport| viewport.id == id)
    }

    /// A viewport by its identity, to be changed.
    pub fn viewport_mut(&mut self, id: ViewportId) -> Option<&mut Viewport> {
        self.viewports_mut().find(|viewport| viewport.id == id)
    }

    /// Consecutive slices of what one viewport shows, in all of them.
    pub fn tile(&mut self, id: ViewportId) {
        let Some(first) = self.viewport(id).cloned().filter(|v| matches!(v.kind, ViewKind::Plane(_))) else { return };
        for (n, viewport) in self.viewports_mut().enumerate() {
            *viewport = Viewport { id: viewport.id, offset: n as i64, shown: None, ..first.clone() };
        }
    }

    /// The first viewport that shows such a view of a series.
    pub fn find(&self, key: &str, kind: ViewKind) -> Option<&Viewport> {
        self.viewports().find(|viewport| viewport.shows(key) && viewport.kind == kind)
    }
}
