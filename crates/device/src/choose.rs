//! Which device renders: the one that was asked for, if it gives the bits of the CPU.

use raylance_tracer::{DeviceChoice, DeviceInfo, DeviceKind, Profile, RenderError, conformance, devices};

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
mod tests {
    use super::*;

    #[test]
    fn the_cpu_is_always_there_and_an_unknown_name_is_said() {
        assert_eq!(choose(&DeviceChoice::Cpu).map(|chosen| chosen.choice).ok(), Some(DeviceChoice::Cpu));
        assert!(matches!(choose(&DeviceChoice::Named("no such card".to_owned())), Err(ChooseError::NoDevice(_))));
    }
}
