//! Before the first block: what the log, the mark and the peers know.

use super::machine::{Engine, Phase};
use super::{Effect, EffectId, Mark, Notice, Record};
use raylance_protocol::Height;
use raylance_protocol::block::Block;

impl Engine {
    pub(super) fn start(&mut self, time_ms: u64, log: Vec<Record>, mark: Option<Mark>) {
        let tip = self.chain.height();
        self.mark = mark;
        let forked = self.chain.tip().zip(mark).filter(|(tip, mark)| tip.header.height == mark.height && tip.hash != mark.header);
        if let Some((tip, mark)) = forked {
            let notice = Notice::Forked { height: mark.height, ours: mark.header, theirs: tip.hash };
            return self.halt(notice);
        }
        let newer = |record| match record {
            Record::Block(block) if block.header.height > tip => Some(block),
            Record::Block(_) | Record::Vote(_) => None,
        };
        let logged: Vec<Block> = log.into_iter().filter_map(newer).collect();
        let logged_height = logged.iter().map(|block| block.header.height).max();
        let marked = mark.filter(|mark| mark.height > tip);
        // An earlier record of the same height was given up before anything was signed.
        self.resume = match marked {
            Some(mark) => logged.into_iter().find(|block| block.header.hash() == mark.header),
            None => logged.into_iter().next_back(),
        };
        let follows = |block: &Block| self.chain.expects(&block.header).is_ok();
        let signed = marked.map(|mark| mark.height).max(logged_height);
        match signed {
            Some(signed) if !self.resume.as_ref().is_some_and(follows) => {
                self.resume = None;
                self.fall_behind(time_ms, signed);
            }
            _ => self.ask_peers(time_ms),
        }
    }

    /// Something higher than the chain was signed as this validator.
    pub(super) fn fall_behind(&mut self, time_ms: u64, signed: Height) {
        let known = match self.phase {
            Phase::Behind { signed: known, .. } => known,
            Phase::Halted => return,
            Phase::New | Phase::Asking { .. } | Phase::Ready | Phase::Voting { .. } => Height(0),
        };
        self.abandon();
        let signed = signed.max(known);
        if signed > known {
            self.effects.push(Effect::Notice(Notice::BehindOwnSignature { tip: self.chain.height(), signed }));
        }
        let ask_at_ms = time_ms.saturating_add(self.settings.peers_ms);
        let id = self.ask(|id| Effect::AskPeers { id });
        self.phase = Phase::Behind { id, signed, ask_at_ms };
    }

    fn ask_peers(&mut self, time_ms: u64) {
        self.abandon();
        let until_ms = time_ms.saturating_add(self.settings.peers_ms);
        let id = self.ask(|id| Effect::AskPeers { id });
        self.phase = Phase::Asking { id, until_ms, target: None };
    }

    pub(super) fn hear_peers(&mut self, time_ms: u64, id: EffectId, height: Option<Height>) {
        if !matches!(self.forget(id), Some(Effect::AskPeers { .. })) {
            return;
        }
        let Phase::Asking { id: asked, .. } = self.phase else { return };
        if asked != id {
            return;
        }
        match height.filter(|height| *height > self.chain.height()) {
            None => self.get_ready(time_ms),
            Some(height) => {
                self.effects.push(Effect::Notice(Notice::WaitingForPeers { height }));
                let until_ms = time_ms.saturating_add(self.settings.peers_ms);
                self.phase = Phase::Asking { id, until_ms, target: Some(height) };
            }
        }
    }

    /// A block from peers is the new tip.
    pub(super) fn advance_phase(&mut self, time_ms: u64) {
        let tip = self.chain.height();
        match &self.phase {
            Phase::Asking { target: Some(target), .. } if tip >= *target => self.get_ready(time_ms),
            Phase::Asking { id, target, .. } => {
                let until_ms = time_ms.saturating_add(self.settings.peers_ms);
                self.phase = Phase::Asking { id: *id, until_ms, target: *target };
            }
            Phase::Behind { signed, .. } if tip >= *signed => self.ask_peers(time_ms),
            Phase::Voting { candidate, .. } if Some(candidate.hash()) == self.chain.tip().map(|tip| tip.hash) => self.abandon(),
            // Someone else has this validator's newer blocks: there may be more.
            Phase::Ready | Phase::Voting { .. } => self.ask_peers(time_ms),
            Phase::New | Phase::Behind { .. } | Phase::Halted => (),
        }
    }

    /// What happens when peers were silent for long enough.
    pub(super) fn pass_time(&mut self, time_ms: u64) {
        match self.phase {
            Phase::Asking { until_ms, target, .. } if until_ms <= time_ms => {
                self.effects.extend(target.map(|height| Effect::Notice(Notice::PeersSilent { height })));
                self.get_ready(time_ms);
            }
            Phase::Behind { signed, ask_at_ms, .. } if ask_at_ms <= time_ms => self.fall_behind(time_ms, signed),
            Phase::New | Phase::Asking { .. } | Phase::Behind { .. } | Phase::Ready | Phase::Voting { .. } | Phase::Halted => (),
        }
    }

    /// Goes on with the logged block, if there is one: it may have been signed, so no other one of its height ever will be.
    fn get_ready(&mut self, time_ms: u64) {
        self.abandon();
        self.phase = Phase::Ready;
        let Some(block) = self.resume.take().filter(|block| block.header.height > self.chain.height()) else { return };
        let height = block.header.height;
        match self.chain.examine(block) {
            Ok(candidate) => self.raise_mark(Box::new(candidate)),
            Err(error) => {
                self.effects.push(Effect::Notice(Notice::BadBlock { height, error }));
                // Nothing is signed that is not marked, so a block without a mark may be given up.
                if self.mark.is_some_and(|mark| mark.height >= height) {
                    self.fall_behind(time_ms, height);
                }
            }
        }
    }
}
