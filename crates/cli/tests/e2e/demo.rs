//! `raylance demo`: the whole network, honest and with a cheat.

use crate::{arg, last_json, raylance, scenes, stderr, turn};
use serde_json::Value;

/// Keys that scripts read: they are never renamed.
const KEYS: [&str; 10] = [
    "peers",
    "units",
    "verified_units",
    "rejected_units",
    "samples_per_s",
    "verify_overhead_pct",
    "supply_ok",
    "balances",
    "image",
    "bit_identical_to_local_render",
];

#[test]
fn the_demo_gives_the_bits_of_a_local_render_and_no_money_is_made_or_lost() {
    let _turn = turn();
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::write(dir.path(), "tiny.glb", &scenes::tiny());
    let out = dir.path().join("out");
    let output = raylance(&["demo", "--scene", arg(&scene), "--out", arg(&out), "--json"], "--width 96 --height 64 --spp 32");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = last_json(&output);
    assert_eq!(KEYS.into_iter().find(|key| told.get(key).is_none()), None, "{told}");
    assert_eq!(told["bit_identical_to_local_render"], true, "{told}");
    assert_eq!(told["supply_ok"], true, "{told}");
    assert!(told["units"].as_u64().unwrap() > 3, "{told}");
    assert_eq!(told["verified_units"], told["units"], "{told}");
    assert_eq!(told["rejected_units"], 0, "{told}");
    assert!(told["samples_per_s"].as_f64().unwrap() > 0.0 && told["verify_overhead_pct"].as_f64().unwrap() > 0.0, "{told}");
    assert_eq!(told["peers"], 5, "{told}");
    let sum = |value: &Value| value.as_object().unwrap().values().map(|amount| amount.as_u64().unwrap()).sum::<u64>();
    let money = sum(&told["balances"]) + told["treasury"].as_u64().unwrap() + told["burned"].as_u64().unwrap();
    assert_eq!(money, 10_000_000_000, "{told}");

    assert_eq!(told["image"], arg(&out.join("image.exr")));
    for name in ["image.exr", "image.png", "receipt.json"] {
        assert!(out.join(name).exists(), "{name}");
    }
    let file = raylance_v1_node::receipt::read(&out.join("receipt.json")).expect("the receipt is signed by the artist");
    let receipt = &file.receipt;
    assert_eq!(receipt.price.paid, receipt.price.workers + receipt.price.verifiers + receipt.price.burned_and_treasury);
    assert_eq!(receipt.price.refund, Some(0));
    let (units, seed) = (u64::from(receipt.units), u64::from(receipt.seed));
    assert_eq!((told["units"].as_u64(), told["seed"].as_u64()), (Some(units), Some(seed)));
    assert_eq!((receipt.units_verified, receipt.units_rejected), (receipt.units, 0));
    assert_eq!((receipt.width_px, receipt.height_px, receipt.samples), (96, 64, 32));
    assert_eq!(receipt.peers.iter().map(|peer| peer.units_verified).sum::<u32>(), receipt.units);
    for peer in &receipt.peers {
        assert_eq!(
            told["balances"].get(&peer.account).and_then(Value::as_u64).unwrap_or(0),
            peer.rendered_microlux + peer.verified_microlux,
            "{told}"
        );
    }
    // On a crowded machine the picture may be done before the last worker has made its bid.
    assert!(!receipt.blocks.is_empty() && (1..=3).contains(&receipt.peers.len()), "{:?}", receipt.peers);

    // The same seed gives the same picture outside of the network.
    let (again, seed) = (dir.path().join("again.exr"), told["seed"].to_string());
    let flags = "--width 96 --height 64 --spp 32 --device cpu --no-aovs";
    let output = raylance(&["render", arg(&scene), "--seed", &seed, "-o", arg(&again)], flags);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(std::fs::read(again).unwrap(), std::fs::read(out.join("image.exr")).unwrap());
}

#[test]
fn a_worker_that_leaves_samples_out_is_caught_and_not_paid() {
    let _turn = turn();
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::write(dir.path(), "tiny.glb", &scenes::tiny());
    let out = dir.path().join("out");
    // A cheater that came too late to deliver a film proves nothing: then the others get a longer job.
    let delivered = [64, 256, 1_024, 4_096].into_iter().find_map(|samples| {
        let flags = format!("--width 96 --height 64 --spp {samples} --device cpu --cheat drop-samples --json");
        let output = raylance(&["demo", "--scene", arg(&scene), "--out", arg(&out)], &flags);
        let told = last_json(&output);
        let row = told["peer_rows"].as_array().unwrap().iter().find(|row| row["account"] == told["cheater"]).expect("it has a row");
        (row["units"] != 0 || row["rejected"] != 0).then_some((output, told))
    });
    let (output, told) = delivered.expect("the cheater delivers a film");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(told["cheater_caught"], true, "{told}");
    assert_eq!(told["cheater_paid"], 0, "{told}");
    assert_eq!(told["bit_identical_to_local_render"], true, "{told}");
    assert_eq!(told["supply_ok"], true, "{told}");
    assert_eq!(told["verified_units"], told["units"], "{told}");
    assert!(told["rejected_units"].as_u64().unwrap() >= 1, "{told}");
    let honest = told["peer_rows"].as_array().unwrap().iter().filter(|row| row["account"] != told["cheater"]);
    assert_eq!(honest.map(|row| row["units"].as_u64().unwrap()).sum::<u64>(), told["units"].as_u64().unwrap(), "{told}");
}
