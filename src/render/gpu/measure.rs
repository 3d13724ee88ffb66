//! How fast the window's renderer scrolls: the numbers that the benchmarks print.

use super::{GpuContext, GpuError, GpuVolume, Offscreen, SliceRenderer};
use crate::geometry::{Orientation, SlicePlane};
use crate::render::SliceDraw;
use crate::volume::{Voi, Volume};
use egui_wgpu::wgpu;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Times of frames, ascending.
#[derive(Debug, Clone)]
pub struct FrameTimes(Vec<Duration>);

impl FrameTimes {
    /// The time that a share (0–1) of the frames stayed below or met: 0.5 is the median.
    pub fn at(&self, share: f64) -> Duration {
        let last = self.0.len().saturating_sub(1) as f64;
        self.0.get((last * share.clamp(0.0, 1.0)).round() as usize).copied().unwrap_or_default()
    }

    /// All of them, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Duration> {
        self.0.iter().copied()
    }
}

/// One frame of the scroll: the plane that lies at a share (0–1) of the way through the volume.
pub fn frame(volume: &Volume, orientation: Orientation, size_px: [u32; 2], share: f64) -> SliceDraw {
    let geometry = volume.geometry();
    let bounds = geometry.bounds_lps();
    let depth = bounds.size_mm().dot(orientation.scroll_lps().abs());
    let at = bounds.center() + orientation.scroll_lps() * depth * (share - 0.5);
    SliceDraw::new(SlicePlane::fit(geometry, orientation, at, size_px), Voi::linear(40.0, 400.0))
}

/// Scrolls through a volume: `frames` pictures of `size_px` with linear interpolation at changing positions (never twice
/// the same), each rendered offscreen with the window's own renderer and waited for.
pub fn scroll(
    gpu: &GpuContext,
    volume: &Arc<Volume>,
    orientation: Orientation,
    size_px: [u32; 2],
    frames: u32,
) -> Result<FrameTimes, GpuError> {
    let format = wgpu::TextureFormat::Rgba8Unorm;
    let renderer = SliceRenderer::new(gpu, format)?;
    let on_gpu = GpuVolume::for_window(gpu, volume)?;
    let target = Offscreen::new(gpu, size_px, format)?;
    let mut view = renderer.view();
    let mut rendered = |share: f64| {
        let draw = frame(volume, orientation, size_px, share);
        let start = Instant::now();
        renderer.prepare(&mut view, &on_gpu, None, &draw);
        target.render(gpu, |pass| renderer.paint(pass, &view))?;
        Ok(start.elapsed())
    };
    // The first frame compiles the shader in software drivers.
    rendered(0.5)?;
    let shares = (0..frames).map(|n| (f64::from(n) + 0.5) / f64::from(frames));
    let mut times: Vec<Duration> = shares.map(&mut rendered).collect::<Result<_, GpuError>>()?;
    times.sort_unstable();
    Ok(FrameTimes(times))
}
