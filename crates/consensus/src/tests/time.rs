//! Ring time against clocks that are set, machines that sleep, and outages.

use super::ring::*;
use super::shell::*;
use proptest::prelude::*;
use raylance_protocol::{RingParameters, RingTime};

const HOUR_MS: u64 = 3_600_000;
const WINDOW_MS: u64 = RingParameters::DEMO.window_ms;

/// A deadline is pending from block 1 on.
fn pending() -> Shell {
    let mut shell = started();
    let job = open_job(shell.chain(), 2, 0, 3, 5_000);
    shell.send(job);
    shell.wait(SETTINGS.batch_ms);
    assert_eq!(shell.height(), 1);
    shell
}

fn ring_ms(shell: &Shell) -> u64 {
    shell.chain().state().clock().ring_time.0
}

#[test]
fn a_clock_that_is_set_back_stops_neither_blocks_nor_ring_time() {
    let mut shell = pending();
    shell.wait(10 * BEAT_MS);
    let (height, ring) = (shell.height(), ring_ms(&shell));
    shell.wait(BEAT_MS / 2);
    shell.now_ms -= HOUR_MS;
    shell.wait(10 * BEAT_MS);
    assert_eq!(shell.height(), height + 10);
    assert_eq!(ring_ms(&shell), ring + 10 * BEAT_MS);
}

#[test]
fn a_start_with_a_clock_that_was_set_back_goes_on_at_once() {
    let mut shell = pending();
    shell.wait(10 * BEAT_MS);
    let (height, ring) = (shell.height(), ring_ms(&shell));
    shell.now_ms -= HOUR_MS;
    shell.crash();
    shell.wait(10 * BEAT_MS);
    assert_eq!((shell.height(), ring_ms(&shell)), (height + 10, ring + 10 * BEAT_MS));
}

#[test]
fn a_forward_jump_counts_two_beats() {
    let mut shell = pending();
    let ring = ring_ms(&shell);
    shell.now_ms += 24 * HOUR_MS;
    shell.wait(BEAT_MS);
    assert_eq!(ring_ms(&shell), ring + 2 * BEAT_MS);
    shell.wait(BEAT_MS);
    assert_eq!(ring_ms(&shell), ring + 3 * BEAT_MS);
}

#[test]
fn a_suspended_machine_loses_no_window() {
    let mut shell = pending();
    let (height, ring) = (shell.height(), ring_ms(&shell));
    // The clock that timers run by stands still meanwhile.
    shell.now_ms += 8 * HOUR_MS;
    shell.wait(BEAT_MS);
    assert_eq!((shell.height(), ring_ms(&shell)), (height + 1, ring + 2 * BEAT_MS));
}

#[test]
fn an_outage_counts_two_beats_and_ends_with_a_block_at_once() {
    let mut shell = pending();
    let (height, ring) = (shell.height(), ring_ms(&shell));
    shell.now_ms += 8 * HOUR_MS;
    shell.crash();
    shell.run();
    assert_eq!((shell.height(), ring_ms(&shell)), (height + 1, ring + 2 * BEAT_MS));
}

#[test]
fn header_time_finds_back_to_the_clock_when_nothing_is_pending() {
    let mut shell = started();
    shell.now_ms += HOUR_MS;
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms);
    shell.now_ms -= HOUR_MS;
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms);
    assert_eq!((shell.height(), shell.chain().time_ms()), (2, shell.now_ms + HOUR_MS));
    shell.wait(2 * HOUR_MS);
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms);
    assert_eq!((shell.height(), shell.chain().time_ms()), (3, shell.now_ms));
}

/// The timer of the question to the peers still runs for most of a second, though header time is far beyond it.
#[test]
fn regression_a_forward_jump_does_not_make_transactions_wait_for_an_old_timer() {
    let mut shell = started();
    shell.now_ms += HOUR_MS;
    shell.send_transfer(1, 5);
    shell.wait(SETTINGS.batch_ms);
    assert_eq!(shell.height(), 1);
}

#[derive(Clone, Debug)]
enum Act {
    Wait(u64),
    Rush(u8),
    SetClock(i64),
    Outage(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1_u64..20 * BEAT_MS).prop_map(Act::Wait),
        2 => (1_u8..20).prop_map(Act::Rush),
        1 => (-4_000_000_i64..4_000_000).prop_map(Act::SetClock),
        1 => (0_u64..100 * BEAT_MS).prop_map(Act::Outage),
    ]
}

proptest! {
    #![proptest_config(cases(32))]

    /// Invariant 10 of the specification.
    #[test]
    fn ring_time_is_monotone_outruns_no_clock_and_puts_eight_blocks_into_every_window(acts in prop::collection::vec(act(), 1..30)) {
        let mut shell = pending();
        let (begun_ms, mut jumps) = (ring_ms(&shell) - shell.uptime_ms, 0);
        for act in acts {
            match act {
                Act::Wait(ms) => shell.wait(ms),
                Act::Rush(blocks) => {
                    for _ in 0..blocks {
                        shell.send_transfer(1, 1);
                        shell.wait(SETTINGS.batch_ms);
                    }
                }
                Act::SetClock(by_ms) => {
                    shell.now_ms = shell.now_ms.saturating_add_signed(by_ms);
                    jumps += 1;
                }
                Act::Outage(ms) => {
                    shell.now_ms += ms;
                    shell.crash();
                    shell.run();
                    jumps += 1;
                }
            }
            // Each jump and each outage is worth two beats at most; time that passes is worth itself.
            prop_assert!(ring_ms(&shell) <= begun_ms + shell.uptime_ms + jumps * 2 * BEAT_MS);
        }
        shell.wait(BEAT_MS);
        let mut chain = crate::Chain::new(shell.genesis.clone()).unwrap();
        let mut times = vec![RingTime(0)];
        for block in &shell.folder.blocks {
            chain.apply(block).unwrap();
            times.push(chain.state().clock().ring_time);
        }
        prop_assert!(times.is_sorted());
        prop_assert!(times.windows(9).all(|nine| nine[8].0 - nine[0].0 <= WINDOW_MS));
        // While it ran, it made a block in every beat.
        prop_assert!(shell.height() >= shell.uptime_ms / BEAT_MS);
    }
}
