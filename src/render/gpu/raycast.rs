//! Volume rendering in portions: a coarse picture at once where the full one would take too long, the full one band by band
//! over the next frames, then further frames with other starts of the rays into its mean. Twin of the finished picture:
//! `render::cpu::raycast_picture`.

use super::context::{GpuContext, GpuError};
use super::pipeline::{Binding, Cover, Offscreen, uniform_buffer};
use super::raycast_tables::{Mean, Transfer, palette};
use super::raycast_volume::RaycastVolume;
use super::textures::GpuLabels;
use crate::render::{CoarseReason, RaycastDraw, RaycastQuality, RaycastUniforms, RgbaPicture};
use egui_wgpu::wgpu;
use std::time::{Duration, Instant};

/// Divisors of width and height that a device may fall back to.
const DIVISORS: [u32; 4] = [1, 2, 4, 8];
/// A portion takes about this long: the window stays fluent beside it.
const PORTION: Duration = Duration::from_millis(25);
/// Longer pauses between two portions were not spent on the first.
const PAUSE: Duration = Duration::from_secs(1);

/// The pipelines of all ray casting views.
#[derive(Debug)]
pub struct RaycastRenderer {
    gpu: GpuContext,
    /// Without a mask.
    plain: Cover,
    /// Labels hide or color something.
    masked: Cover,
    blit: Cover,
    target: wgpu::TextureFormat,
    sampler: wgpu::Sampler,
    /// Bound where a view has no mask.
    no_labels: wgpu::Texture,
}

/// What one viewport keeps between frames.
#[derive(Debug, Default)]
pub struct RaycastView {
    shown: Option<Shown>,
    pace: Pace,
}

/// How many pixels a portion may have, learned from how long the portions before took.
#[derive(Debug, Default)]
struct Pace {
    /// 0 before the first portion.
    pixels: f64,
    since: Option<Instant>,
}

/// A picture in progress.
#[derive(Debug)]
struct Shown {
    draw: RaycastDraw,
    source: Bound,
    transfer: Transfer,
    /// While the full one is not there.
    coarse: Option<Layer>,
    full: Layer,
    /// Why `full` has fewer pixels than asked for.
    reason: Option<CoarseReason>,
    frame: u32,
    rows_done: u32,
}

/// What was bound: another volume or mask needs new bindings, another revision of the mask a new picture.
#[derive(Debug, Clone, PartialEq)]
struct Bound {
    volume: wgpu::Texture,
    labels: Option<(wgpu::Texture, u64)>,
}

/// A picture of its own, and what it needs to be rendered and to be shown.
#[derive(Debug)]
struct Layer {
    draw: RaycastDraw,
    divisor: u32,
    mean: Mean,
    uniforms: wgpu::Buffer,
    group: wgpu::BindGroup,
    show: wgpu::BindGroup,
}

/// What a frame is drawn of.
#[derive(Debug, Clone, Copy)]
struct Scene<'a> {
    volume: &'a RaycastVolume,
    labels: Option<&'a GpuLabels>,
}

impl RaycastRenderer {
    /// Builds the pipelines for a target format.
    pub fn new(gpu: &GpuContext, target: wgpu::TextureFormat) -> Result<Self, GpuError> {
        let numbers =
            Binding::Texture(wgpu::TextureViewDimension::D2, wgpu::TextureSampleType::Float { filterable: false });
        let smooth =
            Binding::Texture(wgpu::TextureViewDimension::D3, wgpu::TextureSampleType::Float { filterable: true });
        let (whole, flat) = (Binding::VOXELS, Binding::SAMPLES);
        let bindings = [Binding::Uniform, smooth, whole, flat, whole, numbers, Binding::Sampler];
        let cover = |masked: bool| {
            let constants = [("masked", f64::from(u8::from(masked)))];
            Cover::averaging(gpu, "raycast", Mean::FORMAT, &bindings, &constants)
        };
        let (plain, masked) = (cover(false)?, cover(true)?);
        let picture =
            Binding::Texture(wgpu::TextureViewDimension::D2, wgpu::TextureSampleType::Float { filterable: true });
        let blit = Cover::new(gpu, "blit", target, &[picture, Binding::Sampler])?;
        let sampler = gpu.device.create_sampler(&wgpu::SamplerDescriptor {
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        let no_labels = super::textures::create(
            gpu,
            "no labels",
            [1; 3],
            wgpu::TextureDimension::D3,
            wgpu::TextureFormat::R8Uint,
            1,
        )?;
        Ok(Self { gpu: gpu.clone(), plain, masked, blit, target, sampler, no_labels })
    }

    /// Renders the next portion of a picture; starts anew when the draw, the volume or the mask changed. Until
    /// the quality is final the view says what it is and asks for another frame.
    pub fn prepare(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        view: &mut RaycastView,
        volume: &RaycastVolume,
        labels: Option<&GpuLabels>,
        draw: &RaycastDraw,
    ) -> Result<RaycastQuality, GpuError> {
        let scene = Scene { volume, labels: labels.filter(|_| draw.mask.is_some()) };
        view.pace.learn(&self.gpu);
        let source = scene.bound();
        if !view.shown.as_ref().is_some_and(|shown| shown.source == source && shown.draw == *draw) {
            let old = view.shown.take();
            view.shown = Some(self.start(encoder, old, &view.pace, scene, draw)?);
        } else if let Some(shown) = &mut view.shown {
            self.advance(encoder, &view.pace, shown, scene);
        }
        let quality = view.shown.as_ref().map_or(NOTHING, |shown| shown.quality(volume.coarse()));
        // Idle time afterwards is no portion's.
        view.pace.since = (!is_done(view.shown.as_ref())).then(Instant::now);
        Ok(quality)
    }

    /// Puts the best picture so far onto the viewport of a pass.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, view: &RaycastView) {
        if let Some(shown) = &view.shown {
            self.blit.paint(pass, &shown.best().show);
        }
    }

    /// The finished picture as bytes, without a window, and what it is.
    pub fn picture(
        &self,
        volume: &RaycastVolume,
        labels: Option<&GpuLabels>,
        draw: &RaycastDraw,
    ) -> Result<(RgbaPicture, RaycastQuality), GpuError> {
        let mut view = RaycastView::default();
        let target = Offscreen::new(&self.gpu, draw.plane.size_px, self.target)?;
        let quality = loop {
            let quality = self.portion(&mut view, volume, labels, draw)?;
            if is_done(view.shown.as_ref()) {
                break quality;
            }
        };
        target.render(&self.gpu, |pass| self.paint(pass, &view))?;
        Ok((target.read(&self.gpu)?, quality))
    }

    /// Renders one portion and waits for it.
    pub fn portion(
        &self,
        view: &mut RaycastView,
        volume: &RaycastVolume,
        labels: Option<&GpuLabels>,
        draw: &RaycastDraw,
    ) -> Result<RaycastQuality, GpuError> {
        let quality = self.gpu.guarded(0, || {
            let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            let quality = self.prepare(&mut encoder, view, volume, labels, draw)?;
            self.gpu.queue.submit([encoder.finish()]);
            Ok::<_, GpuError>(quality)
        })??;
        self.gpu.wait()?;
        Ok(quality)
    }

    /// A new picture: all of it where a portion suffices, else a coarse one.
    fn start(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        old: Option<Shown>,
        pace: &Pace,
        scene: Scene<'_>,
        draw: &RaycastDraw,
    ) -> Result<Shown, GpuError> {
        let source = scene.bound();
        let old = old.filter(|old| old.source.volume == source.volume);
        let same_look =
            |old: &Shown| old.source == source && old.transfer.is_of(&draw.transfer) && old.draw.mask == draw.mask;
        // The same bindings serve a turned camera.
        let reused = old.as_ref().is_some_and(|old| same_look(old) && old.draw.plane.size_px == draw.plane.size_px);
        let mut shown = match old {
            Some(mut old) if reused => {
                old.full.draw = draw.coarse(old.full.divisor);
                if let Some(coarse) = &mut old.coarse {
                    coarse.draw = RaycastDraw { frames: 1, ..draw.coarse(coarse.divisor) };
                }
                Shown { draw: draw.clone(), frame: 0, rows_done: 0, ..old }
            }
            old => {
                let transfer = match old {
                    Some(old) if old.transfer.is_of(&draw.transfer) => old.transfer,
                    _ => Transfer::new(&self.gpu, &scene.volume.blocks, &draw.transfer)?,
                };
                let (full, reason) = self.largest_layer(scene, &transfer, draw)?;
                Shown { draw: draw.clone(), source, transfer, coarse: None, full, reason, frame: 0, rows_done: 0 }
            }
        };
        let portion = pace.portion(draw);
        let divisor = DIVISORS.into_iter().find(|d| pixels(draw) / f64::from(d * d) <= portion).unwrap_or(8);
        if divisor <= shown.full.divisor {
            shown.coarse = None;
            self.advance(encoder, pace, &mut shown, scene);
            return Ok(shown);
        }
        if shown.coarse.as_ref().is_none_or(|coarse| coarse.divisor != divisor) {
            // One frame only: starts that differ would be seen as noise.
            let one = RaycastDraw { frames: 1, ..draw.clone() };
            shown.coarse = Some(self.layer(scene, &shown.transfer, &one, divisor)?);
        }
        if let Some(coarse) = &shown.coarse {
            let rows = 0..coarse.mean.size_px[1];
            self.record(encoder, coarse, &shown.transfer, scene, (0, rows));
        }
        Ok(shown)
    }

    /// The next band of the full picture.
    fn advance(&self, encoder: &mut wgpu::CommandEncoder, pace: &Pace, shown: &mut Shown, scene: Scene<'_>) {
        if shown.frame >= shown.draw.frame_count() {
            return;
        }
        let [width, height] = shown.full.mean.size_px;
        let rows = (pace.portion(&shown.draw) / f64::from(width)).clamp(1.0, f64::from(height)) as u32;
        let end = (shown.rows_done + rows).min(height);
        self.record(encoder, &shown.full, &shown.transfer, scene, (shown.frame, shown.rows_done..end));
        shown.rows_done = end;
        if end == height {
            shown.frame += 1;
            shown.rows_done = 0;
        }
    }

    fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        layer: &Layer,
        transfer: &Transfer,
        scene: Scene<'_>,
        (frame, rows): (u32, std::ops::Range<u32>),
    ) {
        let labels = scene.labels.map(GpuLabels::geometry);
        let uniforms = RaycastUniforms::new(scene.volume.source(), labels, &transfer.table, &layer.draw, frame);
        self.gpu.queue.write_buffer(&layer.uniforms, 0, bytemuck::bytes_of(&uniforms));
        let cover = if uniforms.flags[1] == 0 { &self.plain } else { &self.masked };
        layer.mean.record(encoder, frame, rows, |pass| cover.paint(pass, &layer.group));
    }

    /// The picture asked for, or the largest one that the device can hold.
    fn largest_layer(
        &self,
        scene: Scene<'_>,
        transfer: &Transfer,
        draw: &RaycastDraw,
    ) -> Result<(Layer, Option<CoarseReason>), GpuError> {
        let mut reason = None;
        let mut refused = GpuError::Memory(0);
        for divisor in DIVISORS {
            match self.layer(scene, transfer, draw, divisor) {
                Ok(layer) => return Ok((layer, reason)),
                Err(error @ GpuError::TooLarge { .. }) => (reason, refused) = (Some(CoarseReason::Size), error),
                Err(error @ GpuError::Memory(_)) => (reason, refused) = (Some(CoarseReason::Memory), error),
                Err(error) => return Err(error),
            }
        }
        Err(refused)
    }

    fn layer(
        &self,
        scene: Scene<'_>,
        transfer: &Transfer,
        draw: &RaycastDraw,
        divisor: u32,
    ) -> Result<Layer, GpuError> {
        let draw = draw.coarse(divisor);
        let mean = Mean::new(&self.gpu, draw.plane.size_px)?;
        let uniforms = uniform_buffer::<RaycastUniforms>(&self.gpu, "ray casting");
        let labels = scene.labels.map_or(&self.no_labels, |labels| &labels.texture);
        let palette = palette(&self.gpu, draw.mask.as_ref())?;
        let textures = [&scene.volume.texture, &transfer.leaps, &transfer.sums, labels, &palette];
        let views = textures.map(|texture| texture.create_view(&wgpu::TextureViewDescriptor::default()));
        let mut resources = vec![uniforms.as_entire_binding()];
        resources.extend(views.iter().map(wgpu::BindingResource::TextureView));
        resources.push(wgpu::BindingResource::Sampler(&self.sampler));
        let group = self.masked.bind(&self.gpu, &resources);
        let show = self.blit.bind(
            &self.gpu,
            &[wgpu::BindingResource::TextureView(&mean.view), wgpu::BindingResource::Sampler(&self.sampler)],
        );
        Ok(Layer { draw, divisor, mean, uniforms, group, show })
    }
}

/// Before anything was drawn.
const NOTHING: RaycastQuality = RaycastQuality { scale: 1, reason: None, voxels: 1, frames: [0, 1] };

/// True when another portion would add nothing.
fn is_done(shown: Option<&Shown>) -> bool {
    shown.is_none_or(|shown| shown.frame >= shown.draw.frame_count())
}

fn pixels(draw: &RaycastDraw) -> f64 {
    draw.plane.size_px.map(f64::from).iter().product()
}

impl Scene<'_> {
    fn bound(self) -> Bound {
        Bound {
            volume: self.volume.texture.clone(),
            labels: self.labels.map(|labels| (labels.texture.clone(), labels.revision)),
        }
    }
}

impl Shown {
    /// The full picture once its first frame is there.
    fn best(&self) -> &Layer {
        match &self.coarse {
            Some(coarse) if self.frame == 0 => coarse,
            _ => &self.full,
        }
    }

    fn quality(&self, volume: Option<(u32, CoarseReason)>) -> RaycastQuality {
        let best = self.best();
        let is_moving = best.divisor > self.full.divisor;
        let reason = if is_moving { Some(CoarseReason::Speed) } else { self.reason.or(volume.map(|(_, why)| why)) };
        let voxels = volume.map_or(1, |(factor, _)| factor);
        RaycastQuality { scale: best.divisor, reason, voxels, frames: [self.frame, self.draw.frame_count()] }
    }
}

impl Pace {
    /// Pixels of the next portion.
    fn portion(&self, draw: &RaycastDraw) -> f64 {
        self.pixels.clamp(4096.0, 4.0 * pixels(draw).max(4096.0))
    }

    /// Takes the time since the portion before into account.
    fn learn(&mut self, gpu: &GpuContext) {
        if self.pixels == 0.0 {
            // Before anything was measured: a software driver casts about a million rays a second, hardware a hundred times
            // as many.
            self.pixels = if gpu.is_software { 25_000.0 } else { 2_500_000.0 };
        }
        let Some(took) = self.since.map(|since| since.elapsed()).filter(|took| *took < PAUSE) else { return };
        let fits = PORTION.as_secs_f64() / took.as_secs_f64().max(1e-4);
        // A window's frames come no faster than its screen: near the aim nothing changes.
        if !(0.6..1.6).contains(&fits) {
            self.pixels = (self.pixels * fits.clamp(0.5, 1.5)).clamp(1024.0, 1e9);
        }
    }
}
