//! Rings of one and of four validators for the tests.

use crate::{Chain, solo_genesis};
use raylance_v1_protocol::tx::{Action, Tx};
use raylance_v1_protocol::{AccountId, Block, Certificate, FinalBlock, Genesis, Header, Keypair, Microlux, Signed};

pub const FUNDS: u64 = 1_000_000;

pub fn keys(n: u8) -> Keypair {
    Keypair::from_secret([n; 32])
}

pub fn id(n: u8) -> AccountId {
    keys(n).account()
}

/// Validators 1 to `count`; account 1 has the money.
pub fn genesis(count: u8) -> Genesis {
    let mut genesis = solo_genesis("test", id(1), 1_000, vec![(id(2), Microlux(7)), (id(1), Microlux(FUNDS))]);
    genesis.validators = (1..=count).map(id).collect();
    genesis.validators.sort();
    genesis
}

pub fn chain(validators: u8) -> Chain {
    Chain::new(genesis(validators)).unwrap()
}

pub fn transfer(chain: &Chain, from: u8, nonce: u64, to: u8, amount: u64) -> Signed<Tx> {
    let action = Action::Transfer { to: id(to), amount_microlux: Microlux(amount) };
    keys(from).sign(&Tx { chain: chain.id(), nonce, action })
}

/// The next block with these transactions, which must be good.
pub fn next_block(chain: &Chain, txs: Vec<Signed<Tx>>) -> Block {
    let mut staged = chain.state().stage();
    txs.iter().for_each(|tx| drop(staged.execute(chain.state(), chain.height().next(), tx).unwrap()));
    let root = chain.state().prepare(staged).unwrap().root();
    chain.next_block(txs, root, chain.time_ms() + 10)
}

pub fn certificate(header: &Header, signers: &[u8]) -> Certificate {
    let mut signatures: Vec<Signed<Header>> = signers.iter().map(|n| keys(*n).sign(header)).collect();
    signatures.sort_by_key(Signed::claimed_signer);
    Certificate { signatures }
}

pub fn certified(block: Block, signers: &[u8]) -> FinalBlock {
    let certificate = certificate(&block.header, signers);
    FinalBlock { block, certificate }
}
