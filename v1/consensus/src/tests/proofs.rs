//! A wallet with nothing but the genesis believes a proof exactly when every byte of it is right.

use super::ring::*;
use crate::{CertificateError, ProofError, prove_account, verify_account_proof};
use raylance_v1_ledger::{Account, PathError};
use raylance_v1_protocol::{AccountProof, Microlux};

fn proofs() -> (raylance_v1_protocol::Genesis, Vec<AccountProof>) {
    let mut chain = chain(4);
    let txs = (0..12).map(|nonce| transfer(&chain, 1, nonce, 3 + nonce as u8, 5)).collect();
    let block = next_block(&chain, txs);
    chain.apply(&certified(block, &[1, 3, 4])).unwrap();
    let prove = |n| prove_account(&chain, id(n)).unwrap();
    (genesis(4), vec![prove(1), prove(5), prove(99)])
}

#[test]
fn a_proof_shows_the_account_at_its_height() {
    let (genesis, proofs) = proofs();
    let shown: Vec<_> = proofs.iter().map(|proof| verify_account_proof(&genesis, proof).unwrap()).collect();
    let account = |balance, nonce| Account { balance_microlux: Microlux(balance), nonce };
    assert_eq!(shown, [account(FUNDS - 60, 12), account(5, 0), Account::default()]);
    assert!(proofs.iter().all(|proof| proof.header.height.0 == 1));
}

#[test]
fn a_proof_with_any_byte_changed_proves_nothing() {
    let (genesis, proofs) = proofs();
    for proof in &proofs {
        let bytes = raylance_v1_protocol::encode(proof);
        // An absent account's neighbour may be absent by the same path: that is a true proof about another account.
        let first = if proof.value.is_empty() { 32 } else { 0 };
        for at in first..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            let Ok(changed) = raylance_v1_protocol::decode::<AccountProof>(&changed, bytes.len()) else { continue };
            assert!(verify_account_proof(&genesis, &changed).is_err(), "byte {at} of {} for {:?}", bytes.len(), proof.account);
        }
    }
}

#[test]
fn a_proof_says_what_is_wrong_with_it() {
    let (genesis, proofs) = proofs();
    let check = |change: &dyn Fn(&mut AccountProof), expected: ProofError| {
        let mut proof = proofs[0].clone();
        change(&mut proof);
        assert_eq!(verify_account_proof(&genesis, &proof), Err(expected));
    };
    check(&|p| drop(p.certificate.signatures.pop()), CertificateError::TooFew { have: 2, validators: 4, required: 3 }.into());
    check(&|p| p.account = id(5), PathError::Root(id(5)).into());
    check(&|p| p.value.clone_from(&proofs[1].value), PathError::Root(id(1)).into());
    check(&|p| p.path.clone_from(&proofs[1].path), PathError::Root(id(1)).into());
    check(&|p| p.value.clear(), PathError::Root(id(1)).into());
    let chain = |n| super::ring::genesis(n).chain();
    let found = verify_account_proof(&super::ring::genesis(1), &proofs[0]);
    assert_eq!(found, Err(ProofError::WrongChain { expected: chain(1), found: chain(4) }));
}

#[test]
fn before_the_first_block_there_is_no_proof() {
    assert_eq!(prove_account(&chain(1), id(1)), None);
}
