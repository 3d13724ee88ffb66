//! How fast planes, slabs and projections become values and pictures, beside `vtkImageReslice`.
//!
//! `make bench-render`, or `cargo bench --bench planes`. Volumes are made in code. First table: an oblique plane of 512×512
//! pixels from 512³ voxels of 16 bits, linear, on the CPU, in turns with VTK (`FOVEA_BENCH_PYTHON` names a Python that has
//! it) and with as many threads; both sums of values are compared first. Second table: passes of the window's renderer,
//! offscreen, from 512×512×300 voxels, every frame at another position; "textures" samples in the shaders, "window" is what
//! the window does (on software drivers it samples on the CPU). `FOVEA_BENCH_FRAMES` (200), `FOVEA_BENCH_RUNS` (5).

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, reason = "a tool for developers")]

use fovea::geometry::{DMat3, DVec3, Orientation, SlicePlane, VolumeGeometry};
use fovea::render::gpu::{GpuContext, GpuVolume, MipRenderer, Offscreen, PICTURE_FORMAT, SliceRenderer};
use fovea::render::{Interpolation, MipDraw, Slab, SlabMode, SliceDraw, cpu};
use fovea::volume::{Rescale, ValueUnit, Voi, Volume, Voxels};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

const SIZE_PX: [u32; 2] = [512, 512];

fn main() {
    let number = |name: &str, usual: u32| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual).max(1);
    let (frames, rounds) = (number("FOVEA_BENCH_FRAMES", 200), number("FOVEA_BENCH_RUNS", 5));
    println!(
        "{} thread(s), {frames} frames × {rounds} rounds, medians and 99th percentiles in ms",
        rayon::current_num_threads()
    );
    reslice([512; 3], frames, rounds);
    passes([512, 512, 300], frames, rounds);
}

/// Smooth shapes with noise: nothing compresses, every neighbor differs.
fn volume(dims: [usize; 3], slice_mm: f64) -> Arc<Volume> {
    let spacing = DVec3::new(1.0, 1.0, slice_mm);
    let geometry = VolumeGeometry::new(dims, DVec3::ZERO, spacing, DMat3::IDENTITY).unwrap();
    let value = |n: usize| {
        let [i, j, k] = geometry.ijk(n).map(|n| n as f64 / 40.0);
        let noise = (n as u32).wrapping_mul(2_654_435_761) >> 26;
        (500.0 * (i.sin() + j.cos() * k.sin())) as i16 + noise as i16
    };
    let voxels = (0..geometry.len()).map(value).collect();
    Arc::new(Volume::new(geometry, Voxels::I16(voxels), Rescale::IDENTITY, ValueUnit::Hu).unwrap())
}

/// An oblique plane, `share` (0–1) of its way through the middle of the volume.
fn oblique(volume: &Volume, share: f64) -> SlicePlane {
    let u = DVec3::new(0.8, 0.5, 0.33).normalize();
    let v = u.cross(DVec3::new(0.2, -0.4, 0.9)).normalize();
    let away = u.cross(v) * (share - 0.5) * 60.0;
    SlicePlane {
        center_lps: volume.geometry().center_lps() + away,
        u_lps: u,
        v_lps: v,
        pixel_mm: 0.6,
        size_px: SIZE_PX,
    }
}

fn shares(frames: u32) -> impl Iterator<Item = f64> {
    (0..frames).map(move |n| (f64::from(n) + 0.5) / f64::from(frames))
}

fn ms(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e3
}

fn at(times: &mut [f64], share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    times[((times.len() - 1) as f64 * share).round() as usize]
}

fn reslice(dims: [usize; 3], frames: u32, rounds: u32) {
    let volume = volume(dims, 1.0);
    let peer = Vtk::start(&volume);
    let name =
        peer.as_ref().map_or("VTK is left out: FOVEA_BENCH_PYTHON names no Python that has it".to_owned(), |vtk| {
            format!("VTK {}", vtk.version)
        });
    println!("\nOblique plane {SIZE_PX:?} from {dims:?}, linear, on the CPU; {name}");
    let mut peer = peer.inspect(|vtk| vtk.check(&volume));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.extend(shares(frames).map(|share| {
            let plane = oblique(&volume, share);
            ms(|| drop(std::hint::black_box(cpu::plane_values(&volume, &plane))))
        }));
        if let Some(vtk) = &mut peer {
            theirs.extend(shares(frames).map(|share| vtk.ask(&oblique(&volume, share)).0));
        }
    }
    println!("  cpu::plane_values  {:7.2} {:7.2}", at(&mut ours, 0.5), at(&mut ours, 0.99));
    if !theirs.is_empty() {
        let ratio = at(&mut theirs, 0.5) / at(&mut ours, 0.5);
        println!("  vtkImageReslice    {:7.2} {:7.2}  ratio {ratio:.1}", at(&mut theirs, 0.5), at(&mut theirs, 0.99));
    }
}

/// vtkImageReslice in a Python that stays; its start is never timed.
struct Vtk {
    version: String,
    child: Child,
    pipes: std::cell::RefCell<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Vtk {
    fn start(volume: &Volume) -> Option<Self> {
        let python = std::env::var_os("FOVEA_BENCH_PYTHON").filter(|name| !name.is_empty())?;
        let Voxels::I16(voxels) = volume.voxels() else { return None };
        let raw = tempfile::NamedTempFile::new().expect("room for the voxels");
        for part in voxels.chunks(1 << 20) {
            let bytes: Vec<u8> = part.iter().flat_map(|v| v.to_ne_bytes()).collect();
            raw.as_file().write_all(&bytes).expect("room for the voxels");
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/planes/peer.py");
        let threads = rayon::current_num_threads().to_string();
        let mut command = Command::new(python);
        command.arg(script).arg(raw.path()).arg(volume.dims()[0].to_string()).arg(threads);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let pipes = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        let mut made = Self { version: String::new(), child, pipes: std::cell::RefCell::new(pipes) };
        made.version = made.line("version")?;
        Some(made)
    }

    /// The answer to a line; `None` when the peer has stopped.
    fn line(&self, command: &str) -> Option<String> {
        let mut pipes = self.pipes.borrow_mut();
        writeln!(pipes.0, "{command}").ok()?;
        let mut line = String::new();
        pipes.1.read_line(&mut line).ok()?;
        let line = line.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }

    /// Milliseconds and the sum of values.
    fn ask(&self, plane: &SlicePlane) -> (f64, f64) {
        let text = |numbers: &[f64]| numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
        let axes = [plane.u_lps.to_array(), plane.v_lps.to_array()].concat();
        let (center, axes) = (text(&plane.center_lps.to_array()), text(&axes));
        let command = format!("reslice {center} {axes} {} {}", plane.pixel_mm, plane.size_px[0]);
        let answer = self.line(&command).expect("the peer answers");
        let (ms, sum) = answer.split_once(' ').expect("two numbers");
        (ms.parse().expect("a number"), sum.parse().expect("a number"))
    }

    /// Both must see the same plane: VTK rounds to the voxels' type, so means may differ by half a value.
    fn check(&self, volume: &Volume) {
        let plane = oblique(volume, 0.3);
        let ours: f64 = cpu::plane_values(volume, &plane).iter().map(|v| f64::from(*v)).sum();
        let pixels = f64::from(SIZE_PX[0]) * f64::from(SIZE_PX[1]);
        let apart = (self.ask(&plane).1 - ours).abs() / pixels;
        assert!(apart < 0.51, "the means of both pictures are {apart} apart");
    }
}

impl Drop for Vtk {
    fn drop(&mut self) {
        if writeln!(self.pipes.get_mut().0, "quit").is_ok() {
            self.child.wait().ok();
        }
    }
}

fn passes(dims: [usize; 3], frames: u32, rounds: u32) {
    let gpu = match GpuContext::headless() {
        Ok(gpu) => gpu,
        Err(error) => {
            println!("\nno passes were measured: {error}");
            return;
        }
    };
    let volume = volume(dims, 1.7);
    let kind = if gpu.is_software { "software" } else { "hardware" };
    println!("\nPasses {SIZE_PX:?} from {dims:?} on {} ({kind}): textures, window, and the CPU's picture", gpu.name);
    let on_device = GpuVolume::upload(&gpu, &volume).expect("room for the volume");
    let in_window = GpuVolume::for_window(&gpu, &volume).expect("room for the volume");
    let standard = Orientation::ALL.map(Some);
    for (orientation, interpolation) in standard
        .into_iter()
        .chain([None])
        .map(|o| (o, Interpolation::Linear))
        .chain([(None, Interpolation::Nearest), (None, Interpolation::Cubic)])
    {
        let draw = |share: f64| {
            let plane = orientation.map_or_else(
                || oblique(&volume, share),
                |orientation| {
                    let normal = orientation.scroll_lps();
                    let depth = volume.geometry().bounds_lps().size_mm().dot(normal.abs());
                    let at = volume.geometry().center_lps() + normal * depth * (share - 0.5);
                    SlicePlane::fit(volume.geometry(), orientation, at, SIZE_PX)
                },
            );
            SliceDraw { interpolation, ..SliceDraw::new(plane, Voi::linear(40.0, 400.0)) }
        };
        let name = orientation.map_or("oblique", Orientation::name);
        let mut columns = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..rounds {
            columns[0].extend(frame_ms(&gpu, &on_device, shares(frames).map(draw)));
            columns[1].extend(frame_ms(&gpu, &in_window, shares(frames).map(draw)));
            columns[2].extend(shares(frames).map(|share| ms(|| drop(cpu::plane_picture(&volume, &draw(share), None)))));
        }
        row(&format!("{name}, {interpolation:?}"), &mut columns);
    }
    slabs(&gpu, &volume, [&on_device, &in_window], rounds);
}

fn frame_ms(gpu: &GpuContext, volume: &GpuVolume, draws: impl Iterator<Item = SliceDraw>) -> Vec<f64> {
    let renderer = SliceRenderer::new(gpu, PICTURE_FORMAT).expect("the shaders are valid");
    let target = Offscreen::new(gpu, SIZE_PX, PICTURE_FORMAT).expect("room for a picture");
    let mut view = renderer.view();
    let frame = |draw: SliceDraw| {
        ms(|| {
            renderer.prepare(&mut view, volume, None, &draw);
            target.render(gpu, |pass| renderer.paint(pass, &view)).expect("the renderer works");
        })
    };
    // The first frames build the pipelines.
    let mut times: Vec<f64> = draws.map(frame).collect();
    times.drain(..2.min(times.len() - 1));
    times
}

fn slabs(gpu: &GpuContext, volume: &Volume, on_gpu: [&GpuVolume; 2], rounds: u32) {
    let renderer = MipRenderer::new(gpu, PICTURE_FORMAT).expect("the shaders are valid");
    let plane = oblique(volume, 0.4);
    let voi = Voi::linear(600.0, 1200.0);
    let mean = Slab { thickness_mm: 10.0, mode: SlabMode::Mean };
    let draws = [
        ("mean slab of 10 mm", MipDraw::slab(volume.geometry(), plane, voi, mean)),
        ("maximum projection", MipDraw::whole(volume.geometry(), plane, voi)),
    ];
    for (name, draw) in draws {
        let mut columns = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..rounds {
            for (column, volume) in columns.iter_mut().zip(on_gpu) {
                column.push(ms(|| drop(renderer.picture(volume, &draw).expect("the renderer works"))));
            }
            columns[2].push(ms(|| drop(cpu::mip_picture(volume, &draw))));
        }
        row(name, &mut columns);
    }
}

fn row(name: &str, columns: &mut [Vec<f64>; 3]) {
    let [a, b, c] = columns.each_mut().map(|times| format!("{:7.2} {:7.2}", at(times, 0.5), at(times, 0.99)));
    println!("  {name:<22} {a}   {b}   {c}");
}
