//! Whole processes, real network, real renderer: what a person would see of the binary. One test binary, so that it is linked once.

mod crashes;
mod demo;
mod files;
mod scenes;
mod swarm;
mod verbs;

use std::path::Path;
use std::process::{Command, Output};

/// Runs `raylance` with these arguments to its end.
pub fn raylance(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_raylance"))
        .args(args)
        .env_remove("RAYLANCE_LOG")
        .output()
        .expect("the binary was built with this test")
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
