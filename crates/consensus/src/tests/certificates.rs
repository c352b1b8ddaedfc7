//! When a block is final, and who lied.

use super::ring::*;
use crate::{CertificateError, Evidence, EvidenceError, Validators, ValidatorsError};
use raylance_protocol::block::{Block, Certificate, Header, Validator, Vote, VoteKind};
use raylance_protocol::{Height, OpenError, Round, limits};
use std::collections::BTreeMap;

fn header(validators: &Validators) -> Header {
    let chain = chain(validators.as_slice().len());
    block(&chain, Vec::new()).header
}

fn ring(stakes: &[u64]) -> Validators {
    Validators::new(genesis_of(stakes).validators).unwrap()
}

#[test]
fn a_set_of_validators_is_ascending_distinct_and_has_stakes() {
    let validator = |n, stake| Validator { account: id(n), stake };
    let mut two = vec![validator(1, 1), validator(2, 1)];
    two.sort();
    assert!(Validators::new(two.clone()).is_ok());
    assert_eq!(Validators::new(Vec::new()), Err(ValidatorsError::Count(0)));
    let many = vec![two[0]; limits::VALIDATORS_MAX + 1];
    assert_eq!(Validators::new(many), Err(ValidatorsError::Count(limits::VALIDATORS_MAX + 1)));
    assert_eq!(Validators::new(vec![two[1], two[0]]), Err(ValidatorsError::Order(two[0].account)));
    assert_eq!(Validators::new(vec![two[0], two[0]]), Err(ValidatorsError::Order(two[0].account)));
    assert_eq!(Validators::new(vec![validator(1, 0)]), Err(ValidatorsError::Stake(id(1))));
}

#[test]
fn more_than_two_thirds_of_the_stake_make_a_block_final() {
    let check = |stakes: &[u64], signers: &[u8], is_final: bool| {
        let (validators, header) = (ring(stakes), header(&ring(stakes)));
        let result = validators.check_certificate(&header, &certificate(&header, signers));
        assert_eq!(result.is_ok(), is_final, "stakes {stakes:?}, signers {signers:?}: {result:?}");
    };
    check(&[1], &[1], true);
    check(&[1], &[], false);
    check(&[1, 1], &[1], false);
    check(&[1, 1, 1], &[1, 2], false);
    check(&[1, 1, 1], &[1, 2, 3], true);
    check(&[1, 1, 1, 1], &[1, 2], false);
    check(&[1, 1, 1, 1], &[2, 3, 4], true);
    // Stakes count, not heads.
    check(&[7, 1, 1, 1], &[1], true);
    check(&[2, 1], &[1], false);
    check(&[1, 1, 8], &[1, 2], false);
    check(&[u64::MAX, u64::MAX, u64::MAX], &[1, 2], false);
    check(&[u64::MAX, u64::MAX, u64::MAX], &[1, 2, 3], true);
}

#[test]
fn a_certificate_cannot_be_padded() {
    let (validators, header) = (ring(&[1, 1, 1, 1]), header(&ring(&[1, 1, 1, 1])));
    let good = certificate(&header, &[1, 2, 3]);
    let check = |change: &dyn Fn(&mut Certificate), expected: CertificateError| {
        let mut certificate = good.clone();
        change(&mut certificate);
        assert_eq!(validators.check_certificate(&header, &certificate), Err(expected));
    };
    assert_eq!(validators.check_certificate(&header, &good), Ok(()));
    assert_eq!(validators.check_certificate(&header, &certificate(&header, &[1, 2, 3, 4])), Ok(()));

    let of = |n: u8| certificate(&header, &[n]).signatures[0];
    let two = certificate(&header, &[1, 2]).signatures;
    check(&|c| c.signatures = two.clone(), CertificateError::TooLittle { have: 2, total: 4 });
    check(&|c| c.signatures = vec![two[0], two[0], two[1]], CertificateError::Order(two[0].0));
    check(&|c| c.signatures.reverse(), CertificateError::Order(good.signatures[1].0));
    check(&|c| c.signatures.extend([of(4), of(5)]), CertificateError::TooMany { count: 5, validators: 4 });
    // A stranger's signature, good as it is, is nobody's vote; nor may one stand beside enough good ones.
    let mut strange = two.clone();
    strange.push(of(5));
    strange.sort();
    check(&|c| c.signatures = strange.clone(), CertificateError::NotValidator(id(5)));
    // A bad fourth signature beside three good ones.
    let mut bad = good.signatures.clone();
    bad.push((id(4), good.signatures[0].1));
    bad.sort();
    check(&|c| c.signatures = bad.clone(), CertificateError::Signature(id(4)));
}

#[test]
fn a_certificate_is_for_one_header_of_one_height() {
    let (validators, header) = (ring(&[1]), header(&ring(&[1])));
    let good = certificate(&header, &[1]);
    let expected = header.hash();
    let other = CertificateError::OtherBlock { expected, found: header_hash(9), height: Height(1) };
    assert_eq!(validators.check_certificate(&header, &Certificate { header: header_hash(9), ..good.clone() }), Err(other));
    let high = CertificateError::OtherBlock { expected, found: expected, height: Height(2) };
    assert_eq!(validators.check_certificate(&header, &Certificate { height: Height(2), ..good.clone() }), Err(high));
    // Another round than was signed.
    let round = Certificate { round: Round(1), ..good };
    assert_eq!(validators.check_certificate(&header, &round), Err(CertificateError::Signature(id(1))));
    // A later round is fine where it was signed; one before the proposal is not.
    assert_eq!(validators.check_certificate(&header, &certificate_of(&header, 3, &[(1, vote(&header, 3))])), Ok(()));
    let late = Header { round: Round(4), ..header };
    let early = certificate_of(&late, 3, &[(1, vote(&late, 3))]);
    assert_eq!(validators.check_certificate(&late, &early), Err(CertificateError::Round { proposed: Round(4), found: Round(3) }));
    // Prevotes and nil votes are no precommits.
    for kind in [Vote { kind: VoteKind::Prevote, ..vote(&late, 4) }, Vote { header: None, ..vote(&late, 4) }] {
        let certificate = certificate_of(&late, 4, &[(1, kind)]);
        assert_eq!(validators.check_certificate(&late, &certificate), Err(CertificateError::Signature(id(1))));
    }
}

/// Honest 1, 2 and 3 keep every rule of locking; 4 precommits whatever helps. X has precommits of 1 in round 0 and 3 in round 2, Y of 2 in
/// round 1 and 1 in round 3: with the traitor's, each has three of four, if rounds are not looked at.
#[test]
fn precommits_of_several_rounds_make_no_two_blocks_final() {
    let chain = chain(4);
    let x = block_after(&chain, 10, Vec::new());
    let y = block_after(&chain, 11, Vec::new());
    let mut votes: Vec<(u8, u32, &Block)> = vec![(1, 0, &x), (3, 2, &x), (2, 1, &y), (1, 3, &y)];
    for round in 0..4 {
        votes.extend([(4, round, &x), (4, round, &y)]);
    }
    let mut finals = 0;
    for target in [&x, &y] {
        let theirs: Vec<_> = votes.iter().filter(|vote| vote.2 == target).collect();
        let distinct: BTreeMap<u8, u32> = theirs.iter().map(|(n, round, _)| (*n, *round)).collect();
        assert!(chain.validators().is_quorum(distinct.len() as u128), "without rounds both would be final");
        // Every way to choose one vote of each validator, under every round that the certificate may claim.
        for choice in 0..4_u32.pow(4) {
            let rounds = [choice % 4, choice / 4 % 4, choice / 16 % 4, choice / 64];
            let chosen: Vec<_> = theirs.iter().filter(|(n, round, _)| rounds[usize::from(*n) - 1] == *round).collect();
            for claimed in 0..4 {
                let votes: Vec<_> = chosen.iter().map(|(n, round, _)| (*n, vote(&target.header, *round))).collect();
                let certificate = certificate_of(&target.header, claimed, &votes);
                finals += usize::from(chain.validators().check_certificate(&target.header, &certificate).is_ok());
            }
        }
    }
    assert_eq!(finals, 0);
}

#[test]
fn two_precommits_of_one_round_are_evidence() {
    let (chain, validators) = (chain(4), ring(&[1, 1, 1, 1]));
    let precommit = |n: u8, round: u32, header: Option<u8>| {
        let vote = Vote { kind: VoteKind::Precommit, height: Height(5), round: Round(round), header: header.map(header_hash) };
        keys(n).sign(chain.id(), &vote)
    };
    let check = |first, second| Evidence { first, second }.check(chain.id(), &validators);
    assert_eq!(check(precommit(2, 0, Some(1)), precommit(2, 0, Some(2))), Ok(id(2)));
    assert_eq!(check(precommit(2, 0, Some(1)), precommit(2, 0, None)), Ok(id(2)));

    assert_eq!(check(precommit(2, 0, Some(1)), precommit(2, 0, Some(1))), Err(EvidenceError::Same));
    assert_eq!(check(precommit(2, 0, Some(1)), precommit(2, 1, Some(2))), Err(EvidenceError::Round));
    assert_eq!(check(precommit(2, 0, Some(1)), precommit(3, 0, Some(2))), Err(EvidenceError::Signers(id(2), id(3))));
    assert_eq!(check(precommit(7, 0, Some(1)), precommit(7, 0, Some(2))), Err(EvidenceError::NotValidator(id(7))));
    let prevote = Vote { kind: VoteKind::Prevote, height: Height(5), round: Round(0), header: Some(header_hash(2)) };
    assert_eq!(check(precommit(2, 0, Some(1)), keys(2).sign(chain.id(), &prevote)), Err(EvidenceError::Kind));
    let other_ring = Evidence { first: precommit(2, 0, Some(1)), second: precommit(2, 0, Some(2)) };
    assert_eq!(other_ring.check(Default::default(), &validators), Err(OpenError::Signature.into()));
}
