//! A verified replica of a ring's chain: it believes nobody.

use crate::block::{BlockError, CheckedBlock, check_body, check_limits};
use crate::validators::{Validators, ValidatorsError};
use raylance_ledger::{BlockKey, Draft, Event, Executed, GenesisError, Memo, State};
use raylance_protocol::block::{Block, Certificate, FinalBlock, Genesis, Header, Snapshot, tx_root};
use raylance_protocol::{BlockHash, ChainId, CheckedTx, Digest, Height, Round, Signed, Tx};
use std::sync::Arc;

/// A verified replica: the ledger's state with the header that proves it. Cheap to clone.
#[derive(Clone)]
pub struct Chain {
    genesis: Arc<Genesis>,
    id: ChainId,
    validators: Arc<Validators>,
    state: State,
    tip: Option<Arc<Tip>>,
    memo: Option<Memo>,
}

/// The last block's header and why it is final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// The header.
    pub header: Header,
    /// Its hash.
    pub hash: BlockHash,
    /// The validators' signatures.
    pub certificate: Certificate,
}

/// A block after the tip that is good but for the signatures that make it final: it was executed and its transactions were checked.
#[derive(Clone)]
pub struct Candidate {
    block: Block,
    hash: BlockHash,
    txs: Vec<CheckedTx>,
    executed: Arc<Executed>,
}

/// What a new tip did. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The block.
    pub block: CheckedBlock,
    executed: Arc<Executed>,
}

/// Why a snapshot is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The genesis begins no ring.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// Header or certificate are not good.
    #[error(transparent)]
    Block(#[from] BlockError),
    /// The rows are no state.
    #[error(transparent)]
    Rows(#[from] raylance_ledger::SnapshotError),
    /// The rows are another state than the certified one.
    #[error("the rows' root is {computed}, the header says {claimed}")]
    StateRoot {
        /// The header's.
        claimed: Digest,
        /// This peer's.
        computed: Digest,
    },
}

impl Chain {
    /// The chain before its first block.
    ///
    /// # Errors
    /// [`GenesisError`].
    pub fn new(genesis: Genesis) -> Result<Self, GenesisError> {
        let state = State::genesis(&genesis)?;
        let validators = genesis_validators(&genesis)?;
        Ok(Self { id: genesis.chain(), genesis: Arc::new(genesis), validators: Arc::new(validators), state, tip: None, memo: None })
    }

    /// The chain at a snapshot's height: certificate and root are checked, nothing older is executed. Newer blocks are then applied.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(genesis: Genesis, snapshot: Snapshot) -> Result<Self, LoadError> {
        let Snapshot { header, certificate, rows } = snapshot;
        let tip = Tip { hash: header.hash(), header, certificate };
        Self::at(genesis, tip, State::from_rows(rows)?)
    }

    /// The chain at a state that stands elsewhere, such as in a store: checked as [`Chain::load`] does.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn at(genesis: Genesis, tip: Tip, state: State) -> Result<Self, LoadError> {
        let (id, validators) = (genesis.chain(), genesis_validators(&genesis)?);
        if tip.header.chain != id {
            return Err(BlockError::WrongChain { expected: id, found: tip.header.chain }.into());
        }
        check_validators(&validators, tip.header.validators)?;
        validators.check_certificate(&tip.header, &tip.certificate).map_err(BlockError::from)?;
        if state.root() != tip.header.state_root {
            return Err(LoadError::StateRoot { claimed: tip.header.state_root, computed: state.root() });
        }
        Ok(Self { id, genesis: Arc::new(genesis), validators: Arc::new(validators), state, tip: Some(Arc::new(tip)), memo: None })
    }

    /// This ring's chain at a state from elsewhere, instead of all blocks up to there: checked as [`Chain::at`] does.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn skip_to(&self, tip: Tip, state: State) -> Result<Self, LoadError> {
        let chain = Self::at(Genesis::clone(&self.genesis), tip, state)?;
        Ok(Self { memo: self.memo.clone(), ..chain })
    }

    /// Shares what blocks come to with other replicas in this process: each block is executed once.
    pub fn with_memo(self, memo: Memo) -> Self {
        Self { memo: Some(memo), ..self }
    }

    /// The state after the last block, to be stored. `None` before the first block: there the genesis says everything.
    pub fn snapshot(&self) -> Option<Snapshot> {
        let Tip { header, certificate, .. } = self.tip()?.clone();
        let rows = self.state.rows().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
        Some(Snapshot { header, certificate, rows })
    }

    /// Does a block with this header belong after the tip? A few comparisons, to be made before [`CheckedBlock::check`].
    ///
    /// # Errors
    /// [`BlockError`] about ring, height, parent, time or validators.
    pub fn expects(&self, header: &Header) -> Result<(), BlockError> {
        if header.chain != self.id {
            return Err(BlockError::WrongChain { expected: self.id, found: header.chain });
        }
        let expected = self.height().next();
        if header.height != expected {
            return Err(BlockError::Height { expected, found: header.height });
        }
        if header.parent != self.hash() {
            return Err(BlockError::Parent { expected: self.hash(), found: header.parent });
        }
        if header.time_ms < self.time_ms() {
            return Err(BlockError::Time { parent_ms: self.time_ms(), found_ms: header.time_ms });
        }
        check_validators(&self.validators, header.validators)
    }

    /// Executes a final block and makes it the tip. Whatever is wrong with it, the chain stays as it was.
    ///
    /// # Errors
    /// [`BlockError`] about place, transactions, state root or supply.
    pub fn apply(&mut self, block: &CheckedBlock) -> Result<Applied, BlockError> {
        self.expects(block.header())?;
        let executed = self.execute(block.header(), block.txs())?;
        Ok(self.accept(block.clone(), executed))
    }

    /// Checks everything about a block after the tip but the certificate: a proposal, or one that was logged and not yet signed.
    ///
    /// # Errors
    /// [`BlockError`].
    pub fn examine(&self, block: Block) -> Result<Candidate, BlockError> {
        self.expects(&block.header)?;
        check_limits(&block.txs)?;
        let txs = check_body(&block)?;
        let executed = self.execute(&block.header, &txs)?;
        Ok(Candidate { hash: block.header.hash(), block, txs, executed })
    }

    /// The block after the tip that holds `txs`, which `draft` accepted in this order; `time_ms` is what the draft was begun with.
    ///
    /// # Errors
    /// [`BlockError::Supply`] or [`BlockError::Store`].
    pub fn candidate(&self, round: Round, time_ms: u64, draft: Draft, txs: Vec<CheckedTx>) -> Result<Candidate, BlockError> {
        let signed: Vec<Signed<Tx>> = txs.iter().map(|tx| tx.signed().clone()).collect();
        let tx_root = tx_root(&signed);
        let executed = self.remember(time_ms, tx_root, || Ok(draft.finish()?))?;
        let header = Header {
            chain: self.id,
            height: self.height().next(),
            round,
            parent: self.hash(),
            state_root: executed.state.root(),
            tx_root,
            validators: self.validators.hash(),
            next_validators: self.validators.hash(),
            time_ms,
        };
        Ok(Candidate { hash: header.hash(), block: Block { header, txs: signed }, txs, executed })
    }

    /// Makes a candidate final. It is not executed again.
    ///
    /// # Errors
    /// [`BlockError`] when it does not follow the tip any more, or the certificate is not good.
    pub fn seal(&mut self, candidate: Candidate, certificate: Certificate) -> Result<Applied, BlockError> {
        let Candidate { block, txs, executed, .. } = candidate;
        self.expects(&block.header)?;
        self.validators.check_certificate(&block.header, &certificate)?;
        Ok(self.accept(CheckedBlock::from_checked(FinalBlock { block, certificate }, txs), executed))
    }

    /// The ring's id.
    pub fn id(&self) -> ChainId {
        self.id
    }

    /// The ring's genesis.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The ledger after the last block.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Those who certify the next block.
    pub fn validators(&self) -> &Validators {
        &self.validators
    }

    /// The last block's header; `None` before the first block.
    pub fn tip(&self) -> Option<&Tip> {
        self.tip.as_deref()
    }

    /// Number of the last block; 0 before the first.
    pub fn height(&self) -> Height {
        self.tip.as_ref().map_or(Height(0), |tip| tip.header.height)
    }

    /// Hash of the last block; the chain id's digest before the first.
    pub fn hash(&self) -> BlockHash {
        self.tip.as_ref().map_or(BlockHash(self.id.0), |tip| tip.hash)
    }

    /// Time of the last block, or of the genesis; milliseconds since 1970.
    pub fn time_ms(&self) -> u64 {
        self.tip.as_ref().map_or(self.genesis.time_ms, |tip| tip.header.time_ms)
    }

    fn execute(&self, header: &Header, txs: &[CheckedTx]) -> Result<Arc<Executed>, BlockError> {
        let executed = self.remember(header.time_ms, header.tx_root, || {
            let mut draft = self.state.draft(header.time_ms);
            for (index, tx) in txs.iter().enumerate() {
                draft.execute(tx).map_err(|source| BlockError::Tx { index, id: tx.id(), source })?;
            }
            Ok(draft.finish()?)
        })?;
        let computed = executed.state.root();
        if computed != header.state_root {
            return Err(BlockError::StateRoot { claimed: header.state_root, computed });
        }
        // No transaction changes the validators yet: the genesis names them for good.
        check_validators(&self.validators, header.next_validators)?;
        Ok(executed)
    }

    /// What a block on the tip comes to: by `run`, or by memory.
    fn remember(
        &self,
        header_ms: u64,
        tx_root: Digest,
        run: impl FnOnce() -> Result<Executed, BlockError>,
    ) -> Result<Arc<Executed>, BlockError> {
        let readable = || {
            let executed = run()?;
            executed.state.tree().fault().map_or(Ok(executed), |fault| Err(fault.into()))
        };
        match &self.memo {
            Some(memo) => memo.execute(BlockKey { parent_state: self.state.root(), header_ms, tx_root }, readable),
            None => readable().map(Arc::new),
        }
    }

    fn accept(&mut self, block: CheckedBlock, executed: Arc<Executed>) -> Applied {
        let FinalBlock { block: Block { header, .. }, certificate } = block.block();
        self.tip = Some(Arc::new(Tip { header: header.clone(), hash: block.hash(), certificate: certificate.clone() }));
        self.state = executed.state.clone();
        Applied { block, executed }
    }
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain").field("id", &self.id).field("height", &self.height()).finish_non_exhaustive()
    }
}

impl Candidate {
    /// The block.
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// Its header's hash.
    pub fn hash(&self) -> BlockHash {
        self.hash
    }
}

impl Applied {
    /// Everything that happened in the block, in order.
    pub fn events(&self) -> &[Event] {
        &self.executed.events
    }

    /// The state after it.
    pub fn state(&self) -> &State {
        &self.executed.state
    }
}

fn check_validators(validators: &Validators, found: Digest) -> Result<(), BlockError> {
    if found != validators.hash() {
        return Err(BlockError::Validators { expected: validators.hash(), found });
    }
    Ok(())
}

fn genesis_validators(genesis: &Genesis) -> Result<Validators, GenesisError> {
    Validators::new(genesis.validators.clone()).map_err(|error| match error {
        ValidatorsError::Count(count) => GenesisError::ValidatorCount(count),
        ValidatorsError::Order(account) => GenesisError::ValidatorOrder(account),
        ValidatorsError::Stake(account) => GenesisError::NoStake(account),
    })
}
