//! A program with another renderer than before, or than the others: nothing is checked by it that another one rendered.

use crate::agent::{Agent, Todo};
use crate::effect::{Effect, Notice};
use crate::rows::Purpose;
use raylance_market::artist::ArtistInput;
use raylance_protocol::row::Renderer;
use raylance_protocol::{AccountId, Action, Digest};

/// Other renderers that are told of: a stranger can name any number.
const TOLD_MAX: usize = 8;

impl Agent {
    /// At a start. Own jobs of another renderer are ended: what is there is paid and written, the rest of the money comes back. A validator
    /// endorses its own renderer, so that a ring of one's own goes on after an update.
    pub(crate) fn after_update(&mut self) {
        let others = self.artists.iter().filter(|(_, artist)| artist.spec().renderer != self.renderer).map(|(spec, _)| *spec);
        for spec in others.collect::<Vec<_>>() {
            self.todo(Todo::Artist(spec, ArtistInput::Stop));
            self.effect(Effect::Tell(Notice::JobOfOtherRenderer(spec)));
        }
        let row = self.ring.state().get::<Renderer>(&self.renderer);
        if row.as_ref().is_some_and(|row| row.listed) {
            return;
        }
        let is_validator = self.ring.chain().validators().stake(self.me).is_some();
        let has_voted = row.is_some_and(|row| row.votes.contains(&self.me));
        if is_validator && !has_voted {
            self.want_tx(Purpose::Endorse(self.renderer), Action::Endorse { renderer: self.renderer, listed: true });
        } else if !is_validator {
            self.effect(Effect::Tell(Notice::RendererNotListed));
        }
    }

    /// A peer offers work for another renderer; told once for each.
    pub(crate) fn on_other_renderer(&mut self, peer: AccountId, renderer: Digest) {
        if self.other_renderers.len() < TOLD_MAX && self.other_renderers.insert(renderer) {
            let theirs_listed = self.ring.state().get::<Renderer>(&renderer).is_some_and(|row| row.listed);
            self.effect(Effect::Tell(Notice::OtherRenderer { peer, theirs_listed }));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
mod tests {
    use crate::{Agent, Effect, Event, Lag, Notice, Now, Setup, Stored};
    use raylance_consensus::{Chain, Settings};
    use raylance_market::Dice;
    use raylance_protocol::block::{Membership, Validator};
    use raylance_protocol::{AccountId, Action, Digest, Genesis, Keypair, Microlux, Offer, Rate, RingParameters, SpecHash};

    const NOW: Now = Now { steady_ms: 0, unix_ms: 1_000_000 };
    const OLD: Digest = Digest([1; 32]);
    const NEW: Digest = Digest([2; 32]);

    fn account(seed: u8) -> AccountId {
        Keypair::from_secret([seed; 32]).account()
    }

    /// A peer that starts in a ring which lists the old renderer alone, and its first effects.
    fn start(me: AccountId, validator: AccountId, renderer: Digest) -> (Agent, Vec<Effect>) {
        let genesis = Genesis {
            name: "ring".to_owned(),
            time_ms: NOW.unix_ms,
            validators: vec![Validator { account: validator, stake: 1 }],
            membership: Membership::Open,
            parameters: RingParameters::DEMO,
            renderers: vec![OLD],
            balances: vec![(validator, Microlux::from_lux(10))],
            bootstrap: Vec::new(),
        };
        let stored = Stored { chain: Chain::new(genesis).unwrap(), rows: Vec::new(), mark: None };
        let setup = Setup { me, renderer, engine: Settings::USUAL, lag: Lag::USUAL };
        let (agent, turn) = Agent::start(NOW, Dice([7; 32]), setup, stored).unwrap();
        (agent, turn.effects)
    }

    fn endorses(effects: &[Effect]) -> bool {
        effects.iter().any(|effect| match effect {
            Effect::SignTx { tx, .. } => tx.action == Action::Endorse { renderer: NEW, listed: true },
            _ => false,
        })
    }

    fn notices(effects: &[Effect]) -> Vec<&Notice> {
        effects.iter().filter_map(|effect| if let Effect::Tell(notice) = effect { Some(notice) } else { None }).collect()
    }

    #[test]
    fn a_validator_endorses_its_renderer_after_an_update_and_nobody_else_does() {
        let (me, other) = (account(1), account(2));
        assert!(endorses(&start(me, me, NEW).1));
        assert!(!endorses(&start(me, me, OLD).1), "it is listed");
        let (_, effects) = start(other, me, NEW);
        assert!(!endorses(&effects));
        assert!(matches!(notices(&effects)[..], [Notice::RendererNotListed]), "{effects:?}");
        assert!(notices(&start(other, me, OLD).1).is_empty());
    }

    #[test]
    fn offers_for_another_renderer_are_told_once_and_not_bid_for() {
        let (me, other) = (account(1), account(2));
        let (mut agent, _) = start(other, me, NEW);
        let offer = |renderer| Offer {
            spec: SpecHash(Digest([9; 32])),
            renderer,
            scene_bytes: 1,
            device_bytes: 1,
            units: 4,
            cost: 1_000,
            rate_max: Rate(5),
            workers_max: 1,
        };
        let mut told = |renderer| {
            let turn = agent.step(NOW, Dice([8; 32]), Event::Offer { from: me, offer: offer(renderer) });
            notices(&turn.effects).into_iter().map(|notice| format!("{notice:?}")).collect::<Vec<_>>()
        };
        let first = told(OLD);
        assert!(first.len() == 1 && first[0].contains("theirs_listed: true"), "{first:?}");
        assert!(told(OLD).is_empty());
        for number in 10..30 {
            told(Digest([number; 32]));
        }
        assert!(told(Digest([99; 32])).is_empty(), "a stranger fills nothing");
    }
}
