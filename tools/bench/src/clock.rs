//! Processor time of child processes.

use std::io;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// What a piece of work took.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
pub struct Cost {
    /// User and system time of all threads, seconds.
    pub cpu_s: f64,
    /// Wall time, seconds.
    pub wall_s: f64,
}

/// Runs a command to its end and says what it took. No other child may run meanwhile.
///
/// # Errors
/// When it cannot be started.
pub fn run(command: &mut Command) -> io::Result<(Output, Cost)> {
    let (before, began) = (children()?, Instant::now());
    let output = command.output()?;
    let cost = Cost { cpu_s: children()?.saturating_sub(before).as_secs_f64(), wall_s: began.elapsed().as_secs_f64() };
    Ok((output, cost))
}

/// Processor time of all children that have ended.
#[cfg(unix)]
fn children() -> io::Result<Duration> {
    // SAFETY: `rusage` is a C struct of numbers, for which all zeros is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a whole `rusage` that outlives the call.
    if unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let [user, system] = [usage.ru_utime, usage.ru_stime].map(|time| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000));
    Ok(user + system)
}

#[cfg(not(unix))]
fn children() -> io::Result<Duration> {
    Err(io::ErrorKind::Unsupported.into())
}
