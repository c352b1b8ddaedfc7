//! `raylance peers`, `storage`, `pause`, `resume`: small looks at a running node.

use super::client::{ask, unexpected};
use super::node::LookArgs;
use super::{Failure, out, print_json};
use raylance_control::view::PeerView;
use raylance_control::{Ask, Told};

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
    Ok(())
}

/// Says what lies on the disk.
pub fn storage(args: &LookArgs) -> Result<(), Failure> {
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
