//! Chores of the repository: `cargo xtask tidy | shaders | bless [--check] | scene | broken | bench`.

mod bench;
mod bless;
mod broken;
mod gallery;
mod scene;
#[allow(dead_code, reason = "the GPU has its own use for the rest")]
#[path = "../../render-core/src/shaders.rs"]
mod shaders;
mod tidy;
mod wgsl_to_rust;

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
    /// Writes the sample scene.
    Scene,
    /// Writes the broken scenes that the scene doctor is tested with.
    Broken,
    /// Writes the CPU's shader code: what everyone who changes a shader runs before compiling.
    Shaders,
    /// Measures our renderers beside Mitsuba and Blender Cycles.
    Bench(bench::BenchArgs),
    /// Draws the gallery with the release binary: `docs/gallery.md` and its pictures.
    Gallery {
        /// Only exhibits of these names.
        names: Vec<String>,
    },
    /// Makes every contract file anew: CPU shader code, protocol bytes, sample scene, broken scenes, TypeScript bindings.
    Bless {
        /// Only compare; fails when a file differs.
        #[arg(long)]
        check: bool,
        /// A folder into which the node's tests have exported their TypeScript types already; absent = run them.
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
        Chore::Scene => bless::run(root(), &[bless::sample_scene()], bless::Mode::Write),
        Chore::Broken => bless::run(root(), &[bless::broken_scenes()], bless::Mode::Write),
        Chore::Shaders => bless::run(root(), &bless::shader_contracts(), bless::Mode::Write),
        Chore::Bench(args) => bench::run(root(), &args),
        Chore::Gallery { names } => gallery::run(root(), &names),
        Chore::Bless { check, bindings } => {
            let mode = if check { bless::Mode::Check } else { bless::Mode::Write };
            bless::run(root(), &bless::contracts(bindings), mode)
        }
    }
}
