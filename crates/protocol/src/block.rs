//! Genesis, blocks, certificates and votes, and what proves a row to a wallet.

use crate::ids::{AccountId, BlockHash, ChainId, Digest, Height, RingTime, Round};
use crate::signing::{Signable, Signature, Signed};
use crate::tx::Tx;
use crate::{Microlux, encode, limits};
use borsh::{BorshDeserialize, BorshSerialize};

/// The first state of a ring. Its hash is the chain id.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Genesis {
    /// A name for people, at most [`limits::RING_NAME_BYTES_MAX`] bytes.
    pub name: String,
    /// When the ring was made, milliseconds since 1970.
    pub time_ms: u64,
    /// The first validators, ascending and distinct.
    pub validators: Vec<Validator>,
    /// Who becomes a member.
    pub membership: Membership,
    /// The rules' numbers.
    pub parameters: RingParameters,
    /// Renderers that jobs may name, ascending and distinct.
    pub renderers: Vec<Digest>,
    /// First balances, ascending by account and distinct.
    pub balances: Vec<(AccountId, Microlux)>,
    /// Where members can be reached at first: multiaddresses as text.
    pub bootstrap: Vec<String>,
}

/// A voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Validator {
    /// Who.
    pub account: AccountId,
    /// Weight of its vote, at least 1.
    pub stake: u64,
}

/// How one becomes a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Membership {
    /// By a member's grant.
    Invited,
    /// By asking.
    Open,
}

/// The numbers in the rules of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RingParameters {
    /// How long a claim may be challenged, and a closing job be claimed from.
    pub window_ms: u64,
    /// While a deadline is pending there is a block at least once per beat. A window has at least 16 of them.
    pub beat_ms: u64,
    /// Longest a job may stay open.
    pub job_ms_max: u64,
    /// Largest scene that the court takes.
    pub court_scene_bytes_max: u64,
    /// The court's fee for any case.
    pub court_fee_base: Microlux,
    /// The court's fee for each MiB of scene, begun ones included.
    pub court_fee_per_mib: Microlux,
    /// Time that the court has for any case.
    pub court_ms_base: u64,
    /// Bytes of scene for which the court has one second more.
    pub court_bytes_per_s: u64,
    /// Price of each KiB of a transaction, rounded up to a microlux.
    pub fee_per_kib: Microlux,
    /// Thousandths of fees that are burned; the rest goes to the treasury.
    pub burn_permille: u16,
    /// Locked for each row of a job, and for the job itself; returns to the artist when the job leaves the ledger.
    pub row_deposit: Microlux,
    /// Locked by whoever causes a new account.
    pub account_deposit: Microlux,
    /// Most due rows that are worked off in one block.
    pub due_rows_per_block: u32,
}

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

impl RingParameters {
    /// For strangers.
    pub const PUBLIC: Self = Self {
        window_ms: DAY_MS,
        beat_ms: 5 * MINUTE_MS,
        job_ms_max: 30 * DAY_MS,
        court_scene_bytes_max: 2 << 30,
        court_fee_base: Microlux(20_000),
        court_fee_per_mib: Microlux(200),
        court_ms_base: 10 * MINUTE_MS,
        court_bytes_per_s: 500_000,
        fee_per_kib: Microlux(16),
        burn_permille: 500,
        row_deposit: Microlux(100),
        account_deposit: Microlux(100),
        due_rows_per_block: 4_096,
    };

    /// For friends, whose machines are off at night.
    pub const FRIENDS: Self = Self { window_ms: 3 * DAY_MS, court_scene_bytes_max: 1 << 30, ..Self::PUBLIC };

    /// For a network that lives for minutes.
    pub const DEMO: Self = Self { window_ms: 20_000, beat_ms: 500, court_scene_bytes_max: 64 << 20, court_ms_base: 20_000, ..Self::PUBLIC };

    /// What a case about a scene of `scene_bytes` costs its loser.
    pub fn court_fee(&self, scene_bytes: u64) -> Microlux {
        let mib = scene_bytes.div_ceil(1 << 20);
        Microlux(self.court_fee_base.0.saturating_add(self.court_fee_per_mib.0.saturating_mul(mib)))
    }

    /// How long the court may take for a case about a scene of `scene_bytes`, counted from when it is first in line.
    pub fn court_ms(&self, scene_bytes: u64) -> u64 {
        self.court_ms_base.saturating_add((scene_bytes / self.court_bytes_per_s.max(1)).saturating_mul(1000))
    }

    /// What a transaction of `len_bytes` costs, at least 1 microlux where bytes cost anything.
    pub fn fee(&self, len_bytes: usize) -> Microlux {
        Microlux((u128::from(self.fee_per_kib.0) * len_bytes as u128).div_ceil(1024) as u64)
    }

    /// Do the numbers make sense together?
    pub fn are_sound(&self) -> bool {
        self.beat_ms > 0
            && self.window_ms / 16 >= self.beat_ms
            && self.burn_permille <= 1000
            && self.due_rows_per_block > 0
            && self.court_bytes_per_s > 0
            && self.fee_per_kib.0 <= 1 << 32
            && [self.window_ms, self.job_ms_max, self.court_ms(self.court_scene_bytes_max)].iter().all(|ms| *ms < 1 << 50)
    }
}

impl Genesis {
    /// The ring's id.
    pub fn chain(&self) -> ChainId {
        ChainId(Digest::of("raylance genesis 2", &[&encode(self)]))
    }
}

/// What validators agree on.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Header {
    /// The ring.
    pub chain: ChainId,
    /// Number of this block, from 1.
    pub height: Height,
    /// Round in which it was first proposed.
    pub round: Round,
    /// Hash of the block before; at height 1 the chain id's digest.
    pub parent: BlockHash,
    /// Root of the state **after** this block, so that the certificate at a height proves rows at that height.
    pub state_root: Digest,
    /// Hash over the transactions in order.
    pub tx_root: Digest,
    /// Hash over the validators that certify this block.
    pub validators: Digest,
    /// Hash over the validators that certify the next block.
    pub next_validators: Digest,
    /// When it was proposed, milliseconds since 1970; never before its parent's.
    pub time_ms: u64,
}

impl Header {
    /// The block's id.
    pub fn hash(&self) -> BlockHash {
        BlockHash(Digest::of("raylance header 2", &[&encode(self)]))
    }
}

/// Hash over a block's transactions in order.
pub fn tx_root(txs: &[Signed<Tx>]) -> Digest {
    let encoded: Vec<_> = txs.iter().map(encode).collect();
    let parts: Vec<&[u8]> = encoded.iter().map(Vec::as_slice).collect();
    Digest::of("raylance transactions 2", &parts)
}

/// Hash over validators, which are ascending and distinct.
pub fn validators_hash(validators: &[Validator]) -> Digest {
    Digest::of("raylance validators 2", &[&encode(&validators.to_vec())])
}

/// A header with its transactions.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// Executed in this order; at most [`limits::BLOCK_TXS_MAX`].
    pub txs: Vec<Signed<Tx>>,
}

/// The two kinds of votes of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub enum VoteKind {
    /// The proposal is valid.
    Prevote,
    /// More than two thirds prevoted for it.
    Precommit,
}

/// A validator's vote. Two different precommits of one validator for one height and round are evidence against it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Vote {
    /// Which of the two.
    pub kind: VoteKind,
    /// The height.
    pub height: Height,
    /// The round.
    pub round: Round,
    /// The header, or nil.
    pub header: Option<BlockHash>,
}

impl Signable for Vote {
    const DOMAIN: &'static str = "raylance vote 2";
    const BYTES_MAX: usize = 64;
}

/// The proposer of a round names a block; its body is fetched apart.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proposal {
    /// The header.
    pub header: Header,
    /// The round of this proposal; above the header's where an earlier block is proposed again.
    pub round: Round,
    /// The round in which more than two thirds prevoted for it, where it is proposed again.
    pub valid_round: Option<Round>,
}

impl Signable for Proposal {
    const DOMAIN: &'static str = "raylance proposal 2";
    const BYTES_MAX: usize = 384;
}

/// Precommits of more than two thirds of the stake for one header, all of **one** round: precommits of different rounds never add up.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Certificate {
    /// The height.
    pub height: Height,
    /// The round.
    pub round: Round,
    /// The header.
    pub header: BlockHash,
    /// Signatures under the precommit [`Vote`] of these three, ascending by validator.
    pub signatures: Vec<(AccountId, Signature)>,
}

impl Certificate {
    /// What each of its validators signed.
    pub fn vote(&self) -> Vote {
        Vote { kind: VoteKind::Precommit, height: self.height, round: self.round, header: Some(self.header) }
    }
}

/// A block that can't be undone.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct FinalBlock {
    /// The block.
    pub block: Block,
    /// Why it is final.
    pub certificate: Certificate,
}

/// Everything that a wallet needs to believe one row: certificate → header → state root → path → value.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RowProof {
    /// The row's key, see [`crate::row`].
    pub key: Vec<u8>,
    /// Its encoded value; `None` when the path proves that there is none.
    pub value: Option<Vec<u8>>,
    /// From the row's leaf up to the root.
    pub path: RowPath,
    /// The header whose state root the path leads to.
    pub header: Header,
    /// The validators' signatures over it.
    pub certificate: Certificate,
}

/// The way from a leaf of the state tree up to its root.
#[derive(Clone, Debug, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct RowPath {
    /// From the leaf up: the bit of the key that the branch decides on, and the hash of its other side. Bits descend.
    pub branches: Vec<(u16, Digest)>,
    /// Where the key has no row: key and value hash of the row that its bits lead to; `None` also in an empty tree.
    pub other: Option<(Vec<u8>, Digest)>,
}

/// The state of a ring at a height: a start loads it and executes only what is newer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Snapshot {
    /// The block after which the state stands; its `state_root` is the root over the rows.
    pub header: Header,
    /// Why it is final.
    pub certificate: Certificate,
    /// Every row, ascending by key.
    pub rows: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Where ring time stands: the first row of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct Clock {
    /// Blocks so far.
    pub height: Height,
    /// Ring time after the last of them.
    pub ring_time: RingTime,
    /// Its header's time, milliseconds since 1970.
    pub header_ms: u64,
}

impl Clock {
    /// The clock after a block with this header time: ring time grows by what elapsed, at most two beats.
    pub fn tick(self, header_ms: u64, beat_ms: u64) -> Self {
        let elapsed = header_ms.saturating_sub(self.header_ms).min(2 * beat_ms);
        Self { height: self.height.next(), ring_time: self.ring_time.after(elapsed), header_ms: self.header_ms.max(header_ms) }
    }
}

const _: () = assert!(limits::BLOCK_TXS_BYTES_MAX * 2 < limits::MESSAGE_BYTES_MAX);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ring_time_grows_by_at_most_two_beats_and_never_backwards() {
        let clock = Clock { height: Height(5), ring_time: RingTime(100), header_ms: 1_000 };
        let check = |header_ms: u64, ring: u64, header: u64| {
            let expected = Clock { height: Height(6), ring_time: RingTime(ring), header_ms: header };
            assert_eq!(clock.tick(header_ms, 10), expected);
        };
        check(1_007, 107, 1_007);
        check(1_020, 120, 1_020);
        check(9_000, 120, 9_000);
        check(400, 100, 1_000);
    }

    #[test]
    fn the_presets_are_sound_and_broken_numbers_are_not() {
        for parameters in [RingParameters::PUBLIC, RingParameters::FRIENDS, RingParameters::DEMO] {
            assert!(parameters.are_sound());
        }
        let demo = RingParameters::DEMO;
        assert!(!RingParameters { window_ms: 15 * demo.beat_ms, ..demo }.are_sound());
        assert!(!RingParameters { beat_ms: 0, ..demo }.are_sound());
        assert!(!RingParameters { burn_permille: 1001, ..demo }.are_sound());
        assert!(!RingParameters { due_rows_per_block: 0, ..demo }.are_sound());
        assert!(!RingParameters { court_bytes_per_s: 0, ..demo }.are_sound());
    }

    #[test]
    fn fees_follow_bytes_and_the_court_follows_the_scene() {
        let p = RingParameters::PUBLIC;
        assert_eq!(p.fee(1024), Microlux(16));
        assert_eq!(p.fee(1), Microlux(1));
        assert_eq!(p.fee(0), Microlux(0));
        assert_eq!(p.court_fee(1), Microlux(20_200));
        assert_eq!(p.court_fee(2 << 20), Microlux(20_400));
        assert_eq!(p.court_ms(1_000_000), 10 * MINUTE_MS + 2_000);
    }
}
