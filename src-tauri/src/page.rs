//! What the page asks: each command is one line to the node, which checks its words.

use raylance_control::submit::{self, Look, Refused, SubmitRequest as NodeRequest};
use raylance_control::view::EarnRequest;
use raylance_node::Node;
use raylance_protocol::{Digest, SpecHash};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use ts_rs::TS;

/// What a person can ask of a node.
#[derive(Clone, Debug, PartialEq, Deserialize, TS)]
#[ts(export)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Turns working for others on or off.
    RentOut {
        /// The switch.
        on: bool,
    },
    /// Takes a scene.
    Submit(SubmitRequest),
    /// Stops an own job: what is there is paid, and the picture so far is written.
    Cancel {
        /// Job in hexadecimal.
        job: String,
    },
    /// Gives a job's picture another folder.
    Folder {
        /// Job in hexadecimal.
        job: String,
        /// The folder.
        folder: String,
    },
}

/// A scene with its settings.
#[derive(Clone, Debug, PartialEq, Deserialize, TS)]
#[ts(export)]
pub struct SubmitRequest {
    /// Path of a `.gltf` or `.glb` file.
    pub scene: String,
    /// Path of an equirectangular `.hdr` or `.exr` picture.
    pub env: Option<String>,
    /// Factor on the environment's radiance.
    pub env_strength: Option<f32>,
    /// Camera name or number.
    pub camera: Option<String>,
    /// Eye, target and vertical field of view in degrees: replaces the scene's cameras.
    pub look: Option<LookRequest>,
    /// Picture width.
    pub width_px: u32,
    /// Picture height.
    pub height_px: u32,
    /// Samples per pixel.
    pub samples: u32,
    /// Most path segments.
    pub depth_max: u32,
    /// Folder for the finished files; absent = a new one among the person's pictures.
    pub out_dir: Option<String>,
    /// Names this press of the button: a second click is not a second job.
    pub key: String,
}

/// A camera given by hand.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, TS)]
#[ts(export)]
pub struct LookRequest {
    /// Eye, metres.
    pub from: [f32; 3],
    /// Target, metres.
    pub at: [f32; 3],
    /// Vertical field of view, degrees.
    pub fov_y_deg: f32,
}

/// What a command answers at once. Everything else shows in the next [`crate::topics::Update`].
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[ts(export)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Done.
    Done,
    /// The scene was taken.
    Submitted {
        /// Job in hexadecimal.
        job: String,
        /// What the scene doctor had to say.
        warnings: Vec<String>,
    },
}

/// Why a command was refused, for a person: what, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[ts(export)]
pub struct CommandError {
    /// One line.
    pub message: String,
    /// More lines, e.g. one per scene fault.
    pub details: Vec<String>,
}

impl From<Refused> for CommandError {
    fn from(Refused { message, details }: Refused) -> Self {
        Self { message, details }
    }
}

/// The node ends while somebody asks.
pub fn stopped() -> CommandError {
    CommandError { message: "the peer has stopped; start the application again".to_owned(), details: Vec::new() }
}

/// Does what a person asks.
///
/// # Errors
/// What the peer refuses, in words for a person.
pub async fn command(node: &Node, command: Command) -> Result<Answer, CommandError> {
    let give = async |command| match node.command(command).await {
        Ok(()) => Ok(Answer::Done),
        Err(None) => Err(stopped()),
        Err(Some(error)) => Err(CommandError { message: error.to_string(), details: Vec::new() }),
    };
    match command {
        Command::RentOut { on } => match raylance_control::earn(node, on.then_some(EarnRequest::USUAL)).await {
            Ok(()) => Ok(Answer::Done),
            Err(error) => Err(error.map_or_else(stopped, CommandError::from)),
        },
        Command::Submit(request) => {
            let submitted = submit::submit(node, request.into()).await?;
            Ok(Answer::Submitted { job: submitted.job, warnings: submitted.warnings })
        }
        Command::Cancel { job } => give(raylance_agent::Command::Stop(named(&job)?)).await,
        Command::Folder { job, folder } => {
            submit::set_folder(node, named(&job)?, folder.into()).await?;
            Ok(Answer::Done)
        }
    }
}

/// The job of that name.
///
/// # Errors
/// It is no name of a job.
pub fn named(job: &str) -> Result<SpecHash, CommandError> {
    let missing = || CommandError { message: "this job is not known here any more".to_owned(), details: Vec::new() };
    Digest::from_hex(job).map(SpecHash).ok_or_else(missing)
}

impl From<SubmitRequest> for NodeRequest {
    fn from(request: SubmitRequest) -> Self {
        Self {
            scene: request.scene.into(),
            env: request.env.map(PathBuf::from),
            env_strength: request.env_strength,
            camera: request.camera,
            look: request.look.map(|LookRequest { from, at, fov_y_deg }| Look { from, at, fov_y_deg }),
            width_px: request.width_px,
            height_px: request.height_px,
            samples: request.samples,
            depth_max: request.depth_max,
            rate_microlux: None,
            alone: false,
            out_dir: request.out_dir.map(PathBuf::from),
            key: Some(request.key),
        }
    }
}
