//! A worker made anew from its rows goes on; from older rows it loses no more than what was not paid.

use super::*;

#[test]
fn everything_outstanding_is_asked_for_again() {
    let mut bench = Bench::new();
    bench.earn(0);
    bench.deliver(1);
    bench.lease(2);
    let summary = bench.worker.summary();
    let effects = bench.restart();
    assert!(matches!(said(&effects).next(), Some(Say::Standing(receipt, _)) if receipt.total == PRICE));
    assert_eq!((deliveries(&effects), keys(&effects)), (vec![unit(1)], vec![unit(0)]));
    assert!(takes(&effects));
    assert_eq!(WorkerSummary { paid: summary.paid, ..bench.worker.summary() }, summary);
    assert!(!takes(&bench.lease(3)), "the chain was not heard of yet");
    bench.block();
    assert!(!takes(&bench.lease(3)), "two are out");
    let receipt = bench.receipt(1, Microlux(2 * PRICE.0));
    assert_eq!(keys(&bench.sign(receipt)), [unit(1)]);
    assert!(takes(&bench.lease(3)));
}

#[test]
fn deadlines_count_anew() {
    let mut bench = Bench::new();
    bench.deliver(0);
    bench.lease(1);
    bench.now_ms += 50_000;
    assert!(bench.restart().contains(&WorkerEffect::Alarm { at_ms: bench.now_ms + PATIENCE_MS }));
    assert_eq!(returned(&bench.wait(59_999)), []);
    assert_eq!(returned(&bench.wait(1)), [(unit(1), ReturnReason::Device)]);
}

#[test]
fn rows_of_others_are_passed_over_and_broken_ones_are_named() {
    let mut bench = Bench::new();
    bench.earn(0);
    let id = bench.worker.id();
    let mut rows = bench.rows.clone();
    rows.insert([vec![84], vec![0; 40]].concat(), vec![1, 2, 3]);
    rows.insert([vec![64], id.0.0.to_vec()].concat(), vec![1, 2, 3]);
    rows.insert(vec![], vec![]);
    assert_eq!(Worker::load(id, rows.clone()).unwrap().summary().receipted, 1);
    let broken = [vec![84], id.0.0.to_vec(), vec![0; 8]].concat();
    rows.insert(broken.clone(), vec![1, 2, 3]);
    assert_eq!(Worker::load(id, rows).unwrap_err(), LoadError::Malformed { table: 84, key: broken });
    assert_eq!(Worker::load(JobId::default(), bench.rows.clone()).unwrap_err(), LoadError::Missing(JobId::default()));
}

#[test]
fn older_rows_never_open_a_film_for_a_receipt_that_money_has_answered() {
    let mut bench = Bench::new();
    bench.earn(0);
    let backup = bench.rows.clone();
    bench.earn(1);
    bench.earn(2);
    bench.pay(Microlux(3 * PRICE.0));
    bench.restart_from(backup);
    assert_eq!(forgotten(&bench.block()), [unit(0)]);
    assert_eq!(bench.worker.summary().total, Microlux(3 * PRICE.0), "the ledger knows more than the memory");
    bench.deliver(5);
    for already in 1..=3 {
        let receipt = bench.receipt(5, Microlux(already * PRICE.0));
        assert_eq!(keys(&bench.sign(receipt)), []);
    }
    let receipt = bench.receipt(5, Microlux(4 * PRICE.0));
    assert_eq!(keys(&bench.sign(receipt)), [unit(5)]);
    assert_eq!(claimed(&bench.close()), Some((Microlux(3 * PRICE.0), 1, Microlux(4 * PRICE.0))));
}

#[test]
fn older_rows_cost_only_what_is_not_paid() {
    let mut bench = Bench::new();
    bench.earn(0);
    bench.pay(PRICE);
    let backup = bench.rows.clone();
    bench.earn(1);
    bench.restart_from(backup);
    bench.block();
    bench.deliver(2);
    let receipt = bench.receipt(2, Microlux(3 * PRICE.0));
    assert_eq!(keys(&bench.sign(receipt)), [], "between lies a receipt that it lost");
    assert_eq!(keys(&bench.pay(Microlux(2 * PRICE.0))), [unit(2)], "an honest artist pays it all the same");
}

#[test]
fn a_claim_of_lost_receipts_counts() {
    let mut bench = Bench::new();
    bench.earn(0);
    let backup = bench.rows.clone();
    bench.earn(1);
    let total = Microlux(2 * PRICE.0);
    bench.close();
    bench.restart_from(backup);
    let claim = OpenClaim { total, by: ME, bond: Microlux(9), fee: Microlux(3), due: RingTime(DAY_MS), challenged: false };
    bench.channel().state = ChannelState::Claimed(claim);
    assert_eq!(claimed(&bench.block()), None);
    bench.channel().state = ChannelState::Open;
    assert_eq!(done(&bench.pay(total)), Some(total));
}
