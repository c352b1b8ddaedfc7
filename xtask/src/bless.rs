//! Contracts: files that are made from others and kept in the repository, so that a change to them shows in review.
//!
//! Each contract can say what its files should be now. `bless` writes that; `bless --check` fails when the
//! repository says something else.

use raylance_shaders as shaders;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{fs, io};

/// Where the CPU backend's generated code lies.
const SHADER_CODE: &str = "render-core/tracer/src/cpu/generated.rs";
/// Its twin for many lanes.
const WIDE_SHADER_CODE: &str = "render-core/tracer/src/cpu/generated_wide.rs";
/// Both kinds of code for the test that they agree.
const PROBE_CODE: [&str; 2] = ["render-core/tracer/src/cpu/probe.rs", "render-core/tracer/src/cpu/probe_wide.rs"];
/// Where the page finds the window's types.
const BINDINGS: &str = "ui/src/bindings";
/// The bytes of protocol version 2.
const GOLDEN: &str = "crates/protocol/golden";

/// How the CPU driver (`render-core/tracer/src/cpu.rs`) expects the code.
const SHADER_OPTIONS: wgsl_to_rust::Options<'_> = wgsl_to_rust::Options {
    externs: &shaders::EXTERN_FUNCTIONS,
    context_name: "Cx",
    skip_entry_points: true,
    // Small arithmetic helpers; larger functions are left to the compiler.
    inline_always_max: 40,
};

/// How the CPU driver calls the wide code: for the samples of many leaves.
const WIDE_OPTIONS: wgsl_to_rust::wide::WideOptions<'_> = wgsl_to_rust::wide::WideOptions {
    scalar: SHADER_OPTIONS,
    scalar_module: "generated",
    roots: &[
        wgsl_to_rust::wide::Root { name: "trace", uniform: &["quantity"], pooled: true },
        // For the walk of many rays at once.
        wgsl_to_rust::wide::Root { name: "ray_towards", uniform: &[], pooled: false },
        wgsl_to_rust::wide::Root { name: "intersect_triangle", uniform: &["t0", "t1", "t2", "index", "instance", "entry"], pooled: false },
    ],
};

/// How the test of both kinds of code calls them.
const PROBE_OPTIONS: wgsl_to_rust::wide::WideOptions<'_> = wgsl_to_rust::wide::WideOptions {
    scalar: wgsl_to_rust::Options { externs: &[], ..SHADER_OPTIONS },
    scalar_module: "probe",
    roots: &[
        wgsl_to_rust::wide::Root { name: "probe", uniform: &["which", "n"], pooled: false },
        wgsl_to_rust::wide::Root { name: "walked", uniform: &["n"], pooled: true },
        wgsl_to_rust::wide::Root { name: "by_case", uniform: &[], pooled: true },
    ],
};

/// Files by their path below the repository's root.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Something that is made and kept.
pub struct Contract {
    name: &'static str,
    /// A file, or a folder that holds nothing else.
    path: &'static str,
    current: Box<dyn Fn() -> Result<Files, BlessError>>,
}

/// Write the files or only compare them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Replace what differs.
    Write,
    /// Fail when something differs.
    Check,
}

/// Why a contract could not be made, read or written.
#[derive(Debug, thiserror::Error)]
pub enum BlessError {
    /// A file could not be read or written.
    #[error("{path}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The shaders use something that the writer refuses.
    #[error("the shaders can't be written as Rust")]
    Shaders(#[from] wgsl_to_rust::WriteError),
    /// The tests that export something failed.
    #[error("`cargo {0}` failed: mend it and bless again")]
    Cargo(String),
    /// The window's tests exported nothing.
    #[error("no TypeScript types in {0}: are the window's types marked `#[ts(export)]`?")]
    NoBindings(PathBuf),
}

/// All contracts, or those whose name contains a word of `only`. `exported`: where the node's types have been exported already.
pub fn contracts(exported: Option<PathBuf>, only: &[String]) -> Vec<Contract> {
    let mut all = shader_contracts();
    // Where tests have run already, the protocol's own has compared its bytes.
    all.extend(exported.is_none().then(protocol_bytes));
    all.extend([sample_scene(), broken_scenes(), bindings(exported)]);
    all.retain(|contract| only.is_empty() || only.iter().any(|word| contract.name.contains(word.as_str())));
    all
}

/// What is made of the shaders.
fn shader_contracts() -> Vec<Contract> {
    vec![shader_code(), wide_shader_code(), probe_code(), probe_wide_code()]
}

/// Rust code of the CPU backend, made from the shaders.
fn shader_code() -> Contract {
    code("CPU shader code", SHADER_CODE, || wgsl_to_rust::write(&shaders::shared_source(), &SHADER_OPTIONS))
}

/// The same for many lanes at once.
fn wide_shader_code() -> Contract {
    code("wide CPU shader code", WIDE_SHADER_CODE, || wgsl_to_rust::wide::write(&shaders::shared_source(), &WIDE_OPTIONS))
}

/// Scalar code of the probe.
fn probe_code() -> Contract {
    code("probe code", PROBE_CODE[0], || wgsl_to_rust::write(shaders::LANES_PROBE, &PROBE_OPTIONS.scalar))
}

/// Wide code of the probe.
fn probe_wide_code() -> Contract {
    code("wide probe code", PROBE_CODE[1], || wgsl_to_rust::wide::write(shaders::LANES_PROBE, &PROBE_OPTIONS))
}

/// One file of code.
fn code(name: &'static str, path: &'static str, write: fn() -> Result<String, wgsl_to_rust::WriteError>) -> Contract {
    Contract { name, path, current: Box::new(move || Ok(Files::from([(path.into(), write()?.into_bytes())]))) }
}

/// The still life that `make demo` renders.
fn sample_scene() -> Contract {
    Contract {
        name: "sample scene",
        path: scenes::STILL_LIFE_PATH,
        current: Box::new(|| Ok(Files::from([(scenes::STILL_LIFE_PATH.into(), scenes::still_life())]))),
    }
}

/// Broken files and what the scene doctor must say of them.
fn broken_scenes() -> Contract {
    Contract { name: "broken scenes", path: scenes::broken::FOLDER, current: Box::new(|| Ok(scenes::broken::files())) }
}

/// TypeScript twins of the window's views and commands.
fn bindings(exported: Option<PathBuf>) -> Contract {
    Contract {
        name: "TypeScript bindings",
        path: BINDINGS,
        current: Box::new(move || {
            let folder = match &exported {
                Some(folder) => folder.clone(),
                None => export_bindings()?,
            };
            let types = read_below(&folder)?;
            if types.is_empty() {
                return Err(BlessError::NoBindings(folder));
            }
            Ok(types.into_iter().map(|(path, bytes)| (Path::new(BINDINGS).join(path), bytes)).collect())
        }),
    }
}

/// Encodings, hashes and signatures of every word that peers share.
fn protocol_bytes() -> Contract {
    Contract {
        name: "protocol bytes",
        path: GOLDEN,
        current: Box::new(|| {
            let arguments = ["-p", "raylance-protocol", "--test", "golden", "every_encoding_is_the_golden_one"];
            let bytes = read_below(&export("golden", "RAYLANCE_BLESS", &arguments)?)?;
            Ok(bytes.into_iter().map(|(path, bytes)| (Path::new(GOLDEN).join(path), bytes)).collect())
        }),
    }
}

/// Runs the window's export tests into a fresh folder.
fn export_bindings() -> Result<PathBuf, BlessError> {
    export("bindings", "TS_RS_EXPORT_DIR", &["-p", "raylance-desktop", "--lib", "export_bindings"])
}

/// Runs tests that write files into the folder that `variable` names; returns a fresh one.
fn export(name: &str, variable: &str, tests: &[&str]) -> Result<PathBuf, BlessError> {
    let folder = std::env::temp_dir().join(format!("raylance-{name}-{}", std::process::id()));
    let arguments = [&["test", "--release", "--locked", "--quiet"], tests].concat();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Command::new(cargo).args(&arguments).env(variable, &folder).current_dir(crate::root()).output();
    match done {
        Ok(output) if output.status.success() => Ok(folder),
        Ok(output) => {
            eprintln!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            Err(BlessError::Cargo(arguments.join(" ")))
        }
        Err(source) => Err(BlessError::File { path: "cargo".into(), source }),
    }
}

/// Every file below a folder, by its path within; nothing when the folder is absent.
fn read_below(folder: &Path) -> Result<Files, BlessError> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |source| BlessError::File { path, source }
    };
    let mut files = Files::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        let entries = match fs::read_dir(&next) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(fail(&next))?,
        };
        for entry in entries {
            let path = entry.map_err(fail(&next))?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = fs::read(&path).map_err(fail(&path))?;
                files.insert(path.strip_prefix(folder).expect("it was found below the folder").to_owned(), bytes);
            }
        }
    }
    Ok(files)
}

impl Contract {
    /// What the repository holds now.
    fn kept(&self, root: &Path) -> Result<Files, BlessError> {
        let path = root.join(self.path);
        if Path::new(self.path).extension().is_none() {
            let files = read_below(&path)?;
            return Ok(files.into_iter().map(|(file, bytes)| (Path::new(self.path).join(file), bytes)).collect());
        }
        match fs::read(&path) {
            Ok(bytes) => Ok(Files::from([(self.path.into(), bytes)])),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Files::new()),
            Err(source) => Err(BlessError::File { path, source }),
        }
    }

    /// Paths whose content is not what it should be: changed, missing or left over.
    pub fn differences(&self, root: &Path) -> Result<Vec<Difference>, BlessError> {
        let (kept, mut current) = (self.kept(root)?, (self.current)()?);
        let mut found = Vec::new();
        for (path, old) in &kept {
            match current.remove(path) {
                None => found.push(Difference { path: path.clone(), new: None, place: String::new() }),
                Some(new) if new != *old => found.push(Difference { path: path.clone(), place: first_change(old, &new), new: Some(new) }),
                Some(_) => {}
            }
        }
        found.extend(current.into_iter().map(|(path, new)| Difference { path, new: Some(new), place: String::new() }));
        Ok(found)
    }
}

/// One file that is not what it should be.
#[derive(Debug)]
pub struct Difference {
    /// Below the repository's root.
    pub path: PathBuf,
    /// What it should hold; `None` = it should not exist.
    new: Option<Vec<u8>>,
    /// Where the first change is.
    place: String,
}

fn first_change(old: &[u8], new: &[u8]) -> String {
    let at = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let line = old[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
    match std::str::from_utf8(new) {
        Ok(_) => format!(" (first change in line {line})"),
        Err(_) => format!(" (first change at byte {at} of {})", new.len()),
    }
}

/// Writes or checks the contracts and says what it found.
pub fn run(root: &Path, contracts: &[Contract], mode: Mode) -> ExitCode {
    if contracts.is_empty() {
        eprintln!("bless: no contract has such a name");
    }
    let mut failed = contracts.is_empty();
    for contract in contracts {
        let outcome = contract.differences(root).and_then(|found| {
            for difference in &found {
                settle(root, contract, difference, mode)?;
            }
            Ok(found.len())
        });
        match outcome {
            Ok(0) => println!("{}: as it should be", contract.name),
            Ok(count) => failed |= mode == Mode::Check && count > 0,
            Err(error) => {
                report(contract.name, &error);
                failed = true;
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn settle(root: &Path, contract: &Contract, difference: &Difference, mode: Mode) -> Result<(), BlessError> {
    let shown = difference.path.display();
    if mode == Mode::Check {
        let state = if difference.new.is_some() { "differs from what it is made of" } else { "is made of nothing any more" };
        println!("{shown}: {} {state}{}: run `cargo xtask bless` and look at the change", contract.name, difference.place);
        return Ok(());
    }
    let path = root.join(&difference.path);
    let done = match &difference.new {
        Some(bytes) => path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, bytes)),
        None => fs::remove_file(&path),
    };
    done.map_err(|source| BlessError::File { path, source })?;
    println!("{}: {shown}{}", contract.name, if difference.new.is_some() { " written" } else { " removed" });
    Ok(())
}

fn report(name: &str, error: &dyn std::error::Error) {
    eprint!("{name}: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        eprint!(": {inner}");
        cause = inner.source();
    }
    eprintln!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_shader_code_is_what_the_shaders_give() {
        for contract in shader_contracts() {
            let found = contract.differences(crate::root()).unwrap();
            let found: Vec<_> = found.iter().map(|d| (&d.path, &d.place)).collect();
            assert!(found.is_empty(), "{found:?}: run `cargo xtask bless` and look at the change");
        }
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("raylance-bless-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn pair(path: &'static str, files: &'static [(&'static str, &'static str)]) -> Contract {
        let current = move || Ok(files.iter().map(|(file, text)| (PathBuf::from(file), text.as_bytes().to_vec())).collect());
        Contract { name: "pair", path, current: Box::new(current) }
    }

    #[test]
    fn check_names_changed_missing_and_left_over_files_and_touches_none() {
        let root = folder("check");
        fs::create_dir_all(root.join("made")).unwrap();
        fs::write(root.join("made/old"), "left over").unwrap();
        fs::write(root.join("made/a"), "one\ntwo\n").unwrap();
        let contract = pair("made", &[("made/a", "one\nTWO\n"), ("made/b", "new")]);
        let found = contract.differences(&root).unwrap();
        let shown: Vec<_> = found.iter().map(|d| format!("{}{}", d.path.display(), d.place)).collect();
        assert_eq!(shown, ["made/a (first change in line 2)", "made/old", "made/b"]);
        assert_ne!(run(&root, &[contract], Mode::Check), ExitCode::SUCCESS);
        assert_eq!(fs::read(root.join("made/a")).unwrap(), b"one\ntwo\n");
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn after_blessing_the_check_passes() {
        let root = folder("write");
        let contracts = [pair("made", &[("made/deep/a", "1")]), pair("file.txt", &[("file.txt", "2")])];
        assert_ne!(run(&root, &contracts, Mode::Check), ExitCode::SUCCESS);
        assert_eq!(run(&root, &contracts, Mode::Write), ExitCode::SUCCESS);
        assert_eq!(run(&root, &contracts, Mode::Check), ExitCode::SUCCESS);
        assert_eq!(fs::read(root.join("made/deep/a")).unwrap(), b"1");
        fs::remove_dir_all(root).unwrap();
    }
}
