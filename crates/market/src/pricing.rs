//! What tasks cost.

use raylance_protocol::{Address, Microlux, Rate, UnitIndex, Work};

/// The price of a unit at this rate; `None` when the job has no such unit or the price does not fit.
pub fn unit_price(work: &Work, rate: Rate, unit: UnitIndex) -> Option<Microlux> {
    rate.price(work.cost(unit)?)
}

/// Replayed leaves lie apart, so a checker's device loses what neighbours share: a list's samples are paid this many times the rate.
pub const LIST_FACTOR: u64 = 2;

/// The price of a list at this rate, at least `price_min`.
pub fn list_price(rate: Rate, addresses: &[Address], price_min: Microlux) -> Option<Microlux> {
    let samples: u64 = addresses.iter().map(|address| u64::from(address.samples)).sum();
    rate.price(samples.checked_mul(LIST_FACTOR)?).map(|price| price.max(price_min))
}

/// How long a worker of this speed may take for `samples` camera samples: three times what it says it needs, and at least a minute;
/// an unmeasured worker gets ten minutes.
pub fn lease_ms(samples: u64, samples_per_s: u64) -> u32 {
    if samples_per_s == 0 {
        return 600_000;
    }
    let expected_ms = u128::from(samples) * 1000 / u128::from(samples_per_s);
    (expected_ms * 3).clamp(60_000, 3_600_000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_paid_at_least_the_minimum_and_units_by_their_samples() {
        let address = |samples: u8| Address { frame: 0, x_px: 0, y_px: 0, first_sample: 0, samples };
        let addresses = [address(16), address(4)];
        assert_eq!(list_price(Rate(1_000_000), &addresses, Microlux(60)), Some(Microlux(60)));
        assert_eq!(list_price(Rate(10_000_000), &addresses, Microlux(60)), Some(Microlux(400)));
        assert_eq!(list_price(Rate(u64::MAX), &[address(16); 40_000], Microlux(60)), None);
    }

    #[test]
    fn a_lease_lasts_three_times_the_expected_time() {
        assert_eq!(lease_ms(1_000_000, 10_000), 300_000);
        assert_eq!(lease_ms(1, 10_000), 60_000);
        assert_eq!(lease_ms(1 << 40, 1), 3_600_000);
        assert_eq!(lease_ms(1, 0), 600_000);
    }
}
