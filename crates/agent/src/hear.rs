//! Messages on their way in, where length and encoding were checked by whoever read them, and on their way out.

use crate::effect::Outgoing;
use crate::event::Heard;
use raylance_market::artist::Say;
use raylance_protocol::message::{Message, Refusal};
use raylance_protocol::{AccountId, ChainId, CheckedTx, Keypair, Signable, Signature, Signed};

/// Checks every signature of a message and that its signer is its sender. The dearest part of hearing a peer: it needs no state, so it runs
/// beside the agent, and once for equal bytes.
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
        Message::GetBlocks { from, blocks_max } => Heard::GetBlocks { from, blocks_max },
        // Rings of several validators are not built yet, and who is a member is asked before an agent hears a peer.
        Message::Proposal(_) | Message::Vote(_) | Message::Join(_) => return Err(Refusal::NotYours),
    })
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
