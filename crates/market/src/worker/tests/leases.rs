//! Which leases are taken.

use super::*;

#[track_caller]
fn check(accepted: bool, prepare: impl FnOnce(&mut Bench, &mut Lease)) {
    let mut bench = Bench::new();
    let mut lease = bench.lease_of(Assignment::Unit(UnitIndex(0)), PRICE);
    prepare(&mut bench, &mut lease);
    let before = bench.rows.clone();
    let effects = bench.hear(WorkerInput::Lease(lease.clone()));
    assert_eq!(takes(&effects), accepted);
    if accepted {
        assert_eq!(bench.rows.len(), before.len() + 1);
    } else {
        assert_eq!(bench.rows, before);
        assert_eq!(returned(&effects), [(lease.assignment.task(), ReturnReason::Terms)]);
    }
}

#[test]
fn a_good_lease_is_taken_and_rendered_sealed() {
    check(true, |_, _| ());
    let mut bench = Bench::new();
    let lease = bench.lease_of(Assignment::Unit(UnitIndex(0)), PRICE);
    let effects = bench.hear(WorkerInput::Lease(lease.clone()));
    let (job, assignment) = (bench.worker.id(), lease.assignment.clone());
    assert!(effects.contains(&WorkerEffect::Render { job, assignment, sealed: true }));
    assert!(effects.contains(&WorkerEffect::Alarm { at_ms: bench.now_ms + 60_000 }));
    assert_eq!(bench.hear(WorkerInput::Lease(lease)), [], "a repeated lease changes nothing");
}

#[test]
fn nothing_is_taken_before_the_verified_chain_shows_the_open_row() {
    let mut bench = Bench::with(JobId(Digest([9; 32])), policy());
    assert!(!takes(&bench.lease(0)));
    let channel = bench.channel.take();
    bench.block();
    assert!(!takes(&bench.lease(0)), "the job is there, the row is not");
    bench.channel = channel;
    bench.block();
    assert!(takes(&bench.lease(0)));
}

#[test]
fn nothing_is_taken_where_the_ledger_says_something_else_of_the_job() {
    let changes: [fn(&mut Job); 4] = [
        |job| job.artist = ME,
        |job| job.spec = raylance_protocol::SpecHash(Digest([0; 32])),
        |job| job.renderer = Digest([0; 32]),
        |job| job.scene_bytes += 1,
    ];
    for change in changes {
        let mut bench = Bench::with(JobId(Digest([9; 32])), policy());
        change(bench.job());
        bench.block();
        assert!(!takes(&bench.lease(0)));
    }
}

#[test]
fn nothing_is_taken_on_a_row_that_is_not_open_or_in_a_closing_job() {
    let claim = OpenClaim { total: Microlux(5), by: ARTIST, bond: Microlux(0), fee: Microlux(0), due: RingTime(DAY_MS), challenged: false };
    for state in [ChannelState::Claimed(claim), ChannelState::InCourt { claim, case: raylance_protocol::CaseId(0) }] {
        check(false, |bench, _| {
            bench.channel().state = state.clone();
            bench.block();
        });
    }
    check(false, |bench, _| {
        bench.close();
    });
}

#[test]
fn nothing_is_taken_in_a_closing_job_that_still_owes_something() {
    let mut bench = Bench::new();
    bench.earn(0);
    bench.close();
    assert!(!takes(&bench.lease(1)));
}

#[test]
fn a_chain_that_was_not_heard_of_for_a_quarter_of_a_window_supports_no_lease() {
    check(true, |bench, _| bench.now_ms += PARAMETERS.window_ms / 4);
    check(false, |bench, _| bench.now_ms += PARAMETERS.window_ms / 4 + 1);
}

#[test]
fn what_may_be_owed_stays_within_the_row() {
    check(true, |bench, _| {
        bench.channel().reserved = PRICE;
        bench.block();
    });
    check(false, |bench, _| {
        bench.channel().reserved = Microlux(PRICE.0 - 1);
        bench.block();
    });
    check(false, |bench, _| {
        bench.channel().reserved = Microlux(2 * PRICE.0 - 1);
        bench.block();
        assert!(takes(&bench.lease(7)), "prices in hand count");
    });
    check(false, |bench, lease| {
        lease.price = Microlux(u64::MAX);
        bench.channel().reserved = Microlux(u64::MAX);
        bench.block();
        assert!(takes(&bench.lease(7)), "sums do not wrap");
    });
}

#[test]
fn what_is_not_paid_stays_within_what_the_owner_risks() {
    let bench = |unpaid_max: u64| {
        let mut bench = Bench::with(JobId(Digest([9; 32])), WorkerPolicy { unpaid_max: Microlux(unpaid_max), ..policy() });
        bench.block();
        bench
    };
    assert!(takes(&bench(PRICE.0).lease(0)));
    assert!(!takes(&bench(PRICE.0 - 1).lease(0)));
    let mut bench = bench(PRICE.0);
    bench.earn(0);
    assert!(!takes(&bench.lease(1)), "a receipt is not money");
    bench.pay(PRICE);
    assert!(takes(&bench.lease(1)));
}

#[test]
fn two_tasks_are_risked_before_the_first_payment_and_eight_after() {
    let count = |bench: &mut Bench| (100..120).filter(|number| takes(&bench.lease(*number))).count();
    assert_eq!(count(&mut Bench::new()), 2);
    let mut bench = Bench::new();
    bench.deliver(0);
    assert_eq!(count(&mut bench), 1, "a delivery without receipt counts");
    let mut bench = Bench::new();
    bench.earn(0);
    assert_eq!(count(&mut bench), 2, "a delivery with receipt does not");
    bench.pay(PRICE);
    assert_eq!(count(&mut bench), 6);
}

#[test]
fn who_can_not_claim_risks_one_task_at_a_time() {
    let mut bench = Bench::new();
    bench.balance = Microlux(PARAMETERS.court_fee(1 << 20).0 - 1);
    bench.block();
    assert!(takes(&bench.lease(0)));
    assert!(!takes(&bench.lease(1)));
    bench.render(unit(0));
    let receipt = bench.receipt(0, PRICE);
    bench.sign(receipt);
    assert!(!takes(&bench.lease(1)), "not before the first is paid");
    bench.pay(PRICE);
    assert!(takes(&bench.lease(1)));
    assert!(!takes(&bench.lease(2)));
}

#[test]
fn ring_time_must_allow_a_delivery_and_a_claim() {
    for (spare, accepted) in [(0, true), (1, false)] {
        check(accepted, |bench, lease| {
            bench.job().ends_by = RingTime(bench.ring_time + 1 + u64::from(lease.lasts_ms) + 2 * PARAMETERS.window_ms - spare);
            bench.block();
        });
    }
}

#[test]
fn a_task_is_worth_its_entry_in_a_claim_and_what_the_worker_asked() {
    check(true, |_, lease| lease.price = PRICE);
    check(false, |_, lease| lease.price = Microlux(PRICE.0 - 1));
    check(false, |_, lease| lease.price = Microlux(0));
    let mut cheap = Bench::with(JobId(Digest([9; 32])), WorkerPolicy { rate: Rate(0), ..policy() });
    cheap.block();
    let least = price_min(&PARAMETERS);
    let lease = |bench: &Bench, number: u32, price: u64| bench.lease_of(Assignment::Unit(UnitIndex(number)), Microlux(price));
    let lease_low = lease(&cheap, 0, least.0 - 1);
    assert!(!takes(&cheap.hear(WorkerInput::Lease(lease_low))));
    let lease_least = lease(&cheap, 0, least.0);
    assert!(takes(&cheap.hear(WorkerInput::Lease(lease_least))));
}

#[test]
fn only_tasks_of_the_job_are_taken() {
    let address = Address { frame: 0, x_px: 1, y_px: 2, first_sample: 0, samples: 16 };
    let list = |addresses: Vec<Address>| {
        move |_: &mut Bench, lease: &mut Lease| {
            lease.price = Microlux(addresses.len() as u64 * 32 + 60);
            lease.assignment = Assignment::List(addresses);
        }
    };
    check(true, |_, lease| lease.assignment = Assignment::Unit(UnitIndex(16 * 16 * 64 - 1)));
    check(false, |_, lease| lease.assignment = Assignment::Unit(UnitIndex(16 * 16 * 64)));
    check(true, list(vec![address; 1024]));
    check(false, list(vec![address; 1025]));
    check(false, list(vec![]));
    check(false, list(vec![address, Address { x_px: 256, ..address }]));
    check(false, list(vec![Address { samples: 15, ..address }]));
}

#[test]
fn a_list_pays_the_rate_for_twice_its_samples() {
    let address = |x_px: u16| Address { frame: 0, x_px, y_px: 2, first_sample: 0, samples: 16 };
    for (price, accepted) in [(320, true), (319, false)] {
        check(accepted, |_, lease| {
            lease.price = Microlux(price);
            lease.assignment = Assignment::List((0..10).map(address).collect());
        });
    }
}

#[test]
fn a_lease_of_another_job_is_nobodys() {
    let mut bench = Bench::new();
    let mut lease = bench.lease_of(Assignment::Unit(UnitIndex(0)), PRICE);
    lease.job = JobId(Digest([8; 32]));
    assert_eq!(bench.hear(WorkerInput::Lease(lease)), []);
}

#[test]
fn a_task_that_is_not_rendered_in_time_is_given_back() {
    let mut bench = Bench::new();
    bench.lease(0);
    assert_eq!(returned(&bench.wait(59_999)), []);
    let effects = bench.wait(1);
    assert_eq!(returned(&effects), [(unit(0), ReturnReason::Device)]);
    assert!(effects.contains(&WorkerEffect::CancelRender { task: unit(0) }));
    assert_eq!(forgotten(&bench.render(unit(0))), [unit(0)], "too late");
    assert!(takes(&bench.lease(0)), "but it may be leased again");
}

#[test]
fn a_task_that_fails_is_given_back_with_its_reason() {
    let mut bench = Bench::new();
    bench.lease(0);
    let failed = WorkerInput::RenderFailed { task: unit(0), reason: ReturnReason::Scene };
    assert_eq!(returned(&bench.hear(failed.clone())), [(unit(0), ReturnReason::Scene)]);
    assert_eq!(bench.hear(failed), []);
    assert!(takes(&bench.lease(1)));
}

#[test]
fn a_path_without_value_ends_the_part_in_the_job() {
    let mut bench = Bench::new();
    bench.lease(0);
    bench.lease(1);
    let effects = bench.hear(WorkerInput::RenderFailed { task: unit(0), reason: ReturnReason::WorkBound });
    assert_eq!(returned(&effects), [(unit(0), ReturnReason::WorkBound), (unit(1), ReturnReason::Owner)]);
    assert!(!takes(&bench.lease(2)));
}

#[test]
fn an_unsealed_film_of_paid_work_is_never_delivered() {
    let mut bench = Bench::new();
    bench.lease(0);
    let effects = bench.hear(WorkerInput::Rendered { task: unit(0), root: root(unit(0)), key: FilmKey::NONE });
    assert_eq!(deliveries(&effects), []);
    assert_eq!(returned(&effects), [(unit(0), ReturnReason::Device)]);
}

#[test]
fn free_work_travels_open_and_only_where_the_owner_gives_it() {
    let id = JobId::free(ARTIST, spec().hash());
    for (free, price, accepted) in [(true, 0, true), (false, 0, false), (true, PRICE.0, false)] {
        let mut bench = Bench::with(id, WorkerPolicy { free, ..policy() });
        let lease = bench.lease_of(Assignment::Unit(UnitIndex(0)), Microlux(price));
        assert_eq!(takes(&bench.hear(WorkerInput::Lease(lease))), accepted);
    }
    let mut bench = Bench::with(id, WorkerPolicy { free: true, ..policy() });
    let lease = bench.lease_of(Assignment::Unit(UnitIndex(0)), Microlux(0));
    let (job, assignment) = (id, lease.assignment.clone());
    assert!(bench.hear(WorkerInput::Lease(lease)).contains(&WorkerEffect::Render { job, assignment, sealed: false }));
    let effects = bench.hear(WorkerInput::Rendered { task: unit(0), root: root(unit(0)), key: FilmKey::NONE });
    let delivery = Delivery { key_hash: FilmKey::NONE.hash(), ..bench.delivery(unit(0)) };
    assert!(said(&effects).any(|say| *say == Say::Delivery(delivery.clone())));
    let receipt = Receipt { delivery, price: Microlux(0), total: Microlux(0) };
    let effects = bench.sign(receipt);
    assert!(said(&effects).any(|say| *say == Say::Key { job: id, task: unit(0), key: FilmKey::NONE }));
    assert_eq!(forgotten(&effects), [unit(0)]);
    assert!(bench.wait(IDLE_MS + 60_000).contains(&WorkerEffect::Ended), "nobody asks for more");
    assert!(bench.rows.is_empty());
}

#[test]
fn a_job_of_another_artist_or_out_of_bounds_is_refused() {
    let hired = |spec: JobSpec, from: AccountId| Worker::hired(0, JobId::default(), spec, from, ME, policy()).map(|_| ());
    assert_eq!(hired(spec(), ARTIST), Ok(()));
    assert_eq!(hired(spec(), ME), Err(HireError::NotTheArtist));
    assert!(matches!(hired(JobSpec { scene_bytes: 0, ..spec() }, ARTIST), Err(HireError::Bounds(_))));
}
