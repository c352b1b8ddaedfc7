//! The receipt of a job: who rendered what, what was checked, what it cost; signed by the artist's key.
//!
//! The numbers about money and verdicts are read off final blocks, whose hashes stand in the receipt: anyone with the ring's chain
//! can check them. Times and sample counts are what workers said.

use crate::runtime::JobAccount;
use borsh::{BorshDeserialize, BorshSerialize};
use raylance_v1_market::artist::{ArtistView, WorkerStanding};
use raylance_v1_protocol::{BlockHash, Digest, Height, JobSpec, Keypair, Microlux, Signable, encode};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What is said about a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Job in hexadecimal.
    pub job: String,
    /// The scene's file name.
    pub name: String,
    /// Packed scene's digest.
    pub scene: String,
    /// Renderer's digest.
    pub renderer: String,
    /// Seed of every sample.
    pub seed: u32,
    /// Picture width.
    pub width_px: u32,
    /// Picture height.
    pub height_px: u32,
    /// Samples per pixel.
    pub samples: u32,
    /// Most path segments.
    pub depth_max: u32,
    /// `exact` or `portable`.
    pub profile: String,
    /// Units of the job.
    pub units: u32,
    /// Units accepted by verifiers and paid.
    pub units_verified: u32,
    /// Films found to be wrong.
    pub units_rejected: u32,
    /// Leaves that each verifier replayed per unit.
    pub replayed_leaves: u16,
    /// Camera samples of all committed films.
    pub rendered_samples: u64,
    /// Time of their renders, as workers say, milliseconds.
    pub render_ms: u64,
    /// Camera samples replayed by verifiers and the artist.
    pub replayed_samples: u64,
    /// Time of their replays, milliseconds.
    pub replay_ms: u64,
    /// Everyone who had a part.
    pub peers: Vec<ReceiptPeer>,
    /// What became of the money.
    pub price: PriceSplit,
    /// Last block that the artist had checked.
    pub ledger_height: u64,
    /// Its hash.
    pub ledger_block: String,
    /// Blocks that say something about the job.
    pub blocks: Vec<ReceiptBlock>,
}

/// One peer's part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiptPeer {
    /// Account in hexadecimal.
    pub account: String,
    /// Films that it committed.
    pub units_committed: u32,
    /// Films that were accepted and paid.
    pub units_verified: u32,
    /// 1 once it was caught.
    pub units_rejected: u32,
    /// Camera samples of its films.
    pub samples: u64,
    /// Time that it says they took, milliseconds.
    pub render_ms: u64,
    /// Accepting verdicts that were settled.
    pub accepts: u32,
    /// Rejecting verdicts that were settled.
    pub rejects: u32,
    /// Earned by rendering, microlux.
    pub rendered_microlux: u64,
    /// Earned by verifying, microlux.
    pub verified_microlux: u64,
    /// Was it caught cheating?
    pub caught: bool,
}

/// What became of the price, microlux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceSplit {
    /// What the artist paid for all settled units.
    pub paid: u64,
    /// Of this to workers.
    pub workers: u64,
    /// To verifiers.
    pub verifiers: u64,
    /// Burned, and to the ring's treasury.
    pub burned_and_treasury: u64,
    /// What came back from the budget; absent until the job is closed.
    pub refund: Option<u64>,
}

/// A block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptBlock {
    /// Its height.
    pub height: u64,
    /// Its hash.
    pub hash: String,
}

/// The file: the receipt and the artist's signature over the digest of its compact JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiptFile {
    /// What is said.
    pub receipt: Receipt,
    /// Who says it: the artist's account in hexadecimal.
    pub account: String,
    /// Borsh of the signed digest, in hexadecimal.
    pub signature: String,
}

/// What is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct ReceiptDigest(Digest);

impl Signable for ReceiptDigest {
    const DOMAIN: &'static str = "raylance receipt 1";
    const BYTES_MAX: usize = 32;
}

impl Receipt {
    fn digest(&self) -> ReceiptDigest {
        let text = serde_json::to_vec(self).expect("strings and numbers only");
        ReceiptDigest(Digest::of("raylance receipt json 1", &[&text]))
    }
}

/// Makes the receipt of a job.
pub(crate) fn make(spec: &JobSpec, seen: &ArtistView, account: &JobAccount, name: &str, height: Height, block: BlockHash) -> Receipt {
    let work = spec.render();
    let sum = |of: fn(&(Microlux, Microlux)) -> Microlux| account.earned.values().map(|earned| of(earned).0).sum::<u64>();
    let (workers, verifiers) = (sum(|earned| earned.0), sum(|earned| earned.1));
    Receipt {
        job: spec.id().to_string(),
        name: name.to_owned(),
        scene: work.scene.to_string(),
        renderer: work.renderer.to_string(),
        seed: spec.sampler_seed(),
        width_px: work.width_px,
        height_px: work.height_px,
        samples: work.samples,
        depth_max: work.depth_max,
        profile: crate::scene_source::profile(work.profile).to_string(),
        units: work.unit_count(),
        units_verified: seen.units_settled,
        units_rejected: seen.units_rejected,
        replayed_leaves: spec.replayed_leaves,
        rendered_samples: seen.rendered_samples,
        render_ms: seen.render_ms,
        replayed_samples: seen.replayed_samples,
        replay_ms: seen.replay_ms,
        peers: peers(seen, account),
        price: PriceSplit {
            paid: account.price.0,
            workers,
            verifiers,
            burned_and_treasury: account.price.0.saturating_sub(workers + verifiers),
            refund: account.refund.map(|refund| refund.0),
        },
        ledger_height: height.0,
        ledger_block: block.to_string(),
        blocks: account.blocks.iter().map(|(height, hash)| ReceiptBlock { height: height.0, hash: hash.to_string() }).collect(),
    }
}

fn peers(seen: &ArtistView, account: &JobAccount) -> Vec<ReceiptPeer> {
    let peer = |worker: &raylance_v1_market::artist::WorkerSeen| {
        let (rendered, verified) = account.earned.get(&worker.account).copied().unwrap_or_default();
        let (accepts, rejects) = account.verdicts.get(&worker.account).copied().unwrap_or_default();
        ReceiptPeer {
            account: worker.account.to_hex(),
            units_committed: worker.units_committed,
            units_verified: worker.units_settled,
            units_rejected: worker.units_rejected,
            samples: worker.rendered_samples,
            render_ms: worker.render_ms,
            accepts,
            rejects,
            rendered_microlux: rendered.0,
            verified_microlux: verified.0,
            caught: account.banned.contains(&worker.account) || matches!(worker.standing, WorkerStanding::Caught | WorkerStanding::Banned),
        }
    };
    seen.workers.iter().map(peer).collect()
}

/// Signs a receipt and writes it.
///
/// # Errors
/// What the system says.
pub fn write(receipt: &Receipt, keys: &Keypair, path: &Path) -> std::io::Result<()> {
    let signed = encode(&keys.sign(&receipt.digest()));
    let signature = signed.iter().map(|byte| format!("{byte:02x}")).collect();
    let file = ReceiptFile { receipt: receipt.clone(), account: keys.account().to_hex(), signature };
    let draft = path.with_extension("part");
    std::fs::write(&draft, serde_json::to_string_pretty(&file)? + "\n")?;
    std::fs::rename(&draft, path)
}

/// Reads a receipt and checks its signature; `None` when it was changed or is none.
pub fn read(path: &Path) -> Option<ReceiptFile> {
    let file: ReceiptFile = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    let bytes = (0..file.signature.len()).step_by(2).map(|at| u8::from_str_radix(file.signature.get(at..at + 2)?, 16).ok());
    let bytes = bytes.collect::<Option<Vec<u8>>>()?;
    let signed: raylance_v1_protocol::Signed<ReceiptDigest> = raylance_v1_protocol::decode(&bytes, 256).ok()?;
    let (signer, digest) = signed.open().ok()?;
    (signer.to_hex() == file.account && digest == file.receipt.digest()).then_some(file)
}
