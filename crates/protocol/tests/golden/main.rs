//! The bytes of every value that travels, is hashed, signed or stored, as they stand in `golden/`.
//!
//! `RAYLANCE_BLESS=1` writes them anew, `RAYLANCE_BLESS=<folder>` writes them there; `cargo xtask bless` does so for every contract.

#![allow(clippy::unwrap_used, reason = "all of this crate is tests, its helpers included")]

mod blocks;
mod docs;
mod jobs;
mod limits;
mod messages;
mod random;
mod record;
mod rows;
mod transactions;
mod values;

use record::{Record, types_with_an_encoding};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn records() -> [(&'static str, Record); 5] {
    [
        ("jobs.txt", jobs::record()),
        ("messages.txt", messages::record()),
        ("transactions.txt", transactions::record()),
        ("blocks.txt", blocks::record()),
        ("rows.txt", rows::record()),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// What a golden file says, by name.
fn lines(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = ")).collect()
}

/// Names whose bytes are not the kept ones.
fn changed(kept: &str, current: &str) -> Vec<String> {
    let (kept, current) = (lines(kept), lines(current));
    let names: BTreeSet<_> = kept.keys().chain(current.keys()).collect();
    let state = |name: &&&str| match (kept.get(**name), current.get(**name)) {
        (Some(kept), Some(current)) if kept == current => None,
        (Some(_), Some(_)) => Some(format!("{name}: changed")),
        (None, _) => Some(format!("{name}: new")),
        (_, None) => Some(format!("{name}: gone")),
    };
    names.iter().filter_map(state).collect()
}

#[test]
fn every_encoding_is_the_golden_one() {
    let target = std::env::var("RAYLANCE_BLESS").ok().map(|value| if value == "1" { folder() } else { value.into() });
    let mut found = Vec::new();
    for (file, record) in records() {
        let text = record.text();
        if let Some(folder) = &target {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(folder.join(file), text).unwrap();
        } else {
            let kept = std::fs::read_to_string(folder().join(file)).unwrap_or_default();
            found.extend(changed(&kept, &text).into_iter().map(|name| format!("{file}: {name}")));
        }
    }
    assert!(found.is_empty(), "peers of version 2 would not understand this:\n{}\nIf it is meant: `cargo xtask bless`.", found.join("\n"));
}

#[test]
fn a_changed_a_new_and_a_missing_value_are_named() {
    let found = changed("# title\na = 01\nb = 02\nc = 03\n", "# other title\na = 01\nb = 05\nd = 03\n");
    assert_eq!(found, ["b: changed", "c: gone", "d: new"]);
}

#[test]
fn every_type_with_an_encoding_has_a_golden_value() {
    let covered: BTreeSet<_> = records().into_iter().flat_map(|(_, record)| record.types).collect();
    let missing: Vec<_> = types_with_an_encoding().into_iter().filter(|name| !covered.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}: add a sample beside its kin in tests/golden/");
}
