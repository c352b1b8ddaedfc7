//! Timing that a busy machine can't fool much: CPU time of the own thread, medians and quantiles.

/// How long steps of one kind kept the processor.
#[derive(Default)]
pub struct Samples(Vec<u64>);

impl Samples {
    /// Runs `step` and keeps how long it kept this thread's processor.
    pub fn time<T>(&mut self, step: impl FnOnce() -> T) -> T {
        let began = cpu_ns();
        let value = step();
        self.push(cpu_ns().saturating_sub(began));
        value
    }

    /// Keeps a duration in nanoseconds.
    pub fn push(&mut self, ns: u64) {
        self.0.push(ns);
    }

    /// `{count, mean, median, p99, max}` in microseconds.
    pub fn json(&mut self) -> serde_json::Value {
        self.0.sort_unstable();
        let at = |part: f64| self.0.get(((self.0.len() as f64 - 1.0) * part).round() as usize).map_or(0.0, |ns| *ns as f64 / 1000.0);
        serde_json::json!({
            "count": self.0.len(), "mean_us": self.mean_us(), "median_us": at(0.5), "p99_us": at(0.99), "max_us": at(1.0),
        })
    }

    /// Mean in microseconds.
    pub fn mean_us(&self) -> f64 {
        self.0.iter().sum::<u64>() as f64 / 1000.0 / self.0.len().max(1) as f64
    }
}

/// CPU time of this thread, nanoseconds: what other processes take does not count.
#[cfg(target_os = "linux")]
pub fn cpu_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock writes one timespec, which lives here.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    if result == 0 { time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64 } else { 0 }
}

/// Elsewhere the wall's time has to do.
#[cfg(not(target_os = "linux"))]
pub fn cpu_ns() -> u64 {
    static BEGAN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    u64::try_from(BEGAN.get_or_init(std::time::Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}
