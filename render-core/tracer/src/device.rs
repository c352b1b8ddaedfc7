//! What can render here: the names of devices, and how exactly they follow the specification.

use crate::{cpu, gpu};
use std::fmt;
use std::str::FromStr;

/// Which device renders.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// The best exact GPU that is no software driver, else the CPU.
    #[default]
    Auto,
    /// The CPU backend.
    Cpu,
    /// The first GPU adapter, software drivers included.
    Gpu,
    /// The GPU adapter of this number, from 0, in the order of [`devices`].
    Adapter(usize),
    /// The adapter whose name contains this, ignoring case.
    Named(String),
}

impl FromStr for DeviceChoice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text.to_ascii_lowercase();
        let number = lower.strip_prefix("gpu:").and_then(|number| number.parse().ok());
        Ok(match (lower.as_str(), number) {
            ("auto", _) => Self::Auto,
            ("cpu", _) => Self::Cpu,
            ("gpu", _) => Self::Gpu,
            (_, Some(number)) => Self::Adapter(number),
            _ => Self::Named(text.to_owned()),
        })
    }
}

/// How exactly a device follows the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Bit for bit.
    Exact,
    /// Up to a tolerance.
    Portable,
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::Portable => "portable",
        })
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "exact" => Ok(Self::Exact),
            "portable" => Ok(Self::Portable),
            _ => Err(UnknownProfile),
        }
    }
}

/// A profile's name was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the profile must be `exact` or `portable`")]
pub struct UnknownProfile;

/// CPU or GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeviceKind {
    /// The CPU backend.
    Cpu,
    /// A wgpu adapter.
    Gpu,
    /// A wgpu adapter that is a program on the CPU, such as lavapipe or SwiftShader.
    SoftwareGpu,
}

/// A device that can render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// What the driver or the system calls it. Two cards of one kind have the same name.
    pub name: String,
    /// Its place among the adapters of this machine, which stays as long as the machine's cards and drivers do; `None` for the CPU.
    pub adapter: Option<usize>,
    /// CPU or GPU.
    pub kind: DeviceKind,
    /// Driver and version.
    pub driver: String,
    /// `cpu`, `vulkan`, `metal`, `dx12`.
    pub backend: String,
    /// The strictest profile that it offers. An exact GPU is trusted only after [`crate::conformance`] agreed.
    pub profile: Profile,
    /// Largest buffer that a scene may fill on it, bytes; `None` for the CPU.
    pub buffer_bytes_max: Option<u64>,
    /// Its own memory, bytes, where the driver tells.
    pub memory_bytes: Option<u64>,
}

impl DeviceInfo {
    /// What `--device` takes for exactly this device: `cpu`, `gpu:0`, `gpu:1`, …
    pub fn id(&self) -> String {
        self.adapter.map_or_else(|| "cpu".to_owned(), |number| format!("gpu:{number}"))
    }

    /// The choice of exactly this device.
    pub fn choice(&self) -> DeviceChoice {
        self.adapter.map_or(DeviceChoice::Cpu, DeviceChoice::Adapter)
    }
}

/// Every device that can render: the CPU first, then graphics adapters in the order of their numbers.
pub fn devices() -> Vec<DeviceInfo> {
    let mut list = vec![cpu_info()];
    list.extend((0..).zip(gpu::adapters()).map(|(number, adapter)| gpu::info(&adapter, number)));
    list
}

/// The CPU backend as a device.
pub(crate) fn cpu_info() -> DeviceInfo {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let simd = cpu::arithmetic();
    DeviceInfo {
        name: format!("CPU, {threads} threads"),
        adapter: None,
        kind: DeviceKind::Cpu,
        driver: format!("raylance {}, {simd}", env!("CARGO_PKG_VERSION")),
        backend: "cpu".to_owned(),
        profile: Profile::Exact,
        buffer_bytes_max: None,
        memory_bytes: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_chosen_by_kind_number_or_name() {
        let cases = [
            ("auto", DeviceChoice::Auto),
            ("CPU", DeviceChoice::Cpu),
            ("gpu", DeviceChoice::Gpu),
            ("gpu:1", DeviceChoice::Adapter(1)),
            ("GPU:12", DeviceChoice::Adapter(12)),
            ("gpu:x", DeviceChoice::Named("gpu:x".to_owned())),
            ("llvmpipe", DeviceChoice::Named("llvmpipe".to_owned())),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn every_listed_device_is_found_by_its_id() {
        for device in devices() {
            let Ok(choice) = device.id().parse::<DeviceChoice>();
            assert_eq!(choice, device.choice());
            if let Some(number) = device.adapter {
                let (found, _) = gpu::find_adapter(&choice).unwrap();
                assert_eq!(found, number);
            }
        }
    }
}
