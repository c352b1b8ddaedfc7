//! Whole processes, real network, real renderer: what a person would see of the binary. One test binary, so that it is linked once.
#![allow(clippy::unwrap_used, reason = "all of this crate is tests, its helpers included")]

mod check;
mod child;
mod crashes;
mod demo;
mod files;
mod scenes;
mod soak;
mod swarm;
mod verbs;

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Only against hanging for ever: no test asserts a time, and a crowded machine may take fifty times as long as an idle one.
pub const PATIENCE: Duration = Duration::from_secs(1_200);

/// Turn of the tests that keep all cores busy for seconds: one after another they wait less for each other's processes.
static TURN: Mutex<()> = Mutex::new(());

/// Waits for the turn. A test that failed in its turn does not spoil the next one's.
pub fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A child that never outlives its owner.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; and a second panic would hide the first.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs `raylance` with these arguments to its end. `flags` are more of them, divided by spaces.
pub fn raylance(args: &[&str], flags: &str) -> Output {
    let args: Vec<&str> = args.iter().copied().chain(flags.split_whitespace()).collect();
    let mut command = Command::new(env!("CARGO_BIN_EXE_raylance"));
    command.args(&args).env_remove("RAYLANCE_LOG").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = Process(command.spawn().expect("the binary was built with this test"));
    // Both pipes are drained by threads of their own: a full one would stop the process.
    let stdout = drain(process.0.stdout.take().expect("it is piped"));
    let stderr = drain(process.0.stderr.take().expect("it is piped"));
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = process.0.try_wait().expect("an own child can be waited for") {
            break status;
        }
        if Instant::now() > deadline {
            drop(process);
            panic!("{args:?} hangs; stderr: {}", String::from_utf8_lossy(&stderr.join().unwrap()));
        }
        thread::sleep(Duration::from_millis(5));
    };
    Output { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

fn drain(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        bytes
    })
}

/// The last line of stdout as JSON.
pub fn last_json(output: &Output) -> serde_json::Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().unwrap_or_else(|| panic!("no line on stdout; stderr: {}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// Standard error as text.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A path as an argument.
pub fn arg(path: &Path) -> &str {
    path.to_str().expect("temporary paths are Unicode")
}
