//! What peers say to each other off the ledger.

use crate::blocks;
use crate::record::{Record, variants};
use crate::transactions::tx;
use crate::values::{
    account, address, addresses, chain, digest, job, key_hash, keys, list, list_of_two, renderer, root, scene, spec, spec_hash, unit,
    worker,
};
use raylance_protocol::membership::{Grant, Join};
use raylance_protocol::message::{BlobKey, Gossip, Refusal, ReturnReason};
use raylance_protocol::{
    Action, Assignment, Bid, Delivery, Done, FilmKey, Height, Lease, Message, Microlux, Offer, Rate, Receipt, Reply, Task, UnitIndex,
};

variants! { Gossip: Gossip::Offer(_) => "offer", Gossip::Final { .. } => "final" }
variants! { Assignment: Assignment::Unit(_) => "unit", Assignment::List(_) => "list" }
variants! {
    ReturnReason:
    ReturnReason::Terms => "terms",
    ReturnReason::Owner => "owner",
    ReturnReason::Device => "device",
    ReturnReason::WorkBound => "work bound",
    ReturnReason::Scene => "scene",
}
variants! {
    Message:
    Message::Bid(_) => "bid",
    Message::Hired { .. } => "hired",
    Message::Lease(_) => "lease",
    Message::Return { .. } => "return",
    Message::Delivery(_) => "delivery",
    Message::Receipt(_) => "receipt",
    Message::Key { .. } => "key",
    Message::Standing(_) => "standing",
    Message::Done(_) => "done",
    Message::Submit(_) => "submit",
    Message::Proposal(_) => "proposal",
    Message::Vote(_) => "vote",
    Message::Join(_) => "join",
    Message::GetBlocks { .. } => "get blocks",
    Message::GetState => "get state",
    Message::GetNodes(_) => "get nodes",
}
variants! {
    Reply:
    Reply::Recorded => "recorded",
    Reply::Refused(_) => "refused",
    Reply::Blocks(_) => "blocks",
    Reply::State(_) => "state",
    Reply::Nodes(_) => "nodes",
}
variants! {
    Refusal:
    Refusal::Malformed => "malformed",
    Refusal::UnknownJob => "unknown job",
    Refusal::NotYours => "not yours",
    Refusal::Busy => "busy",
    Refusal::Ledger => "ledger",
    Refusal::NotMember => "not member",
}
variants! {
    BlobKey:
    BlobKey::Manifest(_) => "manifest",
    BlobKey::Part(_) => "part",
    BlobKey::Film { .. } => "film",
    BlobKey::List { .. } => "list",
}

pub fn offer() -> Offer {
    Offer {
        spec: spec_hash(),
        renderer: renderer(),
        scene_bytes: 123_456_789,
        device_bytes: 2_345_678_901,
        units: 12_240,
        cost: 38_220_595_200,
        rate_max: Rate(120),
        workers_max: 16,
    }
}

pub fn bid() -> Bid {
    Bid { spec: spec_hash(), rate: Rate(90), samples_per_s: 35_000_000, checks: true }
}

pub fn lease(assignment: Assignment) -> Lease {
    Lease { job: job(), assignment, price: Microlux(12), lasts_ms: 90_000 }
}

pub fn delivery(task: Task) -> Delivery {
    Delivery { job: job(), task, worker: worker(), root: root(), key_hash: key_hash() }
}

pub fn receipt(task: Task) -> Receipt {
    Receipt { delivery: delivery(task), price: Microlux(12), total: Microlux(345) }
}

pub fn done() -> Done {
    Done { job: job(), worker: worker(), total: Microlux(345) }
}

pub fn grant() -> Grant {
    Grant { id: [0x6a; 16], secret_hash: Grant::secret_hash(&[0x6b; 16]), expires_ms: 1_900_000_000_000 }
}

fn join() -> Join {
    Join { grant: keys().sign(chain(), &grant()), secret: [0x6b; 16], account: account(0xd0) }
}

/// One of every kind.
pub fn all() -> Vec<Message> {
    let signed_tx = keys().sign(chain(), &tx(Action::Transfer { to: worker(), amount: Microlux(5) }));
    vec![
        Message::Bid(keys().sign(chain(), &bid())),
        Message::Hired { job: job(), spec: spec() },
        Message::Lease(lease(Assignment::Unit(UnitIndex(258)))),
        Message::Lease(lease(Assignment::List(addresses(2)))),
        Message::Return { job: job(), task: unit(), reason: ReturnReason::Owner },
        Message::Delivery(keys().sign(chain(), &delivery(unit()))),
        Message::Receipt(keys().sign(chain(), &receipt(unit()))),
        Message::Key { job: job(), task: unit(), key: FilmKey([0x21; 32]) },
        Message::Standing(keys().sign(chain(), &receipt(list()))),
        Message::Done(keys().sign(chain(), &done())),
        Message::Submit(signed_tx),
        Message::Proposal(keys().sign(chain(), &blocks::proposal(None))),
        Message::Vote(keys().sign(chain(), &blocks::vote(None))),
        Message::Join(join()),
        Message::GetBlocks { from: Height(7), blocks_max: 64 },
        Message::GetState,
        Message::GetNodes(vec![digest(7), digest(8)]),
    ]
}

pub fn record() -> Record {
    let mut record = Record::new("What peers say to each other off the ledger.");
    record.variants(&[Gossip::Offer(keys().sign(chain(), &offer())), Gossip::Final { height: Height(7) }]);
    record.signed("", &offer());
    record.value(&Rate(120));
    record.signed("", &bid());
    record.variants(&[Assignment::Unit(UnitIndex(258)), Assignment::List(vec![address()])]);
    record.named("of a unit", &lease(Assignment::Unit(UnitIndex(258))));
    record.named("of two addresses", &lease(Assignment::List(addresses(2))));
    record.variants(&[ReturnReason::Terms, ReturnReason::Owner, ReturnReason::Device, ReturnReason::WorkBound, ReturnReason::Scene]);
    record.signed("of a unit", &delivery(unit()));
    record.signed("of a list", &delivery(list()));
    record.signed("of a unit", &receipt(unit()));
    record.signed("of a list", &receipt(list()));
    record.signed("", &done());
    record.value(&FilmKey([0x21; 32]));
    record.hash("key", FilmKey([0x21; 32]).hash().0);
    record.hash("no key", FilmKey::NONE.hash().0);
    record.variants(&all());
    let block = blocks::final_block();
    let tip = Box::new((block.block.header.clone(), block.certificate.clone()));
    record.variants(&[
        Reply::Recorded,
        Reply::Refused(Refusal::Busy),
        Reply::Blocks(vec![block]),
        Reply::State(Some(tip)),
        Reply::Nodes(vec![vec![0, 1, 2], vec![1]]),
    ]);
    record.variants(&[Refusal::Malformed, Refusal::UnknownJob, Refusal::NotYours, Refusal::Busy, Refusal::Ledger, Refusal::NotMember]);
    record.variants(&[
        BlobKey::Manifest(scene()),
        BlobKey::Part(digest(7)),
        BlobKey::Film { job: job(), worker: worker(), task: unit() },
        BlobKey::List { job: job(), list: list_of_two() },
    ]);
    record.signed("", &grant());
    record.hash("secret of a grant", Grant::secret_hash(&[0x6b; 16]));
    record.value(&join());
    record
}
