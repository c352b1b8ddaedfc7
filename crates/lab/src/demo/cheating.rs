//! What each cheat looks like from outside, and what must have come of it.

use super::DemoConfig;
use super::facts::Facts;
use super::swarm::Role;
use raylance_control::view::JobView;
use raylance_node::cheat::Cheat;

impl DemoConfig {
    /// Who cheats so: the artist, or the last worker.
    pub(super) fn cheater(&self, cheat: Cheat) -> Role {
        match cheat {
            Cheat::KeepsSilent | Cheat::NeverPays | Cheat::FrivolousChallenge | Cheat::SceneWithheld => Role::Artist,
            Cheat::DropSamples | Cheat::Garbage | Cheat::WithholdKey | Cheat::LyingChecker => Role::Worker(self.workers.saturating_sub(1)),
        }
    }
}

/// Has the cheat happened, so that the artist's own device need not wait for it any more?
pub(super) fn has_happened(cheat: Cheat, cheater: &str, view: &JobView) -> bool {
    let mut workers = view.workers.iter();
    match cheat {
        Cheat::DropSamples | Cheat::Garbage | Cheat::LyingChecker => workers.any(|worker| worker.account == cheater && worker.refused),
        Cheat::WithholdKey => workers.any(|worker| worker.account == cheater && worker.total != "0"),
        Cheat::KeepsSilent => workers.any(|worker| worker.total != "0"),
        Cheat::NeverPays => workers.any(|worker| worker.units > 0),
        Cheat::FrivolousChallenge | Cheat::SceneWithheld => workers.any(|worker| worker.refused),
    }
}

/// Does a job of this cheat stay on the ledger, and has everybody got what is owed?
pub(super) fn is_in_vain(cheat: Cheat, view: &JobView) -> bool {
    let facts = Facts::of_view(view);
    cheat == Cheat::NeverPays && !view.files.is_empty() && is_caught(cheat, None, &facts)
}

/// Was the cheat tried, and did it come to nothing?
pub(super) fn is_caught(cheat: Cheat, cheater: Option<&str>, facts: &Facts) -> bool {
    let row = cheater.and_then(|cheater| facts.worker(cheater));
    let is_owed = facts.workers.iter().any(|worker| worker.total > 0);
    match cheat {
        Cheat::DropSamples | Cheat::Garbage | Cheat::LyingChecker => row.is_some_and(|worker| worker.refused),
        // Its film was signed for and never seen.
        Cheat::WithholdKey => row.is_some_and(|worker| worker.total > 0 && worker.units == 0),
        // Films were signed for in secret, and no key came.
        Cheat::KeepsSilent => is_owed && facts.workers.iter().all(|worker| worker.units == 0),
        Cheat::NeverPays => is_owed && facts.workers.iter().all(|worker| worker.paid >= worker.total),
        // The court has heard them, and they have what they were refused.
        Cheat::FrivolousChallenge | Cheat::SceneWithheld => {
            facts.workers.iter().any(|worker| worker.refused) && facts.workers.iter().all(|worker| worker.paid >= worker.total)
        }
    }
}

/// Are honest workers refused, and paid all the same?
pub(super) fn refuses_honest(cheat: Cheat) -> bool {
    matches!(cheat, Cheat::FrivolousChallenge | Cheat::SceneWithheld)
}

/// May this cheater be paid? Who lies about others' films has delivered right ones.
pub(super) fn may_earn(cheat: Cheat) -> bool {
    cheat == Cheat::LyingChecker
}
