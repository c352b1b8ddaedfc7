//! Times and bounds of the three machines, each with its reason.

/// The artist repeats its offer while it lacks workers: gossip is lossy and peers come late.
pub const OFFER_REPEAT_MS: u64 = 3_000;
/// From the first bid until the job is opened with the bids at hand: long enough for a second machine in the same room.
pub const BID_WINDOW_MS: u64 = 1_500;
/// With so many bids the artist does not wait for the window's end.
pub const WORKERS_ENOUGH: usize = 8;
/// A worker that was not admitted and hears no more of the offer forgets the job.
pub const BID_TTL_MS: u64 = 120_000;

/// A submission without its fact is sent again, the same bytes, after so long: several blocks.
pub const TX_RESEND_MS: u64 = 4_000;
/// After so many sends of the same bytes the action is built anew from the state under a new number.
pub const TX_SENDS_MAX: u32 = 5;
/// Refusals of `OpenJob` or `CloseJob` after which the job has failed: rules do not change by waiting.
pub const TX_REFUSALS_MAX: u32 = 8;

/// Deadline of a worker's first lease: nothing is known about its speed yet.
pub const LEASE_FIRST_MS: u64 = 60_000;
/// Shortest lease: below this a busy owner's machine would lose units all the time.
pub const LEASE_MS_MIN: u64 = 10_000;
/// A lease lasts so many of the worker's own measured unit times.
pub const LEASE_UNIT_TIMES: u64 = 8;
/// Most leases of one worker: two keep its device busy, a third hides the way there and back; more would lengthen the tail.
pub const LEASES_MAX: usize = 3;
/// An idle worker races a lease that is older than this and than twice its own unit time.
pub const RACE_AGE_MS_MIN: u64 = 4_000;
/// Most workers that render one unit at once: one, another that races it, and one more when both are slow.
pub const ATTEMPTS_MAX: usize = 3;
/// Longest lease, whatever a worker says about its speed.
pub const LEASE_MS_MAX: u64 = 600_000;
/// A worker that asked for units is remembered for so long, so that units which become free go to it without another question.
pub const WANT_TTL_MS: u64 = 10_000;
/// A lost worker's units go to others after this grace: a Wi-Fi hiccup costs no work.
pub const LOST_GRACE_MS: u64 = 5_000;
/// First pause after a failed fetch, replay or assembly; it doubles per failure.
pub const RETRY_MS: u64 = 1_000;
/// Longest such pause.
pub const RETRY_MS_MAX: u64 = 30_000;
/// A fetch, draw or replay without an answer is asked again after so long, as after a crash of the part that does it.
pub const ANSWER_MS: u64 = 20_000;
/// Merging, denoising and writing a large picture takes long on a slow machine; without an answer it is begun again.
pub const ASSEMBLY_MS: u64 = 600_000;
/// A committed film that could not be fetched for so long no longer keeps others from its unit.
pub const FILM_MS: u64 = 30_000;

/// A challenge or an opening without an answer is sent again after so long.
pub const CHALLENGE_RESEND_MS: u64 = 3_000;
/// A verifier that has not answered for so long is silent: the next one is asked. It may still answer.
pub const VERIFIER_MS: u64 = 15_000;
/// A verifier may take so many of its own unit times, because its device finishes what it has begun.
pub const VERIFIER_UNIT_TIMES: u64 = 4;
/// Most units of one `Settle`: with four verdicts each it stays well below the longest transaction. Units that become ready
/// while one `Settle` is on its way share the next.
pub const SETTLE_UNITS_MAX: usize = 64;
/// Most verdicts of one outcome.
pub const OUTCOME_VERDICTS_MAX: usize = 4;

/// A scene that did not arrive for so long is asked for again: two gigabytes over a slow home line take long, and the node's fetch
/// fails earlier when the stream breaks.
pub const SCENE_MS: u64 = 600_000;
/// Unfinished units that a worker holds: one on the device, one queued behind it.
pub const WORKER_UNITS_MAX: u16 = 2;
/// Most units of one `Assigned` that a worker looks at.
pub const ASSIGNED_MAX: usize = 16;
/// A worker without enough units asks again after so long.
pub const WANT_REPEAT_MS: u64 = 2_000;
/// A commitment that is not on the ledger yet is told again to the artist after so long.
pub const COMMITTED_REPEAT_MS: u64 = 3_000;
/// A `Commit` waits so long for more units to share its transaction …
pub const COMMIT_WAIT_MS: u64 = 1_000;
/// … or until there are so many.
pub const COMMIT_UNITS: usize = 16;
/// A unit whose render failed so often is left to others.
pub const RENDER_FAILURES_MAX: u32 = 3;

/// Challenges without a revealed answer that a verifier holds: replays of 32 leaves take milliseconds, so these are seconds of work.
pub const CHALLENGES_OPEN_MAX: usize = 64;
/// Challenges that a verifier remembers until their units are settled, so that a repeated one gets the same answer.
pub const CHALLENGES_MAX: usize = 512;

/// Longest snapshot that is read: 65,536 units with attempts.
pub const SNAPSHOT_BYTES_MAX: usize = 256 << 20;
