//! The command line of the window.

use clap::Parser;
use std::path::PathBuf;

/// Rent out an idle graphics card, or have a scene rendered: the window.
#[derive(Parser, Clone, Debug)]
#[command(name = "raylance-desktop", version, after_help = "Without a window: `raylance --help`. RAYLANCE_LOG=debug tells more.")]
pub struct Arguments {
    /// Folder for everything that the application keeps; absent = $RAYLANCE_DATA, else the system's usual one
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Genesis file of a ring to join, which a new data folder remembers; absent = $RAYLANCE_RING, else a ring of its own
    #[arg(long, value_name = "GENESIS_FILE")]
    pub ring: Option<PathBuf>,
}

impl Arguments {
    /// As they were given, or as the environment says. Help, the version and wrong usage end the process.
    pub fn get() -> Self {
        let Self { data, ring } = Self::parse();
        Self { data: data.or_else(|| named_by("RAYLANCE_DATA")), ring: ring.or_else(|| named_by("RAYLANCE_RING")) }
    }
}

fn named_by(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from)
}
