//! OpenJob: a job and its first rows, each with what its worker may earn.

use crate::draft::Draft;
use crate::event::{Event, Reason};
use crate::refusal::Refusal;
use raylance_protocol::row::{Channel, ChannelState, Due, Job, Renderer};
use raylance_protocol::{AccountId, Digest, JobId, Microlux, OpenJob, RingTime, limits};
use std::collections::BTreeSet;

/// What shows without the state.
pub(crate) fn check_shape(artist: AccountId, open: &OpenJob) -> Result<(), Refusal> {
    check_workers(artist, open.rows.iter().map(|row| row.worker))?;
    match open.rows.iter().find(|row| row.reserved_total == Microlux::ZERO) {
        Some(row) => Err(Refusal::NoReserve(row.worker)),
        None => Ok(()),
    }
}

/// Are these distinct workers, not too many for one transaction, and none of them the artist?
pub(crate) fn check_workers(artist: AccountId, workers: impl ExactSizeIterator<Item = AccountId>) -> Result<(), Refusal> {
    if workers.len() > limits::TX_ROWS_MAX {
        return Err(Refusal::Rows(workers.len()));
    }
    let mut seen = BTreeSet::new();
    for worker in workers {
        if worker == artist {
            return Err(Refusal::OwnWorker);
        }
        if !seen.insert(worker) {
            return Err(Refusal::Repeated(worker));
        }
    }
    Ok(())
}

impl Draft {
    pub(crate) fn open_job(&mut self, signer: AccountId, nonce: u64, open: &OpenJob) -> Result<(), Refusal> {
        let max = self.parameters.court_scene_bytes_max;
        if !(1..=max).contains(&open.scene_bytes) {
            return Err(Refusal::SceneBytes { found: open.scene_bytes, max });
        }
        self.check_ends_by(open.ends_by)?;
        self.check_renderer(open.renderer)?;

        let id = JobId::opened(self.state.chain(), signer, nonce, open.spec);
        self.debit(signer, self.parameters.row_deposit, Reason::RowDeposit, Some(id))?;
        let OpenJob { spec, renderer, scene_bytes, ends_by, rows: _ } = *open;
        let job = Job { artist: signer, spec, renderer, scene_bytes, ends_by, claims_until: None, rows: 0, rows_live: 0 };
        self.state.put(&id, job);
        self.push_due(ends_by, Due::JobEnds(id));
        self.events.push(Event::JobOpened { job: id, artist: signer, spec });
        open.rows.iter().try_for_each(|row| self.make_channel(id, row.worker, row.reserved_total))
    }

    /// Gives a worker a row in an open job; the artist pays for it.
    pub(crate) fn make_channel(&mut self, id: JobId, worker: AccountId, reserved: Microlux) -> Result<(), Refusal> {
        let job = self.state.get::<Job>(&id).ok_or(Refusal::NoJob(id))?;
        let rows = job.rows + 1;
        if rows > limits::WORKERS_MAX {
            return Err(Refusal::Workers(rows));
        }
        self.make_account(worker, job.artist, Some(id))?;
        self.debit(job.artist, self.parameters.row_deposit, Reason::RowDeposit, Some(id))?;
        self.debit(job.artist, reserved, Reason::Reserve { worker }, Some(id))?;
        self.state.put(&id, Job { rows, rows_live: job.rows_live + 1, ..job });
        let channel = Channel { reserved, paid: Microlux::ZERO, claims_until: RingTime(0), state: ChannelState::Open };
        self.state.put(&(id, worker), channel);
        self.events.push(Event::Reserved { job: id, worker, total: reserved });
        Ok(())
    }

    /// Is this a time at which a job may end?
    pub(crate) fn check_ends_by(&self, ends_by: RingTime) -> Result<(), Refusal> {
        let now = self.now();
        let latest = now.after(self.parameters.job_ms_max);
        if now < ends_by && ends_by <= latest { Ok(()) } else { Err(Refusal::EndsBy { ends_by, now, latest }) }
    }

    /// Is this renderer on the ring's list?
    pub(crate) fn check_renderer(&self, digest: Digest) -> Result<(), Refusal> {
        let listed = self.state.get::<Renderer>(&digest).is_some_and(|renderer| renderer.listed);
        if listed { Ok(()) } else { Err(Refusal::Renderer(digest)) }
    }
}
