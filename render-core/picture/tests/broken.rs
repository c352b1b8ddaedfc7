//! Every broken scene of `tests/broken` gets exactly the faults that its table tells. `cargo xtask bless` makes both.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use raylance_picture::doctor::examine;
use raylance_scene::import::{ImportOptions, Severity};

#[test]
fn every_broken_scene_gets_the_faults_that_are_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let table = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: BTreeMap<String, BTreeSet<String>> = serde_json::from_str(&table).unwrap();
    let mut wrong = Vec::new();
    for (file, codes) in &expected {
        let checkup = examine(&folder.join(file), &ImportOptions::default());
        let found: BTreeSet<String> = checkup.faults.iter().map(|fault| fault.what.code()).collect();
        if found != *codes {
            wrong.push(format!("{file}: {:#?} instead of {codes:?}", checkup.faults));
        }
        let told = checkup.faults.iter().all(|fault| !fault.remedy.is_empty() && !fault.place.to_string().is_empty());
        let first = checkup.faults.first().map(|fault| fault.severity);
        assert!(told && (first == Some(Severity::Error)) == checkup.contents.is_none(), "{file}: {checkup:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let kept = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(kept, expected.len() + 1, "a file is in the folder but not in the table");
}
