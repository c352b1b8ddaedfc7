//! House rules as a check: who may depend on whom, what a file may contain, where things lie.
//!
//! One finding is one line: `path:line: rule: how to mend`.

mod files;
mod rooms;
mod source;

use std::fmt;
use std::path::Path;
use std::process::{Command, ExitCode};

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Below the repository's root.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// The rule's name.
    pub rule: &'static str,
    /// What is wrong, if the rule's name doesn't say it, and how to mend it.
    pub mend: String,
}

impl Finding {
    fn new(path: &str, line: usize, rule: &'static str, mend: impl Into<String>) -> Self {
        Self { path: path.into(), line, rule, mend: mend.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.mend)
    }
}

/// Why the check could not look.
#[derive(Debug, thiserror::Error)]
enum TidyError {
    #[error("`{0}` could not be started")]
    Start(&'static str, #[source] std::io::Error),
    #[error("`{0}` failed: {1}")]
    Tool(&'static str, Box<str>),
    #[error("`cargo metadata` says something unexpected")]
    Metadata(#[from] serde_json::Error),
    #[error("{0} could not be read")]
    Read(String, #[source] std::io::Error),
}

/// Checks the repository and prints the findings; fails when there are any.
pub fn run(root: &Path) -> ExitCode {
    match check(root) {
        Ok((files, findings)) => {
            findings.iter().for_each(|finding| println!("{finding}"));
            println!("tidy: {files} files, {} findings", findings.len());
            if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("tidy: {error}: {:?}", std::error::Error::source(&error).map(ToString::to_string));
            ExitCode::FAILURE
        }
    }
}

fn check(root: &Path) -> Result<(usize, Vec<Finding>), TidyError> {
    let metadata = output(root, "cargo", &["metadata", "--format-version", "1", "--no-deps", "--offline"])?;
    let packages = rooms::read(&metadata, root)?;
    let mut findings = rooms::check(&packages);
    // Files that git would keep: tracked, or new and not ignored. Deleted ones are still listed, and skipped below.
    let listing = output(root, "git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
    let listed: Vec<_> = listing.split('\0').filter(|path| !path.is_empty() && root.join(path).is_file()).collect();
    let mut texts = Vec::new();
    for path in listed.iter().filter(|path| files::is_checked(path)) {
        let text = std::fs::read_to_string(root.join(path)).map_err(|error| TidyError::Read((*path).into(), error))?;
        texts.push((*path, text));
    }
    let rust = texts.iter().filter(|(path, _)| path.ends_with(".rs"));
    let test_modules: Vec<_> = rust.flat_map(|(path, text)| files::test_modules(path, text)).collect();
    findings.extend(listed.iter().flat_map(|path| files::check_place(path)));
    findings.extend(files::check_shell(texts.iter().map(|(path, text)| (*path, &text[..]))));
    findings.extend(texts.iter().flat_map(|(path, text)| files::check_text(path, text, &test_modules)));
    findings.sort();
    findings.dedup();
    Ok((listed.len(), findings))
}

fn output(root: &Path, tool: &'static str, arguments: &[&str]) -> Result<String, TidyError> {
    let done = Command::new(tool).args(arguments).current_dir(root).output().map_err(|error| TidyError::Start(tool, error))?;
    if done.status.success() {
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    } else {
        Err(TidyError::Tool(tool, String::from_utf8_lossy(&done.stderr).trim().into()))
    }
}
