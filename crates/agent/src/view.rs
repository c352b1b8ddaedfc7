//! What a person sees: asked for by topic, one page at a time, computed when it is asked for.

use crate::agent::Agent;
use crate::event::Earning;
use crate::rows::{EndedRow, MovementRow};
use raylance_market::artist::Report;
use raylance_market::worker::WorkerSummary;
use raylance_protocol::{AccountId, Height, JobId, JobSpec, Microlux, RingTime, SceneDigest, SpecHash};
use std::collections::BTreeSet;

/// Money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletView {
    /// Free to spend, as the verified chain says.
    pub balance: Microlux,
    /// Transactions that are on their way.
    pub on_its_way: usize,
}

/// The chain and the peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkView {
    /// Height of the verified chain.
    pub height: Height,
    /// The oldest block that is still stored.
    pub oldest: Option<Height>,
    /// Its ring time.
    pub ring_time: RingTime,
    /// Does this peer make the blocks?
    pub makes_blocks: bool,
    /// Peers that can be reached.
    pub peers: Vec<AccountId>,
}

/// A part in somebody's job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkView {
    /// The job.
    pub job: JobId,
    /// Whose.
    pub artist: AccountId,
    /// Where it stands.
    pub summary: WorkerSummary,
}

impl Agent {
    /// Own jobs that run, ascending by specification.
    pub fn jobs(&self) -> impl Iterator<Item = SpecHash> {
        self.artists.keys().copied()
    }

    /// Own jobs that have ended.
    pub fn ended_jobs(&self) -> impl Iterator<Item = (SpecHash, &EndedRow)> {
        self.ended.iter().map(|(spec, row)| (*spec, row))
    }

    /// What is left of a job that has ended.
    pub fn ended_job(&self, spec: SpecHash) -> Option<&EndedRow> {
        self.ended.get(&spec)
    }

    /// Units and workers of one job.
    pub fn job(&self, spec: SpecHash) -> Option<Report> {
        self.artists.get(&spec).map(raylance_market::artist::Artist::report)
    }

    /// What is computed in an own job that runs, and its number on the ledger once it has one.
    pub fn own_job(&self, spec: SpecHash) -> Option<(&JobSpec, Option<JobId>)> {
        self.artists.get(&spec).map(|artist| (artist.spec(), artist.job()))
    }

    /// Scenes that jobs here still need, own ones and others'; `except` is an own job that is over.
    pub fn scenes(&self, except: Option<SpecHash>) -> BTreeSet<SceneDigest> {
        let own = self.artists.iter().filter(|(spec, _)| Some(**spec) != except).map(|(_, artist)| artist.spec().scene);
        own.chain(self.workers.values().map(|worker| worker.spec().scene)).collect()
    }

    /// On what terms this device works for others; none where it does not.
    pub fn earning(&self) -> Option<Earning> {
        self.earning
    }

    /// Money.
    pub fn wallet(&self) -> WalletView {
        let on_its_way = self.wallet.waiting.len() + usize::from(self.wallet.flying.is_some());
        WalletView { balance: self.ring.state().account(self.me).balance, on_its_way }
    }

    /// What moved this account's money, newest first.
    pub fn movements(&self) -> impl Iterator<Item = (Height, &MovementRow)> {
        self.wallet.movements.iter().rev().map(|(key, row)| (key.0, row))
    }

    /// Do the kept movements lead to the balance that the verified chain says?
    pub fn movements_agree(&self) -> bool {
        let rows = &self.wallet.movements;
        let steps = rows.iter().zip(rows.iter().skip(1));
        let adds_up = steps.into_iter().all(|((_, one), (_, next))| one.balance.0.checked_add_signed(next.change) == Some(next.balance.0));
        let now = self.ring.state().account(self.me).balance;
        adds_up && rows.back().is_none_or(|(_, last)| last.balance == now)
    }

    /// The chain and the peers.
    pub fn network(&self) -> NetworkView {
        let chain = self.ring.chain();
        NetworkView {
            height: chain.height(),
            oldest: self.ring.stored.front().map(|(height, _)| *height),
            ring_time: chain.state().clock().ring_time,
            makes_blocks: self.ring.is_validator(),
            peers: self.peers.iter().copied().collect(),
        }
    }

    /// Parts in other people's jobs.
    pub fn work(&self) -> impl Iterator<Item = WorkView> {
        self.workers.iter().map(|(job, worker)| WorkView { job: *job, artist: worker.spec().artist, summary: worker.summary() })
    }

    /// The verified chain, for whoever proves or serves something.
    pub fn chain(&self) -> &raylance_consensus::Chain {
        self.ring.chain()
    }
}
