//! `raylance ring`: genesis files.

use super::client::data_folder;
use super::parse::lux;
use super::{Failure, out, print_json};
use clap::{Args, Subcommand, ValueEnum};
use raylance_files::folder::Folder;
use raylance_files::ring::{self, Preset};
use raylance_node::unix_ms;
use raylance_protocol::{AccountId, Genesis, Microlux};
use serde::Serialize;
use std::path::PathBuf;

/// `raylance ring …`
#[derive(Subcommand, Debug)]
pub enum RingVerb {
    /// Write the genesis file of a new ring
    New(NewArgs),
    /// Write the genesis file of a data folder's ring: other machines join with it
    Export(ExportArgs),
    /// Show a genesis file
    Show(ShowArgs),
}

/// Arguments of `raylance ring new`.
#[derive(Args, Debug)]
pub struct NewArgs {
    /// Data folder of the ring's validator; its key is made where it is missing; absent = the usual one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A name for people
    #[arg(long, default_value = "My machines")]
    name: String,
    /// For whom: windows, fees and limits
    #[arg(long, value_enum, default_value_t = PresetArg::Friends)]
    preset: PresetArg,
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

/// Arguments of `raylance ring export`.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// Data folder whose ring it is; absent = the usual one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
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

/// A preset as a flag's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PresetArg {
    /// Strangers
    Public,
    /// Friends, whose machines are off at night
    Friends,
    /// A network that lives for minutes
    Demo,
}

impl From<PresetArg> for Preset {
    fn from(preset: PresetArg) -> Self {
        match preset {
            PresetArg::Public => Self::Public,
            PresetArg::Friends => Self::Friends,
            PresetArg::Demo => Self::Demo,
        }
    }
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
        RingVerb::Export(args) => export(&args),
        RingVerb::Show(args) => {
            let genesis = ring::read(&args.file).map_err(|error| Failure::input(&error).caused_by(&error))?;
            show(&genesis, args.json)
        }
    }
}

fn new(args: NewArgs) -> Result<(), Failure> {
    let data = data_folder(args.data.as_deref())?;
    // The mark is of no interest here.
    let folder = Folder::new(data.clone(), data);
    let keys = folder.open().map_err(|error| Failure::input(&error).caused_by(&error))?.keys;
    let preset = Preset::from(args.preset);
    let mut balances = args.give;
    balances.sort();
    let solo = ring::solo(keys.account(), raylance_node::renderer(), unix_ms());
    let genesis = Genesis { name: args.name, parameters: preset.parameters(), balances, ..solo };
    raylance_consensus::Chain::new(genesis.clone()).map_err(|error| Failure::input(&error).caused_by(&error))?;
    ring::write(&args.out, &genesis, preset).map_err(|error| Failure::work(&error).caused_by(&error))?;
    show(&genesis, args.json)
}

fn export(args: &ExportArgs) -> Result<(), Failure> {
    let data = data_folder(args.data.as_deref())?;
    if !data.is_dir() {
        return Err(Failure::input(format!("there is no folder {}", data.display())));
    }
    let contents = Folder::new(data.clone(), data.clone()).open().map_err(|error| Failure::input(&error).caused_by(&error))?;
    let genesis = contents.genesis.ok_or_else(|| Failure::input(format!("{} has no ring yet; start its node once", data.display())))?;
    let preset = Preset::of(&genesis.parameters).ok_or_else(|| Failure::work("this ring has numbers of its own, which no file can say"))?;
    ring::write(&args.out, &genesis, preset).map_err(|error| Failure::work(&error).caused_by(&error))?;
    show(&genesis, args.json)
}

fn show(genesis: &Genesis, json: bool) -> Result<(), Failure> {
    let total: u64 = genesis.balances.iter().map(|(_, amount)| amount.0).sum();
    let line = RingLine {
        name: genesis.name.clone(),
        chain: genesis.chain().0.to_hex(),
        validators: genesis.validators.iter().map(|validator| validator.account.to_hex()).collect(),
        total_microlux: total.to_string(),
        accounts: genesis.balances.len(),
    };
    if json {
        return print_json(&line);
    }
    out!("name       {}", line.name);
    out!("chain      {}", line.chain);
    for validator in &line.validators {
        out!("validator  {validator}");
    }
    out!("money      {} in {} accounts", Microlux(total), line.accounts);
    Ok(())
}
