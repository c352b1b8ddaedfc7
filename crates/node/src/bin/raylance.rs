//! `raylance`: the whole application without a window. Everything is in the library, so that the window shares it.

fn main() -> std::process::ExitCode {
    quiet_graphics_drivers();
    raylance_node::cli::main()
}

/// Outside a desktop session Mesa writes a complaint about a missing XDG_RUNTIME_DIR to stderr for every device that is listed, where a
/// reader expects our own first line. No socket is ever opened there.
fn quiet_graphics_drivers() {
    if cfg!(target_os = "linux") && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: this is the first thing that the process does; it has one thread.
        unsafe { std::env::set_var("XDG_RUNTIME_DIR", std::env::temp_dir()) };
    }
}
