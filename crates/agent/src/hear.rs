//! Messages on their way in, where length and encoding were checked by whoever read them, and on their way out.

use crate::effect::Outgoing;
use crate::event::{Heard, Wanted};
use raylance_market::artist::Say;
use raylance_protocol::message::{Message, Refusal};
use raylance_protocol::{AccountId, ChainId, CheckedTx, Digest, Keypair, Signable, Signature, Signed, encode, limits};
use std::collections::VecDeque;

/// Checks every signature of a message and that its signer is its sender. The dearest part of hearing a peer: it needs no state, so it runs
/// beside the agent, and by [`Ears`] once for equal bytes.
///
/// # Errors
/// The [`Refusal`] that the peer is told.
pub fn hear(chain: ChainId, me: AccountId, from: AccountId, message: Message) -> Result<Heard, Refusal> {
    Ok(match message {
        Message::Bid(bid) => Heard::Bid(open(chain, from, &bid)?.0),
        Message::Hired { job, spec } => Heard::Hired { job, spec },
        Message::Lease(lease) => Heard::Lease(lease),
        Message::Return { job, task, reason } => Heard::Return { job, task, reason },
        Message::Delivery(delivery) => {
            let (delivery, signature) = open(chain, from, &delivery)?;
            mine(delivery.worker, from)?;
            Heard::Delivery(delivery, signature)
        }
        Message::Receipt(receipt) => {
            let (receipt, signature) = open(chain, from, &receipt)?;
            mine(receipt.delivery.worker, me)?;
            Heard::Receipt(receipt, signature)
        }
        Message::Key { job, task, key } => Heard::Key { job, task, key },
        Message::Standing(receipt) => {
            let (receipt, _) = open(chain, me, &receipt)?;
            mine(receipt.delivery.worker, from)?;
            Heard::Standing(receipt)
        }
        Message::Done(done) => {
            let (done, signature) = open(chain, from, &done)?;
            mine(done.worker, from)?;
            Heard::Done(done, signature)
        }
        // Anybody may carry anybody's transaction: it stands for itself.
        Message::Submit(tx) => Heard::Submit(CheckedTx::check(chain, tx).map_err(|_| Refusal::Malformed)?),
        Message::GetBlocks { from, blocks_max } => Heard::Get(Wanted::Blocks { from, blocks_max }),
        Message::GetState => Heard::Get(Wanted::State),
        Message::GetNodes(nodes) if nodes.len() <= limits::NODES_PER_REPLY_MAX => Heard::Get(Wanted::Nodes(nodes)),
        Message::GetNodes(_) => return Err(Refusal::Malformed),
        // Rings of several validators are not built yet, and who is a member is asked before an agent hears a peer.
        Message::Proposal(_) | Message::Vote(_) | Message::Join(_) => return Err(Refusal::NotYours),
    })
}

/// Checked messages that are remembered: what a few dozen peers say again while one of them is slow to answer.
const KNOWN_MAX: usize = 256;

/// [`hear`] with a memory: a signed message that comes again byte for byte costs a hash, not its signatures.
pub struct Ears {
    chain: ChainId,
    me: AccountId,
    known: VecDeque<(Digest, Result<Heard, Refusal>)>,
}

impl Ears {
    /// Of `me` in this ring.
    pub fn new(chain: ChainId, me: AccountId) -> Self {
        Self { chain, me, known: VecDeque::new() }
    }

    /// As [`hear`].
    ///
    /// # Errors
    /// As [`hear`].
    pub fn hear(&mut self, from: AccountId, message: Message) -> Result<Heard, Refusal> {
        if !is_signed(&message) {
            return hear(self.chain, self.me, from, message);
        }
        let name = Digest::of("raylance heard message", &[&from.0, &encode(&message)]);
        if let Some((_, known)) = self.known.iter().find(|(known, _)| *known == name) {
            return known.clone();
        }
        let heard = hear(self.chain, self.me, from, message);
        if self.known.len() == KNOWN_MAX {
            self.known.pop_front();
        }
        self.known.push_back((name, heard.clone()));
        heard
    }
}

fn is_signed(message: &Message) -> bool {
    match message {
        Message::Bid(_)
        | Message::Delivery(_)
        | Message::Receipt(_)
        | Message::Standing(_)
        | Message::Done(_)
        | Message::Submit(_)
        | Message::Proposal(_)
        | Message::Vote(_) => true,
        Message::Hired { .. }
        | Message::Lease(_)
        | Message::Return { .. }
        | Message::Key { .. }
        | Message::Join(_)
        | Message::GetBlocks { .. }
        | Message::GetState
        | Message::GetNodes(_) => false,
    }
}

/// A message as it travels: what the protocol signs is signed.
pub fn speak(keys: &Keypair, chain: ChainId, to: AccountId, message: Outgoing) -> Message {
    match message {
        Outgoing::Submit(tx) => Message::Submit(tx),
        Outgoing::Say(say) => match say {
            Say::Bid(bid) => Message::Bid(keys.sign(chain, &bid)),
            Say::Hired { job, spec } => Message::Hired { job, spec },
            Say::Lease(lease) => Message::Lease(lease),
            Say::Return { job, task, reason } => Message::Return { job, task, reason },
            Say::Delivery(delivery) => Message::Delivery(keys.sign(chain, &delivery)),
            Say::Receipt(receipt) => Message::Receipt(keys.sign(chain, &receipt)),
            Say::Key { job, task, key } => Message::Key { job, task, key },
            // The artist's own words, shown to it again.
            Say::Standing(receipt, signature) => Message::Standing(Signed::from_parts(&receipt, to, signature)),
            Say::Done(done) => Message::Done(keys.sign(chain, &done)),
        },
    }
}

fn open<T: Signable>(chain: ChainId, signer: AccountId, signed: &Signed<T>) -> Result<(T, Signature), Refusal> {
    mine(signed.claimed_signer(), signer)?;
    let (_, value) = signed.open(chain).map_err(|_| Refusal::Malformed)?;
    Ok((value, signed.signature()))
}

fn mine(found: AccountId, expected: AccountId) -> Result<(), Refusal> {
    if found == expected { Ok(()) } else { Err(Refusal::NotYours) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
mod tests {
    use super::*;
    use raylance_protocol::{Bid, Delivery, Done, JobId, KeyHash, Microlux, Rate, Receipt, Root, SpecHash, Task, UnitIndex};

    fn keys(number: u8) -> Keypair {
        Keypair::from_secret([number; 32])
    }

    fn delivery(worker: AccountId) -> Delivery {
        Delivery { job: JobId::default(), task: Task::Unit(UnitIndex(3)), worker, root: Root::default(), key_hash: KeyHash::default() }
    }

    fn receipt(worker: AccountId) -> Receipt {
        Receipt { delivery: delivery(worker), price: Microlux(1), total: Microlux(2) }
    }

    /// What `number` says, as somebody hears it to whom it is said by the connection of `from`.
    fn heard(number: u8, from: u8, me: u8, say: Say) -> Result<Heard, Refusal> {
        let chain = ChainId::default();
        let message = speak(&keys(number), chain, keys(me).account(), Outgoing::Say(say));
        hear(chain, keys(me).account(), keys(from).account(), message)
    }

    #[test]
    fn what_is_spoken_is_heard() {
        let (artist, worker) = (1, 2);
        let bid = Bid { spec: SpecHash::default(), rate: Rate(1), samples_per_s: 1, checks: true };
        assert_eq!(heard(worker, worker, artist, Say::Bid(bid.clone())), Ok(Heard::Bid(bid)));
        let delivery = delivery(keys(worker).account());
        let Ok(Heard::Delivery(same, signature)) = heard(worker, worker, artist, Say::Delivery(delivery.clone())) else { panic!() };
        assert_eq!(same, delivery);
        assert!(raylance_protocol::signing::verify(ChainId::default(), keys(worker).account(), &delivery, &signature).is_ok());
        let receipt = receipt(keys(worker).account());
        let signature = keys(artist).sign(ChainId::default(), &receipt).signature();
        let standing = Say::Standing(receipt.clone(), signature);
        assert_eq!(heard(worker, worker, artist, standing), Ok(Heard::Standing(receipt.clone())));
        assert_eq!(heard(artist, artist, worker, Say::Receipt(receipt.clone())), Ok(Heard::Receipt(receipt, signature)));
    }

    #[test]
    fn nobody_speaks_with_another_voice() {
        let (artist, worker, thief) = (1, 2, 3);
        let mine = delivery(keys(worker).account());
        // Signed by somebody else, carried by somebody else, or naming somebody else.
        assert_eq!(heard(thief, worker, artist, Say::Delivery(mine.clone())), Err(Refusal::NotYours));
        assert_eq!(heard(worker, thief, artist, Say::Delivery(mine.clone())), Err(Refusal::NotYours));
        assert_eq!(heard(thief, thief, artist, Say::Delivery(mine)), Err(Refusal::NotYours));
        let done = Done { job: JobId::default(), worker: keys(worker).account(), total: Microlux(1) };
        assert_eq!(heard(thief, thief, artist, Say::Done(done)), Err(Refusal::NotYours));
        let receipt = receipt(keys(worker).account());
        assert_eq!(heard(artist, artist, thief, Say::Receipt(receipt.clone())), Err(Refusal::NotYours));
        // A receipt that the artist never signed.
        let forged = Say::Standing(receipt.clone(), keys(worker).sign(ChainId::default(), &receipt).signature());
        assert_eq!(heard(worker, worker, artist, forged), Err(Refusal::Malformed));
        // A good one, shown by somebody else.
        let signature = keys(artist).sign(ChainId::default(), &receipt).signature();
        assert_eq!(heard(thief, thief, artist, Say::Standing(receipt, signature)), Err(Refusal::NotYours));
    }

    #[test]
    fn a_voice_of_another_ring_is_not_heard() {
        let bid = Bid { spec: SpecHash::default(), rate: Rate(1), samples_per_s: 1, checks: true };
        let elsewhere = ChainId(raylance_protocol::Digest([1; 32]));
        let message = speak(&keys(2), elsewhere, keys(1).account(), Outgoing::Say(Say::Bid(bid)));
        assert_eq!(hear(ChainId::default(), keys(1).account(), keys(2).account(), message), Err(Refusal::Malformed));
    }

    #[test]
    fn what_comes_again_is_known_and_what_differs_is_not() {
        let (chain, artist, worker) = (ChainId::default(), keys(1).account(), keys(2));
        let message = |samples_per_s: u64| {
            let bid = Bid { spec: SpecHash::default(), rate: Rate(1), samples_per_s, checks: true };
            speak(&worker, chain, artist, Outgoing::Say(Say::Bid(bid)))
        };
        let mut ears = Ears::new(chain, artist);
        let first = ears.hear(worker.account(), message(1));
        assert!(matches!(first, Ok(Heard::Bid(_))));
        assert_eq!((ears.hear(worker.account(), message(1)), ears.known.len()), (first, 1));
        // By another connection it is another message.
        assert_eq!((ears.hear(keys(3).account(), message(1)), ears.known.len()), (Err(Refusal::NotYours), 2));
        (0..300).for_each(|number| assert!(ears.hear(worker.account(), message(number)).is_ok()));
        assert_eq!(ears.known.len(), KNOWN_MAX);
        assert_eq!(ears.hear(worker.account(), Message::GetState), Ok(Heard::Get(Wanted::State)));
        assert_eq!(ears.known.len(), KNOWN_MAX, "what has no signature is not remembered");
    }
}
