//! A job's receipt as a JSON file: who rendered what, what was checked, what it cost. Signed by its artist.

use raylance_market::artist::Report;
use raylance_protocol::{ChainId, Digest, JobId, JobSpec, Keypair, Signable, Signed, SpecHash, Work, decode, encode};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Longest receipt file that is looked at: a million units of 200 bytes.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The specification's hash: the job's name here.
    pub spec: String,
    /// The specification itself, encoded, in hexadecimal: all that decides a bit of the picture.
    pub spec_bytes: String,
    /// Its number on the ledger; none where it was rendered on this machine alone.
    pub job: Option<String>,
    /// The ring.
    pub chain: String,
    /// Root of the scene's manifest.
    pub scene: String,
    /// Digest of the renderer.
    pub renderer: String,
    /// Picture width.
    pub width_px: u32,
    /// Picture height.
    pub height_px: u32,
    /// Samples per pixel.
    pub samples: u32,
    /// Most path segments.
    pub depth_max: u32,
    /// Seed of every sample.
    pub seed: u32,
    /// Units of the job.
    pub units: u32,
    /// Units in the picture.
    pub shown: Vec<ReceiptUnit>,
    /// Who was paid.
    pub workers: Vec<ReceiptWorker>,
    /// Paid to all of them, microlux in decimal.
    pub paid: String,
}

/// A unit in the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptUnit {
    /// Its number.
    pub unit: u32,
    /// Who rendered it; none = on this machine.
    pub worker: Option<String>,
    /// Root of the sealed film.
    pub root: Option<String>,
    /// Were all its drawn leaves right?
    pub checked: bool,
    /// Leaves that this machine replayed.
    pub replayed_own: u32,
    /// Leaves that peers replayed.
    pub replayed_by_peers: u32,
}

/// What a worker got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptWorker {
    /// Its account.
    pub account: String,
    /// Signed for, microlux in decimal.
    pub total: String,
    /// Paid on the ledger, microlux in decimal.
    pub paid: String,
    /// Did it deliver a wrong leaf?
    pub refused: bool,
}

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptFile {
    /// What is said.
    pub receipt: Receipt,
    /// Who says it.
    pub account: String,
    /// The encoded signed digest, in hexadecimal.
    pub signature: String,
}

#[derive(Clone, Copy, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
struct ReceiptDigest(Digest);

impl Signable for ReceiptDigest {
    const DOMAIN: &'static str = "raylance receipt file 2";
    const BYTES_MAX: usize = 32;
}

impl Receipt {
    /// From what the artist's machine knows at the end.
    pub fn new(chain: ChainId, spec: &JobSpec, hash: SpecHash, job: Option<JobId>, report: &Report) -> Self {
        let Work::Render(work) = &spec.work;
        let unit = |unit: &raylance_market::artist::UnitReport| ReceiptUnit {
            unit: unit.unit.0,
            worker: unit.worker.map(|worker| worker.to_hex()),
            root: unit.root.map(|root| root.0.to_hex()),
            checked: unit.checked,
            replayed_own: unit.replayed_own,
            replayed_by_peers: unit.replayed_by.iter().map(|(_, leaves)| leaves).sum(),
        };
        let worker = |worker: &raylance_market::artist::WorkerReport| ReceiptWorker {
            account: worker.worker.to_hex(),
            total: worker.total.0.to_string(),
            paid: worker.paid.0.to_string(),
            refused: worker.refused,
        };
        Self {
            spec: hash.0.to_hex(),
            spec_bytes: hex(&encode(spec)),
            job: job.map(|job| job.0.to_hex()),
            chain: chain.0.to_hex(),
            scene: spec.scene.0.to_hex(),
            renderer: spec.renderer.to_hex(),
            width_px: work.width_px.into(),
            height_px: work.height_px.into(),
            samples: work.samples,
            depth_max: work.depth_max.into(),
            seed: work.seed,
            units: work.unit_count(),
            shown: report.units.iter().map(unit).collect(),
            workers: report.workers.iter().map(worker).collect(),
            paid: report.workers.iter().map(|worker| worker.paid.0).sum::<u64>().to_string(),
        }
    }

    /// The specification; `None` where it is not the one that is named, or breaks a limit.
    pub fn job_spec(&self) -> Option<JobSpec> {
        let bytes = from_hex(&self.spec_bytes)?;
        let spec: JobSpec = decode(&bytes, bytes.len()).ok()?;
        (spec.hash().0.to_hex() == self.spec && spec.check().is_ok()).then_some(spec)
    }

    fn digest(&self) -> ReceiptDigest {
        let text = serde_json::to_vec(self).expect("strings and numbers");
        ReceiptDigest(Digest::of("raylance receipt json 2", &[&text]))
    }
}

/// Signs a receipt and writes it. Blocking.
///
/// # Errors
/// What the system says.
pub fn write(receipt: &Receipt, keys: &Keypair, chain: ChainId, path: &Path) -> std::io::Result<()> {
    let signed = encode(&keys.sign(chain, &receipt.digest()));
    let signature = hex(&signed);
    let file = ReceiptFile { receipt: receipt.clone(), account: keys.account().to_hex(), signature };
    let text = serde_json::to_string_pretty(&file)? + "\n";
    crate::folder::write_whole(path, text.as_bytes(), crate::folder::Readers::Usual)
}

/// Reads a receipt and checks its signature; `None` where it was changed or is none. Blocking.
pub fn read(path: &Path) -> Option<ReceiptFile> {
    let file: ReceiptFile = serde_json::from_slice(&crate::folder::read_whole(path, FILE_BYTES_MAX).ok()?).ok()?;
    let bytes = from_hex(&file.signature)?;
    let signed: Signed<ReceiptDigest> = decode(&bytes, 256).ok()?;
    let (signer, digest) = signed.open(ChainId(Digest::from_hex(&file.receipt.chain)?)).ok()?;
    (signer.to_hex() == file.account && digest == file.receipt.digest()).then_some(file)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_changed_receipt_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("receipt.json");
        let chain = ChainId(Digest([3; 32]));
        let receipt = Receipt {
            spec: Digest::default().to_hex(),
            spec_bytes: String::new(),
            job: None,
            chain: chain.0.to_hex(),
            scene: Digest::default().to_hex(),
            renderer: Digest::default().to_hex(),
            width_px: 1,
            height_px: 1,
            samples: 1,
            depth_max: 1,
            seed: 1,
            units: 1,
            shown: vec![ReceiptUnit { unit: 0, worker: None, root: None, checked: true, replayed_own: 0, replayed_by_peers: 0 }],
            workers: Vec::new(),
            paid: "12".to_owned(),
        };
        write(&receipt, &Keypair::from_secret([1; 32]), chain, &path).unwrap();
        assert_eq!(read(&path).unwrap().receipt, receipt);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("\"12\"", "\"13\"")).unwrap();
        assert_eq!(read(&path), None);
    }
}
