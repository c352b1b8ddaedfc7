//! How a part in a job ends: every state has a deadline and an outcome.

use super::*;

#[test]
fn who_is_paid_agrees_to_its_total_once_no_more_work_will_come() {
    let mut bench = Bench::new();
    bench.earn_many(2);
    assert_eq!(done(&bench.pay(Microlux(2 * PRICE.0))), None, "there may be more work");
    assert_eq!(done(&bench.close()), Some(Microlux(2 * PRICE.0)));
    assert_eq!(done(&bench.block()), None, "once");
    assert_eq!(done(&bench.restart()), Some(Microlux(2 * PRICE.0)), "and after a start");
    bench.channel().state = ChannelState::Done;
    assert!(bench.block().contains(&WorkerEffect::Ended));
    assert!(bench.rows.is_empty() && bench.worker.has_ended());
    assert_eq!(bench.block(), []);
}

#[test]
fn who_is_not_paid_does_not_agree() {
    let mut bench = Bench::new();
    bench.earn_many(2);
    bench.pay(Microlux(2 * PRICE.0 - 1));
    assert_eq!(done(&bench.close()), None);
}

#[test]
fn who_has_agreed_takes_nothing_more() {
    let mut bench = Bench::new();
    bench.earn(0);
    bench.hear(WorkerInput::Leave);
    assert_eq!(done(&bench.pay(PRICE)), Some(PRICE));
    assert!(!takes(&bench.lease(1)));
}

#[test]
fn who_leaves_gives_back_what_is_in_hand_and_still_collects() {
    let mut bench = Bench::new();
    bench.earn(0);
    bench.lease(1);
    bench.deliver(2);
    let effects = bench.hear(WorkerInput::Leave);
    assert_eq!(returned(&effects), [(unit(1), ReturnReason::Owner)]);
    assert!(!takes(&bench.lease(3)));
    let receipt = bench.receipt(2, Microlux(2 * PRICE.0));
    assert_eq!(keys(&bench.sign(receipt)), [unit(2)]);
    assert_eq!(done(&bench.pay(Microlux(2 * PRICE.0))), Some(Microlux(2 * PRICE.0)));
}

#[test]
fn tasks_in_hand_are_given_back_when_the_job_closes_and_films_wait_a_minute_for_their_receipt() {
    let mut bench = Bench::new();
    bench.deliver(0);
    bench.lease(1);
    assert_eq!(returned(&bench.close()), [(unit(1), ReturnReason::Terms)]);
    let effects = bench.wait(PATIENCE_MS);
    assert_eq!((forgotten(&effects), done(&effects)), (vec![unit(0)], Some(Microlux(0))));
}

#[test]
fn a_receipt_in_a_closing_job_is_claimed_with_the_next_block() {
    let mut bench = Bench::new();
    bench.deliver(0);
    bench.close();
    let receipt = bench.receipt(0, PRICE);
    assert_eq!(keys(&bench.sign(receipt)), [unit(0)]);
    assert_eq!(claimed(&bench.block()), Some((Microlux(0), 1, PRICE)));
}

#[test]
fn a_row_that_has_ended_or_a_job_that_is_gone_ends_everything() {
    let endings: [fn(&mut Bench); 5] = [
        |bench| bench.channel().state = ChannelState::Done,
        |bench| bench.channel().state = ChannelState::Void,
        |bench| bench.channel().state = ChannelState::Ended,
        |bench| bench.job = None,
        |bench| bench.channel = None,
    ];
    for end in endings {
        let mut bench = Bench::new();
        bench.earn(0);
        bench.deliver(1);
        bench.lease(2);
        end(&mut bench);
        let effects = bench.block();
        assert!(effects.contains(&WorkerEffect::CancelRender { task: unit(2) }));
        assert_eq!(forgotten(&effects), [unit(1), unit(0)]);
        assert_eq!(effects.last(), Some(&WorkerEffect::Ended));
        assert!(bench.rows.is_empty());
    }
}

#[test]
fn an_older_chain_ends_nothing() {
    let mut bench = Bench::new();
    bench.earn(0);
    bench.restart();
    bench.ring_time -= 100;
    (bench.job, bench.channel) = (None, None);
    assert_eq!(bench.block(), [], "a chain restored from a backup does not know the job yet");
    assert!(!bench.worker.has_ended());
}

#[test]
fn who_never_sees_its_row_goes_after_ten_minutes() {
    let mut bench = Bench::with(JobId(Digest([9; 32])), policy());
    bench.channel = None;
    bench.block();
    assert_eq!(bench.wait(IDLE_MS - 1), [WorkerEffect::Alarm { at_ms: 1_000 + IDLE_MS }]);
    assert_eq!(bench.wait(1), [WorkerEffect::Ended]);
    assert!(bench.rows.is_empty());
}

#[test]
fn who_leaves_before_it_has_a_row_goes_at_once() {
    let mut bench = Bench::with(JobId(Digest([9; 32])), policy());
    (bench.job, bench.channel) = (None, None);
    bench.block();
    assert!(bench.hear(WorkerInput::Leave).contains(&WorkerEffect::Ended));
}
