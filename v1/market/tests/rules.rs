//! Rules of single machines, each from its good side, its bad side and its edge.
#![allow(clippy::unwrap_used, reason = "all of this crate is tests, its helpers included")]

use raylance_v1_market::artist::{self, Artist, ArtistPhase, FailReason, UnitState, WorkerStanding};
use raylance_v1_market::verifier::{self, Verifier};
use raylance_v1_market::worker::{self, Ending, Worker};
use raylance_v1_market::{Fact, Heard, SnapshotError, TxNumber, TxRefusal, hear, terms};
use raylance_v1_protocol::{
    AccountId, Action, Bid, BlockHash, Commitment, CommittedUnit, Decision, Digest, Height, JobId, JobSpec, Keypair, Leaf, LeafIndex,
    Message, Microlux, Opening, Profile, Refusal, RenderWork, Root, SceneDigest, UnitIndex, Work,
};

const NOW: u64 = 1_700_000_000_000;

fn keys(byte: u8) -> Keypair {
    Keypair::from_secret([byte; 32])
}

fn account(byte: u8) -> AccountId {
    keys(byte).account()
}

const ARTIST: u8 = 100;

fn spec(units: u32) -> JobSpec {
    let work = RenderWork {
        renderer: Digest::default(),
        scene: SceneDigest::default(),
        scene_len_bytes: 9,
        width_px: 8 * units,
        height_px: 8,
        samples: 16,
        depth_max: 4,
        tile_px: 8,
        chunk_samples: 16,
        profile: Profile::Exact,
    };
    JobSpec {
        chain: Default::default(),
        artist: account(ARTIST),
        nonce: [3; 16],
        work: Work::Render(work),
        unit_price_microlux: Microlux(10),
        replayed_leaves: 2,
    }
}

fn root(byte: u8) -> Root {
    Root(Digest([byte; 32]))
}

/// An open job with these workers.
fn running(units: u32, workers: &[u8]) -> Artist {
    let mut artist = Artist::new(spec(units), 2).unwrap();
    artist.step(NOW, artist::Input::Resumed);
    artist.step(NOW, artist::Input::Fact(Fact::JobOpened { workers: workers.iter().map(|&byte| account(byte)).collect() }));
    artist
}

fn want(artist: &mut Artist, now_ms: u64, from: u8, units_max: u16) -> Vec<u32> {
    let effects = artist.step(now_ms, artist::Input::Want { from: account(from), units_max });
    effects
        .into_iter()
        .rev()
        .find_map(|effect| match effect {
            artist::Effect::Send { to, message: Message::Assigned { units, .. } } if to == account(from) => {
                Some(units.iter().map(|unit| unit.0).collect())
            }
            _ => None,
        })
        .expect("a Want of a worker is always answered")
}

fn submitted(effects: &[artist::Effect]) -> Vec<(u64, &Action)> {
    let of = |effect| match effect {
        &artist::Effect::SubmitTx { number: TxNumber(number), ref action } => Some((number, action)),
        _ => None,
    };
    effects.iter().filter_map(of).collect()
}

#[test]
fn the_job_is_opened_after_the_window_with_all_bids() {
    let mut artist = Artist::new(spec(2), 2).unwrap();
    assert_eq!(artist.step(NOW, artist::Input::Resumed), [artist::Effect::GossipOffer]);
    for from in [1, 2, 1, ARTIST] {
        artist.step(NOW, artist::Input::Bid { from: account(from), samples_per_s: 0 });
    }
    assert_eq!(artist.step(NOW + terms::BID_WINDOW_MS - 1, artist::Input::Tick), []);
    let effects = artist.step(NOW + terms::BID_WINDOW_MS, artist::Input::Tick);
    assert_eq!(submitted(&effects), [(0, &Action::OpenJob { spec: spec(2), workers: vec![account(1), account(2)] })]);
    assert_eq!(artist.view().phase, ArtistPhase::LockingBudget);
    // Silence: the same bytes under the same number. A refusal: never again under that number.
    let later = NOW + terms::BID_WINDOW_MS + terms::TX_RESEND_MS;
    assert_eq!(submitted(&artist.step(later, artist::Input::Tick))[0].0, 0);
    artist.step(later, artist::Input::TxRefused { number: TxNumber(0), cause: TxRefusal::Funds });
    assert_eq!(artist.view().phase, ArtistPhase::Failed(FailReason::Funds));
}

#[test]
fn a_new_number_is_used_only_after_a_refusal_or_at_the_end_of_patience() {
    let mut artist = Artist::new(spec(1), 2).unwrap();
    artist.step(NOW, artist::Input::Bid { from: account(1), samples_per_s: 0 });
    let mut numbers = Vec::new();
    for step in 0..200 {
        let effects = artist.step(NOW + terms::BID_WINDOW_MS + step * 250, artist::Input::Tick);
        numbers.extend(submitted(&effects).iter().map(|(number, _)| *number));
    }
    let sends_of_the_first = numbers.iter().filter(|&&number| number == 0).count();
    assert_eq!(sends_of_the_first, terms::TX_SENDS_MAX as usize);
    assert!(numbers.is_sorted());
}

#[test]
fn a_worker_holds_few_leases_and_fewer_near_the_end() {
    let mut artist = running(7, &[1, 2]);
    assert_eq!(want(&mut artist, NOW, 1, 0), [0; 0]);
    assert_eq!(want(&mut artist, NOW, 1, 1), [0]);
    assert_eq!(want(&mut artist, NOW, 1, 1_000), [0, 1, 2]);
    assert_eq!(want(&mut artist, NOW, 1, 1_000), [0, 1, 2], "asking again gives the same list");
    // Four are open for two workers.
    assert_eq!(want(&mut artist, NOW, 2, 1_000), [3, 4]);
    let stranger = artist::Input::Want { from: account(3), units_max: 5 };
    assert_eq!(artist.step(NOW, stranger), [], "not a worker of the job");
}

#[test]
fn leases_end_by_deadline_by_release_and_by_loss() {
    let mut artist = running(1, &[1, 2]);
    assert_eq!(want(&mut artist, NOW, 1, 1), [0]);
    assert_eq!(want(&mut artist, NOW, 2, 1), [0; 0]);
    // Its deadline.
    artist.step(NOW + terms::LEASE_FIRST_MS - 1, artist::Input::Tick);
    assert_eq!(artist.view().units[0].worker, Some(account(1)));
    assert_eq!(want(&mut artist, NOW + terms::LEASE_FIRST_MS, 2, 1), [0]);
    // Given back.
    let now = NOW + terms::LEASE_FIRST_MS;
    assert_eq!(want(&mut artist, now, 2, 0), [0; 0]);
    assert_eq!(want(&mut artist, now, 1, 1), [0]);
    // Lost for longer than the grace.
    artist.step(now, artist::Input::PeerLost { peer: account(1) });
    assert_eq!(want(&mut artist, now + terms::LOST_GRACE_MS - 1, 2, 1), [0; 0]);
    assert_eq!(want(&mut artist, now + terms::LOST_GRACE_MS, 2, 1), [0]);
    // A film that comes late still counts while the unit is not settled.
    let effects = artist.step(now + 10_000, artist::Input::Committed { from: account(1), unit: UnitIndex(0), root: root(1), render_ms: 5 });
    assert!(effects.contains(&artist::Effect::FetchFilm { worker: account(1), unit: UnitIndex(0), root: root(1) }));
}

#[test]
fn an_idle_worker_races_the_oldest_lease_of_the_tail() {
    let mut artist = running(2, &[1, 2]);
    assert_eq!(want(&mut artist, NOW, 1, 1), [0]);
    assert_eq!(want(&mut artist, NOW + 500, 2, 1), [1]);
    artist.step(NOW + 600, artist::Input::Committed { from: account(2), unit: UnitIndex(1), root: root(2), render_ms: 100 });
    assert_eq!(want(&mut artist, NOW + terms::RACE_AGE_MS_MIN - 1, 2, 1), [0; 0]);
    assert_eq!(want(&mut artist, NOW + terms::RACE_AGE_MS_MIN, 2, 1), [0]);
}

#[test]
fn a_blind_claim_to_a_unit_that_was_never_leased_is_not_heard() {
    let mut artist = running(1, &[1, 2]);
    let effects = artist.step(NOW, artist::Input::Committed { from: account(1), unit: UnitIndex(0), root: root(1), render_ms: 5 });
    assert_eq!(effects, []);
    assert_eq!(artist.view().units[0].state, UnitState::Open);
}

#[test]
fn two_roots_or_a_film_with_another_root_catch_a_worker() {
    let check = |second: artist::Input| {
        let mut artist = running(2, &[1, 2]);
        assert_eq!(want(&mut artist, NOW, 1, 1), [0]);
        artist.step(NOW, artist::Input::Committed { from: account(1), unit: UnitIndex(0), root: root(1), render_ms: 5 });
        artist.step(NOW, second);
        assert_eq!(artist.view().workers[0].standing, WorkerStanding::Caught);
        assert_eq!(want(&mut artist, NOW, 1, 1), [0; 0]);
        assert_eq!(want(&mut artist, NOW, 2, 1), [0]);
    };
    let (unit, worker) = (UnitIndex(0), account(1));
    check(artist::Input::Committed { from: worker, unit, root: root(2), render_ms: 5 });
    check(artist::Input::FilmFailed { unit, worker, root: root(1), fault: artist::FilmFault::WrongRoot });
    let units = vec![CommittedUnit { unit, root: root(3) }];
    check(artist::Input::Fact(Fact::Committed { worker, units, block: BlockHash::default(), height: Height(1) }));
}

#[test]
fn a_worker_follows_one_unit_from_the_bid_to_the_ledger() {
    let me = account(1);
    let mut worker = Worker::new(me, spec(2), NOW);
    let bid = Bid { job: spec(2).id(), samples_per_s: 0 };
    assert_eq!(worker.step(NOW, worker::Input::Resumed), [worker::Effect::SendBid { to: account(ARTIST), bid }]);
    let effects = worker.step(NOW, worker::Input::Fact(Fact::WorkerAdmitted { worker: me }));
    assert!(matches!(effects[..], [worker::Effect::FetchScene { len_bytes: 9, .. }]));
    let effects = worker.step(NOW, worker::Input::SceneReady);
    assert!(matches!(effects[..], [worker::Effect::Send { message: Message::Want { units_max: 2, .. }, .. }]));
    let units = vec![UnitIndex(0), UnitIndex(7)];
    assert_eq!(worker.step(NOW, worker::Input::Assigned { from: account(2), units: units.clone() }), [], "only the artist is heard");
    let effects = worker.step(NOW, worker::Input::Assigned { from: account(ARTIST), units });
    assert_eq!(effects, [worker::Effect::Render { unit: UnitIndex(0) }], "unit 7 does not exist");
    assert!(!worker.may_serve(UnitIndex(0)));
    let effects = worker.step(NOW, worker::Input::FilmStored { unit: UnitIndex(0), root: root(5), render_ms: 40 });
    let commitment = Commitment { job: spec(2).id(), unit: UnitIndex(0), root: root(5), render_ms: 40 };
    assert!(effects.contains(&worker::Effect::SendCommitted { to: account(ARTIST), commitment }));
    assert!(worker.may_serve(UnitIndex(0)));
    worker.step(NOW, worker::Input::FilmStored { unit: UnitIndex(0), root: root(6), render_ms: 40 });
    let effects = worker.step(NOW + terms::COMMIT_WAIT_MS, worker::Input::Tick);
    let units = vec![CommittedUnit { unit: UnitIndex(0), root: root(5) }];
    let action = Action::Commit { job: spec(2).id(), units };
    assert!(effects.contains(&worker::Effect::SubmitTx { number: TxNumber(0), action }), "the first root stands");
    worker
        .step(NOW, worker::Input::Fact(Fact::UnitSettled { unit: UnitIndex(0), worker: me, root: root(5), worker_microlux: Microlux(9) }));
    worker
        .step(NOW, worker::Input::Fact(Fact::UnitSettled { unit: UnitIndex(0), worker: me, root: root(5), worker_microlux: Microlux(9) }));
    assert_eq!(worker.view().earned_microlux, Microlux(9), "a fact told twice is earned once");
    let effects = worker.step(NOW, worker::Input::Fact(Fact::JobClosed));
    assert_eq!(effects, [worker::Effect::Finished { ending: Ending::Closed }]);
}

#[test]
fn renting_out_switched_off_frees_the_device_and_returns_the_units() {
    let mut worker = Worker::new(account(1), spec(2), NOW);
    worker.step(NOW, worker::Input::Fact(Fact::WorkerAdmitted { worker: account(1) }));
    worker.step(NOW, worker::Input::SceneReady);
    worker.step(NOW, worker::Input::Assigned { from: account(ARTIST), units: vec![UnitIndex(0)] });
    let effects = worker.step(NOW, worker::Input::Pause);
    let release = worker::Effect::Send { to: account(ARTIST), message: Message::Want { job: spec(2).id(), units_max: 0 } };
    assert_eq!(effects, [worker::Effect::StopRender { unit: UnitIndex(0) }, release]);
    assert_eq!(worker.step(NOW, worker::Input::Assigned { from: account(ARTIST), units: vec![UnitIndex(1)] }), []);
    assert_eq!(worker.step(NOW + 10_000, worker::Input::Tick), []);
    let effects = worker.step(NOW + 10_000, worker::Input::Resume);
    assert!(matches!(effects[..], [worker::Effect::Send { message: Message::Want { units_max: 2, .. }, .. }]));
}

fn challenge(from: u8, unit: u32, worker: u8, leaves: &[u32]) -> verifier::Input {
    let leaves = leaves.iter().copied().map(LeafIndex).collect();
    verifier::Input::Challenge {
        from: account(from),
        unit: UnitIndex(unit),
        worker: account(worker),
        root: root(1),
        draw: Digest([9; 32]),
        leaves,
    }
}

fn replayed(unit: u32, worker: u8, salt: u8) -> verifier::Input {
    let values = vec![Leaf([1; 3]), Leaf([2; 3])];
    let (seal, answer) = (Digest([salt; 32]), Digest([1; 32]));
    verifier::Input::Replayed { unit: UnitIndex(unit), worker: account(worker), values, salt: [salt; 16], seal, answer, replay_ms: 3 }
}

#[test]
fn only_a_sound_challenge_by_the_artist_about_anothers_film_is_replayed() {
    let check = |input: verifier::Input, replays: usize| {
        let mut verifier = Verifier::new(account(1), spec(2));
        verifier.step(NOW, verifier::Input::Fact(Fact::WorkerBanned { worker: account(9) }));
        let settled = Fact::UnitSettled { unit: UnitIndex(1), worker: account(2), root: root(1), worker_microlux: Microlux(1) };
        verifier.step(NOW, verifier::Input::Fact(settled));
        assert_eq!(verifier.step(NOW, input.clone()).len(), replays, "{input:?}");
    };
    check(challenge(ARTIST, 0, 2, &[0, 63]), 1);
    check(challenge(2, 0, 2, &[0, 63]), 0);
    check(challenge(ARTIST, 0, 1, &[0, 63]), 0);
    check(challenge(ARTIST, 0, 9, &[0, 63]), 0);
    check(challenge(ARTIST, 1, 2, &[0, 63]), 0);
    check(challenge(ARTIST, 2, 2, &[0, 63]), 0);
    check(challenge(ARTIST, 0, 2, &[0, 64]), 0);
    check(challenge(ARTIST, 0, 2, &[5, 5]), 0);
    check(challenge(ARTIST, 0, 2, &[5]), 0);
    check(challenge(ARTIST, 0, 2, &[5, 6, 7]), 0);
}

#[test]
fn a_repeated_challenge_gets_the_same_seal_and_never_a_second_set_of_values() {
    let mut verifier = Verifier::new(account(1), spec(2));
    verifier.step(NOW, challenge(ARTIST, 0, 2, &[0, 63]));
    assert_eq!(verifier.step(NOW, challenge(ARTIST, 0, 2, &[0, 63])), [], "it is being replayed");
    let sealed = verifier.step(NOW, replayed(0, 2, 7));
    assert!(matches!(sealed[..], [verifier::Effect::Send { message: Message::Sealed { .. }, .. }]));
    assert_eq!(verifier.step(NOW, replayed(0, 2, 8)), []);
    assert_eq!(verifier.step(NOW, challenge(ARTIST, 0, 2, &[0, 63])), sealed);
    assert_eq!(verifier.step(NOW, challenge(ARTIST, 0, 2, &[0, 62])), [], "another draw for the same film");

    let mut verifier = Verifier::load(&verifier.snapshot()).unwrap();
    assert_eq!(verifier.step(NOW, verifier::Input::Resumed), sealed);
    let opened =
        verifier::Input::Opened { from: account(ARTIST), unit: UnitIndex(0), worker: account(2), opening: Opening { entries: Vec::new() } };
    assert!(matches!(verifier.step(NOW, opened.clone())[..], [verifier::Effect::Judge { .. }]));
    let judged = |decision| verifier::Input::Judged { unit: UnitIndex(0), worker: account(2), decision };
    assert_eq!(verifier.step(NOW, judged(None)), [], "another opening is awaited");
    let revealed = verifier.step(NOW, judged(Some(Decision::Accept)));
    assert!(matches!(&revealed[..], [verifier::Effect::Reveal { salt: [7, ..], verdict, .. }] if verdict.decision == Decision::Accept));
    assert_eq!(verifier.step(NOW, judged(Some(Decision::Reject))), []);
    assert_eq!(verifier.step(NOW, opened), revealed);
    assert_eq!(verifier.step(NOW, challenge(ARTIST, 0, 2, &[0, 63])), revealed);
}

#[test]
fn open_challenges_are_bounded() {
    let mut verifier = Verifier::new(account(1), spec(200));
    let replays: usize = (0..200).map(|unit| verifier.step(NOW, challenge(ARTIST, unit, 2, &[0, 63])).len()).sum();
    assert_eq!(replays, terms::CHALLENGES_OPEN_MAX);
}

#[test]
fn a_message_is_heard_only_with_its_senders_signature() {
    let job = JobId::default();
    let signed = keys(1).sign(&Bid { job, samples_per_s: 5 });
    let heard = Heard::Artist(job, artist::Input::Bid { from: account(1), samples_per_s: 5 });
    assert_eq!(hear(account(1), Message::Bid(signed.clone())), Ok(heard));
    assert_eq!(hear(account(2), Message::Bid(signed)), Err(Refusal::NotYours));
}

#[test]
fn snapshots_are_read_strictly() {
    let mut artist = running(3, &[1, 2]);
    want(&mut artist, NOW, 1, 2);
    let bytes = artist.snapshot();
    assert_eq!(Artist::load(&bytes), Ok(artist));
    let check = |change: &dyn Fn(&mut Vec<u8>), expected: SnapshotError| {
        let mut bytes = bytes.clone();
        change(&mut bytes);
        assert_eq!(Artist::load(&bytes), Err(expected));
    };
    check(&|bytes| bytes.push(0), SnapshotError::Malformed);
    check(&|bytes| bytes.truncate(bytes.len() - 1), SnapshotError::Malformed);
    check(&|bytes| bytes.truncate(5), SnapshotError::Malformed);
    check(&|bytes| bytes.clear(), SnapshotError::Malformed);
    check(&|bytes| bytes[3] = b'W', SnapshotError::Foreign);
    check(&|bytes| bytes[4] = 2, SnapshotError::Version { found: 2, known: 1 });
    assert_eq!(Worker::load(&bytes), Err(SnapshotError::Foreign));
    assert_eq!(Verifier::load(&bytes), Err(SnapshotError::Foreign));
    // No flipped bit makes it panic, nor any machine that could be read.
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << bit;
            if let Ok(mut artist) = Artist::load(&bytes) {
                artist.step(NOW, artist::Input::Resumed);
                artist.view();
            }
        }
    }
}
