//! Pictures of what the report speaks of, drawn on the CPU: the same on every machine.

use crate::case::Case;
use crate::findings::{Finding, FindingKind, FindingState};
use crate::geometry::{DVec3, Orientation, SlicePlane};
use crate::loaded::{ImageData, LoadedSeries};
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

/// One picture per lesion (rejected ones left out), or an overview where there is none. PNG, annotated.
pub fn key_images(case: &Case) -> Vec<KeyImage> {
    let source = case.source();
    match &source.image {
        ImageData::Pictures(pictures) => pictures.first().and_then(|p| picture_image(source, p)).into_iter().collect(),
        ImageData::Volume(volume) => {
            let lesions: Vec<&Finding> = case
                .findings()
                .iter()
                .filter(|f| f.kind == FindingKind::Lesion && f.state != FindingState::Rejected)
                .take(MOST_LESIONS)
                .collect();
            if lesions.is_empty() {
                return overview(case, volume);
            }
            lesions.into_iter().filter_map(|f| lesion_image(case, volume, f)).collect()
        }
    }
}

fn lesion_image(case: &Case, volume: &Volume, finding: &Finding) -> Option<KeyImage> {
    let at = finding.focus_lps()?;
    let window = if *volume.unit() == ValueUnit::Hu && finding.site.contains("lung") {
        Voi::linear(-600.0, 1500.0)
    } else {
        first_voi(case.source(), volume)
    };
    plane_image(case, volume, Orientation::Axial, at, window, Some(finding))
}

/// Three planes through the middle of what is marked, or of the volume.
fn overview(case: &Case, volume: &Volume) -> Vec<KeyImage> {
    let marked = case.findings().iter().find_map(|f| f.measures.as_ref().map(|m| m.center_lps));
    let at = marked.unwrap_or_else(|| volume.geometry().center_lps());
    let window = first_voi(case.source(), volume);
    Orientation::ALL.into_iter().filter_map(|o| plane_image(case, volume, o, at, window, None)).collect()
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

fn plane_image(
    case: &Case,
    volume: &Volume,
    orientation: Orientation,
    at: DVec3,
    voi: Voi,
    finding: Option<&Finding>,
) -> Option<KeyImage> {
    let source = case.source();
    let plane = SlicePlane::fit(volume.geometry(), orientation, at, [SIZE_PX, SIZE_PX]);
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
    Some(KeyImage {
        finding: finding.map(|f| f.id.clone()),
        caption: caption(source, volume, orientation, at, finding),
        png: png(&picture)?,
    })
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

fn picture_image(source: &LoadedSeries, picture: &Picture) -> Option<KeyImage> {
    let voi = source.header_voi.unwrap_or_else(|| picture.first_voi());
    let aspect = picture.spacing_mm().map_or(1.0, |[row, column]| row / column);
    let draw = PictureDraw::fit([picture.width, picture.height], aspect, [SIZE_PX, SIZE_PX], voi, picture.inverted);
    let mut image = picture_rgba(picture, &draw);
    let annotations = Annotations {
        corners: CornerTexts::new(source, Shown::Image { k: 0, count: source.pictures().len() }, voi, true),
        letters: picture_letters(picture),
        scale: ScaleBar::of_picture(picture.calibration, draw.u_px.x, SIZE_PX),
        boxes: Vec::new(),
    };
    annotate(&mut image, &annotations);
    Some(KeyImage { finding: None, caption: format!("Overview, {}", source.cite(0)), png: png(&image)? })
}

/// PNG bytes; `None` only for sizes that no picture has.
fn png(picture: &RgbaPicture) -> Option<Vec<u8>> {
    use image::ImageEncoder;
    let mut bytes = Vec::new();
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(&picture.rgba, picture.width, picture.height, image::ExtendedColorType::Rgba8)
        .ok()?;
    Some(bytes)
}
