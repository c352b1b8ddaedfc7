//! What worked against version 1, each tried again.

use super::ring::*;
use crate::{Refusal, Verdict};
use raylance_protocol::row::ChannelState;
use raylance_protocol::*;
use raylance_verify::open;

const WINDOW: u64 = PARAMETERS.window_ms;

fn rule(ring: &mut TestRing, validators: &[u8], value: Option<Leaf>) {
    for v in validators {
        ring.act(*v, Action::Ruling { case: CaseId(0), value }).unwrap();
    }
}

fn challenge(film: &Film, leaf: u32) -> Action {
    Action::Challenge(Box::new(film.challenge(leaf)))
}

/// Version 1: three free accounts took 3,744 of 4,028 microlux: one committed random roots, two signed Accept.
#[test]
fn accounts_that_vouch_for_each_other_are_paid_nothing() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000), (W2, 5_000), (W3, 5_000)]);
    let before = [W1, W2, W3].map(|w| ring.balance(w));
    // Receipts need the artist's signature; an accomplice's is another artist's.
    let entry = film(ring.chain, job, W1, 0, &[0, 1, 2, 3]).entry(ring.chain, W2, PRICE, PRICE);
    let claim = Claim { job, worker: id(W1), artist: id(W2), from_total: Microlux(0), entries: vec![entry.clone()] };
    assert_eq!(ring.act(W3, Action::Claim(claim.clone())), Err(Refusal::NotArtist(id(ARTIST))));
    let forged = Claim { artist: id(ARTIST), ..claim };
    let signed = keys(W1).sign(ring.chain, &Tx { nonce: 0, valid_until: RingTime::NEVER, action: Action::Claim(forged) });
    assert_eq!(CheckedTx::check(ring.chain, signed).err(), Some(OpenError::Signature));
    ring.act(ARTIST, close(job)).unwrap();
    ring.pass(2 * WINDOW);
    assert_eq!([W1, W2, W3].map(|w| ring.balance(w)), before);
}

/// Version 1: the artist admitted two accounts of its own that signed Reject, closed, and kept films and money.
#[test]
fn an_artist_with_accomplices_keeps_no_film_without_paying() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000), (W2, 5_000), (W3, 5_000)]);
    let (artist, worker) = (ring.balance(ARTIST), ring.balance(W1));
    ring.act(ARTIST, close(job)).unwrap();
    ring.file(job, W1, 0..3).unwrap();
    let film = film(ring.chain, job, W1, 2, &[]);
    ring.act(ARTIST, challenge(&film, 1)).unwrap();
    // Neither its workers nor less than a third of the validators convict.
    let wrong = Some(Leaf([1, 2, 3]));
    assert_eq!(ring.act(W2, Action::Ruling { case: CaseId(0), value: wrong }), Err(Refusal::NotVoter));
    rule(&mut ring, &V[..1], wrong);
    rule(&mut ring, &V[1..], Some(truth(&film.addresses[1])));
    ring.pass(WINDOW);
    assert!(ring.balance(W1) > worker + 3_000 - 20, "all but the fee of a claim");
    assert!(ring.balance(ARTIST) < artist + 15_000 - 3_000 - bond() + 4 * PARAMETERS.row_deposit.0);
    assert_eq!(ring.state.jobs().count(), 0);
}

/// Version 1: the artist fetched films before their commitment was on the ledger, and then said that the job was closed.
#[test]
fn an_artist_that_closes_early_has_sealed_films_and_the_key_costs_it_the_price() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let film = film(ring.chain, job, W1, 0, &[]);
    let read = |key: &FilmKey| {
        let mut bytes = film.sealed.clone();
        open(key, &raylance_verify::FilmId::of(&film.delivery), &mut bytes);
        bytes[..12] == truth(&film.addresses[0]).to_bytes()
    };
    assert!(!read(&FilmKey::NONE) && !read(&FilmKey([1; 32])) && read(&film.key));
    ring.act(ARTIST, close(job)).unwrap();
    let before = ring.balance(W1);
    ring.file(job, W1, 0..1).unwrap();
    ring.pass(WINDOW);
    assert_eq!(ring.balance(W1), before + PRICE);
}

/// Version 1: a worker committed garbage, looked at the public draw, and delivered only if both verifiers were its friends.
#[test]
fn garbage_is_void_by_one_leaf_whoever_the_checkers_are() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000), (W2, 5_000), (W3, 5_000)]);
    let artist = ring.balance(ARTIST);
    let claim = ring.claim_of(job, W1, 0..3, &[1]);
    let before = ring.balance(W1);
    ring.act(W1, Action::Claim(claim)).unwrap();
    let film = film(ring.chain, job, W1, 1, &[0]);
    ring.act(ARTIST, challenge(&film, 0)).unwrap();
    rule(&mut ring, &V[..1], Some(Leaf(film_leaf(&film))));
    rule(&mut ring, &V[1..], Some(truth(&film.addresses[0])));
    assert_eq!(ring.channel(job, W1).state, ChannelState::Void);
    assert!(ring.balance(W1) < before - bond(), "all unpaid tasks and a bond");
    assert!(ring.balance(ARTIST) > artist + 5_000 - 40, "the artist has its reserve back and paid one fee");
}

fn film_leaf(film: &Film) -> [u32; 3] {
    let Leaf([r, g, b]) = truth(&film.addresses[0]);
    [r, g, b ^ 1]
}

/// Version 1: a worker tried roots until the draw suited it.
#[test]
fn a_receipt_stands_for_one_root_and_any_delivered_film_may_be_challenged() {
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
    let mut claim = ring.claim(job, W1, 0..2);
    claim.entries[1].root = Root(Digest([3; 32]));
    let signed = keys(W1).sign(ring.chain, &Tx { nonce: 0, valid_until: RingTime::NEVER, action: Action::Claim(claim) });
    assert_eq!(CheckedTx::check(ring.chain, signed).err(), Some(OpenError::Signature));
    // It claims right films only, and once delivered another film of the same unit that is wrong.
    ring.file(job, W1, 0..2).unwrap();
    let other = film(ring.chain, job, W1, 1, &[2]);
    ring.act(ARTIST, challenge(&other, 2)).unwrap();
    rule(&mut ring, &V[..3], Some(truth(&other.addresses[2])));
    assert!(ring.happened(|event| matches!(event, crate::Event::Ruled { verdict: Verdict::Wrong { .. }, .. })));
}

/// Version 1: one withheld film, or an artist that vanished, locked money for ever.
#[test]
fn nobodys_silence_locks_money() {
    // The artist vanishes.
    let (mut ring, job) = TestRing::with_job(&[(W1, 5_000), (W2, 5_000)]);
    let before = ring.balance(W1);
    ring.file(job, W1, 0..2).unwrap();
    ring.pass(WINDOW);
    assert!(ring.balance(W1) > before + 1_900);
    // The second worker vanishes, too, and so does the court.
    ring.file(job, W1, 2..3).unwrap();
    let film = film(ring.chain, job, W1, 2, &[]);
    ring.act(ARTIST, challenge(&film, 0)).unwrap();
    ring.pass_until(RingTime(150_000 + 2 * WINDOW));
    let totals = ring.state.totals();
    assert_eq!((ring.state.jobs().count(), totals.reserves.0, totals.bonds.0), (0, 0, 0));
    assert_eq!(totals.deposits.0, ring.state.table::<row::Account>(&[]).count() as u64 * PARAMETERS.account_deposit.0);
    assert_eq!(ring.state.next_due(), None);
}

/// Version 1: jobs without a price, transfers of one microlux; an account without a balance wrote 270 GB of chain in a day.
#[test]
fn every_byte_on_the_ledger_costs_its_sender() {
    let mut ring = TestRing::new();
    let cost = |ring: &mut TestRing, action: Action| {
        let before = ring.balance(ARTIST);
        ring.act(ARTIST, action).unwrap();
        before - ring.balance(ARTIST)
    };
    assert!(cost(&mut ring, Action::Transfer { to: id(W1), amount: Microlux(1) }) > 1 + 1);
    let free = Action::OpenJob(OpenJob { ends_by: RingTime(100), ..open_job(&[]) });
    assert!(cost(&mut ring, free) > PARAMETERS.row_deposit.0);
    let unpriced = Action::OpenJob(OpenJob { ends_by: RingTime(100), ..open_job(&[(W1, 0)]) });
    assert_eq!(ring.act(ARTIST, unpriced), Err(Refusal::NoReserve(id(W1))));
    ring.act(ARTIST, Action::Transfer { to: id(STRANGER), amount: Microlux(1) }).unwrap();
    let broke = ring.act(STRANGER, Action::Transfer { to: id(W1), amount: Microlux(1) });
    assert!(matches!(broke, Err(Refusal::Balance { have: Microlux(1), .. })));
}

/// A tombstone is what keeps a paid receipt from a second row: without it, the same receipts are paid twice.
#[test]
fn without_tombstones_a_receipt_would_be_paid_twice() {
    let attack = || {
        let (mut ring, job) = TestRing::with_job(&[(W1, 5_000), (W2, 5_000)]);
        ring.act(ARTIST, pay(job, vec![row(W1, 2_000, 0)])).unwrap();
        let done = ring.done_row(job, W1, 2_000);
        ring.act(ARTIST, pay(job, vec![done])).unwrap();
        // A Pay that was signed before the worker was done arrives after it.
        ring.act(ARTIST, pay(job, vec![row(W1, 2_000, 5_000)])).unwrap();
        let _ = ring.file(job, W1, 2..3);
        ring.pass(WINDOW);
        ring.balance(W1)
    };
    assert!(attack() <= FUNDS + 2_000);
    assert!(crate::rule::without(crate::rule::Rule::Tombstones, attack) > FUNDS + 4_000);
}

/// A stranger that sees a claim on its way files the beginning of it first, to get back what the whole claim costs.
#[test]
fn without_bonds_that_change_hands_a_copied_claim_would_earn_the_workers_fee() {
    let attack = || {
        let (mut ring, job) = TestRing::with_job(&[(W1, 5_000)]);
        ring.act(ARTIST, close(job)).unwrap();
        let copied = ring.claim(job, W1, 0..1);
        ring.act(W3, Action::Claim(copied)).unwrap();
        ring.file(job, W1, 0..4).unwrap();
        ring.pass(WINDOW);
        ring.balance(W3)
    };
    assert!(attack() < FUNDS);
    assert!(crate::rule::without(crate::rule::Rule::LastFilerAnswers, attack) > FUNDS);
}
