//! What dishonest parties do: they run the real machines and change what these say, and act on their own account besides.

use crate::film;
use crate::wallet::TxName;
use crate::world::{Happening, Role, World};
use raylance_market::artist::rows::FilmRow;
use raylance_market::artist::{ArtistEffect, LeafRef, Say};
use raylance_protocol::row::{Channel, ChannelState};
use raylance_protocol::{
    AccountId, Action, Address, Claim, ClaimEntry, FilmKey, Leaf, LeafIndex, Microlux, Pay, Root, Signature, Task, limits,
};
use raylance_sim::chance::Chance;

/// How an artist cheats. The default does not.
#[derive(Clone, Debug, Default)]
pub struct ArtistVice {
    pub drops_receipts_percent: u64,
    /// Receipts whose total or price is another.
    pub odd_receipts_percent: u64,
    pub pays: Pays,
    /// Closes the job at some point by itself.
    pub closes_early: bool,
    /// Challenges leaves that are right.
    pub is_frivolous: bool,
    pub hides_scene: bool,
    /// Is never heard of again.
    pub vanishes_at_ms: Option<u64>,
    /// Sends its money away.
    pub drains: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pays {
    #[default]
    All,
    Half,
    Nothing,
}

/// How a worker cheats. The default does not.
#[derive(Clone, Debug, Default)]
pub struct WorkerVice {
    /// Thieves with one number know each other's lies.
    pub gang: u64,
    /// Share of a unit's leaves that are lies, in thousandths.
    pub lies_permille: u64,
    pub lists: Lists,
    pub drops_keys_percent: u64,
    /// Says that another film is its delivery, too.
    pub odd_deliveries: bool,
    pub serves_wrong_percent: u64,
    /// Nobody ever gets a film of it.
    pub withholds_films: bool,
    pub is_slow: bool,
    pub hides_scene: bool,
    /// Claims pieces, late, again, and what it may not.
    pub claims_by_itself: bool,
}

/// What a checker answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lists {
    #[default]
    Truth,
    Garbage,
    /// As the gang lies, whoever rendered it.
    Gang,
}

impl WorkerVice {
    /// What it computes for a leaf.
    pub fn leaf(&self, address: &Address, task: Task) -> Leaf {
        let lies = match (task, self.lists) {
            (Task::Unit(_), _) | (Task::List(_), Lists::Gang) => film::is_lied_about(address, self.gang, self.lies_permille),
            (Task::List(_), Lists::Truth) => false,
            (Task::List(_), Lists::Garbage) => true,
        };
        if lies { film::lie(address) } else { film::truth(address) }
    }

    /// What it says instead of what its machine wants to say.
    pub fn says(&self, say: Say, chance: &mut Chance) -> Vec<Say> {
        match say {
            Say::Key { .. } if chance.happens(self.drops_keys_percent) => Vec::new(),
            Say::Key { job, task, .. } if chance.happens(self.drops_keys_percent) => {
                vec![Say::Key { job, task, key: FilmKey(chance.bytes()) }]
            }
            Say::Delivery(delivery) if self.odd_deliveries => {
                let other = raylance_protocol::Delivery { root: Root::default(), ..delivery.clone() };
                if chance.happens(50) { vec![Say::Delivery(delivery), Say::Delivery(other)] } else { vec![Say::Delivery(delivery)] }
            }
            other => vec![other],
        }
    }
}

impl World {
    /// What becomes of an artist's effect: honest artists do what their machines want.
    pub fn corrupt(&mut self, who: usize, effect: ArtistEffect) -> Option<ArtistEffect> {
        if self.parties[who].honest {
            return Some(effect);
        }
        let vice = self.artist(who).vice.clone();
        match effect {
            ArtistEffect::Send { say: Say::Receipt(_), .. } if self.chance.happens(vice.drops_receipts_percent) => None,
            ArtistEffect::Send { to, say: Say::Receipt(mut receipt) } if self.chance.happens(vice.odd_receipts_percent) => {
                match self.chance.below(4) {
                    0 => receipt.total.0 = receipt.total.0.saturating_sub(receipt.price.0),
                    1 => receipt.total.0 += receipt.price.0,
                    2 => receipt.total = receipt.price,
                    _ => receipt.price.0 = receipt.price.0.saturating_sub(1),
                }
                Some(ArtistEffect::Send { to, say: Say::Receipt(receipt) })
            }
            ArtistEffect::Submit { submission, action: Action::Pay(mut pay) } => {
                for row in &mut pay.rows {
                    match vice.pays {
                        Pays::All => {}
                        Pays::Half => (row.paid_total.0, row.done) = (row.paid_total.0 / 2, None),
                        Pays::Nothing => (row.paid_total, row.done) = (Microlux::ZERO, None),
                    }
                }
                Some(ArtistEffect::Submit { submission, action: Action::Pay(pay) })
            }
            other => Some(other),
        }
    }

    /// A dishonest party's own deeds, again and again.
    pub fn mischief(&mut self, who: usize) {
        if self.parties[who].is_there() {
            match self.parties[who].role {
                Role::Artist(_) => self.artist_mischief(who),
                Role::Worker(_) => self.worker_mischief(who),
                Role::Validator(_) | Role::Bystander => return,
            }
        }
        let in_ms = self.chance.between(2_000, 30_000);
        self.later(in_ms, Happening::Mischief { who });
    }

    fn artist_mischief(&mut self, who: usize) {
        let vice = self.artist(who).vice.clone();
        // Nobody cheats for ever.
        let late_ms = 20 * self.ring.genesis.parameters.window_ms;
        if vice.vanishes_at_ms.unwrap_or(late_ms) <= self.now_ms {
            self.parties[who].runs = false;
            self.parties[who].epoch += 1;
            self.artist_mut(who).machine = None;
            return;
        }
        let Some(job) = self.job_of(who) else { return };
        if vice.closes_early && self.chance.happens(20) {
            let pay = Pay { job, rows: Vec::new(), close: true, ends_by: None };
            return self.submit(who, TxName::Odd, Action::Pay(pay));
        }
        if vice.drains && self.chance.happens(20) {
            let balance = self.view(who).account(self.parties[who].id).balance;
            let to = self.parties[self.bystander()].id;
            return self.submit(who, TxName::Odd, Action::Transfer { to, amount: Microlux(balance.0 / 2) });
        }
        if vice.is_frivolous {
            self.challenge_somebody(who);
        }
    }

    /// Challenges any leaf of any film of a worker whose claim is open.
    fn challenge_somebody(&mut self, who: usize) {
        let Some(job) = self.job_of(who) else { return };
        let view = self.view(who);
        let claimed = |(worker, channel): (AccountId, Channel)| matches!(channel.state, ChannelState::Claimed(_)).then_some(worker);
        let workers: Vec<AccountId> = view.channels(job, None).filter_map(claimed).collect();
        let films: Vec<(AccountId, Task)> = self.artist(who).fetched.keys().filter(|(w, _)| workers.contains(w)).copied().collect();
        if films.is_empty() {
            return;
        }
        let (worker, task) = self.chance.one_of(&films);
        let Some(FilmRow { key: Some(key), delivered: Some(delivered), .. }) = self.film_row(who, worker, task) else { return };
        let index = LeafIndex(self.chance.below(8) as u32);
        let leaf = LeafRef { worker: Some(worker), task, index };
        self.challenge(who, TxName::Odd, leaf, key, delivered.root, delivered.signature);
    }

    fn worker_mischief(&mut self, who: usize) {
        if !self.worker(who).vice.claims_by_itself || self.worker(who).receipts.is_empty() {
            return;
        }
        let receipts = self.worker(who).receipts.clone();
        let from = self.chance.below(receipts.len() as u64) as usize;
        let job = receipts[from].0.delivery.job;
        let of_job: Vec<_> = receipts.iter().skip(from).filter(|(receipt, ..)| receipt.delivery.job == job).cloned().collect();
        let count = self.chance.between(1, of_job.len() as u64) as usize;
        let claim = claim_of(&of_job[..count.min(limits::CLAIM_ENTRIES_MAX)], self.artist_of(job));
        self.submit(who, TxName::Odd, Action::Claim(claim));
    }

    fn artist_of(&self, job: raylance_protocol::JobId) -> AccountId {
        self.onlooker.jobs.get(&job).copied().unwrap_or(AccountId([0; 32]))
    }

    pub fn bystander(&self) -> usize {
        self.parties.iter().position(|party| matches!(party.role, Role::Bystander)).expect("there is a bystander")
    }
}

/// A claim of receipts, in the order given, fitting or not.
pub fn claim_of(receipts: &[(raylance_protocol::Receipt, Signature, FilmKey)], artist: AccountId) -> Claim {
    let (first, ..) = &receipts[0];
    let entries = receipts.iter().map(|(receipt, signature, key)| ClaimEntry {
        task: receipt.delivery.task,
        root: receipt.delivery.root,
        key: *key,
        price: receipt.price,
        signature: *signature,
    });
    let from_total = Microlux(first.total.0.saturating_sub(first.price.0));
    Claim { job: first.delivery.job, worker: first.delivery.worker, artist, from_total, entries: entries.collect() }
}
