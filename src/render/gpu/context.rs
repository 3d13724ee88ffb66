//! A device to render with: the window's own, or one without a window.

use crate::render::shader::MissingShader;
use egui_wgpu::wgpu;
use std::sync::Arc;

/// Why the GPU cannot be used. The CPU twins can do the same work, slower.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GpuError {
    /// No adapter or no device.
    #[error(
        "no graphics driver was found ({0}); install a Vulkan driver (Debian and Ubuntu: mesa-vulkan-drivers) or use \
         the CPU backend"
    )]
    NoDriver(String),
    /// A side is longer than the device's textures.
    #[error("{columns} × {rows} × {slices} is larger than this graphics device can hold ({limit} along a side)")]
    TooLarge {
        /// Columns.
        columns: usize,
        /// Rows.
        rows: usize,
        /// Slices, or 1.
        slices: usize,
        /// The device's limit along the side that is too long.
        limit: u32,
    },
    /// The device has too little memory.
    #[error("the graphics device has too little memory for {0} MiB")]
    Memory(u64),
    /// The mask does not lie on the grid that the texture was made for.
    #[error("the mask changed its grid; upload it anew")]
    Grid,
    /// Anything else that the driver refused.
    #[error("the graphics driver refused to work: {0}")]
    Device(String),
    /// A defect of the program.
    #[error(transparent)]
    Shader(#[from] MissingShader),
}

/// A device and its queue. Cheap to clone; may be used from any thread.
#[derive(Debug, Clone)]
pub struct GpuContext {
    /// Creates resources.
    pub device: wgpu::Device,
    /// Takes work.
    pub queue: wgpu::Queue,
    /// The adapter's name and driver, for people.
    pub name: String,
    /// True when the "GPU" is a program on the CPU: work is then handed over in small portions.
    pub is_software: bool,
    /// A window draws with it too: whoever waits lets go of it in between.
    is_shared: bool,
}

/// How long a job that waits lets the window have the device before it looks again.
const BREATH: std::time::Duration = std::time::Duration::from_micros(500);
/// A device that has not answered for so long is lost.
const LOST_AFTER: std::time::Duration = std::time::Duration::from_mins(2);

impl GpuContext {
    /// Wraps the device that a window already owns.
    pub fn from_window(adapter: &wgpu::Adapter, device: wgpu::Device, queue: wgpu::Queue) -> Self {
        let info = adapter.get_info();
        let is_software = info.device_type == wgpu::DeviceType::Cpu;
        Self { device, queue, name: info.name, is_software, is_shared: true }
    }

    /// A device of its own, without a window, with all that the adapter can do.
    pub fn headless() -> Result<Self, GpuError> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = pollster::block_on(instance.request_adapter(&options))
            .map_err(|error| GpuError::NoDriver(one_line(&error)))?;
        let wanted = wgpu::DeviceDescriptor { required_limits: adapter.limits(), ..Default::default() };
        let (device, queue) = pollster::block_on(adapter.request_device(&wanted))
            .map_err(|error| GpuError::NoDriver(one_line(&error)))?;
        // By default an uncaptured error panics.
        device.on_uncaptured_error(Arc::new(|error: wgpu::Error| log::error!("graphics device: {error}")));
        Ok(Self { is_shared: false, ..Self::from_window(&adapter, device, queue) })
    }

    /// Refuses what no texture of this device can hold.
    #[allow(clippy::unused_self, reason = "reads as what it is: a limit of this device")]
    pub(super) fn check_size(&self, [columns, rows, slices]: [usize; 3], limit: u32) -> Result<(), GpuError> {
        if [columns, rows, slices].iter().any(|&n| n > limit as usize) {
            return Err(GpuError::TooLarge { columns, rows, slices, limit });
        }
        Ok(())
    }

    /// Runs `create` and turns what the driver says about it into an error. `mib` is named when memory runs out.
    pub(super) fn guarded<T>(&self, mib: u64, create: impl FnOnce() -> T) -> Result<T, GpuError> {
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let made = create();
        let refused = pollster::block_on(validation.pop());
        let out_of_memory = pollster::block_on(memory.pop());
        match (out_of_memory, refused) {
            (Some(_), _) => Err(GpuError::Memory(mib)),
            (None, Some(error)) => Err(GpuError::Device(one_line(&error))),
            (None, None) => Ok(made),
        }
    }

    /// Waits until all work that was handed over so far is done. A wait that blocks would keep a window from handing over
    /// its next frame; with a window's device it is asked again and again instead.
    pub fn wait(&self) -> Result<(), GpuError> {
        if self.is_shared {
            return self.wait_beside_window();
        }
        let waited = self.device.poll(wgpu::PollType::wait_indefinitely());
        waited.map(|_| ()).map_err(|error| GpuError::Device(one_line(&error)))
    }

    fn wait_beside_window(&self) -> Result<(), GpuError> {
        let (done, is_done) = std::sync::mpsc::channel();
        self.queue.on_submitted_work_done(move || {
            // The receiver is gone when the wait was given up.
            let _ = done.send(());
        });
        let began = std::time::Instant::now();
        while began.elapsed() < LOST_AFTER {
            self.device.poll(wgpu::PollType::Poll).map_err(|error| GpuError::Device(one_line(&error)))?;
            if is_done.recv_timeout(BREATH).is_ok() {
                return Ok(());
            }
        }
        Err(GpuError::Device("it does not answer any more".into()))
    }
}

/// The first line of a message that may have many.
pub(super) fn one_line(error: &dyn std::fmt::Display) -> String {
    error.to_string().lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason given").to_owned()
}
