//! Sizes that rules, prices and other limits count on.

use crate::blocks::{final_block, proposal, vote};
use crate::messages::{bid, delivery, done, grant, lease, offer, receipt};
use crate::transactions::{challenge, claim, claim_entry, open_job, pay, pay_row, reserve, tx};
use crate::values::{account, addresses, block_hash, chain, keys, list, part, signature, unit};
use raylance_protocol::job::Manifest;
use raylance_protocol::message::Gossip;
use raylance_protocol::tx::claim_entry_bytes;
use raylance_protocol::{
    Action, Assignment, Certificate, Claim, ClaimEntry, Delivery, FinalBlock, Message, OpenJob, Pay, Receipt, Round, Signable, Tx, encode,
    limits,
};

/// Asserts that a value of the greatest length fits what is looked at.
fn assert_fits<T: Signable>(value: &T) {
    let len = encode(value).len();
    assert!(len <= T::BYTES_MAX, "{}: {len} bytes where {} are allowed", T::DOMAIN, T::BYTES_MAX);
}

fn signed_len(action: Action) -> usize {
    keys().sign(chain(), &tx(action)).encoded_len()
}

fn claim_of(count: usize, entry: ClaimEntry) -> Action {
    Action::Claim(Claim { entries: vec![entry; count], ..claim() })
}

fn list_entry() -> ClaimEntry {
    ClaimEntry { task: list(), ..claim_entry() }
}

#[test]
fn the_largest_signed_values_fit_what_is_looked_at() {
    assert_fits(&offer());
    assert_fits(&bid());
    assert_fits(&delivery(list()));
    assert_fits(&receipt(list()));
    assert_fits(&done());
    assert_fits(&grant());
    assert_fits(&vote(Some(block_hash())));
    assert_fits(&proposal(Some(Round(u32::MAX))));
}

#[test]
fn the_largest_transactions_fit_in_a_transaction() {
    let rows = limits::TX_ROWS_MAX;
    assert_fits::<Tx>(&tx(claim_of(limits::CLAIM_ENTRIES_MAX, list_entry())));
    assert_fits::<Tx>(&tx(Action::Pay(Pay { rows: vec![pay_row(1); rows], ..pay() })));
    assert_fits::<Tx>(&tx(Action::OpenJob(OpenJob { rows: vec![reserve(1); rows], ..open_job() })));
    let mut largest = challenge(21);
    largest.task = list();
    assert_fits::<Tx>(&tx(Action::Challenge(Box::new(largest))));
}

#[test]
fn a_claimed_unit_costs_at_most_300_bytes_with_its_share_of_the_envelope() {
    let check = |count: usize, entry: ClaimEntry, bytes_max: usize| {
        let bytes = signed_len(claim_of(count, entry)).div_ceil(count);
        assert!(bytes <= bytes_max, "{count} entries: {bytes} bytes each");
    };
    check(limits::CLAIM_ENTRIES_MAX, claim_entry(), 142);
    check(limits::CLAIM_ENTRIES_MAX, list_entry(), 170);
    // A claim of one or two receipts carries its envelope almost alone.
    check(2, claim_entry(), 300);
    let entry = encode(&list_entry()).len();
    assert_eq!(claim_entry_bytes(), entry, "the price of an entry counts on its bytes");
}

#[test]
fn a_challenge_of_a_unit_of_8192_leaves_costs_at_most_a_kibibyte() {
    let bytes = signed_len(Action::Challenge(Box::new(challenge(13))));
    assert!(bytes <= 1024, "{bytes} bytes");
    let longest = signed_len(Action::Challenge(Box::new(challenge(21))));
    assert!(longest <= 1300, "{longest} bytes");
}

#[test]
fn an_offer_fits_in_gossip_and_a_list_in_a_message() {
    let offer = encode(&Gossip::Offer(keys().sign(chain(), &offer())));
    assert!(offer.len() < 512 && offer.len() <= limits::GOSSIP_BYTES_MAX, "{} bytes", offer.len());
    let lease = encode(&Message::Lease(lease(Assignment::List(addresses(limits::LIST_ADDRESSES_MAX)))));
    assert!(lease.len() <= 16 << 10 && lease.len() <= limits::MESSAGE_BYTES_MAX, "{} bytes", lease.len());
}

#[test]
fn a_manifest_of_the_most_parts_stays_below_three_mebibytes() {
    let manifest = Manifest { parts: vec![part(1); limits::MANIFEST_PARTS_MAX] };
    assert!(encode(&manifest).len() < 3 << 20);
}

#[test]
fn two_of_the_largest_blocks_fit_in_a_message() {
    let signatures = (0..limits::VALIDATORS_MAX as u8).map(|byte| (account(byte), signature(byte))).collect();
    let certificate = Certificate { signatures, ..final_block().certificate };
    assert!(encode(&certificate).len() < 7 << 10);
    let frame = encode(&FinalBlock { certificate, ..final_block() }).len();
    assert!(2 * (frame + limits::BLOCK_TXS_BYTES_MAX) <= limits::MESSAGE_BYTES_MAX);
}

#[test]
fn a_receipt_is_its_delivery_with_price_and_total() {
    let check = |receipt: Receipt, delivery: Delivery| assert_eq!(encode(&receipt).len(), encode(&delivery).len() + 16);
    check(receipt(unit()), delivery(unit()));
    check(receipt(list()), delivery(list()));
}
