//! `raylance ring`: genesis files.

use super::parse::lux;
use super::{Failure, print_json};
use clap::{Args, Subcommand};
use raylance_v1_node::genesis_file;
use raylance_v1_protocol::{AccountId, Genesis, Microlux, RingParameters};
use raylance_v1_store::DataFolder;
use serde::Serialize;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// `raylance ring …`
#[derive(Subcommand, Debug)]
pub enum RingVerb {
    /// Write the genesis file of a new ring
    New(NewArgs),
    /// Show a genesis file
    Show(ShowArgs),
}

/// Arguments of `raylance ring new`.
#[derive(Args, Debug)]
pub struct NewArgs {
    /// Data folder of the ring's validator; its key is made where it is missing
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// A name for people
    #[arg(long, default_value = "My machines")]
    name: String,
    /// First balance, repeatable
    #[arg(long, value_name = "ACCOUNT=LUX", value_parser = gift)]
    give: Vec<(AccountId, Microlux)>,
    /// File to write
    #[arg(short, long, value_name = "GENESIS_FILE")]
    out: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Arguments of `raylance ring show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The genesis file
    file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct RingLine {
    name: String,
    chain: String,
    validators: Vec<String>,
    total_microlux: String,
    accounts: usize,
}

fn gift(text: &str) -> Result<(AccountId, Microlux), String> {
    let (account, amount) = text.split_once('=').ok_or("give ACCOUNT=LUX")?;
    let account = AccountId::from_hex(account).ok_or("an account has 64 hexadecimal characters")?;
    Ok((account, Microlux(lux(amount)?)))
}

/// Runs the verb.
pub fn run(verb: RingVerb) -> Result<(), Failure> {
    match verb {
        RingVerb::New(args) => new(args),
        RingVerb::Show(args) => {
            let genesis = genesis_file::read(&args.file).map_err(|error| Failure::input(&error).caused_by(&error))?;
            show(&genesis, args.json)
        }
    }
}

fn new(args: NewArgs) -> Result<(), Failure> {
    let folder = DataFolder::open(&args.data).map_err(|error| Failure::input(&error).caused_by(&error))?;
    let keys = folder.keypair().map_err(|error| Failure::input(&error).caused_by(&error))?;
    let time_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64);
    let genesis =
        genesis_file::make(args.name, time_ms, RingParameters::default(), vec![keys.account()], args.give).map_err(Failure::input)?;
    genesis_file::write(&genesis, &args.out).map_err(|error| Failure::work(&error).caused_by(&error))?;
    show(&genesis, args.json)
}

fn show(genesis: &Genesis, json: bool) -> Result<(), Failure> {
    let total: u64 = genesis.balances.iter().map(|(_, amount)| amount.0).sum();
    let line = RingLine {
        name: genesis.name.clone(),
        chain: genesis.chain().to_string(),
        validators: genesis.validators.iter().map(AccountId::to_hex).collect(),
        total_microlux: total.to_string(),
        accounts: genesis.balances.len(),
    };
    if json {
        return print_json(&line);
    }
    println!("name       {}", line.name);
    println!("chain      {}", line.chain);
    for validator in &line.validators {
        println!("validator  {validator}");
    }
    println!("money      {} in {} accounts", Microlux(total), line.accounts);
    Ok(())
}
