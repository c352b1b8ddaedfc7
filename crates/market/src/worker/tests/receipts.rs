//! When a key goes out, and when it does not.

use super::*;

/// A receipt for unit 1, the second of two deliveries, after unit 0 has its receipt.
#[track_caller]
fn check(opens: bool, prepare: impl FnOnce(&mut Bench, &mut Receipt)) {
    let mut bench = Bench::new();
    bench.deliver(0);
    bench.deliver(1);
    let first = bench.receipt(0, PRICE);
    bench.sign(first);
    let mut receipt = bench.receipt(1, Microlux(2 * PRICE.0));
    prepare(&mut bench, &mut receipt);
    let (before, total) = (bench.rows.clone(), bench.worker.summary().total);
    let effects = bench.sign(receipt.clone());
    if opens {
        assert_eq!(keys(&effects), [unit(1)]);
        assert_eq!(bench.worker.summary().total, receipt.total);
        assert_eq!(bench.sign(receipt).iter().filter(|effect| matches!(effect, WorkerEffect::Send { .. })).count(), 1, "the key again");
    } else {
        assert_eq!((keys(&effects), bench.rows.clone()), (vec![], before));
        assert_eq!(bench.worker.summary().total, total);
    }
}

#[test]
fn a_key_goes_out_for_a_receipt_that_fits() {
    check(true, |_, _| ());
}

#[test]
fn a_receipt_must_match_its_delivery() {
    check(false, |_, receipt| receipt.delivery.root = Root(Digest([0; 32])));
    check(false, |_, receipt| receipt.delivery.key_hash = FilmKey([0; 32]).hash());
    check(false, |_, receipt| receipt.delivery.worker = ARTIST);
    check(false, |_, receipt| receipt.delivery.job = JobId(Digest([0; 32])));
    check(false, |_, receipt| receipt.delivery.task = unit(7));
}

#[test]
fn a_receipt_must_name_the_price_of_the_lease() {
    check(false, |_, receipt| {
        receipt.price = Microlux(PRICE.0 - 1);
        receipt.total = Microlux(2 * PRICE.0 - 1);
    });
    check(false, |_, receipt| {
        receipt.price = Microlux(PRICE.0 + 1);
        receipt.total = Microlux(2 * PRICE.0 + 1);
    });
}

#[test]
fn totals_leave_no_gap() {
    check(false, |_, receipt| receipt.total = Microlux(2 * PRICE.0 - 1));
    check(false, |_, receipt| receipt.total = Microlux(2 * PRICE.0 + 1));
    check(false, |_, receipt| receipt.total = PRICE);
    check(false, |_, receipt| receipt.total = Microlux(u64::MAX));
}

#[test]
fn a_receipt_below_what_is_already_paid_opens_nothing() {
    // The artist paid one unit and says that the second was that one.
    check(false, |bench, receipt| {
        bench.pay(PRICE);
        receipt.total = PRICE;
    });
}

#[test]
fn the_row_covers_the_total() {
    for (missing, opens) in [(0, true), (1, false)] {
        check(opens, |bench, _| {
            bench.channel().reserved = Microlux(2 * PRICE.0 - missing);
            bench.block();
        });
    }
}

#[test]
fn a_closing_job_leaves_half_a_window_for_a_claim() {
    for (spare, opens) in [(0, true), (1, false)] {
        check(opens, |bench, _| {
            bench.job().claims_until = Some(RingTime(bench.ring_time + 1 + PARAMETERS.window_ms / 2 - spare));
            bench.block();
        });
    }
    check(true, |bench, _| {
        // A ruling gave the row another window.
        bench.job().claims_until = Some(RingTime(bench.ring_time + 1));
        bench.channel().claims_until = RingTime(bench.ring_time + PARAMETERS.window_ms);
        bench.block();
    });
}

#[test]
fn no_key_goes_out_on_a_stale_chain_and_it_goes_with_the_next_block() {
    let mut bench = Bench::new();
    bench.deliver(0);
    bench.now_ms += PARAMETERS.window_ms / 4 + 1;
    let receipt = bench.receipt(0, PRICE);
    assert_eq!(keys(&bench.sign(receipt)), []);
    assert_eq!(keys(&bench.block()), [unit(0)]);
}

#[test]
fn no_key_goes_out_while_a_court_decides_about_the_row() {
    let claim = OpenClaim { total: PRICE, by: ME, bond: Microlux(0), fee: Microlux(0), due: RingTime(DAY_MS), challenged: true };
    check(false, |bench, _| {
        bench.channel().state = ChannelState::InCourt { claim, case: raylance_protocol::CaseId(0) };
        bench.block();
    });
    check(true, |bench, _| {
        bench.channel().state = ChannelState::Claimed(claim);
        bench.block();
    });
}

#[test]
fn receipts_that_overtake_each_other_open_in_the_order_of_their_totals() {
    let mut bench = Bench::new();
    bench.deliver(0);
    bench.deliver(1);
    let (first, second) = (bench.receipt(0, PRICE), bench.receipt(1, Microlux(2 * PRICE.0)));
    assert_eq!(keys(&bench.sign(second)), []);
    assert_eq!(keys(&bench.sign(first)), [unit(0), unit(1)]);
}

#[test]
fn a_receipt_for_what_was_never_delivered_opens_nothing() {
    let mut bench = Bench::new();
    bench.lease(0);
    let receipt = bench.receipt(0, PRICE);
    assert_eq!(bench.sign(receipt), []);
}

#[test]
fn a_delivery_is_repeated_when_it_is_leased_again_and_a_receipted_task_is_not_done_twice() {
    let mut bench = Bench::new();
    bench.deliver(0);
    assert_eq!(deliveries(&bench.lease(0)), [unit(0)]);
    let receipt = bench.receipt(0, PRICE);
    bench.sign(receipt);
    assert_eq!(returned(&bench.lease(0)), [(unit(0), ReturnReason::Terms)]);
}

#[test]
fn an_artist_that_does_not_sign_for_a_minute_gets_nothing_more() {
    let mut bench = Bench::new();
    bench.deliver(0);
    bench.lease(1);
    assert_eq!(deliveries(&bench.wait(PATIENCE_MS - 1)), []);
    bench.lease(1);
    let effects = bench.wait(1);
    assert_eq!(deliveries(&effects), [unit(0)], "it is said again");
    assert!(!takes(&bench.lease(2)));
    let receipt = bench.receipt(0, PRICE);
    assert_eq!(keys(&bench.sign(receipt)), [unit(0)], "a late receipt is as good");
    assert!(takes(&bench.lease(2)));
}

#[test]
fn tasks_in_hand_are_given_back_to_an_artist_that_does_not_sign() {
    let mut bench = Bench::new();
    bench.deliver(0);
    bench.now_ms += PATIENCE_MS / 2;
    bench.lease(1);
    assert_eq!(returned(&bench.wait(PATIENCE_MS / 2)), [(unit(1), ReturnReason::Terms)]);
}

#[test]
fn a_late_film_that_the_artist_refused_blocks_five_minutes_and_a_place() {
    let mut bench = Bench::new();
    bench.deliver(0);
    let mut minutes = 0;
    loop {
        bench.wait(PATIENCE_MS);
        bench.block();
        minutes += 1;
        if takes(&bench.lease(1)) {
            break;
        }
    }
    assert!((5..=20).contains(&minutes), "{minutes}");
    assert!(!takes(&bench.lease(2)), "two such films are all that it risks");
}

#[test]
fn films_are_forgotten_once_they_are_paid() {
    let mut bench = Bench::new();
    bench.earn_many(3);
    assert_eq!(forgotten(&bench.pay(Microlux(2 * PRICE.0 - 1))), [unit(0)]);
    assert_eq!(forgotten(&bench.pay(Microlux(3 * PRICE.0))), [unit(1), unit(2)]);
    assert_eq!(bench.rows.len(), 2, "job and tally are left");
}

#[test]
fn an_artist_that_comes_back_is_shown_the_latest_receipt_and_what_it_may_lack() {
    let mut bench = Bench::new();
    assert_eq!(bench.hear(WorkerInput::Back), []);
    bench.earn_many(2);
    bench.deliver(5);
    assert_eq!(bench.hear(WorkerInput::Lost), []);
    let effects = bench.hear(WorkerInput::Back);
    let standing = Say::Standing(bench.receipt(1, Microlux(2 * PRICE.0)), Signature([(2 * PRICE.0) as u8; 64]));
    assert_eq!(said(&effects).next(), Some(&standing));
    assert_eq!(deliveries(&effects), [unit(5)]);
}
