//! Asking the running node of a data folder.

use super::Failure;
use raylance_control::{self as control, Ask, ControlError, Told};
use std::path::{Path, PathBuf};

/// Asks once and waits for the answer.
///
/// # Errors
/// A refusal is the user's to mend; everything else is not.
pub fn ask(data: Option<&Path>, question: Ask) -> Result<Told, Failure> {
    let data = data_folder(data)?;
    // One question needs no threads, and `--wait` asks several times a second.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::work(format!("cannot start the runtime: {error}")))?;
    runtime.block_on(control::ask(&data, question)).map_err(|error| control_failure(&error))
}

/// The node said something else.
pub fn unexpected() -> Failure {
    Failure::work(ControlError::Malformed)
}

/// What a person reads of it.
pub fn control_failure(error: &ControlError) -> Failure {
    match error {
        ControlError::Refused(refusal) => Failure::input(&refusal.message).with_details(refusal.details.clone()),
        ControlError::NotRunning(_) | ControlError::NotYours(_) => Failure::input(error),
        ControlError::Io(_) | ControlError::Timeout | ControlError::Malformed => Failure::work(error).caused_by(error),
    }
}

/// The data folder that was given, or `~/.local/share/raylance` (`$XDG_DATA_HOME`).
pub fn data_folder(given: Option<&Path>) -> Result<PathBuf, Failure> {
    match given {
        Some(data) => std::path::absolute(data).map_err(|error| Failure::input(format!("{}: no such path: {error}", data.display()))),
        None => usual("XDG_DATA_HOME", ".local/share"),
    }
}

/// Where a validator's mark lies: `~/.local/state/raylance` (`$XDG_STATE_HOME`).
pub fn state_folder() -> Result<PathBuf, Failure> {
    usual("XDG_STATE_HOME", ".local/state")
}

fn usual(variable: &str, below_home: &str) -> Result<PathBuf, Failure> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = set(variable).or_else(|| set("HOME").map(|home| home.join(below_home)));
    base.map(|base| base.join("raylance")).ok_or_else(|| Failure::input("there is no home folder; give one with --data"))
}
