//! `docs/protocol.md` says how long messages and transactions are and which tests show what: both are looked up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Rows of the page's tables as their cells.
fn table_rows(page: &str) -> impl Iterator<Item = Vec<&str>> {
    page.lines().filter(|line| line.starts_with('|')).map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
}

fn page() -> String {
    std::fs::read_to_string(repository().join("docs/protocol.md")).unwrap()
}

#[test]
fn the_page_gives_the_bytes_of_golden_values() {
    let texts: Vec<String> = crate::records().into_iter().map(|(_, record)| record.text()).collect();
    let golden: BTreeMap<&str, &str> =
        texts.iter().flat_map(|text| crate::lines(text)).filter_map(|(name, bytes)| Some((name, bytes.split_once(' ')?.0))).collect();
    let page = page();
    let mut named = Vec::new();
    for cells in table_rows(&page) {
        let name = cells[0].trim_matches('`');
        if name.starts_with("Message ") || name.starts_with("Action ") || name.starts_with("Gossip ") {
            assert_eq!(golden.get(name), Some(&cells[1]), "{name}");
            named.push(name);
        }
    }
    let wanted = golden.keys().filter(|name| ["Message ", "Action ", "Gossip "].iter().any(|kind| name.starts_with(kind)));
    let missing: Vec<_> = wanted.filter(|name| !name.ends_with(" 2") && !named.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?} are not on the page");
}

#[test]
fn the_page_names_tests_that_exist() {
    let page = page();
    let attacks = page.split("## Attacks").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let mut sources = String::new();
    for room in ["protocol", "verify", "market", "ledger", "consensus"] {
        read_below(&repository().join("crates").join(room), &mut sources);
    }
    let looks_like_one = |name: &&str| name.contains('_') && name.chars().all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit());
    let names: Vec<&str> = attacks.split('`').skip(1).step_by(2).filter(looks_like_one).collect();
    assert!(names.len() > 20, "{names:?}");
    let missing: Vec<_> = names.iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "{missing:?} are no tests");
}

fn read_below(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_below(&path, sources);
        } else if path.extension().is_some_and(|end| end == "rs") {
            sources.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}
