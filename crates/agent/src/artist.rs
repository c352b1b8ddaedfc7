//! Jobs of this peer's person: what their machines ask for, and what they hear.

use crate::agent::{Agent, Ask, Due, Todo};
use crate::effect::{CommandError, Effect, Notice, Outgoing, Topic};
use crate::event::{Answer, Evidence};
use crate::rows::{EndedRow, OwnJob, Purpose};
use raylance_market::artist::rows::{FilmRow, HeadRow, ListRow, PaymentRow, WorkerRow};
use raylance_market::artist::{Artist, ArtistEffect, ArtistInput, LeafRef, Plan};
use raylance_protocol::row::Row;
use raylance_protocol::{Action, Challenge, FilmKey, JobId, Microlux, Root, Signature, SpecHash, Task};

/// Ended own jobs that are listed: a person scrolls no further, and their pictures stay where they are.
const ENDED_MAX: usize = 1_000;
/// A receipt file that could not be written is tried again after that.
const CLOSE_AGAIN_MS: u64 = 30_000;

/// What a challenge says beside its evidence.
#[derive(Clone, Debug)]
pub(crate) struct Accusation {
    pub submission: u64,
    pub leaf: LeafRef,
    pub key: FilmKey,
    pub root: Root,
    pub signature: Signature,
}

impl Agent {
    pub(crate) fn submit(&mut self, plan: Plan) -> Result<(), CommandError> {
        if plan.spec.artist != self.me {
            return Err(CommandError::NotMine);
        }
        plan.spec.check()?;
        let spec = plan.spec.hash();
        if self.artists.contains_key(&spec) || self.ended.contains_key(&spec) {
            return Ok(());
        }
        let free = self.free_to_spend();
        if plan.rate_max.0 > 0 && plan.workers_max > 0 && free < plan.budget {
            return Err(CommandError::Balance { have: free, need: plan.budget });
        }
        self.by_job.insert(JobId::free(self.me, spec), spec);
        let (artist, turn) = Artist::new(self.step.now.steady_ms, plan);
        self.artists.insert(spec, artist);
        self.step.turn.topics.insert(Topic::Jobs);
        self.artist_turn(spec, turn);
        let now = self.ring.state().clock().ring_time;
        self.todo(Todo::Artist(spec, ArtistInput::RingTime(now)));
        Ok(())
    }

    /// What a new job can count on: the balance without what runs already may still reserve, and without transfers on their way.
    pub fn free_to_spend(&self) -> Microlux {
        let promised = self.artists.values().fold(0, |sum: u64, artist| sum.saturating_add(artist.unreserved().0));
        let (_, out) = self.transfers_out();
        let balance = self.ring.state().account(self.me).balance;
        Microlux(balance.0.saturating_sub(promised).saturating_sub(out.0))
    }

    pub(crate) fn stop(&mut self, spec: SpecHash) -> Result<(), CommandError> {
        if self.artists.contains_key(&spec) {
            self.todo(Todo::Artist(spec, ArtistInput::Stop));
            return Ok(());
        }
        // Stopping what has ended is done already.
        if self.ended.contains_key(&spec) { Ok(()) } else { Err(CommandError::NoJob(spec)) }
    }

    pub(crate) fn forget_ended(&mut self) {
        for spec in std::mem::take(&mut self.ended).into_keys() {
            self.delete::<EndedRow>(&OwnJob(spec));
        }
        self.step.turn.topics.insert(Topic::Jobs);
    }

    pub(crate) fn artist_hears(&mut self, spec: SpecHash, input: ArtistInput) {
        let (now_ms, dice) = (self.step.now.steady_ms, self.dice());
        let Some(artist) = self.artists.get_mut(&spec) else { return };
        let turn = artist.step(now_ms, dice, input);
        self.artist_turn(spec, turn);
    }

    pub(crate) fn artist_turn(&mut self, spec: SpecHash, turn: raylance_market::Turn<ArtistEffect>) {
        if !turn.writes.is_empty() {
            self.step.turn.topics.insert(Topic::Job(spec));
        }
        self.step.turn.writes.extend(turn.writes);
        for effect in turn.effects {
            self.artist_does(spec, effect);
        }
        let expects = self.artists.get(&spec).and_then(Artist::alarm_ms);
        debug_assert!(expects.is_none() || expects == self.due.at(Due::Artist(spec)), "an alarm was lost");
    }

    fn artist_does(&mut self, spec: SpecHash, effect: ArtistEffect) {
        match effect {
            ArtistEffect::Offer(offer) => self.effect(Effect::PublishOffer(offer)),
            ArtistEffect::Send { to, say } => self.send(to, Outgoing::Say(say)),
            ArtistEffect::Submit { submission, action } => self.want_tx(Purpose::Submission(spec, submission), action),
            ArtistEffect::Fetch { worker, task, .. } => self.fetch(spec, worker, task),
            ArtistEffect::Show { worker, unit, key } => self.effect(Effect::Show { spec, worker, unit, key }),
            ArtistEffect::Withdraw { worker, unit } => self.effect(Effect::Withdraw { spec, worker, unit }),
            ArtistEffect::RenderOwn { unit } => self.ask(Ask::Own(spec, unit), |id| Effect::RenderOwn { id, spec, unit }),
            ArtistEffect::Replay { check, device, leaves } => {
                self.ask(Ask::Replay(spec, check), |id| Effect::Replay { id, spec, device, leaves });
            }
            ArtistEffect::Compare { checker, list, origins } => {
                self.ask(Ask::Compare(spec, list), |id| Effect::Compare { id, spec, checker, list, origins });
            }
            ArtistEffect::Challenge { submission, leaf, key, root, signature } => {
                let accusation = Accusation { submission, leaf, key, root, signature };
                self.ask(Ask::Evidence(spec, Box::new(accusation)), |id| Effect::ReadEvidence { id, spec, leaf });
            }
            // Its one alarm: an earlier one that has not rung was for something that is done.
            ArtistEffect::Alarm { at_ms } => self.due.set(Due::Artist(spec), at_ms),
            ArtistEffect::Finished => self.effect(Effect::Finish(spec)),
            ArtistEffect::Ended => self.close(spec),
        }
    }

    fn fetch(&mut self, spec: SpecHash, worker: raylance_protocol::AccountId, task: Task) {
        let Some(artist) = self.artists.get(&spec) else { return };
        let addresses = match task {
            Task::Unit(_) => None,
            Task::List(list) => artist.list_addresses(list),
        };
        match artist.job() {
            Some(job) => self.ask(Ask::Fetch(spec, worker, task), |id| Effect::Fetch { id, spec, job, worker, task, addresses }),
            None => self.todo(Todo::Artist(spec, ArtistInput::FetchFailed { worker, task })),
        }
    }

    /// What an effect that a machine asked for came to.
    pub(crate) fn on_artist_answer(&mut self, ask: Ask, answer: Answer) {
        let (spec, input) = match (ask, answer) {
            (Ask::Own(spec, unit), Answer::Done) => (spec, ArtistInput::OwnRendered { unit }),
            (Ask::Own(spec, unit), _) => (spec, ArtistInput::OwnFailed { unit }),
            (Ask::Replay(spec, check), Answer::Differ(wrong)) => (spec, ArtistInput::Replayed { check, wrong }),
            (Ask::Replay(spec, check), _) => (spec, ArtistInput::ReplayFailed { check }),
            (Ask::Compare(spec, list), Answer::DifferAt(differing)) => (spec, ArtistInput::Compared { list, differing }),
            // A film that is gone has nothing to be compared with: its leaves are this machine's own again.
            (Ask::Compare(spec, list), _) => (spec, ArtistInput::Compared { list, differing: Vec::new() }),
            (Ask::Fetch(spec, worker, task), Answer::Fetched(root)) => (spec, ArtistInput::Fetched { worker, task, root }),
            (Ask::Fetch(spec, worker, task), _) => (spec, ArtistInput::FetchFailed { worker, task }),
            (Ask::Evidence(spec, accusation), Answer::Evidence(evidence)) => return self.accuse(spec, *accusation, *evidence),
            (Ask::Evidence(spec, accusation), _) => (spec, ArtistInput::Refused { submission: accusation.submission }),
            _ => return,
        };
        self.todo(Todo::Artist(spec, input));
    }

    fn accuse(&mut self, spec: SpecHash, accusation: Accusation, evidence: Evidence) {
        let Accusation { submission, leaf, key, root, signature } = accusation;
        let Some(artist) = self.artists.get(&spec) else { return };
        let (Some(worker), Some(job)) = (leaf.worker, artist.job()) else { return };
        let challenge = Challenge {
            job,
            worker,
            spec: artist.spec().clone(),
            task: leaf.task,
            root,
            delivery: signature,
            key,
            index: leaf.index,
            leaf_count: evidence.leaf_count,
            address: evidence.address,
            sealed_leaf: evidence.sealed_leaf,
            path: evidence.path,
        };
        self.want_tx(Purpose::Submission(spec, submission), Action::Challenge(Box::new(challenge)));
    }

    /// The job has left the ledger: its receipt is written. Until that is done its rows stay, so a start in between comes here again.
    pub(crate) fn close(&mut self, spec: SpecHash) {
        let Some(artist) = self.artists.get(&spec) else { return };
        let report = Box::new(artist.report());
        if let Some(job) = artist.job() {
            self.drop_letters_of(job);
        }
        self.due.clear(Due::Artist(spec));
        self.ask(Ask::Closed(spec), |id| Effect::Close { id, spec, report });
    }

    /// The receipt is written: the job's rows go, a line about it stays.
    pub(crate) fn on_closed(&mut self, spec: SpecHash, done: bool) {
        if !done {
            return self.set_due(Due::Close(spec), CLOSE_AGAIN_MS);
        }
        let Some(artist) = self.artists.remove(&spec) else { return };
        self.by_job.retain(|_, of| *of != spec);
        let report = artist.report();
        let row = EndedRow {
            at_unix_ms: self.step.now.unix_ms,
            units: artist.spec().work.unit_count(),
            shown: report.units.len() as u32,
            paid: Microlux(report.workers.iter().map(|worker| worker.paid.0).sum()),
        };
        for table in [Plan::TABLE, HeadRow::TABLE, PaymentRow::TABLE, WorkerRow::TABLE, FilmRow::TABLE, ListRow::TABLE] {
            self.step.turn.forgets.push([&[table], &spec.0.0[..]].concat());
        }
        self.put(&OwnJob(spec), &row);
        self.ended.insert(spec, row);
        if self.ended.len() > ENDED_MAX
            && let Some(oldest) = self.ended.iter().min_by_key(|(_, row)| row.at_unix_ms).map(|(spec, _)| *spec)
        {
            self.ended.remove(&oldest);
            self.delete::<EndedRow>(&OwnJob(oldest));
        }
        self.step.turn.topics.extend([Topic::Jobs, Topic::Job(spec)]);
    }

    /// Builds the machine of a job from its rows; where they can't be read it is told, and the rows stay.
    pub(crate) fn load_artist(&mut self, spec: SpecHash, rows: Vec<(Vec<u8>, Vec<u8>)>) {
        match Artist::load(spec, rows.into_iter()) {
            Ok(artist) => {
                self.by_job.insert(JobId::free(self.me, spec), spec);
                if let Some(job) = artist.job() {
                    self.by_job.insert(job, spec);
                }
                self.artists.insert(spec, artist);
            }
            Err(_) => self.effect(Effect::Tell(Notice::Unreadable { table: Plan::TABLE, job: spec.0 })),
        }
    }
}

/// Is it one of the tables of an artist's machine? Their keys begin with the specification's hash.
pub(crate) fn is_artists(table: u8) -> bool {
    (Plan::TABLE..=ListRow::TABLE).contains(&table)
}
