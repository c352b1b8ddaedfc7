//! Restarts between any two effects, failures, clocks and backups, in any order: never two blocks of one height.

use super::ring::*;
use super::shell::*;
use crate::{CheckedBlock, Effect, Input, Notice};
use proptest::prelude::*;
use raylance_protocol::Height;

#[derive(Clone, Debug)]
enum Act {
    Send(u8),
    OpenJob,
    Perform(usize),
    PerformUnheard(usize),
    Drop(usize),
    Crash,
    Wait(u64),
    SetClock(i64),
    Backup,
    Restore,
    PeersLeave,
    PeersReturn,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1_u8..=4).prop_map(Act::Send),
        1 => Just(Act::OpenJob),
        12 => (0_usize..8).prop_map(Act::Perform),
        1 => (0_usize..8).prop_map(Act::PerformUnheard),
        1 => (0_usize..8).prop_map(Act::Drop),
        1 => Just(Act::Crash),
        4 => (1_u64..2_000).prop_map(Act::Wait),
        1 => prop_oneof![-4_000_000_i64..4_000_000, -2_000_i64..2_000].prop_map(Act::SetClock),
        1 => Just(Act::Backup),
        1 => Just(Act::Restore),
        1 => Just(Act::PeersLeave),
        1 => Just(Act::PeersReturn),
    ]
}

fn drop_effect(shell: &mut Shell, at: usize) {
    let Some(effect) = shell.queue.remove(at) else { return };
    match effect {
        Effect::Log { id, .. }
        | Effect::Mark { id, .. }
        | Effect::Sign { id, .. }
        | Effect::Apply { id, .. }
        | Effect::SetTimer { id, .. }
        | Effect::AskPeers { id } => shell.input(Input::Dropped(id)),
        Effect::Publish(_) | Effect::Heard { .. } | Effect::Notice(_) => (),
    }
}

/// Timers ring and nothing else is done for a while.
fn wait(shell: &mut Shell, ms: u64) {
    shell.uptime_ms += ms;
    shell.now_ms += ms;
    while let Some((_, id)) = shell.timers.first().copied().filter(|(at_ms, _)| *at_ms <= shell.uptime_ms) {
        shell.timers.pop_first();
        shell.input(Input::Timer(id));
    }
}

fn take(shell: &mut Shell, backup: &mut Folder, act: Act) {
    let place = |at: usize, shell: &Shell| (!shell.queue.is_empty()).then(|| at % shell.queue.len());
    match act {
        Act::Send(from) => shell.send_transfer(from, 1),
        Act::OpenJob => {
            let nonce = shell.engine.next_nonce(id(5));
            let job = open_job(shell.chain(), 5, nonce, 6, 1_000);
            shell.send(job);
        }
        Act::Perform(at) => {
            let answers = place(at, shell).map(|at| shell.perform(at));
            answers.into_iter().flatten().for_each(|answer| shell.input(answer));
        }
        Act::PerformUnheard(at) => {
            if let Some(at) = place(at, shell) {
                drop(shell.perform(at));
                shell.crash();
            }
        }
        Act::Drop(at) => place(at, shell).into_iter().for_each(|at| drop_effect(shell, at)),
        Act::Crash => shell.crash(),
        Act::Wait(ms) => wait(shell, ms),
        Act::SetClock(by_ms) => shell.now_ms = shell.now_ms.saturating_add_signed(by_ms),
        Act::Backup => *backup = shell.folder.clone(),
        Act::Restore => {
            shell.folder = backup.clone();
            shell.crash();
        }
        Act::PeersLeave => shell.peers = None,
        Act::PeersReturn => shell.peers = Some(shell.known()),
    }
}

impl Shell {
    /// Everything that was ever published, from block 1 on without a gap.
    fn known(&self) -> Vec<CheckedBlock> {
        let mut known: Vec<_> = self.published.clone();
        known.sort_by_key(|block| block.header().height);
        known.dedup_by_key(|block| block.header().height);
        let gapless = known.into_iter().zip(1..).take_while(|(block, height)| block.header().height == Height(*height));
        gapless.map(|(block, _)| block).collect()
    }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn no_order_of_crashes_and_restores_makes_two_blocks_of_one_height(acts in prop::collection::vec(act(), 1..160)) {
        let (mut shell, mut backup) = (sole(), Folder::default());
        shell.start();
        for act in acts {
            take(&mut shell, &mut backup, act);
            shell.check_honest();
        }
        raylance_ledger::audit(shell.chain().state()).unwrap();
    }

    /// Without restored backups nothing is lost: the validator always comes back and makes blocks.
    #[test]
    fn after_crashes_and_failures_the_ring_goes_on(acts in prop::collection::vec(act(), 1..160)) {
        let (mut shell, mut backup) = (sole(), Folder::default());
        shell.start();
        for act in acts.into_iter().filter(|act| !matches!(act, Act::Restore)) {
            take(&mut shell, &mut backup, act);
        }
        // A dropped effect may still wait for its retry.
        shell.wait(10 * SETTINGS.peers_ms);
        prop_assert!(shell.engine.makes_blocks());
        let height = shell.height();
        shell.send_transfer(7, 1);
        shell.wait(10 * SETTINGS.peers_ms);
        prop_assert!(shell.height() > height);
        prop_assert_eq!(shell.folder.blocks.len() as u64, shell.height());
        let doubt = |notice: &Notice| matches!(notice, Notice::Forked { .. } | Notice::BehindOwnSignature { .. });
        prop_assert!(!shell.notices.iter().any(doubt));
        shell.check_honest();
    }
}
