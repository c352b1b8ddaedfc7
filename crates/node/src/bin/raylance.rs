//! `raylance`: the whole application without a window. Everything is in the library, so that the window shares it.

fn main() -> std::process::ExitCode {
    raylance_node::cli::main()
}
