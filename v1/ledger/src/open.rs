//! Opening a job and admitting workers to it.

use crate::event::{LedgerEvent, MoveReason};
use crate::refusal::TxRefused;
use crate::rows::{Job, JobPhase, Standing};
use crate::turn::Turn;
use raylance_v1_protocol::{AccountId, JobId, JobSpec, limits};
use std::collections::BTreeMap;

impl Turn<'_> {
    /// Locks the budget. The list of workers may be empty: they can be admitted later.
    pub(crate) fn open_job(&mut self, spec: JobSpec, workers: Vec<AccountId>) -> Result<(), TxRefused> {
        spec.check()?;
        let (id, artist, budget) = (spec.id(), spec.artist, spec.budget()?);
        if spec.chain != self.ring.chain {
            return Err(TxRefused::WrongChain { expected: self.ring.chain, found: spec.chain });
        }
        if artist != self.sender {
            return Err(TxRefused::NotArtist { job: id, sender: self.sender });
        }
        if self.sheets.job(id).is_some() {
            return Err(TxRefused::JobExists(id));
        }
        if workers.len() > limits::WORKERS_MAX {
            return Err(TxRefused::TooManyWorkers(workers.len()));
        }
        let mut admitted = BTreeMap::new();
        for worker in workers {
            if worker == artist {
                return Err(TxRefused::ArtistAsWorker(id));
            }
            if admitted.insert(worker, Standing::Admitted).is_some() {
                return Err(TxRefused::WorkerRepeated { job: id, worker });
            }
        }
        self.events.push(LedgerEvent::JobOpened { job: id, artist, workers: admitted.keys().copied().collect(), budget });
        self.take(artist, budget, MoveReason::EscrowLocked, Some(id))?;
        let job = Job { spec, opened: self.height, phase: JobPhase::Open, escrow: budget, workers: admitted, live: 0, settled: 0 };
        self.sheets.top.jobs.insert(id, job);
        Ok(())
    }

    /// Lets one more worker earn. A banned one stays banned.
    pub(crate) fn admit(&mut self, id: JobId, worker: AccountId) -> Result<(), TxRefused> {
        let job = self.own_running_mut(id)?;
        if worker == job.spec.artist {
            return Err(TxRefused::ArtistAsWorker(id));
        }
        match job.workers.get(&worker) {
            Some(Standing::Admitted) => return Err(TxRefused::WorkerRepeated { job: id, worker }),
            Some(Standing::Banned) => return Err(TxRefused::Banned { job: id, worker }),
            None => {}
        }
        if job.workers.len() >= limits::WORKERS_MAX {
            return Err(TxRefused::TooManyWorkers(job.workers.len() + 1));
        }
        job.workers.insert(worker, Standing::Admitted);
        self.events.push(LedgerEvent::WorkerAdmitted { job: id, worker });
        Ok(())
    }
}
