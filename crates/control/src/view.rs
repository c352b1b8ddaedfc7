//! What a person sees, by topic: codes and values, no sentences. Made when somebody looks.
//!
//! Money is whole microlux in a decimal string: a page's numbers are floats, and the page computes no money.

use crate::submit::Refused;
use raylance_agent::rows::MovementRow;
use raylance_agent::{Agent, Earning};
use raylance_device::Urgency;
use raylance_files::jobs::{Preview, Writing};
use raylance_node::Node;
use raylance_protocol::row::{Account, Row as _};
use raylance_protocol::{AccountId, Microlux, Rate, SpecHash, Work, decode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use ts_rs::TS;

/// Rows of one page.
pub const PAGE_MAX: usize = 200;

/// This peer at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeView {
    /// Account in hexadecimal.
    pub account: String,
    /// Version of the application.
    pub version: String,
    /// The data folder.
    pub data: PathBuf,
    /// The ring's name.
    pub ring: String,
    /// Its chain id in hexadecimal.
    pub chain: String,
    /// The device.
    pub device: DeviceView,
    /// Does it work for others, and for how much?
    pub earning: Option<EarningView>,
}

/// The device that renders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// What the driver calls it.
    pub name: String,
    /// Is it a graphics card?
    pub is_gpu: bool,
    /// What it does now.
    pub doing: Doing,
    /// Does it stand still because its owner wants it?
    pub paused: bool,
}

/// What a device does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Nothing.
    Idle,
    /// Checks leaves.
    Checking,
    /// Renders the owner's pictures.
    Own,
    /// Renders for others.
    Others,
}

/// Terms on which the device works for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarningView {
    /// Microlux for a million camera samples.
    pub rate_microlux: String,
    /// Checks others' work too.
    pub checks: bool,
    /// Takes work that is given away.
    pub free: bool,
}

/// Where an own job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Units are missing.
    Rendering,
    /// Units are missing, and nobody works on them: the device is paused, and no other machine has taken a part.
    Stands,
    /// Every unit is there; checks and payments go on.
    Settling,
    /// The picture can't be written: its folder takes nothing.
    FolderFails,
    /// Over.
    Ended,
}

/// A line of the list of own jobs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobLine {
    /// Its name here, in hexadecimal.
    pub job: String,
    /// The scene's file name.
    pub name: String,
    /// Where it stands.
    pub state: JobState,
    /// Units of the picture.
    pub units: u32,
    /// Units that are in it.
    pub shown: u32,
    /// When it was submitted, milliseconds since 1970.
    pub created_unix_ms: u64,
    /// Paid so far, microlux.
    pub paid: String,
}

/// One own job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// Its line.
    #[serde(flatten)]
    pub line: JobLine,
    /// Picture width; 0 where the job has ended.
    pub width_px: u32,
    /// Picture height.
    pub height_px: u32,
    /// Samples per pixel.
    pub samples: u32,
    /// Units that this machine rendered.
    pub own_units: u32,
    /// Units whose drawn leaves are all right.
    pub checked_units: u32,
    /// Workers and what they got.
    pub workers: Vec<JobWorkerView>,
    /// Where the picture goes.
    pub folder: PathBuf,
    /// Why it can't be written, where that is so.
    pub folder_fault: Option<String>,
    /// What was written.
    pub files: Vec<PathBuf>,
    /// What the scene doctor had to say.
    pub warnings: Vec<String>,
    /// Raised whenever the picture changes; 0 = there is none yet.
    pub picture_revision: u64,
}

/// A worker of an own job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobWorkerView {
    /// Account in hexadecimal.
    pub account: String,
    /// Units of it in the picture.
    pub units: u32,
    /// Signed for, microlux.
    pub total: String,
    /// Paid, microlux.
    pub paid: String,
    /// Did it deliver a wrong leaf?
    pub refused: bool,
}

/// What a person asks for when the device shall work for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarnRequest {
    /// Microlux for a million camera samples.
    pub rate_microlux: u64,
    /// Check others' work too?
    pub checks: bool,
    /// Take work that is given away?
    pub free: bool,
}

impl EarnRequest {
    /// The usual terms.
    pub const USUAL: Self = Self { rate_microlux: 1_000_000, checks: true, free: true };

    /// The agent's terms, with what the device was measured at.
    ///
    /// # Errors
    /// A price of nothing is work that is given away, and said so.
    pub fn earning(self, samples_per_s: u64) -> Result<Earning, Refused> {
        if self.rate_microlux == 0 {
            let message = "a price of 0 gives the work away; set a price, and take work that is given away where you like".to_owned();
            return Err(Refused { message, details: Vec::new() });
        }
        Ok(Earning {
            rate: Rate(self.rate_microlux),
            samples_per_s,
            checks: self.checks,
            free: self.free,
            unpaid_max: UNPAID_MAX,
            device_bytes: DEVICE_BYTES_MAX,
        })
    }
}

/// The most that one artist may owe.
const UNPAID_MAX: Microlux = Microlux::from_lux(5);
/// Scenes of what the smallest graphics cards hold.
const DEVICE_BYTES_MAX: u64 = 6 << 30;

/// One movement of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementView {
    /// Block.
    pub height: u64,
    /// What for: `sent`, `received`, `reserve`, `earned`, `fee`, `bond` or `other`.
    pub kind: String,
    /// By how much the balance rose, microlux with its sign.
    pub change: String,
    /// Balance after it, microlux.
    pub balance: String,
    /// The job on the ledger that it belongs to, in hexadecimal.
    pub job: Option<String>,
}

/// Sums of all money on this peer's verified chain: with them a person checks that none appears or vanishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditView {
    /// Last block.
    pub height: u64,
    /// Do genesis, accounts, jobs, bonds, fees and what was burned add up, counted anew row by row?
    pub supply_ok: bool,
    /// What is wrong, where something is.
    pub fault: Option<String>,
    /// Free to spend, by account, microlux.
    pub balances: BTreeMap<String, u64>,
    /// Jobs on the ledger.
    pub jobs: usize,
    /// The ring's own, microlux.
    pub treasury: u64,
    /// Taken out of the world, microlux.
    pub burned: u64,
}

/// What lies on the disk, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageView {
    /// Rows and the ledger's state.
    pub database: u64,
    /// Scenes of jobs that run.
    pub scenes: u64,
    /// Films rendered for others.
    pub films: u64,
    /// Films of own jobs.
    pub own: u64,
    /// Own jobs that have ended and are still listed.
    pub ended_jobs: usize,
    /// Strangers' scenes that were too much for this machine.
    pub condemned: usize,
}

/// Money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletView {
    /// Account in hexadecimal.
    pub account: String,
    /// Do the kept movements lead to the balance?
    pub agrees: bool,
    /// Free to spend, microlux, as the chain says that this peer has verified itself.
    pub balance: String,
    /// Block up to which that holds.
    pub height: u64,
    /// Transactions that are on their way.
    pub on_its_way: usize,
}

/// The chain and the peers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkView {
    /// Last block.
    pub height: u64,
    /// Does this peer make the blocks?
    pub makes_blocks: bool,
    /// Addresses that others can dial.
    pub addresses: Vec<String>,
    /// Who is connected, nearest first.
    pub peers: Vec<PeerView>,
    /// Machines of other rings, or of other versions, that were met lately. They are no peers.
    pub strangers: Vec<StrangerView>,
}

/// A machine of another ring or version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StrangerView {
    /// Account in hexadecimal.
    pub account: String,
    /// Its address.
    pub address: String,
    /// Does it speak another version of the protocol?
    pub other_version: bool,
}

/// A connected peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerView {
    /// Account in hexadecimal.
    pub account: String,
    /// Its address.
    pub address: String,
    /// Round-trip time, milliseconds, when measured.
    pub rtt_ms: Option<u64>,
}

/// A part in somebody's job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkView {
    /// The job on the ledger, in hexadecimal.
    pub job: String,
    /// Whose.
    pub artist: String,
    /// Owed by the artist in all, microlux.
    pub total: String,
    /// Paid of that, microlux.
    pub paid: String,
    /// Tasks in hand.
    pub in_hand: usize,
    /// Films that the artist has not signed for.
    pub delivered: usize,
}

/// Bytes of a file, or of all files in a folder; what can't be read counts nothing.
fn bytes_of(path: &Path) -> u64 {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => {
            let entries = std::fs::read_dir(path).into_iter().flatten();
            entries.filter_map(Result::ok).map(|entry| bytes_of(&entry.path())).sum()
        }
        Ok(found) => found.len(),
        Err(_) => 0,
    }
}

/// How the node's loop keeps up: from the arrival of what happens to its commit, since the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HealthView {
    /// Messages, answers and commands.
    pub events: u64,
    /// Milliseconds that half of them waited at most.
    pub wait_ms_median: f64,
    /// That 99 of 100 waited at most.
    pub wait_ms_p99: f64,
    /// That none exceeded.
    pub wait_ms_max: f64,
}

fn micro(amount: Microlux) -> String {
    amount.0.to_string()
}

/// This peer at a glance; none where it has stopped.
pub async fn home(node: &Node) -> Option<HomeView> {
    let (state, device) = (node.card().state(), node.device());
    let doing = match state.doing {
        None => Doing::Idle,
        Some(Urgency::Replay) => Doing::Checking,
        Some(Urgency::Own) => Doing::Own,
        Some(Urgency::Other) => Doing::Others,
    };
    let (ring, earning) = node.look(|agent| (agent.chain().genesis().name.clone(), agent.earning())).await?;
    Some(HomeView {
        account: node.account().to_hex(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        data: node.files().folder.path().to_owned(),
        ring,
        chain: node.chain().0.to_hex(),
        device: DeviceView { name: device.name.clone(), is_gpu: device.is_gpu, doing, paused: state.paused },
        earning: earning.map(|earning| EarningView {
            rate_microlux: earning.rate.0.to_string(),
            checks: earning.checks,
            free: earning.free,
        }),
    })
}

/// Own jobs, newest first: a page of them from `skip` on.
pub async fn jobs(node: &Node, skip: usize) -> Option<Vec<JobLine>> {
    let seen = node.clone();
    node.look(move |agent| {
        let running = agent.jobs().filter_map(|spec| line(&seen, agent, spec));
        let ended = agent.ended_jobs().filter_map(|(spec, _)| line(&seen, agent, spec));
        let mut lines: Vec<JobLine> = running.chain(ended).collect();
        lines.sort_by(|one, other| (other.created_unix_ms, &one.job).cmp(&(one.created_unix_ms, &other.job)));
        lines.into_iter().skip(skip).take(PAGE_MAX).collect()
    })
    .await
}

fn line(node: &Node, agent: &Agent, spec: SpecHash) -> Option<JobLine> {
    let (jobs, job) = (&node.files().jobs, spec.0.to_hex());
    let file = jobs.file(spec);
    let (name, created_unix_ms) = (file.name, file.created_unix_ms);
    if let Some(row) = agent.ended_job(spec) {
        let (units, shown, paid) = (row.units, row.shown, micro(row.paid));
        return Some(JobLine { job, name, state: JobState::Ended, units, shown, created_unix_ms, paid });
    }
    let (running, _) = agent.own_job(spec)?;
    let (units, shown) = (running.work.unit_count(), jobs.shown(spec).len() as u32);
    let state = match jobs.writing(spec) {
        Writing::Failing(_) => JobState::FolderFails,
        _ if shown == units => JobState::Settling,
        _ => JobState::Rendering,
    };
    let paid = agent.job(spec).map_or(0, |report| report.workers.iter().map(|worker| worker.paid.0).sum());
    Some(JobLine { job, name, state, units, shown, created_unix_ms, paid: paid.to_string() })
}

/// One own job; none where there is no such job, or the node has stopped.
pub async fn job(node: &Node, spec: SpecHash) -> Option<JobView> {
    let seen = node.clone();
    node.look(move |agent| {
        let mut line = line(&seen, agent, spec)?;
        let jobs = &seen.files().jobs;
        let file = jobs.file(spec);
        let size = agent.own_job(spec).map(|(running, _)| {
            let Work::Render(work) = &running.work;
            (u32::from(work.width_px), u32::from(work.height_px), work.samples)
        });
        let (width_px, height_px, samples) = size.unwrap_or_default();
        let report = agent.job(spec);
        let units = report.as_ref().map(|report| &report.units[..]).unwrap_or_default();
        let workers = report.as_ref().map(|report| &report.workers[..]).unwrap_or_default();
        let worker = |worker: &raylance_market::artist::WorkerReport| JobWorkerView {
            account: worker.worker.to_hex(),
            units: units.iter().filter(|unit| unit.worker == Some(worker.worker)).count() as u32,
            total: micro(worker.total),
            paid: micro(worker.paid),
            refused: worker.refused,
        };
        if line.state == JobState::Rendering && workers.is_empty() && seen.card().state().paused {
            line.state = JobState::Stands;
        }
        Some(JobView {
            width_px,
            height_px,
            samples,
            own_units: units.iter().filter(|unit| unit.worker.is_none()).count() as u32,
            checked_units: units.iter().filter(|unit| unit.checked).count() as u32,
            workers: workers.iter().map(worker).collect(),
            folder_fault: match jobs.writing(spec) {
                Writing::Failing(fault) => Some(fault),
                Writing::NotYet | Writing::Done => None,
            },
            folder: file.folder,
            files: file.files,
            warnings: file.warnings,
            picture_revision: jobs.revision(spec),
            line,
        })
    })
    .await?
}

/// Money.
pub async fn wallet(node: &Node) -> Option<WalletView> {
    let account = node.account().to_hex();
    node.look(move |agent| {
        let wallet = agent.wallet();
        let (balance, height) = (micro(wallet.balance), agent.chain().height().0);
        WalletView { account, agrees: agent.movements_agree(), balance, height, on_its_way: wallet.on_its_way }
    })
    .await
}

/// What moved this account's money, newest first.
pub async fn movements(node: &Node) -> Option<Vec<MovementView>> {
    node.look(|agent| {
        let view = |(height, row): (raylance_protocol::Height, &MovementRow)| MovementView {
            height: height.0,
            kind: format!("{:?}", row.kind).to_lowercase(),
            change: format!("{:+}", row.change),
            balance: micro(row.balance),
            job: row.job.map(|job| job.0.to_hex()),
        };
        agent.movements().take(PAGE_MAX).map(view).collect()
    })
    .await
}

/// Sums of all money, counted anew. Takes as long as the ledger is large.
pub async fn audit(node: &Node) -> Option<AuditView> {
    let (height, state) = node.look(|agent| (agent.chain().height().0, agent.chain().state().clone())).await?;
    let count = move || {
        let fault = raylance_ledger::audit(&state).err().map(|error| error.to_string());
        let totals = state.totals();
        let account = |(key, value): (&[u8], &[u8])| {
            let (table, account) = key.split_first()?;
            let row: Account = decode(value, Account::BYTES_MAX).ok().filter(|_| *table == Account::TABLE)?;
            Some((AccountId(account.try_into().ok()?).to_hex(), row.balance.0))
        };
        let balances = state.rows().filter_map(account).collect();
        let (treasury, burned) = (totals.treasury.0, totals.burned.0);
        AuditView { height, supply_ok: fault.is_none(), fault, balances, jobs: state.jobs().count(), treasury, burned }
    };
    tokio::task::spawn_blocking(count).await.ok()
}

/// What lies on the disk.
pub async fn storage(node: &Node) -> Option<StorageView> {
    let (data, scenes) = (node.files().folder.path().to_owned(), node.files().scenes.clone());
    let ended_jobs = node.look(|agent| agent.ended_jobs().count()).await?;
    let count = move || StorageView {
        database: ["peer.db", "peer.db-wal"].iter().map(|name| bytes_of(&data.join(name))).sum(),
        scenes: bytes_of(&data.join("scenes")),
        films: bytes_of(&data.join("films")),
        own: bytes_of(&data.join("own")) + bytes_of(&data.join("fetched")),
        ended_jobs,
        condemned: scenes.condemned_count(),
    };
    tokio::task::spawn_blocking(count).await.ok()
}

/// The chain and the peers.
pub async fn network(node: &Node) -> Option<NetworkView> {
    let peer = node.peer().clone();
    let network = node.look(Agent::network).await?;
    let view = |peer: raylance_peer::PeerSnapshot| PeerView {
        account: peer.account.to_hex(),
        address: peer.address,
        rtt_ms: peer.rtt.map(|rtt| rtt.as_millis() as u64),
    };
    let stranger = |stranger: raylance_peer::Stranger| StrangerView {
        account: stranger.account.to_hex(),
        address: stranger.address,
        other_version: stranger.other_version,
    };
    Some(NetworkView {
        height: network.height.0,
        makes_blocks: network.makes_blocks,
        addresses: peer.listen_addresses(),
        peers: peer.peers().into_iter().map(view).collect(),
        strangers: peer.strangers().into_iter().map(stranger).collect(),
    })
}

/// How long what happens waits for its commit.
pub fn health(node: &Node) -> HealthView {
    let waited = node.waited();
    let ms = |share: f64| waited.value_at_quantile(share) as f64 / 1e3;
    HealthView { events: waited.len(), wait_ms_median: ms(0.5), wait_ms_p99: ms(0.99), wait_ms_max: waited.max() as f64 / 1e3 }
}

/// Parts in other people's jobs.
pub async fn work(node: &Node) -> Option<Vec<WorkView>> {
    node.look(|agent| {
        let view = |part: raylance_agent::view::WorkView| WorkView {
            job: part.job.0.to_hex(),
            artist: part.artist.to_hex(),
            total: micro(part.summary.total),
            paid: micro(part.summary.paid),
            in_hand: part.summary.in_hand,
            delivered: part.summary.delivered,
        };
        agent.work().take(PAGE_MAX).map(view).collect()
    })
    .await
}

/// The picture of a running job as far as it is there: its revision and a PNG.
pub async fn picture(node: &Node, spec: SpecHash) -> Option<Preview> {
    let (own, files) = (node.own(spec).await?, node.files().clone());
    tokio::task::spawn_blocking(move || files.jobs.preview(&files.films, &own)).await.ok()?.ok()?
}
