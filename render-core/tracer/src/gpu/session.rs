//! One opened device with the compiled tracer and one scene on it: everything that is gone when the driver takes the device away.

use super::adapter;
use super::memory::{scene_layout, upload};
use super::steer::{REQUESTS_MAX, WORKGROUP};
use super::watch::WatchedDevice;
use crate::layout::Buffers;
use crate::spirv::exact_spirv;
use crate::uniform::Uniform;
use crate::{Profile, RenderError};
use raylance_shaders::{Needs, SceneMemory, gpu_source};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A request and the sums of its samples, as `shaders/pass/render.wgsl` reads and writes them.
#[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Slot {
    /// x in the lower half, y in the upper.
    pub pixel: u32,
    pub first_sample: u32,
    pub samples: u32,
    pub quantity: u32,
    /// Of earlier samples before a dispatch, with this dispatch's after it.
    pub sums: [f32; 3],
    /// What the sums are worth: 0 where the driver cut a loop off, 1 where they stand, or [`Slot::BOUNDED`].
    pub whole: u32,
}

impl Slot {
    /// A path reached its bound.
    pub const BOUNDED: u32 = 2;
}

const REQUEST_BYTES: u64 = (REQUESTS_MAX * size_of::<Slot>()) as u64;
/// Begin and end of a dispatch in the device's ticks.
const TIMES_BYTES: u64 = 16;

/// A device at work on a scene.
pub struct Session {
    device: WatchedDevice,
    queue: wgpu::Queue,
    /// Whether each scene gets a program of its own; if not, a second one brings the program for all scenes.
    per_scene: bool,
    program: Program,
    pipeline: wgpu::ComputePipeline,
    uniform: wgpu::Buffer,
    requests: wgpu::Buffer,
    staging: wgpu::Buffer,
    /// Frame and requests.
    groups: [wgpu::BindGroup; 2],
    /// Frame, scene and requests.
    layouts: [wgpu::BindGroupLayout; 3],
    /// `None` only while scenes change, or after a new one was refused.
    scene: Option<wgpu::BindGroup>,
    timer: Option<Timer>,
}

/// What the tracer is compiled for.
#[derive(Clone, Copy)]
struct Program {
    exact: bool,
    memory: SceneMemory,
    /// What the scene needs, `None` = everything.
    needs: Option<Needs>,
}

/// The device's own clock, where it has one: unlike the wall's it does not count what other programs do on the card.
struct Timer {
    queries: wgpu::QuerySet,
    times: wgpu::Buffer,
    seconds_per_tick: f64,
}

impl Session {
    /// Opens the device, compiles the tracer for the profile and uploads a scene.
    ///
    /// # Errors
    /// [`RenderError::Unsuitable`], too little memory or the driver's failure.
    pub fn open(adapter: &wgpu::Adapter, buffers: &Buffers, profile: Profile, memory: SceneMemory) -> Result<Self, RenderError> {
        let exact = profile == Profile::Exact;
        if exact && adapter::info(adapter, 0).profile != Profile::Exact {
            return Err(RenderError::Unsuitable { device: adapter.get_info().name, profile, lacks: "Vulkan with unmodified shaders" });
        }
        let (device, queue) = request_device(adapter, exact)?;
        let device = WatchedDevice::new(device, adapter.get_info().name);
        let layouts = device.try_make(|device| {
            Ok([
                layout(device, wgpu::BufferBindingType::Storage { read_only: true }),
                scene_layout(device, memory),
                layout(device, wgpu::BufferBindingType::Storage { read_only: false }),
            ])
        })?;
        let per_scene = adapter::compiles_in_seconds(adapter);
        let program = Program { exact, memory, needs: Some(buffers.needs) };
        let pipeline = compile(&device, &program, &layouts)?;
        let timer = device.try_make(|device| Ok(Timer::new(device, &queue)))?;
        let usage = wgpu::BufferUsages::COPY_DST;
        let [uniform, requests, staging] = device.try_make(|device| {
            Ok([
                empty_buffer(device, "frame", size_of::<Uniform>() as u64, wgpu::BufferUsages::STORAGE | usage),
                empty_buffer(device, "requests", REQUEST_BYTES, wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | usage),
                empty_buffer(device, "staging", REQUEST_BYTES + TIMES_BYTES, wgpu::BufferUsages::MAP_READ | usage),
            ])
        })?;
        let groups = device.try_make(|device| Ok([bind(device, &layouts[0], &uniform), bind(device, &layouts[2], &requests)]))?;
        let mut session =
            Self { device, queue, per_scene, program, pipeline, uniform, requests, staging, groups, layouts, scene: None, timer };
        session.load(buffers)?;
        Ok(session)
    }

    /// Uploads a scene in the place of the one that is there.
    ///
    /// # Errors
    /// Too little memory or the driver's failure; the session then has no scene.
    pub fn load(&mut self, buffers: &Buffers) -> Result<(), RenderError> {
        // The old scene goes first: both together may not fit.
        self.scene = None;
        self.device.wait()?;
        let parts = buffers.parts();
        self.device.set_need(parts.iter().map(|(_, bytes)| bytes.len() as u64).sum());
        if self.program.needs.is_some_and(|needs| needs != buffers.needs) {
            let program = Program { needs: self.per_scene.then_some(buffers.needs), ..self.program };
            (self.pipeline, self.program) = (compile(&self.device, &program, &self.layouts)?, program);
        }
        self.scene = Some(upload(&self.device, &self.queue, self.program.memory, &self.layouts[1], &parts)?);
        Ok(())
    }

    /// Renders up to [`REQUESTS_MAX`] requests in one dispatch; each slot then holds its sums. Returns how long the device took.
    ///
    /// # Errors
    /// [`RenderError::DeviceLost`] or the driver's failure; the slots are as they were.
    pub fn dispatch(&self, mut uniform: Uniform, slots: &mut [Slot]) -> Result<Duration, RenderError> {
        uniform.first_request = 0;
        uniform.request_count = slots.len() as u32;
        let bytes = size_of_val(slots) as u64;
        let begun = Instant::now();
        self.queue.write_buffer(&self.uniform, 0, bytemuck::bytes_of(&uniform));
        self.queue.write_buffer(&self.requests, 0, bytemuck::cast_slice(slots));
        self.queue.submit([self.encode(uniform.request_count, bytes)]);
        let mapped = Arc::new(AtomicBool::new(false));
        let on_mapped = Arc::clone(&mapped);
        let slice = self.staging.slice(..bytes + TIMES_BYTES);
        slice.map_async(wgpu::MapMode::Read, move |result| on_mapped.store(result.is_ok(), Ordering::Release));
        self.device.wait()?;
        if !mapped.load(Ordering::Acquire) {
            return Err(self.device.refused("the results can't be read"));
        }
        let times = {
            let view = slice.get_mapped_range().map_err(|error| self.device.driver(error))?;
            let (sums, times) = view.split_at(bytes as usize);
            slots.copy_from_slice(bytemuck::cast_slice(sums));
            bytemuck::pod_read_unaligned::<[u64; 2]>(times)
        };
        self.staging.unmap();
        let wall = begun.elapsed();
        // A clock that stands still or runs ahead of the wall's is not believed.
        Ok(self.timer.as_ref().and_then(|timer| timer.elapsed(times)).filter(|device| *device <= wall).unwrap_or(wall))
    }

    /// Takes the device away, as a driver does that was reset.
    pub fn lose(&self) {
        self.device.device().destroy();
    }

    fn encode(&self, count: u32, bytes: u64) -> wgpu::CommandBuffer {
        let mut encoder = self.device.device().create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("render") });
        {
            let timestamp_writes = self.timer.as_ref().map(|timer| wgpu::ComputePassTimestampWrites {
                query_set: &timer.queries,
                beginning_of_pass_write_index: Some(0),
                end_of_pass_write_index: Some(1),
            });
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label: Some("render"), timestamp_writes });
            pass.set_pipeline(&self.pipeline);
            let [frame, requests] = &self.groups;
            pass.set_bind_group(0, frame, &[]);
            pass.set_bind_group(1, &self.scene, &[]);
            pass.set_bind_group(2, requests, &[]);
            pass.dispatch_workgroups(count.div_ceil(WORKGROUP), 1, 1);
        }
        encoder.copy_buffer_to_buffer(&self.requests, 0, &self.staging, 0, bytes);
        if let Some(timer) = &self.timer {
            encoder.resolve_query_set(&timer.queries, 0..2, &timer.times, 0);
            encoder.copy_buffer_to_buffer(&timer.times, 0, &self.staging, bytes, TIMES_BYTES);
        }
        encoder.finish()
    }
}

impl Timer {
    fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Option<Self> {
        if !device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return None;
        }
        let queries = device.create_query_set(&wgpu::QuerySetDescriptor { label: Some("times"), ty: wgpu::QueryType::Timestamp, count: 2 });
        let times = empty_buffer(device, "times", TIMES_BYTES, wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC);
        Some(Self { queries, times, seconds_per_tick: f64::from(queue.get_timestamp_period()) * 1e-9 })
    }

    fn elapsed(&self, [begin, end]: [u64; 2]) -> Option<Duration> {
        let ticks = end.checked_sub(begin).filter(|ticks| *ticks > 0)?;
        Duration::try_from_secs_f64(ticks as f64 * self.seconds_per_tick).ok()
    }
}

fn request_device(adapter: &wgpu::Adapter, exact: bool) -> Result<(wgpu::Device, wgpu::Queue), RenderError> {
    let timestamps = adapter.features() & wgpu::Features::TIMESTAMP_QUERY;
    let (features, experimental) = if exact {
        // SAFETY: the only experimental feature is passing on SPIR-V that this crate makes from its own validated shader.
        (wgpu::Features::PASSTHROUGH_SHADERS, unsafe { wgpu::ExperimentalFeatures::enabled() })
    } else {
        (wgpu::Features::empty(), wgpu::ExperimentalFeatures::disabled())
    };
    pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
        label: Some("raylance"),
        required_features: features | timestamps,
        required_limits: adapter.limits(),
        experimental_features: experimental,
        memory_hints: wgpu::MemoryHints::Performance,
        trace: wgpu::Trace::Off,
    }))
    .map_err(|error| RenderError::Driver { device: adapter.get_info().name, source: Box::new(error) })
}

fn compile(device: &WatchedDevice, program: &Program, layouts: &[wgpu::BindGroupLayout; 3]) -> Result<wgpu::ComputePipeline, RenderError> {
    device.try_make(|inner| Ok(pipeline(inner, &shader_module(inner, program, device.name())?, layouts)))
}

fn shader_module(device: &wgpu::Device, program: &Program, name: &str) -> Result<wgpu::ShaderModule, RenderError> {
    let wgsl = gpu_source(program.needs.as_ref(), program.memory);
    if !program.exact {
        let source = wgpu::ShaderSource::Wgsl(Cow::Owned(wgsl));
        return Ok(device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some("render"), source }));
    }
    let spirv = exact_spirv(&wgsl).map_err(|source| RenderError::Shader { device: name.to_owned(), source })?;
    let entry = wgpu::PassthroughShaderEntryPoint { name: Cow::Borrowed("render"), workgroup_size: (WORKGROUP, 1, 1) };
    let descriptor = wgpu::ShaderModuleDescriptorPassthrough {
        label: Some("render"),
        entry_points: Cow::Owned(vec![entry]),
        spirv: Some(Cow::Owned(spirv)),
        ..Default::default()
    };
    // SAFETY: the SPIR-V was written by naga from a module that it validated, array accesses restricted; only decorations were added.
    Ok(unsafe { device.create_shader_module_passthrough(descriptor) })
}

fn layout(device: &wgpu::Device, ty: wgpu::BufferBindingType) -> wgpu::BindGroupLayout {
    let entry = wgpu::BindGroupLayoutEntry {
        binding: 0,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
        count: None,
    };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &[entry] })
}

fn pipeline(device: &wgpu::Device, module: &wgpu::ShaderModule, layouts: &[wgpu::BindGroupLayout; 3]) -> wgpu::ComputePipeline {
    let bind_group_layouts = layouts.each_ref().map(Some);
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some("render"),
        bind_group_layouts: &bind_group_layouts,
        immediate_size: 0,
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some("render"),
        layout: Some(&layout),
        module,
        entry_point: Some("render"),
        compilation_options: wgpu::PipelineCompilationOptions { zero_initialize_workgroup_memory: false, ..Default::default() },
        cache: None,
    })
}

fn empty_buffer(device: &wgpu::Device, label: &str, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
}

fn bind(device: &wgpu::Device, layout: &wgpu::BindGroupLayout, buffer: &wgpu::Buffer) -> wgpu::BindGroup {
    let entry = wgpu::BindGroupEntry { binding: 0, resource: buffer.as_entire_binding() };
    device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &[entry] })
}
