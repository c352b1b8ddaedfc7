//! What a person sees of a node: plain values, made anew after every turn, sent to the window and to `--json`.
//!
//! Money stands here twice: as text to show and as whole microlux in a decimal string, because a page's numbers
//! are floats. The page computes no money.

use serde::{Deserialize, Serialize};

/// Everything a window shows, except pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// This peer.
    pub me: MeView,
    /// The ring that pays.
    pub ring: RingView,
    /// Is the GPU rented out, and what is it doing?
    pub rent: RentView,
    /// Connected peers, nearest first.
    pub peers: Vec<PeerView>,
    /// Money.
    pub wallet: WalletView,
    /// Jobs in which this peer has a part, newest first.
    pub jobs: Vec<JobView>,
    /// Lines that a person should read, newest first; at most 50.
    pub notices: Vec<Notice>,
}

/// This peer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeView {
    /// Account in hexadecimal.
    pub account: String,
    /// libp2p peer id.
    pub peer_id: String,
    /// Addresses that others can dial.
    pub addresses: Vec<String>,
    /// Version of the application.
    pub version: String,
    /// The device that renders: its name, `cpu` or `gpu`, and its profile.
    pub device: DeviceView,
}

/// A device that can render.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceView {
    /// What the driver calls it.
    pub name: String,
    /// `cpu` or `gpu`.
    pub kind: String,
    /// `exact` or `portable`.
    pub profile: String,
}

/// The ring that pays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RingView {
    /// Its name.
    pub name: String,
    /// Chain id in hexadecimal.
    pub chain: String,
    /// Last block that this peer has checked itself.
    pub height: u64,
    /// Is this peer the ring's validator?
    pub validating: bool,
}

/// Is the GPU rented out, and what is it doing?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RentView {
    /// The switch.
    pub on: bool,
    /// `off`, `waiting`, `fetching`, `rendering` or `verifying`.
    pub activity: String,
    /// One sentence for a person: what is being done, or why nothing is.
    pub sentence: String,
    /// Measured speed of the last unit, camera samples per second.
    pub samples_per_s: f64,
    /// Units finished since the start of the application.
    pub units_done: u32,
    /// Earned since the start of the application, to show.
    pub earned: String,
}

/// A connected peer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeerView {
    /// libp2p peer id.
    pub peer_id: String,
    /// Account in hexadecimal.
    pub account: String,
    /// Remote address.
    pub address: String,
    /// Round-trip time in milliseconds, when measured.
    pub rtt_ms: Option<f64>,
}

/// Money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WalletView {
    /// Balance to show, with unit.
    pub balance: String,
    /// Balance in whole microlux.
    pub balance_microlux: String,
    /// Height at which certificate, header and path were checked.
    pub verified_at_height: u64,
    /// Locked in own open jobs, to show.
    pub escrow: String,
    /// Do the wallet's own running total and the ledger agree?
    pub agrees: bool,
    /// Latest movements, newest first; at most 100.
    pub movements: Vec<MovementView>,
}

/// One movement of money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MovementView {
    /// Block.
    pub height: u64,
    /// What for, for a person.
    pub reason: String,
    /// Signed amount to show.
    pub amount: String,
    /// Job in hexadecimal, where it belongs to one.
    pub job: Option<String>,
}

/// A job in which this peer has a part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobView {
    /// Job in hexadecimal.
    pub id: String,
    /// A name for people: the scene's file name, or a short id.
    pub name: String,
    /// `artist` or `worker`.
    pub role: String,
    /// `looking_for_workers`, `locking_budget`, `rendering`, `assembling`, `done` or `failed`.
    pub state: String,
    /// One sentence for a person.
    pub sentence: String,
    /// Picture width.
    pub width_px: u32,
    /// Picture height.
    pub height_px: u32,
    /// Samples per pixel.
    pub samples: u32,
    /// Units of the job.
    pub units: u32,
    /// Units handed out and not yet committed.
    pub units_rendering: u32,
    /// Units rendered and waiting for replay or settlement.
    pub units_checking: u32,
    /// Units settled: replayed, accepted, paid.
    pub units_settled: u32,
    /// Films that were rejected.
    pub units_rejected: u32,
    /// Remaining time, milliseconds, when known.
    pub eta_ms: Option<u64>,
    /// Budget to show.
    pub budget: String,
    /// Paid so far to show (artist), or earned (worker).
    pub paid: String,
    /// Raised whenever the picture changed; 0 = there is none yet.
    pub picture_revision: u64,
    /// Where the finished files are.
    pub files: Vec<String>,
    /// Each unit's state and worker, in order: for the who-drew-what overlay.
    pub unit_rows: Vec<UnitView>,
}

/// One unit of an own job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitView {
    /// `open`, `assigned`, `committed`, `checking` or `settled`.
    pub state: String,
    /// Account that renders or rendered it.
    pub worker: Option<String>,
}

/// A line that a person should read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Milliseconds since 1970.
    pub time_ms: u64,
    /// `info`, `warning` or `error`.
    pub level: String,
    /// The line.
    pub text: String,
}

/// What a person can ask of a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Turns renting out on or off.
    RentOut {
        /// The switch.
        on: bool,
    },
    /// Imports a scene and offers it as a job.
    Submit(SubmitRequest),
    /// Ends an own job early; what is settled stays paid.
    Cancel {
        /// Job in hexadecimal.
        job: String,
    },
}

/// A scene with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// Price of one unit in microlux, as decimal text; absent = the default price.
    pub unit_price_microlux: Option<String>,
    /// Folder for the finished files; absent = the application's own.
    pub out_dir: Option<String>,
}

/// A camera given by hand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookRequest {
    /// Eye, metres.
    pub from: [f32; 3],
    /// Target, metres.
    pub at: [f32; 3],
    /// Vertical field of view, degrees.
    pub fov_y_deg: f32,
}

/// What a command answers at once. Everything else shows in the next [`View`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandError {
    /// One line.
    pub message: String,
    /// More lines, e.g. one per scene fault.
    pub details: Vec<String>,
}
