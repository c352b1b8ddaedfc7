//! Rings: one of one's own, and a genesis as a file that people pass on.

use crate::folder::{Readers, read_whole, write_whole};
use raylance_protocol::block::Membership;
use raylance_protocol::{AccountId, Digest, Genesis, Microlux, RingParameters, Validator};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Name of a ring of one's own.
const SOLO_NAME: &str = "My machines";
/// What its owner has.
const SOLO_BALANCE: Microlux = Microlux::from_lux(1_000);
/// Longest genesis file: a thousand balances as text.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A ring whose only validator is `me`.
pub fn solo(me: AccountId, renderer: Digest, now_unix_ms: u64) -> Genesis {
    Genesis {
        name: SOLO_NAME.to_owned(),
        time_ms: now_unix_ms,
        validators: vec![Validator { account: me, stake: 1 }],
        membership: Membership::Open,
        parameters: RingParameters::PUBLIC,
        renderers: vec![renderer],
        balances: vec![(me, SOLO_BALANCE)],
        bootstrap: Vec::new(),
    }
}

/// Why a genesis file is refused.
#[derive(Debug, thiserror::Error)]
pub enum RingFileError {
    /// The system refuses.
    #[error("cannot use the genesis file {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// No JSON of this shape.
    #[error("{path} is no genesis file")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where.
        source: serde_json::Error,
    },
    /// A field says something impossible.
    #[error("{path}: `{field}` is no {what}")]
    Field {
        /// The file.
        path: PathBuf,
        /// As it stands there.
        field: String,
        /// What it should be.
        what: &'static str,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RingFile {
    name: String,
    time_ms: u64,
    /// Account and weight.
    validators: Vec<(String, u64)>,
    parameters: Preset,
    renderers: Vec<String>,
    /// Account and microlux in decimal: numbers of other programs' JSON are floats.
    balances: Vec<(String, String)>,
    bootstrap: Vec<String>,
}

/// For whom a ring is made: its windows, fees and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Strangers.
    Public,
    /// Friends, whose machines are off at night.
    Friends,
    /// A network that lives for minutes.
    Demo,
}

impl Preset {
    /// The one that has these numbers.
    pub fn of(parameters: &RingParameters) -> Option<Self> {
        [Self::Public, Self::Friends, Self::Demo].into_iter().find(|preset| preset.parameters() == *parameters)
    }

    /// The ring's numbers.
    pub fn parameters(self) -> RingParameters {
        match self {
            Self::Public => RingParameters::PUBLIC,
            Self::Friends => RingParameters::FRIENDS,
            Self::Demo => RingParameters::DEMO,
        }
    }
}

/// Reads a genesis file. What the rules say about the ring is the ledger's to check.
///
/// # Errors
/// [`RingFileError`].
pub fn read(path: &Path) -> Result<Genesis, RingFileError> {
    let bytes = read_whole(path, FILE_BYTES_MAX).map_err(|source| RingFileError::Io { path: path.to_owned(), source })?;
    let file: RingFile = serde_json::from_slice(&bytes).map_err(|source| RingFileError::Malformed { path: path.to_owned(), source })?;
    let wrong = |field: &str, what| RingFileError::Field { path: path.to_owned(), field: field.to_owned(), what };
    let account = |text: &str| AccountId::from_hex(text).ok_or_else(|| wrong(text, "account of 64 hexadecimal characters"));
    let amount = |text: &str| text.parse().map(Microlux).map_err(|_| wrong(text, "whole number of microlux"));
    let renderer = |text: &String| Digest::from_hex(text).ok_or_else(|| wrong(text, "digest of 64 hexadecimal characters"));
    let mut validators = file
        .validators
        .iter()
        .map(|(who, stake)| Ok(Validator { account: account(who)?, stake: *stake }))
        .collect::<Result<Vec<_>, _>>()?;
    let mut balances = file.balances.iter().map(|(who, sum)| Ok((account(who)?, amount(sum)?))).collect::<Result<Vec<_>, _>>()?;
    let mut renderers = file.renderers.iter().map(renderer).collect::<Result<Vec<_>, _>>()?;
    validators.sort();
    balances.sort();
    renderers.sort();
    Ok(Genesis {
        name: file.name,
        time_ms: file.time_ms,
        validators,
        membership: Membership::Open,
        parameters: file.parameters.parameters(),
        renderers,
        balances,
        bootstrap: file.bootstrap,
    })
}

/// Writes a genesis file for a ring with one of the presets.
///
/// # Errors
/// [`RingFileError::Io`].
pub fn write(path: &Path, genesis: &Genesis, preset: Preset) -> Result<(), RingFileError> {
    let file = RingFile {
        name: genesis.name.clone(),
        time_ms: genesis.time_ms,
        validators: genesis.validators.iter().map(|validator| (validator.account.to_hex(), validator.stake)).collect(),
        parameters: preset,
        renderers: genesis.renderers.iter().map(Digest::to_hex).collect(),
        balances: genesis.balances.iter().map(|(who, sum)| (who.to_hex(), sum.0.to_string())).collect(),
        bootstrap: genesis.bootstrap.clone(),
    };
    let text = serde_json::to_string_pretty(&file).expect("strings and numbers") + "\n";
    write_whole(path, text.as_bytes(), Readers::Usual).map_err(|source| RingFileError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
mod tests {
    use super::*;
    use raylance_protocol::Keypair;

    fn me() -> AccountId {
        Keypair::from_secret([1; 32]).account()
    }

    #[test]
    fn a_ring_of_ones_own_is_sound() {
        raylance_consensus::Chain::new(solo(me(), Digest([7; 32]), 1)).unwrap();
    }

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ring.json");
        let genesis = Genesis { parameters: RingParameters::DEMO, ..solo(me(), Digest([7; 32]), 1) };
        write(&path, &genesis, Preset::Demo).unwrap();
        assert_eq!(read(&path).unwrap(), genesis);
    }

    #[test]
    fn faults_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ring.json");
        assert!(matches!(read(&path), Err(RingFileError::Io { .. })));
        std::fs::write(&path, "{\"name\": 1}").unwrap();
        assert!(matches!(read(&path), Err(RingFileError::Malformed { .. })));
        write(&path, &solo(me(), Digest([7; 32]), 1), Preset::Public).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        for (right, wrong) in [(me().to_hex(), "zz".to_owned()), ("1000000000".to_owned(), "-3".to_owned())] {
            std::fs::write(&path, text.replace(&right, &wrong)).unwrap();
            let error = read(&path).unwrap_err();
            assert!(matches!(&error, RingFileError::Field { field, .. } if *field == wrong), "{error}");
        }
    }
}
