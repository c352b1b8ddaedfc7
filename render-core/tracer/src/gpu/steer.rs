//! How much work one dispatch gets: as much as the device did in the wanted time when it was last timed.

use crate::LeafRequest;
use std::time::Duration;

/// Samples of the first dispatch, before the device's speed is known: a few milliseconds on the slowest card.
const SAMPLES_FIRST: u64 = 4096;
/// Invocations of one workgroup, as in `shaders/pass/render.wgsl`. No dispatch is smaller unless less is left.
pub const WORKGROUP: u32 = 64;
/// Most requests of one dispatch: 32 MiB of them.
pub const REQUESTS_MAX: usize = 1 << 20;

/// Sizes dispatches by how long the ones before took.
#[derive(Debug, Default)]
pub struct Steering {
    /// Samples per second of the last dispatch that says something.
    rate: Option<f64>,
    /// Its samples.
    last: u64,
}

impl Steering {
    /// How many of the requests, from the first, the next dispatch takes. Of each it renders `samples_max` at most.
    pub fn take(&self, requests: &[LeafRequest], samples_max: u32, target: Duration) -> usize {
        let wanted = self.samples_wanted(target);
        let mut samples = 0;
        let enough = requests.iter().take(REQUESTS_MAX).position(|request| {
            samples += u64::from(request.samples.clamp(1, samples_max));
            samples >= wanted
        });
        let count = enough.map_or(REQUESTS_MAX, |at| (at + 1).next_multiple_of(WORKGROUP as usize));
        count.min(REQUESTS_MAX).min(requests.len())
    }

    /// At most twice what was timed: one lucky dispatch over the sky must not make the next one a second long.
    fn samples_wanted(&self, target: Duration) -> u64 {
        self.rate.map_or(SAMPLES_FIRST, |rate| ((rate * target.as_secs_f64()) as u64).min(self.last * 2)).max(1)
    }

    /// Learns from a dispatch. A short rest at the end of a render says nothing about speed.
    pub fn learn(&mut self, samples: u64, took: Duration, target: Duration) {
        if samples * 2 < self.samples_wanted(target) && took < target {
            return;
        }
        self.rate = Some(samples as f64 / took.as_secs_f64().max(1e-6));
        self.last = samples.max(SAMPLES_FIRST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Duration = Duration::from_millis(50);

    fn requests(count: usize) -> Vec<LeafRequest> {
        vec![LeafRequest { samples: 16, ..conformance_request() }; count]
    }

    fn conformance_request() -> LeafRequest {
        crate::conformance::frame_requests()[0]
    }

    /// Runs a device that does `rate` samples per second and returns the last dispatch's time.
    fn settle(steering: &mut Steering, rate: f64, target: Duration) -> Duration {
        let requests = requests(1 << 18);
        let mut took = Duration::ZERO;
        for _ in 0..24 {
            let samples = steering.take(&requests, 64, target) as u64 * 16;
            took = Duration::from_secs_f64(samples as f64 / rate);
            steering.learn(samples, took, target);
        }
        took
    }

    #[test]
    fn dispatches_settle_at_the_target_and_follow_a_new_one() {
        for rate in [2.0e5, 1.0e6, 5.0e7] {
            let mut steering = Steering::default();
            for target in [TARGET, Duration::from_millis(10), TARGET] {
                let took = settle(&mut steering, rate, target);
                let error = took.as_secs_f64() / target.as_secs_f64();
                assert!((0.8..1.6).contains(&error), "{rate} samples/s, {target:?}: {took:?}");
            }
        }
    }

    #[test]
    fn growth_is_bounded_and_a_rest_teaches_nothing() {
        let requests = requests(1 << 18);
        let mut steering = Steering::default();
        let first = steering.take(&requests, 64, TARGET);
        assert_eq!(first as u64 * 16, SAMPLES_FIRST);
        steering.learn(SAMPLES_FIRST, Duration::from_micros(1), TARGET);
        assert_eq!(steering.take(&requests, 64, TARGET), first * 2);
        // A rest of one leaf, slow because starting it costs as much as the leaf.
        steering.learn(16, Duration::from_millis(2), TARGET);
        assert_eq!(steering.take(&requests, 64, TARGET), first * 2);
        assert_eq!(steering.take(&requests[..3], 64, TARGET), 3);
    }
}
