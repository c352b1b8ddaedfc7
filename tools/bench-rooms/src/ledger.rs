//! `bench-ledger`: how fast the ledger is. Prints one JSON object, with what it did on the way on stderr.
//!
//! ```text
//! bench-ledger [--accounts N] [--blocks N] [--disk]
//! ```
//!
//! `transfers` and `pays` go the whole way on two cores: one checks every signature strictly, the other executes, takes the root and commits
//! each block to SQLite with `synchronous=FULL`, every tenth with the changed nodes of the state; then the file is read as at a start. `cost` executes each kind of transaction at several sizes and says what a byte
//! of it costs. `state` says what a block and a proof cost in small and large states; with `--disk` the nodes of the large one lie in SQLite.

mod cost;
mod disk;
mod fund;

use bench_rooms::measure::Samples;
use fund::Fund;
use raylance_ledger::{State, verify_row};
use raylance_protocol::row::{Account, key_bytes};
use raylance_protocol::{Action, CheckedTx, Microlux, Pay, PayRow, Signed, Tx};
use serde_json::{Value, json};
use std::sync::mpsc::sync_channel;
use std::time::Instant;

/// Transactions of a full block.
const BLOCK_TXS: usize = 1_000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, or: usize| {
        let at = args.iter().position(|arg| arg == name);
        at.and_then(|at| args.get(at + 1)).and_then(|text| text.parse().ok()).unwrap_or(or)
    };
    let (accounts, blocks) = (number("--accounts", 100_000), number("--blocks", 20));
    let on_disk = args.iter().any(|arg| arg == "--disk");
    let result = json!({
        "bench": "ledger",
        "accounts": accounts,
        "transfers": transfers(accounts, blocks),
        "pays": pays(blocks),
        "cost": cost::measure(),
        "state": [state(1_000, false), state(accounts, false), if on_disk { state(accounts.max(1_000_000), true) } else { Value::Null }],
    });
    println!("{result}");
}

/// Blocks of transfers between random accounts.
fn transfers(accounts: usize, blocks: usize) -> Value {
    eprintln!("transfers: {accounts} accounts, {blocks} blocks of {BLOCK_TXS}");
    let mut fund = Fund::new(accounts);
    let txs = (0..blocks).map(|_| (0..BLOCK_TXS).map(|_| fund.random_transfer()).collect()).collect();
    whole_way(&fund.state, txs)
}

/// Blocks of Pay with four workers each.
fn pays(blocks: usize) -> Value {
    eprintln!("pays: {blocks} blocks of 500, four workers each");
    let mut fund = Fund::new(5_000);
    let jobs: Vec<_> = (0..500).map(|artist| fund.open_job(artist, &[1000, 1001, 1002, 1003])).collect();
    let pay = |fund: &mut Fund, artist: usize, total: u64| {
        let row = |worker: usize| PayRow {
            worker: fund.accounts[worker],
            paid_total: Microlux(total),
            reserved_total: Microlux(10_000 + total),
            done: None,
        };
        let rows = [1000, 1001, 1002, 1003].map(row).to_vec();
        let action = Action::Pay(Pay { job: jobs[artist], rows, close: false, ends_by: None });
        fund.sign(artist, action)
    };
    let txs = (0..blocks).map(|block| (0..500).map(|artist| pay(&mut fund, artist, 10 + block as u64)).collect()).collect();
    whole_way(&fund.state, txs)
}

/// Checks on one core, executes and commits on another; the chain of states begins at `state`.
fn whole_way(state: &State, blocks: Vec<Vec<Signed<Tx>>>) -> Value {
    let (chain, count) = (state.chain(), blocks.iter().map(Vec::len).sum::<usize>());
    let mut database = disk::Database::create();
    database.begin(state);
    let (mut execute, mut commit) = (Samples::default(), Samples::default());
    let began = Instant::now();
    let mut checking_s = 0.0;
    let (sender, receiver) = sync_channel::<Vec<CheckedTx>>(2);
    let last = std::thread::scope(|scope| {
        let checker = scope.spawn(move || {
            let began = Instant::now();
            for block in blocks {
                let checked = block.into_iter().map(|tx| CheckedTx::check(chain, tx).expect("the bench signs what it sends"));
                if sender.send(checked.collect()).is_err() {
                    break;
                }
            }
            began.elapsed().as_secs_f64()
        });
        let mut state = state.clone();
        for (header_ms, block) in (state.clock().header_ms + 1..).zip(receiver) {
            let next = execute.time(|| {
                let mut draft = state.draft(header_ms);
                for tx in &block {
                    draft.execute(tx).expect("the bench sends what the ledger takes");
                }
                let executed = draft.finish().expect("the rules keep the supply");
                executed.state.root();
                executed.state
            });
            commit.time(|| database.commit(header_ms, &next, &block));
            state = next;
        }
        checking_s = checker.join().expect("the checker does not panic");
        state
    });
    let seconds = began.elapsed().as_secs_f64();
    raylance_ledger::audit(&last).expect("the rules keep the supply");
    let began = Instant::now();
    let (found, again) = database.restart();
    let restart_s = began.elapsed().as_secs_f64();
    assert_eq!(found.root(), last.root(), "a start finds the last state");
    json!({
        "per_second": count as f64 / seconds, "transactions": count, "seconds": seconds, "checking_s": checking_s,
        "execute_block": execute.json(), "commit_block": commit.json(),
        "restart": { "seconds": restart_s, "blocks_executed_again": again },
    })
}

/// Proofs and blocks of 100 transfers at a size of the state.
fn state(accounts: usize, on_disk: bool) -> Value {
    eprintln!("state: {accounts} accounts{}", if on_disk { ", nodes on disk" } else { "" });
    let mut fund = Fund::new(accounts);
    let root = fund.state.root();
    let mut database = disk::Database::create();
    if on_disk {
        let began = Instant::now();
        database.begin(&fund.state);
        eprintln!("  written in {:.1} s", began.elapsed().as_secs_f64());
        fund.state = database.state();
        // The next allocation after so large a state was dropped puts its memory in order, which takes seconds.
        fund.state.prove(&key_bytes::<Account>(&fund.accounts[0]));
    }
    let (mut prove, mut verify, mut block, mut branches) = (Samples::default(), Samples::default(), Samples::default(), 0);
    for i in 0..1_000 {
        let key = key_bytes::<Account>(&fund.accounts[i * 7_919 % accounts]);
        let (value, path) = prove.time(|| fund.state.prove(&key));
        branches = branches.max(path.branches.len());
        verify.time(|| verify_row(root, &key, value.as_deref(), &path)).expect("the tree proves its rows");
    }
    for _ in 0..50 {
        let txs: Vec<_> = (0..100).map(|_| fund.random_transfer()).collect();
        let checked: Vec<_> = txs.into_iter().map(|tx| CheckedTx::check(fund.state.chain(), tx).expect("signed")).collect();
        let before = fund.state.clone();
        fund.state = block.time(|| {
            let mut draft = before.draft(before.clock().header_ms + 1);
            for tx in &checked {
                draft.execute(tx).expect("the bench sends what the ledger takes");
            }
            let executed = draft.finish().expect("the rules keep the supply");
            executed.state.root();
            executed.state
        });
    }
    json!({
        "accounts": accounts, "on_disk": on_disk, "prove": prove.json(), "verify": verify.json(), "path_branches_max": branches,
        "block_of_100_transfers": block.json(),
    })
}
