//! A ring's genesis as a JSON file that people can read and pass on.

use raylance_v1_protocol::{AccountId, Genesis, Microlux, RingParameters};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Longest genesis file: 100,000 balances.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// Longest name of a ring, bytes: it is shown in one line.
const NAME_BYTES_MAX: usize = 64;

/// Why a genesis file is refused.
#[derive(Debug, thiserror::Error)]
pub enum GenesisFileError {
    /// The file cannot be read or written.
    #[error("cannot use the genesis file {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is too long.
    #[error("{path} has more than {FILE_BYTES_MAX} bytes: it is no genesis file")]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// The file is no JSON of this shape.
    #[error("{path} is no genesis file")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where.
        source: serde_json::Error,
    },
    /// A field says something impossible.
    #[error("{path}: {fault}")]
    Field {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: GenesisFault,
    },
}

/// What can be wrong with a genesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GenesisFault {
    /// Not 64 hexadecimal characters.
    #[error("an account is not 64 hexadecimal characters")]
    Account,
    /// Not a whole number of microlux.
    #[error("a balance is no whole number of microlux below 2^64")]
    Amount,
    /// Nobody makes blocks.
    #[error("there is no validator")]
    NoValidator,
    /// Twice the same.
    #[error("an account is listed twice")]
    Twice,
    /// More money than fits.
    #[error("the balances together are too large")]
    Sum,
    /// More than a thousand thousandths.
    #[error("the shares of worker, verifiers and burn are more than 1000 thousandths together")]
    Shares,
    /// The name does not fit.
    #[error("the name is empty, too long or not printable")]
    Name,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GenesisFile {
    name: String,
    time_ms: u64,
    validators: Vec<String>,
    parameters: ParametersFile,
    /// Microlux in decimal: JSON numbers of other programs are floats.
    balances: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParametersFile {
    worker_permille: u16,
    verifiers_permille: u16,
    burn_permille: u16,
    verdicts_required: u8,
}

/// Makes a genesis from its parts in any order.
///
/// # Errors
/// [`GenesisFault`].
pub fn make(
    name: String,
    time_ms: u64,
    parameters: RingParameters,
    mut validators: Vec<AccountId>,
    mut balances: Vec<(AccountId, Microlux)>,
) -> Result<Genesis, GenesisFault> {
    validators.sort();
    balances.sort();
    let twice = validators.windows(2).any(|pair| pair[0] == pair[1]) || balances.windows(2).any(|pair| pair[0].0 == pair[1].0);
    let shares = u32::from(parameters.worker_permille) + u32::from(parameters.verifiers_permille) + u32::from(parameters.burn_permille);
    let fault = if validators.is_empty() {
        GenesisFault::NoValidator
    } else if twice {
        GenesisFault::Twice
    } else if shares > 1000 {
        GenesisFault::Shares
    } else if name.trim().is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        GenesisFault::Name
    } else if balances.iter().try_fold(Microlux::ZERO, |sum, (_, amount)| sum.plus(*amount)).is_err() {
        GenesisFault::Sum
    } else {
        return Ok(Genesis { name, time_ms, validators, parameters, balances });
    };
    Err(fault)
}

/// Reads a genesis file.
///
/// # Errors
/// [`GenesisFileError`].
pub fn read(path: &Path) -> Result<Genesis, GenesisFileError> {
    let io = |source| GenesisFileError::Io { path: path.into(), source };
    if std::fs::metadata(path).map_err(io)?.len() > FILE_BYTES_MAX {
        return Err(GenesisFileError::TooLong { path: path.into() });
    }
    let text = std::fs::read(path).map_err(io)?;
    let file: GenesisFile = serde_json::from_slice(&text).map_err(|source| GenesisFileError::Malformed { path: path.into(), source })?;
    open(file).map_err(|fault| GenesisFileError::Field { path: path.into(), fault })
}

fn open(file: GenesisFile) -> Result<Genesis, GenesisFault> {
    let account = |text: &str| AccountId::from_hex(text).ok_or(GenesisFault::Account);
    let validators = file.validators.iter().map(|text| account(text)).collect::<Result<_, _>>()?;
    let balance = |(text, amount): &(String, String)| -> Result<_, GenesisFault> {
        Ok((account(text)?, Microlux(amount.parse().map_err(|_| GenesisFault::Amount)?)))
    };
    let balances = file.balances.iter().map(balance).collect::<Result<_, _>>()?;
    let ParametersFile { worker_permille, verifiers_permille, burn_permille, verdicts_required } = file.parameters;
    let parameters = RingParameters { worker_permille, verifiers_permille, burn_permille, verdicts_required };
    make(file.name, file.time_ms, parameters, validators, balances)
}

/// Writes a genesis file.
///
/// # Errors
/// [`GenesisFileError::Io`].
pub fn write(genesis: &Genesis, path: &Path) -> Result<(), GenesisFileError> {
    let RingParameters { worker_permille, verifiers_permille, burn_permille, verdicts_required } = genesis.parameters;
    let file = GenesisFile {
        name: genesis.name.clone(),
        time_ms: genesis.time_ms,
        validators: genesis.validators.iter().map(AccountId::to_hex).collect(),
        parameters: ParametersFile { worker_permille, verifiers_permille, burn_permille, verdicts_required },
        balances: genesis.balances.iter().map(|(account, amount)| (account.to_hex(), amount.0.to_string())).collect(),
    };
    let text = serde_json::to_string_pretty(&file).expect("strings and numbers only");
    std::fs::write(path, text + "\n").map_err(|source| GenesisFileError::Io { path: path.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(n: u8) -> AccountId {
        AccountId([n; 32])
    }

    #[test]
    fn a_genesis_survives_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ring.json");
        let balances = vec![(account(9), Microlux(u64::MAX)), (account(1), Microlux(0))];
        let genesis = make("Friends".into(), 5, RingParameters::default(), vec![account(3), account(2)], balances).unwrap();
        write(&genesis, &path).unwrap();
        assert_eq!(read(&path).unwrap(), genesis);
        assert_eq!(genesis.validators, [account(2), account(3)]);
    }

    #[test]
    fn impossible_rings_are_refused() {
        let check = |validators: &[u8], balances: &[(u8, u64)], expected| {
            let validators = validators.iter().map(|&n| account(n)).collect();
            let balances = balances.iter().map(|&(n, amount)| (account(n), Microlux(amount))).collect();
            assert_eq!(make("r".into(), 0, RingParameters::default(), validators, balances).unwrap_err(), expected);
        };
        check(&[], &[], GenesisFault::NoValidator);
        check(&[1, 1], &[], GenesisFault::Twice);
        check(&[1], &[(2, 1), (2, 1)], GenesisFault::Twice);
        check(&[1], &[(2, u64::MAX), (3, 1)], GenesisFault::Sum);
    }
}
