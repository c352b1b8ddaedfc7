//! What the demo found out: a table for people, one JSON object for programs.

use super::DemoConfig;
use super::swarm::{Role, Swarm};
use raylance_v1_node::audit::Audit;
use raylance_v1_node::receipt::{Receipt, ReceiptPeer};
use raylance_v1_protocol::Microlux;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// What the demo found out.
#[derive(Clone, Debug, Serialize)]
pub struct DemoReport {
    /// Processes, the validator and the artist included.
    pub peers: usize,
    /// Each of them.
    pub peer_rows: Vec<PeerReport>,
    /// Units of the job.
    pub units: u32,
    /// Units whose films verifiers accepted and the ledger paid.
    pub verified_units: u32,
    /// Films that were found to be wrong.
    pub rejected_units: u32,
    /// Camera samples of the picture per second, from submission to the end.
    pub samples_per_s: f64,
    /// Replayed in percent of rendered samples.
    pub verify_overhead_pct: f64,
    /// Time of replays in percent of the time of renders, as peers measured both.
    pub verify_time_pct: f64,
    /// Is all money of the genesis still there, and no more?
    pub supply_ok: bool,
    /// Balances after the job by account, microlux.
    pub balances: BTreeMap<String, u64>,
    /// Of the ring, microlux.
    pub treasury: u64,
    /// Microlux.
    pub burned: u64,
    /// Last block of the validator.
    pub ledger_height: u64,
    /// The assembled picture.
    pub image: String,
    /// Has the assembled picture the bits of a local render?
    pub bit_identical_to_local_render: bool,
    /// From submission to the end, seconds.
    pub seconds: f64,
    /// Seed of the job's samples: `raylance render --seed` gives the same picture.
    pub seed: u32,
    /// Was the cheater banned? Only with `--cheat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cheater_caught: Option<bool>,
    /// What the cheater was paid for films, microlux. Only with `--cheat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cheater_paid: Option<u64>,
    /// What the cheater earned as an honest verifier before it was banned, microlux. Only with `--cheat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cheater_verifier_fees: Option<u64>,
    /// The cheater's account. Only with `--cheat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cheater: Option<String>,
}

/// One process.
#[derive(Clone, Debug, Serialize)]
pub struct PeerReport {
    /// `ring`, `artist` or `worker 1` …
    pub name: String,
    /// Account in hexadecimal.
    pub account: String,
    /// Films that were accepted and paid.
    pub units: u32,
    /// Films that were found to be wrong.
    pub rejected: u32,
    /// Camera samples per second while it rendered.
    pub samples_per_s: f64,
    /// Verdicts that were settled.
    pub verdicts: u32,
    /// Microlux before the job.
    pub balance_before: u64,
    /// Microlux after it.
    pub balance_after: u64,
}

#[expect(clippy::too_many_arguments, reason = "everything that the demo has gathered comes together here")]
pub(super) fn make(
    config: &DemoConfig,
    swarm: &Swarm,
    receipt: &Receipt,
    before: &Audit,
    after: &Audit,
    elapsed: Duration,
    image: &Path,
    identical: bool,
) -> DemoReport {
    let peer_of = |account: &str| receipt.peers.iter().find(|peer| peer.account == account);
    let rows: Vec<PeerReport> = swarm.accounts().map(|(role, account)| row(role, account.to_hex(), before, after, peer_of)).collect();
    let cheater = config.cheat.and(rows.last()).map(|row| row.account.clone());
    let cheat = cheater.as_deref().and_then(peer_of);
    let samples = u64::from(receipt.width_px) * u64::from(receipt.height_px) * u64::from(receipt.samples);
    let percent = |part: u64, whole: u64| part as f64 * 100.0 / whole.max(1) as f64;
    DemoReport {
        peers: rows.len(),
        peer_rows: rows,
        units: receipt.units,
        verified_units: receipt.units_verified,
        rejected_units: receipt.units_rejected,
        samples_per_s: samples as f64 / elapsed.as_secs_f64().max(1e-9),
        verify_overhead_pct: percent(receipt.replayed_samples, receipt.rendered_samples),
        verify_time_pct: percent(receipt.replay_ms, receipt.render_ms),
        supply_ok: after.supply_ok(),
        balances: after.balances.clone(),
        treasury: after.treasury,
        burned: after.burned,
        ledger_height: after.height,
        image: image.display().to_string(),
        bit_identical_to_local_render: identical,
        seconds: elapsed.as_secs_f64(),
        seed: receipt.seed,
        cheater_caught: cheater.as_ref().map(|_| cheat.is_some_and(|peer| peer.caught)),
        cheater_paid: cheater.as_ref().map(|_| cheat.map_or(0, |peer| peer.rendered_microlux)),
        cheater_verifier_fees: cheater.as_ref().map(|_| cheat.map_or(0, |peer| peer.verified_microlux)),
        cheater,
    }
}

fn row<'a>(role: Role, account: String, before: &Audit, after: &Audit, peer_of: impl Fn(&str) -> Option<&'a ReceiptPeer>) -> PeerReport {
    let balance = |audit: &Audit| audit.balances.get(&account).copied().unwrap_or(0);
    let peer = peer_of(&account);
    PeerReport {
        name: match role {
            Role::Ring => "ring".to_owned(),
            Role::Artist => "artist".to_owned(),
            Role::Worker(number) => format!("worker {}", number + 1),
        },
        units: peer.map_or(0, |peer| peer.units_verified),
        rejected: peer.map_or(0, |peer| peer.units_rejected),
        samples_per_s: peer.map_or(0.0, |peer| peer.samples as f64 * 1000.0 / peer.render_ms.max(1) as f64),
        verdicts: peer.map_or(0, |peer| peer.accepts + peer.rejects),
        balance_before: balance(before),
        balance_after: balance(after),
        account,
    }
}

/// The table.
impl fmt::Display for DemoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "peer      account   units  rejected  verdicts  M samples/s   before              after")?;
        for PeerReport { name, account, units, rejected, samples_per_s, verdicts, balance_before, balance_after } in &self.peer_rows {
            let (before, after) = (Microlux(*balance_before).to_string(), Microlux(*balance_after).to_string());
            let speed = samples_per_s / 1e6;
            writeln!(f, "{name:9} {:8}  {units:>5}  {rejected:>8}  {verdicts:>8}  {speed:>11.3}   {before:<18}  {after}", &account[..8])?;
        }
        writeln!(f)?;
        writeln!(f, "units     {} of {} verified and paid, {} films rejected", self.verified_units, self.units, self.rejected_units)?;
        writeln!(f, "speed     {:.2} M samples/s, {:.1} s in all", self.samples_per_s / 1e6, self.seconds)?;
        writeln!(f, "checks    {:.2} % of the samples replayed, {:.2} % of the time", self.verify_overhead_pct, self.verify_time_pct)?;
        let supply = if self.supply_ok { "all money is accounted for" } else { "MONEY WAS MADE OR LOST" };
        writeln!(
            f,
            "ledger    height {}, burned {}, treasury {}; {supply}",
            self.ledger_height,
            Microlux(self.burned),
            Microlux(self.treasury)
        )?;
        if let (Some(cheater), Some(caught), Some(paid)) = (&self.cheater, self.cheater_caught, self.cheater_paid) {
            let caught = if caught { "caught and banned" } else { "NOT CAUGHT" };
            writeln!(f, "cheater   {}: {caught}, paid {} for its films", &cheater[..8], Microlux(paid))?;
        }
        let same =
            if self.bit_identical_to_local_render { "bit for bit the same as a local render" } else { "DIFFERS from a local render" };
        write!(f, "picture   {}: {same} (seed {})", self.image, self.seed)
    }
}
