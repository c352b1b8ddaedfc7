//! Workers bind themselves to films; two roots for one unit are proof of a lie.

use crate::event::LedgerEvent;
use crate::refusal::TxRefused;
use crate::rows::{Standing, UnitCommitment};
use crate::turn::Turn;
use raylance_v1_protocol::{AccountId, CommittedUnit, JobId, Root, UnitIndex, limits};
use std::collections::BTreeMap;

impl Turn<'_> {
    /// Records the sender's roots. Units that it committed before or that are settled are passed over, so that a repeated or
    /// late batch does no harm; where nothing is left, the transaction is refused.
    pub(crate) fn commit(&mut self, id: JobId, units: &[CommittedUnit]) -> Result<(), TxRefused> {
        if !(1..=limits::TX_UNITS_MAX).contains(&units.len()) {
            return Err(TxRefused::UnitCount(units.len()));
        }
        let (job, worker) = (self.running(id)?, self.sender);
        match job.workers.get(&worker) {
            Some(Standing::Admitted) => {}
            Some(Standing::Banned) => return Err(TxRefused::Banned { job: id, worker }),
            None => return Err(TxRefused::NotWorker { job: id, account: worker }),
        }
        let unit_count = job.spec.render().unit_count();
        if let Some(unknown) = units.iter().find(|entry| entry.unit.0 >= unit_count) {
            return Err(TxRefused::UnknownUnit { job: id, unit: unknown.unit });
        }
        let Some(roots) = self.consistent_roots(id, worker, units) else {
            return self.ban(id, worker);
        };
        let is_new = |unit: &UnitIndex| {
            let row = self.sheets.unit(id, *unit);
            row.is_none_or(|row| row.settled.is_none() && !row.commitments.contains_key(&worker))
        };
        let units: Vec<CommittedUnit> =
            roots.into_iter().filter(|(unit, _)| is_new(unit)).map(|(unit, root)| CommittedUnit { unit, root }).collect();
        if units.is_empty() {
            return Err(TxRefused::NothingNew(id));
        }
        for entry in &units {
            let commitment = UnitCommitment { root: entry.root, height: self.height };
            self.sheets.unit_mut(id, entry.unit).commitments.insert(worker, commitment);
        }
        self.running_mut(id)?.live += units.len() as u32;
        self.events.push(LedgerEvent::Committed { job: id, worker, units });
        Ok(())
    }

    /// One root per unit; `None` when the worker names two for one unit, here or against what it committed before.
    fn consistent_roots(&self, job: JobId, worker: AccountId, units: &[CommittedUnit]) -> Option<BTreeMap<UnitIndex, Root>> {
        let mut roots = BTreeMap::new();
        for entry in units {
            let before = self.sheets.unit(job, entry.unit).and_then(|row| row.commitments.get(&worker));
            let here = roots.insert(entry.unit, entry.root);
            if here.is_some_and(|root| root != entry.root) || before.is_some_and(|before| before.root != entry.root) {
                return None;
            }
        }
        Some(roots)
    }

    /// Puts a cheater out of the job. Its unsettled commitments are void from now on; what was settled stays paid.
    pub(crate) fn ban(&mut self, id: JobId, worker: AccountId) -> Result<(), TxRefused> {
        let waits = |unit: &UnitIndex| {
            let row = self.sheets.unit(id, *unit);
            row.is_some_and(|row| row.settled.is_none() && row.commitments.contains_key(&worker))
        };
        let voided: Vec<UnitIndex> = self.sheets.units_of(id).into_iter().filter(waits).collect();
        let job = self.running_mut(id)?;
        job.workers.insert(worker, Standing::Banned);
        job.live -= voided.len() as u32;
        self.events.push(LedgerEvent::WorkerBanned { job: id, worker, voided });
        Ok(())
    }
}
