//! The architecture as data: which room may depend on which, and which outside crate lives in which room.

use super::Finding;
use serde::Deserialize;
use std::path::Path;

/// A room and the rooms it may depend on.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
}

/// The table of `docs/ARCHITECTURE.md`. Development dependencies are free: a test may set up whatever it needs.
const ROOMS: &[Room] = &[
    Room { name: "raylance-protocol", may_use: &[] },
    Room { name: "raylance-verify", may_use: &["raylance-protocol"] },
    Room { name: "raylance-market", may_use: &["raylance-protocol", "raylance-verify"] },
    Room { name: "raylance-ledger", may_use: &["raylance-protocol", "raylance-verify"] },
    Room { name: "raylance-consensus", may_use: &["raylance-protocol", "raylance-ledger"] },
    Room {
        name: "raylance-agent",
        may_use: &["raylance-protocol", "raylance-verify", "raylance-market", "raylance-ledger", "raylance-consensus"],
    },
    Room { name: "raylance-store", may_use: &["raylance-protocol", "raylance-ledger", "raylance-consensus"] },
    Room {
        name: "raylance-sim",
        may_use: &["raylance-protocol", "raylance-verify", "raylance-market", "raylance-ledger", "raylance-consensus", "raylance-agent"],
    },
    Room { name: "raylance-scene", may_use: &[] },
    Room { name: "raylance-shaders", may_use: &[] },
    Room { name: "raylance-tracer", may_use: &["raylance-scene", "raylance-shaders"] },
    Room { name: "raylance-picture", may_use: &["raylance-scene", "raylance-tracer"] },
    Room { name: "raylance-peer", may_use: &["raylance-protocol"] },
    Room { name: "raylance-device", may_use: &["raylance-scene", "raylance-tracer"] },
    Room {
        name: "raylance-files",
        may_use: &[
            "raylance-protocol",
            "raylance-verify",
            "raylance-market",
            "raylance-ledger",
            "raylance-consensus",
            "raylance-agent",
            "raylance-tracer",
            "raylance-picture",
        ],
    },
    Room {
        name: "raylance-node",
        may_use: &[
            "raylance-protocol",
            "raylance-verify",
            "raylance-market",
            "raylance-ledger",
            "raylance-consensus",
            "raylance-agent",
            "raylance-store",
            "raylance-peer",
            "raylance-device",
            "raylance-files",
            "raylance-tracer",
        ],
    },
    Room {
        name: "raylance-control",
        may_use: &[
            "raylance-protocol",
            "raylance-market",
            "raylance-ledger",
            "raylance-agent",
            "raylance-peer",
            "raylance-device",
            "raylance-files",
            "raylance-node",
            "raylance-picture",
            "raylance-scene",
        ],
    },
    Room {
        name: "raylance-lab",
        may_use: &[
            "raylance-control",
            "raylance-files",
            "raylance-node",
            "raylance-protocol",
            "raylance-verify",
            "raylance-picture",
            "raylance-scene",
            "raylance-tracer",
        ],
    },
    Room {
        name: "raylance-cli",
        may_use: &[
            "raylance-control",
            "raylance-device",
            "raylance-files",
            "raylance-node",
            "raylance-consensus",
            "raylance-protocol",
            "raylance-lab",
            "raylance-picture",
            "raylance-scene",
            "raylance-tracer",
        ],
    },
    Room {
        name: "raylance-desktop",
        may_use: &["raylance-control", "raylance-device", "raylance-files", "raylance-node", "raylance-agent", "raylance-protocol"],
    },
    Room { name: "wgsl-to-rust", may_use: &[] },
    Room { name: "scenes", may_use: &[] },
    Room { name: "bench", may_use: &["raylance-scene", "raylance-tracer", "raylance-picture", "scenes"] },
    Room {
        name: "bench-rooms",
        may_use: &[
            "raylance-protocol",
            "raylance-verify",
            "raylance-market",
            "raylance-ledger",
            "raylance-consensus",
            "raylance-agent",
            "raylance-sim",
            "raylance-store",
            "raylance-device",
            "raylance-tracer",
        ],
    },
    Room { name: "xtask", may_use: &["raylance-shaders", "wgsl-to-rust", "scenes"] },
];

/// Outside crates that only some rooms may use. A name ending in `*` covers all crates that begin so.
const KEPT_IN: &[(&str, &[&str])] = &[
    ("sqlx*", &["raylance-store"]),
    ("libp2p*", &["raylance-peer"]),
    ("wgpu*", &["raylance-tracer"]),
    ("naga*", &["raylance-tracer", "wgsl-to-rust"]),
    ("tauri*", &["raylance-desktop"]),
];

/// Outside crates that a room may not use: pure rooms have no clock, no tasks, no sockets.
const KEPT_OUT: &[(&str, &[&str])] = &[("tokio*", PURE), ("futures*", PURE), ("getrandom*", PURE), ("rand*", PURE)];

/// Rooms without clock, dice, tasks and sockets.
const PURE: &[&str] =
    &["raylance-protocol", "raylance-verify", "raylance-market", "raylance-ledger", "raylance-consensus", "raylance-agent"];

/// A crate of this workspace with what it depends on.
#[derive(Debug)]
pub struct Package {
    name: String,
    manifest: String,
    /// For finding lines.
    manifest_text: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// Absent for a normal dependency, else `dev` or `build`.
    kind: Option<String>,
    /// Present for crates of this workspace.
    path: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
}

#[derive(Deserialize)]
struct MetadataPackage {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

/// Reads what `cargo metadata --no-deps` printed.
///
/// # Errors
/// When it is not the expected JSON.
pub fn read(metadata: &str, root: &Path) -> Result<Vec<Package>, serde_json::Error> {
    let metadata: Metadata = serde_json::from_str(metadata)?;
    let package = |package: MetadataPackage| {
        let path = Path::new(&package.manifest_path);
        Package {
            name: package.name,
            manifest: path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned(),
            // Only line numbers depend on the text.
            manifest_text: std::fs::read_to_string(path).unwrap_or_default(),
            dependencies: package.dependencies,
        }
    };
    Ok(metadata.packages.into_iter().map(package).collect())
}

/// Every edge that the tables forbid.
pub fn check(packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let at = |name: &str| {
        let starts = |line: &str| line.trim_start().strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(['.', '=']));
        package.manifest_text.lines().position(starts).map_or(1, |line| line + 1)
    };
    let finding = |name: &str, rule, mend| Finding::new(&package.manifest, at(name), rule, mend);
    let Some(room) = ROOMS.iter().find(|room| room.name == package.name) else {
        let mend = format!("`{}` is in no table: add its row to docs/ARCHITECTURE.md and xtask/src/tidy/rooms.rs", package.name);
        return vec![finding("name", "unknown room", mend)];
    };
    let counted = package.dependencies.iter().filter(|d| d.kind.as_deref() != Some("dev"));
    let mut findings = Vec::new();
    for Dependency { name, path, .. } in counted {
        if path.is_some() && !room.may_use.contains(&name.as_str()) {
            let mend = format!("`{}` may not depend on `{name}`: pass a value in instead, or let `raylance-node` join them", room.name);
            findings.push(finding(name, "crate edge", mend));
        }
        for &(pattern, rooms) in KEPT_IN {
            if covers(pattern, name) && !rooms.contains(&room.name) {
                let mend = format!("`{name}` lives only in {}: ask that room for what you need", rooms.join(", "));
                findings.push(finding(name, "crate out of its room", mend));
            }
        }
        if KEPT_OUT.iter().any(|(pattern, rooms)| covers(pattern, name) && rooms.contains(&room.name)) {
            let mend = format!("`{}` is pure and may not use `{name}`: take inputs and return effects", room.name);
            findings.push(finding(name, "pure room", mend));
        }
    }
    findings
}

fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(name: &str, dependencies: &str) -> Vec<String> {
        let json =
            format!(r#"{{"packages":[{{"name":"{name}","manifest_path":"/r/{name}/Cargo.toml","dependencies":[{dependencies}]}}]}}"#);
        check(&read(&json, Path::new("/r")).unwrap()).iter().map(ToString::to_string).collect()
    }

    fn check_rule(name: &str, dependency: &str, expected: Option<&str>) {
        let found = rules(name, dependency);
        match expected {
            None => assert!(found.is_empty(), "{name} with {dependency}: {found:?}"),
            Some(rule) => assert!(found.len() == 1 && found[0].contains(rule), "{name} with {dependency}: {found:?}"),
        }
    }

    #[test]
    fn edges_outside_the_table_are_found() {
        let inside = |name: &str| format!(r#"{{"name":"{name}","kind":null,"path":"/r/x"}}"#);
        check_rule("raylance-node", &inside("raylance-peer"), None);
        check_rule("raylance-consensus", &inside("raylance-ledger"), None);
        check_rule("raylance-tracer", &inside("raylance-scene"), None);
        check_rule("raylance-scene", &inside("raylance-tracer"), Some("crate edge"));
        check_rule("raylance-market", &inside("raylance-ledger"), Some("crate edge"));
        check_rule("raylance-store", &inside("raylance-consensus"), None);
        check_rule("raylance-store", &inside("raylance-agent"), Some("crate edge"));
        check_rule("raylance-protocol", &inside("raylance-verify"), Some("crate edge"));
        check_rule("raylance-desktop", &inside("raylance-node"), None);
        check_rule("raylance-desktop", &inside("raylance-store"), Some("crate edge"));
        check_rule("raylance-node", &inside("raylance-device"), None);
        check_rule("raylance-device", &inside("raylance-protocol"), Some("crate edge"));
        check_rule("raylance-cli", &inside("raylance-lab"), None);
        check_rule("raylance-lab", &inside("raylance-cli"), Some("crate edge"));
        check_rule("raylance-node", &inside("raylance-lab"), Some("crate edge"));
        check_rule("xtask", &inside("raylance-node"), Some("crate edge"));
        check_rule("raylance-surprise", "", Some("unknown room"));
    }

    #[test]
    fn outside_crates_stay_in_their_rooms() {
        let outside = |name: &str| format!(r#"{{"name":"{name}","kind":null}}"#);
        check_rule("raylance-store", &outside("sqlx"), None);
        check_rule("bench-rooms", &outside("sqlx"), Some("crate out of its room"));
        check_rule("raylance-node", &outside("sqlx"), Some("crate out of its room"));
        check_rule("raylance-node", &outside("libp2p-stream"), Some("crate out of its room"));
        check_rule("raylance-node", &outside("tokio"), None);
        check_rule("raylance-ledger", &outside("tokio"), Some("pure room"));
        check_rule("wgsl-to-rust", &outside("naga"), None);
        check_rule("raylance-shaders", &outside("naga"), Some("crate out of its room"));
        check_rule("raylance-tracer", &outside("wgpu"), None);
        check_rule("raylance-scene", &outside("wgpu"), Some("crate out of its room"));
    }

    #[test]
    fn build_dependencies_count_and_development_ones_do_not() {
        check_rule("raylance-market", r#"{"name":"tokio","kind":"build"}"#, Some("pure room"));
        check_rule("raylance-market", r#"{"name":"tokio","kind":"dev"}"#, None);
        check_rule("raylance-market", r#"{"name":"raylance-verify","kind":"dev","path":"/r/v"}"#, None);
    }
}
