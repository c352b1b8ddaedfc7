//! Act → show: the node as plain values for a person.

use super::node::Node;
use super::part::{ArtistPart, WorkerPart};
use crate::render_thread::Doing;
use crate::view::{JobView, MeView, MovementView, PeerView, RentView, RingView, UnitView, View, WalletView};
use raylance_v1_ledger::MoveReason;
use raylance_v1_market::artist::{ArtistPhase, ArtistView, FailReason, UnitState};
use raylance_v1_market::worker::{Ending, WorkerPhase, WorkerView};
use raylance_v1_protocol::{JobId, Microlux};
use raylance_v1_store::Movement;

/// Characters of a short id.
const SHORT: usize = 8;

/// A job's short name.
pub(super) fn short(job: JobId) -> String {
    job.to_string()[..SHORT].to_owned()
}

/// The whole view.
pub(super) fn view(node: &Node) -> View {
    let mut jobs: Vec<(u64, JobView)> =
        node.parts.artists.iter().map(|(&job, part)| (part.created_ms, artist_job(node, job, part))).collect();
    jobs.extend(node.parts.workers.iter().map(|(&job, part)| (part.created_ms, worker_job(job, part))));
    jobs.sort_by_key(|(created_ms, _)| std::cmp::Reverse(*created_ms));
    View {
        me: MeView {
            account: node.me.to_hex(),
            peer_id: raylance_v1_peer::peer_id_text(node.me).unwrap_or_default(),
            addresses: node.peer.listen_addresses(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            device: node.device_view.clone(),
        },
        ring: RingView {
            name: node.chain.genesis().name.clone(),
            chain: node.chain.id().to_string(),
            height: node.chain.height().0,
            validating: node.engine.is_some(),
        },
        rent: rent(node),
        peers: peers(node),
        wallet: wallet(node),
        jobs: jobs.into_iter().map(|(_, job)| job).collect(),
        notices: node.notices.iter().cloned().collect(),
    }
}

fn peers(node: &Node) -> Vec<PeerView> {
    let peer = |peer: raylance_v1_peer::PeerSnapshot| PeerView {
        peer_id: peer.peer_id,
        account: peer.account.to_hex(),
        address: peer.address,
        rtt_ms: peer.rtt.map(|rtt| rtt.as_secs_f64() * 1000.0),
    };
    node.peer.peers().into_iter().map(peer).collect()
}

fn rent(node: &Node) -> RentView {
    let fetching = node.parts.workers.values().any(|part| part.worker.view().phase == WorkerPhase::Fetching);
    let (activity, sentence) = match (node.rent.on, node.device.doing()) {
        (true, Doing::Rendering) => ("rendering", "The device renders a unit."),
        (_, Doing::Verifying) => ("verifying", "The device replays some leaves to check another peer's film."),
        (false, _) => ("off", "The device is not rented out."),
        (true, Doing::Idle) if fetching => ("fetching", "A scene is being fetched."),
        (true, Doing::Idle) if node.connected.is_empty() => ("waiting", "No other peer is connected, so there is no work."),
        (true, Doing::Idle) => ("waiting", "No job wants this device at present."),
    };
    RentView {
        on: node.rent.on,
        activity: activity.to_owned(),
        sentence: sentence.to_owned(),
        samples_per_s: node.rent.samples_per_s,
        units_done: node.rent.units_done,
        earned: node.rent.earned.to_string(),
    }
}

fn wallet(node: &Node) -> WalletView {
    let own = node.chain.state().jobs().filter(|(_, job)| job.spec.artist == node.me);
    let escrow = own.map(|(_, job)| job.escrow).fold(Microlux::ZERO, |sum, escrow| sum.plus(escrow).unwrap_or(sum));
    WalletView {
        balance: node.wallet.balance.to_string(),
        balance_microlux: node.wallet.balance.0.to_string(),
        verified_at_height: node.wallet.verified_at_height,
        escrow: escrow.to_string(),
        agrees: node.wallet.agrees,
        movements: node.wallet.movements.clone(),
    }
}

/// One movement for a person.
pub(super) fn movement(movement: &Movement) -> MovementView {
    let reason = match movement.reason {
        MoveReason::Genesis => "first balance of the ring".to_owned(),
        MoveReason::Sent { to } => format!("sent to {}", &to.to_hex()[..SHORT]),
        MoveReason::Received { from } => format!("received from {}", &from.to_hex()[..SHORT]),
        MoveReason::EscrowLocked => "budget of an own job locked".to_owned(),
        MoveReason::EscrowRefunded => "unspent budget came back".to_owned(),
        MoveReason::Rendered { unit } => format!("rendered unit {}", unit.0),
        MoveReason::Verified { unit } => format!("verified unit {}", unit.0),
    };
    MovementView { height: movement.height.0, reason, amount: movement.change.to_string(), job: movement.job.map(|job| job.to_string()) }
}

/// An artist's state in one word.
pub(super) fn artist_state(phase: ArtistPhase) -> &'static str {
    match phase {
        ArtistPhase::LookingForWorkers => "looking_for_workers",
        ArtistPhase::LockingBudget => "locking_budget",
        ArtistPhase::Rendering | ArtistPhase::Cancelling => "rendering",
        ArtistPhase::Assembling => "assembling",
        ArtistPhase::Done => "done",
        ArtistPhase::Failed(_) => "failed",
    }
}

/// A worker's state in one word.
pub(super) fn worker_state(phase: WorkerPhase) -> &'static str {
    match phase {
        WorkerPhase::Bidding => "looking_for_workers",
        WorkerPhase::Fetching | WorkerPhase::Working => "rendering",
        WorkerPhase::Leaving => "assembling",
        WorkerPhase::Ended(Ending::Closed) => "done",
        WorkerPhase::Ended(Ending::Banned | Ending::NotAdmitted) => "failed",
    }
}

/// Why a job failed, for a person.
pub(super) fn fail_sentence(reason: FailReason) -> &'static str {
    match reason {
        FailReason::Cancelled => "Ended by you; settled units stay paid, the rest of the budget came back.",
        FailReason::Funds => "The balance is less than the budget.",
        FailReason::LedgerRefuses => "The ledger refuses the job.",
        FailReason::ClosedEarly => "The job was closed before all units were settled.",
    }
}

fn artist_job(node: &Node, job: JobId, part: &ArtistPart) -> JobView {
    let work = part.machine.spec().render();
    let seen = part.machine.view();
    let unit = |unit: &raylance_v1_market::artist::UnitSeen| UnitView {
        state: unit_state(unit.state).to_owned(),
        worker: unit.worker.map(|worker| worker.to_hex()),
    };
    JobView {
        id: job.to_string(),
        name: part.name.clone(),
        role: "artist".to_owned(),
        state: artist_state(seen.phase).to_owned(),
        sentence: artist_sentence(&seen),
        width_px: work.width_px,
        height_px: work.height_px,
        samples: work.samples,
        units: work.unit_count(),
        units_rendering: seen.units_rendering,
        units_checking: seen.units_checking,
        units_settled: seen.units_settled,
        units_rejected: seen.units_rejected,
        eta_ms: eta_ms(part, &seen),
        budget: part.machine.spec().budget().unwrap_or_default().to_string(),
        paid: seen.paid_microlux.to_string(),
        picture_revision: node.pictures.revision(job),
        files: part.options.files.clone(),
        unit_rows: seen.units.iter().map(unit).collect(),
    }
}

fn unit_state(state: UnitState) -> &'static str {
    match state {
        UnitState::Open => "open",
        UnitState::Assigned => "assigned",
        UnitState::Committed => "committed",
        UnitState::Checking => "checking",
        UnitState::Settled => "settled",
    }
}

fn artist_sentence(seen: &ArtistView) -> String {
    let here = seen.workers.iter().filter(|worker| worker.is_here).count();
    match seen.phase {
        ArtistPhase::LookingForWorkers if seen.workers.is_empty() => "Offered to the ring; nobody has bid yet.".to_owned(),
        ArtistPhase::LookingForWorkers => format!("{here} workers have bid; waiting a moment for more."),
        ArtistPhase::LockingBudget => "The budget is being locked on the ledger.".to_owned(),
        ArtistPhase::Rendering => {
            let units = seen.units.len();
            format!("{here} workers render; {} of {units} units are verified and paid.", seen.units_settled)
        }
        ArtistPhase::Cancelling => "Being ended; films at hand are still checked and paid.".to_owned(),
        ArtistPhase::Assembling => "All units are paid; the picture is being written.".to_owned(),
        ArtistPhase::Done => "Done: every unit was verified and paid.".to_owned(),
        ArtistPhase::Failed(reason) => fail_sentence(reason).to_owned(),
    }
}

/// Remaining time at the pace since this process has seen the job rendering.
fn eta_ms(part: &ArtistPart, seen: &ArtistView) -> Option<u64> {
    let (since_ms, settled_then) = part.rendering_since_ms?;
    let settled = u64::from(seen.units_settled.checked_sub(settled_then)?);
    let left = (seen.units.len() as u64).saturating_sub(u64::from(seen.units_settled));
    let spent_ms = super::open::now_ms().saturating_sub(since_ms);
    (seen.phase == ArtistPhase::Rendering).then(|| spent_ms.saturating_mul(left).checked_div(settled)).flatten()
}

fn worker_job(job: JobId, part: &WorkerPart) -> JobView {
    let work = part.worker.spec().render();
    let seen = part.worker.view();
    JobView {
        id: job.to_string(),
        name: short(job),
        role: "worker".to_owned(),
        state: worker_state(seen.phase).to_owned(),
        sentence: worker_sentence(&seen),
        width_px: work.width_px,
        height_px: work.height_px,
        samples: work.samples,
        units: work.unit_count(),
        units_rendering: seen.units_rendering,
        units_checking: seen.units_checking,
        units_settled: seen.units_settled,
        units_rejected: 0,
        eta_ms: None,
        budget: part.worker.spec().budget().unwrap_or_default().to_string(),
        paid: seen.earned_microlux.to_string(),
        picture_revision: 0,
        files: Vec::new(),
        unit_rows: Vec::new(),
    }
}

fn worker_sentence(seen: &WorkerView) -> String {
    match seen.phase {
        WorkerPhase::Bidding => "Bid sent; waiting to be admitted.".to_owned(),
        WorkerPhase::Fetching => "Fetching the scene.".to_owned(),
        WorkerPhase::Working => format!("Rendering; {} units paid, {} being checked.", seen.units_settled, seen.units_checking),
        WorkerPhase::Leaving => "The artist says that the job has ended; waiting for the ledger.".to_owned(),
        WorkerPhase::Ended(Ending::Closed) => format!("Ended; {} units paid.", seen.units_settled),
        WorkerPhase::Ended(Ending::Banned) => "Banned: verifiers replayed leaves of a film and got other values.".to_owned(),
        WorkerPhase::Ended(Ending::NotAdmitted) => "The artist took other workers.".to_owned(),
    }
}
