//! `raylance peers`, `storage`, `pause`, `resume`: small looks at a running node.

use super::client::{ask, unexpected};
use super::node::LookArgs;
use super::{Failure, out, print_json};
use clap::{Args, ValueEnum};
use raylance_control::view::{PeerView, StrangerView};
use raylance_control::{Ask, Freed, Told};

/// Lists connected peers.
pub fn peers(args: &LookArgs) -> Result<(), Failure> {
    let Told::Network(network) = ask(args.data.as_deref(), Ask::Network)? else { return Err(unexpected()) };
    if args.json {
        return print_json(&network);
    }
    out!("block    {}{}", network.height, if network.makes_blocks { ", made here" } else { "" });
    for address in &network.addresses {
        out!("address  {address}");
    }
    for PeerView { account, address, rtt_ms } in &network.peers {
        let rtt = rtt_ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms} ms"));
        out!("peer     {}  {rtt:>7}  {address}", &account[..12]);
    }
    for StrangerView { account, address, other_version } in &network.strangers {
        let why = if *other_version { "other version" } else { "other ring" };
        out!("stranger {}  {why:13}  {address}", &account[..12]);
    }
    if network.strangers.iter().any(|stranger| !stranger.other_version) {
        out!(
            "         machines work together in one ring: `raylance ring export` here, `raylance node run --ring FILE` in a new folder there"
        );
    }
    Ok(())
}

/// Arguments of `raylance storage`.
#[derive(Args, Debug)]
pub struct StorageArgs {
    #[command(flatten)]
    look: LookArgs,
    /// Forget something first: ended jobs (their pictures stay; a request sent again under its old --key is a new job then), or that scenes of
    /// others were too much for this machine
    #[arg(long, value_enum, value_name = "WHAT")]
    free: Option<FreeArg>,
}

/// What can be forgotten.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FreeArg {
    /// The list of own jobs that have ended
    Jobs,
    /// The list of strangers' scenes that are not tried again
    Condemned,
}

/// Arguments of `raylance snooze`.
#[derive(Args, Debug)]
pub struct SnoozeArgs {
    /// How long
    #[arg(value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=10_080))]
    minutes: u32,
    #[command(flatten)]
    look: LookArgs,
}

/// Stops the device for a while.
pub fn snooze(SnoozeArgs { minutes, look }: &SnoozeArgs) -> Result<(), Failure> {
    let Told::Done = ask(look.data.as_deref(), Ask::Snooze { minutes: *minutes })? else { return Err(unexpected()) };
    if look.json {
        return print_json(&serde_json::json!({ "paused": true, "minutes": minutes }));
    }
    out!("the device stands still for {minutes} min; `raylance resume` ends that earlier");
    Ok(())
}

/// Says what lies on the disk.
pub fn storage(StorageArgs { look: args, free }: &StorageArgs) -> Result<(), Failure> {
    if let Some(free) = free {
        let what = match free {
            FreeArg::Jobs => Freed::Jobs,
            FreeArg::Condemned => Freed::Condemned,
        };
        let Told::Done = ask(args.data.as_deref(), Ask::Free { what })? else { return Err(unexpected()) };
    }
    let Told::Storage(storage) = ask(args.data.as_deref(), Ask::Storage)? else { return Err(unexpected()) };
    if args.json {
        return print_json(&storage);
    }
    let rows = [
        ("database", storage.database, "rows and the ledger's state"),
        ("scenes", storage.scenes, "scenes of jobs that run; they go with the last one"),
        ("films", storage.films, "rendered for others; they go when they are settled"),
        ("own", storage.own, "films of own jobs; they go when the picture is written and the job has ended"),
    ];
    for (name, bytes, what) in rows {
        out!("{name:9} {:>9.1} MiB  {what}", bytes as f64 / f64::from(1 << 20));
    }
    out!("{:9} {:>9}      own jobs that have ended; --free jobs forgets them, their pictures stay", "jobs", storage.ended_jobs);
    out!(
        "{:9} {:>9}      scenes of others that were too much for this machine; --free condemned tries them again",
        "condemned",
        storage.condemned
    );
    Ok(())
}

/// Stops the device, or lets it go on.
pub fn pause(args: &LookArgs, paused: bool) -> Result<(), Failure> {
    let Told::Done = ask(args.data.as_deref(), Ask::Pause { paused })? else { return Err(unexpected()) };
    if args.json {
        return print_json(&serde_json::json!({ "paused": paused }));
    }
    out!("{}", if paused { "the device stands still" } else { "the device goes on" });
    Ok(())
}
