//! Replays: who is asked, what they say, and when it is enough.
//!
//! So many verifiers are asked at once as the ledger wants verdicts; a silent one is replaced by the next of the draw's order, and may
//! still answer. Nobody is rejected on a verifier's word alone: the first Reject makes the artist replay the same leaves as *oracle*.
//! Whoever contradicts it, or whose verdict does not follow from its own values, is not asked again in this job. The oracle also steps
//! in when nobody else is left to ask, because the artist's own Accept counts as one verdict.

use super::Effect;
use super::state::{Answer, Ask, Check, Conduct, Film, Oracle, Proof, Standing, State, WorkerNo};
use crate::retry::{Retry, over};
use crate::terms::{ANSWER_MS, CHALLENGE_RESEND_MS, OUTCOME_VERDICTS_MAX, VERIFIER_MS, VERIFIER_UNIT_TIMES};
use raylance_v1_protocol::{AccountId, Decision, Digest, Outcome, Signed, UnitIndex, Verdict};

/// Whom to ask, from the best to the last resort.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    /// Trusted and connected.
    Good,
    /// Trusted, but not connected.
    Away,
    /// Caught at a lie; its Accept still counts on the ledger, and the oracle has accepted this film.
    Distrusted,
}

/// What verifiers have said on a film so far.
struct Count {
    /// Verdicts that the ledger wants.
    needed: usize,
    /// Accepts that the ledger counts, the artist's own included.
    accepts: usize,
    /// Rejects that the ledger counts.
    rejects: usize,
    /// Rejects by verifiers that were not caught at a lie.
    doubts: usize,
    /// Asked, trusted, connected, and not silent for long.
    underway: usize,
}

impl Check {
    pub fn has_reject(&self) -> bool {
        let said = self.asks.iter().any(|ask| matches!(ask.answer, Answer::Said(Decision::Reject, _)));
        said || matches!(self.oracle, Oracle::Said(Decision::Reject, _))
    }
}

impl State {
    pub fn check(&self, unit: UnitIndex, worker: WorkerNo) -> Option<&Check> {
        let committed = self.committed(unit, worker).filter(|committed| committed.film == Film::Stored)?;
        match &committed.proof {
            Proof::Checking(check) => Some(check),
            Proof::Unseen | Proof::Bound { .. } => None,
        }
    }

    fn count(&self, now_ms: u64, check: &Check, worker: WorkerNo) -> Count {
        let others =
            self.workers.iter().enumerate().filter(|(no, row)| *no != usize::from(worker) && row.standing == Standing::Admitted).count();
        // Without another worker the artist's Accept alone settles.
        let needed = usize::from(self.verdicts_required).min(others).max(1);
        let mut count = Count { needed, accepts: 0, rejects: 0, doubts: 0, underway: 0 };
        for ask in &check.asks {
            let row = self.worker(ask.verifier);
            if row.standing != Standing::Admitted {
                continue;
            }
            let is_trusted = row.word == Conduct::Good;
            match &ask.answer {
                Answer::Said(Decision::Accept, _) => count.accepts += 1,
                Answer::Said(Decision::Reject, _) => {
                    count.rejects += 1;
                    count.doubts += usize::from(is_trusted);
                }
                Answer::Asked | Answer::Sealed(_) => {
                    let is_awaited =
                        is_trusted && row.lost_since_ms.is_none() && !over(now_ms, ask.since_ms, self.patience_ms(ask.verifier));
                    count.underway += usize::from(is_awaited);
                }
                Answer::Void => {}
            }
        }
        count.accepts += usize::from(matches!(check.oracle, Oracle::Said(Decision::Accept, _)));
        count
    }

    /// How long a verifier may take: its device finishes the unit at hand first.
    fn patience_ms(&self, verifier: WorkerNo) -> u64 {
        self.unit_ms(verifier).map_or(VERIFIER_MS, |unit_ms| VERIFIER_MS.max(VERIFIER_UNIT_TIMES * unit_ms))
    }

    /// Asks whoever is due to be asked about a film.
    pub fn check_due(&mut self, now_ms: u64, unit: UnitIndex, worker: WorkerNo, fx: &mut Vec<Effect>) {
        let Some(check) = self.check(unit, worker) else { return };
        let count = self.count(now_ms, check, worker);
        let tiers: &[Tier] = match &check.oracle {
            Oracle::Said(Decision::Accept, _) => &[Tier::Good, Tier::Away, Tier::Distrusted],
            Oracle::Said(Decision::Reject, _) | Oracle::Unasked | Oracle::Asked(_) => &[Tier::Good],
        };
        let have = match &check.oracle {
            Oracle::Said(Decision::Reject, _) => count.rejects,
            Oracle::Said(Decision::Accept, _) | Oracle::Unasked | Oracle::Asked(_) => count.accepts,
        };
        let missing = count.needed.saturating_sub(have);
        let mut asked = count.underway;
        for &tier in tiers {
            for verifier in self.candidates(unit, worker, tier, missing.saturating_sub(asked)) {
                self.ask(now_ms, unit, worker, verifier);
                asked += 1;
            }
        }
        if count.doubts > 0 || asked < missing {
            self.oracle_due(now_ms, unit, worker, fx);
        }
        if missing > 0 || count.doubts > 0 {
            self.send_asks(now_ms, unit, worker, fx);
        }
    }

    fn candidates(&self, unit: UnitIndex, worker: WorkerNo, tier: Tier, count: usize) -> Vec<WorkerNo> {
        let Some(check) = self.check(unit, worker) else { return Vec::new() };
        let later = (0..self.workers.len() as WorkerNo).filter(|no| !check.order.contains(no));
        let fits = |&no: &WorkerNo| {
            let row = self.worker(no);
            let here = row.lost_since_ms.is_none();
            no != worker
                && row.standing == Standing::Admitted
                && !check.asks.iter().any(|ask| ask.verifier == no)
                && match tier {
                    Tier::Good => row.word == Conduct::Good && here,
                    Tier::Away => row.word == Conduct::Good && !here,
                    Tier::Distrusted => row.word == Conduct::Bad,
                }
        };
        check.order.iter().copied().chain(later).filter(fits).take(count).collect()
    }

    fn ask(&mut self, now_ms: u64, unit: UnitIndex, worker: WorkerNo, verifier: WorkerNo) {
        if let Some(check) = self.check_mut(unit, worker) {
            check.asks.push(Ask { verifier, since_ms: now_ms, sent: Retry::default(), answer: Answer::Asked });
        }
    }

    fn oracle_due(&mut self, now_ms: u64, unit: UnitIndex, worker: WorkerNo, fx: &mut Vec<Effect>) {
        let account = self.account(worker);
        let Some(root) = self.committed(unit, worker).map(|committed| committed.root) else { return };
        let Some(check) = self.check_mut(unit, worker) else { return };
        if check.oracle == Oracle::Unasked {
            check.oracle = Oracle::Asked(Retry::default());
        }
        if let Oracle::Asked(retry) = &mut check.oracle
            && retry.due(now_ms)
        {
            retry.asked(now_ms, ANSWER_MS);
            fx.push(Effect::ReplayHere { unit, worker: account, root, draw: check.draw });
        }
    }

    fn send_asks(&mut self, now_ms: u64, unit: UnitIndex, worker: WorkerNo, fx: &mut Vec<Effect>) {
        let account = self.account(worker);
        let is_reachable = |no: &WorkerNo| self.worker(*no).standing == Standing::Admitted && self.worker(*no).lost_since_ms.is_none();
        let reachable: Vec<Option<(AccountId, u64)>> = (0..self.workers.len() as WorkerNo)
            .map(|no| Some(no).filter(is_reachable).map(|no| (self.account(no), self.patience_ms(no))))
            .collect();
        let Some(root) = self.committed(unit, worker).map(|committed| committed.root) else { return };
        let Some(check) = self.check_mut(unit, worker) else { return };
        let draw = check.draw;
        for ask in &mut check.asks {
            let Some((to, patience_ms)) = reachable[usize::from(ask.verifier)].filter(|_| ask.sent.due(now_ms)) else { continue };
            let is_silent = over(now_ms, ask.since_ms, patience_ms);
            ask.sent.asked(now_ms, if is_silent { patience_ms } else { CHALLENGE_RESEND_MS });
            match ask.answer {
                Answer::Asked => fx.push(Effect::Challenge { to, unit, worker: account, root, draw }),
                Answer::Sealed(_) => fx.push(Effect::OpenAndSend { to, unit, worker: account, root, draw }),
                Answer::Said(..) | Answer::Void => {}
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one for each field of the input")]
    pub fn sealed(
        &mut self,
        now_ms: u64,
        from: AccountId,
        unit: UnitIndex,
        worker: AccountId,
        seal: Digest,
        replay_ms: u32,
        fx: &mut Vec<Effect>,
    ) {
        let (Some(verifier), Some(no)) = (self.worker_no(from), self.worker_no(worker)) else { return };
        self.worker_mut(verifier).lost_since_ms = None;
        let samples = self.replay_samples(unit);
        let Some(ask) = self.ask_mut(unit, no, verifier) else { return };
        match ask.answer {
            Answer::Asked => {
                ask.answer = Answer::Sealed(seal);
                ask.sent.reset();
                let tally = &mut self.worker_mut(verifier).tally;
                tally.replayed_samples += samples;
                tally.replay_ms += u64::from(replay_ms);
            }
            Answer::Sealed(first) if first != seal => {
                ask.answer = Answer::Void;
                self.worker_mut(verifier).word = Conduct::Bad;
            }
            Answer::Sealed(_) | Answer::Said(..) | Answer::Void => {}
        }
        self.advance(now_ms, unit, fx);
    }

    pub fn revealed(&mut self, now_ms: u64, from: AccountId, said: Said, signed: Signed<Verdict>, fx: &mut Vec<Effect>) {
        let Ok((signer, verdict)) = signed.open() else { return };
        let (Some(verifier), Some(no)) = (self.worker_no(from), self.worker_no(verdict.worker)) else { return };
        if signer != from || verdict.job != self.spec.id() {
            return;
        }
        self.worker_mut(verifier).lost_since_ms = None;
        let unit = verdict.unit;
        // A film that was dropped meanwhile proves nothing, for its worker or against the verifier.
        let Some(check) = self.check(unit, no) else { return };
        let oracle = match check.oracle {
            Oracle::Said(decision, _) => Some(decision),
            Oracle::Unasked | Oracle::Asked(_) => None,
        };
        let is_about_this_film = self.is_about(&verdict, no);
        let Some(ask) = self.ask_mut(unit, no, verifier) else { return };
        let Answer::Sealed(seal) = ask.answer else { return };
        let follows = is_about_this_film && seal == said.seal && verdict.answer == said.answer && verdict.decision == said.values_say;
        ask.answer = if follows { Answer::Said(verdict.decision, signed) } else { Answer::Void };
        if !follows || oracle.is_some_and(|decision| decision != verdict.decision) {
            self.worker_mut(verifier).word = Conduct::Bad;
        }
        self.advance(now_ms, unit, fx);
    }

    pub fn replayed_here(&mut self, now_ms: u64, signed: Signed<Verdict>, replay_ms: u32, fx: &mut Vec<Effect>) {
        let Ok((signer, verdict)) = signed.open() else { return };
        let Some(no) = self.worker_no(verdict.worker) else { return };
        if signer != self.spec.artist || verdict.job != self.spec.id() || !self.is_about(&verdict, no) {
            return;
        }
        let (unit, decision) = (verdict.unit, verdict.decision);
        let Some(check) = self.check_mut(unit, no).filter(|check| matches!(check.oracle, Oracle::Asked(_))) else { return };
        check.oracle = Oracle::Said(decision, signed);
        let contradicts = |ask: &&Ask| matches!(ask.answer, Answer::Said(other, _) if other != decision);
        let liars: Vec<WorkerNo> = check.asks.iter().filter(contradicts).map(|ask| ask.verifier).collect();
        for liar in liars {
            self.worker_mut(liar).word = Conduct::Bad;
        }
        self.oracle.replayed_samples += self.replay_samples(unit);
        self.oracle.replay_ms += u64::from(replay_ms);
        if decision == Decision::Reject {
            self.caught(no, fx);
        }
        self.advance(now_ms, unit, fx);
    }

    pub fn replay_failed(&mut self, now_ms: u64, unit: UnitIndex, worker: AccountId) {
        let Some(no) = self.worker_no(worker) else { return };
        if let Some(Check { oracle: Oracle::Asked(retry), .. }) = self.check_mut(unit, no) {
            retry.failed(now_ms);
        }
    }

    fn is_about(&self, verdict: &Verdict, worker: WorkerNo) -> bool {
        let root = self.committed(verdict.unit, worker).map(|committed| committed.root);
        let draw = self.check(verdict.unit, worker).map(|check| check.draw);
        root == Some(verdict.root) && draw == Some(verdict.draw)
    }

    fn ask_mut(&mut self, unit: UnitIndex, worker: WorkerNo, verifier: WorkerNo) -> Option<&mut Ask> {
        self.check_mut(unit, worker)?.asks.iter_mut().find(|ask| ask.verifier == verifier)
    }

    /// The outcome of a film on which enough was said, with the verdicts that the ledger counts.
    pub fn outcome(&self, now_ms: u64, unit: UnitIndex, worker: WorkerNo) -> Option<(Decision, Outcome)> {
        let check = self.check(unit, worker)?;
        let count = self.count(now_ms, check, worker);
        let decision = match &check.oracle {
            Oracle::Said(decision, _) => *decision,
            Oracle::Unasked | Oracle::Asked(_) if count.doubts == 0 => Decision::Accept,
            Oracle::Unasked | Oracle::Asked(_) => return None,
        };
        let enough = match decision {
            Decision::Accept => count.accepts >= count.needed && self.worker(worker).work == Conduct::Good,
            Decision::Reject => count.rejects >= count.needed,
        };
        if !enough {
            return None;
        }
        let mut verdicts: Vec<Signed<Verdict>> = Vec::new();
        for ask in check.asks.iter().filter(|ask| self.worker(ask.verifier).standing == Standing::Admitted) {
            match &ask.answer {
                Answer::Said(said, signed) if *said == decision && verdicts.len() < OUTCOME_VERDICTS_MAX => verdicts.push(signed.clone()),
                _ => {}
            }
        }
        // The artist's own verdict costs its verifiers nothing, but is sent only where it is needed.
        if let Oracle::Said(Decision::Accept, signed) = &check.oracle
            && verdicts.len() < count.needed
        {
            verdicts.push(signed.clone());
        }
        Some((decision, Outcome { unit, worker: self.account(worker), verdicts }))
    }
}

/// What the node found in a revelation.
pub(super) struct Said {
    pub seal: Digest,
    pub answer: Digest,
    pub values_say: Decision,
}
