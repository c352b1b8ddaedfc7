//! The ledger in a few lines: rows, claims, one window, a court that knows the truth.

use super::{Event, HOP_MS, ME, SIGNATURE, World};
use crate::artist::{ArtistInput as Input, LeafRef};
use raylance_protocol::row::{Channel, ChannelState, Job, OpenClaim};
use raylance_protocol::tx::{Action, Pay};
use raylance_protocol::{AccountId, ChainId, Done, JobId, Microlux, RingTime, Task};

impl World {
    fn ring_time(&self) -> RingTime {
        RingTime(self.now_ms)
    }

    pub(super) fn ledger(&mut self, submission: u64, action: Action) {
        self.give(Input::RingTime(self.ring_time()));
        if !self.accept_txs {
            self.give(Input::Refused { submission });
            return;
        }
        match action {
            Action::OpenJob(open) => {
                let id = JobId::opened(ChainId::default(), ME, submission, open.spec);
                let rows = open.rows.len() as u32;
                let job = Job {
                    artist: ME,
                    spec: open.spec,
                    renderer: open.renderer,
                    scene_bytes: open.scene_bytes,
                    ends_by: open.ends_by,
                    claims_until: None,
                    rows,
                    rows_live: rows,
                };
                assert!(self.job.replace((id, job.clone())).is_none(), "opened twice");
                self.give(Input::Final { submission, job: Some(id) });
                self.give(Input::JobRow(Some(job)));
                for row in open.rows {
                    self.set_reserve(row.worker, row.reserved_total);
                    self.tell(row.worker);
                }
            }
            Action::Pay(pay) => self.apply_pay(submission, &pay),
            other => panic!("an artist does not submit {other:?}"),
        }
        self.check_budget();
    }

    fn set_reserve(&mut self, worker: AccountId, reserved: Microlux) {
        let fresh = Channel { reserved, paid: Microlux::ZERO, claims_until: RingTime::default(), state: ChannelState::Open };
        let channel = self.channels.entry(worker).or_insert(fresh);
        channel.reserved = channel.reserved.max(reserved);
    }

    fn apply_pay(&mut self, submission: u64, pay: &Pay) {
        self.pays.push(pay.clone());
        self.give(Input::Final { submission, job: None });
        for row in &pay.rows {
            self.check_pays_only_checked(row.worker, row.paid_total);
            assert!(row.paid_total <= row.reserved_total);
            self.set_reserve(row.worker, row.reserved_total);
            let channel = self.channels.get_mut(&row.worker).unwrap();
            if !channel.state.is_live() {
                continue;
            }
            let paid = channel.paid.max(row.paid_total);
            *self.paid.entry(row.worker).or_default() = paid;
            channel.paid = paid;
            if let ChannelState::Claimed(claim) = channel.state
                && claim.total <= paid
            {
                channel.state = ChannelState::Open;
            }
            if row.done.is_some() && row.paid_total == paid {
                (channel.state, channel.reserved) = (ChannelState::Done, paid);
            }
            self.tell(row.worker);
        }
        if pay.close {
            let until = self.ring_time().after(self.plan.parameters.window_ms);
            let (_, job) = self.job.as_mut().unwrap();
            assert!(job.claims_until.replace(until).is_none(), "closed twice");
            let job = job.clone();
            self.give(Input::JobRow(Some(job)));
            self.later(self.plan.parameters.window_ms + 1, Event::Window);
            self.settle_all();
        }
    }

    /// Workers see that the job closes: what is unpaid is claimed, what is paid is settled.
    fn settle_all(&mut self) {
        let settling: Vec<AccountId> = self.channels.keys().copied().filter(|worker| self.habits[worker].settles).collect();
        for worker in settling {
            let channel = &self.channels[&worker];
            let total = self.total(worker);
            if channel.paid == total && self.known.get(&worker).is_none_or(|known| known.keys.len() == known.receipts.len()) {
                let done = Done { job: self.job.as_ref().unwrap().0, worker, total };
                self.later(HOP_MS, Event::Input(Input::Done { done, signature: SIGNATURE }));
            } else if channel.state == ChannelState::Open {
                self.claim(worker);
            }
        }
    }

    pub fn total(&self, worker: AccountId) -> Microlux {
        self.known.get(&worker).and_then(|known| known.receipts.last()).map_or(Microlux::ZERO, |receipt| receipt.total)
    }

    /// This worker files a claim for everything that it was signed: its keys become public.
    pub fn claim(&mut self, worker: AccountId) {
        self.claim_up_to(worker, self.total(worker));
    }

    /// The same, up to a total.
    pub fn claim_up_to(&mut self, worker: AccountId, total: Microlux) {
        let due = self.ring_time().after(self.plan.parameters.window_ms);
        let zero = Microlux::ZERO;
        let claim = OpenClaim { total, by: worker, bond: zero, fee: zero, due, challenged: false };
        self.channels.get_mut(&worker).unwrap().state = ChannelState::Claimed(claim);
        self.later(self.plan.parameters.window_ms, Event::ClaimPays(worker));
        self.tell(worker);
        let receipts = self.known[&worker].receipts.iter().take_while(|receipt| receipt.total <= total);
        let tasks: Vec<Task> = receipts.map(|receipt| receipt.delivery.task).collect();
        tasks.into_iter().for_each(|task| self.open((worker, task)));
    }

    pub(super) fn claim_pays(&mut self, worker: AccountId) {
        let channel = self.channels.get_mut(&worker).unwrap();
        if let ChannelState::Claimed(claim) = channel.state {
            channel.paid = channel.paid.max(claim.total);
            channel.state = ChannelState::Open;
            *self.paid.entry(worker).or_default() = channel.paid;
            self.tell(worker);
        }
    }

    pub(super) fn court(&mut self, submission: u64, worker: AccountId, leaf: LeafRef) {
        if !self.accept_txs {
            self.give(Input::Refused { submission });
            return;
        }
        self.challenges.push(leaf);
        let wrong = self.is_wrong(&leaf);
        let channel = self.channels.get_mut(&worker).unwrap();
        if let ChannelState::Claimed(claim) = &mut channel.state {
            assert!(!claim.challenged, "one filing, two challenges");
            claim.challenged = true;
            if wrong {
                (channel.state, channel.reserved) = (ChannelState::Void, channel.paid);
            }
        }
        self.give(Input::Final { submission, job: None });
        self.tell(worker);
    }

    /// The last window is over: all rows end, the job leaves the ledger.
    pub(super) fn window(&mut self) {
        let open: Vec<AccountId> = self.channels.keys().copied().collect();
        for worker in open {
            let channel = self.channels.get_mut(&worker).unwrap();
            if matches!(channel.state, ChannelState::Claimed(_)) {
                return self.later(self.plan.parameters.window_ms, Event::Window);
            }
            if channel.state == ChannelState::Open {
                (channel.state, channel.reserved) = (ChannelState::Ended, channel.paid);
            }
            self.tell(worker);
        }
        self.give(Input::JobRow(None));
    }

    pub fn tell(&mut self, worker: AccountId) {
        let channel = self.channels.get(&worker).cloned();
        self.give(Input::ChannelRows(vec![(worker, channel)]));
    }

    fn check_budget(&self) {
        let sum: u64 = self.channels.values().map(|channel| channel.reserved.0).sum();
        assert!(sum <= self.plan.budget.0, "{sum} reserved of {:?}", self.plan.budget);
    }

    /// Everything up to this total was opened, replayed here in four places at least, and is right where anybody looked.
    fn check_pays_only_checked(&self, worker: AccountId, paid: Microlux) {
        let Some(known) = self.known.get(&worker) else { return };
        let before = self.paid.get(&worker).copied().unwrap_or_default();
        let first = known.receipts.partition_point(|receipt| receipt.total <= before);
        for receipt in known.receipts[first..].iter().take_while(|receipt| receipt.total <= paid) {
            let task = receipt.delivery.task;
            let leaves = match task {
                Task::Unit(unit) => self.plan.spec.work.leaf_count(unit).unwrap(),
                Task::List(_) => self.lists[&task],
            };
            let clean = self.clean.get(&(Some(worker), task)).copied().unwrap_or_default();
            assert!(clean >= leaves.min(4), "{task:?} of {worker:?} was paid and not checked: {clean}");
        }
    }
}
