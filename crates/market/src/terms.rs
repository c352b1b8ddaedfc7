//! The numbers in the agreements between artist and worker, each with its reason (VERIFICATION, §3 and §4).

use raylance_protocol::{Microlux, RingParameters, tx::claim_entry_bytes};

/// How long either side waits for the other's next word about a task before it draws its consequence.
pub const PATIENCE_MS: u64 = 60_000;
/// Receipts of one worker whose key is out: what a worker that never opens can make an artist promise.
pub const KEYS_OUTSTANDING_MAX: usize = 4;
/// Tasks in hand plus deliveries without receipt that a worker risks with an artist that has not paid it yet.
pub const TASKS_UNPAID_MAX: usize = 2;
/// The same once this artist has paid it in this job.
pub const TASKS_PAID_MAX: usize = 8;
/// A task must be worth so many times what its entry in a claim costs, or claiming it would not pay.
pub const PRICE_PER_CLAIM_ENTRY: u64 = 20;
/// An artist pays no more often than that.
pub const PAY_INTERVAL_MS_MIN: u64 = 10_000;
/// An artist pays when its job is older by one part in so many: the number of payments grows with the logarithm of the job's age.
pub const PAY_INTERVAL_PART: u64 = 10;
/// Drawn leaves that wait to be mixed into a list before it is sent.
pub const LIST_FILL: usize = 64;
/// Drawn leaves wait no longer than that for others to be mixed with.
pub const LIST_WAIT_MS: u64 = 10_000;

/// When the artist pays next: a tenth of the job's age from now, at least [`PAY_INTERVAL_MS_MIN`].
pub fn pay_interval_ms(age_ms: u64) -> u64 {
    (age_ms / PAY_INTERVAL_PART).max(PAY_INTERVAL_MS_MIN)
}

/// The least that a worker takes for a task.
pub fn price_min(parameters: &RingParameters) -> Microlux {
    Microlux(parameters.fee(claim_entry_bytes()).0.saturating_mul(PRICE_PER_CLAIM_ENTRY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_grow_with_the_logarithm_of_age() {
        let payments = |job_ms: u64| {
            let (mut at, mut count) = (0, 0);
            while at < job_ms {
                at += pay_interval_ms(at);
                count += 1;
            }
            count
        };
        assert!(payments(3 * 3_600_000 + 1_800_000) <= 70, "{}", payments(12_600_000));
        assert!(payments(10 * 24 * 3_600_000) <= 115, "{}", payments(864_000_000));
    }

    #[test]
    fn a_task_is_worth_twenty_claim_entries() {
        assert_eq!(price_min(&RingParameters::PUBLIC), Microlux(60));
    }
}
