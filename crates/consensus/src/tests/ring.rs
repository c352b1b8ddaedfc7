//! Rings of one and of several validators, and transactions of every lane.

use crate::{Chain, CheckedBlock};
use raylance_protocol::block::{Block, Certificate, FinalBlock, Genesis, Header, Membership, Validator, Vote, VoteKind};
use raylance_protocol::{
    AccountId, Action, BlockHash, CaseId, CheckedTx, Claim, ClaimEntry, Delivery, Digest, FilmKey, Height, JobId, Keypair, Microlux,
    OpenJob, Receipt, Reserve, RingParameters, RingTime, Root, Round, Signed, SpecHash, Task, Tx, UnitIndex,
};

/// What each of accounts 1 to 8 has at first.
pub const FUNDS: u64 = 10_000_000;
pub const BEAT_MS: u64 = RingParameters::DEMO.beat_ms;
pub const START_MS: u64 = 1_700_000_000_000;
pub const RENDERER: Digest = Digest([7; 32]);

pub fn keys(n: u8) -> Keypair {
    Keypair::from_secret([n; 32])
}

pub fn id(n: u8) -> AccountId {
    keys(n).account()
}

/// Validators 1 to `stakes.len()`; accounts 1 to 8 have [`FUNDS`].
pub fn genesis_of(stakes: &[u64]) -> Genesis {
    let mut validators: Vec<Validator> = (1..).zip(stakes).map(|(n, stake)| Validator { account: id(n), stake: *stake }).collect();
    validators.sort();
    let mut balances: Vec<_> = (1..=8).map(|n| (id(n), Microlux(FUNDS))).collect();
    balances.sort();
    Genesis {
        name: "test".to_owned(),
        time_ms: START_MS,
        validators,
        membership: Membership::Invited,
        parameters: RingParameters::DEMO,
        renderers: vec![RENDERER],
        balances,
        bootstrap: Vec::new(),
    }
}

/// `validators` of stake 1.
pub fn genesis(validators: usize) -> Genesis {
    genesis_of(&vec![1; validators])
}

pub fn chain(validators: usize) -> Chain {
    Chain::new(genesis(validators)).unwrap()
}

pub fn sign(chain: &Chain, from: u8, nonce: u64, action: Action) -> Signed<Tx> {
    keys(from).sign(chain.id(), &Tx { nonce, valid_until: RingTime::NEVER, action })
}

pub fn transfer(chain: &Chain, from: u8, nonce: u64, to: u8, amount: u64) -> Signed<Tx> {
    sign(chain, from, nonce, Action::Transfer { to: id(to), amount: Microlux(amount) })
}

/// Artist `from` opens a job with one row for `worker`. While it is open, a deadline is pending.
pub fn open_job(chain: &Chain, from: u8, nonce: u64, worker: u8, reserved: u64) -> Signed<Tx> {
    let rows = vec![Reserve { worker: id(worker), reserved_total: Microlux(reserved) }];
    let ends_by = RingTime(chain.state().clock().ring_time.0 + 1_000_000);
    sign(chain, from, nonce, Action::OpenJob(OpenJob { spec: SpecHash::default(), renderer: RENDERER, scene_bytes: 1_000, ends_by, rows }))
}

/// `from` claims one task of 1,000 microlux for `worker` in the job that `artist` opened with `job_nonce`.
pub fn claim(chain: &Chain, from: u8, nonce: u64, (artist, job_nonce): (u8, u64), worker: u8) -> Signed<Tx> {
    let job = JobId::opened(chain.id(), id(artist), job_nonce, SpecHash::default());
    let (task, root, key, price) = (Task::Unit(UnitIndex(0)), Root::default(), FilmKey([3; 32]), Microlux(1_000));
    let delivery = Delivery { job, task, worker: id(worker), root, key_hash: key.hash() };
    let signature = keys(artist).sign(chain.id(), &Receipt { delivery, price, total: price }).signature();
    let entries = vec![ClaimEntry { task, root, key, price, signature }];
    sign(chain, from, nonce, Action::Claim(Claim { job, worker: id(worker), artist: id(artist), from_total: Microlux(0), entries }))
}

/// A dispute that the ledger refuses: there is no such case.
pub fn idle_ruling(chain: &Chain, from: u8, nonce: u64) -> Signed<Tx> {
    sign(chain, from, nonce, Action::Ruling { case: CaseId(99), value: None })
}

pub fn checked(chain: &Chain, tx: Signed<Tx>) -> CheckedTx {
    CheckedTx::check(chain.id(), tx).unwrap()
}

/// The next block with these transactions, which must be good, `after_ms` after its parent.
pub fn block_after(chain: &Chain, after_ms: u64, txs: Vec<Signed<Tx>>) -> Block {
    let time_ms = chain.time_ms() + after_ms;
    let mut draft = chain.state().draft(time_ms);
    let txs: Vec<_> = txs.into_iter().map(|tx| checked(chain, tx)).collect();
    txs.iter().for_each(|tx| draft.execute(tx).unwrap());
    chain.candidate(Round(0), time_ms, draft, txs).unwrap().block().clone()
}

pub fn block(chain: &Chain, txs: Vec<Signed<Tx>>) -> Block {
    block_after(chain, 10, txs)
}

pub fn vote(header: &Header, round: u32) -> Vote {
    Vote { kind: VoteKind::Precommit, height: header.height, round: Round(round), header: Some(header.hash()) }
}

/// Of round 0, by these validators.
pub fn certificate(header: &Header, signers: &[u8]) -> Certificate {
    let votes: Vec<_> = signers.iter().map(|n| (*n, vote(header, 0))).collect();
    certificate_of(header, 0, &votes)
}

/// Claims to be of `round`; each signer signs its own vote.
pub fn certificate_of(header: &Header, round: u32, votes: &[(u8, Vote)]) -> Certificate {
    let mut signatures: Vec<_> = votes.iter().map(|(n, vote)| (id(*n), keys(*n).sign(header.chain, vote).signature())).collect();
    signatures.sort();
    Certificate { height: header.height, round: Round(round), header: header.hash(), signatures }
}

pub fn certified(block: Block, signers: &[u8]) -> FinalBlock {
    let certificate = certificate(&block.header, signers);
    FinalBlock { block, certificate }
}

/// The next block of a ring whose validator is account 1, with every signature checked.
pub fn final_block(chain: &Chain, after_ms: u64, txs: Vec<Signed<Tx>>) -> CheckedBlock {
    CheckedBlock::check(chain.id(), chain.validators(), certified(block_after(chain, after_ms, txs), &[1])).unwrap()
}

pub fn header_hash(n: u8) -> BlockHash {
    BlockHash(Digest([n; 32]))
}

pub fn heights(chain: &Chain) -> (Height, BlockHash, Digest) {
    (chain.height(), chain.hash(), chain.state().root())
}
