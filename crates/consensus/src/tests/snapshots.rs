//! A chain that begins at a height, and rows that are proved to wallets.

use super::ring::*;
use crate::proof::{prove, verify, verify_row_of};
use crate::{BlockError, CertificateError, Chain, LoadError, ProofError, Proven};
use raylance_ledger::PathError;
use raylance_protocol::block::{Clock, RowProof, Snapshot};
use raylance_protocol::row::{Account, Row, key_bytes};
use raylance_protocol::{ChainId, Digest, Height, Microlux, Round};

/// Three blocks, and the state after the second.
fn grown() -> (Chain, Snapshot) {
    let mut chain = chain(1);
    assert_eq!(chain.snapshot(), None);
    for nonce in 0..2 {
        chain.apply(&final_block(&chain.clone(), 10, vec![transfer(&chain, 2, nonce, 3, 7)])).unwrap();
    }
    let snapshot = chain.snapshot().unwrap();
    (chain, snapshot)
}

#[test]
fn a_loaded_chain_goes_on_like_the_one_that_was_stored() {
    let (mut chain, snapshot) = grown();
    let mut loaded = Chain::load(genesis(1), snapshot.clone()).unwrap();
    assert_eq!(heights(&loaded), heights(&chain));
    assert_eq!(loaded.snapshot(), Some(snapshot));
    let next = final_block(&chain, 10, vec![transfer(&chain, 2, 2, 3, 7)]);
    chain.apply(&next).unwrap();
    loaded.apply(&next).unwrap();
    assert_eq!(heights(&loaded), heights(&chain));
    assert_eq!(loaded.tip(), chain.tip());
}

#[test]
fn a_forged_snapshot_is_not_loaded() {
    let (_, good) = grown();
    let load = |change: &dyn Fn(&mut Snapshot)| {
        let mut snapshot = good.clone();
        change(&mut snapshot);
        Chain::load(genesis(1), snapshot).map(drop).unwrap_err()
    };
    let balance = good.rows.iter().position(|(key, _)| key[0] == Account::TABLE).unwrap();
    assert!(matches!(load(&|s| s.rows[balance].1[0] ^= 1), LoadError::StateRoot { .. }));
    assert!(matches!(load(&|s| drop(s.rows.remove(balance))), LoadError::StateRoot { .. }));
    assert!(matches!(load(&|s| s.rows.clear()), LoadError::Rows(_)));
    assert!(matches!(load(&|s| s.rows.swap(0, 1)), LoadError::Rows(_)));
    let certificate = |error| matches!(error, LoadError::Block(BlockError::Certificate(_)));
    assert!(certificate(load(&|s| s.header.state_root = Digest([1; 32]))));
    assert!(certificate(load(&|s| s.certificate.round = Round(1))));
    assert!(certificate(load(&|s| s.certificate.signatures.clear())));
    assert!(matches!(load(&|s| s.header.chain = ChainId::default()), LoadError::Block(BlockError::WrongChain { .. })));
    assert!(matches!(load(&|s| s.header.validators = Digest([1; 32])), LoadError::Block(BlockError::Validators { .. })));
    let mut other = genesis(1);
    other.name = "other".to_owned();
    assert!(matches!(Chain::load(other, good).err(), Some(LoadError::Block(BlockError::WrongChain { .. }))));
}

#[test]
fn a_wallet_believes_a_row_by_its_proof() {
    let (chain, _) = grown();
    let proof = prove(&chain, &key_bytes::<Account>(&id(3))).unwrap();
    let row = Some(Account { balance: Microlux(FUNDS + 14), nonce: 0 });
    assert_eq!(verify_row_of::<Account>(&genesis(1), &id(3), &proof), Ok(Proven { height: Height(2), row }));
    // Any row, and that there is none.
    let clock = prove(&chain, &key_bytes::<Clock>(&())).unwrap();
    assert_eq!(verify_row_of::<Clock>(&genesis(1), &(), &clock).unwrap().row, Some(chain.state().clock()));
    let none = prove(&chain, &key_bytes::<Account>(&id(99))).unwrap();
    assert_eq!(verify_row_of::<Account>(&genesis(1), &id(99), &none), Ok(Proven { height: Height(2), row: None }));
    assert_eq!(prove(&super::ring::chain(1), &none.key), None);
}

#[test]
fn a_forged_proof_is_refused() {
    let (chain, _) = grown();
    let good = prove(&chain, &key_bytes::<Account>(&id(3))).unwrap();
    let check = |change: &dyn Fn(&mut RowProof)| {
        let mut proof = good.clone();
        change(&mut proof);
        verify_row_of::<Account>(&genesis(1), &id(3), &proof).unwrap_err()
    };
    assert!(matches!(check(&|p| p.value.as_mut().unwrap()[0] ^= 1), ProofError::Path(PathError::Root { .. })));
    assert!(matches!(check(&|p| p.value = None), ProofError::Path(_)));
    assert!(matches!(check(&|p| p.path.branches[0].1 = Digest([1; 32])), ProofError::Path(PathError::Root { .. })));
    assert!(matches!(check(&|p| p.path.branches.truncate(1)), ProofError::Path(_)));
    assert_eq!(check(&|p| p.key = key_bytes::<Account>(&id(2))), ProofError::OtherRow);
    assert!(matches!(check(&|p| p.header.time_ms += 1), ProofError::Certificate(CertificateError::OtherBlock { .. })));
    let thief = |p: &mut RowProof| p.certificate = certificate(&p.header, &[5]);
    assert_eq!(check(&thief), CertificateError::NotValidator(id(5)).into());
    assert!(matches!(check(&|p| p.header.chain = ChainId::default()), ProofError::WrongChain { .. }));
    assert!(matches!(check(&|p| p.header.validators = Digest([1; 32])), ProofError::Validators { .. }));
    let mut empty = genesis(1);
    empty.validators.clear();
    let mut proof = good.clone();
    proof.header.chain = empty.chain();
    assert!(matches!(verify(&empty, &proof), Err(ProofError::Genesis(_))));
}

#[test]
fn a_proof_of_one_ring_means_nothing_in_another() {
    let (chain, _) = grown();
    let proof = prove(&chain, &key_bytes::<Account>(&id(3))).unwrap();
    let mut other = genesis(1);
    other.balances[0].1 = Microlux(1);
    assert!(matches!(verify(&other, &proof), Err(ProofError::WrongChain { .. })));
}
