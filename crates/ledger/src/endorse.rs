//! Endorse: validators choose the renderers that jobs may name, and that they replay in court.

use crate::draft::Draft;
use crate::event::Event;
use crate::refusal::Refusal;
use crate::ruling::is_more_than_two_thirds;
use raylance_protocol::row::{Due, Renderer};
use raylance_protocol::{AccountId, Digest, RingTime, limits};

impl Draft {
    /// Counts a vote for the other standing of a renderer, or takes one back; more than two thirds of the stake change it.
    ///
    /// A new renderer takes one of few rows, so each validator endorses one at a time. A proposal leaves with its last vote or when its
    /// time is over, a delisted renderer once no job that names it can come to court.
    pub(crate) fn endorse(&mut self, signer: AccountId, digest: Digest, listed: bool) -> Result<(), Refusal> {
        let validators = self.state.validators();
        if !validators.iter().any(|validator| validator.account == signer) {
            return Err(Refusal::NotValidator);
        }
        let mut renderer = match self.state.get::<Renderer>(&digest) {
            Some(renderer) => renderer,
            None if listed => self.propose(digest)?,
            None => return Err(Refusal::Nothing),
        };
        if listed && !renderer.was_listed {
            self.check_endorses_no_other(signer, digest)?;
        }
        let wants_change = listed != renderer.listed;
        match (renderer.votes.binary_search(&signer), wants_change) {
            (Err(at), true) => renderer.votes.insert(at, signer),
            (Ok(at), false) => drop(renderer.votes.remove(at)),
            (Ok(_), true) | (Err(_), false) => return Err(Refusal::Nothing),
        }
        if is_more_than_two_thirds(&validators, |validator| renderer.votes.contains(&validator.account)) {
            renderer = Renderer { listed, since: self.now(), was_listed: true, votes: Vec::new() };
            if !listed {
                self.push_due(self.renderer_leaves_at(self.now()), Due::RendererLeaves(digest));
            }
            self.events.push(Event::RendererListed { renderer: digest, listed });
        }
        if renderer.votes.is_empty() && !renderer.was_listed {
            self.state.remove::<Renderer>(&digest);
        } else {
            self.state.put(&digest, renderer);
        }
        Ok(())
    }

    /// A row for a renderer that was never on the list, without votes.
    fn propose(&mut self, digest: Digest) -> Result<Renderer, Refusal> {
        if self.state.renderers().count() >= limits::RENDERERS_MAX {
            return Err(Refusal::Renderers);
        }
        self.push_due(self.renderer_leaves_at(self.now()), Due::RendererLeaves(digest));
        Ok(Renderer { listed: false, since: self.now(), was_listed: false, votes: Vec::new() })
    }

    fn check_endorses_no_other(&self, signer: AccountId, digest: Digest) -> Result<(), Refusal> {
        let endorsed =
            |(other, renderer): &(Digest, Renderer)| *other != digest && !renderer.was_listed && renderer.votes.contains(&signer);
        match self.state.renderers().find(endorsed) {
            Some((other, _)) => Err(Refusal::EndorsesAnother(other)),
            None => Ok(()),
        }
    }

    /// When a renderer that stands off the list since then leaves: the longest job may still end, be claimed from and be challenged.
    pub(crate) fn renderer_leaves_at(&self, since: RingTime) -> RingTime {
        since.after(self.parameters.job_ms_max).after(self.parameters.window_ms.saturating_mul(4))
    }
}
