//! What the demo found out: a table for people, one JSON object for programs.

use super::compare::SEED;
use super::facts::Facts;
use super::swarm::{Role, Swarm, cheat_name};
use super::watch::Watched;
use super::{DemoConfig, cheating};
use raylance_control::view::AuditView;
use raylance_node::cheat::Cheat;
use raylance_protocol::Microlux;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// What the demo found out.
#[derive(Clone, Debug, Serialize)]
pub struct DemoReport {
    /// Processes, the validator and the artist included.
    pub peers: usize,
    /// Each of them.
    pub peer_rows: Vec<PeerReport>,
    /// Units of the job.
    pub units: u32,
    /// Units in the picture whose drawn leaves are all right.
    pub verified_units: u32,
    /// Workers that delivered a wrong leaf.
    pub rejected_units: u32,
    /// Camera samples of the picture per second, from submission until all of it was there.
    pub samples_per_s: f64,
    /// Replayed leaves in percent of those in the picture; none where the job is still on the ledger.
    pub verify_overhead_pct: Option<f64>,
    /// From submission until something of the picture was there, seconds.
    pub first_pixel_s: Option<f64>,
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
    /// From submission to the end of the job, its payments and disputes, seconds.
    pub seconds: f64,
    /// Seed of the job's samples: `raylance render --seed` gives the same picture.
    pub seed: u32,
    /// Has every honest worker what was signed for and at least what it had, and was nothing paid for wrong films?
    pub honest_whole: bool,
    /// How somebody cheated. Only with `--cheat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cheat: Option<&'static str>,
    /// Was the cheat tried in vain? Only with `--cheat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cheater_caught: Option<bool>,
    /// What the cheater was paid by the artist, microlux. Only with `--cheat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cheater_paid: Option<u64>,
    /// The cheater's account. Only with `--cheat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cheater: Option<String>,
    #[serde(skip)]
    cheats: Option<Cheat>,
}

/// One process.
#[derive(Clone, Debug, Serialize)]
pub struct PeerReport {
    /// `ring`, `artist` or `worker 1` …
    pub name: String,
    /// Account in hexadecimal.
    pub account: String,
    /// Units of it in the picture.
    pub units: u32,
    /// Did it deliver a wrong leaf?
    pub refused: bool,
    /// Microlux before the job.
    pub balance_before: u64,
    /// Microlux after it.
    pub balance_after: u64,
}

#[expect(clippy::too_many_arguments, reason = "everything that the demo has gathered comes together here")]
pub(super) fn make(
    config: &DemoConfig,
    swarm: &Swarm,
    facts: &Facts,
    before: &AuditView,
    after: &AuditView,
    watched: &Watched,
    image: &Path,
    identical: bool,
) -> DemoReport {
    let rows: Vec<PeerReport> = swarm.accounts().map(|(role, account)| row(role, account.to_hex(), facts, before, after)).collect();
    let cheater = config.cheat.map(|cheat| swarm.account(config.cheater(cheat)).to_hex());
    let request = &config.request;
    let samples = u64::from(request.width_px) * u64::from(request.height_px) * u64::from(request.samples);
    DemoReport {
        peers: rows.len(),
        units: facts.units,
        verified_units: facts.verified,
        rejected_units: facts.workers.iter().filter(|worker| worker.refused).count() as u32,
        samples_per_s: samples as f64 / watched.picture.as_secs_f64().max(1e-9),
        verify_overhead_pct: facts.replayed_pct,
        first_pixel_s: watched.first_pixel.map(|time| time.as_secs_f64()),
        supply_ok: after.supply_ok,
        balances: after.balances.clone(),
        treasury: after.treasury,
        burned: after.burned,
        ledger_height: after.height,
        image: image.display().to_string(),
        bit_identical_to_local_render: identical,
        seconds: watched.end.as_secs_f64(),
        seed: SEED,
        honest_whole: is_honest_whole(config.cheat, cheater.as_deref(), facts, &rows),
        cheat: config.cheat.map(cheat_name),
        cheater_caught: config.cheat.map(|cheat| cheating::is_caught(cheat, cheater.as_deref(), facts)),
        cheater_paid: cheater.as_ref().map(|cheater| facts.worker(cheater).map_or(0, |worker| worker.paid)),
        cheater,
        cheats: config.cheat,
        peer_rows: rows,
    }
}

fn row(role: Role, account: String, facts: &Facts, before: &AuditView, after: &AuditView) -> PeerReport {
    let balance = |audit: &AuditView| audit.balances.get(&account).copied().unwrap_or(0);
    let worker = facts.worker(&account);
    PeerReport {
        name: match role {
            Role::Ring => "ring".to_owned(),
            Role::Artist => "artist".to_owned(),
            Role::Worker(number) => format!("worker {}", number + 1),
        },
        units: if role == Role::Artist { facts.own } else { worker.map_or(0, |worker| worker.units) },
        refused: worker.is_some_and(|worker| worker.refused),
        balance_before: balance(before),
        balance_after: balance(after),
        account,
    }
}

fn is_honest_whole(cheat: Option<Cheat>, cheater: Option<&str>, facts: &Facts, rows: &[PeerReport]) -> bool {
    let is_honest = |account: &str| cheater != Some(account);
    // A silent artist has signed in its own books alone: no worker gave a key for that.
    let is_owed = cheat != Some(Cheat::KeepsSilent);
    let paid = facts.workers.iter().filter(|worker| is_owed && is_honest(&worker.account)).all(|worker| worker.paid >= worker.total);
    let lost_nothing = |row: &PeerReport| row.balance_after >= row.balance_before;
    let kept = rows.iter().filter(|row| row.name.starts_with("worker") && is_honest(&row.account)).all(lost_nothing);
    let wrong_unpaid = cheat.is_some_and(|cheat| cheating::may_earn(cheat) || cheating::refuses_honest(cheat))
        || facts.workers.iter().all(|worker| !worker.refused || worker.paid == 0);
    paid && kept && wrong_unpaid
}

impl DemoReport {
    /// Is everything as it must be?
    pub fn is_good(&self) -> bool {
        let in_vain = self
            .cheats
            .is_none_or(|cheat| self.cheater_caught == Some(true) && (cheating::may_earn(cheat) || self.cheater_paid == Some(0)));
        self.bit_identical_to_local_render && self.supply_ok && self.honest_whole && in_vain
    }
}

/// The table.
impl fmt::Display for DemoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "peer      account   units  refused   before              after")?;
        for PeerReport { name, account, units, refused, balance_before, balance_after } in &self.peer_rows {
            let (before, after) = (Microlux(*balance_before).to_string(), Microlux(*balance_after).to_string());
            let refused = if *refused { "yes" } else { "" };
            writeln!(f, "{name:9} {:8}  {units:>5}  {refused:>7}   {before:<18}  {after}", &account[..8])?;
        }
        writeln!(f)?;
        writeln!(f, "units     {} of {} checked, {} workers refused", self.verified_units, self.units, self.rejected_units)?;
        let first = self.first_pixel_s.map(|s| format!(", first pixels after {s:.2} s")).unwrap_or_default();
        writeln!(f, "speed     {:.2} M samples/s{first}, {:.1} s in all", self.samples_per_s / 1e6, self.seconds)?;
        if let Some(percent) = self.verify_overhead_pct {
            writeln!(f, "checks    {percent:.2} % of the leaves replayed")?;
        }
        let supply = if self.supply_ok { "all money is accounted for" } else { "MONEY WAS MADE OR LOST" };
        writeln!(
            f,
            "ledger    height {}, burned {}, treasury {}; {supply}",
            self.ledger_height,
            Microlux(self.burned),
            Microlux(self.treasury)
        )?;
        if let (Some(cheat), Some(cheater), Some(caught), Some(paid)) = (self.cheat, &self.cheater, self.cheater_caught, self.cheater_paid)
        {
            let caught = if caught { "in vain" } else { "NOT CAUGHT" };
            writeln!(f, "cheater   {}, {cheat}: {caught}, paid {}", &cheater[..8], Microlux(paid))?;
        }
        writeln!(f, "honest    {}", if self.honest_whole { "everybody has what was earned" } else { "SOMEBODY LOST MONEY" })?;
        let same =
            if self.bit_identical_to_local_render { "bit for bit the same as a local render" } else { "DIFFERS from a local render" };
        write!(f, "picture   {}: {same} (seed {})", self.image, self.seed)
    }
}
