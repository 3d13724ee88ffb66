//! How fast shaded ray casting is, beside VTK in the same run.
//!
//! `cargo bench --bench raycast`: 512×512 pixels of the phantom's chest in 256³ voxels, a step of one voxel, each frame
//! turned by a few degrees; a CT bone and a half-transparent CT muscle function. With `FOVEA_VTK_PYTHON` naming a Python
//! that has VTK, `benches/raycast_vtk.py` renders the same frames in turns on as many threads: its fixed-point CPU mapper
//! beside our CPU path, its GPU mapper beside our WGSL on the same kind of driver. `FOVEA_BENCH_RUNS` (7) frames each;
//! medians. Quality is the structural similarity to the program's own finely sampled picture (an eighth of the step; ours
//! also the mean of four frames). `FOVEA_BENCH_PICTURES` names a folder for the pictures.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a tool for developers"
)]

use fovea::phantom::{ThoraxSize, thorax};
use fovea::render::gpu::{GpuContext, Offscreen, PICTURE_FORMAT, RaycastRenderer, RaycastView, RaycastVolume};
use fovea::render::{Preset, RaycastDraw, RgbaPicture, TransferFunction, ValueBlocks, cpu, turned_plane};
use fovea::volume::{Volume, Voxels};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

/// Pixels of a frame.
const SIZE_PX: [u32; 2] = [512, 512];
/// Turn of the frame that is compared.
const YAW: f64 = 25.0;

fn main() {
    let runs = std::env::var("FOVEA_BENCH_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(7).max(1);
    let volume = thorax(7, ThoraxSize { pixels: 256, slices: 256 }).expect("the phantom is possible").volume;
    let start = Instant::now();
    let blocks = ValueBlocks::new(&volume);
    println!("{:?} voxels to {SIZE_PX:?} pixels, {} thread(s)", volume.dims(), rayon::current_num_threads());
    println!("blocks of the volume, once: {:.1} ms", millis(start));
    let gpu = GpuContext::headless().inspect_err(|error| println!("no WGSL path: {error}")).ok();
    if let Some(gpu) = &gpu {
        println!("adapter: {} ({})", gpu.name, if gpu.is_software { "software" } else { "hardware" });
    }
    for preset in [Preset::CtBone, Preset::CtMuscle] {
        table(&volume, &blocks, gpu.as_ref(), preset, runs);
    }
}

fn table(volume: &Volume, blocks: &ValueBlocks, gpu: Option<&GpuContext>, preset: Preset, runs: u32) {
    let transfer = Arc::new(preset.transfer(volume));
    let draw = |yaw: f64| {
        let mut plane = turned_plane(volume.geometry(), yaw, 0.0, SIZE_PX);
        plane.pixel_mm *= 0.8;
        RaycastDraw::whole(volume.geometry(), plane, Arc::clone(&transfer))
    };
    let mut ours_gpu = gpu.map(|gpu| OnGpu::new(gpu, volume));
    let mut vtk = Vtk::start(volume, &transfer, &draw(0.0));
    let mut times: [Vec<f64>; 4] = Default::default();
    for run in 0..=runs {
        let yaw = YAW + 7.0 * f64::from(run);
        let start = Instant::now();
        std::hint::black_box(cpu::raycast_picture_with(volume, blocks, None, &draw(yaw)));
        let took = [
            Some(millis(start)),
            vtk.as_mut().map(|vtk| vtk.frame("cpu", draw(yaw).step_mm, yaw, None)),
            ours_gpu.as_mut().map(|ours| ours.frame(&draw(yaw))),
            vtk.as_mut().map(|vtk| vtk.frame("gpu", draw(yaw).step_mm, yaw, None)),
        ];
        // The first frame compiles shaders and finds gradients.
        for (times, took) in times.iter_mut().zip(took).filter(|_| run > 0) {
            times.extend(took);
        }
    }
    let [ours_cpu, vtk_cpu, ours_wgsl, vtk_gpu] = times.map(median);
    let fine = |step_mm: f64| RaycastDraw { step_mm: step_mm / 8.0, frames: 4, ..draw(YAW) };
    let reference = cpu::raycast_picture_with(volume, blocks, None, &fine(draw(YAW).step_mm));
    let picture = cpu::raycast_picture_with(volume, blocks, None, &draw(YAW));
    let on_gpu = ours_gpu.as_mut().map(|ours| ours.picture(&draw(YAW)));
    keep(preset, "ours", &picture);
    keep(preset, "reference", &reference);
    println!("{}: median ms of {runs} frames; structural similarity to a fine reference", preset.name());
    let quality = similarity(&picture, &reference);
    println!(
        "  CPU   ours {ours_cpu:8.1} ({quality:.4})   {}",
        beside(vtk.as_mut(), "cpu", &draw(YAW), ours_cpu, vtk_cpu, preset)
    );
    let quality = on_gpu.map_or(f64::NAN, |picture| similarity(&picture, &reference));
    println!(
        "  WGSL  ours {ours_wgsl:8.1} ({quality:.4})   {}",
        beside(vtk.as_mut(), "gpu", &draw(YAW), ours_wgsl, vtk_gpu, preset)
    );
}

fn beside(vtk: Option<&mut Vtk>, kind: &str, draw: &RaycastDraw, ours: f64, theirs: f64, preset: Preset) -> String {
    let Some(vtk) = vtk else { return "VTK not measured (FOVEA_VTK_PYTHON)".to_owned() };
    let mut shown = |step_mm: f64| {
        let mut picture = RgbaPicture::black(SIZE_PX[0], SIZE_PX[1]);
        vtk.frame(kind, step_mm, YAW, Some(&mut picture));
        picture
    };
    let (picture, reference) = (shown(draw.step_mm), shown(draw.step_mm / 8.0));
    keep(preset, &format!("vtk-{kind}"), &picture);
    format!("VTK {theirs:8.1} ({:.4})   {:.1} times as fast", similarity(&picture, &reference), theirs / ours)
}

/// The window's own renderer, offscreen; every portion is waited for.
struct OnGpu {
    gpu: GpuContext,
    renderer: RaycastRenderer,
    volume: RaycastVolume,
    view: RaycastView,
    target: Offscreen,
}

impl OnGpu {
    fn new(gpu: &GpuContext, volume: &Volume) -> Self {
        let renderer = RaycastRenderer::new(gpu, PICTURE_FORMAT).expect("the renderer works");
        let target = Offscreen::new(gpu, SIZE_PX, PICTURE_FORMAT).expect("a target");
        let volume = RaycastVolume::upload(gpu, volume).expect("the volume fits");
        Self { gpu: gpu.clone(), renderer, volume, view: RaycastView::default(), target }
    }

    fn frame(&mut self, draw: &RaycastDraw) -> f64 {
        let start = Instant::now();
        while !self.renderer.portion(&mut self.view, &self.volume, None, draw).expect("the renderer works").is_final() {
        }
        self.target.render(&self.gpu, |pass| self.renderer.paint(pass, &self.view)).expect("the renderer works");
        millis(start)
    }

    fn picture(&mut self, draw: &RaycastDraw) -> RgbaPicture {
        self.frame(draw);
        self.target.read(&self.gpu).expect("the picture comes back")
    }
}

/// VTK in a process of its own.
struct Vtk {
    process: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
}

impl Vtk {
    fn start(volume: &Volume, transfer: &TransferFunction, draw: &RaycastDraw) -> Option<Self> {
        let python = std::env::var_os("FOVEA_VTK_PYTHON")?;
        let folder = tempfile::tempdir().expect("a folder");
        let (raw, scene) = (folder.path().join("volume.raw"), folder.path().join("scene.json"));
        let Voxels::I16(stored) = volume.voxels() else { return None };
        std::fs::write(&raw, bytemuck::cast_slice(stored)).expect("room for the volume");
        let light = transfer.shading();
        let color = transfer.color_points().iter().map(|p| (p.value, p.rgb.map(|c| f64::from(c) / 255.0)));
        let json = serde_json::json!({
            "raw": raw,
            "dims": volume.dims(),
            "spacing_mm": volume.geometry().spacing_mm().to_array(),
            "opacity": transfer.opacity_points().iter().map(|p| [p.value, p.opacity]).collect::<Vec<_>>(),
            "color": color.map(|(value, [r, g, b])| [value, r, g, b]).collect::<Vec<_>>(),
            "ambient": light.ambient,
            "diffuse": light.diffuse,
            "specular": light.specular,
            "shininess": light.shininess,
            "size_px": SIZE_PX,
            "pixel_mm": draw.plane.pixel_mm,
            "threads": rayon::current_num_threads(),
        });
        std::fs::write(&scene, json.to_string()).expect("room for the scene");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/raycast_vtk.py");
        let pipes =
            |command: &mut Command| command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = pipes(Command::new(python).arg(script).arg(&scene)).expect("the named Python starts");
        let ask = process.stdin.take().expect("piped");
        let answer = BufReader::new(process.stdout.take().expect("piped"));
        Some(Self { process, ask, answer, folder })
    }

    /// Milliseconds of one frame.
    fn frame(&mut self, kind: &str, step_mm: f64, yaw: f64, picture: Option<&mut RgbaPicture>) -> f64 {
        let file = self.folder.path().join("frame.rgb");
        let to = if picture.is_some() { file.to_string_lossy().into_owned() } else { "-".to_owned() };
        writeln!(self.ask, "{kind} {step_mm} {yaw} {to}").expect("VTK listens");
        let mut line = String::new();
        self.answer.read_line(&mut line).expect("VTK answers");
        if let Some(picture) = picture {
            let rgb = std::fs::read(file).expect("VTK wrote its picture");
            picture.rgba = rgb.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
        }
        line.trim().parse().expect("VTK rendered a frame")
    }
}

impl Drop for Vtk {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Mean structural similarity (Wang 2004) of luminance over windows of 8 × 8 pixels, every fourth.
fn similarity(a: &RgbaPicture, b: &RgbaPicture) -> f64 {
    let [gray_a, gray_b] = [a, b].map(|picture| {
        let luma = |p: &[u8]| 0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2]);
        picture.rgba.chunks_exact(4).map(luma).collect::<Vec<f64>>()
    });
    let (width, height) = (a.width as usize, a.height as usize);
    let (mut sum, mut count) = (0.0, 0.0);
    for y in (0..height - 7).step_by(4) {
        for x in (0..width - 7).step_by(4) {
            let places = (0..64).map(|n| (y + n / 8) * width + x + n % 8);
            let pairs: Vec<(f64, f64)> = places.map(|at| (gray_a[at], gray_b[at])).collect();
            let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / 64.0;
            let (mean_a, mean_b) = (mean(&|p| p.0), mean(&|p| p.1));
            let (var_a, var_b) = (mean(&|p| (p.0 - mean_a).powi(2)), mean(&|p| (p.1 - mean_b).powi(2)));
            let covariance = mean(&|p| (p.0 - mean_a) * (p.1 - mean_b));
            let (c1, c2) = ((0.01f64 * 255.0).powi(2), (0.03f64 * 255.0).powi(2));
            sum += (2.0 * mean_a * mean_b + c1) * (2.0 * covariance + c2)
                / ((mean_a * mean_a + mean_b * mean_b + c1) * (var_a + var_b + c2));
            count += 1.0;
        }
    }
    sum / count
}

fn keep(preset: Preset, name: &str, picture: &RgbaPicture) {
    let Some(folder) = std::env::var_os("FOVEA_BENCH_PICTURES") else { return };
    let path = Path::new(&folder).join(format!("{}-{name}.png", preset.key()));
    image::save_buffer(path, &picture.rgba, picture.width, picture.height, image::ExtendedColorType::Rgba8)
        .expect("the folder can be written");
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
