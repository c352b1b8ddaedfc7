//! What the page shows, topic by topic: codes and values made of the node's views. The page has the words.
//!
//! Money stands here as text to show: a page's numbers are floats, and the page computes no money.

use raylance_agent::Topic as AgentTopic;
use raylance_control::notices::{NoticeView, notices};
use raylance_control::view::{self, Doing, JobLine, JobState, MovementView as NodeMovement};
use raylance_files::jobs::JobFile;
use raylance_node::Node;
use raylance_protocol::{Digest, Microlux, SpecHash};
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// Running jobs that are shown with their workers; others only as a line.
const DETAILED_MAX: usize = 8;
/// A map of more units is no map any more.
const UNITS_MAX: u32 = 16_384;
/// Lines of what happened.
const NOTICES_MAX: usize = 50;

/// A topic's newest state, which replaces the one before.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[ts(export)]
pub struct Update {
    /// Ascends with each update of any topic.
    #[ts(type = "number")]
    pub revision: u64,
    /// Which topic, and its state.
    pub now: Now,
}

/// A topic with its state. Together they are everything that a window shows, except pixels.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "topic", content = "state", rename_all = "snake_case")]
pub enum Now {
    /// This machine.
    Home(HomeView),
    /// Own jobs and parts in others', newest first.
    Jobs(Vec<JobView>),
    /// The units of the job that is looked at.
    Units(UnitsView),
    /// Money.
    Wallet(WalletView),
    /// The ring and the peers.
    Network(NetworkView),
    /// What a person should know, newest first.
    Notices(Vec<NoticeView>),
}

/// The topics, in the order in which a window wants them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// [`Now::Home`].
    Home,
    /// [`Now::Jobs`].
    Jobs,
    /// [`Now::Wallet`].
    Wallet,
    /// [`Now::Network`].
    Network,
    /// [`Now::Notices`].
    Notices,
    /// [`Now::Units`].
    Units,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Home, Self::Jobs, Self::Wallet, Self::Network, Self::Notices, Self::Units];

    /// A number that differs whenever the agent has recorded something about the topic. What a device does, who is connected and what is told
    /// changes without a record.
    pub fn stamp(self, changed: &BTreeMap<AgentTopic, u64>) -> u64 {
        let counts = |topic: &AgentTopic| match self {
            Self::Home => matches!(topic, AgentTopic::Wallet | AgentTopic::Work),
            Self::Jobs => matches!(topic, AgentTopic::Jobs | AgentTopic::Job(_) | AgentTopic::Work),
            Self::Units => matches!(topic, AgentTopic::Job(_)),
            Self::Wallet => *topic == AgentTopic::Wallet,
            Self::Network => *topic == AgentTopic::Network,
            Self::Notices => false,
        };
        changed.iter().filter(|(topic, _)| counts(topic)).map(|(_, count)| count).sum()
    }
}

/// This machine.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct HomeView {
    /// Account in hexadecimal.
    pub account: String,
    /// Version of the application.
    pub version: String,
    /// The device that renders.
    pub device: DeviceView,
    /// Does it work for others?
    pub renting: bool,
    /// What it is doing.
    pub activity: Activity,
    /// Earned, as far as the kept movements tell, to show.
    pub earned: String,
    /// Jobs of others in which this machine has a part.
    pub parts: u32,
}

/// A device that can render.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct DeviceView {
    /// What the driver calls it.
    pub name: String,
    /// Is it a graphics card?
    pub is_gpu: bool,
}

/// What the device is doing, or why it does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// It is not rented out.
    Off,
    /// The owner wants it to stand still.
    Paused,
    /// It renders a picture of the owner's.
    Own,
    /// It renders for others.
    Rendering,
    /// It checks what others have rendered.
    Checking,
    /// It has a part in a job, which has nothing to do at present.
    Hired,
    /// Nobody is connected.
    Alone,
    /// No job needs it.
    Waiting,
}

/// The ring that pays, and who is connected.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct NetworkView {
    /// The ring's name.
    pub ring: String,
    /// Chain id in hexadecimal.
    pub chain: String,
    /// Last block that this peer has checked itself.
    #[ts(type = "number")]
    pub height: u64,
    /// Does this peer make the blocks?
    pub validating: bool,
    /// Addresses that others can dial.
    pub addresses: Vec<String>,
    /// Connected peers, nearest first.
    pub peers: Vec<PeerView>,
    /// Machines of other rings or versions that were met lately.
    pub strangers: Vec<view::StrangerView>,
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
    /// `sent`, `received`, `reserve`, `earned`, `fee`, `bond`, `deposit` or `dispute`.
    pub kind: String,
    /// Signed amount to show.
    pub amount: String,
}

/// A job in which this peer has a part.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct JobView {
    /// In hexadecimal.
    pub id: String,
    /// The scene's file name; empty where the job is another's.
    pub name: String,
    /// Whose job it is, where it is another's.
    pub artist: Option<String>,
    /// Where it stands.
    pub state: JobStanding,
    /// What is wrong with the folder.
    pub folder_fault: Option<String>,
    /// Picture width; 0 where it is not known any more.
    pub width_px: u32,
    /// Picture height.
    pub height_px: u32,
    /// Samples per pixel.
    pub samples: u32,
    /// Units of the job; of another's job, tasks in hand and delivered.
    pub units: u32,
    /// Units in the picture; of another's job, tasks delivered.
    pub units_shown: u32,
    /// Units in the picture whose checks go on.
    pub units_unchecked: u32,
    /// Units that this machine rendered itself.
    pub units_own: u32,
    /// Other machines that were hired.
    pub machines: u32,
    /// Machines that delivered a wrong leaf.
    pub machines_refused: u32,
    /// Paid so far, to show.
    pub paid: String,
    /// What the artist has signed for, to show; of another's job.
    pub owed: Option<String>,
    /// Raised whenever the picture changed; 0 = there is none yet.
    #[ts(type = "number")]
    pub picture_revision: u64,
    /// Where the picture goes.
    pub folder: String,
    /// Where the finished files are.
    pub files: Vec<String>,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobStanding {
    /// Units are missing.
    Rendering,
    /// Units are missing, and nobody works on them: the device is paused, and no other machine has taken a part.
    Stands,
    /// Every unit is there; checks and payments go on.
    Settling,
    /// The picture's folder takes nothing.
    FolderFails,
    /// Ended with the whole picture.
    Done,
    /// Ended before.
    Stopped,
}

/// The units of one own job: for the map of who drew what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, TS)]
pub struct UnitsView {
    /// Job in hexadecimal; empty where none is looked at.
    pub job: String,
    /// A letter for each unit in order: `.` open, `s` shown, `c` checked.
    pub states: String,
    /// Accounts that rendered some of them.
    pub workers: Vec<String>,
    /// For each unit a place in `workers`; 0 where it is open.
    pub by: Vec<u16>,
}

/// A topic as it stands; `looked_at` is the job whose units are wanted. None where the node has stopped.
pub async fn now(node: &Node, topic: Topic, looked_at: Option<SpecHash>) -> Option<Now> {
    Some(match topic {
        Topic::Home => Now::Home(home(node).await?),
        Topic::Jobs => Now::Jobs(jobs(node).await?),
        Topic::Wallet => Now::Wallet(wallet(node).await?),
        Topic::Network => Now::Network(network(node).await?),
        Topic::Notices => Now::Notices(notices(node).into_iter().rev().take(NOTICES_MAX).collect()),
        Topic::Units => Now::Units(match looked_at {
            Some(spec) => units(node, spec).await?,
            None => UnitsView::default(),
        }),
    })
}

async fn home(node: &Node) -> Option<HomeView> {
    let (home, movements, work) = (view::home(node).await?, view::movements(node).await?, view::work(node).await?);
    let earned = movements.iter().filter(|row| row.kind == "earned").filter_map(|row| row.change.parse::<i64>().ok()).sum::<i64>();
    let renting = home.earning.is_some();
    Some(HomeView {
        account: home.account,
        version: home.version,
        activity: activity(renting, home.device.doing, home.device.paused, work.len(), node.peer().peers().len()),
        device: DeviceView { name: home.device.name, is_gpu: home.device.is_gpu },
        renting,
        earned: Microlux(earned.unsigned_abs()).to_string(),
        parts: work.len() as u32,
    })
}

fn activity(renting: bool, doing: Doing, paused: bool, parts: usize, peers: usize) -> Activity {
    match doing {
        _ if paused => Activity::Paused,
        Doing::Own => Activity::Own,
        Doing::Others => Activity::Rendering,
        Doing::Checking => Activity::Checking,
        Doing::Idle if !renting => Activity::Off,
        Doing::Idle if parts > 0 => Activity::Hired,
        Doing::Idle if peers == 0 => Activity::Alone,
        Doing::Idle => Activity::Waiting,
    }
}

async fn network(node: &Node) -> Option<NetworkView> {
    let (network, home) = (view::network(node).await?, view::home(node).await?);
    let peer = |peer: view::PeerView| PeerView { account: peer.account, address: peer.address, rtt_ms: peer.rtt_ms.map(|ms| ms as u32) };
    Some(NetworkView {
        ring: home.ring,
        chain: home.chain,
        height: network.height,
        validating: network.makes_blocks,
        addresses: network.addresses,
        peers: network.peers.into_iter().map(peer).collect(),
        strangers: network.strangers,
    })
}

async fn wallet(node: &Node) -> Option<WalletView> {
    let (wallet, movements) = (view::wallet(node).await?, view::movements(node).await?);
    Some(WalletView {
        balance: lux(&wallet.balance),
        verified_at_height: wallet.height,
        agrees: wallet.agrees,
        movements: movements.iter().map(movement).collect(),
    })
}

fn movement(row: &NodeMovement) -> MovementView {
    let (sign, amount) = row.change.split_at_checked(1).unwrap_or(("", "0"));
    MovementView { height: row.height, kind: row.kind.clone(), amount: format!("{sign}{}", lux(amount)) }
}

fn lux(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |micro| Microlux(micro).to_string())
}

async fn jobs(node: &Node) -> Option<Vec<JobView>> {
    let mut jobs = Vec::new();
    let mut detailed = 0;
    for line in view::jobs(node, 0).await? {
        let details = line.state != JobState::Ended && detailed < DETAILED_MAX;
        detailed += usize::from(details);
        jobs.extend(own_job(node, line, details).await);
    }
    jobs.extend(view::work(node).await?.iter().map(others_job));
    Some(jobs)
}

async fn own_job(node: &Node, line: JobLine, details: bool) -> Option<JobView> {
    let spec = SpecHash(Digest::from_hex(&line.job)?);
    let job = if details { view::job(node, spec).await } else { None };
    let JobFile { folder, files, .. } = node.files().jobs.file(spec);
    let job = job.as_ref();
    let state = match job.map_or(line.state, |job| job.line.state) {
        JobState::Ended if line.shown >= line.units => JobStanding::Done,
        JobState::Ended => JobStanding::Stopped,
        JobState::FolderFails => JobStanding::FolderFails,
        JobState::Settling => JobStanding::Settling,
        JobState::Rendering => JobStanding::Rendering,
        JobState::Stands => JobStanding::Stands,
    };
    Some(JobView {
        id: line.job,
        name: line.name,
        artist: None,
        state,
        folder_fault: job.and_then(|job| job.folder_fault.clone()),
        width_px: job.map_or(0, |job| job.width_px),
        height_px: job.map_or(0, |job| job.height_px),
        samples: job.map_or(0, |job| job.samples),
        units: line.units,
        units_shown: line.shown,
        units_unchecked: job.map_or(0, |job| line.shown.saturating_sub(job.checked_units)),
        units_own: job.map_or(0, |job| job.own_units),
        machines: job.map_or(0, |job| job.workers.len() as u32),
        machines_refused: job.map_or(0, |job| job.workers.iter().filter(|worker| worker.refused).count() as u32),
        paid: lux(&line.paid),
        owed: None,
        picture_revision: node.files().jobs.revision(spec).max(u64::from(!files.is_empty())),
        folder: folder.display().to_string(),
        files: files.iter().map(|file| file.display().to_string()).collect(),
    })
}

fn others_job(part: &view::WorkView) -> JobView {
    JobView {
        id: part.job.clone(),
        name: String::new(),
        artist: Some(part.artist.clone()),
        state: JobStanding::Rendering,
        folder_fault: None,
        width_px: 0,
        height_px: 0,
        samples: 0,
        units: (part.in_hand + part.delivered) as u32,
        units_shown: part.delivered as u32,
        units_unchecked: 0,
        units_own: 0,
        machines: 0,
        machines_refused: 0,
        paid: lux(&part.paid),
        owed: Some(lux(&part.total)),
        picture_revision: 0,
        folder: String::new(),
        files: Vec::new(),
    }
}

/// Nothing where there is no such job any more, or too many units.
async fn units(node: &Node, spec: SpecHash) -> Option<UnitsView> {
    let me = node.account();
    node.look(move |agent| {
        let count = agent.own_job(spec).map_or(0, |(job, _)| job.work.unit_count());
        let mut view = UnitsView { job: spec.0.to_hex(), ..UnitsView::default() };
        let Some(report) = agent.job(spec).filter(|_| count <= UNITS_MAX) else { return view };
        let (mut states, mut places) = (vec![b'.'; count as usize], BTreeMap::new());
        view.by = vec![0; count as usize];
        for unit in report.units {
            let worker = unit.worker.unwrap_or(me);
            let place = *places.entry(worker).or_insert_with(|| {
                view.workers.push(worker.to_hex());
                (view.workers.len() - 1) as u16
            });
            let at = unit.unit.0 as usize;
            if let (Some(state), Some(by)) = (states.get_mut(at), view.by.get_mut(at)) {
                (*state, *by) = (if unit.checked { b'c' } else { b's' }, place);
            }
        }
        view.states = states.into_iter().map(char::from).collect();
        view
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_signs() {
        let amount = |change: &str| {
            let (kind, balance) = ("reserve".to_owned(), "0".to_owned());
            movement(&NodeMovement { height: 1, kind, change: change.to_owned(), balance, job: None }).amount
        };
        assert_eq!((amount("+1500000").as_str(), amount("-20").as_str()), ("+1.500000 lux", "-0.000020 lux"));
    }

    #[test]
    fn what_the_device_does_is_said_whether_or_not_it_is_rented_out() {
        assert_eq!(activity(false, Doing::Idle, false, 0, 0), Activity::Off);
        assert_eq!(activity(true, Doing::Idle, false, 0, 0), Activity::Alone);
        assert_eq!(activity(true, Doing::Idle, false, 0, 1), Activity::Waiting);
        assert_eq!(activity(true, Doing::Idle, false, 1, 1), Activity::Hired);
        assert_eq!(activity(false, Doing::Own, false, 0, 0), Activity::Own);
        assert_eq!(activity(true, Doing::Others, true, 1, 1), Activity::Paused);
    }

    #[test]
    fn a_topic_is_made_anew_when_something_of_it_was_recorded() {
        let job = AgentTopic::Job(SpecHash(Digest([1; 32])));
        let before = BTreeMap::from([(AgentTopic::Wallet, 3), (job, 4), (AgentTopic::Network, 1)]);
        let after = BTreeMap::from([(AgentTopic::Wallet, 3), (job, 5), (AgentTopic::Network, 1)]);
        let changed: Vec<Topic> = Topic::ALL.into_iter().filter(|topic| topic.stamp(&before) != topic.stamp(&after)).collect();
        assert_eq!(changed, [Topic::Jobs, Topic::Units]);
    }
}
