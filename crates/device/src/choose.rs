//! Which device renders: the one that was asked for, if it gives the bits of the CPU.

use raylance_tracer::{
    Control, DeviceChoice, DeviceInfo, DeviceKind, LeafRequest, Profile, RenderError, Renderer, Settings, conformance, devices,
};
use std::time::Instant;

/// What is measured with: 65,536 leaves of 16 samples would keep a slow CPU busy for seconds, a sixteenth of them is enough.
const EDGE_PX: u32 = 64;
const LEAF_SAMPLES: u32 = 16;

/// A device that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// What the driver calls it.
    pub name: String,
    /// Is it a graphics card?
    pub is_gpu: bool,
    /// Exactly this one.
    pub choice: DeviceChoice,
}

/// Why the device that was asked for can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    /// No such device.
    #[error("there is no device `{0}`; see `raylance devices`")]
    NoDevice(String),
    /// It fails at a small scene.
    #[error("the device {name} failed the conformance frame")]
    Failed {
        /// Its name.
        name: String,
        /// Why.
        source: RenderError,
    },
    /// It gives other bits, so that its work would be taken for a cheat.
    #[error("the device {0} gives other bits than the CPU, so it can't be used; update its driver or use --device cpu")]
    OtherBits(String),
}

/// Tries the device; the automatic choice falls back to the CPU. Blocking: some drivers compile for a minute.
///
/// # Errors
/// [`ChooseError`], never for the automatic choice.
pub fn choose(wanted: &DeviceChoice) -> Result<Chosen, ChooseError> {
    let cpu = || Chosen { name: "CPU".to_owned(), is_gpu: false, choice: DeviceChoice::Cpu };
    let info = match wanted {
        // The list asks every graphics driver; the CPU needs none.
        DeviceChoice::Cpu => return Ok(cpu()),
        DeviceChoice::Auto => match find(|device| device.kind == DeviceKind::Gpu && device.profile == Profile::Exact, "auto") {
            Ok(info) => info,
            Err(_) => return Ok(cpu()),
        },
        DeviceChoice::Gpu => find(|device| device.kind != DeviceKind::Cpu, "gpu")?,
        DeviceChoice::Adapter(number) => find(|device| device.adapter == Some(*number), &format!("gpu:{number}"))?,
        DeviceChoice::Named(name) => {
            let wanted = name.to_lowercase();
            find(|device| device.kind != DeviceKind::Cpu && device.name.to_lowercase().contains(&wanted), name)?
        }
    };
    // From here on exactly the device that is tried is meant.
    let choice = info.choice();
    match conforms(&choice, &info.name) {
        Ok(()) => Ok(Chosen { name: info.name, is_gpu: true, choice }),
        Err(error) if *wanted == DeviceChoice::Auto => {
            tracing::warn!(%error, "the CPU renders instead");
            Ok(cpu())
        }
        Err(error) => Err(error),
    }
}

/// Camera samples a second of a small built-in scene, at least 1. Blocking, for a second or so.
///
/// # Errors
/// [`RenderError`].
pub fn measure(choice: &DeviceChoice, threads: usize) -> Result<u64, RenderError> {
    let mut renderer = Renderer::new(&conformance::scene(2), choice, Profile::Exact, threads)?;
    let settings = Settings { width_px: EDGE_PX, height_px: EDGE_PX, depth_max: 6, seed: 0 };
    let leaf = |pixel| LeafRequest { x_px: pixel % EDGE_PX, y_px: pixel / EDGE_PX, first_sample: 0, samples: LEAF_SAMPLES };
    let leaves: Vec<LeafRequest> = (0..EDGE_PX * EDGE_PX).map(leaf).collect();
    // The first time compiles and warms up.
    renderer.render(&settings, &leaves[..1], &Control::default())?;
    let began = Instant::now();
    renderer.render(&settings, &leaves, &Control::default())?;
    let samples = u128::from(EDGE_PX * EDGE_PX * LEAF_SAMPLES);
    let per_s = samples * 1_000_000 / began.elapsed().as_micros().max(1);
    Ok(u64::try_from(per_s).unwrap_or(u64::MAX).max(1))
}

fn conforms(choice: &DeviceChoice, name: &str) -> Result<(), ChooseError> {
    let digest = |choice: &DeviceChoice| {
        let report = conformance::run(choice, Profile::Exact);
        report.map(|report| report.digest).map_err(|source| ChooseError::Failed { name: name.to_owned(), source })
    };
    if digest(choice)? == digest(&DeviceChoice::Cpu)? { Ok(()) } else { Err(ChooseError::OtherBits(name.to_owned())) }
}

fn find(is: impl Fn(&DeviceInfo) -> bool, name: &str) -> Result<DeviceInfo, ChooseError> {
    devices().into_iter().find(|device| is(device)).ok_or_else(|| ChooseError::NoDevice(name.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_is_always_there_and_an_unknown_name_is_said() {
        assert_eq!(choose(&DeviceChoice::Cpu).map(|chosen| chosen.choice).ok(), Some(DeviceChoice::Cpu));
        assert!(measure(&DeviceChoice::Cpu, 1).unwrap() > 0);
        assert!(matches!(choose(&DeviceChoice::Named("no such card".to_owned())), Err(ChooseError::NoDevice(_))));
    }
}
