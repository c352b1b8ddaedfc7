//! A ring of one validator, whose blocks make one account each.

use raylance_consensus::Chain;
use raylance_protocol::block::{Certificate, Genesis, Membership, Validator, Vote, VoteKind};
use raylance_protocol::{AccountId, Action, CheckedTx, Digest, Keypair, Microlux, RingParameters, RingTime, Round, Tx};

pub fn keys() -> Keypair {
    Keypair::from_secret([1; 32])
}

/// 1 is the validator, which has everything; the others have nothing.
pub fn id(n: u8) -> AccountId {
    if n == 1 { keys().account() } else { AccountId([n; 32]) }
}

pub fn genesis() -> Genesis {
    Genesis {
        name: "test".to_owned(),
        time_ms: 1_700_000_000_000,
        validators: vec![Validator { account: id(1), stake: 1 }],
        membership: Membership::Invited,
        parameters: RingParameters::DEMO,
        renderers: vec![Digest([7; 32])],
        balances: vec![(id(1), Microlux(1_000_000_000_000))],
        bootstrap: Vec::new(),
    }
}

/// So many blocks after the genesis.
pub fn chain_of(blocks: usize) -> Chain {
    let mut chain = Chain::new(genesis()).unwrap();
    (0..blocks).for_each(|_| next_block(&mut chain));
    chain
}

/// Makes the next block, which gives a new account some money.
pub fn next_block(chain: &mut Chain) {
    let time_ms = chain.time_ms() + 10;
    let nonce = chain.state().account(id(1)).nonce;
    let to = AccountId(Digest::of("test account", &[&nonce.to_le_bytes()]).0);
    let tx = Tx { nonce, valid_until: RingTime::NEVER, action: Action::Transfer { to, amount: Microlux(1_000_000) } };
    let tx = CheckedTx::check(chain.id(), keys().sign(chain.id(), &tx)).unwrap();
    let mut draft = chain.state().draft(time_ms);
    draft.execute(&tx).unwrap();
    let candidate = chain.candidate(Round(0), time_ms, draft, vec![tx]).unwrap();
    let (height, header, round) = (candidate.block().header.height, candidate.hash(), Round(0));
    let vote = Vote { kind: VoteKind::Precommit, height, round, header: Some(header) };
    let signatures = vec![(id(1), keys().sign(chain.id(), &vote).signature())];
    chain.seal(candidate, Certificate { height, header, round, signatures }).unwrap();
}
