//! Jobs are opened.

use super::ring::*;
use crate::{Event, Refusal};
use raylance_protocol::*;

#[test]
fn opening_locks_deposits_and_reserves_and_makes_accounts() {
    let mut ring = TestRing::new();
    let before = ring.balance(ARTIST);
    let tx = Tx { nonce: 0, valid_until: RingTime::NEVER, action: Action::OpenJob(open_job(&[(W1, 500), (STRANGER, 300)])) };
    let tx = ring.sign_tx(ARTIST, &tx);
    ring.execute(&tx).unwrap();
    let job = JobId::opened(ring.chain, id(ARTIST), 0, spec().hash());
    let p = PARAMETERS;
    let cost = 500 + 300 + 3 * p.row_deposit.0 + p.account_deposit.0 + p.fee(tx.len_bytes()).0;
    assert_eq!(ring.balance(ARTIST), before - cost);
    assert_eq!((ring.job(job).rows, ring.job(job).rows_live), (2, 2));
    assert_eq!(ring.channel(job, STRANGER).reserved.0, 300);
    assert_eq!(ring.balance(STRANGER), 0);
    assert!(ring.happened(|event| matches!(event, Event::JobOpened { job: opened, .. } if *opened == job)));
    assert_eq!(ring.state.next_due(), Some(RingTime(150_000)));
}

#[test]
fn a_job_out_of_bounds_is_refused() {
    let mut ring = TestRing::new();
    let mut check = |change: &dyn Fn(&mut OpenJob), expected: Result<(), Refusal>| {
        let mut open = open_job(&[(W1, 500)]);
        change(&mut open);
        assert_eq!(ring.act(ARTIST, Action::OpenJob(open)), expected);
    };
    let max = PARAMETERS.court_scene_bytes_max;
    check(&|o| o.scene_bytes = 0, Err(Refusal::SceneBytes { found: 0, max }));
    check(&|o| o.scene_bytes = max + 1, Err(Refusal::SceneBytes { found: max + 1, max }));
    check(&|o| o.scene_bytes = max, Ok(()));
    let latest = RingTime(PARAMETERS.job_ms_max);
    let ends = |ends_by: u64| Err(Refusal::EndsBy { ends_by: RingTime(ends_by), now: RingTime(0), latest });
    check(&|o| o.ends_by = RingTime(0), ends(0));
    check(&|o| o.ends_by = latest.after(1), ends(latest.0 + 1));
    check(&|o| o.ends_by = latest, Ok(()));
    check(&|o| o.ends_by = RingTime(1), Ok(()));
    check(&|o| o.renderer = Digest([6; 32]), Err(Refusal::Renderer(Digest([6; 32]))));
    check(&|o| o.rows.push(o.rows[0]), Err(Refusal::Repeated(id(W1))));
    check(&|o| o.rows[0].worker = id(ARTIST), Err(Refusal::OwnWorker));
    check(&|o| o.rows[0].reserved_total = Microlux(0), Err(Refusal::NoReserve(id(W1))));
    check(&|o| o.rows.clear(), Ok(()));
    let stranger = |n: usize| Reserve { worker: AccountId([n as u8; 32]), reserved_total: Microlux(1) };
    check(&|o| o.rows = (0..257).map(stranger).collect(), Err(Refusal::Rows(257)));
    check(&|o| o.rows = (0..256).map(stranger).collect(), Ok(()));
}

#[test]
fn a_job_beyond_the_balance_is_refused_whole() {
    let mut ring = TestRing::new();
    let result = ring.act(ARTIST, Action::OpenJob(open_job(&[(W1, 500), (STRANGER, FUNDS)])));
    assert!(matches!(result, Err(Refusal::Balance { .. })));
    assert_eq!(ring.balance(ARTIST), FUNDS);
    assert_eq!(ring.state.jobs().count(), 0);
}

#[test]
fn two_jobs_of_one_specification_have_two_ids() {
    let mut ring = TestRing::new();
    let (first, second) = (ring.open(&[(W1, 500)]), ring.open(&[(W1, 500)]));
    assert_ne!(first, second);
    assert_eq!(ring.state.jobs().count(), 2);
}
