//! Decoders against bytes of every kind: they never panic, and what they accept has the bytes that were read.

use crate::{blocks, messages, transactions, values};
use borsh::{BorshDeserialize, BorshSerialize};
use proptest::prelude::*;
use raylance_protocol::block::{Proposal, Vote, VoteKind};
use raylance_protocol::job::Manifest;
use raylance_protocol::membership::{Grant, Join};
use raylance_protocol::message::{BlobKey, Gossip, Reply};
use raylance_protocol::row::{Case, Channel, Due, Job, Renderer, Totals, ValidatorSet};
use raylance_protocol::*;
use std::fmt::Debug;

/// Reads bytes as a `T`. Accepted bytes are the canonical ones: nothing has two encodings.
fn read<T: BorshSerialize + BorshDeserialize>(bytes: &[u8]) -> bool {
    match decode::<T>(bytes, limits::MESSAGE_BYTES_MAX) {
        Ok(value) => {
            assert_eq!(encode(&value), bytes, "{}", std::any::type_name::<T>());
            true
        }
        Err(_) => false,
    }
}

/// Reads bytes as every type that comes from outside; how many accept them.
fn read_all(bytes: &[u8]) -> usize {
    macro_rules! each {
        ($($type:ty),* $(,)?) => { [$(read::<$type>(bytes)),*].into_iter().filter(|accepted| *accepted).count() };
    }
    each![
        Message,
        Reply,
        Gossip,
        BlobKey,
        Offer,
        Bid,
        Lease,
        Delivery,
        Receipt,
        Done,
        Grant,
        Join,
        Manifest,
        JobSpec,
        Task,
        Tx,
        Signed<Tx>,
        Block,
        FinalBlock,
        Header,
        Vote,
        Proposal,
        Certificate,
        RowProof,
        Snapshot,
        Genesis,
        Account,
        Totals,
        ValidatorSet,
        Renderer,
        Job,
        Channel,
        Case,
        Due,
        Clock,
        RingParameters,
    ]
}

use raylance_protocol::row::Account;

/// Encodings that mutations start from.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> = messages::all().iter().map(encode).collect();
    seeds
        .extend(transactions::actions().into_iter().map(|action| encode(&values::keys().sign(values::chain(), &transactions::tx(action)))));
    seeds.push(encode(&blocks::final_block()));
    seeds.push(encode(&crate::rows::case()));
    seeds.push(encode(&Reply::Blocks(vec![blocks::final_block(); 2])));
    seeds
}

/// Decoding an encoding gives the value back.
fn round_trip<T: BorshSerialize + BorshDeserialize + PartialEq + Debug>(value: T) {
    let bytes = encode(&value);
    assert_eq!(decode::<T>(&bytes, bytes.len()), Ok(value));
}

fn tasks() -> impl Strategy<Value = Task> {
    prop_oneof![
        any::<u32>().prop_map(|unit| Task::Unit(UnitIndex(unit))),
        any::<[u8; 32]>().prop_map(|hash| Task::List(ListHash(Digest(hash))))
    ]
}

prop_compose! {
    fn all_addresses()(frame: u32, x_px: u16, y_px: u16, first_sample: u32, samples: u8) -> Address {
        Address { frame, x_px, y_px, first_sample, samples }
    }
}

prop_compose! {
    fn deliveries()(job: [u8; 32], task in tasks(), worker: [u8; 32], root: [u8; 32], key: [u8; 32]) -> Delivery {
        let (job, worker, root, key_hash) = (JobId(Digest(job)), AccountId(worker), Root(Digest(root)), KeyHash(Digest(key)));
        Delivery { job, task, worker, root, key_hash }
    }
}

prop_compose! {
    fn claim_entries()(task in tasks(), root: [u8; 32], key: [u8; 32], price: u64, signature: [u8; 32]) -> ClaimEntry {
        let signature = Signature([signature, signature].concat().try_into().unwrap());
        ClaimEntry { task, root: Root(Digest(root)), key: FilmKey(key), price: Microlux(price), signature }
    }
}

prop_compose! {
    fn pay_rows()(worker: [u8; 32], paid: u64, reserved: u64, done: Option<[u8; 32]>) -> PayRow {
        let done = done.map(|half| Signature([half, half].concat().try_into().unwrap()));
        PayRow { worker: AccountId(worker), paid_total: Microlux(paid), reserved_total: Microlux(reserved), done }
    }
}

fn actions() -> impl Strategy<Value = Action> {
    let entries = prop::collection::vec(claim_entries(), 0..5);
    let rows = prop::collection::vec(pay_rows(), 0..5);
    prop_oneof![
        (any::<[u8; 32]>(), any::<u64>()).prop_map(|(to, amount)| Action::Transfer { to: AccountId(to), amount: Microlux(amount) }),
        (any::<u64>(), entries)
            .prop_map(|(total, entries)| { Action::Claim(Claim { from_total: Microlux(total), entries, ..transactions::claim() }) }),
        (rows, any::<bool>(), any::<Option<u64>>()).prop_map(|(rows, close, ends_by)| Action::Pay(Pay {
            job: values::job(),
            rows,
            close,
            ends_by: ends_by.map(RingTime)
        })),
        (0usize..30, tasks(), all_addresses(), any::<u32>()).prop_map(|(path, task, address, index)| {
            Action::Challenge(Box::new(Challenge { task, address, index: LeafIndex(index), ..transactions::challenge(path) }))
        }),
        (any::<u64>(), any::<Option<[u32; 3]>>()).prop_map(|(case, leaf)| Action::Ruling { case: CaseId(case), value: leaf.map(Leaf) }),
        (any::<[u8; 32]>(), any::<bool>()).prop_map(|(renderer, listed)| Action::Endorse { renderer: Digest(renderer), listed }),
    ]
}

#[test]
fn the_mutated_encodings_are_accepted_unmutated() {
    assert!(seeds().iter().all(|seed| read_all(seed) > 0));
}

#[test]
fn a_length_that_the_bytes_do_not_back_is_refused_without_reserving_it() {
    // A vector that claims 2^32 − 1 blocks, rows or addresses.
    for tag in 0..=20u8 {
        let bytes = [&[tag][..], &[0xff; 40]].concat();
        read_all(&bytes);
        read_all(&bytes[1..]);
    }
    assert_eq!(
        decode::<Message>(&vec![0; limits::MESSAGE_BYTES_MAX + 1], limits::MESSAGE_BYTES_MAX),
        Err(DecodeError::TooLong { len: limits::MESSAGE_BYTES_MAX + 1, max: limits::MESSAGE_BYTES_MAX })
    );
}

proptest! {
    #[test]
    fn random_bytes_never_panic_and_nothing_has_two_encodings(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn small_random_bytes_reach_deep_and_never_panic(bytes in prop::collection::vec(0u8..4, 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn mutated_encodings_never_panic_and_nothing_has_two_encodings(
        seed: prop::sample::Index,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let seeds = seeds();
        let mut bytes = seeds[seed.index(seeds.len())].clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_all(&bytes);
    }

    #[test]
    fn transactions_decode_to_themselves(nonce: u64, valid_until: u64, action in actions()) {
        round_trip(Tx { nonce, valid_until: RingTime(valid_until), action });
    }

    #[test]
    fn messages_decode_to_themselves(
        delivery in deliveries(),
        price: u64,
        total: u64,
        addresses in prop::collection::vec(all_addresses(), 0..20),
        header: Option<[u8; 32]>,
    ) {
        round_trip(delivery.clone());
        let lease = Lease { job: delivery.job, assignment: Assignment::List(addresses), price: Microlux(price), lasts_ms: total as u32 };
        round_trip(Message::Lease(lease));
        let vote = Vote { kind: VoteKind::Precommit, height: Height(price), round: Round(7), header: header.map(|hash| BlockHash(Digest(hash))) };
        round_trip(Message::Vote(values::keys().sign(values::chain(), &vote)));
        let receipt = Receipt { delivery, price: Microlux(price), total: Microlux(total) };
        round_trip(Message::Standing(values::keys().sign(values::chain(), &receipt)));
        round_trip(receipt);
    }
}
