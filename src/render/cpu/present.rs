//! From values to a picture: filter, window, color map, a second volume, labels. Twin of `shaders/view.wgsl`.

use super::sample::{PixelMap, is_inside, nearest_index};
use super::slab::OUTSIDE;
use super::{byte, present};
use crate::geometry::{DVec3, SlicePlane};
use crate::render::look::Look;
use crate::render::{ColorMap, ColorTable, DisplayFilter, Fused, OverlayStyle, RgbaPicture};
use crate::volume::{Labelmap, Voi};
use rayon::prelude::*;

/// The picture of sampled values; `second` are those of the fused volume.
pub(in crate::render) fn presented(
    values: Vec<f32>,
    second: Option<Vec<f32>>,
    look: &Look<'_>,
    labels: Option<&Labelmap>,
) -> RgbaPicture {
    let [width, height] = look.plane.size_px;
    let rows = (width as usize).max(1);
    let mut rgba = vec![[0u8, 0, 0, 255]; width as usize * height as usize];
    let values = filtered(values, rows, look.filter);
    if look.is_plain() {
        rgba.par_chunks_mut(rows).zip(values.par_chunks(rows)).for_each(|(line, values)| {
            for (pixel, value) in line.iter_mut().zip(values).filter(|(_, value)| **value != OUTSIDE) {
                let gray = byte(present(look.voi, look.inverted, *value));
                *pixel = [gray, gray, gray, 255];
            }
        });
        return RgbaPicture { width, height, rgba: rgba.into_flattened() };
    }
    let layers = Layers::new(look, labels, width);
    let second = second.map(|values| filtered(values, rows, look.filter));
    rgba.par_chunks_mut(rows).enumerate().for_each(|(y, line)| {
        for (x, pixel) in line.iter_mut().enumerate() {
            let n = y * rows + x;
            let over = second.as_ref().map_or(OUTSIDE, |second| second[n]);
            let [r, g, b] = layers.color([x, y], values[n], over).map(byte);
            *pixel = [r, g, b, 255];
        }
    });
    RgbaPicture { width, height, rgba: rgba.into_flattened() }
}

/// Everything that lies over each other.
struct Layers<'a> {
    base: Tint,
    fused: Option<(&'a Fused, Tint, [u32; 2])>,
    labels: Option<LabelView<'a>>,
}

impl<'a> Layers<'a> {
    fn new(look: &Look<'a>, labels: Option<&'a Labelmap>, width: u32) -> Self {
        let fused = look
            .fused
            .map(|fused| (fused, Tint::new(fused.voi, fused.inverted, fused.color_map), fused.mode_code(width)));
        let labels = labels.zip(look.overlay).map(|(labels, style)| LabelView::new(labels, look.plane, style));
        Self { base: Tint::new(look.voi, look.inverted, look.color_map), fused, labels }
    }

    fn color(&self, [x, y]: [usize; 2], value: f32, second: f32) -> [f32; 3] {
        let mut color = self.base.color(value);
        if let Some((fused, tint, [mode, number])) = &self.fused {
            let is_second = match mode {
                2 => (x as u32 / number + y as u32 / number) % 2 == 1,
                _ => x as u32 >= *number,
            };
            if second != OUTSIDE && second < fused.threshold() {
                // Too low to be drawn.
            } else if *mode == 1 {
                let opacity = if second == OUTSIDE { 0.0 } else { fused.opacity.clamp(0.0, 1.0) };
                color = mixed(color, tint.color(second), opacity);
            } else if is_second {
                color = tint.color(second);
            }
        }
        let Some(labels) = &self.labels else { return color };
        let (x, y) = (x as f64, y as f64);
        match labels.at(x, y) {
            0 => color,
            label => {
                let style = labels.style;
                let [r, g, b, alpha] = style.palette[usize::from(label)].map(|byte| f32::from(byte) / 255.0);
                let on_outline = labels.on_outline(x, y, label);
                let opacity = if on_outline { style.outline_opacity } else { style.fill_opacity };
                mixed(color, [r, g, b], opacity * alpha)
            }
        }
    }
}

fn mixed(below: [f32; 3], above: [f32; 3], opacity: f32) -> [f32; 3] {
    std::array::from_fn(|c| below[c] + (above[c] - below[c]) * opacity)
}

/// Window and color map of one volume.
struct Tint {
    voi: Voi,
    inverted: bool,
    table: ColorTable,
}

impl Tint {
    fn new(voi: Voi, inverted: bool, map: ColorMap) -> Self {
        Self { voi, inverted, table: map.colors() }
    }

    /// Black outside.
    #[inline]
    fn color(&self, value: f32) -> [f32; 3] {
        if value == OUTSIDE { [0.0; 3] } else { self.table.color_of(present(self.voi, self.inverted, value)) }
    }
}

/// Values after a display filter; neighbors that are outside or no numbers count as the pixel itself.
/// Twin of `filtered` in `shaders/view.wgsl`.
fn filtered(values: Vec<f32>, width: usize, filter: DisplayFilter) -> Vec<f32> {
    let Some((kernel, amount)) = filter.kernel() else { return values };
    let height = (values.len() / width) as i64;
    let at = |x: i64, y: i64, own: f32| {
        let (x, y) = (x.clamp(0, width as i64 - 1), y.clamp(0, height - 1));
        let value = values[y as usize * width + x as usize];
        if value == OUTSIDE || value.is_nan() { own } else { value }
    };
    let mut out = values.clone();
    out.par_chunks_mut(width).enumerate().for_each(|(y, line)| {
        for (x, value) in line.iter_mut().enumerate() {
            let own = *value;
            if own == OUTSIDE || own.is_nan() {
                continue;
            }
            let mut sum = 0.0;
            for dy in -2i64..=2 {
                for dx in -2i64..=2 {
                    let weight = kernel[dx.unsigned_abs() as usize] * kernel[dy.unsigned_abs() as usize];
                    sum += weight * (at(x as i64 + dx, y as i64 + dy, own) - own);
                }
            }
            *value = own + amount * sum;
        }
    });
    out
}

/// Labels at pixels. Twin of `label_at` and `on_outline` in `shaders/view.wgsl`.
struct LabelView<'a> {
    labels: &'a Labelmap,
    map: PixelMap,
    last: DVec3,
    style: &'a OverlayStyle,
}

impl<'a> LabelView<'a> {
    fn new(labels: &'a Labelmap, plane: &SlicePlane, style: &'a OverlayStyle) -> Self {
        let geometry = labels.geometry();
        let last = DVec3::from_array(geometry.dims().map(|n| n as f64 - 1.0));
        Self { labels, map: PixelMap::new(geometry, plane), last, style }
    }

    /// 0 outside the mask's grid and for hidden labels.
    #[inline]
    fn at(&self, x: f64, y: f64) -> u8 {
        let ijk = self.map.ijk(x, y);
        if !is_inside(ijk, self.last) {
            return 0;
        }
        let label = self.labels.label(nearest_index(ijk, self.last));
        if self.style.palette[usize::from(label)][3] > 0 { label } else { 0 }
    }

    /// True within an outline's width of the border of its label, inside it.
    fn on_outline(&self, x: f64, y: f64, label: u8) -> bool {
        let reach = f64::from(self.style.outline_px);
        let diagonal = reach * std::f64::consts::FRAC_1_SQRT_2;
        [
            (reach, 0.0),
            (-reach, 0.0),
            (0.0, reach),
            (0.0, -reach),
            (diagonal, diagonal),
            (-diagonal, -diagonal),
            (diagonal, -diagonal),
            (-diagonal, diagonal),
        ]
        .iter()
        .any(|(dx, dy)| self.at(x + dx, y + dy) != label)
    }
}
