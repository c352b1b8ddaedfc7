//! Chores of the repository: `cargo xtask tidy | bless [--check]`.

mod bless;
mod tidy;

use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "xtask", about = "Chores of the Raylance repository")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Checks the architecture and the house rules; fails when one is broken.
    Tidy,
    /// Makes every contract file anew: CPU shader code, protocol bytes, sample scene, broken scenes, TypeScript bindings.
    Bless {
        /// Only contracts whose name contains one of these words, such as `code` before compiling a changed shader.
        only: Vec<String>,
        /// Only compare; fails when a file differs.
        #[arg(long)]
        check: bool,
        /// A folder into which the window's tests have exported their TypeScript types already; absent = run them.
        #[arg(long, value_name = "FOLDER")]
        bindings: Option<PathBuf>,
    },
}

/// The repository's root.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies one folder below the root")
}

fn main() -> ExitCode {
    match Arguments::parse().chore {
        Chore::Tidy => tidy::run(root()),
        Chore::Bless { only, check, bindings } => {
            let mode = if check { bless::Mode::Check } else { bless::Mode::Write };
            bless::run(root(), &bless::contracts(bindings, &only), mode)
        }
    }
}
