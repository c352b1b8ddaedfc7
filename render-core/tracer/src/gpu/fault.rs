//! A switch that takes the device away in the middle of a render, so that recovery can be tried on any machine.

/// The environment variable: `device-lost:N` loses the device once after N dispatches, `device-lost:NxM` each time, M times in all.
const VARIABLE: &str = "RAYLANCE_FAULT";

/// Losses that are still to come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// Dispatches between two losses.
    pub(super) every: u32,
    /// Dispatches until the next one.
    pub(super) left: u32,
    /// Losses to come.
    pub(super) times: u32,
}

impl Fault {
    /// Loses the device after every `every` dispatches, `times` times.
    pub fn losing(every: u32, times: u32) -> Self {
        Self { every, left: every, times }
    }

    /// What the environment asks for: nothing, unless someone tries this program's recovery.
    pub fn from_environment() -> Self {
        std::env::var(VARIABLE).ok().and_then(|text| Self::parse(&text)).unwrap_or_default()
    }

    fn parse(text: &str) -> Option<Self> {
        let numbers = text.strip_prefix("device-lost:")?;
        let (every, times) = numbers.split_once('x').unwrap_or((numbers, "1"));
        Some(Self::losing(every.parse().ok()?, times.parse().ok()?))
    }

    /// Asked before each dispatch: whether the device is to be lost now.
    pub fn strikes(&mut self) -> bool {
        if self.times == 0 {
            return false;
        }
        if self.left > 0 {
            self.left -= 1;
            return false;
        }
        self.left = self.every;
        self.times -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_is_read_and_strikes_as_often_as_it_says() {
        assert_eq!(Fault::parse("device-lost:3"), Some(Fault::losing(3, 1)));
        assert_eq!(Fault::parse("device-lost:0x9"), Some(Fault::losing(0, 9)));
        for wrong in ["", "device-lost", "device-lost:", "device-lost:-1", "device-lost:1x", "other:1"] {
            assert_eq!(Fault::parse(wrong), None, "{wrong}");
        }
        let mut fault = Fault::losing(2, 2);
        let strikes: Vec<bool> = (0..8).map(|_| fault.strikes()).collect();
        assert_eq!(strikes, [false, false, true, false, false, true, false, false]);
        assert!(!Fault::default().strikes());
    }
}
