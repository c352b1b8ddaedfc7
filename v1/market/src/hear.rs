//! From a peer's message to a machine's input: signatures are checked here, so nothing downstream sees a wire struct.

use crate::{artist, verifier, worker};
use raylance_v1_protocol::{AccountId, JobId, Leaf, Message, Refusal, Signable, Signed, Verdict};

/// A message, checked and addressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// For the artist of this job.
    Artist(JobId, artist::Input),
    /// For the artist of this job, once the node has hashed the values and compared them with its copy of the film: see
    /// [`artist::Input::Revealed`].
    Revealed {
        /// Who revealed; it is the verdict's signer.
        from: AccountId,
        /// The salt of the seal.
        salt: [u8; 16],
        /// The values in the order of the challenge.
        values: Vec<Leaf>,
        /// The verdict as signed.
        signed: Signed<Verdict>,
        /// The same verdict, opened.
        verdict: Verdict,
    },
    /// For a worker of this job.
    Worker(JobId, worker::Input),
    /// For a verifier of this job.
    Verifier(JobId, verifier::Input),
    /// Not about a job's life: transactions and blocks.
    Elsewhere(Message),
}

/// Checks signatures and signers, and says which machine should hear the message.
///
/// # Errors
/// [`Refusal::Malformed`] when a signature is wrong; [`Refusal::NotYours`] when it is another peer's.
pub fn hear(from: AccountId, message: Message) -> Result<Heard, Refusal> {
    Ok(match message {
        Message::Bid(signed) => {
            let bid = open_own(from, &signed)?;
            Heard::Artist(bid.job, artist::Input::Bid { from, samples_per_s: bid.samples_per_s })
        }
        Message::Want { job, units_max } => Heard::Artist(job, artist::Input::Want { from, units_max }),
        Message::Committed(signed) => {
            let said = open_own(from, &signed)?;
            Heard::Artist(said.job, artist::Input::Committed { from, unit: said.unit, root: said.root, render_ms: said.render_ms })
        }
        Message::Sealed { job, unit, worker, seal, replay_ms } => {
            Heard::Artist(job, artist::Input::Sealed { from, unit, worker, seal, replay_ms })
        }
        Message::Revealed { salt, values, verdict: signed } => {
            let verdict = open_own(from, &signed)?;
            Heard::Revealed { from, salt, values, signed, verdict }
        }
        Message::Assigned { job, units } => Heard::Worker(job, worker::Input::Assigned { from, units }),
        Message::Closed { job } => Heard::Worker(job, worker::Input::Closed { from }),
        Message::Challenge { job, unit, worker, root, draw, leaves } => {
            Heard::Verifier(job, verifier::Input::Challenge { from, unit, worker, root, draw, leaves })
        }
        Message::Opened { job, unit, worker, opening } => Heard::Verifier(job, verifier::Input::Opened { from, unit, worker, opening }),
        Message::SubmitTx(_) | Message::GetBlocks { .. } => Heard::Elsewhere(message),
    })
}

fn open_own<T: Signable>(from: AccountId, signed: &Signed<T>) -> Result<T, Refusal> {
    let (signer, value) = signed.open().map_err(|_| Refusal::Malformed)?;
    if signer == from { Ok(value) } else { Err(Refusal::NotYours) }
}
