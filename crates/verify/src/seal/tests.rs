//! Keys and seals.

use super::*;
use crate::testing::{film, film_bytes, leaf, other_films, sealed_leaf};
use proptest::prelude::*;
use raylance_protocol::{Digest, ListHash, UnitIndex};
use std::collections::BTreeSet;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn keys_are_the_ones_of_version_2() {
    let (job, secret) = (film().job, [3; 32]);
    assert_eq!(
        hex(&film_key(&secret, job, Task::Unit(UnitIndex(7))).0),
        "e78019f6f95f4f10ef95809a2b68f02db82891379e0d251c4938381c9c04a7ed"
    );
    assert_eq!(
        hex(&film_key(&secret, job, Task::List(ListHash(Digest([8; 32])))).0),
        "3066acdae07853cc31314ff9a55358254d207a015c3fbb3202873e9dda0ef0b1"
    );
}

#[test]
fn sealed_bytes_are_the_ones_of_version_2() {
    let mut bytes = film_bytes(2, 5);
    seal(&FilmKey([1; 32]), &film(), &mut bytes);
    assert_eq!(hex(&bytes), "7a290a845c029a18d3800a89df33b968e81df4aaa3a4c48b");
}

#[test]
fn a_key_depends_on_secret_job_and_task_alone() {
    let (film, other) = (film(), other_films());
    let keys = [
        film_key(&[3; 32], film.job, film.task),
        film_key(&[4; 32], film.job, film.task),
        film_key(&[3; 32], other[0].job, film.task),
        film_key(&[3; 32], film.job, other[2].task),
        film_key(&[3; 32], film.job, other[3].task),
    ];
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    assert_eq!(film_key(&[3; 32], film.job, film.task), keys[0]);
}

#[test]
fn a_film_delivered_again_is_sealed_to_the_same_bytes() {
    let delivery = || {
        let mut bytes = film_bytes(1000, 5);
        seal(&film_key(&[3; 32], film().job, film().task), &film(), &mut bytes);
        bytes
    };
    assert_eq!(delivery(), delivery());
}

#[test]
fn work_that_is_given_away_travels_as_it_is() {
    let mut bytes = film_bytes(9, 5);
    seal(&FilmKey::NONE, &film(), &mut bytes);
    assert_eq!(bytes, film_bytes(9, 5));
    assert_eq!(open_leaf(&FilmKey::NONE, &film(), LeafIndex(4), sealed_leaf(&bytes, LeafIndex(4))), leaf(4, 5));
}

#[test]
fn equal_leaves_are_sealed_to_different_bytes_in_every_film() {
    let key = FilmKey([1; 32]);
    let sealed = |film: &FilmId| {
        let mut bytes = vec![0; 100 * LEAF_BYTES];
        seal(&key, film, &mut bytes);
        bytes
    };
    let films: Vec<_> = other_films().into_iter().chain([film()]).map(|film| sealed(&film)).collect();
    let leaves: BTreeSet<_> = films.iter().flat_map(|bytes| bytes.chunks(LEAF_BYTES)).collect();
    assert_eq!(leaves.len(), 500);
}

proptest! {
    #[test]
    fn what_is_sealed_opens_as_a_whole_and_leaf_by_leaf(count in 1u32..2000, seed: u32, key: [u8; 32], pick: u32) {
        let (key, film) = (FilmKey(key), film());
        let clear = film_bytes(count, seed);
        let mut sealed = clear.clone();
        seal(&key, &film, &mut sealed);
        let index = LeafIndex(pick % count);
        prop_assert_eq!(open_leaf(&key, &film, index, sealed_leaf(&sealed, index)), leaf(index.0, seed));

        let mut other = sealed.clone();
        open(&FilmKey([key.0[0] ^ 1; 32]), &film, &mut other);
        prop_assert_ne!(&other, &clear);
        open(&key, &film, &mut sealed);
        prop_assert_eq!(sealed, clear);
    }
}
