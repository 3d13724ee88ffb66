//! Pictures of what the report speaks of, drawn on the CPU: the same on every machine.

use crate::case::Case;
use crate::findings::{Finding, FindingKind, FindingState, KeyImageMark};
use crate::geometry::{DVec3, Orientation, SlicePlane, VolumeGeometry};
use crate::loaded::{ImageData, LoadedSeries};
use crate::reading::image_ref;
use crate::render::annotate::{
    Annotations, BoxMark, CornerTexts, ScaleBar, Shown, annotate, box_on_plane, picture_letters,
};
use crate::render::cpu::{picture_rgba, plane_picture};
use crate::render::{OverlayStyle, PictureDraw, RgbaPicture, SliceDraw};
use crate::report::KeyImage;
use crate::volume::{Picture, ValueUnit, Voi, Volume};

/// Edge of a key image in pixels.
const SIZE_PX: u32 = 768;
/// Lesions beyond this many get no picture of their own; the report still lists them.
const MOST_LESIONS: usize = 24;

/// The images of the series that a person marked, then one picture per lesion (rejected ones left out), or an overview where
/// there is neither. PNG, annotated. Marked images of other series are named in the key object selections only.
pub fn key_images(case: &Case) -> Vec<KeyImage> {
    let marked: Vec<KeyImage> = case.key_images().iter().filter_map(|mark| marked_image(case, mark)).collect();
    let drawn = drawn_images(case, marked.is_empty());
    marked.into_iter().chain(drawn).collect()
}

/// Pictures of lesions; without any, an overview where one is wanted.
fn drawn_images(case: &Case, or_overview: bool) -> Vec<KeyImage> {
    let source = case.source();
    match &source.image {
        ImageData::Pictures(pictures) => {
            let first = pictures.first().filter(|_| or_overview);
            first.and_then(|p| picture_image(source, 0, p, "Overview")).into_iter().collect()
        }
        ImageData::Volume(volume) => {
            let lesions: Vec<&Finding> = case
                .findings()
                .iter()
                .filter(|f| f.kind == FindingKind::Lesion && f.state != FindingState::Rejected)
                .take(MOST_LESIONS)
                .collect();
            if lesions.is_empty() {
                return if or_overview { overview(case, volume) } else { Vec::new() };
            }
            lesions.into_iter().filter_map(|f| lesion_image(case, volume, f)).collect()
        }
    }
}

/// A marked slice or picture of the case's own series, whole, under its note.
fn marked_image(case: &Case, mark: &KeyImageMark) -> Option<KeyImage> {
    let source = case.source();
    if mark.series.key != source.series.key() {
        return None;
    }
    let k = (0..source.slices.len()).find(|k| image_ref(source, *k).is_some_and(|image| mark.is_of(&image)))?;
    let what = if mark.note.trim().is_empty() { "Key image" } else { mark.note.trim() };
    match &source.image {
        ImageData::Pictures(pictures) => picture_image(source, k, pictures.get(k)?, what),
        ImageData::Volume(volume) => {
            let plane = slice_plane(volume.geometry(), k);
            let caption = format!("{what}, {}", source.cite(k));
            plane_image(case, volume, plane, first_voi(source, volume), None, caption)
        }
    }
}

/// An acquired slice, upright where it lies along a standard plane, else as it was acquired.
fn slice_plane(geometry: &VolumeGeometry, k: usize) -> SlicePlane {
    let [columns, rows, _] = geometry.dims().map(|n| n as f64);
    let center_lps = geometry.point_lps(DVec3::new((columns - 1.0) / 2.0, (rows - 1.0) / 2.0, k as f64));
    let direction = geometry.direction();
    let orientation = Orientation::nearest(direction.z_axis);
    let (u, v) = orientation.axes_lps();
    if direction.z_axis.dot(u.cross(v)).abs() > 1f64.to_radians().cos() {
        return SlicePlane::fit(geometry, orientation, center_lps, [SIZE_PX, SIZE_PX]);
    }
    let spacing = geometry.spacing_mm();
    let pixel_mm = (columns * spacing.x).max(rows * spacing.y) / f64::from(SIZE_PX);
    let (u_lps, v_lps) = (direction.x_axis, direction.y_axis);
    SlicePlane { center_lps, u_lps, v_lps, pixel_mm, size_px: [SIZE_PX, SIZE_PX] }
}

fn lesion_image(case: &Case, volume: &Volume, finding: &Finding) -> Option<KeyImage> {
    let at = finding.focus_lps()?;
    let window = if *volume.unit() == ValueUnit::Hu && finding.site.contains("lung") {
        Voi::linear(-600.0, 1500.0)
    } else {
        first_voi(case.source(), volume)
    };
    standard_image(case, volume, Orientation::Axial, at, window, Some(finding))
}

/// Three planes through the middle of what is marked, or of the volume.
fn overview(case: &Case, volume: &Volume) -> Vec<KeyImage> {
    let marked = case.findings().iter().find_map(|f| f.measures.as_ref().map(|m| m.center_lps));
    let at = marked.unwrap_or_else(|| volume.geometry().center_lps());
    let window = first_voi(case.source(), volume);
    Orientation::ALL.into_iter().filter_map(|o| standard_image(case, volume, o, at, window, None)).collect()
}

/// The header's window, else abdomen for CT, else the 1st–99th percentile of the values (`clinical.md`, Defaults).
fn first_voi(source: &LoadedSeries, volume: &Volume) -> Voi {
    source.header_voi.unwrap_or_else(|| {
        if *volume.unit() == ValueUnit::Hu {
            return Voi::linear(40.0, 400.0);
        }
        let [low, high] = volume.percentiles([0.01, 0.99]);
        Voi::spanning(f64::from(low), f64::from(high))
    })
}

fn standard_image(
    case: &Case,
    volume: &Volume,
    orientation: Orientation,
    at: DVec3,
    voi: Voi,
    finding: Option<&Finding>,
) -> Option<KeyImage> {
    let plane = SlicePlane::fit(volume.geometry(), orientation, at, [SIZE_PX, SIZE_PX]);
    let caption = caption(case.source(), volume, orientation, at, finding);
    plane_image(case, volume, plane, voi, finding, caption)
}

fn plane_image(
    case: &Case,
    volume: &Volume,
    plane: SlicePlane,
    voi: Voi,
    finding: Option<&Finding>,
    caption: String,
) -> Option<KeyImage> {
    let source = case.source();
    let masks = case.segmentation()?;
    let draw = SliceDraw { overlay: Some(style(masks, finding)), ..SliceDraw::new(plane, voi) };
    let mut picture = plane_picture(volume, &draw, Some(&masks.labelmap));
    let mut corners = CornerTexts::new(source, Shown::Plane { plane: &plane, slab: None }, voi, true);
    if case.findings().iter().any(Finding::is_unreviewed_ai) {
        corners = corners.with_ai_mark("not reviewed");
    }
    let boxes = finding.and_then(|f| Some((f, box_on_plane(&f.box_lps()?, &plane)?)));
    let mark = boxes.map(|(f, [min_px, max_px])| BoxMark {
        min_px,
        max_px,
        label: f.label.clone(),
        is_ai_proposal: f.is_unreviewed_ai(),
    });
    let annotations = Annotations {
        corners,
        letters: plane.edge_letters(),
        scale: ScaleBar::in_patient(plane.pixel_mm, SIZE_PX),
        boxes: mark.into_iter().collect(),
    };
    annotate(&mut picture, &annotations);
    Some(KeyImage { finding: finding.map(|f| f.id.clone()), caption, png: png(&picture)? })
}

/// Only the finding's own mask in its picture; all masks in an overview.
fn style(masks: &crate::volume::Segmentation, finding: Option<&Finding>) -> OverlayStyle {
    let all = OverlayStyle::of(masks);
    let Some(number) = finding.and_then(Finding::segment) else { return all };
    let mut palette = [[0; 4]; 256];
    palette[usize::from(number)] = all.palette[usize::from(number)];
    OverlayStyle { fill_opacity: 0.0, ..OverlayStyle::with_palette(std::sync::Arc::new(palette)) }
}

fn caption(
    source: &LoadedSeries,
    volume: &Volume,
    orientation: Orientation,
    at: DVec3,
    finding: Option<&Finding>,
) -> String {
    let what = finding.map_or_else(|| "Overview".to_owned(), |f| f.label.clone());
    let place = match volume.geometry().voxel_at_lps(at) {
        Some([_, _, k]) if orientation == Orientation::nearest(volume.geometry().direction().z_axis) => source.cite(k),
        _ => format!("{} plane", orientation.name()),
    };
    format!("{what}, {place}")
}

fn picture_image(source: &LoadedSeries, k: usize, picture: &Picture, what: &str) -> Option<KeyImage> {
    let voi = source.header_voi.unwrap_or_else(|| picture.first_voi());
    let aspect = picture.spacing_mm().map_or(1.0, |[row, column]| row / column);
    let draw = PictureDraw::fit([picture.width, picture.height], aspect, [SIZE_PX, SIZE_PX], voi, picture.inverted);
    let mut image = picture_rgba(picture, &draw);
    let annotations = Annotations {
        corners: CornerTexts::new(source, Shown::Image { k, count: source.pictures().len() }, voi, true),
        letters: picture_letters(picture),
        scale: ScaleBar::of_picture(picture.calibration, draw.u_px.x, SIZE_PX),
        boxes: Vec::new(),
    };
    annotate(&mut image, &annotations);
    Some(KeyImage { finding: None, caption: format!("{what}, {}", source.cite(k)), png: png(&image)? })
}

/// PNG bytes; `None` only for sizes that no picture has.
pub(super) fn png(picture: &RgbaPicture) -> Option<Vec<u8>> {
    use image::ImageEncoder;
    let mut bytes = Vec::new();
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(&picture.rgba, picture.width, picture.height, image::ExtendedColorType::Rgba8)
        .ok()?;
    Some(bytes)
}
