//! Transactions: everything that can change the ledger.

use crate::ids::{AccountId, CaseId, ChainId, Digest, JobId, LeafIndex, RingTime, Root, SpecHash, TxId};
use crate::job::{Address, JobSpec, LEAF_BYTES, Leaf, Task};
use crate::message::{Delivery, Done, FilmKey, Receipt};
use crate::signing::{OpenError, Signable, Signature, Signed, verify};
use crate::{Microlux, encode, limits};
use borsh::{BorshDeserialize, BorshSerialize};

/// One action of one account. The signer of the envelope is the account that acts.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Tx {
    /// The account's count of transactions before this one; a repeated or skipped number is refused.
    pub nonce: u64,
    /// No block of a later ring time may hold it: what was not taken by then never will be.
    pub valid_until: RingTime,
    /// What is done.
    pub action: Action,
}

impl Signable for Tx {
    const DOMAIN: &'static str = "raylance tx 2";
    const BYTES_MAX: usize = limits::TX_BYTES_MAX;
}

impl Signed<Tx> {
    /// The transaction's id: the hash of body and signer. Signatures do not count, so a second signature is the same transaction.
    pub fn id(&self) -> TxId {
        TxId(Digest::of("raylance tx id 2", &[self.body(), &self.claimed_signer().0]))
    }
}

/// What a transaction does.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Action {
    /// Moves money.
    Transfer {
        /// Who receives.
        to: AccountId,
        /// How much.
        amount: Microlux,
    },
    /// The sender, an artist, opens a job; its id is [`JobId::opened`].
    OpenJob(OpenJob),
    /// The sender, the job's artist, pays, raises reserves, closes.
    Pay(Pay),
    /// Anyone shows what the artist signed and has not paid.
    Claim(Claim),
    /// The sender, the job's artist, shows one wrong leaf of a worker whose claim is open.
    Challenge(Box<Challenge>),
    /// The sender, a validator, says what it computed.
    Ruling {
        /// The case that is first in line.
        case: CaseId,
        /// The leaf's value; `None` when the scene was not served, or the path has no value.
        value: Option<Leaf>,
    },
    /// The sender, a validator, wants a renderer on the ring's list, or off it. More than two thirds of the stake decide.
    Endorse {
        /// Digest of the renderer's source.
        renderer: Digest,
        /// On the list, or off it.
        listed: bool,
    },
}

/// Money for a worker in a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Reserve {
    /// Who may earn it.
    pub worker: AccountId,
    /// The most that it can earn in this job.
    pub reserved_total: Microlux,
}

/// Opens a job.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct OpenJob {
    /// Hash of the specification.
    pub spec: SpecHash,
    /// Must stand on the ring's list.
    pub renderer: Digest,
    /// Bytes of the scene: they price the court.
    pub scene_bytes: u64,
    /// When the job closes by itself.
    pub ends_by: RingTime,
    /// The first rows, distinct workers, at most [`limits::TX_ROWS_MAX`].
    pub rows: Vec<Reserve>,
}

/// What a Pay says about one worker. Totals only rise: a lower one than stands on the ledger changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PayRow {
    /// The worker; a row is made where it has none.
    pub worker: AccountId,
    /// Paid to it in all.
    pub paid_total: Microlux,
    /// Reserved for it in all.
    pub reserved_total: Microlux,
    /// The worker's signature under [`Done`] with `paid_total`: ends the row.
    pub done: Option<Signature>,
}

/// Pays checked totals, for many workers at once.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Pay {
    /// The job.
    pub job: JobId,
    /// Distinct workers, at most [`limits::TX_ROWS_MAX`].
    pub rows: Vec<PayRow>,
    /// No more work: rows end one window later.
    pub close: bool,
    /// A later end of the job.
    pub ends_by: Option<RingTime>,
}

/// A receipt with its key, shortened to what does not follow from its neighbours.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ClaimEntry {
    /// The task.
    pub task: Task,
    /// Root of the sealed film.
    pub root: Root,
    /// Opens it: a claim hands over every key that it is paid for.
    pub key: FilmKey,
    /// What the task adds to the total.
    pub price: Microlux,
    /// The artist's signature under the [`Receipt`].
    pub signature: Signature,
}

/// Receipts that the artist signed and has not paid, in the order of their totals, without a gap.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Claim {
    /// The job.
    pub job: JobId,
    /// Who earned it. Anyone may file: the money goes to the worker.
    pub worker: AccountId,
    /// Who signed the receipts; must be the job's artist. Named, so that signatures can be checked without the ledger's state.
    pub artist: AccountId,
    /// The total before the first entry.
    pub from_total: Microlux,
    /// 1 to [`limits::CLAIM_ENTRIES_MAX`] receipts.
    pub entries: Vec<ClaimEntry>,
}

impl Claim {
    /// The receipts that the entries stand for. `None` when a total does not fit.
    pub fn receipts(&self) -> Option<Vec<(Receipt, Signature)>> {
        let mut total = self.from_total;
        self.entries
            .iter()
            .map(|entry| {
                total = total.plus(entry.price).ok()?;
                let delivery =
                    Delivery { job: self.job, task: entry.task, worker: self.worker, root: entry.root, key_hash: entry.key.hash() };
                Some((Receipt { delivery, price: entry.price, total }, entry.signature))
            })
            .collect()
    }

    /// The total after the last entry. `None` when it does not fit.
    pub fn total(&self) -> Option<Microlux> {
        self.entries.iter().try_fold(self.from_total, |total, entry| total.plus(entry.price).ok())
    }
}

/// One leaf of one keyed delivery, opened for the court: everything that a validator needs besides the scene.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Challenge {
    /// The job.
    pub job: JobId,
    /// Whose film.
    pub worker: AccountId,
    /// The specification, whose hash stands on the ledger.
    pub spec: JobSpec,
    /// The task.
    pub task: Task,
    /// Root of the sealed film.
    pub root: Root,
    /// The worker's signature under the [`Delivery`].
    pub delivery: Signature,
    /// Opens the film; its hash stands in the delivery.
    pub key: FilmKey,
    /// Which leaf.
    pub index: LeafIndex,
    /// Leaves of the task.
    pub leaf_count: u32,
    /// What the leaf sums.
    pub address: Address,
    /// The leaf as it was delivered.
    pub sealed_leaf: [u8; LEAF_BYTES],
    /// Sibling hashes from the leaf up to the root.
    pub path: Vec<Digest>,
}

impl Challenge {
    /// The delivery that the evidence stands for.
    pub fn delivery(&self) -> Delivery {
        Delivery { job: self.job, task: self.task, worker: self.worker, root: self.root, key_hash: self.key.hash() }
    }
}

/// A transaction all of whose signatures are good: the envelope's, and those of the receipts, deliveries and totals inside.
///
/// There is no other way to make one than [`CheckedTx::check`], so rules need not think of signatures. Checking needs no state: it may
/// run beside the ledger, on several cores, once for each transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedTx {
    id: TxId,
    signer: AccountId,
    tx: Tx,
    signed: Signed<Tx>,
}

impl CheckedTx {
    /// Checks every signature of a transaction for one ring.
    ///
    /// # Errors
    /// [`OpenError`] of the envelope, or [`OpenError::Signature`] when one inside is not good.
    pub fn check(chain: ChainId, signed: Signed<Tx>) -> Result<Self, OpenError> {
        let (signer, tx) = signed.open(chain)?;
        check_evidence(chain, &tx.action)?;
        Ok(Self { id: signed.id(), signer, tx, signed })
    }

    /// The transaction's id.
    pub fn id(&self) -> TxId {
        self.id
    }

    /// Who acts.
    pub fn signer(&self) -> AccountId {
        self.signer
    }

    /// What is done.
    pub fn tx(&self) -> &Tx {
        &self.tx
    }

    /// As it travels.
    pub fn signed(&self) -> &Signed<Tx> {
        &self.signed
    }

    /// Bytes that are paid for.
    pub fn len_bytes(&self) -> usize {
        self.signed.encoded_len()
    }
}

fn check_evidence(chain: ChainId, action: &Action) -> Result<(), OpenError> {
    match action {
        Action::Transfer { .. } | Action::OpenJob(_) | Action::Ruling { .. } | Action::Endorse { .. } => Ok(()),
        Action::Pay(pay) => pay.rows.iter().try_for_each(|row| {
            let Some(signature) = &row.done else { return Ok(()) };
            verify(chain, row.worker, &Done { job: pay.job, worker: row.worker, total: row.paid_total }, signature)
        }),
        Action::Claim(claim) => {
            let receipts = claim.receipts().ok_or(OpenError::Signature)?;
            receipts.iter().try_for_each(|(receipt, signature)| verify(chain, claim.artist, receipt, signature))
        }
        Action::Challenge(challenge) => verify(chain, challenge.worker, &challenge.delivery(), &challenge.delivery),
    }
}

/// Bytes that a claim spends on one receipt of a unit; a worker's least price follows from what they cost.
pub fn claim_entry_bytes() -> usize {
    let entry = ClaimEntry {
        task: Task::List(crate::ListHash::default()),
        root: Root::default(),
        key: FilmKey::NONE,
        price: Microlux::ZERO,
        signature: Signature([0; 64]),
    };
    encode(&entry).len()
}
