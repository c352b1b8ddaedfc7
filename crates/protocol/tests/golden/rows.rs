//! Rows of the state, their keys and their values.

use crate::record::{Record, variants};
use crate::values::{account, address, artist, chain, job, renderer, spec, spec_hash, unit, worker};
use borsh::{BorshDeserialize, BorshSerialize};
use raylance_protocol::row::{
    Account, Case, Channel, ChannelState, Court, Due, DueKey, Job, OpenClaim, Renderer, Ring, Row, Totals, ValidatorSet, key_bytes,
    value_bytes,
};
use raylance_protocol::{CaseId, Clock, Height, Leaf, Microlux, RingParameters, RingTime, Validator};
use std::fmt::Debug;

variants! {
    ChannelState:
    ChannelState::Open => "open",
    ChannelState::Claimed(_) => "claimed",
    ChannelState::InCourt { .. } => "in court",
    ChannelState::Done => "done",
    ChannelState::Void => "void",
    ChannelState::Ended => "ended",
}
variants! {
    Due:
    Due::JobEnds(_) => "job ends",
    Due::JobSweep { .. } => "job sweep",
    Due::ClaimEnds(..) => "claim ends",
    Due::ChannelEnds(..) => "channel ends",
    Due::CaseEnds(_) => "case ends",
    Due::RendererLeaves(_) => "renderer leaves",
}

fn claim() -> OpenClaim {
    OpenClaim { total: Microlux(345), by: worker(), bond: Microlux(43_800), fee: Microlux(6), due: RingTime(86_700_000), challenged: true }
}

fn channel(state: ChannelState) -> Channel {
    Channel { reserved: Microlux(1000), paid: Microlux(333), claims_until: RingTime(500_000), state }
}

pub fn case() -> Case {
    Case {
        job: job(),
        worker: worker(),
        spec: spec(),
        task: unit(),
        address: address(),
        opened: Leaf::from_sums([1.0, 2.0, 3.0]),
        bond: Microlux(43_800),
        height: Height(42),
        voters: vec![Validator { account: account(1), stake: 1 }, Validator { account: account(2), stake: 2 }],
        votes: vec![(account(1), None), (account(2), Some(Leaf::from_sums([1.0, 2.0, 4.0])))],
        deadline: Some(RingTime(700_000)),
    }
}

/// A row under its key: table and fields, then the value.
fn row<R: Row + PartialEq + Debug>(record: &mut Record, key: &R::Key, value: &R) {
    record.value(value);
    let table = format!("key in table {}: {}", R::TABLE, std::any::type_name::<R>().rsplit("::").next().unwrap_or_default());
    record.bytes(&table, &key_bytes::<R>(key));
    let bytes = value_bytes(value);
    assert!(bytes.len() <= R::BYTES_MAX, "{table}: {} bytes where {} are allowed", bytes.len(), R::BYTES_MAX);
}

pub fn record() -> Record {
    let mut record = Record::new("Rows of the state: values, and the keys under which the tree holds them.");
    let totals = Totals {
        created: Microlux(1),
        balances: Microlux(2),
        reserves: Microlux(3),
        bonds: Microlux(4),
        deposits: Microlux(5),
        treasury: Microlux(6),
        burned: Microlux(7),
        dues: 8,
    };
    let ring = Ring { chain: chain(), name: "Friends".into() };
    let account_row = Account { balance: Microlux(5), nonce: 6 };
    let listing = Renderer { listed: true, since: RingTime(9), was_listed: false, votes: vec![account(1)] };
    let job_row = Job {
        artist: artist(),
        spec: spec_hash(),
        renderer: renderer(),
        scene_bytes: 123_456_789,
        ends_by: RingTime(86_400_000),
        claims_until: Some(RingTime(90_000_000)),
        rows: 3,
        rows_live: 2,
    };
    row(&mut record, &(), &Clock { height: Height(42), ring_time: RingTime(360_000), header_ms: 1_800_000_360_000 });
    row(&mut record, &(), &totals);
    row(&mut record, &(), &RingParameters::PUBLIC);
    row(&mut record, &(), &ValidatorSet { validators: vec![Validator { account: account(1), stake: 3 }] });
    row(&mut record, &renderer(), &listing);
    row(&mut record, &worker(), &account_row);
    row(&mut record, &job(), &job_row);
    row(&mut record, &(job(), worker()), &channel(ChannelState::Open));
    row(&mut record, &(), &Court { first: CaseId(3), next: CaseId(5) });
    row(&mut record, &CaseId(3), &case());
    row(&mut record, &DueKey { at: RingTime(0x0102), sequence: 3 }, &Due::ClaimEnds(job(), worker()));
    row(&mut record, &(), &ring);

    record.value(&claim());
    record.value(&DueKey { at: RingTime(0x0102), sequence: 3 });
    record.variants(&[
        ChannelState::Open,
        ChannelState::Claimed(claim()),
        ChannelState::InCourt { claim: claim(), case: CaseId(3) },
        ChannelState::Done,
        ChannelState::Void,
        ChannelState::Ended,
    ]);
    record.variants(&[
        Due::JobEnds(job()),
        Due::JobSweep { job: job(), after: Some(worker()) },
        Due::JobSweep { job: job(), after: None },
        Due::ClaimEnds(job(), worker()),
        Due::ChannelEnds(job(), worker()),
        Due::CaseEnds(CaseId(3)),
        Due::RendererLeaves(renderer()),
    ]);
    record
}

fn assert_fits<R: Row>(value: &R) {
    let len = value_bytes(value).len();
    assert!(len <= R::BYTES_MAX, "table {}: {len} bytes where {} are allowed", R::TABLE, R::BYTES_MAX);
    let _: R = BorshDeserialize::deserialize(&mut &value_bytes(value)[..]).unwrap();
    fn encodes<T: BorshSerialize>(_: &T) {}
    encodes(value);
}

#[test]
fn the_largest_rows_fit_their_limits() {
    use raylance_protocol::limits::{RING_NAME_BYTES_MAX, VALIDATORS_MAX};
    let accounts: Vec<_> = (0..VALIDATORS_MAX as u8).map(account).collect();
    let validators: Vec<_> = accounts.iter().map(|&account| Validator { account, stake: u64::MAX }).collect();
    let votes = accounts.iter().map(|&account| (account, Some(Leaf([u32::MAX; 3])))).collect();
    assert_fits(&Case { voters: validators.clone(), votes, task: crate::values::list(), ..case() });
    assert_fits(&ValidatorSet { validators });
    assert_fits(&Renderer { listed: true, since: RingTime::NEVER, was_listed: true, votes: accounts });
    assert_fits(&Ring { chain: chain(), name: "x".repeat(RING_NAME_BYTES_MAX) });
    assert_fits(&channel(ChannelState::InCourt { claim: claim(), case: CaseId(u64::MAX) }));
    assert_fits(&Due::JobSweep { job: job(), after: Some(worker()) });
}
