//! What became of the units and of the workers, from the receipt or, where there is none, from the artist's view.

use raylance_control::view::JobView;
use raylance_files::receipt::Receipt;
use raylance_protocol::job::LEAF_SAMPLES;

/// A worker of the job.
#[derive(Clone, Debug)]
pub struct Worker {
    pub account: String,
    /// In the picture.
    pub units: u32,
    /// Signed for, microlux.
    pub total: u64,
    /// Microlux.
    pub paid: u64,
    /// It delivered a wrong leaf.
    pub refused: bool,
}

/// The job.
#[derive(Clone, Debug)]
pub struct Facts {
    pub units: u32,
    /// Units in the picture whose drawn leaves are all right.
    pub verified: u32,
    /// Units in the picture that the artist's own device rendered.
    pub own: u32,
    pub workers: Vec<Worker>,
    /// Replayed leaves in percent of those in the picture; only the receipt says it.
    pub replayed_pct: Option<f64>,
}

/// The views' money is decimal text.
fn microlux(text: &str) -> u64 {
    text.parse().unwrap_or(0)
}

impl Facts {
    pub fn of_receipt(receipt: &Receipt) -> Self {
        let worker = |worker: &raylance_files::receipt::ReceiptWorker| Worker {
            units: receipt.shown.iter().filter(|unit| unit.worker.as_ref() == Some(&worker.account)).count() as u32,
            account: worker.account.clone(),
            total: microlux(&worker.total),
            paid: microlux(&worker.paid),
            refused: worker.refused,
        };
        let leaves = u64::from(receipt.width_px) * u64::from(receipt.height_px) * u64::from(receipt.samples.div_ceil(LEAF_SAMPLES));
        let replayed: u64 = receipt.shown.iter().map(|unit| u64::from(unit.replayed_own) + u64::from(unit.replayed_by_peers)).sum();
        Self {
            units: receipt.units,
            verified: receipt.shown.iter().filter(|unit| unit.checked).count() as u32,
            own: receipt.shown.iter().filter(|unit| unit.worker.is_none()).count() as u32,
            workers: receipt.workers.iter().map(worker).collect(),
            replayed_pct: Some(replayed as f64 * 100.0 / leaves.max(1) as f64),
        }
    }

    pub fn of_view(view: &JobView) -> Self {
        let worker = |worker: &raylance_control::view::JobWorkerView| Worker {
            account: worker.account.clone(),
            units: worker.units,
            total: microlux(&worker.total),
            paid: microlux(&worker.paid),
            refused: worker.refused,
        };
        Self {
            units: view.line.units,
            verified: view.checked_units,
            own: view.own_units,
            workers: view.workers.iter().map(worker).collect(),
            replayed_pct: None,
        }
    }

    pub fn worker(&self, account: &str) -> Option<&Worker> {
        self.workers.iter().find(|worker| worker.account == account)
    }
}
