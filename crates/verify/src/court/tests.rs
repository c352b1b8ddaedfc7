//! Which evidence opens a leaf, and which does not.

use super::*;
use crate::root::FilmTree;
use crate::seal::{film_key, seal};
use crate::testing::{leaf, sealed_leaf, spec};
use proptest::prelude::*;
use raylance_protocol::job::list_hash;
use raylance_protocol::{AccountId, Digest, FilmKey, Root, Signature, UnitIndex, Work};

fn job() -> JobId {
    JobId(Digest([1; 32]))
}

/// An honest challenge of a film whose leaf i is `leaf(i, 0)`.
fn challenge(task: Task, addresses: &[Address], index: u32) -> Challenge {
    let film = FilmId { job: job(), worker: AccountId([2; 32]), task };
    let key = film_key(&[8; 32], film.job, film.task);
    let mut bytes: Vec<u8> = (0..addresses.len() as u32).flat_map(|i| leaf(i, 0).to_bytes()).collect();
    seal(&key, &film, &mut bytes);
    let tree = FilmTree::new(&film, addresses.iter().copied(), &bytes).unwrap();
    let index = LeafIndex(index);
    Challenge {
        job: film.job,
        worker: film.worker,
        spec: spec(),
        task,
        root: tree.root(),
        delivery: Signature([0; 64]),
        key,
        index,
        leaf_count: addresses.len() as u32,
        address: addresses[index.0 as usize],
        sealed_leaf: sealed_leaf(&bytes, index),
        path: tree.path(index).unwrap(),
    }
}

fn unit_challenge(unit: u32, index: u32) -> Challenge {
    let addresses: Vec<_> = spec().work.addresses(UnitIndex(unit)).unwrap().collect();
    challenge(Task::Unit(UnitIndex(unit)), &addresses, index)
}

fn list_challenge(addresses: &[Address], index: u32) -> Challenge {
    challenge(Task::List(list_hash(addresses)), addresses, index)
}

fn judged(challenge: &Challenge) -> Result<OpenedEvidence, EvidenceError> {
    open_evidence(job(), spec().hash(), challenge)
}

#[test]
fn every_leaf_of_every_unit_can_be_opened() {
    let spec = spec();
    for unit in 0..spec.work.unit_count() {
        for index in 0..spec.work.leaf_count(UnitIndex(unit)).unwrap() {
            let address = spec.work.address(UnitIndex(unit), LeafIndex(index)).unwrap();
            assert_eq!(judged(&unit_challenge(unit, index)), Ok(OpenedEvidence { leaf: leaf(index, 0), address }));
        }
    }
}

#[test]
fn leaves_of_lists_can_be_opened_whatever_units_they_come_from() {
    let work = spec().work;
    let addresses: Vec<_> = (0..work.unit_count()).map(|unit| work.address(UnitIndex(unit), LeafIndex(unit)).unwrap()).collect();
    for index in 0..addresses.len() as u32 {
        let expected = OpenedEvidence { leaf: leaf(index, 0), address: addresses[index as usize] };
        assert_eq!(judged(&list_challenge(&addresses, index)), Ok(expected));
    }
}

#[test]
fn evidence_of_another_job_or_specification_proves_nothing() {
    let honest = unit_challenge(0, 3);
    assert_eq!(open_evidence(JobId::default(), spec().hash(), &honest), Err(EvidenceError::Job));
    assert_eq!(open_evidence(job(), SpecHash::default(), &honest), Err(EvidenceError::Spec));
    // A seed more, and the leaf would be wrong.
    let mut other = honest;
    let Work::Render(work) = &mut other.spec.work;
    work.seed += 1;
    assert_eq!(judged(&other), Err(EvidenceError::Spec));
}

#[test]
fn a_specification_out_of_bounds_is_refused_before_anything_is_computed_from_it() {
    let mut challenge = unit_challenge(0, 3);
    let Work::Render(work) = &mut challenge.spec.work;
    (work.tile_px, work.chunk_samples) = (0, 0);
    let hash = challenge.spec.hash();
    assert_eq!(open_evidence(job(), hash, &challenge), Err(EvidenceError::Bounds(SpecError::Tile(0))));
}

#[test]
fn task_leaf_count_place_and_address_must_fit_the_specification() {
    let check = |change: &dyn Fn(&mut Challenge), expected: EvidenceError| {
        let mut challenge = unit_challenge(0, 3);
        change(&mut challenge);
        assert_eq!(judged(&challenge), Err(expected));
    };
    // Unit 0: a whole tile of 8 × 8 pixels, 32 samples, so two leaves each.
    check(&|c| c.task = Task::Unit(UnitIndex(8)), EvidenceError::NoSuchTask(Task::Unit(UnitIndex(8))));
    check(&|c| c.leaf_count = 127, EvidenceError::LeafCount { wanted: 128, found: 127 });
    check(&|c| c.leaf_count = 129, EvidenceError::LeafCount { wanted: 128, found: 129 });
    check(&|c| c.index = LeafIndex(128), PathError::NoSuchLeaf { index: LeafIndex(128), leaf_count: 128 }.into());
    check(&|c| c.index = LeafIndex(2), EvidenceError::Address { index: LeafIndex(2) });
    check(&|c| c.address.x_px += 1, EvidenceError::Address { index: LeafIndex(3) });
    check(&|c| c.address.samples -= 1, EvidenceError::Address { index: LeafIndex(3) });
    check(&|c| c.path.truncate(3), PathError::Length { index: LeafIndex(3), wanted: 7, found: 3 }.into());
}

#[test]
fn a_list_may_hold_a_thousand_addresses_of_the_job_and_no_others() {
    let address = spec().work.address(UnitIndex(0), LeafIndex(0)).unwrap();
    let check = |addresses: &[Address], expected: Result<(), EvidenceError>| {
        assert_eq!(judged(&list_challenge(addresses, 0)).map(|_| ()), expected, "{} addresses", addresses.len());
    };
    check(&[address; 1024], Ok(()));
    check(&[address; 1025], Err(EvidenceError::LeafCount { wanted: 1024, found: 1025 }));
    check(&[Address { frame: 3, ..address }], Err(EvidenceError::Address { index: LeafIndex(0) }));
    let mut empty = list_challenge(&[address], 0);
    empty.leaf_count = 0;
    assert_eq!(judged(&empty), Err(EvidenceError::LeafCount { wanted: 1024, found: 0 }));
}

#[test]
fn a_film_delivered_by_another_worker_or_for_another_task_proves_nothing() {
    let root = |index: u32| Err(EvidenceError::Path(PathError::Root { index: LeafIndex(index) }));
    let honest = unit_challenge(0, 3);
    assert_eq!(judged(&Challenge { worker: AccountId([9; 32]), ..honest.clone() }), root(3));
    assert_eq!(judged(&Challenge { root: Root::default(), ..honest.clone() }), root(3));
    let mut sealed = honest.clone();
    sealed.sealed_leaf[0] ^= 1;
    assert_eq!(judged(&sealed), root(3));
    // Unit 1 lies at the right edge, so its leaf 0 is another one; as a list the address alone would be right.
    let as_list = Challenge { task: Task::List(list_hash(&[honest.address])), ..honest };
    assert_eq!(judged(&as_list), root(3));
}

#[test]
fn another_key_opens_noise_and_changes_the_delivery_that_must_be_signed() {
    let honest = unit_challenge(0, 3);
    let other = Challenge { key: FilmKey([9; 32]), ..honest.clone() };
    assert_ne!(judged(&other).unwrap().leaf, leaf(3, 0));
    assert_ne!(other.delivery().key_hash, honest.delivery().key_hash);
    let unsealed = Challenge { key: FilmKey::NONE, ..honest.clone() };
    assert_eq!(judged(&unsealed).unwrap().leaf, Leaf::from_bytes(honest.sealed_leaf));
}

#[test]
fn a_job_must_say_of_its_specification_what_the_specification_says() {
    let spec = spec();
    let row = Job {
        artist: spec.artist,
        spec: spec.hash(),
        renderer: spec.renderer,
        scene_bytes: spec.scene_bytes,
        ends_by: raylance_protocol::RingTime(1),
        claims_until: None,
        rows: 0,
        rows_live: 0,
    };
    assert_eq!(check_spec(&row, &spec), Ok(()));
    let check = |row: Job, expected: EvidenceError| assert_eq!(check_spec(&row, &spec), Err(expected));
    check(Job { spec: SpecHash::default(), ..row.clone() }, EvidenceError::Spec);
    check(Job { artist: AccountId([9; 32]), ..row.clone() }, EvidenceError::Terms);
    check(Job { renderer: Digest::default(), ..row.clone() }, EvidenceError::Terms);
    // A court that is paid for a kilobyte must not have to fetch a gigabyte.
    check(Job { scene_bytes: 1, ..row.clone() }, EvidenceError::Terms);
    let empty = JobSpec { scene_bytes: 0, ..spec.clone() };
    let row = Job { spec: empty.hash(), scene_bytes: 0, ..row };
    assert_eq!(check_spec(&row, &empty), Err(EvidenceError::Bounds(SpecError::SceneLength(0))));
}

proptest! {
    #[test]
    fn no_other_leaf_than_the_delivered_one_comes_out(unit in 0u32..8, pick: u32, at in 0usize..12, bit in 0u8..8, hash: prop::sample::Index) {
        let leaves = spec().work.leaf_count(UnitIndex(unit)).unwrap();
        let index = pick % leaves;
        let honest = unit_challenge(unit, index);
        prop_assert_eq!(judged(&honest).map(|opened| opened.leaf), Ok(leaf(index, 0)));

        let mut changed = honest.clone();
        changed.sealed_leaf[at] ^= 1 << bit;
        prop_assert!(judged(&changed).is_err());
        let mut changed = honest.clone();
        let place = hash.index(changed.path.len());
        changed.path[place].0[at] ^= 1 << bit;
        prop_assert!(judged(&changed).is_err());
        let mut changed = honest.clone();
        changed.leaf_count ^= 1 << bit;
        prop_assert!(judged(&changed).is_err());
        let mut changed = honest;
        changed.index.0 ^= 1 << bit;
        prop_assert!(judged(&changed).is_err());
    }
}
