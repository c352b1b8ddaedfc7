//! Ways to cheat on purpose, for demonstrations and tests of whole peers: each changes what this machine does, never what it decides.

use raylance_agent::Outgoing;
use raylance_market::artist::{LeafRef, Say};
use raylance_protocol::message::BlobKey;
use raylance_protocol::{Action, Address, Assignment, Tx};
use raylance_tracer::LeafRequest;

/// A way to cheat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cheat {
    /// A worker renders 15 of 16 samples of each leaf.
    DropSamples,
    /// A worker delivers noise.
    Garbage,
    /// A worker takes the receipt and keeps the key.
    WithholdKey,
    /// A checker answers lists with noise: every film that it checks looks wrong.
    LyingChecker,
    /// An artist takes films and signs no receipt.
    KeepsSilent,
    /// An artist signs receipts and never pays.
    NeverPays,
    /// An artist says that right leaves are wrong, and takes their workers to court.
    FrivolousChallenge,
    /// The same, and the court gets no scene from it.
    SceneWithheld,
}

impl Cheat {
    /// What is rendered of an address.
    pub fn request(self, request: LeafRequest) -> LeafRequest {
        match self {
            Self::DropSamples => LeafRequest { samples: request.samples.saturating_sub(1).max(1), ..request },
            _ => request,
        }
    }

    /// What becomes of a film's sums.
    pub fn film(self, assignment: &Assignment, places: &[Address], sums: &mut [[f32; 3]]) {
        let lies = match assignment {
            Assignment::Unit(_) => self == Self::Garbage,
            Assignment::List(_) => matches!(self, Self::Garbage | Self::LyingChecker),
        };
        if lies {
            for (sums, place) in sums.iter_mut().zip(places) {
                sums[0] += 1.0 + f32::from(place.x_px);
            }
        }
    }

    /// Is a replayed leaf called wrong, whatever it is?
    pub fn slanders(self, leaf: &LeafRef) -> bool {
        matches!(self, Self::FrivolousChallenge | Self::SceneWithheld) && leaf.worker.is_some()
    }

    /// Is this never given to a validator?
    pub fn withholds(self, key: &BlobKey) -> bool {
        self == Self::SceneWithheld && matches!(key, BlobKey::Manifest(_) | BlobKey::Part(_))
    }

    /// Is this never sent?
    pub fn keeps(self, message: &Outgoing) -> bool {
        match message {
            Outgoing::Say(Say::Key { .. }) => self == Self::WithholdKey,
            Outgoing::Say(Say::Receipt(_)) => self == Self::KeepsSilent,
            Outgoing::Submit(tx) => tx.peek().is_ok_and(|tx: Tx| match tx.action {
                Action::Pay(_) => self == Self::NeverPays,
                // A claim makes its keys public.
                Action::Claim(_) => self == Self::WithholdKey,
                _ => false,
            }),
            Outgoing::Say(_) => false,
        }
    }
}
