//! The GPU backend: the WGSL tracer on wgpu, in dispatches short enough that the owner's desktop stays smooth.

use crate::layout::{Buffers, Counts};
use crate::shaders::gpu_source;
use crate::spirv::exact_spirv;
use crate::uniform::Uniform;
use crate::{Control, DeviceChoice, DeviceInfo, DeviceKind, LeafRequest, Profile, Quantity, RenderError};
use std::borrow::Cow;
use std::time::{Duration, Instant};
use wgpu::util::DeviceExt as _;

/// Requests in the device's buffer at a time: 16 MiB.
const BATCH_MAX: usize = 1 << 20;
/// Requests of the first dispatch, before its speed is known.
const DISPATCH_FIRST: u32 = 256;
/// Fewest requests of a dispatch: one workgroup.
const DISPATCH_MIN: u32 = 64;
/// How long one dispatch should take.
const DISPATCH_TARGET: Duration = Duration::from_millis(50);
/// Invocations of one workgroup, as in `shaders/pass/render.wgsl`.
const WORKGROUP: u32 = 64;

fn instance() -> wgpu::Instance {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::PRIMARY;
    // lavapipe calls itself non-conformant on some systems; the conformance frame decides, not the label.
    descriptor.flags = wgpu::InstanceFlags::ALLOW_UNDERLYING_NONCOMPLIANT_ADAPTER;
    wgpu::Instance::new(descriptor)
}

/// Every adapter that this machine has.
pub fn adapters() -> Vec<wgpu::Adapter> {
    pollster::block_on(instance().enumerate_adapters(wgpu::Backends::PRIMARY))
}

/// What people see of an adapter.
pub fn info(adapter: &wgpu::Adapter) -> DeviceInfo {
    let info = adapter.get_info();
    let exact = adapter.features().contains(wgpu::Features::PASSTHROUGH_SHADERS) && info.backend == wgpu::Backend::Vulkan;
    DeviceInfo {
        name: info.name,
        kind: if info.device_type == wgpu::DeviceType::Cpu { DeviceKind::SoftwareGpu } else { DeviceKind::Gpu },
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        backend: info.backend.to_str().to_owned(),
        profile: if exact { Profile::Exact } else { Profile::Portable },
    }
}

/// The first adapter that matches a choice.
pub fn find_adapter(choice: &DeviceChoice) -> Option<wgpu::Adapter> {
    let wanted = if let DeviceChoice::Named(name) = choice { name.to_ascii_lowercase() } else { String::new() };
    adapters().into_iter().find(|adapter| adapter.get_info().name.to_ascii_lowercase().contains(&wanted))
}

/// A real graphics card that offers the profile, the discrete one first.
pub fn best_hardware_adapter(profile: Profile) -> Option<wgpu::Adapter> {
    let suits = |adapter: &wgpu::Adapter| {
        let device = info(adapter);
        device.kind == DeviceKind::Gpu && (profile == Profile::Portable || device.profile == Profile::Exact)
    };
    let rank = |adapter: &wgpu::Adapter| match adapter.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        _ => 2,
    };
    adapters().into_iter().filter(suits).min_by_key(rank)
}

/// One scene on one graphics device.
pub struct GpuRenderer {
    name: String,
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipeline: wgpu::ComputePipeline,
    uniform: wgpu::Buffer,
    requests: wgpu::Buffer,
    staging: wgpu::Buffer,
    groups: [wgpu::BindGroup; 3],
    counts: Counts,
    dispatch: u32,
}

impl GpuRenderer {
    /// Opens the device, compiles the tracer for the profile and uploads a scene.
    ///
    /// # Errors
    /// [`RenderError::Unsuitable`], [`RenderError::SceneTooLarge`] or the driver's failure.
    pub fn new(adapter: &wgpu::Adapter, buffers: &Buffers, profile: Profile) -> Result<Self, RenderError> {
        let name = adapter.get_info().name;
        let exact = profile == Profile::Exact;
        if exact && info(adapter).profile != Profile::Exact {
            return Err(RenderError::Unsuitable { device: name, profile, lacks: "Vulkan with unmodified shaders" });
        }
        let (device, queue) = open(adapter, exact, &name)?;
        let limit = device.limits().max_storage_buffer_binding_size;
        let groups = scene_parts(buffers);
        for (what, bytes) in &groups {
            if bytes.len() as u64 > limit {
                return Err(RenderError::SceneTooLarge { what, need: bytes.len() as u64, limit, device: name });
            }
        }
        let module = shader_module(&device, exact, &name)?;
        let layouts = [
            layout(&device, &[wgpu::BufferBindingType::Uniform]),
            layout(&device, &[wgpu::BufferBindingType::Storage { read_only: true }; 7]),
            layout(&device, &[wgpu::BufferBindingType::Storage { read_only: false }]),
        ];
        let pipeline = pipeline(&device, &module, &layouts);
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
        let requests = empty_buffer(&device, "requests", (BATCH_MAX * 16) as u64, usage);
        let staging =
            empty_buffer(&device, "staging", (BATCH_MAX * 16) as u64, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
        let uniform =
            empty_buffer(&device, "frame", size_of::<Uniform>() as u64, wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST);
        let scene: Vec<wgpu::Buffer> = (groups.iter())
            .map(|(what, bytes)| {
                let usage = wgpu::BufferUsages::STORAGE;
                device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: Some(what), contents: bytes, usage })
            })
            .collect();
        let groups = [
            bind(&device, &layouts[0], &[&uniform]),
            bind(&device, &layouts[1], &scene.iter().collect::<Vec<_>>()),
            bind(&device, &layouts[2], &[&requests]),
        ];
        let counts = buffers.counts;
        Ok(Self { name, device, queue, pipeline, uniform, requests, staging, groups, counts, dispatch: DISPATCH_FIRST })
    }

    /// Numbers about the scene that go into the uniform.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Renders leaves, in any order, each whole.
    ///
    /// # Errors
    /// [`RenderError::Cancelled`] or the driver's failure.
    pub fn render(
        &mut self,
        uniform: &Uniform,
        requests: &[LeafRequest],
        quantity: Quantity,
        control: &Control,
    ) -> Result<Vec<[f32; 3]>, RenderError> {
        let mut sums = Vec::with_capacity(requests.len());
        for batch in requests.chunks(BATCH_MAX) {
            let word = |r: &LeafRequest| [r.x_px | (r.y_px << 16), r.first_sample, r.samples, quantity as u32];
            let words: Vec<[u32; 4]> = batch.iter().map(word).collect();
            self.queue.write_buffer(&self.requests, 0, bytemuck::cast_slice(&words));
            self.dispatch_batch(*uniform, batch.len() as u32, control)?;
            self.read_batch(batch.len(), &mut sums)?;
        }
        Ok(sums)
    }

    /// One dispatch after the other, each sized by the time that the last one took.
    fn dispatch_batch(&mut self, mut uniform: Uniform, count: u32, control: &Control) -> Result<(), RenderError> {
        let mut first = 0;
        while first < count {
            if control.is_cancelled() {
                return Err(RenderError::Cancelled);
            }
            uniform.first_request = first;
            uniform.request_count = self.dispatch.min(count - first);
            let begun = Instant::now();
            self.queue.write_buffer(&self.uniform, 0, bytemuck::bytes_of(&uniform));
            let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("render") });
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                pass.set_pipeline(&self.pipeline);
                for (index, group) in self.groups.iter().enumerate() {
                    pass.set_bind_group(index as u32, group, &[]);
                }
                pass.dispatch_workgroups(uniform.request_count.div_ceil(WORKGROUP), 1, 1);
            }
            self.queue.submit([encoder.finish()]);
            self.wait()?;
            first += uniform.request_count;
            control.add_done(u64::from(uniform.request_count));
            self.steer(begun.elapsed());
        }
        Ok(())
    }

    /// Sizes the next dispatch towards the target, at most doubling or halving.
    fn steer(&mut self, took: Duration) {
        let factor = (DISPATCH_TARGET.as_secs_f64() / took.as_secs_f64().max(1e-6)).clamp(0.5, 2.0);
        let next = (f64::from(self.dispatch) * factor) as u32;
        self.dispatch = next.next_multiple_of(WORKGROUP).clamp(DISPATCH_MIN, 65_535 * WORKGROUP);
    }

    fn read_batch(&self, count: usize, sums: &mut Vec<[f32; 3]>) -> Result<(), RenderError> {
        let bytes = (count * 16) as u64;
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("read") });
        encoder.copy_buffer_to_buffer(&self.requests, 0, &self.staging, 0, bytes);
        self.queue.submit([encoder.finish()]);
        let slice = self.staging.slice(..bytes);
        slice.map_async(wgpu::MapMode::Read, |_| {});
        self.wait()?;
        {
            let mapped = slice.get_mapped_range().map_err(|error| self.failure(error))?;
            let words: &[[u32; 4]] = bytemuck::cast_slice(&mapped);
            sums.extend(words.iter().map(|w| [f32::from_bits(w[0]), f32::from_bits(w[1]), f32::from_bits(w[2])]));
        }
        self.staging.unmap();
        Ok(())
    }

    fn wait(&self) -> Result<(), RenderError> {
        self.device.poll(wgpu::PollType::wait_indefinitely()).map(|_| ()).map_err(|error| self.failure(error))
    }

    fn failure(&self, error: impl std::error::Error + Send + Sync + 'static) -> RenderError {
        RenderError::Driver { device: self.name.clone(), source: Box::new(error) }
    }
}

fn open(adapter: &wgpu::Adapter, exact: bool, name: &str) -> Result<(wgpu::Device, wgpu::Queue), RenderError> {
    let features = if exact { wgpu::Features::PASSTHROUGH_SHADERS } else { wgpu::Features::empty() };
    let experimental = if exact {
        // SAFETY: the only experimental feature is passing on SPIR-V that this crate makes from its own validated shader.
        unsafe { wgpu::ExperimentalFeatures::enabled() }
    } else {
        wgpu::ExperimentalFeatures::disabled()
    };
    pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
        label: Some("raylance"),
        required_features: features,
        required_limits: adapter.limits(),
        experimental_features: experimental,
        memory_hints: wgpu::MemoryHints::Performance,
        trace: wgpu::Trace::Off,
    }))
    .map_err(|error| RenderError::Driver { device: name.to_owned(), source: Box::new(error) })
}

fn shader_module(device: &wgpu::Device, exact: bool, name: &str) -> Result<wgpu::ShaderModule, RenderError> {
    let wgsl = gpu_source();
    if !exact {
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

fn scene_parts(buffers: &Buffers) -> [(&'static str, &[u8]); 7] {
    [
        ("tree", bytemuck::cast_slice(&buffers.nodes)),
        ("triangles", bytemuck::cast_slice(&buffers.triangles)),
        ("shading", bytemuck::cast_slice(&buffers.shading)),
        ("materials", bytemuck::cast_slice(&buffers.materials)),
        ("textures", bytemuck::cast_slice(&buffers.texels)),
        ("tables", bytemuck::cast_slice(&buffers.tables)),
        ("environment", bytemuck::cast_slice(&buffers.environment)),
    ]
}

fn layout(device: &wgpu::Device, kinds: &[wgpu::BufferBindingType]) -> wgpu::BindGroupLayout {
    let entries: Vec<_> = (0..)
        .zip(kinds)
        .map(|(binding, &ty)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries })
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

fn bind(device: &wgpu::Device, layout: &wgpu::BindGroupLayout, buffers: &[&wgpu::Buffer]) -> wgpu::BindGroup {
    let entries: Vec<_> =
        (0..).zip(buffers).map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() }).collect();
    device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &entries })
}
