//! The scene on a device, in storage buffers or in storage images, bound as the tracer's seven lists.

use super::watch::WatchedDevice;
use crate::RenderError;
use raylance_shaders::SceneMemory;
use wgpu::util::DeviceExt as _;

/// Lists of a scene, in the order of their bindings.
const LISTS: u32 = 7;
/// The binding of the only list of single numbers, the texels; the others have four in a word.
const TEXELS: u32 = 4;
/// Bytes of an image's row, as in `shaders/memory/images.wgsl`: in the list of single numbers 8,192, which every device offers.
const ROW_BYTES: u32 = 1 << 15;

/// Where an adapter reads a scene fastest. Software drivers: from images, where they offer enough of them.
pub fn scene_memory(adapter: &wgpu::Adapter) -> SceneMemory {
    let software = adapter.get_info().device_type == wgpu::DeviceType::Cpu;
    let enough = adapter.limits().max_storage_textures_per_shader_stage >= LISTS;
    if software && enough { SceneMemory::Images } else { SceneMemory::Buffers }
}

/// Most bytes of one list.
pub fn list_bytes_max(limits: &wgpu::Limits, memory: SceneMemory) -> u64 {
    match memory {
        SceneMemory::Buffers => limits.max_storage_buffer_binding_size.min(limits.max_buffer_size),
        SceneMemory::Images => u64::from(ROW_BYTES) * u64::from(limits.max_texture_dimension_2d),
    }
}

/// How the lists are bound.
pub fn scene_layout(device: &wgpu::Device, memory: SceneMemory) -> wgpu::BindGroupLayout {
    let entry = |binding| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: match memory {
            SceneMemory::Buffers => {
                let ty = wgpu::BufferBindingType::Storage { read_only: true };
                wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None }
            }
            SceneMemory::Images => wgpu::BindingType::StorageTexture {
                access: wgpu::StorageTextureAccess::ReadOnly,
                format: word_format(binding).0,
                view_dimension: wgpu::TextureViewDimension::D2,
            },
        },
        count: None,
    };
    let entries: Vec<_> = (0..LISTS).map(entry).collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some("scene"), entries: &entries })
}

/// Uploads the lists, each under its name for messages.
///
/// # Errors
/// Too little memory or the driver's failure.
pub fn upload(
    device: &WatchedDevice,
    queue: &wgpu::Queue,
    memory: SceneMemory,
    layout: &wgpu::BindGroupLayout,
    lists: &[(&str, &[u8])],
) -> Result<wgpu::BindGroup, RenderError> {
    // One scope each: after the first refusal nothing more is asked for.
    match memory {
        SceneMemory::Buffers => {
            let buffer = |&(what, contents): &(&str, &[u8])| {
                let descriptor = wgpu::util::BufferInitDescriptor { label: Some(what), contents, usage: wgpu::BufferUsages::STORAGE };
                device.try_make(|device| Ok(device.create_buffer_init(&descriptor)))
            };
            let buffers = lists.iter().map(buffer).collect::<Result<Vec<_>, _>>()?;
            bind(device, layout, buffers.iter().map(|buffer| buffer.as_entire_binding()))
        }
        SceneMemory::Images => {
            let image = |(binding, &(what, contents)): (u32, &(&str, &[u8]))| {
                device.try_make(|device| Ok(image(device, queue, binding, what, contents)))
            };
            let views = (0..).zip(lists).map(image).collect::<Result<Vec<_>, _>>()?;
            bind(device, layout, views.iter().map(wgpu::BindingResource::TextureView))
        }
    }
}

fn bind<'a>(
    device: &WatchedDevice,
    layout: &wgpu::BindGroupLayout,
    resources: impl Iterator<Item = wgpu::BindingResource<'a>>,
) -> Result<wgpu::BindGroup, RenderError> {
    let entries: Vec<_> = (0..).zip(resources).map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource }).collect();
    device.try_make(|device| Ok(device.create_bind_group(&wgpu::BindGroupDescriptor { label: Some("scene"), layout, entries: &entries })))
}

/// The format of a list's words, and their bytes.
fn word_format(binding: u32) -> (wgpu::TextureFormat, u32) {
    if binding == TEXELS { (wgpu::TextureFormat::R32Uint, 4) } else { (wgpu::TextureFormat::Rgba32Uint, 16) }
}

/// A list in rows of `ROW_BYTES`, the last one filled up with zeros.
fn image(device: &wgpu::Device, queue: &wgpu::Queue, binding: u32, what: &str, contents: &[u8]) -> wgpu::TextureView {
    let (format, word_bytes) = word_format(binding);
    let (rows, rest) = contents.as_chunks::<{ ROW_BYTES as usize }>();
    let row_count = rows.len() as u32;
    let width = ROW_BYTES / word_bytes;
    let extent = |width, height| wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
    let image = device.create_texture(&wgpu::TextureDescriptor {
        label: Some(what),
        size: extent(width, contents.len().div_ceil(ROW_BYTES as usize).max(1) as u32),
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::STORAGE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    let write = |first_row, bytes: &[u8], size: wgpu::Extent3d| {
        let mut place = image.as_image_copy();
        place.origin.y = first_row;
        let data = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(ROW_BYTES), rows_per_image: None };
        queue.write_texture(place, bytes, data, size);
    };
    if row_count > 0 {
        write(0, rows.as_flattened(), extent(width, row_count));
    }
    if !rest.is_empty() {
        write(row_count, rest, extent(rest.len() as u32 / word_bytes, 1));
    }
    image.create_view(&wgpu::TextureViewDescriptor::default())
}
