//! What the page shows: values and words made of the node's views, the newest of which goes to the page.
//!
//! Money stands here as text to show: a page's numbers are floats, and the page computes no money.

use raylance_control::submit::{self, Look, Refused, SubmitRequest as NodeRequest};
use raylance_control::view::{self, Doing, EarnRequest, JobLine, JobState, MovementView as NodeMovement};
use raylance_files::jobs::JobFile;
use raylance_node::Node;
use raylance_protocol::{Digest, Microlux, SpecHash};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use ts_rs::TS;

/// Running jobs that are shown with their units; others only as a line.
const DETAILED_MAX: usize = 8;
/// A map of more units is no map any more.
const UNIT_ROWS_MAX: u32 = 16_384;
/// Lines of what happened.
const NOTICES_MAX: usize = 50;

/// Everything a window shows, except pixels.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[ts(export)]
pub struct View {
    /// This peer.
    pub me: MeView,
    /// The ring that pays.
    pub ring: RingView,
    /// Does the device work for others, and what is it doing?
    pub rent: RentView,
    /// Connected peers, nearest first.
    pub peers: Vec<PeerView>,
    /// Money.
    pub wallet: WalletView,
    /// Own jobs and parts in others', newest first.
    pub jobs: Vec<JobView>,
    /// Lines that a person should read, newest first.
    pub notices: Vec<Notice>,
}

/// This peer.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct MeView {
    /// Account in hexadecimal.
    pub account: String,
    /// Addresses that others can dial.
    pub addresses: Vec<String>,
    /// Version of the application.
    pub version: String,
    /// The device that renders.
    pub device: DeviceView,
}

/// A device that can render.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct DeviceView {
    /// What the driver calls it.
    pub name: String,
    /// `cpu` or `gpu`.
    pub kind: String,
}

/// The ring that pays.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct RingView {
    /// Its name.
    pub name: String,
    /// Chain id in hexadecimal.
    pub chain: String,
    /// Last block that this peer has checked itself.
    #[ts(type = "number")]
    pub height: u64,
    /// Is this peer the ring's validator?
    pub validating: bool,
}

/// Does the device work for others, and what is it doing?
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct RentView {
    /// The switch.
    pub on: bool,
    /// `off`, `paused`, `waiting`, `own`, `rendering` or `checking`.
    pub activity: String,
    /// One sentence for a person: what is being done, or why nothing is.
    pub sentence: String,
    /// Earned, as far as the kept movements tell, to show.
    pub earned: String,
    /// Jobs of others in which this machine has a part.
    pub jobs: u32,
}

/// A connected peer.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct PeerView {
    /// Account in hexadecimal.
    pub account: String,
    /// Remote address.
    pub address: String,
    /// Round-trip time in milliseconds, when measured.
    pub rtt_ms: Option<u32>,
}

/// Money.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct WalletView {
    /// Balance to show, with unit.
    pub balance: String,
    /// Block up to which this peer has verified the chain itself.
    #[ts(type = "number")]
    pub verified_at_height: u64,
    /// Do the movements lead to the balance?
    pub agrees: bool,
    /// Latest movements, newest first.
    pub movements: Vec<MovementView>,
}

/// One movement of money.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct MovementView {
    /// Block.
    #[ts(type = "number")]
    pub height: u64,
    /// What for, for a person.
    pub reason: String,
    /// Signed amount to show.
    pub amount: String,
}

/// A job in which this peer has a part.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct JobView {
    /// In hexadecimal.
    pub id: String,
    /// A name for people: the scene's file name, or a short id.
    pub name: String,
    /// `artist` or `worker`.
    pub role: String,
    /// `rendering`, `settling`, `folder_fails`, `done` or `stopped`.
    pub state: String,
    /// One sentence for a person.
    pub sentence: String,
    /// Picture width; 0 where it is not known any more.
    pub width_px: u32,
    /// Picture height.
    pub height_px: u32,
    /// Samples per pixel.
    pub samples: u32,
    /// Units of the job.
    pub units: u32,
    /// Units in the picture.
    pub units_shown: u32,
    /// Units in the picture whose checks go on.
    pub units_unchecked: u32,
    /// Units that this machine rendered itself.
    pub units_own: u32,
    /// Machines that delivered a wrong leaf.
    pub machines_refused: u32,
    /// Paid so far (artist), or owed by the artist (worker), to show.
    pub paid: String,
    /// Raised whenever the picture changed; 0 = there is none yet.
    #[ts(type = "number")]
    pub picture_revision: u64,
    /// Where the picture goes.
    pub folder: String,
    /// Where the finished files are.
    pub files: Vec<String>,
    /// Each unit's state and worker, in order: for the map of who drew what. Empty where that is not shown.
    pub unit_rows: Vec<UnitView>,
}

/// One unit of an own job.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct UnitView {
    /// `open`, `shown` or `checked`.
    pub state: String,
    /// Account that rendered it.
    pub worker: Option<String>,
}

/// A line that a person should read.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Notice {
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub time_ms: u64,
    /// `info`, `warning` or `error`.
    pub level: String,
    /// The line.
    pub text: String,
}

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

/// What a command answers at once. Everything else shows in the next [`View`].
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

fn named(job: &str) -> Result<SpecHash, CommandError> {
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

/// The present view; `None` where the node has stopped.
pub async fn view(node: &Node) -> Option<View> {
    let (home, network, wallet) = (view::home(node).await?, view::network(node).await?, view::wallet(node).await?);
    let (movements, work) = (view::movements(node).await?, view::work(node).await?);
    let mut jobs = Vec::new();
    let mut detailed = 0;
    for line in view::jobs(node, 0).await? {
        let details = line.state != JobState::Ended && detailed < DETAILED_MAX;
        detailed += usize::from(details);
        jobs.push(own_job(node, line, details).await?);
    }
    jobs.extend(work.iter().map(others_job));
    let earned = movements.iter().filter(|row| row.kind == "earned").filter_map(|row| row.change.parse::<i64>().ok()).sum::<i64>();
    let on = home.earning.is_some();
    let (activity, sentence) = activity(on, home.device.doing, home.device.paused, work.len(), network.peers.len());
    let notices = node.notices().lines();
    let notice = |line: &raylance_node::notices::NoticeLine| Notice {
        time_ms: line.at_unix_ms,
        level: format!("{:?}", line.level).to_lowercase(),
        text: line.text.clone(),
    };
    Some(View {
        me: MeView {
            account: home.account,
            addresses: network.addresses,
            version: home.version,
            device: DeviceView { name: home.device.name, kind: if home.device.is_gpu { "gpu" } else { "cpu" }.to_owned() },
        },
        ring: RingView { name: home.ring, chain: home.chain, height: network.height, validating: network.makes_blocks },
        rent: RentView {
            on,
            activity: activity.to_owned(),
            sentence,
            earned: Microlux(earned.unsigned_abs()).to_string(),
            jobs: work.len() as u32,
        },
        peers: network
            .peers
            .into_iter()
            .map(|peer| PeerView { account: peer.account, address: peer.address, rtt_ms: peer.rtt_ms.map(|ms| ms as u32) })
            .collect(),
        wallet: WalletView {
            balance: lux(&wallet.balance),
            verified_at_height: wallet.height,
            agrees: wallet.agrees,
            movements: movements.iter().map(movement).collect(),
        },
        jobs,
        notices: notices.iter().rev().take(NOTICES_MAX).map(notice).collect(),
    })
}

fn lux(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |micro| Microlux(micro).to_string())
}

fn activity(on: bool, doing: Doing, paused: bool, parts: usize, peers: usize) -> (&'static str, String) {
    match doing {
        _ if paused => ("paused", "The device stands still until you let it go on.".to_owned()),
        Doing::Own => ("own", "This machine renders a picture of yours.".to_owned()),
        Doing::Others => ("rendering", "Rendering for another machine.".to_owned()),
        Doing::Checking => ("checking", "Checking what another machine has rendered.".to_owned()),
        Doing::Idle if !on => ("off", "Your machine is all yours. Nothing is computed for others.".to_owned()),
        Doing::Idle if parts > 0 => ("waiting", "Hired, and waiting for the next piece of work.".to_owned()),
        Doing::Idle if peers == 0 => ("waiting", "Ready. No other machine is connected at present.".to_owned()),
        Doing::Idle => ("waiting", "Ready. No job needs this machine at present.".to_owned()),
    }
}

fn movement(row: &NodeMovement) -> MovementView {
    let reason = match row.kind.as_str() {
        "sent" => "sent to another account",
        "received" => "received from another account",
        "reserve" if row.change.starts_with('-') => "set aside for a job",
        "reserve" => "back from a job",
        "earned" => "earned by work for others",
        "fee" => "fee of a transaction",
        "bond" if row.change.starts_with('-') => "put up as a bond",
        "bond" => "back from a bond",
        _ => "deposit, or a share in a dispute",
    };
    let (sign, amount) = row.change.split_at_checked(1).unwrap_or(("", "0"));
    MovementView { height: row.height, reason: reason.to_owned(), amount: format!("{sign}{}", lux(amount)) }
}

async fn own_job(node: &Node, line: JobLine, details: bool) -> Option<JobView> {
    let spec = SpecHash(Digest::from_hex(&line.job)?);
    let whole = if details { view::job(node, spec).await } else { None };
    let JobFile { folder, files, .. } = node.files().jobs.file(spec);
    let rows = match &whole {
        Some(job) if job.line.units <= UNIT_ROWS_MAX => unit_rows(node, spec, job.line.units).await.unwrap_or_default(),
        _ => Vec::new(),
    };
    let missing = line.units.saturating_sub(line.shown);
    let (state, sentence) = match line.state {
        JobState::Ended if missing == 0 => ("done", "Done. Every unit is in the picture.".to_owned()),
        JobState::Ended => ("stopped", format!("Stopped: {} of {} units are in the picture.", line.shown, line.units)),
        JobState::FolderFails => {
            let fault = whole.as_ref().and_then(|job| job.folder_fault.clone()).unwrap_or_default();
            ("folder_fails", format!("The picture is there and can't be written: {fault}"))
        }
        JobState::Settling => ("settling", "Every unit is there; the last checks and payments go on.".to_owned()),
        JobState::Rendering => {
            let hired = whole.as_ref().map_or(0, |job| job.workers.len());
            let who = match hired {
                0 => "This machine renders it".to_owned(),
                1 => "This machine and another one render it".to_owned(),
                _ => format!("This machine and {hired} others render it"),
            };
            ("rendering", format!("{who}; {} of {} units are there.", line.shown, line.units))
        }
    };
    let job = whole.as_ref();
    Some(JobView {
        id: line.job,
        name: line.name,
        role: "artist".to_owned(),
        state: state.to_owned(),
        sentence,
        width_px: job.map_or(0, |job| job.width_px),
        height_px: job.map_or(0, |job| job.height_px),
        samples: job.map_or(0, |job| job.samples),
        units: line.units,
        units_shown: line.shown,
        units_unchecked: job.map_or(0, |job| line.shown.saturating_sub(job.checked_units)),
        units_own: job.map_or(0, |job| job.own_units),
        machines_refused: job.map_or(0, |job| job.workers.iter().filter(|worker| worker.refused).count() as u32),
        paid: lux(&line.paid),
        picture_revision: node.files().jobs.revision(spec).max(u64::from(!files.is_empty())),
        folder: folder.display().to_string(),
        files: files.iter().map(|file| file.display().to_string()).collect(),
        unit_rows: rows,
    })
}

async fn unit_rows(node: &Node, spec: SpecHash, units: u32) -> Option<Vec<UnitView>> {
    let me = node.account();
    node.look(move |agent| {
        let mut rows = vec![UnitView { state: "open".to_owned(), worker: None }; units as usize];
        for unit in agent.job(spec)?.units {
            let state = if unit.checked { "checked" } else { "shown" };
            if let Some(row) = rows.get_mut(unit.unit.0 as usize) {
                *row = UnitView { state: state.to_owned(), worker: Some(unit.worker.unwrap_or(me).to_hex()) };
            }
        }
        Some(rows)
    })
    .await?
}

fn others_job(part: &raylance_control::view::WorkView) -> JobView {
    JobView {
        id: part.job.clone(),
        name: format!("Job of {}…", &part.artist[..8]),
        role: "worker".to_owned(),
        state: "rendering".to_owned(),
        sentence: format!(
            "{} tasks in hand, {} delivered; {} of {} paid.",
            part.in_hand,
            part.delivered,
            lux(&part.paid),
            lux(&part.total)
        ),
        width_px: 0,
        height_px: 0,
        samples: 0,
        units: 0,
        units_shown: 0,
        units_unchecked: 0,
        units_own: 0,
        machines_refused: 0,
        paid: lux(&part.total),
        picture_revision: 0,
        folder: String::new(),
        files: Vec::new(),
        unit_rows: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_signs_and_reasons_are_words() {
        let row = |kind: &str, change: &str| {
            movement(&NodeMovement { height: 1, kind: kind.to_owned(), change: change.to_owned(), balance: "0".to_owned(), job: None })
        };
        assert_eq!(row("earned", "+1500000").amount, "+1.500000 lux");
        assert_eq!(row("reserve", "-20").amount, "-0.000020 lux");
        assert_eq!(
            (row("reserve", "-20").reason.as_str(), row("reserve", "+20").reason.as_str()),
            ("set aside for a job", "back from a job")
        );
    }

    #[test]
    fn what_the_device_does_is_said_whether_or_not_it_is_rented_out() {
        assert_eq!(activity(false, Doing::Idle, false, 0, 0).0, "off");
        assert_eq!(activity(true, Doing::Idle, false, 0, 0).0, "waiting");
        assert_eq!(activity(false, Doing::Own, false, 0, 0).0, "own");
        assert_eq!(activity(true, Doing::Others, true, 1, 1).0, "paused");
    }
}
