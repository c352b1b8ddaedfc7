//! What the binary does without a window: help, wrong usage, no display.

use std::process::{Command, Output};

fn desktop(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_raylance-desktop"));
    command.args(arguments).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.output().expect("the binary starts")
}

#[test]
fn regression_c7_help_is_shown_and_no_window_opened() {
    let output = desktop(&["--help"]);
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("--data <DIR>"), "{output:?}");
    assert!(desktop(&["--version"]).status.success());
    assert_eq!(desktop(&["--nonsense"]).status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn regression_c7_without_a_display_one_line_says_so() {
    let output = desktop(&[]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.starts_with("error: the window can't be opened: there is no display") && !told.contains("panicked"), "{told}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_raylance-desktop"));
    // A display that nobody serves.
    let output = command.env("DISPLAY", "127.0.0.1:4059").env_remove("WAYLAND_DISPLAY").output().expect("the binary starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && told.contains("error: the window can't be opened") && !told.contains("panicked"), "{told}");
}
