//! Random artists, random ledgers, random crashes: what holds after every step.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Move {
    Lease(u32, bool),
    Render(u32),
    Sign { number: u32, total_units: i64, price_off: i64 },
    Right(u32),
    Pay(u64),
    Reserve(u64),
    Close,
    Claims(bool),
    Wait(u64),
    Back,
    Leave,
    Crash,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0..24_u32, any::<bool>()).prop_map(|(number, cheap)| Move::Lease(number, cheap)),
        6 => (0..24_u32).prop_map(Move::Render),
        2 => (0..24_u32, -1..3_i64, -1..2_i64).prop_map(|(number, total_units, price_off)| Move::Sign { number, total_units, price_off }),
        6 => (0..24_u32).prop_map(Move::Right),
        2 => (0..3_u64).prop_map(Move::Pay),
        1 => (0..30_u64).prop_map(Move::Reserve),
        1 => Just(Move::Close),
        1 => any::<bool>().prop_map(Move::Claims),
        2 => prop_oneof![Just(1_000_u64), Just(30_000), Just(60_000), Just(DAY_MS)].prop_map(Move::Wait),
        1 => Just(Move::Back),
        1 => Just(Move::Leave),
        2 => Just(Move::Crash),
    ];
    prop::collection::vec(one, 1..120)
}

/// What an onlooker knows.
struct Onlooker {
    bench: Bench,
    leased: BTreeMap<Task, Microlux>,
    delivered: BTreeSet<Task>,
    opened: BTreeMap<Task, Microlux>,
    total: Microlux,
}

impl Onlooker {
    /// Every key that goes out for the first time answers the receipt that was just shown, or one that waited, in the order of totals.
    fn watch(&mut self, effects: &[WorkerEffect], shown: &BTreeMap<Task, Vec<Receipt>>) {
        for say in said(effects) {
            match say {
                Say::Delivery(delivery) => {
                    assert!(self.leased.contains_key(&delivery.task), "delivered without a lease");
                    self.delivered.insert(delivery.task);
                }
                Say::Key { task, .. } if !self.opened.contains_key(task) => {
                    let price = self.leased[task];
                    let total = self.total.plus(price).unwrap();
                    let right = Receipt { delivery: self.bench.delivery(*task), price, total };
                    assert!(shown.get(task).is_some_and(|receipts| receipts.contains(&right)), "{task:?} opened for nothing");
                    assert!(self.delivered.contains(task));
                    let channel = self.bench.channel.as_ref().unwrap();
                    assert!(total <= channel.reserved, "not covered");
                    self.total = total;
                    self.opened.insert(*task, total);
                }
                _ => (),
            }
        }
        if let Some(claim) = effects.iter().find_map(|effect| match effect {
            WorkerEffect::Claim(claim) => Some(claim),
            _ => None,
        }) {
            let channel = self.bench.channel.as_ref().unwrap();
            assert!(claim.from_total <= channel.paid && claim.total().unwrap() > channel.paid);
            for (receipt, _) in claim.receipts().unwrap() {
                assert_eq!(self.opened.get(&receipt.delivery.task), Some(&receipt.total), "claimed what the artist did not sign");
            }
        }
    }
}

fn run(moves: Vec<Move>) {
    let bench = Bench::new();
    let mut shown: BTreeMap<Task, Vec<Receipt>> = BTreeMap::new();
    let mut onlooker = Onlooker { bench, leased: BTreeMap::new(), delivered: BTreeSet::new(), opened: BTreeMap::new(), total: Microlux(0) };
    for step in moves {
        let bench = &mut onlooker.bench;
        let input = match step {
            Move::Lease(number, cheap) => {
                let price = if cheap { Microlux(PRICE.0 - 1) } else { PRICE };
                if !cheap {
                    onlooker.leased.insert(unit(number), price);
                }
                Some(WorkerInput::Lease(bench.lease_of(Assignment::Unit(UnitIndex(number)), price)))
            }
            Move::Render(number) => Some(WorkerInput::Rendered { task: unit(number), root: root(unit(number)), key: key(unit(number)) }),
            Move::Sign { number, total_units, price_off } => {
                let total = onlooker.total.0.saturating_add_signed(total_units * PRICE.0 as i64 + price_off);
                let price = Microlux(PRICE.0.saturating_add_signed(price_off));
                let receipt = Receipt { price, ..bench.receipt(number, Microlux(total)) };
                shown.entry(unit(number)).or_default().push(receipt.clone());
                Some(WorkerInput::Receipt { receipt, signature: Signature([7; 64]) })
            }
            Move::Right(number) => {
                let receipt = bench.receipt(number, Microlux(onlooker.total.0 + PRICE.0));
                shown.entry(unit(number)).or_default().push(receipt.clone());
                Some(WorkerInput::Receipt { receipt, signature: Signature([7; 64]) })
            }
            Move::Pay(units) => {
                let paid = bench.channel().paid.0 + units * PRICE.0;
                bench.channel().paid = Microlux(paid.min(onlooker.total.0));
                None
            }
            Move::Reserve(units) => {
                bench.channel().reserved = Microlux(onlooker.total.0 + units * PRICE.0);
                None
            }
            Move::Close => {
                let until = RingTime(bench.ring_time + PARAMETERS.window_ms);
                bench.job().claims_until.get_or_insert(until);
                None
            }
            Move::Claims(stands) => Some(if stands { WorkerInput::ClaimFinal } else { WorkerInput::ClaimRefused }),
            Move::Wait(ms) => {
                bench.now_ms += ms;
                Some(WorkerInput::Alarm)
            }
            Move::Back => Some(WorkerInput::Back),
            Move::Leave => Some(WorkerInput::Leave),
            Move::Crash => {
                let effects = bench.restart();
                onlooker.watch(&effects, &shown);
                continue;
            }
        };
        let effects = match input {
            Some(input) => {
                let effects = bench.hear(input.clone());
                let rows = bench.rows.clone();
                bench.hear(input);
                assert_eq!(bench.rows, rows, "the same again changes nothing");
                effects
            }
            None => bench.block(),
        };
        onlooker.watch(&effects, &shown);
        let bench = &onlooker.bench;
        let loaded = Worker::load(bench.worker.id(), bench.rows.clone()).unwrap();
        let summary = bench.worker.summary();
        assert_eq!(WorkerSummary { paid: summary.paid, ..loaded.summary() }, summary, "memory and rows agree");
        assert_eq!(loaded.prices_out, bench.worker.prices_out);
        assert_eq!(summary.total, onlooker.total);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_key_goes_out_without_a_contiguous_covered_receipt_and_rows_are_all_there_is(moves in moves()) {
        run(moves);
    }
}
