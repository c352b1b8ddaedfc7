//! Who may make blocks final, and whether enough of their stake did.

use raylance_protocol::block::{Certificate, Header, Validator, Vote, VoteKind, validators_hash};
use raylance_protocol::signing::verify;
use raylance_protocol::{AccountId, BlockHash, ChainId, Digest, Height, OpenError, Round, Signed, limits};

/// A ring's validators with their stakes: ascending by account, distinct, each with a stake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validators {
    validators: Vec<Validator>,
    hash: Digest,
}

/// Why accounts are no set of validators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValidatorsError {
    /// None, or more than the limit.
    #[error("{0} validators; 1 to {max} are possible", max = limits::VALIDATORS_MAX)]
    Count(usize),
    /// Twice, or out of order.
    #[error("validator {0} stands twice or out of order")]
    Order(AccountId),
    /// A vote without weight.
    #[error("validator {0} has no stake")]
    Stake(AccountId),
}

/// Why a certificate makes nothing final.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// For another block.
    #[error("a certificate for {found} at height {}, the block is {expected}", height.0)]
    OtherBlock {
        /// The block's hash.
        expected: BlockHash,
        /// The certificate's.
        found: BlockHash,
        /// The certificate's.
        height: Height,
    },
    /// A round before the one in which the block was first proposed.
    #[error("a certificate of round {}, the block was proposed in round {}", found.0, proposed.0)]
    Round {
        /// The header's.
        proposed: Round,
        /// The certificate's.
        found: Round,
    },
    /// More signatures than validators.
    #[error("{count} signatures; the ring has {validators} validators")]
    TooMany {
        /// Signatures received.
        count: usize,
        /// Validators of the ring.
        validators: usize,
    },
    /// Twice, or out of order.
    #[error("the signature of {0} stands twice or out of order")]
    Order(AccountId),
    /// Signed by somebody else.
    #[error("{0} is no validator of this ring")]
    NotValidator(AccountId),
    /// Two thirds of the stake or less.
    #[error("a stake of {have} signed; more than two thirds of {total} are required")]
    TooLittle {
        /// Stake that signed.
        have: u128,
        /// Stake of the ring.
        total: u128,
    },
    /// Not signed at all, or something else was signed: another round's vote, for example.
    #[error("the signature of {0} is not under this vote")]
    Signature(AccountId),
}

impl Validators {
    /// Checks number, order and stakes.
    ///
    /// # Errors
    /// [`ValidatorsError`].
    pub fn new(validators: Vec<Validator>) -> Result<Self, ValidatorsError> {
        if !(1..=limits::VALIDATORS_MAX).contains(&validators.len()) {
            return Err(ValidatorsError::Count(validators.len()));
        }
        if let Some(pair) = validators.windows(2).find(|pair| pair[0].account >= pair[1].account) {
            return Err(ValidatorsError::Order(pair[1].account));
        }
        if let Some(validator) = validators.iter().find(|validator| validator.stake == 0) {
            return Err(ValidatorsError::Stake(validator.account));
        }
        Ok(Self { hash: validators_hash(&validators), validators })
    }

    /// Ascending by account.
    pub fn as_slice(&self) -> &[Validator] {
        &self.validators
    }

    /// What headers name this set by.
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// Weight of the account's vote; `None` when it has none.
    pub fn stake(&self, account: AccountId) -> Option<u64> {
        let place = self.validators.binary_search_by_key(&account, |validator| validator.account).ok()?;
        Some(self.validators[place].stake)
    }

    /// Weight of all votes.
    pub fn total(&self) -> u128 {
        self.validators.iter().map(|validator| u128::from(validator.stake)).sum()
    }

    /// Is this more than two thirds of the stake?
    pub fn is_quorum(&self, stake: u128) -> bool {
        stake * 3 > self.total() * 2
    }

    /// Checks that more than two thirds of the stake precommitted this header in the certificate's round. Every signature must be good, so
    /// that nobody can pad a certificate. Signatures are looked at last, at most one for each validator.
    ///
    /// # Errors
    /// [`CertificateError`] names the first fault.
    pub fn check_certificate(&self, header: &Header, certificate: &Certificate) -> Result<(), CertificateError> {
        let (count, validators) = (certificate.signatures.len(), self.validators.len());
        if count > validators {
            return Err(CertificateError::TooMany { count, validators });
        }
        let expected = header.hash();
        if (certificate.height, certificate.header) != (header.height, expected) {
            return Err(CertificateError::OtherBlock { expected, found: certificate.header, height: certificate.height });
        }
        if certificate.round < header.round {
            return Err(CertificateError::Round { proposed: header.round, found: certificate.round });
        }
        if let Some(pair) = certificate.signatures.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return Err(CertificateError::Order(pair[1].0));
        }
        let mut have = 0;
        for (account, _) in &certificate.signatures {
            have += u128::from(self.stake(*account).ok_or(CertificateError::NotValidator(*account))?);
        }
        if !self.is_quorum(have) {
            return Err(CertificateError::TooLittle { have, total: self.total() });
        }
        let vote = certificate.vote();
        certificate.signatures.iter().try_for_each(|(account, signature)| {
            verify(header.chain, *account, &vote, signature).map_err(|_| CertificateError::Signature(*account))
        })
    }
}

/// Two different precommits of one validator for one height and round: it lied to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// One of them.
    pub first: Signed<Vote>,
    /// The other.
    pub second: Signed<Vote>,
}

/// Why two votes are no evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// Not signed.
    #[error("a vote can't be believed: {0}")]
    Open(#[from] OpenError),
    /// Of two signers.
    #[error("votes of {0} and {1}")]
    Signers(AccountId, AccountId),
    /// The signer has no vote.
    #[error("{0} is no validator of this ring")]
    NotValidator(AccountId),
    /// Prevotes may change their mind in no rule that is punished.
    #[error("not two precommits")]
    Kind,
    /// An honest validator votes once in each round.
    #[error("votes of different heights or rounds")]
    Round,
    /// The same vote twice.
    #[error("the same vote twice")]
    Same,
}

impl Evidence {
    /// Who lied, if the two votes show it.
    ///
    /// # Errors
    /// [`EvidenceError`]; signatures are looked at last.
    pub fn check(&self, chain: ChainId, validators: &Validators) -> Result<AccountId, EvidenceError> {
        let (account, other) = (self.first.claimed_signer(), self.second.claimed_signer());
        if account != other {
            return Err(EvidenceError::Signers(account, other));
        }
        if validators.stake(account).is_none() {
            return Err(EvidenceError::NotValidator(account));
        }
        let peek = |vote: &Signed<Vote>| vote.peek().map_err(OpenError::from);
        let (first, second) = (peek(&self.first)?, peek(&self.second)?);
        if (first.kind, second.kind) != (VoteKind::Precommit, VoteKind::Precommit) {
            return Err(EvidenceError::Kind);
        }
        if (first.height, first.round) != (second.height, second.round) {
            return Err(EvidenceError::Round);
        }
        if first.header == second.header {
            return Err(EvidenceError::Same);
        }
        self.first.open(chain)?;
        self.second.open(chain)?;
        Ok(account)
    }
}
