//! Decide → record: transactions are signed, and all that a turn changed is written before anything is sent.

use super::NodeError;
use super::node::{Node, Turn};
use super::open::now_ms;
use super::part::Wish;
use super::txs::{TxRole, TxSource};
use super::{show, submit};
use raylance_v1_market::{artist, worker};
use raylance_v1_protocol::{Action, JobId};
use raylance_v1_store::{JobRow, Role};

/// Longest name of a job in the database.
const NAME_CHARS_MAX: usize = 200;

impl Node {
    /// Signs what machines want to submit, so that the bytes are recorded together with the machines that asked for them.
    pub(super) fn prepare(&mut self, turn: &mut Turn) {
        self.settle_txs(turn);
        let (submissions, wishes): (Vec<Wish>, Vec<Wish>) = std::mem::take(&mut turn.wishes).into_iter().partition(is_submission);
        turn.wishes = wishes;
        for wish in submissions {
            let Some((source, action)) = submission(wish) else { continue };
            turn.outgoing.extend(self.txs.sign(&self.keys, self.chain.state(), now_ms(), source, action));
        }
    }

    /// Writes all that a turn changed.
    pub(super) async fn record(&mut self, turn: &mut Turn) -> Result<(), NodeError> {
        // First: a given up transaction frees its nonce for another one.
        for id in turn.abandoned.drain(..) {
            self.store.abandon_tx(id).await?;
        }
        let rows: Vec<JobRow> = turn.dirty.iter().filter_map(|&(job, role)| self.row(job, role)).collect();
        if !rows.is_empty() || !turn.outgoing.is_empty() {
            self.store.record(&rows, &turn.outgoing).await?;
            self.changed = true;
        }
        turn.dirty.clear();
        turn.outgoing.clear();
        Ok(())
    }

    fn row(&self, job: JobId, role: Role) -> Option<JobRow> {
        let updated_ms = now_ms();
        match role {
            Role::Artist => {
                let part = self.parts.artists.get(&job)?;
                Some(JobRow {
                    job,
                    role,
                    name: part.name.chars().take(NAME_CHARS_MAX).collect(),
                    state: show::artist_state(part.machine.view().phase).to_owned(),
                    snapshot: part.machine.snapshot(),
                    options_json: submit::options_json(&part.options),
                    created_ms: part.created_ms,
                    updated_ms,
                })
            }
            Role::Worker => {
                let part = self.parts.workers.get(&job)?;
                Some(JobRow {
                    job,
                    role,
                    name: show::short(job),
                    state: show::worker_state(part.worker.view().phase).to_owned(),
                    snapshot: part.snapshot(),
                    options_json: "{}".to_owned(),
                    created_ms: part.created_ms,
                    updated_ms,
                })
            }
        }
    }
}

fn is_submission(wish: &Wish) -> bool {
    matches!(wish, Wish::Artist(_, artist::Effect::SubmitTx { .. }) | Wish::Worker(_, worker::Effect::SubmitTx { .. }))
}

fn submission(wish: Wish) -> Option<(TxSource, Action)> {
    match wish {
        Wish::Artist(job, artist::Effect::SubmitTx { number, action }) => Some((TxSource { job, role: TxRole::Artist, number }, action)),
        Wish::Worker(job, worker::Effect::SubmitTx { number, action }) => Some((TxSource { job, role: TxRole::Worker, number }, action)),
        _ => None,
    }
}
