//! A chain believes only blocks that are right in every respect, and is unchanged by all others.

use super::ring::*;
use crate::{BlockError, CertificateError, Chain, chain::BLOCK_TXS_BYTES_MAX, tx_root};
use raylance_v1_ledger::genesis::VALIDATORS_MAX;
use raylance_v1_ledger::{LedgerEvent, TxRefused};
use raylance_v1_protocol::tx::{Action, CommittedUnit, Tx};
use raylance_v1_protocol::{Block, BlockHash, Certificate, ChainId, Digest, FinalBlock, Height, JobId, Root, UnitIndex, limits};

/// Everything of a chain that a block can change.
fn look(chain: &Chain) -> (Height, BlockHash, Digest, u64) {
    (chain.height(), chain.hash(), chain.state().state_root(), chain.next_nonce(id(1)))
}

fn refuse(chain: &mut Chain, block: &FinalBlock, expected: impl Into<BlockError>) {
    let before = look(chain);
    assert_eq!(chain.apply(block), Err(expected.into()));
    assert_eq!(look(chain), before);
}

/// A chain of four validators with one block, and the good next block.
fn second() -> (Chain, Block) {
    let mut chain = chain(4);
    let first = next_block(&chain, vec![transfer(&chain, 1, 0, 2, 5)]);
    chain.apply(&certified(first, &[1, 2, 3])).unwrap();
    let block = next_block(&chain, vec![transfer(&chain, 1, 1, 2, 5), transfer(&chain, 2, 0, 3, 12)]);
    (chain, block)
}

#[test]
fn a_good_block_is_applied_with_its_events() {
    let (mut chain, block) = second();
    let ids: Vec<_> = block.txs.iter().map(|tx| tx.id()).collect();
    let header = block.header.clone();
    let applied = chain.apply(&certified(block, &[1, 2, 3, 4])).unwrap();
    assert_eq!((applied.height, applied.hash, applied.time_ms), (Height(2), header.hash(), 1_020));
    assert_eq!(applied.events.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ids);
    assert!(applied.events.iter().all(|(_, events)| matches!(events[..], [LedgerEvent::Moved { .. }, LedgerEvent::Moved { .. }])));
    assert_eq!(chain.state().account(id(3)).balance_microlux.0, 12);
    assert_eq!(chain.state().state_root(), header.state_root);
    chain.state().check_supply().unwrap();
}

#[test]
fn a_block_in_the_wrong_place_is_refused_however_well_certified() {
    let (mut chain, good) = second();
    let mut check = |change: &dyn Fn(&mut Block), expected: &dyn Fn(&Chain, &Block) -> BlockError| {
        let mut block = good.clone();
        change(&mut block);
        let expected = expected(&chain, &block);
        refuse(&mut chain, &certified(block, &[1, 2, 3, 4]), expected);
    };
    let other = ChainId::default();
    check(&|b| b.header.chain = other, &|chain, _| BlockError::WrongChain { expected: chain.id(), found: other });
    for found in [0, 1, 3, u64::MAX].map(Height) {
        check(&|b| b.header.height = found, &|_, _| BlockError::Height { expected: Height(2), found });
    }
    let orphan = BlockHash::default();
    check(&|b| b.header.parent = orphan, &|chain, _| BlockError::Parent { expected: chain.hash(), found: orphan });
    check(&|b| b.header.time_ms = 1_009, &|_, _| BlockError::Time { parent_ms: 1_010, found_ms: 1_009 });
    check(&|b| b.header.next_validators = Digest::default(), &|_, _| BlockError::NextValidators);
    check(&|b| b.header.state_root = Digest::default(), &|_, _| BlockError::StateRoot {
        claimed: Digest::default(),
        computed: good.header.state_root,
    });
    check(&|b| b.header.tx_root = Digest::default(), &|_, _| BlockError::TxRoot);
    check(&|b| b.txs.reverse(), &|_, _| BlockError::TxRoot);
    check(&|b| drop(b.txs.pop()), &|_, _| BlockError::TxRoot);
    // After all of that the good one still fits; and fits once.
    let good = certified(good, &[1, 2, 3, 4]);
    chain.apply(&good).unwrap();
    refuse(&mut chain, &good, BlockError::Height { expected: Height(3), found: Height(2) });
}

#[test]
fn a_block_with_a_refused_transaction_is_invalid_as_a_whole() {
    let (mut chain, mut block) = second();
    let replayed = block.txs[0].clone();
    block.txs.push(replayed.clone());
    block.header.tx_root = tx_root(&block.txs);
    let source = TxRefused::Nonce { account: id(1), expected: 2, found: 1 };
    refuse(&mut chain, &certified(block, &[1, 2, 3, 4]), BlockError::Tx { index: 2, id: replayed.id(), source });
}

#[test]
fn certificates_need_more_than_two_thirds_of_the_validators() {
    // (validators, signers, enough?)
    for (validators, signers, enough) in
        [(1, 1, true), (2, 1, false), (2, 2, true), (3, 2, false), (3, 3, true), (4, 2, false), (4, 3, true), (4, 4, true)]
    {
        let mut chain = chain(validators);
        let block = next_block(&chain, vec![transfer(&chain, 1, 0, 2, 5)]);
        let block = certified(block, &(1..=signers).collect::<Vec<_>>());
        match enough {
            true => drop(chain.apply(&block).unwrap()),
            false => {
                let (have, validators) = (usize::from(signers), usize::from(validators));
                let required = chain.validators().quorum();
                assert_eq!(required, validators * 2 / 3 + 1);
                refuse(&mut chain, &block, CertificateError::TooFew { have, validators, required });
            }
        }
    }
}

#[test]
fn a_certificate_with_any_bad_signature_is_refused() {
    let (mut chain, block) = second();
    let good = certified(block, &[1, 2, 3]);
    let header = good.block.header.clone();
    let mut check = |change: &dyn Fn(&mut FinalBlock), expected: CertificateError| {
        let mut block = good.clone();
        change(&mut block);
        refuse(&mut chain, &block, expected);
    };
    let mut sorted = [1u8, 2, 3];
    sorted.sort_by_key(|n| id(*n));
    check(&|b| b.certificate.signatures.clear(), CertificateError::TooFew { have: 0, validators: 4, required: 3 });
    check(&|b| b.certificate = certificate(&header, &[1, 2, 2]), CertificateError::Order(id(2)));
    check(&|b| b.certificate = certificate(&header, &[1, 2, 3, 3]), CertificateError::Order(id(3)));
    check(&|b| b.certificate.signatures.swap(1, 2), CertificateError::Order(id(sorted[1])));
    check(&|b| b.certificate = certificate(&header, &[1, 2, 3, 4, 5]), CertificateError::TooMany { count: 5, validators: 4 });
    check(&|b| b.certificate = certificate(&header, &[1, 2, 9]), CertificateError::NotValidator(id(9)));
    let mut other = header.clone();
    other.time_ms += 1;
    check(&|b| b.certificate = certificate(&other, &[1, 2, 3]), CertificateError::OtherHeader(id(sorted[0])));
    let forged = |b: &mut FinalBlock| {
        let mut bytes = raylance_v1_protocol::encode(&b.certificate.signatures[2]);
        *bytes.last_mut().unwrap() ^= 1;
        b.certificate.signatures[2] = raylance_v1_protocol::decode(&bytes, bytes.len()).unwrap();
    };
    check(&forged, CertificateError::Signature { signer: id(sorted[2]), source: raylance_v1_protocol::OpenError::Signature });
    chain.apply(&good).unwrap();
}

#[test]
fn limits_are_checked_before_anything_else() {
    let mut chain = chain(1);
    let tx = transfer(&chain, 1, 0, 2, 5);
    let none = Certificate { signatures: vec![] };
    let empty = next_block(&chain, vec![]);
    let many = Block { txs: vec![tx; limits::BLOCK_TXS_MAX + 1], ..empty.clone() };
    refuse(&mut chain, &FinalBlock { block: many, certificate: none.clone() }, BlockError::TooManyTxs(limits::BLOCK_TXS_MAX + 1));

    let units = vec![CommittedUnit { unit: UnitIndex(0), root: Root::default() }; 3_000];
    let long = keys(1).sign(&Tx { chain: chain.id(), nonce: 0, action: Action::Commit { job: JobId::default(), units } });
    let txs = vec![long; 10];
    let bytes = txs.iter().map(|tx| raylance_v1_protocol::encode(tx).len()).sum();
    assert!(bytes > BLOCK_TXS_BYTES_MAX);
    refuse(&mut chain, &FinalBlock { block: Block { txs, ..empty.clone() }, certificate: none.clone() }, BlockError::TooLong(bytes));

    // A full block with a full certificate fits in a message.
    let signature = raylance_v1_protocol::encode(&certificate(&empty.header, &[1]).signatures[0]).len();
    assert!(BLOCK_TXS_BYTES_MAX + VALIDATORS_MAX * signature + 1_024 < limits::MESSAGE_BYTES_MAX);
}

#[test]
fn an_empty_block_is_possible() {
    let mut chain = chain(1);
    let before = chain.state().state_root();
    let block = next_block(&chain, vec![]);
    assert!(chain.apply(&certified(block, &[1])).unwrap().events.is_empty());
    assert_eq!((chain.height(), chain.state().state_root()), (Height(1), before));
}
