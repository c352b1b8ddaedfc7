//! Eight samples at once, in the registers of AVX2.

/// Gives a function the processor features that eight lanes need.
macro_rules! wide {
    ($($function:tt)*) => {
        #[target_feature(enable = "avx2")]
        $($function)*
    };
}

#[rustfmt::skip]
#[path = "generated_wide.rs"]
pub mod generated_wide;
#[path = "packet.rs"]
mod packet;
#[cfg(test)]
#[path = "packet_tests.rs"]
mod packet_tests;
#[cfg(test)]
#[rustfmt::skip]
#[path = "probe_wide.rs"]
mod probe_wide;
#[cfg(test)]
#[path = "probe_tests.rs"]
mod probe_tests;
mod registers;
#[path = "wide_memory.rs"]
mod wide_memory;
#[path = "wide_runtime.rs"]
mod wide_runtime;

#[cfg(test)]
use super::probe;
use super::{generated, runtime};

/// Whether this processor can.
pub fn is_available() -> bool {
    super::wide::has_avx2()
}
