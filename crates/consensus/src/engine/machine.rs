//! A sole validator: makes one block after the other.

use super::{Effect, EffectId, EngineError, Input, Mark, Notice, Record, Settings};
use crate::block::{BlockError, CheckedBlock};
use crate::chain::{Applied, Candidate, Chain};
use crate::clock::HeaderClock;
use crate::pool::{Dropped, Place, Pool, PoolError};
use raylance_protocol::block::{Block, Certificate, Vote, VoteKind};
use raylance_protocol::signing::verify;
use raylance_protocol::{AccountId, BlockHash, CheckedTx, Height, Round, Signature, Signed, Tx, limits};
use std::collections::{BTreeMap, BTreeSet};

/// The round of all blocks of a sole validator.
const ROUND: Round = Round(0);

/// Orders the blocks of a ring whose only validator is this peer, and follows what peers know more of it.
pub struct Engine {
    pub(super) chain: Chain,
    account: AccountId,
    pub(super) settings: Settings,
    pool: Pool,
    pub(super) clock: HeaderClock,
    pub(super) phase: Phase,
    /// What was last signed, or is about to be.
    pub(super) mark: Option<Mark>,
    /// A block that was logged before the start and may have been signed.
    pub(super) resume: Option<Block>,
    /// Since when transactions wait, in steady time.
    waiting_since_ms: Option<u64>,
    /// The one timer that counts.
    timer: Option<Armed>,
    /// Effects whose answer is due.
    unanswered: BTreeMap<EffectId, Effect>,
    /// Those of them that were dropped, and when they are tried again.
    dropped: BTreeSet<EffectId>,
    retry_at_ms: u64,
    /// Stores of own blocks, which are published afterwards.
    own: BTreeSet<EffectId>,
    ids: u64,
    pub(super) effects: Vec<Effect>,
}

/// A timer on its way. The shell's clock is another one than steady time, so the two may come to differ.
struct Armed {
    id: EffectId,
    /// What it is for, in steady time.
    due_ms: u64,
    /// Steady time when it rings, if no clock is set meanwhile.
    at_ms: u64,
}

/// What the engine is about.
pub(super) enum Phase {
    /// Before [`Input::Start`].
    New,
    /// Peers may know a higher chain; until a time in steady time.
    Asking { id: EffectId, until_ms: u64, target: Option<Height> },
    /// The chain is lower than what was signed. Peers are asked again and again.
    Behind { id: EffectId, signed: Height, ask_at_ms: u64 },
    /// May make a block.
    Ready,
    /// Makes one.
    Voting { candidate: Box<Candidate>, id: EffectId },
    /// Signs nothing more.
    Halted,
}

impl Engine {
    /// The engine of `account` on this chain, which holds everything that the store holds.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn new(chain: Chain, account: AccountId, settings: Settings) -> Result<Self, EngineError> {
        chain.validators().stake(account).ok_or(EngineError::NotValidator(account))?;
        let validators = chain.validators().as_slice().len();
        if validators > 1 {
            return Err(EngineError::SeveralValidators(validators));
        }
        Ok(Self {
            clock: HeaderClock::new(chain.state().parameters().beat_ms, chain.time_ms()),
            pool: Pool::new(settings.pool),
            chain,
            account,
            settings,
            phase: Phase::New,
            mark: None,
            resume: None,
            waiting_since_ms: None,
            timer: None,
            unanswered: BTreeMap::new(),
            dropped: BTreeSet::new(),
            retry_at_ms: 0,
            own: BTreeSet::new(),
            ids: 0,
            effects: Vec::new(),
        })
    }

    /// Takes one input; `now_ms` is the system clock, milliseconds since 1970, whatever it was before. Before [`Input::Start`] nothing is taken.
    pub fn step(&mut self, now_ms: u64, input: Input) -> Vec<Effect> {
        if let Input::Timer(id) = input
            && let Some(armed) = self.timer.take_if(|armed| armed.id == id)
        {
            // The timer's clock can't be set: so much time has passed, whatever the system clock says.
            self.clock.pass(armed.at_ms);
        }
        let time_ms = self.clock.read(now_ms);
        match (&self.phase, input) {
            (Phase::New, Input::Start { log, mark }) => self.start(time_ms, log, mark),
            (Phase::New, _) | (_, Input::Start { .. } | Input::Timer(_)) => (),
            (_, Input::Tx(tx)) => self.hear(time_ms, *tx),
            (_, Input::Final(block)) => self.follow(time_ms, &block),
            (_, Input::Skipped(chain)) => self.skip(time_ms, *chain),
            (_, Input::PeersTip { id, height }) => self.hear_peers(time_ms, id, height),
            (_, Input::Dropped(id)) => self.drop_effect(time_ms, id),
            (_, Input::Applied(id)) => self.stored(id),
            (_, Input::Logged(id)) => self.logged(id),
            (_, Input::Marked(id)) => self.marked(id),
            (_, Input::Signed(id, signature)) => self.signed(time_ms, id, signature),
        }
        if !matches!(self.phase, Phase::New) {
            self.retry(time_ms);
            self.pass_time(time_ms);
            self.propose(now_ms, time_ms);
            self.arm(time_ms);
        }
        std::mem::take(&mut self.effects)
    }

    /// The chain as far as this peer knows it.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// What waits for a block.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// To be asked before a transaction's signatures are checked; see [`Pool::precheck`].
    ///
    /// # Errors
    /// [`PoolError`].
    pub fn precheck(&self, signed: &Signed<Tx>) -> Result<Place, PoolError> {
        self.pool.precheck(self.chain.state(), signed)
    }

    /// The nonce of the account's next transaction after everything that waits.
    pub fn next_nonce(&self, account: AccountId) -> u64 {
        self.pool.next_nonce(self.chain.state(), account)
    }

    /// Does it make blocks? Otherwise it is starting, behind, or halted.
    pub fn makes_blocks(&self) -> bool {
        matches!(self.phase, Phase::Ready | Phase::Voting { .. })
    }

    fn hear(&mut self, time_ms: u64, tx: CheckedTx) {
        let id = tx.id();
        let outcome = self.pool.insert(self.chain.state(), tx);
        if outcome == Ok(Place::New) {
            self.waiting_since_ms.get_or_insert(time_ms);
        }
        self.effects.push(Effect::Heard { tx: id, outcome });
    }

    fn propose(&mut self, now_ms: u64, time_ms: u64) {
        let storing = self.unanswered.values().any(|effect| matches!(effect, Effect::Apply { .. }));
        let due = self.block_due_ms().is_some_and(|due_ms| due_ms <= time_ms);
        if !matches!(self.phase, Phase::Ready) || storing || !due {
            return;
        }
        let header_ms = self.clock.stamp(now_ms, self.chain.time_ms());
        let mut draft = self.chain.state().draft(header_ms);
        let selection = self.pool.select(&mut draft);
        self.report(selection.dropped);
        self.waiting_since_ms = (!self.pool.is_empty()).then_some(0);
        if selection.txs.is_empty() && self.chain.state().next_due().is_none() {
            return;
        }
        match self.chain.candidate(ROUND, header_ms, draft, selection.txs.clone()) {
            Ok(candidate) => self.log(candidate),
            Err(fault @ BlockError::Supply(_)) if !selection.txs.is_empty() => {
                self.effects.push(Effect::Notice(Notice::Fault(fault)));
                let dropped = self.pool.discard(&selection.txs);
                self.report(dropped);
            }
            Err(fault) => self.halt(Notice::Fault(fault)),
        }
    }

    /// When the next block is due in steady time: transactions wait, or a deadline is pending.
    fn block_due_ms(&self) -> Option<u64> {
        let whole = self.pool.len() >= limits::BLOCK_TXS_MAX || self.pool.bytes() >= limits::BLOCK_TXS_BYTES_MAX;
        let batch_ms = if whole { 0 } else { self.settings.batch_ms };
        let txs_ms = self.waiting_since_ms.map(|since_ms| since_ms.saturating_add(batch_ms));
        let beat_ms = self.chain.state().parameters().beat_ms;
        let beat_at_ms = self.chain.state().next_due().map(|_| self.clock.steady(self.chain.time_ms()).saturating_add(beat_ms));
        txs_ms.into_iter().chain(beat_at_ms).min()
    }

    fn log(&mut self, candidate: Candidate) {
        let records = vec![Record::Block(candidate.block().clone()), Record::Vote(vote(&candidate))];
        let id = self.ask(|id| Effect::Log { id, records });
        self.phase = Phase::Voting { candidate: Box::new(candidate), id };
    }

    fn logged(&mut self, id: EffectId) {
        let Some(candidate) = self.answered(id, |effect| matches!(effect, Effect::Log { .. })) else { return };
        self.raise_mark(candidate);
    }

    /// The block is logged; from here on it, and no other one, may be signed at its height.
    pub(super) fn raise_mark(&mut self, candidate: Box<Candidate>) {
        let mark = Mark { height: candidate.block().header.height, round: ROUND, header: candidate.hash() };
        debug_assert!(self.mark.is_none_or(|last| last.height < mark.height || last == mark));
        self.mark = Some(mark);
        let id = self.ask(|id| Effect::Mark { id, mark });
        self.phase = Phase::Voting { candidate, id };
    }

    fn marked(&mut self, id: EffectId) {
        let Some(candidate) = self.answered(id, |effect| matches!(effect, Effect::Mark { .. })) else { return };
        let vote = vote(&candidate);
        let id = self.ask(|id| Effect::Sign { id, vote });
        self.phase = Phase::Voting { candidate, id };
    }

    fn signed(&mut self, time_ms: u64, id: EffectId, signature: Signature) {
        let Some(candidate) = self.answered(id, |effect| matches!(effect, Effect::Sign { .. })) else { return };
        let vote = vote(&candidate);
        let Vote { height, round, .. } = vote;
        if verify(self.chain.id(), self.account, &vote, &signature).is_err() {
            self.effects.push(Effect::Notice(Notice::BadSignature { height }));
            let id = self.next_id();
            self.unanswered.insert(id, Effect::Sign { id, vote });
            self.phase = Phase::Voting { candidate, id };
            return self.drop_effect(time_ms, id);
        }
        let certificate = Certificate { height, round, header: candidate.hash(), signatures: vec![(self.account, signature)] };
        match self.chain.seal(*candidate, certificate) {
            Ok(applied) => {
                let id = self.accept(applied);
                self.own.insert(id);
            }
            Err(error) => self.halt(Notice::BadBlock { height, error }),
        }
    }

    /// Takes the candidate out of its phase, if `id` is the effect that it waits for.
    fn answered(&mut self, id: EffectId, asked: impl Fn(&Effect) -> bool) -> Option<Box<Candidate>> {
        let Phase::Voting { id: waits_for, .. } = self.phase else { return None };
        if waits_for != id || !self.unanswered.get(&id).is_some_and(asked) {
            return None;
        }
        self.forget(id);
        match std::mem::replace(&mut self.phase, Phase::Ready) {
            Phase::Voting { candidate, .. } => Some(candidate),
            _ => None,
        }
    }

    fn stored(&mut self, id: EffectId) {
        if !matches!(self.unanswered.get(&id), Some(Effect::Apply { .. })) {
            return;
        }
        if let Some(Effect::Apply { applied, .. }) = self.forget(id)
            && self.own.remove(&id)
        {
            self.effects.push(Effect::Publish(applied.block.clone()));
        }
    }

    /// A final block from peers. In a ring of one it bears this validator's own signature.
    fn follow(&mut self, time_ms: u64, block: &CheckedBlock) {
        let (header, tip) = (block.header(), self.chain.height());
        if header.chain != self.chain.id() || header.validators != self.chain.validators().hash() {
            return;
        }
        if let Some(ours) = self.ours_at(header.height).filter(|ours| *ours != block.hash()) {
            self.halt(Notice::Forked { height: header.height, ours, theirs: block.hash() });
        } else if header.height > tip.next() {
            self.fall_behind(time_ms, header.height);
        } else if header.height == tip.next() {
            match self.chain.apply(block) {
                Ok(applied) => {
                    self.accept(applied);
                    self.clock.pass(self.clock.steady(self.chain.time_ms()));
                    self.advance_phase(time_ms);
                }
                Err(error) => self.effects.push(Effect::Notice(Notice::BadBlock { height: header.height, error })),
            }
        }
    }

    /// Its certificate bears this validator's own signature, as far as that goes: the blocks between are not seen.
    fn skip(&mut self, time_ms: u64, chain: Chain) {
        if chain.id() != self.chain.id() || chain.height() <= self.chain.height() {
            return;
        }
        let theirs = chain.hash();
        if let Some(ours) = self.ours_at(chain.height()).filter(|ours| *ours != theirs) {
            return self.halt(Notice::Forked { height: chain.height(), ours, theirs });
        }
        self.chain = chain;
        // Which of them the blocks held is not known; whoever sent one sends it again.
        (self.pool, self.waiting_since_ms) = (Pool::new(self.settings.pool), None);
        self.clock.pass(self.clock.steady(self.chain.time_ms()));
        self.advance_phase(time_ms);
    }

    /// The block that this validator stands for at a height, as far as it remembers.
    fn ours_at(&self, height: Height) -> Option<BlockHash> {
        let tip = self.chain.tip().filter(|tip| tip.header.height == height).map(|tip| tip.hash);
        tip.or_else(|| self.mark.filter(|mark| mark.height == height).map(|mark| mark.header))
    }

    /// The chain has a new tip.
    fn accept(&mut self, applied: Applied) -> EffectId {
        let dropped = self.pool.settle(self.chain.state(), applied.block.txs());
        self.report(dropped);
        self.waiting_since_ms = (!self.pool.is_empty()).then_some(0);
        self.ask(|id| Effect::Apply { id, applied })
    }

    /// Gives up what is being made or asked.
    pub(super) fn abandon(&mut self) {
        if let Phase::Voting { id, .. } | Phase::Asking { id, .. } | Phase::Behind { id, .. } = self.phase {
            self.forget(id);
            self.phase = Phase::Ready;
        }
    }

    pub(super) fn halt(&mut self, notice: Notice) {
        self.abandon();
        self.phase = Phase::Halted;
        self.effects.push(Effect::Notice(notice));
    }

    fn report(&mut self, dropped: Vec<Dropped>) {
        self.effects.extend(dropped.into_iter().map(|dropped| Effect::Notice(Notice::TxDropped(dropped))));
    }

    /// Emits an effect that is answered.
    pub(super) fn ask(&mut self, effect: impl FnOnce(EffectId) -> Effect) -> EffectId {
        let id = self.next_id();
        let effect = effect(id);
        self.unanswered.insert(id, effect.clone());
        self.effects.push(effect);
        id
    }

    pub(super) fn forget(&mut self, id: EffectId) -> Option<Effect> {
        self.dropped.remove(&id);
        self.unanswered.remove(&id)
    }

    fn next_id(&mut self) -> EffectId {
        self.ids += 1;
        EffectId(self.ids)
    }

    fn drop_effect(&mut self, time_ms: u64, id: EffectId) {
        self.timer.take_if(|armed| armed.id == id);
        if self.unanswered.contains_key(&id) {
            if self.dropped.is_empty() {
                self.retry_at_ms = time_ms.saturating_add(self.settings.retry_ms);
            }
            self.dropped.insert(id);
        }
    }

    fn retry(&mut self, time_ms: u64) {
        if !self.dropped.is_empty() && self.retry_at_ms <= time_ms {
            let again = std::mem::take(&mut self.dropped);
            self.effects.extend(again.iter().filter_map(|id| self.unanswered.get(id).cloned()));
        }
    }

    /// Sets the timer for what is due next, unless it is set.
    fn arm(&mut self, time_ms: u64) {
        let retry_ms = (!self.dropped.is_empty()).then_some(self.retry_at_ms);
        let storing = self.unanswered.values().any(|effect| matches!(effect, Effect::Apply { .. }));
        let phase_ms = match &self.phase {
            Phase::Asking { until_ms, .. } => Some(*until_ms),
            Phase::Behind { ask_at_ms, .. } => Some(*ask_at_ms),
            Phase::Ready if !storing => self.block_due_ms(),
            Phase::New | Phase::Ready | Phase::Voting { .. } | Phase::Halted => None,
        };
        let Some(due_ms) = retry_ms.into_iter().chain(phase_ms).min() else { return };
        if self.timer.as_ref().is_none_or(|armed| armed.due_ms != due_ms) {
            let (id, at_ms) = (self.next_id(), due_ms.max(time_ms));
            self.timer = Some(Armed { id, due_ms, at_ms });
            self.effects.push(Effect::SetTimer { id, after_ms: at_ms - time_ms });
        }
    }
}

fn vote(candidate: &Candidate) -> Vote {
    let height = candidate.block().header.height;
    Vote { kind: VoteKind::Precommit, height, round: ROUND, header: Some(candidate.hash()) }
}
