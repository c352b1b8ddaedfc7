//! What a replica believes.

use super::ring::*;
use crate::{BlockError, CertificateError, Chain, CheckedBlock};
use raylance_ledger::{Memo, Refusal};
use raylance_protocol::block::{Block, FinalBlock, Header, tx_root};
use raylance_protocol::{BlockHash, ChainId, Digest, Height, Microlux, OpenError, Round, Signed, Tx, limits};

fn check(chain: &Chain, block: FinalBlock) -> Result<CheckedBlock, BlockError> {
    CheckedBlock::check(chain.id(), chain.validators(), block)
}

fn apply(chain: &mut Chain, block: FinalBlock) -> Result<(), BlockError> {
    let before = heights(chain);
    let result = check(chain, block).and_then(|block| chain.apply(&block)).map(drop);
    assert!(result.is_ok() || heights(chain) == before, "a refused block changed the chain");
    result
}

/// Changes a good block's header, certifies it again, and says what is wrong with it.
fn with_header(change: impl Fn(&mut Header)) -> BlockError {
    let mut chain = chain(1);
    let first = block(&chain, vec![transfer(&chain, 1, 0, 2, 5)]);
    apply(&mut chain, certified(first, &[1])).unwrap();
    let mut next = block(&chain, vec![transfer(&chain, 1, 1, 2, 5)]);
    change(&mut next.header);
    apply(&mut chain, certified(next, &[1])).unwrap_err()
}

#[test]
fn a_good_block_becomes_the_tip() {
    let mut chain = chain(4);
    for height in 1..=3 {
        let next = block(&chain, vec![transfer(&chain, 1, height - 1, 2, 5)]);
        let hash = next.header.hash();
        apply(&mut chain, certified(next, &[1, 2, 3])).unwrap();
        assert_eq!((chain.height(), chain.hash()), (Height(height), hash));
    }
    assert_eq!(chain.state().account(id(2)).balance, Microlux(FUNDS + 15));
    assert_eq!(chain.state().clock().height, Height(3));
    raylance_ledger::audit(chain.state()).unwrap();
}

#[test]
fn a_block_has_its_place() {
    let other = ChainId(Digest([1; 32]));
    assert!(matches!(with_header(|h| h.chain = other), BlockError::WrongChain { found, .. } if found == other));
    assert_eq!(with_header(|h| h.height = Height(1)), BlockError::Height { expected: Height(2), found: Height(1) });
    assert_eq!(with_header(|h| h.height = Height(3)), BlockError::Height { expected: Height(2), found: Height(3) });
    assert!(matches!(with_header(|h| h.parent = BlockHash::default()), BlockError::Parent { .. }));
    let parent_ms = START_MS + 10;
    assert_eq!(with_header(|h| h.time_ms = parent_ms - 1), BlockError::Time { parent_ms, found_ms: parent_ms - 1 });
    assert!(matches!(with_header(|h| h.validators = Digest([1; 32])), BlockError::Validators { .. }));
    assert!(matches!(with_header(|h| h.next_validators = Digest([1; 32])), BlockError::Validators { .. }));
    assert!(matches!(with_header(|h| h.state_root = Digest([1; 32])), BlockError::StateRoot { .. }));
    assert!(matches!(with_header(|h| h.tx_root = Digest([1; 32])), BlockError::TxRoot));
    // Ring time depends on the header's, so a block of another time has another state.
    assert!(matches!(with_header(|h| h.time_ms += 1), BlockError::StateRoot { .. }));
    let early = BlockError::Certificate(CertificateError::Round { proposed: Round(1), found: Round(0) });
    assert_eq!(with_header(|h| h.round = Round(1)), early);
}

#[test]
fn a_block_may_have_its_parents_time() {
    let mut chain = chain(1);
    let next = block_after(&chain, 0, Vec::new());
    apply(&mut chain, certified(next, &[1])).unwrap();
    assert_eq!(chain.time_ms(), START_MS);
}

#[test]
fn a_block_is_final_before_its_transactions_are_looked_at() {
    let mut chain = chain(4);
    let mut next = block(&chain, vec![transfer(&chain, 1, 0, 2, 5)]);
    next.txs.push(transfer(&chain, 1, 9, 2, 5));
    let refused = apply(&mut chain, certified(next, &[1, 2]));
    assert_eq!(refused, Err(CertificateError::TooLittle { have: 2, total: 4 }.into()));
}

/// A certified block with any transactions, whatever they are worth.
fn forced(chain: &Chain, txs: Vec<Signed<Tx>>) -> FinalBlock {
    let mut header = block(chain, Vec::new()).header;
    header.tx_root = tx_root(&txs);
    certified(Block { header, txs }, &[1])
}

#[test]
fn a_refused_transaction_makes_its_block_invalid() {
    let mut chain = chain(1);
    let poor = transfer(&chain, 1, 1, 2, FUNDS * 2);
    let good = transfer(&chain, 1, 0, 2, 5);
    let both = forced(&chain, vec![good.clone(), poor.clone()]);
    let refused = apply(&mut chain, both).unwrap_err();
    assert!(matches!(&refused, BlockError::Tx { index: 1, id, source: Refusal::Balance { .. } } if *id == poor.id()), "{refused}");
    let twice = forced(&chain, vec![good.clone(), good]);
    let twice = apply(&mut chain, twice).unwrap_err();
    assert!(matches!(twice, BlockError::Tx { index: 1, source: Refusal::Nonce { expected: 1, found: 0 }, .. }));
}

#[test]
fn every_signature_in_a_block_is_checked() {
    let chain = chain(1);
    let tx = Tx { nonce: 0, valid_until: raylance_protocol::RingTime::NEVER, action: transfer(&chain, 1, 0, 2, 5).peek().unwrap().action };
    let forged = Signed::from_parts(&tx, id(1), keys(2).sign(chain.id(), &tx).signature());
    let refused = check(&chain, forced(&chain, vec![transfer(&chain, 3, 0, 2, 5), forged]));
    assert_eq!(refused, Err(BlockError::Signature { index: 1, source: OpenError::Signature }));
}

#[test]
fn a_block_has_limits() {
    let chain = chain(1);
    let tx = transfer(&chain, 1, 0, 2, 5);
    let many = limits::BLOCK_TXS_MAX + 1;
    assert_eq!(check(&chain, forced(&chain, vec![tx; many])), Err(BlockError::TooManyTxs(many)));
    let long = raylance_protocol::Signed::from_parts(
        &Tx { nonce: 0, valid_until: raylance_protocol::RingTime::NEVER, action: long_action() },
        id(1),
        raylance_protocol::Signature([0; 64]),
    );
    let count = limits::BLOCK_TXS_BYTES_MAX / long.encoded_len() + 1;
    let bytes = count * long.encoded_len();
    assert_eq!(check(&chain, forced(&chain, vec![long; count])), Err(BlockError::TooLong(bytes)));
}

fn long_action() -> raylance_protocol::Action {
    let row = raylance_protocol::Reserve { worker: id(1), reserved_total: Microlux(1) };
    let open = raylance_protocol::OpenJob {
        spec: Default::default(),
        renderer: RENDERER,
        scene_bytes: 1,
        ends_by: raylance_protocol::RingTime(1),
        rows: vec![row; 1_000],
    };
    raylance_protocol::Action::OpenJob(open)
}

#[test]
fn disputes_stand_before_everything_else() {
    let mut chain = chain(1);
    let opened = block(&chain, vec![open_job(&chain, 2, 0, 3, 5_000)]);
    apply(&mut chain, certified(opened, &[1])).unwrap();
    let (other, dispute) = (transfer(&chain, 4, 0, 5, 5), claim(&chain, 3, 0, (2, 0), 3));
    let late = forced(&chain, vec![other.clone(), dispute.clone()]);
    assert_eq!(check(&chain, late), Err(BlockError::DisputeLate { index: 1 }));
    // Not even its own account's nonces excuse it: it leads the next block.
    let own = forced(&chain, vec![transfer(&chain, 3, 0, 5, 5), claim(&chain, 3, 1, (2, 0), 3)]);
    assert_eq!(check(&chain, own), Err(BlockError::DisputeLate { index: 1 }));
    let good = block(&chain, vec![dispute, other]);
    apply(&mut chain, certified(good, &[1])).unwrap();
}

#[test]
fn a_proposal_is_examined_like_a_final_block() {
    let chain = chain(4);
    let good = block(&chain, vec![transfer(&chain, 1, 0, 2, 5)]);
    let candidate = chain.examine(good.clone()).unwrap();
    assert_eq!((candidate.block(), candidate.hash()), (&good, good.header.hash()));
    let mut wrong = good.clone();
    wrong.txs.clear();
    assert_eq!(chain.examine(wrong).err(), Some(BlockError::TxRoot));

    let mut sealed = chain.clone();
    let certificate = certificate(&good.header, &[1, 2]);
    let refused = sealed.seal(candidate.clone(), certificate).map(drop);
    assert_eq!(refused, Err(CertificateError::TooLittle { have: 2, total: 4 }.into()));
    let applied = sealed.seal(candidate.clone(), super::ring::certificate(&good.header, &[1, 2, 4])).unwrap();
    assert_eq!((applied.block.block(), applied.state().root()), (&certified(good.clone(), &[1, 2, 4]), good.header.state_root));
    assert!(!applied.events().is_empty());
    let again = sealed.seal(candidate, super::ring::certificate(&good.header, &[1, 2, 4])).map(drop);
    assert!(matches!(again, Err(BlockError::Height { .. })));
}

#[test]
fn replicas_that_share_a_memory_agree_and_believe_no_more() {
    let memo = Memo::new(8);
    let (mut one, mut two) = (chain(1).with_memo(memo.clone()), chain(1).with_memo(memo));
    let good = certified(block(&one, vec![transfer(&one, 1, 0, 2, 5)]), &[1]);
    let mut wrong = good.block.clone();
    wrong.header.state_root = Digest([1; 32]);
    apply(&mut one, good.clone()).unwrap();
    assert!(matches!(apply(&mut two, certified(wrong, &[1])), Err(BlockError::StateRoot { .. })));
    apply(&mut two, good).unwrap();
    assert_eq!(heights(&one), heights(&two));
}
