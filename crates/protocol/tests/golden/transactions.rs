//! Transactions.

use crate::record::{Record, variants};
use crate::values::{account, address, artist, chain, digest, job, keys, list, renderer, root, signature, spec, spec_hash, unit, worker};
use raylance_protocol::{
    Action, CaseId, Challenge, Claim, ClaimEntry, FilmKey, Leaf, LeafIndex, Microlux, OpenJob, Pay, PayRow, Reserve, RingTime, Tx,
};

variants! {
    Action:
    Action::Transfer { .. } => "transfer",
    Action::OpenJob(_) => "open job",
    Action::Pay(_) => "pay",
    Action::Claim(_) => "claim",
    Action::Challenge(_) => "challenge",
    Action::Ruling { .. } => "ruling",
    Action::Endorse { .. } => "endorse",
}

pub fn tx(action: Action) -> Tx {
    Tx { nonce: 7, valid_until: RingTime(600_000), action }
}

pub fn reserve(byte: u8) -> Reserve {
    Reserve { worker: account(byte), reserved_total: Microlux(1000) }
}

pub fn open_job() -> OpenJob {
    OpenJob {
        spec: spec_hash(),
        renderer: renderer(),
        scene_bytes: 123_456_789,
        ends_by: RingTime(86_400_000),
        rows: vec![reserve(0xb0), reserve(0xb1)],
    }
}

pub fn pay_row(byte: u8) -> PayRow {
    PayRow { worker: account(byte), paid_total: Microlux(345), reserved_total: Microlux(1000), done: Some(signature(0x33)) }
}

pub fn pay() -> Pay {
    Pay { job: job(), rows: vec![pay_row(0xb0), PayRow { done: None, ..pay_row(0xb1) }], close: false, ends_by: Some(RingTime(90_000_000)) }
}

pub fn claim_entry() -> ClaimEntry {
    ClaimEntry { task: unit(), root: root(), key: FilmKey([0x21; 32]), price: Microlux(12), signature: signature(0x34) }
}

pub fn claim() -> Claim {
    let entries = vec![claim_entry(), ClaimEntry { task: list(), key: FilmKey([0x22; 32]), ..claim_entry() }];
    Claim { job: job(), worker: worker(), artist: artist(), from_total: Microlux(321), entries }
}

pub fn challenge(path_len: usize) -> Challenge {
    Challenge {
        job: job(),
        worker: worker(),
        spec: spec(),
        task: unit(),
        root: root(),
        delivery: signature(0x35),
        key: FilmKey([0x21; 32]),
        index: LeafIndex(4_711),
        leaf_count: 8_192,
        address: address(),
        sealed_leaf: [0x36; 12],
        path: (0..path_len).map(|i| digest(0x40 + i as u8)).collect(),
    }
}

/// One of every kind.
pub fn actions() -> Vec<Action> {
    let leaf = Leaf::from_sums([1.0, 2.0, 3.0]);
    vec![
        Action::Transfer { to: worker(), amount: Microlux(5) },
        Action::OpenJob(open_job()),
        Action::Pay(pay()),
        Action::Claim(claim()),
        Action::Challenge(Box::new(challenge(13))),
        Action::Ruling { case: CaseId(3), value: Some(leaf) },
        Action::Ruling { case: CaseId(3), value: None },
        Action::Endorse { renderer: renderer(), listed: true },
    ]
}

pub fn record() -> Record {
    let mut record = Record::new("Transactions.");
    record.variants(&actions());
    record.value(&reserve(0xb0));
    record.value(&open_job());
    record.value(&pay_row(0xb0));
    record.value(&pay());
    record.value(&claim_entry());
    record.value(&claim());
    record.value(&challenge(13));
    let transfer = tx(Action::Transfer { to: worker(), amount: Microlux(5) });
    record.signed("", &transfer);
    let signed = keys().sign(chain(), &transfer);
    record.value(&signed);
    record.value(&signature(0x35));
    record.hash("transaction", signed.id().0);
    record
}

#[test]
fn claims_and_challenges_stand_for_what_was_signed() {
    let receipts = claim().receipts().unwrap();
    let totals: Vec<_> = receipts.iter().map(|(receipt, _)| receipt.total).collect();
    assert_eq!(totals, [Microlux(333), Microlux(345)]);
    assert_eq!(claim().total(), Some(Microlux(345)));
    let (receipt, _) = &receipts[1];
    assert_eq!((receipt.delivery.task, receipt.delivery.key_hash), (list(), FilmKey([0x22; 32]).hash()));
    let overflowing = Claim { from_total: Microlux(u64::MAX), ..claim() };
    assert_eq!((overflowing.receipts(), overflowing.total()), (None, None));

    let delivery = challenge(0).delivery();
    assert_eq!((delivery.task, delivery.root, delivery.key_hash), (unit(), root(), FilmKey([0x21; 32]).hash()));
}
