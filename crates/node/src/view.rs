//! What a person sees, by topic: codes and values, no sentences. Made when somebody looks.
//!
//! Money is whole microlux in a decimal string: a page's numbers are floats, and the page computes no money.

use crate::Node;
use crate::jobs::Writing;
use crate::notices::NoticeLine;
use raylance_agent::Agent;
use raylance_device::Urgency;
use raylance_protocol::{Microlux, SpecHash, Work};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
    /// What the device does.
    pub device: DeviceView,
    /// Does it work for others, and for how much?
    pub earning: Option<EarningView>,
}

/// What the device does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// Now.
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

/// Money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletView {
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

fn micro(amount: Microlux) -> String {
    amount.0.to_string()
}

impl Node {
    /// This peer at a glance; none where it has stopped.
    pub async fn home(&self) -> Option<HomeView> {
        let (hands, state) = (self.hands().clone(), self.hands().card.state());
        let doing = match state.doing {
            None => Doing::Idle,
            Some(Urgency::Replay) => Doing::Checking,
            Some(Urgency::Own) => Doing::Own,
            Some(Urgency::Other) => Doing::Others,
        };
        let (ring, earning) = self.look(|agent| (agent.chain().genesis().name.clone(), agent.earning())).await?;
        Some(HomeView {
            account: hands.me().to_hex(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data: hands.folder.path().to_owned(),
            ring,
            chain: hands.chain.0.to_hex(),
            device: DeviceView { doing, paused: state.paused },
            earning: earning.map(|earning| EarningView {
                rate_microlux: earning.rate.0.to_string(),
                checks: earning.checks,
                free: earning.free,
            }),
        })
    }

    /// Own jobs, newest first: a page of them from `skip` on.
    pub async fn job_lines(&self, skip: usize) -> Option<Vec<JobLine>> {
        let node = self.clone();
        self.look(move |agent| {
            let running = agent.jobs().filter_map(|spec| node.line(agent, spec));
            let ended = agent.ended_jobs().filter_map(|(spec, _)| node.line(agent, spec));
            let mut lines: Vec<JobLine> = running.chain(ended).collect();
            lines.sort_by(|one, other| (other.created_unix_ms, &one.job).cmp(&(one.created_unix_ms, &other.job)));
            lines.into_iter().skip(skip).take(PAGE_MAX).collect()
        })
        .await
    }

    fn line(&self, agent: &Agent, spec: SpecHash) -> Option<JobLine> {
        let (jobs, job) = (&self.hands().jobs, spec.0.to_hex());
        let file = jobs.file(spec);
        let (name, created_unix_ms) = (file.name, file.created_unix_ms);
        if let Some((_, row)) = agent.ended_jobs().find(|(ended, _)| *ended == spec) {
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
    pub async fn job(&self, spec: SpecHash) -> Option<JobView> {
        let node = self.clone();
        self.look(move |agent| {
            let line = node.line(agent, spec)?;
            let jobs = &node.hands().jobs;
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
    pub async fn wallet(&self) -> Option<WalletView> {
        self.look(|agent| {
            let wallet = agent.wallet();
            WalletView { balance: micro(wallet.balance), height: agent.chain().height().0, on_its_way: wallet.on_its_way }
        })
        .await
    }

    /// The chain and the peers.
    pub async fn network(&self) -> Option<NetworkView> {
        let peer = self.hands().network.peer().clone();
        let network = self.look(Agent::network).await?;
        let view = |peer: raylance_peer::PeerSnapshot| PeerView {
            account: peer.account.to_hex(),
            address: peer.address,
            rtt_ms: peer.rtt.map(|rtt| rtt.as_millis() as u64),
        };
        Some(NetworkView {
            height: network.height.0,
            makes_blocks: network.makes_blocks,
            addresses: peer.listen_addresses(),
            peers: peer.peers().into_iter().map(view).collect(),
        })
    }

    /// Parts in other people's jobs.
    pub async fn work(&self) -> Option<Vec<WorkView>> {
        self.look(|agent| {
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

    /// Lines that a person should read, oldest first.
    pub fn notices(&self) -> Vec<NoticeLine> {
        self.hands().notices.lines()
    }

    /// The picture of a running job as far as it is there: its revision and a PNG.
    pub async fn picture(&self, spec: SpecHash) -> Option<(u64, std::sync::Arc<[u8]>)> {
        let (own, hands) = (self.own(spec).await?, self.hands().clone());
        tokio::task::spawn_blocking(move || hands.jobs.preview(&hands.films, &own)).await.ok()?.ok()?
    }
}
