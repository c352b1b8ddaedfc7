//! Genesis, blocks, votes and proofs.

use crate::record::{Record, variants};
use crate::transactions::tx;
use crate::values::{account, block_hash, chain, digest, keys, renderer, signature, worker};
use raylance_protocol::block::{Membership, Proposal, Vote, VoteKind, tx_root, validators_hash};
use raylance_protocol::{
    Action, Block, BlockHash, Certificate, Clock, FinalBlock, Genesis, Header, Height, Microlux, RingParameters, RingTime, Round, RowPath,
    RowProof, Snapshot, Validator,
};

variants! { Membership: Membership::Invited => "invited", Membership::Open => "open" }
variants! { VoteKind: VoteKind::Prevote => "prevote", VoteKind::Precommit => "precommit" }

fn validator(byte: u8) -> Validator {
    Validator { account: account(byte), stake: u64::from(byte) }
}

fn genesis() -> Genesis {
    Genesis {
        name: "Friends".into(),
        time_ms: 1_800_000_000_000,
        validators: vec![validator(1), validator(2)],
        membership: Membership::Invited,
        parameters: RingParameters::FRIENDS,
        renderers: vec![renderer()],
        balances: vec![(account(1), Microlux::from_lux(100)), (account(3), Microlux(7))],
        bootstrap: vec!["/ip4/192.0.2.1/udp/4001/quic-v1".into()],
    }
}

pub fn header() -> Header {
    Header {
        chain: chain(),
        height: Height(42),
        round: Round(1),
        parent: block_hash(),
        state_root: digest(0x71),
        tx_root: digest(0x72),
        validators: digest(0x73),
        next_validators: digest(0x74),
        time_ms: 1_800_000_360_000,
    }
}

pub fn vote(header: Option<BlockHash>) -> Vote {
    Vote { kind: VoteKind::Prevote, height: Height(42), round: Round(1), header }
}

pub fn proposal(valid_round: Option<Round>) -> Proposal {
    Proposal { header: header(), round: Round(2), valid_round }
}

pub fn certificate() -> Certificate {
    let signatures = vec![(account(1), signature(0x31)), (account(2), signature(0x32))];
    Certificate { height: Height(42), round: Round(1), header: header().hash(), signatures }
}

pub fn final_block() -> FinalBlock {
    let transfer = tx(Action::Transfer { to: worker(), amount: Microlux(5) });
    FinalBlock { block: Block { header: header(), txs: vec![keys().sign(chain(), &transfer)] }, certificate: certificate() }
}

fn path() -> RowPath {
    RowPath { branches: vec![(300, digest(0x75)), (4, digest(0x76))], other: None }
}

pub fn record() -> Record {
    let mut record = Record::new("Genesis, blocks, votes and proofs.");
    record.value(&genesis());
    record.value(&validator(1));
    record.variants(&[Membership::Invited, Membership::Open]);
    record.named("for strangers", &RingParameters::PUBLIC);
    record.named("for friends", &RingParameters::FRIENDS);
    record.named("for a demo", &RingParameters::DEMO);
    record.value(&header());
    record.value(&final_block().block);
    record.variants(&[VoteKind::Prevote, VoteKind::Precommit]);
    record.signed("for a header", &vote(Some(block_hash())));
    record.signed("for nil", &vote(None));
    record.signed("as certified", &certificate().vote());
    record.signed("", &proposal(None));
    record.signed("again", &proposal(Some(Round(1))));
    record.value(&certificate());
    record.value(&final_block());
    record.named("of nothing", &RowPath::default());
    record.named("of a row", &path());
    record.named("of an absent row", &RowPath { other: Some((vec![5, 1, 2], digest(0x77))), ..path() });
    let proof = RowProof { key: vec![5, 1], value: Some(vec![9, 9]), path: path(), header: header(), certificate: certificate() };
    record.value(&proof);
    record.named("of absence", &RowProof { value: None, ..proof });
    record.value(&Snapshot { header: header(), certificate: certificate(), rows: vec![(vec![5, 1], vec![9, 9])] });
    record.value(&Clock { height: Height(42), ring_time: RingTime(360_000), header_ms: 1_800_000_360_000 });

    record.hash("genesis, which is the chain id", genesis().chain().0);
    record.hash("header", header().hash().0);
    record.hash("transactions of a block", tx_root(&final_block().block.txs));
    record.hash("no transactions", tx_root(&[]));
    record.hash("validators", validators_hash(&genesis().validators));
    record
}
