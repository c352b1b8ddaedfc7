//! `raylance wallet`: money of the node of a data folder, as its own verified chain proves it.

use super::node::tokio_runtime;
use super::submit::control_failure;
use super::{Failure, print_json};
use clap::{Args, Subcommand};
use raylance_v1_node::control::Client;
use raylance_v1_node::view::{MovementView, WalletView};
use serde::Serialize;
use std::path::PathBuf;

/// `raylance wallet …`
#[derive(Subcommand, Debug)]
pub enum WalletVerb {
    /// Show the balance
    Show(WalletArgs),
    /// Check certificate, header, path and the wallet's own running total
    Verify(WalletArgs),
    /// List the latest movements, newest first
    Movements(WalletArgs),
}

/// Arguments of all wallet verbs.
#[derive(Args, Debug)]
pub struct WalletArgs {
    /// Data folder of the running node
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct WalletLine {
    account: String,
    balance_microlux: String,
    balance: String,
    escrow: String,
    verified_at_height: u64,
    chain_height: u64,
    agrees: bool,
}

#[derive(Serialize)]
struct MovementsLine {
    movements: Vec<MovementView>,
}

/// Runs the verb.
pub fn run(verb: WalletVerb) -> Result<(), Failure> {
    let args = match &verb {
        WalletVerb::Show(args) | WalletVerb::Verify(args) | WalletVerb::Movements(args) => args,
    };
    let view = tokio_runtime()?.block_on(async {
        let mut node = Client::connect(&args.data).await.map_err(|error| control_failure(&error))?;
        node.view().await.map_err(|error| control_failure(&error))
    })?;
    let wallet = view.wallet;
    if matches!(verb, WalletVerb::Movements(_)) {
        return movements(wallet, args.json);
    }
    let (verified, chain, agrees) = (wallet.verified_at_height, view.ring.height, wallet.agrees);
    show(wallet, view.me.account, chain, args.json)?;
    if matches!(verb, WalletVerb::Verify(_)) && (verified != chain || !agrees) {
        let line =
            format!("the balance is not proven: proof at height {verified}, chain at height {chain}, running total agrees: {agrees}");
        return Err(Failure::work(line));
    }
    Ok(())
}

fn show(wallet: WalletView, account: String, chain_height: u64, json: bool) -> Result<(), Failure> {
    let WalletView { balance, balance_microlux, verified_at_height, escrow, agrees, .. } = wallet;
    if json {
        return print_json(&WalletLine { account, balance_microlux, balance, escrow, verified_at_height, chain_height, agrees });
    }
    println!("account   {account}");
    println!("balance   {balance}");
    println!("escrow    {escrow}");
    println!("proven    at height {verified_at_height} of {chain_height}");
    println!(
        "agrees    {}",
        if agrees { "yes: own running total and ledger are the same" } else { "NO: own running total and ledger differ" }
    );
    Ok(())
}

fn movements(wallet: WalletView, json: bool) -> Result<(), Failure> {
    let movements = wallet.movements;
    if json {
        return print_json(&MovementsLine { movements });
    }
    for MovementView { height, reason, amount, .. } in &movements {
        println!("{height:>8}  {amount:>20}  {reason}");
    }
    Ok(())
}
