//! Amounts of money: whole microlux, checked arithmetic, no floats.

use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;

/// An amount of money in millionths of a lux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct Microlux(pub u64);

/// Why a sum of money does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// More than 2^64 − 1 microlux.
    #[error("the amount is too large")]
    Overflow,
    /// Less than nothing.
    #[error("{have} microlux are less than {need} microlux")]
    Short {
        /// What is there.
        have: u64,
        /// What was to be taken.
        need: u64,
    },
}

impl Microlux {
    /// Microlux in one lux.
    pub const PER_LUX: u64 = 1_000_000;
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `lux` whole lux. Panics in a constant where it overflows.
    pub const fn from_lux(lux: u64) -> Self {
        Self(lux * Self::PER_LUX)
    }

    /// Sum.
    ///
    /// # Errors
    /// [`AmountError::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, AmountError> {
        self.0.checked_add(other.0).map(Self).ok_or(AmountError::Overflow)
    }

    /// Difference.
    ///
    /// # Errors
    /// [`AmountError::Short`] when `other` is more than there is.
    pub fn minus(self, other: Self) -> Result<Self, AmountError> {
        self.0.checked_sub(other.0).map(Self).ok_or(AmountError::Short { have: self.0, need: other.0 })
    }

    /// `count` times this amount.
    ///
    /// # Errors
    /// [`AmountError::Overflow`].
    pub fn times(self, count: u64) -> Result<Self, AmountError> {
        self.0.checked_mul(count).map(Self).ok_or(AmountError::Overflow)
    }

    /// `permille` thousandths of this amount, rounded down. `permille` is at most 1,000, so the result never exceeds `self`.
    pub fn share(self, permille: u16) -> Self {
        debug_assert!(permille <= 1000);
        Self((u128::from(self.0) * u128::from(permille) / 1000) as u64)
    }
}

/// Prints lux with six decimals: `1.250000 lux`.
impl fmt::Display for Microlux {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} lux", self.0 / Self::PER_LUX, self.0 % Self::PER_LUX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_checked_at_its_edges() {
        assert_eq!(Microlux(1).minus(Microlux(2)), Err(AmountError::Short { have: 1, need: 2 }));
        assert_eq!(Microlux(u64::MAX).plus(Microlux(1)), Err(AmountError::Overflow));
        assert_eq!(Microlux(u64::MAX).times(2), Err(AmountError::Overflow));
        assert_eq!(Microlux(u64::MAX).share(1000), Microlux(u64::MAX));
        assert_eq!(Microlux(999).share(900), Microlux(899));
    }

    #[test]
    fn lux_are_printed_with_six_decimals() {
        assert_eq!(Microlux(1_250_000).to_string(), "1.250000 lux");
    }
}
