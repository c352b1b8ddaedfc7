//! `raylance demo`: the whole network, honest and with cheats.

use crate::{arg, last_json, raylance, scenes, stderr, turn};
use raylance_files::receipt::{self, Receipt};
use serde_json::Value;
use std::path::Path;

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

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The rows of all workers.
fn workers(told: &Value) -> impl Iterator<Item = &Value> {
    told["peer_rows"].as_array().unwrap().iter().filter(|row| row["name"].as_str().unwrap().starts_with("worker"))
}

fn gain(row: &Value) -> i64 {
    number(&row["balance_after"]) as i64 - number(&row["balance_before"]) as i64
}

fn receipt_in(out: &Path) -> Receipt {
    receipt::read(&out.join("receipt.json")).expect("the receipt is signed by the artist").receipt
}

/// What the receipt says was paid is what the workers have more; who was refused may have lost a bond besides.
fn check_money(told: &Value, receipt: &Receipt) {
    let micro = |text: &str| text.parse::<u64>().unwrap();
    assert_eq!(receipt.workers.iter().map(|worker| micro(&worker.paid)).sum::<u64>(), micro(&receipt.paid));
    for row in workers(told).filter(|row| row["refused"] == false) {
        let paid = receipt.workers.iter().find(|worker| row["account"] == worker.account.as_str()).map_or(0, |worker| micro(&worker.paid));
        // A claim costs a fee, which its row gives back or not.
        let fees = paid as i64 - gain(row);
        assert!((0..=1_000).contains(&fees), "{row}: paid {paid}");
    }
}

#[test]
fn the_demo_gives_the_bits_of_a_local_render_and_no_money_is_made_or_lost() {
    let _turn = turn();
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::write(dir.path(), "tiny.glb", &scenes::tiny());
    let out = dir.path().join("out");
    // An earlier demo's files are replaced.
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("image.exr"), "an earlier picture").unwrap();
    let output = raylance(&["demo", "--scene", arg(&scene), "--out", arg(&out), "--json"], "--width 96 --height 64 --spp 128 --device cpu");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = last_json(&output);
    assert_eq!(KEYS.into_iter().find(|key| told.get(key).is_none()), None, "{told}");
    assert_eq!(told["bit_identical_to_local_render"], true, "{told}");
    assert_eq!((&told["supply_ok"], &told["honest_whole"]), (&Value::Bool(true), &Value::Bool(true)), "{told}");
    assert!(number(&told["units"]) > 3, "{told}");
    assert_eq!(told["verified_units"], told["units"], "{told}");
    assert_eq!(told["rejected_units"], 0, "{told}");
    assert!(told["samples_per_s"].as_f64().unwrap() > 0.0 && told["verify_overhead_pct"].as_f64().unwrap() > 0.0, "{told}");
    assert!(told["first_pixel_s"].as_f64().unwrap() <= told["seconds"].as_f64().unwrap(), "{told}");
    assert_eq!(told["peers"], 5, "{told}");

    assert_eq!(told["image"], arg(&out.join("image.exr")));
    for name in ["image.exr", "image.png", "receipt.json"] {
        assert!(out.join(name).exists(), "{name}");
    }
    let receipt = receipt_in(&out);
    assert_eq!((number(&told["units"]), number(&told["seed"])), (receipt.units.into(), receipt.seed.into()));
    assert_eq!((receipt.width_px, receipt.height_px, receipt.samples), (96, 64, 128));
    assert_eq!((receipt.shown.len() as u32, receipt.shown.iter().all(|unit| unit.checked)), (receipt.units, true), "{receipt:?}");
    let rows = told["peer_rows"].as_array().unwrap().iter();
    assert_eq!(rows.map(|row| number(&row["units"])).sum::<u64>(), u64::from(receipt.units), "{told}");
    check_money(&told, &receipt);

    // The same seed gives the same picture outside of the network.
    let (again, seed) = (dir.path().join("again.exr"), told["seed"].to_string());
    let flags = "--width 96 --height 64 --spp 128 --device cpu --no-aovs";
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
        let row = receipt_in(&out).workers.into_iter().find(|worker| told["cheater"] == worker.account.as_str());
        row.is_some_and(|row| row.total != "0").then_some((output, told))
    });
    let (output, told) = delivered.expect("the cheater delivers a film");
    assert_eq!(output.status.code(), Some(0), "{told} {}", stderr(&output));
    assert_eq!((&told["cheat"], &told["cheater_caught"]), (&Value::from("drop-samples"), &Value::Bool(true)), "{told}");
    assert_eq!(told["cheater_paid"], 0, "{told}");
    assert_eq!((&told["supply_ok"], &told["honest_whole"]), (&Value::Bool(true), &Value::Bool(true)), "{told}");
    assert_eq!(told["bit_identical_to_local_render"], true, "{told}");
    assert_eq!(told["verified_units"], told["units"], "{told}");
    assert_eq!(told["rejected_units"], 1, "{told}");
    let cheater = workers(&told).find(|row| row["account"] == told["cheater"]).expect("it has a row");
    assert_eq!((&cheater["units"], &cheater["refused"]), (&Value::from(0), &Value::Bool(true)), "{told}");
    assert!(gain(cheater) <= 0, "{told}");
    check_money(&told, &receipt_in(&out));
}

/// The court hears films that its own device never made; who withholds the scene from it does not keep its workers from giving it.
#[test]
fn an_artist_that_goes_to_court_for_right_leaves_loses_its_bonds() {
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::write(dir.path(), "tiny.glb", &scenes::tiny());
    let out = dir.path().join("out");
    let flags = "--width 64 --height 48 --spp 32 --device cpu --workers 2 --cheat scene-withheld --json";
    let output = raylance(&["demo", "--scene", arg(&scene), "--out", arg(&out)], flags);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = last_json(&output);
    assert_eq!((&told["supply_ok"], &told["honest_whole"]), (&Value::Bool(true), &Value::Bool(true)), "{told}");
    assert_eq!((&told["cheater_caught"], &told["bit_identical_to_local_render"]), (&Value::Bool(true), &Value::Bool(true)), "{told}");
    let refused: Vec<&Value> = workers(&told).filter(|row| row["refused"] == true).collect();
    assert!(!refused.is_empty() && refused.iter().all(|row| gain(row) > 0), "{told}");
    let rows = told["peer_rows"].as_array().unwrap();
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    let earned: i64 = refused.iter().map(|row| gain(row)).sum();
    // The voters have the bonds.
    assert!(gain(row("ring")) > 0 && -gain(row("artist")) > earned, "{told}");
}

#[test]
fn an_artist_that_never_pays_pays_by_claims() {
    // It waits for patience and windows, and leaves the cores to others: it needs no turn.
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::write(dir.path(), "tiny.glb", &scenes::tiny());
    let out = dir.path().join("out");
    let flags = "--width 64 --height 48 --spp 32 --device cpu --workers 2 --cheat artist-never-pays --json";
    let output = raylance(&["demo", "--scene", arg(&scene), "--out", arg(&out)], flags);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = last_json(&output);
    assert_eq!((&told["supply_ok"], &told["honest_whole"]), (&Value::Bool(true), &Value::Bool(true)), "{told}");
    assert_eq!((&told["cheater_caught"], &told["cheater_paid"]), (&Value::Bool(true), &Value::from(0)), "{told}");
    assert_eq!(told["bit_identical_to_local_render"], true, "{told}");
    // Every worker whose film is in the picture has more than before, although the artist paid nothing by itself.
    let rendered: Vec<&Value> = workers(&told).filter(|row| number(&row["units"]) > 0).collect();
    assert!(!rendered.is_empty() && rendered.iter().all(|row| gain(row) > 0), "{told}");
    assert!(!out.join("receipt.json").exists(), "the job is still on the ledger");
}
