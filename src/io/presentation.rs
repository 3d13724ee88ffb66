//! Grayscale Softcopy Presentation State (PS3.3 A.33.1, C.11): how somebody wanted images to look, and what they drew on them.
//!
//! Coordinates here are image pixels with centers at integers, (column, row); those relative to the display run from 0 to 1
//! over the displayed area. The file's own have (0, 0) at the outer corner of the first pixel (C.10.5.1.2), or count pixels
//! from 1 (displayed area, shutters).

mod drawing;

pub use drawing::{Drawing, Place, Shape, TextDrawing};

use super::content_tree::{ObjectReference, reference_of};
use super::dicom::DataSet;
use super::series::{graphics, units};
use crate::geometry::DVec2;
use crate::study::Warnings;
use crate::volume::{Rescale, Shutter, Voi, VoiTable};
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// Most graphic and text objects that are kept.
const MAX_DRAWINGS: usize = 100_000;

/// A presentation state.
#[derive(Debug, Clone, PartialEq)]
pub struct PresentationState {
    /// Content Label (0070,0080).
    pub label: String,
    /// Content Description (0070,0081).
    pub description: String,
    /// Content Creator's Name (0070,0084).
    pub creator: String,
    /// Images that it is for.
    pub images: Vec<ObjectReference>,
    /// Modality LUT that replaces the image's own.
    pub rescale: Option<Rescale>,
    /// Windows, each with the images that it is for.
    pub windows: Vec<(Scope, Window)>,
    /// Presentation LUT Shape (2050,0020) is INVERSE: low values bright.
    pub inverse: bool,
    /// Displayed areas, each with its images.
    pub areas: Vec<(Scope, DisplayedArea)>,
    /// Image Rotation (0070,0042): quarter turns clockwise, before the flip (C.10.6).
    pub quarter_turns: u8,
    /// Image Horizontal Flip (0070,0041): left and right of the turned image exchanged.
    pub flipped: bool,
    /// What is covered.
    pub shutter: Option<Shutter>,
    /// Layers, in the order in which they are drawn.
    pub layers: Vec<Layer>,
    /// What is drawn, in the order of the file.
    pub drawings: Vec<Drawing>,
}

/// The images that a part of a presentation state is for; empty means all that it refers to.
pub type Scope = Vec<ObjectReference>;

/// Displayed Area Selection (C.10.4).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DisplayedArea {
    /// First and last pixel, centers at integers; the last may come before the first where the image is turned.
    pub corners_px: [DVec2; 2],
    /// How large it is shown.
    pub size: DisplaySize,
}

/// Presentation Size Mode (0070,0100).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DisplaySize {
    /// As large as it fits.
    Fit,
    /// In true size.
    True,
    /// This many screen pixels for one of the image.
    Magnified(f64),
}

/// A VOI LUT: a window, or a table that comes before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The window; [`crate::volume::VoiFunction::Table`] counts `tables`.
    pub voi: Voi,
    /// VOI LUT Sequence (0028,3010).
    pub tables: Vec<VoiTable>,
}

/// Graphic Layer (C.10.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Name.
    pub name: String,
    /// Recommended color, where one is said.
    pub color_rgb: Option<[u8; 3]>,
}

/// Reads a presentation state; what is not applied is said.
pub fn read(data: &DataSet, warnings: &mut Warnings) -> PresentationState {
    let images = data
        .items(tags::REFERENCED_SERIES_SEQUENCE)
        .iter()
        .flat_map(|series| series.items(tags::REFERENCED_IMAGE_SEQUENCE))
        .map(reference_of)
        .collect();
    if data.get(tags::MODALITY_LUT_SEQUENCE).is_some() {
        warnings.add("the presentation state has a Modality LUT table, which is not applied");
    }
    let shape = data.text(tags::PRESENTATION_LUT_SHAPE);
    if data.get(tags::PRESENTATION_LUT_SEQUENCE).is_some() {
        warnings.add("the presentation state has a Presentation LUT table, which is not applied");
    }
    if data.texts(tags::SHUTTER_SHAPE).iter().any(|shape| shape == "BITMAP") {
        warnings.add("the presentation state has a bitmap shutter, which is not applied");
    }
    let turns = data.integer(tags::IMAGE_ROTATION).unwrap_or(0);
    if turns % 90 != 0 {
        warnings.add(format!("an image rotation of {turns} degrees is not a quarter turn and is not applied"));
    }
    PresentationState {
        label: data.text(tags::CONTENT_LABEL),
        description: data.text(tags::CONTENT_DESCRIPTION),
        creator: super::open::shown_name(&data.text(tags::CONTENT_CREATOR_NAME)),
        images,
        rescale: super::facts::rescale(data),
        windows: windows(data),
        inverse: shape == "INVERSE",
        areas: areas(data),
        quarter_turns: if turns % 90 == 0 { (turns / 90).rem_euclid(4) as u8 } else { 0 },
        flipped: data.text(tags::IMAGE_HORIZONTAL_FLIP) == "Y",
        shutter: graphics::shutter(data),
        layers: layers(data),
        drawings: drawings(data, warnings),
    }
}

impl PresentationState {
    /// True when it is for this frame (from 1) of this image.
    pub fn is_for(&self, sop_instance_uid: &str, frame: u32) -> bool {
        self.images.iter().any(|image| covers(image, sop_instance_uid, frame))
    }

    /// The window for a frame.
    pub fn window(&self, sop_instance_uid: &str, frame: u32) -> Option<&Window> {
        scoped(&self.windows, sop_instance_uid, frame)
    }

    /// The displayed area for a frame.
    pub fn area(&self, sop_instance_uid: &str, frame: u32) -> Option<DisplayedArea> {
        scoped(&self.areas, sop_instance_uid, frame).copied()
    }

    /// What is drawn on a frame, the lowest layer first.
    pub fn drawings_on(&self, sop_instance_uid: &str, frame: u32) -> Vec<&Drawing> {
        let mut drawn: Vec<&Drawing> =
            self.drawings.iter().filter(|d| in_scope(&d.images, sop_instance_uid, frame)).collect();
        let height = |d: &&Drawing| self.layers.iter().position(|l| l.name == d.layer).unwrap_or(usize::MAX);
        drawn.sort_by_key(height);
        drawn
    }

    /// The color of a layer, where one is said.
    pub fn layer_rgb(&self, name: &str) -> Option<[u8; 3]> {
        self.layers.iter().find(|layer| layer.name == name)?.color_rgb
    }
}

fn covers(image: &ObjectReference, sop_instance_uid: &str, frame: u32) -> bool {
    image.sop_instance_uid == sop_instance_uid && (image.frames.is_empty() || image.frames.contains(&frame))
}

fn in_scope(scope: &Scope, sop_instance_uid: &str, frame: u32) -> bool {
    scope.is_empty() || scope.iter().any(|image| covers(image, sop_instance_uid, frame))
}

fn scoped<'a, T>(parts: &'a [(Scope, T)], sop_instance_uid: &str, frame: u32) -> Option<&'a T> {
    parts.iter().find(|(scope, _)| in_scope(scope, sop_instance_uid, frame)).map(|(_, part)| part)
}

fn scope(item: &DataSet) -> Scope {
    item.items(tags::REFERENCED_IMAGE_SEQUENCE).iter().map(reference_of).collect()
}

fn windows(data: &DataSet) -> Vec<(Scope, Window)> {
    let window = |item: &DataSet| {
        let tables = units::tables(item, 0, false, Rescale::IDENTITY);
        let voi = units::choices(item, 0, &tables).first()?.voi;
        Some((scope(item), Window { voi, tables }))
    };
    data.items(tags::SOFTCOPY_VOILUT_SEQUENCE).iter().filter_map(window).collect()
}

fn areas(data: &DataSet) -> Vec<(Scope, DisplayedArea)> {
    let items = data.items(tags::DISPLAYED_AREA_SELECTION_SEQUENCE).iter();
    items.filter_map(|item| Some((scope(item), area(item)?))).collect()
}

fn area(item: &DataSet) -> Option<DisplayedArea> {
    let corner = |tag: Tag| item.vector::<2>(tag).map(from_one);
    let size = match item.text(tags::PRESENTATION_SIZE_MODE).as_str() {
        "TRUE SIZE" => DisplaySize::True,
        "MAGNIFY" => item
            .number(tags::PRESENTATION_PIXEL_MAGNIFICATION_RATIO)
            .filter(|ratio| *ratio > 0.0)
            .map_or(DisplaySize::Fit, DisplaySize::Magnified),
        _ => DisplaySize::Fit,
    };
    Some(DisplayedArea {
        corners_px: [
            corner(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER)?,
            corner(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER)?,
        ],
        size,
    })
}

/// Pixels counted from 1 to centers at integers from 0.
fn from_one(at: [f64; 2]) -> DVec2 {
    DVec2::from_array(at) - 1.0
}

fn layers(data: &DataSet) -> Vec<Layer> {
    let mut layers: Vec<(i64, Layer)> = data
        .items(tags::GRAPHIC_LAYER_SEQUENCE)
        .iter()
        .map(|item| {
            let lab: Option<[f64; 3]> = item.vector(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_CIE_LAB_VALUE);
            let color_rgb = lab.map(|lab| super::write::srgb_from_cielab(lab.map(|n| n as u16)));
            let order = item.integer(tags::GRAPHIC_LAYER_ORDER).unwrap_or(0);
            (order, Layer { name: item.text(tags::GRAPHIC_LAYER), color_rgb })
        })
        .collect();
    layers.sort_by_key(|(order, _)| *order);
    layers.into_iter().map(|(_, layer)| layer).collect()
}

fn drawings(data: &DataSet, warnings: &mut Warnings) -> Vec<Drawing> {
    let mut found = Vec::new();
    for annotation in data.items(tags::GRAPHIC_ANNOTATION_SEQUENCE) {
        let (images, layer) = (scope(annotation), annotation.text(tags::GRAPHIC_LAYER));
        let graphics = annotation.items(tags::GRAPHIC_OBJECT_SEQUENCE).iter().map(drawing::graphic);
        let texts = annotation.items(tags::TEXT_OBJECT_SEQUENCE).iter().map(drawing::text);
        for shape in graphics.chain(texts) {
            if found.len() == MAX_DRAWINGS {
                warnings.add(format!("there are more than {MAX_DRAWINGS} annotations; the rest was left out"));
                return found;
            }
            match shape {
                Ok(what) => found.push(Drawing { images: images.clone(), layer: layer.clone(), what }),
                Err(reason) => warnings.add(format!("an annotation was left out: {reason}")),
            }
        }
    }
    found
}
