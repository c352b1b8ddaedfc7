//! How a party's transactions reach a block: one at a time, signed once, repeated until their fate is certain.

use crate::world::{Happening, Input, World};
use raylance_ledger::State;
use raylance_market::Write;
use raylance_market::artist::ArtistInput;
use raylance_market::worker::WorkerInput;
use raylance_protocol::{Action, JobId, Signed, Tx};
use std::collections::BTreeMap;

/// What a party has on disk besides films.
#[derive(Clone, Default)]
pub struct Db {
    /// Its machines' rows.
    pub rows: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The transaction that is on its way.
    pub flying: Option<(TxName, Signed<Tx>)>,
    /// The last block whose events its machine has heard.
    pub height: usize,
}

impl Db {
    pub fn record(&mut self, writes: &[Write]) {
        for Write { key, value } in writes {
            match value {
                Some(value) => self.rows.insert(key.clone(), value.clone()),
                None => self.rows.remove(key),
            };
        }
    }
}

/// Whom the fate of a transaction concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TxName {
    /// The artist's machine.
    Submission(u64),
    /// A worker's machine.
    Claim(JobId),
    /// Nobody: a dishonest party acted by itself.
    Odd,
}

/// What waits to be signed. Lost with its process: machines ask again.
#[derive(Default)]
pub struct Waiting(Vec<(TxName, Action)>);

impl World {
    /// A transaction is wanted. One that is on its way already under this name is the same.
    pub fn submit(&mut self, who: usize, name: TxName, action: Action) {
        let flies = self.parties[who].db.flying.as_ref().is_some_and(|(flying, _)| *flying == name);
        if flies && name != TxName::Odd {
            return;
        }
        let Some(waiting) = self.waiting(who) else { return };
        waiting.0.push((name, action));
        self.pump(who);
    }

    fn waiting(&mut self, who: usize) -> Option<&mut Waiting> {
        match &mut self.parties[who].role {
            crate::world::Role::Artist(artist) => Some(&mut artist.waiting),
            crate::world::Role::Worker(worker) => Some(&mut worker.waiting),
            crate::world::Role::Validator(_) | crate::world::Role::Bystander => None,
        }
    }

    /// The chain as this party has it.
    pub fn view(&self, who: usize) -> &State {
        &self.ring.blocks[self.parties[who].height].state
    }

    /// Looks after what flies, and sends the next.
    pub fn pump(&mut self, who: usize) {
        if !self.parties[who].is_there() {
            return;
        }
        self.judge_flying(who);
        if let Some((_, signed)) = &self.parties[who].db.flying {
            let signed = Box::new(signed.clone());
            return self.throw_at_ring(who, signed);
        }
        let next = self.waiting(who).filter(|waiting| !waiting.0.is_empty()).map(|waiting| waiting.0.remove(0));
        let Some((name, action)) = next else { return };
        let (id, parameters) = (self.parties[who].id, self.ring.genesis.parameters);
        let view = self.view(who);
        let nonce = view.account(id).nonce;
        let valid_until = view.clock().ring_time.after(parameters.window_ms / 4);
        let signed = self.parties[who].keys.sign(self.ring.chain, &Tx { nonce, valid_until, action });
        self.parties[who].db.flying = Some((name, signed.clone()));
        self.throw_at_ring(who, Box::new(signed));
    }

    fn throw_at_ring(&mut self, who: usize, signed: Box<Signed<Tx>>) {
        let epoch = self.parties[who].epoch;
        self.later(self.ring.genesis.parameters.beat_ms * 2, Happening::Pump { who, epoch });
        if !self.chance.happens(self.weather.loss_percent) {
            let delay_ms = self.chance.between(1, self.weather.delay_ms_max);
            self.later(delay_ms, Happening::TxArrives(signed));
        }
    }

    /// Answers the machine once the fate of its transaction is certain: it stands in a block, or never will.
    fn judge_flying(&mut self, who: usize) {
        let Some((name, signed)) = self.parties[who].db.flying.clone() else { return };
        let (view, height) = (self.view(who), self.parties[who].height);
        let tx = signed.peek().expect("it was signed here");
        let included = self.ring.included.get(&signed.id()).filter(|(at, _)| *at <= height).copied();
        // A validator that refuses says so.
        let refused = self.ring.refused.contains_key(&signed.id());
        let over = refused || tx.nonce < view.account(self.parties[who].id).nonce || tx.valid_until < view.clock().ring_time;
        if included.is_none() && !over {
            return;
        }
        self.parties[who].db.flying = None;
        match name {
            TxName::Submission(submission) => {
                let input = match included {
                    Some((_, job)) => ArtistInput::Final { submission, job },
                    None => ArtistInput::Refused { submission },
                };
                self.artist_hears(who, input);
            }
            TxName::Claim(job) => {
                let input = if included.is_some() { WorkerInput::ClaimFinal } else { WorkerInput::ClaimRefused };
                self.worker_hears(who, job, input);
            }
            TxName::Odd => {}
        }
    }

    /// An answer that comes by itself.
    pub fn soon(&mut self, who: usize, low_ms: u64, high_ms: u64, input: Input) {
        let in_ms = self.chance.between(low_ms, high_ms);
        self.answer(who, in_ms, input);
    }
}
