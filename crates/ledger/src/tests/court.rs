//! Rulings: what cases come to.

use super::ring::*;
use crate::{Event, Reason, Refusal, Verdict};
use raylance_protocol::row::{Case, ChannelState, Court};
use raylance_protocol::*;

const COURT_MS: u64 = 7_000;

fn rule(case: u64, value: Option<Leaf>) -> Action {
    Action::Ruling { case: CaseId(case), value }
}

/// W1 claims units 0 and 1 and the artist challenges leaf 0 of unit 1, which is right or wrong.
fn in_court(wrong: &[u32]) -> (TestRing, JobId, Film) {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let film = accuse(&mut ring, job, wrong);
    (ring, job, film)
}

fn accuse(ring: &mut TestRing, job: JobId, wrong: &[u32]) -> Film {
    let claim = ring.claim_of(job, W1, 0..2, wrong);
    ring.act(W1, Action::Claim(claim)).unwrap();
    let leaves: &[u32] = if wrong.contains(&1) { &[0] } else { &[] };
    let film = film(ring.chain, job, W1, 1, leaves);
    ring.act(ARTIST, Action::Challenge(Box::new(film.challenge(0)))).unwrap();
    film
}

fn verdict(ring: &TestRing) -> Option<Verdict> {
    ring.events.iter().find_map(|event| if let Event::Ruled { verdict, .. } = event { Some(*verdict) } else { None })
}

fn shares(ring: &TestRing) -> Vec<(AccountId, i64)> {
    let share = |event: &Event| match event {
        Event::Moved { account, change, reason: Reason::Court { .. }, .. } => Some((*account, change.0)),
        _ => None,
    };
    ring.events.iter().filter_map(share).collect()
}

#[test]
fn another_value_of_more_than_two_thirds_convicts() {
    let (mut ring, job, film) = in_court(&[1]);
    let right = truth(&film.addresses[0]);
    let (artist, worker, burned) = (ring.balance(ARTIST), ring.balance(W1), ring.state.totals().burned.0);
    ring.act(V[0], rule(0, Some(right))).unwrap();
    ring.act(V[1], rule(0, Some(right))).unwrap();
    assert!(matches!(ring.channel(job, W1).state, ChannelState::InCourt { .. }), "two of four are not enough");
    let before = ring.state.totals().burned.0;
    ring.act(V[2], rule(0, Some(right))).unwrap();
    assert_eq!(verdict(&ring), Some(Verdict::Wrong { value: right }));
    assert_eq!(ring.channel(job, W1).state, ChannelState::Void);
    assert_eq!((ring.balance(W1), ring.balance(ARTIST)), (worker, artist + bond() + 5_000));
    let mut expected = [V[0], V[1], V[2]].map(|v| (id(v), (bond() / 3) as i64));
    expected.sort();
    assert_eq!(shares(&ring), expected);
    assert_eq!(ring.state.totals().burned.0 - before - 1, bond() % 3, "what can't be split is burned, beside half a fee");
    assert!(burned < before);
    assert_eq!(ring.state.get::<Case>(&CaseId(0)), None);
    assert_eq!(ring.file(job, W1, 2..3), Err(Refusal::ChannelEnded(id(W1))));
}

#[test]
fn the_delivered_value_pays_the_claim_from_the_artists_bond() {
    let (mut ring, job, film) = in_court(&[]);
    let (artist, worker) = (ring.balance(ARTIST), ring.balance(W1));
    for v in &V[..3] {
        ring.act(*v, rule(0, Some(truth(&film.addresses[0])))).unwrap();
    }
    assert_eq!(verdict(&ring), Some(Verdict::Right));
    assert_eq!((ring.balance(W1), ring.balance(ARTIST)), (worker + 2_000 + bond(), artist));
    assert_eq!(shares(&ring).len(), 3);
    let channel = ring.channel(job, W1);
    assert_eq!((channel.paid.0, channel.state, channel.claims_until.0), (2_000, ChannelState::Open, PARAMETERS.window_ms));
    ring.file(job, W1, 2..3).unwrap();
}

#[test]
fn a_scene_that_nobody_is_served_loses_the_case_for_the_artist() {
    let (mut ring, job, _) = in_court(&[1]);
    for v in &V[..3] {
        ring.act(*v, rule(0, None)).unwrap();
    }
    assert_eq!(verdict(&ring), Some(Verdict::NoValue));
    assert_eq!((ring.channel(job, W1).paid.0, shares(&ring).len()), (2_000, 3));
}

#[test]
fn no_decision_by_the_deadline_pays_the_claim_and_all_who_voted() {
    let (mut ring, job, film) = in_court(&[1]);
    ring.act(V[0], rule(0, Some(truth(&film.addresses[0])))).unwrap();
    ring.act(V[1], rule(0, None)).unwrap();
    ring.act(V[2], rule(0, Some(Leaf([1, 2, 3])))).unwrap();
    ring.act(V[3], rule(0, Some(Leaf([1, 2, 4])))).unwrap();
    assert_eq!(verdict(&ring), None, "nobody can win any more, and still the deadline decides");
    ring.pass(COURT_MS - 1);
    assert!(matches!(ring.channel(job, W1).state, ChannelState::InCourt { .. }));
    ring.pass(1);
    assert_eq!(verdict(&ring), Some(Verdict::Undecided));
    assert_eq!((ring.channel(job, W1).paid.0, shares(&ring).len()), (2_000, 4));
}

#[test]
fn a_court_that_says_nothing_burns_the_artists_bond() {
    let (mut ring, job, _) = in_court(&[1]);
    let burned = ring.state.totals().burned.0;
    ring.pass(COURT_MS);
    assert_eq!((ring.channel(job, W1).paid.0, shares(&ring).len()), (2_000, 0));
    assert_eq!(ring.state.totals().burned.0, burned + bond());
}

#[test]
fn each_validator_of_the_challenges_block_votes_once_and_only_in_the_case_that_is_heard() {
    let (mut ring, _, film) = in_court(&[1]);
    let right = Some(truth(&film.addresses[0]));
    assert_eq!(ring.act(W2, rule(0, right)), Err(Refusal::NotVoter));
    assert_eq!(ring.act(V[0], rule(1, right)), Err(Refusal::NotHeard(CaseId(1))));
    ring.act(V[0], rule(0, None)).unwrap();
    assert_eq!(ring.act(V[0], rule(0, right)), Err(Refusal::Voted));
    for v in &V[1..] {
        ring.act(*v, rule(0, right)).unwrap();
    }
    assert_eq!(shares(&ring).len(), 3, "who voted otherwise gets nothing");
    assert_eq!(ring.act(V[0], rule(0, right)), Err(Refusal::NotHeard(CaseId(0))));
}

#[test]
fn stake_counts_and_exactly_two_thirds_are_not_enough() {
    let people = [ARTIST, W1, V[0], V[1], V[2]].map(|n| (n, FUNDS));
    let check = |stakes: [u64; 3], votes: &[u8], decided: bool| {
        let validators = [(V[0], stakes[0]), (V[1], stakes[1]), (V[2], stakes[2])];
        let mut ring = TestRing::from(&genesis_of(PARAMETERS, &validators, &people));
        let job = ring.open(&[(W1, 5_000)]);
        let film = accuse(&mut ring, job, &[1]);
        for v in votes {
            ring.act(*v, rule(0, Some(truth(&film.addresses[0])))).unwrap();
        }
        assert_eq!(verdict(&ring).is_some(), decided, "{stakes:?}");
    };
    check([1, 1, 1], &[V[0], V[1]], false);
    check([1, 1, 1], &[V[0], V[1], V[2]], true);
    check([2, 1, 1], &[V[0], V[1]], true);
    check([u64::MAX, u64::MAX, u64::MAX], &[V[0], V[1]], false);
    check([u64::MAX, 1, 1], &[V[0]], true);
}

#[test]
fn cases_are_heard_in_order_and_a_deadline_begins_when_its_case_is_first() {
    let mut ring = TestRing::new();
    let jobs = [ring.open(&[(W1, 5_000)]), ring.open(&[(W1, 5_000)]), ring.open(&[(W1, 5_000)])];
    let films = jobs.map(|job| accuse(&mut ring, job, &[1]));
    assert_eq!(ring.state.get::<Court>(&()), Some(Court { first: CaseId(0), next: CaseId(3) }));
    assert_eq!(ring.act(V[0], rule(1, None)), Err(Refusal::NotHeard(CaseId(1))));
    ring.pass(COURT_MS);
    assert_eq!(ring.channel(jobs[0], W1).paid.0, 2_000, "undecided");
    assert_eq!(ring.state.get::<Case>(&CaseId(1)).unwrap().deadline, Some(RingTime(2 * COURT_MS)));
    assert_eq!(ring.state.get::<Case>(&CaseId(2)).unwrap().deadline, None);
    ring.pass(PARAMETERS.window_ms - COURT_MS - 1);
    let right = Some(truth(&films[2].addresses[0]));
    for v in &V[..3] {
        ring.act(*v, rule(2, right)).unwrap();
    }
    assert_eq!(ring.channel(jobs[2], W1).state, ChannelState::Void, "a flood delays, but never decides");
    assert_eq!(ring.channel(jobs[1], W1).paid.0, 2_000);
}

#[test]
fn a_ruling_in_a_closing_job_gives_one_more_window_and_then_the_row_ends() {
    let (mut ring, job, film) = in_court(&[]);
    ring.act(ARTIST, close(job)).unwrap();
    ring.pass(COURT_MS - 1);
    for v in &V[..3] {
        ring.act(*v, rule(0, Some(truth(&film.addresses[0])))).unwrap();
    }
    let until = RingTime(COURT_MS - 1 + PARAMETERS.window_ms);
    assert_eq!(ring.channel(job, W1).claims_until, until);
    ring.pass_until(RingTime(PARAMETERS.window_ms));
    assert!(ring.is_open(job, W1), "the job's own window is over, the row's is not");
    ring.pass_until(RingTime(until.0 - 1));
    ring.clone().file(job, W1, 2..3).unwrap();
    ring.pass(1);
    assert_eq!(ring.state.jobs().count(), 0);
}

#[test]
fn a_conviction_in_a_closing_job_ends_the_row_at_once() {
    let (mut ring, job, film) = in_court(&[1]);
    ring.act(ARTIST, close(job)).unwrap();
    ring.pass(100);
    for v in &V[..3] {
        ring.act(*v, rule(0, Some(truth(&film.addresses[0])))).unwrap();
    }
    ring.block(0, vec![]);
    assert_eq!((ring.state.jobs().count(), ring.state.totals().bonds.0, ring.state.totals().reserves.0), (0, 0, 0));
}

#[test]
fn a_claim_after_a_ruling_may_be_challenged_again() {
    let (mut ring, job, film) = in_court(&[]);
    for v in &V[..3] {
        ring.act(*v, rule(0, Some(truth(&film.addresses[0])))).unwrap();
    }
    ring.file(job, W1, 2..3).unwrap();
    ring.act(ARTIST, Action::Challenge(Box::new(film.challenge(1)))).unwrap();
    assert!(matches!(ring.channel(job, W1).state, ChannelState::InCourt { case: CaseId(1), .. }));
}
