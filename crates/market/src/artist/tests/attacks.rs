//! Random coalitions against one artist. The world checks after every turn what must always hold.

use super::world::{Habits, World, plan, worker};
use crate::artist::{LeafRef, Plan};
use proptest::prelude::*;
use raylance_protocol::{LeafIndex, Task, UnitIndex};

/// What one worker is up to.
pub fn habits() -> impl Strategy<Value = Habits> {
    let kind = prop_oneof![
        5 => Just(Habits::default()),
        1 => Just(Habits { checks: false, ..Habits::default() }),
        1 => Just(Habits { delivers: false, ..Habits::default() }),
        1 => Just(Habits { right_root: false, ..Habits::default() }),
        1 => Just(Habits { opens: false, settles: false, ..Habits::default() }),
        1 => Just(Habits { wrong_one_in: 1, settles: false, ..Habits::default() }),
        1 => Just(Habits { wrong_one_in: 3, ..Habits::default() }),
        1 => Just(Habits { lies: true, ..Habits::default() }),
    ];
    (kind, prop_oneof![Just(10_u64), Just(300), Just(5_000), Just(90_000)], prop_oneof![Just(0_u64), Just(1_000), Just(1_000_000)])
        .prop_map(|(habits, task_ms, samples_per_s)| Habits { task_ms, samples_per_s, ..habits })
}

pub fn is_honest(habits: &Habits) -> bool {
    habits.delivers && habits.right_root && habits.opens && habits.wrong_one_in == 0 && !habits.lies
}

/// Honest workers are paid what they were signed, and what is shown is right as far as anybody can see.
pub fn check_outcome(world: &World, units: u32) {
    assert_eq!(world.shown().len() as u32, units);
    let mut payable_wrong = 0;
    for (account, habits) in &world.habits {
        let paid = world.paid.get(account).copied().unwrap_or_default();
        assert!(paid <= world.total(*account));
        if is_honest(habits) {
            assert_eq!(paid, world.total(*account), "{account:?} {habits:?}");
        }
    }
    let report = world.artist.report();
    assert!(report.units.iter().all(|unit| unit.checked));
    for unit in &report.units {
        let task = Task::Unit(unit.unit);
        let leaves = world.plan.spec.work.leaf_count(UnitIndex(unit.unit.0)).unwrap();
        let wrong = (0..leaves).filter(|index| world.is_wrong(&LeafRef { worker: unit.worker, task, index: LeafIndex(*index) })).count();
        payable_wrong += usize::from(wrong > 0);
    }
    // A third of the leaves wrong in each unit: at least four are looked at, so a few units slip through before the catch.
    assert!(payable_wrong <= 20, "{payable_wrong} units with wrong leaves in the picture");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_coalition_of_workers_ends_no_honest_job(workers in prop::collection::vec(habits(), 1..7), own in any::<bool>(), seed in any::<u64>()) {
        // The own device, or at least one honest worker with speed, or nobody would be left.
        let units = 96;
        let plan = Plan { own_device: own, workers_max: 8, open_ms: 1 << 40, ..plan(units, 512) };
        let mut world = World::seeded(plan, seed);
        world.bid(worker(100), Habits { task_ms: 200, ..Habits::default() });
        for (no, habits) in (0..).zip(workers) {
            world.bid(worker(no), habits);
        }
        world.run_to_end();
        check_outcome(&world, units);
    }
}
