//! Why the demo has no report.

use super::swarm::SwarmError;
use raylance_control::ControlError;
use raylance_picture::PictureError;
use raylance_picture::frame::FrameError;
use raylance_scene::import::ImportError;
use raylance_tracer::RenderError;
use std::path::PathBuf;

/// A demo that ended early.
#[derive(Debug)]
pub struct DemoFailure {
    /// Why.
    pub error: DemoError,
    /// The last log lines of every process, oldest first; empty when none had started or a person stopped them.
    pub last_words: Vec<String>,
}

/// Why the demo has no report.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The processes do not run.
    #[error(transparent)]
    Swarm(#[from] SwarmError),
    /// The artist's process cannot be asked, or it refuses.
    #[error(transparent)]
    Artist(#[from] ControlError),
    /// Nothing has happened for a long time.
    #[error("the job stands still: {shown} of {units} units are there")]
    StandsStill {
        /// Units that are in the picture.
        shown: u32,
        /// Units of the job.
        units: u32,
    },
    /// The artist wrote no receipt that can be trusted.
    #[error("{} is missing or its signature is wrong", path.display())]
    Receipt {
        /// Where it should be.
        path: PathBuf,
    },
    /// The finished files can't be put where they were asked for.
    #[error("cannot write {}", path.display())]
    Files {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The assembled picture cannot be read.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The scene cannot be read a second time.
    #[error(transparent)]
    Scene(#[from] ImportError),
    /// This machine has no CPU renderer for the scene.
    #[error(transparent)]
    Renderer(#[from] RenderError),
    /// The picture could not be rendered a second time.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The comparison panicked.
    #[error("the comparison broke: {0}")]
    Comparison(tokio::task::JoinError),
    /// A person pressed Ctrl-C.
    #[error("stopped by Ctrl-C")]
    Stopped,
}

impl DemoError {
    /// Can whoever started the demo mend it by asking for something else?
    pub fn is_input(&self) -> bool {
        match self {
            // What a node refuses at its start is what the user asked of the demo.
            Self::Swarm(SwarmError::NotStarted { status, .. }) => status.code() == Some(2),
            Self::Artist(ControlError::Refused(_)) | Self::Scene(_) => true,
            _ => false,
        }
    }

    /// What the artist or the importer says beyond its first line.
    pub fn details(&self) -> &[String] {
        match self {
            Self::Artist(ControlError::Refused(refusal)) => &refusal.details,
            _ => &[],
        }
    }
}
