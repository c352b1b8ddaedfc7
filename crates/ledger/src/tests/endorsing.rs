//! Which renderers jobs may name.

use super::ring::*;
use crate::{Event, Refusal};
use raylance_protocol::row::Renderer;
use raylance_protocol::*;

const NEW: Digest = Digest([6; 32]);

fn endorse(renderer: Digest, listed: bool) -> Action {
    Action::Endorse { renderer, listed }
}

fn is_listed(ring: &TestRing, renderer: Digest) -> Option<bool> {
    ring.state.get::<Renderer>(&renderer).map(|renderer| renderer.listed)
}

fn delist(ring: &mut TestRing, renderer: Digest) {
    for v in &V[..3] {
        ring.act(*v, endorse(renderer, false)).unwrap();
    }
}

#[test]
fn more_than_two_thirds_of_the_stake_put_a_renderer_on_the_list_and_take_it_off() {
    let mut ring = TestRing::new();
    let open = || Action::OpenJob(OpenJob { renderer: NEW, ..open_job(&[]) });
    for v in &V[..2] {
        ring.act(*v, endorse(NEW, true)).unwrap();
    }
    assert_eq!(is_listed(&ring, NEW), Some(false));
    assert_eq!(ring.act(ARTIST, open()), Err(Refusal::Renderer(NEW)));
    ring.act(V[2], endorse(NEW, true)).unwrap();
    assert!(ring.happened(|event| *event == Event::RendererListed { renderer: NEW, listed: true }));
    ring.act(ARTIST, open()).unwrap();
    delist(&mut ring, NEW);
    assert_eq!(is_listed(&ring, NEW), Some(false));
    assert_eq!(ring.act(ARTIST, open()), Err(Refusal::Renderer(NEW)));
}

#[test]
fn only_validators_endorse_each_once_and_a_vote_can_be_taken_back() {
    let mut ring = TestRing::new();
    assert_eq!(ring.act(ARTIST, endorse(NEW, true)), Err(Refusal::NotValidator));
    assert_eq!(ring.act(V[0], endorse(NEW, false)), Err(Refusal::Nothing));
    assert_eq!(ring.act(V[0], endorse(RENDERER, true)), Err(Refusal::Nothing));
    ring.act(V[0], endorse(RENDERER, false)).unwrap();
    assert_eq!(ring.act(V[0], endorse(RENDERER, false)), Err(Refusal::Nothing));
    ring.act(V[0], endorse(RENDERER, true)).unwrap();
    ring.act(V[1], endorse(RENDERER, false)).unwrap();
    ring.act(V[2], endorse(RENDERER, false)).unwrap();
    assert_eq!(is_listed(&ring, RENDERER), Some(true), "two votes stand");
}

#[test]
fn a_delisted_renderer_stays_for_the_longest_job_and_four_windows() {
    let mut ring = TestRing::new();
    delist(&mut ring, RENDERER);
    let leaves = RingTime(PARAMETERS.job_ms_max + 4 * PARAMETERS.window_ms);
    ring.pass_until(RingTime(leaves.0 - 1));
    assert_eq!(is_listed(&ring, RENDERER), Some(false));
    ring.pass(1);
    assert_eq!(is_listed(&ring, RENDERER), None);
}

#[test]
fn a_renderer_that_came_back_stays_and_one_that_left_again_has_its_whole_time() {
    let mut ring = TestRing::new();
    delist(&mut ring, RENDERER);
    ring.pass(1_000);
    for v in &V[..3] {
        ring.act(*v, endorse(RENDERER, true)).unwrap();
    }
    ring.pass(1_000);
    delist(&mut ring, RENDERER);
    let leaves = RingTime(PARAMETERS.job_ms_max + 4 * PARAMETERS.window_ms);
    ring.pass_until(leaves.after(1_999));
    assert_eq!(is_listed(&ring, RENDERER), Some(false));
    ring.pass(1);
    assert_eq!(is_listed(&ring, RENDERER), None);
}

#[test]
fn a_job_of_a_delisted_renderer_can_not_be_prolonged() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    delist(&mut ring, RENDERER);
    let ends_by = Some(RingTime(160_000));
    let result = ring.act(ARTIST, Action::Pay(Pay { job, rows: vec![], close: false, ends_by }));
    assert_eq!(result, Err(Refusal::Renderer(RENDERER)), "the court would have forgotten it");
    ring.act(ARTIST, pay(job, vec![row(W1, 1_000, 6_000)])).unwrap();
}

#[test]
fn a_validator_proposes_one_renderer_at_a_time_and_a_proposal_leaves_with_its_last_vote() {
    let mut ring = TestRing::new();
    let other = Digest([7; 32]);
    ring.act(V[0], endorse(NEW, true)).unwrap();
    assert_eq!(ring.act(V[0], endorse(other, true)), Err(Refusal::EndorsesAnother(NEW)));
    ring.act(V[0], endorse(NEW, false)).unwrap();
    assert_eq!(is_listed(&ring, NEW), None);
    ring.act(V[0], endorse(other, true)).unwrap();
    ring.pass(PARAMETERS.job_ms_max + 4 * PARAMETERS.window_ms);
    assert_eq!(is_listed(&ring, other), None, "nobody joined in");
}

#[test]
fn a_ring_has_at_most_64_renderers() {
    let renderers = (0..64).map(|n| Digest([n; 32])).collect();
    let mut ring = TestRing::from(&Genesis { renderers, ..genesis() });
    assert_eq!(ring.act(V[0], endorse(Digest([64; 32]), true)), Err(Refusal::Renderers));
    for v in &V[..3] {
        ring.act(*v, endorse(Digest([0; 32]), false)).unwrap();
    }
    ring.pass(PARAMETERS.job_ms_max + 4 * PARAMETERS.window_ms);
    ring.act(V[0], endorse(Digest([64; 32]), true)).unwrap();
}
