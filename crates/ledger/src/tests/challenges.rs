//! Challenges: what may come to court.

use super::ring::*;
use crate::{Event, Refusal};
use raylance_protocol::job::list_hash;
use raylance_protocol::row::{Case, ChannelState};
use raylance_protocol::*;
use raylance_verify::{EvidenceError, PathError};

/// A ring with an open claim of W1 for units 0 and 1; leaf 0 of unit 1 is wrong.
fn claimed() -> (TestRing, JobId, Film) {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let claim = ring.claim_of(job, W1, 0..2, &[1]);
    ring.act(W1, Action::Claim(claim)).unwrap();
    let film = film(ring.chain, job, W1, 1, &[0]);
    (ring, job, film)
}

fn challenge(challenge: Challenge) -> Action {
    Action::Challenge(Box::new(challenge))
}

#[test]
fn a_challenge_opens_a_case_with_the_leaf_and_todays_validators_and_suspends_the_claim() {
    let (mut ring, job, film) = claimed();
    let before = ring.balance(ARTIST);
    ring.act(ARTIST, challenge(film.challenge(0))).unwrap();
    let case: Case = ring.state.get(&CaseId(0)).unwrap();
    let Leaf([r, g, b]) = truth(&film.addresses[0]);
    assert_eq!((case.opened, case.address), (Leaf([r, g, b ^ 1]), film.addresses[0]));
    assert_eq!((case.bond.0, case.voters.len(), case.deadline), (bond(), 4, Some(RingTime(PARAMETERS.court_ms(1_000_000)))));
    assert!(before - bond() - ring.balance(ARTIST) < 40, "the bond and a fee");
    assert!(matches!(ring.channel(job, W1).state, ChannelState::InCourt { case: CaseId(0), .. }));
    assert!(ring.happened(|event| matches!(event, Event::CaseOpened { case: CaseId(0), .. })));
    ring.pass(1_000);
    assert_eq!(ring.file(job, W1, 2..3), Err(Refusal::InCourt(CaseId(0))));
    assert_eq!(ring.act(ARTIST, challenge(film.challenge(0))), Err(Refusal::InCourt(CaseId(0))));
    ring.act(ARTIST, pay(job, vec![row(W1, 2_000, 0)])).unwrap();
    assert_eq!(ring.channel(job, W1).paid.0, 0, "a Pay passes over a row in court");
}

#[test]
fn only_the_artist_challenges_and_only_while_the_claim_is_open() {
    let (mut ring, job, film) = claimed();
    assert_eq!(ring.act(W2, challenge(film.challenge(0))), Err(Refusal::NotArtist(id(ARTIST))));
    ring.pass(PARAMETERS.window_ms - 1);
    let mut late = ring.clone();
    ring.act(ARTIST, challenge(film.challenge(0))).unwrap();
    late.pass(1);
    assert_eq!(late.act(ARTIST, challenge(film.challenge(0))), Err(Refusal::NoClaim(id(W1))));
    let (mut open, other) = TestRing::with_job(&[(W1, 5_000), (W2, 5_000)]);
    let film = super::ring::film(open.chain, other, W1, 1, &[0]);
    assert_eq!(open.act(ARTIST, challenge(film.challenge(0))), Err(Refusal::NoClaim(id(W1))));
    let stranger = super::ring::film(open.chain, other, W3, 1, &[0]);
    assert_eq!(open.act(ARTIST, challenge(stranger.challenge(0))), Err(Refusal::NoChannel(id(W3))));
    assert_eq!(job, other, "both rings have the same history so far");
}

#[test]
fn a_claim_that_waits_for_its_payment_can_not_be_challenged_any_more() {
    let parameters = RingParameters { due_rows_per_block: 1, ..PARAMETERS };
    let genesis = genesis_of(parameters, &[(V[0], 1)], &[(ARTIST, FUNDS), (W1, FUNDS), (W2, FUNDS)]);
    let mut ring = TestRing::from(&genesis);
    let job = ring.open(&[(W1, 5_000), (W2, 5_000)]);
    let (first, second) = (ring.claim(job, W2, 0..1), ring.claim_of(job, W1, 0..2, &[1]));
    ring.block(0, vec![(W2, Action::Claim(first)), (W1, Action::Claim(second))]);
    ring.pass(PARAMETERS.window_ms);
    assert!(matches!(ring.channel(job, W1).state, ChannelState::Claimed(_)), "its turn has not come yet");
    let film = film(ring.chain, job, W1, 1, &[0]);
    let now = RingTime(PARAMETERS.window_ms);
    let mut draft = ring.state.draft(ring.header_ms);
    // The next block pays it first; a draft of the same state shows the rule by itself.
    draft.state = ring.state.clone();
    let tx = ring.sign(&draft, ARTIST, challenge(film.challenge(0)));
    assert_eq!(draft.execute(&tx), Err(Refusal::ChallengeOver { due: now, now }));
}

#[test]
fn evidence_must_fit_in_every_part() {
    let (mut ring, job, film) = claimed();
    let mut check = |change: &dyn Fn(&mut Challenge), expected: EvidenceError| {
        let mut evidence = film.challenge(0);
        change(&mut evidence);
        assert_eq!(ring.act(ARTIST, challenge(evidence)), Err(Refusal::Evidence(expected)));
    };
    check(&|c| c.spec.salt = [1; 16], EvidenceError::Spec);
    check(&|c| c.leaf_count = 5, EvidenceError::LeafCount { wanted: 4, found: 5 });
    let absent = PathError::NoSuchLeaf { index: LeafIndex(4), leaf_count: 4 };
    check(&|c| c.index = LeafIndex(4), EvidenceError::Path(absent));
    check(&|c| c.index = LeafIndex(1), EvidenceError::Address { index: LeafIndex(1) });
    check(&|c| c.address.x_px = 1, EvidenceError::Address { index: LeafIndex(0) });
    check(&|c| c.sealed_leaf[0] ^= 1, EvidenceError::Path(PathError::Root { index: LeafIndex(0) }));
    check(&|c| c.path[1].0[0] ^= 1, EvidenceError::Path(PathError::Root { index: LeafIndex(0) }));
    let length = PathError::Length { index: LeafIndex(0), wanted: 2, found: 1 };
    check(&|c| c.path.truncate(1), EvidenceError::Path(length));
    assert!(matches!(ring.channel(job, W1).state, ChannelState::Claimed(_)));
}

#[test]
fn evidence_that_the_worker_did_not_sign_never_gets_so_far() {
    let (ring, _, film) = claimed();
    let check = |change: &dyn Fn(&mut Challenge)| {
        let mut evidence = film.challenge(0);
        change(&mut evidence);
        let tx = Tx { nonce: ring.nonce(ARTIST), valid_until: RingTime::NEVER, action: challenge(evidence) };
        assert_eq!(CheckedTx::check(ring.chain, keys(ARTIST).sign(ring.chain, &tx)).err(), Some(OpenError::Signature));
    };
    check(&|c| c.key.0[0] ^= 1);
    check(&|c| c.root.0.0[0] ^= 1);
    check(&|c| c.task = Task::Unit(UnitIndex(2)));
    check(&|c| c.worker = id(W2));
    check(&|c| c.job = JobId::default());
}

#[test]
fn a_specification_with_other_terms_than_the_job_convicts_nobody() {
    let mut ring = TestRing::new();
    let terms = OpenJob { scene_bytes: 1, ..open_job(&[(W1, 5_000)]) };
    let job = JobId::opened(ring.chain, id(ARTIST), 0, spec().hash());
    ring.act(ARTIST, Action::OpenJob(terms)).unwrap();
    let claim = ring.claim_of(job, W1, 0..2, &[1]);
    ring.act(W1, Action::Claim(claim)).unwrap();
    let film = film(ring.chain, job, W1, 1, &[0]);
    let refused = ring.act(ARTIST, challenge(film.challenge(0)));
    assert_eq!(refused, Err(Refusal::Evidence(EvidenceError::Terms)), "a cheap court for a large scene");
}

#[test]
fn any_keyed_delivery_of_the_worker_in_this_job_may_be_challenged() {
    let (mut ring, job, _) = claimed();
    let unclaimed = film(ring.chain, job, W1, 9, &[2]);
    ring.act(ARTIST, challenge(unclaimed.challenge(2))).unwrap();
}

#[test]
fn a_leaf_of_a_list_may_be_challenged() {
    let (mut ring, job, _) = claimed();
    let work = spec().work;
    let addresses: Vec<_> = [(3, 1), (5, 0), (3, 1)].map(|(unit, leaf)| work.address(UnitIndex(unit), LeafIndex(leaf)).unwrap()).to_vec();
    let list = film_of(ring.chain, job, W1, Task::List(list_hash(&addresses)), addresses, &[1]);
    ring.act(ARTIST, challenge(list.challenge(1))).unwrap();
    assert_eq!(ring.state.get::<Case>(&CaseId(0)).unwrap().address.frame, 5);
}

#[test]
fn a_challenge_without_money_for_its_bond_is_refused() {
    let genesis = genesis_of(PARAMETERS, &[(V[0], 1)], &[(ARTIST, 5_100), (W1, FUNDS)]);
    let mut ring = TestRing::from(&genesis);
    let job = ring.open(&[(W1, 5_000)]);
    let claim = ring.claim_of(job, W1, 0..2, &[1]);
    ring.act(W1, Action::Claim(claim)).unwrap();
    let film = film(ring.chain, job, W1, 1, &[0]);
    assert!(matches!(ring.act(ARTIST, challenge(film.challenge(0))), Err(Refusal::Balance { .. })));
}
