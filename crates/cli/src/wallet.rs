//! `raylance wallet`: money of the running node, as the chain says that it has verified itself.

use super::client::{ask, unexpected};
use super::node::LookArgs;
use super::parse::{lux, microlux};
use super::{Failure, out, print_json};
use clap::{Args, Subcommand};
use raylance_control::view::MovementView;
use raylance_control::{Ask, Told};
use serde::Serialize;

/// `raylance wallet …`
#[derive(Subcommand, Debug)]
pub enum WalletVerb {
    /// Show the balance
    Show(LookArgs),
    /// Check that the movements lead to the balance, and that no money of the ring appeared or vanished
    Verify(LookArgs),
    /// List the latest movements, newest first
    Movements(LookArgs),
    /// Send money
    Send(SendArgs),
}

/// Arguments of `raylance wallet send`.
#[derive(Args, Debug)]
pub struct SendArgs {
    #[command(flatten)]
    look: LookArgs,
    /// The account that receives it, 64 hexadecimal characters
    to: String,
    /// How much, in lux
    #[arg(value_name = "LUX", value_parser = lux)]
    amount: u64,
}

#[derive(Serialize)]
struct WalletLine {
    account: String,
    balance_microlux: String,
    balance: String,
    verified_at_height: u64,
    on_its_way: usize,
    agrees: bool,
}

#[derive(Serialize)]
struct MovementsLine {
    movements: Vec<MovementView>,
}

/// Runs the verb.
pub fn run(verb: WalletVerb) -> Result<(), Failure> {
    match verb {
        WalletVerb::Show(args) => show(&args).map(drop),
        WalletVerb::Verify(args) => verify(&args),
        WalletVerb::Movements(args) => movements(&args),
        WalletVerb::Send(args) => send(&args),
    }
}

/// Says whether the movements agree.
fn show(args: &LookArgs) -> Result<bool, Failure> {
    let Told::Wallet(wallet) = ask(args.data.as_deref(), Ask::Wallet)? else { return Err(unexpected()) };
    let agrees = wallet.agrees;
    let line = WalletLine {
        account: wallet.account,
        balance: microlux(&wallet.balance),
        balance_microlux: wallet.balance,
        verified_at_height: wallet.height,
        on_its_way: wallet.on_its_way,
        agrees,
    };
    if args.json {
        print_json(&line)?;
        return Ok(agrees);
    }
    out!("account   {}", line.account);
    out!("balance   {}", line.balance);
    out!("verified  up to block {}", line.verified_at_height);
    if line.on_its_way > 0 {
        out!("waiting   {} transactions", line.on_its_way);
    }
    out!("agrees    {}", if agrees { "yes: the movements lead to the balance" } else { "NO: the movements lead to another balance" });
    Ok(agrees)
}

fn verify(args: &LookArgs) -> Result<(), Failure> {
    let Told::Audit(audit) = ask(args.data.as_deref(), Ask::Audit)? else { return Err(unexpected()) };
    let agrees = show(args)?;
    match audit.fault {
        Some(fault) => Err(Failure::work(format!("the ring's money does not add up at block {}: {fault}", audit.height))),
        None if agrees => Ok(()),
        None => Err(Failure::work("the movements of this wallet do not lead to its balance")),
    }
}

fn movements(args: &LookArgs) -> Result<(), Failure> {
    let Told::Movements(movements) = ask(args.data.as_deref(), Ask::Movements)? else { return Err(unexpected()) };
    if args.json {
        return print_json(&MovementsLine { movements });
    }
    for MovementView { height, kind, change, balance, .. } in &movements {
        let (sign, amount) = change.split_at(1);
        out!("{height:>8}  {sign}{:>22}  {kind:10}  {}", microlux(amount), microlux(balance));
    }
    Ok(())
}

fn send(args: &SendArgs) -> Result<(), Failure> {
    let amount = args.amount.to_string();
    let Told::Done = ask(args.look.data.as_deref(), Ask::Send { to: args.to.clone(), amount: amount.clone() })? else {
        return Err(unexpected());
    };
    if args.look.json {
        return print_json(&serde_json::json!({ "to": args.to, "amount_microlux": amount }));
    }
    out!("{} are on their way to {}", microlux(&amount), args.to);
    Ok(())
}
