//! Rules about files: where they lie, how long they are, what they may say.

use super::Finding;
use super::source::Source;

/// Everything that may lie at the top level.
const TOP_LEVEL: [&str; 28] = [
    ".cargo",
    ".ci",
    ".gitattributes",
    ".github",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "Makefile",
    "README.md",
    "assets",
    "clippy.toml",
    "crates",
    "deny.toml",
    "docs",
    "fuzz",
    "icons",
    "migrations",
    "render-core",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "scripts",
    "sim",
    "src-tauri",
    "tools",
    "ui",
    "xtask",
];

/// Made by a tool, checked by `bless`.
const GENERATED: [&str; 5] = [
    "render-core/tracer/src/cpu/generated.rs",
    "render-core/tracer/src/cpu/generated_wide.rs",
    "render-core/tracer/src/cpu/probe.rs",
    "render-core/tracer/src/cpu/probe_wide.rs",
    "ui/src/bindings/",
];

/// The only files of the page that may talk to the window's other half: this and `backend.*.ts` beside it.
const BACKEND: &str = "ui/src/lib/backend";

/// The only place that may speak SQL.
const SQL_ROOM: &str = "crates/store/";

/// Most lines of a file written by hand.
const LINES_MAX: usize = 600;

/// The shell and the most lines of it: what it does beside passing on belongs to another room.
const SHELL: (&str, usize) = ("crates/node/src/", 1_500);

/// The shell's loop: it decides and records, and whatever touches a file is somebody else's task.
const LOOP: &str = "crates/node/src/shell.rs";
/// Ways to a file.
const FILES: [&str; 5] = ["fs::", "File::", "OpenOptions", "write_whole", "read_whole"];

/// First words of SQL sentences; a blank follows them.
const SQL: [&str; 10] =
    ["SELECT", "INSERT INTO", "INSERT OR", "UPDATE", "DELETE FROM", "CREATE TABLE", "CREATE INDEX", "ALTER TABLE", "DROP TABLE", "PRAGMA"];

/// What may not be said outside tests, and what to say instead.
const UNFINISHED: [(&str, &str); 5] = [
    (".unwrap()", "return a typed error, or `expect(\"why it cannot fail\")`"),
    ("todo!", "write it, or leave the feature out"),
    ("unimplemented!", "write it, or leave the feature out"),
    ("dbg!", "remove it, or use `tracing`"),
    (".expect(\"\")", "say why it cannot fail"),
];

/// Is the path where the house expects it?
pub fn check_place(path: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let top = path.split('/').next().unwrap_or(path);
    if !TOP_LEVEL.contains(&top) {
        let mend = format!("`{top}` has no place at the top level: move it into a room, `docs/` or `scripts/`");
        findings.push(Finding::new(path, 1, "top level", mend));
    }
    if path.ends_with("/mod.rs") && !is_generated(path) {
        let folder = path.trim_end_matches("/mod.rs");
        findings.push(Finding::new(path, 1, "mod.rs", format!("name it `{folder}.rs`, beside the folder")));
    }
    findings
}

/// Is it text whose content has rules?
pub fn is_checked(path: &str) -> bool {
    !is_generated(path) && [".rs", ".ts", ".svelte", ".wgsl"].iter().any(|end| path.ends_with(end))
}

fn is_generated(path: &str) -> bool {
    GENERATED.iter().any(|generated| path.starts_with(generated))
}

/// Is the shell as small as it has to be? `files` are paths with their texts.
pub fn check_shell<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Option<Finding> {
    let (room, lines_max) = SHELL;
    let lines: usize = files.filter(|(path, _)| path.starts_with(room)).map(|(_, text)| text.lines().count()).sum();
    let mend = || format!("{lines} lines in all, {lines_max} are the limit: move what decides, shows or keeps files to its own room");
    (lines > lines_max).then(|| Finding::new(room, 1, "size of the shell", mend()))
}

/// Paths without ending of the modules that a Rust file declares for tests only and keeps in files of their own.
pub fn test_modules(path: &str, text: &str) -> Vec<String> {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let folder = ["/lib", "/main"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    Source::read(text).test_modules().map(|name| format!("{folder}/{name}")).collect()
}

/// Checks a file's content. `test_modules`: what [`test_modules`] found in all files.
pub fn check_text(path: &str, text: &str, test_modules: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX {
        let mend = format!("{lines} lines, {LINES_MAX} are the limit: cut it along its own headings");
        findings.push(Finding::new(path, LINES_MAX + 1, "file length", mend));
    }
    if path.ends_with(".rs") {
        findings.extend(check_rust(path, text, test_modules));
    } else if path.starts_with("ui/") && !path.starts_with(BACKEND) && !is_ui_test(path) {
        findings.extend(check_page(path, text));
    }
    findings
}

fn check_rust(path: &str, text: &str, test_modules: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !text.starts_with("//!") {
        findings.push(Finding::new(path, 1, "charter", "begin with `//!` and one sentence: what this file is"));
    }
    if is_rust_test(path, test_modules) {
        return findings;
    }
    let source = Source::read(text);
    for (number, line) in source.code_lines() {
        if path == LOOP && FILES.iter().any(|word| says(line, word)) {
            findings.push(Finding::new(path, number, "file in the loop", "make it an effect of `hands.rs`, which answers when it is done"));
        }
        for (word, mend) in UNFINISHED {
            if says(line, word) {
                findings.push(Finding::new(path, number, "unfinished", format!("`{word}` outside tests: {mend}")));
            }
        }
    }
    if !path.starts_with(SQL_ROOM) {
        for (number, text) in source.strings() {
            let sentence = text.trim_start();
            if SQL.iter().any(|word| sentence.strip_prefix(word).is_some_and(|rest| rest.starts_with(char::is_whitespace))) {
                findings.push(Finding::new(path, number, "SQL", "only `crates/store` speaks SQL: add a function there"));
            }
        }
    }
    findings
}

/// Does the line contain the word, and not only as the end of a longer name?
fn says(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        word.starts_with('.') || !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

fn is_rust_test(path: &str, test_modules: &[String]) -> bool {
    let declared = |module: &String| path.strip_prefix(module.as_str()).is_some_and(|rest| rest.starts_with(['.', '/']));
    path.split('/').any(|part| ["tests", "benches", "examples"].contains(&part)) || test_modules.iter().any(declared)
}

fn is_ui_test(path: &str) -> bool {
    path.contains(".test.") || path.starts_with("ui/tests/") || path.starts_with("ui/e2e/")
}

fn check_page(path: &str, text: &str) -> Vec<Finding> {
    let bare = |line: &&str| {
        let code = line.split("//").next().unwrap_or(line);
        !line.trim_start().starts_with('*') && (says(code, "invoke(") || says(code, "invoke<"))
    };
    let mend = format!("call the `Backend` interface of `{BACKEND}.ts` instead, so that tests and previews can replace it");
    text.lines().enumerate().filter(|(_, line)| bare(line)).map(|(i, _)| Finding::new(path, i + 1, "bare invoke", mend.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &[&str]) {
        let mut findings = check_place(path);
        if is_checked(path) {
            findings.extend(check_text(path, text, &test_modules("crates/a/src/lib.rs", "#[cfg(test)]\nmod furnace;")));
        }
        let found: Vec<_> = findings.iter().map(|f| format!("{}:{}", f.rule, f.line)).collect();
        assert_eq!(found, expected, "{path}:\n{text}");
    }

    #[test]
    fn the_loop_touches_no_file() {
        check(LOOP, "//! Loop.\nlet bytes = std::fs::read(path);\n", &["file in the loop:2"]);
        check(LOOP, "//! Loop: no fs::read here.\nself.store.commit(&batches);\n", &[]);
        check("crates/node/src/hands.rs", "//! Hands.\nlet bytes = std::fs::read(path);\n", &[]);
    }

    #[test]
    fn files_have_a_place_and_a_charter() {
        check("crates/market/src/lib.rs", "//! Pure.\n", &[]);
        check("crates/market/src/lib.rs", "use std::fmt;\n//! Late.\n", &["charter:1"]);
        check("crates/market/src/artist/mod.rs", "//! Old style.\n", &["mod.rs:1"]);
        check("notes.txt", "", &["top level:1"]);
        check("README.md", "", &[]);
    }

    #[test]
    fn long_files_are_found_and_generated_ones_are_not() {
        let long = "//! Long.\n".repeat(LINES_MAX + 1);
        check("crates/a/src/lib.rs", &long[..LINES_MAX * 10], &[]);
        check("crates/a/src/lib.rs", &long, &["file length:601"]);
        check("ui/src/App.svelte", &long, &["file length:601"]);
        check("render-core/shaders/lib/path.wgsl", &long, &["file length:601"]);
        check("render-core/tracer/src/cpu/generated.rs", &long, &[]);
        check("ui/src/bindings/View.ts", &long, &[]);
    }

    #[test]
    fn unfinished_code_is_found_outside_tests_only() {
        check("crates/a/src/a.rs", "//! A.\nfn f() { g().unwrap() }\n", &["unfinished:2"]);
        check("crates/a/src/a.rs", "//! A.\nfn f() {\n    todo!()\n}\n", &["unfinished:3"]);
        check("crates/a/src/a.rs", "//! A.\n// .unwrap() in a comment\nfn f() -> &'static str { \".unwrap() todo!\" }\n", &[]);
        check("crates/a/src/a.rs", "//! A.\n#[cfg(test)]\nmod tests {\n    fn f() { g().unwrap() }\n}\n", &[]);
        check("crates/a/src/a.rs", "//! A.\n#[cfg(test)]\nfn t() {}\nfn f() { g().unwrap() }\n", &["unfinished:4"]);
        check("crates/a/src/furnace.rs", "//! T.\nfn f() { g().unwrap() }\n", &[]);
        check("crates/a/src/furnace/cases.rs", "//! T.\nfn f() { g().unwrap() }\n", &[]);
        check("crates/a/src/furnaces.rs", "//! T.\nfn f() { g().unwrap() }\n", &["unfinished:2"]);
        check("crates/a/tests/whole.rs", "//! T.\nfn f() { g().unwrap() }\n", &[]);
        check("crates/a/src/a.rs", "//! A.\nfn f() { my_todo!(); a.unwrap_or(1); b.unwrap_err() }\n", &[]);
    }

    #[test]
    fn the_shell_stays_small() {
        let half = "x\n".repeat(SHELL.1 / 2);
        let files = |count| {
            [("crates/node/src/a.rs", &half[..]), ("crates/node/src/b.rs", &half), ("crates/node/src/c.rs", "x\n")].into_iter().take(count)
        };
        assert_eq!(check_shell(files(2).chain([("crates/agent/src/a.rs", &half[..])])), None);
        assert!(check_shell(files(3)).is_some_and(|finding| finding.mend.starts_with("1501 lines")));
    }

    #[test]
    fn sql_is_spoken_in_the_store_only() {
        let query = "//! Q.\nconst Q: &str = \"SELECT id FROM jobs\";\n";
        check("crates/store/src/jobs.rs", query, &[]);
        check("crates/files/src/jobs.rs", query, &["SQL:2"]);
        check("tools/bench-rooms/src/disk.rs", query, &["SQL:2"]);
        check("crates/files/src/jobs.rs", "//! Q.\nconst Q: &str = r#\"\n  INSERT INTO jobs VALUES (1)\"#;\n", &["SQL:2"]);
        check("crates/files/src/jobs.rs", "//! Q.\nconst Q: &str = \"please UPDATE your driver\";\n", &[]);
    }

    #[test]
    fn only_the_backend_invokes() {
        let call = "import { invoke } from '@tauri-apps/api/core';\nawait invoke('submit', {});\n";
        check("ui/src/lib/backend.tauri.ts", call, &[]);
        check("ui/src/features/submit/Submit.svelte", call, &["bare invoke:2"]);
        check("ui/src/features/submit/submit.ts", "await invoke<View>('view');\n", &["bare invoke:1"]);
        check("ui/src/features/submit/submit.ts", "// never call invoke(…) here\nbackend.reinvoke(1);\n", &[]);
    }
}
