//! Sixteen samples at once, in the registers of AVX-512.

/// Gives a function the processor features that sixteen lanes need.
macro_rules! wide {
    ($($function:tt)*) => {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
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
    use std::arch::is_x86_feature_detected as has;
    has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl")
}
