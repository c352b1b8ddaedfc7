//! The graphics adapters of this machine: their order, their names, what they offer.

use super::memory::{list_bytes_max, scene_memory};
use crate::footprint::Offer;
use crate::{DeviceChoice, DeviceInfo, DeviceKind, Profile};

/// Share of the free memory, in percent, that a buffer may fill. Above it wgpu refuses the buffer, so that the owner's other programs
/// are not pushed out of the card.
const MEMORY_PERCENT_MAX: u8 = 95;

fn instance() -> wgpu::Instance {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::PRIMARY;
    // lavapipe calls itself non-conformant on some systems; the conformance frames decide, not the label.
    descriptor.flags = wgpu::InstanceFlags::ALLOW_UNDERLYING_NONCOMPLIANT_ADAPTER;
    descriptor.memory_budget_thresholds.for_resource_creation = Some(MEMORY_PERCENT_MAX);
    wgpu::Instance::new(descriptor)
}

/// Every adapter that this machine has, in an order that follows from the cards and not from how the driver lists them: discrete cards
/// first, software last, then by place on the bus.
pub fn adapters() -> Vec<wgpu::Adapter> {
    let mut list = pollster::block_on(instance().enumerate_adapters(wgpu::Backends::PRIMARY));
    list.sort_by_cached_key(|adapter| {
        let info = adapter.get_info();
        let kind = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => 0,
            wgpu::DeviceType::IntegratedGpu => 1,
            wgpu::DeviceType::VirtualGpu => 2,
            wgpu::DeviceType::Other => 3,
            wgpu::DeviceType::Cpu => 4,
        };
        // Only Vulkan offers the exact profile; where a card has two drivers, that one comes first.
        (kind, info.backend != wgpu::Backend::Vulkan, info.device_pci_bus_id, info.name, info.driver)
    });
    list
}

/// What people see of the adapter with a number.
pub fn info(adapter: &wgpu::Adapter, number: usize) -> DeviceInfo {
    let info = adapter.get_info();
    let exact = adapter.features().contains(wgpu::Features::PASSTHROUGH_SHADERS) && info.backend == wgpu::Backend::Vulkan;
    DeviceInfo {
        adapter: Some(number),
        kind: if info.device_type == wgpu::DeviceType::Cpu { DeviceKind::SoftwareGpu } else { DeviceKind::Gpu },
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        backend: info.backend.to_str().to_owned(),
        profile: if exact { Profile::Exact } else { Profile::Portable },
        buffer_bytes_max: Some(buffer_bytes_max(adapter)),
        memory_bytes: memory_bytes(adapter),
        name: info.name,
    }
}

/// What a scene's buffers are compared with.
pub fn offer(adapter: &wgpu::Adapter) -> Offer {
    Offer { device: adapter.get_info().name, buffer_bytes_max: buffer_bytes_max(adapter), memory_bytes: memory_bytes(adapter) }
}

/// Whether a program for each scene is worth its compiler's time. SwiftShader's takes seconds for a plain scene and minutes for a rich one.
pub fn compiles_in_seconds(adapter: &wgpu::Adapter) -> bool {
    !adapter.get_info().name.contains("SwiftShader")
}

fn buffer_bytes_max(adapter: &wgpu::Adapter) -> u64 {
    list_bytes_max(&adapter.limits(), scene_memory(adapter))
}

/// The card's own memory. wgpu does not tell it; below wgpu, Vulkan does.
#[cfg(any(target_os = "linux", target_os = "windows", target_os = "android"))]
fn memory_bytes(adapter: &wgpu::Adapter) -> Option<u64> {
    const HEAP_DEVICE_LOCAL: u32 = 1;
    // SAFETY: the handles are only read while the adapter lives, and nothing is destroyed.
    let heaps = unsafe {
        let vulkan = adapter.as_hal::<wgpu::hal::api::Vulkan>()?;
        vulkan.shared_instance().raw_instance().get_physical_device_memory_properties(vulkan.raw_physical_device())
    };
    let heaps = heaps.memory_heaps.iter().take(heaps.memory_heap_count as usize);
    heaps.filter(|heap| heap.flags.as_raw() & HEAP_DEVICE_LOCAL != 0).map(|heap| heap.size).max()
}

#[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "android")))]
fn memory_bytes(_: &wgpu::Adapter) -> Option<u64> {
    None
}

/// The adapter that a choice means, with its number.
pub fn find_adapter(choice: &DeviceChoice) -> Option<(usize, wgpu::Adapter)> {
    let is_chosen = |number: usize, adapter: &wgpu::Adapter| match choice {
        DeviceChoice::Named(name) => adapter.get_info().name.to_ascii_lowercase().contains(&name.to_ascii_lowercase()),
        DeviceChoice::Adapter(wanted) => number == *wanted,
        DeviceChoice::Auto | DeviceChoice::Cpu | DeviceChoice::Gpu => true,
    };
    adapters().into_iter().enumerate().find(|(number, adapter)| is_chosen(*number, adapter))
}

/// A real graphics card that offers the profile, the discrete one first, with its number.
pub fn best_hardware_adapter(profile: Profile) -> Option<(usize, wgpu::Adapter)> {
    adapters().into_iter().enumerate().find(|(number, adapter)| {
        let device = info(adapter, *number);
        device.kind == DeviceKind::Gpu && (profile == Profile::Portable || device.profile == Profile::Exact)
    })
}
