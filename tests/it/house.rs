//! The order of the house: which room may see which, where each external crate lives, and what
//! every file owes its reader. A finding is a line; a green run has none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in reading order: each may use those before it.
const ORDER: [&str; 10] = [
    "model",
    "script",
    "playbook",
    "engine",
    "journal",
    "store",
    "connector",
    "runtime",
    "server",
    "cli",
];

/// The rooms that decide. What they use must be free of time, chance, files and network.
const PURE: [&str; 4] = ["model", "script", "playbook", "engine"];

/// External crates that live in certain places only: paths below `src/`.
const HOMES: [(&str, &[&str]); 13] = [
    ("sled", &["store/"]),
    ("rhai", &["script/"]),
    ("granit_parser", &["playbook/"]),
    ("annotate_snippets", &["playbook/"]),
    ("axum", &["server/"]),
    ("hyper", &["server/"]),
    ("hyper_util", &["server/"]),
    ("utoipa", &["server/"]),
    ("reqwest", &["connector/http/", "runtime/delivery/"]),
    ("rustls", &["connector/http/"]),
    ("clap", &["cli/"]),
    ("anyhow", &["cli/"]),
    ("tracing_subscriber", &["telemetry.rs"]),
];

/// External crates that no pure room may use.
const IMPURE: [&str; 5] = ["tokio", "tracing", "getrandom", "secrecy", "http"];

/// Lines a file may have.
const LINES_MAX: usize = 500;
/// Files that are longer today, and how long they may be. The list only shrinks.
const LONGER: [(&str, usize); 5] = [
    ("src/engine/ask.rs", 570),
    ("src/model/world/mod.rs", 770),
    ("src/playbook/lower/steps/tests/forms.rs", 550),
    ("src/playbook/rule.rs", 680),
    ("tests/synapse/daemon.rs", 520),
];

/// What may stand in the open at the top, and what must.
const TOP: [&str; 8] = [
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "README.zh-CN.md",
    "playbooks",
    "scripts",
    "src",
    "tests",
];
/// What may stand there once it exists, or is made by running things.
const TOP_OPTIONAL: [&str; 4] = ["benches", "data", "fuzz", "target"];

/// Words of unfinished work and of one person's machine.
const BANNED: [&str; 10] = [
    concat!("todo", "!"),
    concat!("unimplemented", "!"),
    concat!("dbg", "!"),
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
];

#[test]
fn rooms_use_only_rooms_above_them() {
    let mut findings = Vec::new();
    for file in rust_files("src") {
        let Some(room) = room_of(&file.path) else {
            continue;
        };
        if !is_room(&room) {
            findings.push(format!("{}: `{room}` is no room", file.path));
        }
        for used in rooms_used(&file) {
            if used != room && !may_use(&room, &used) {
                findings.push(format!("{}: `{room}` must not see `{used}`", file.path));
            }
        }
    }
    none(&findings);
}

#[test]
fn external_crates_stay_in_their_homes() {
    let mut findings = Vec::new();
    for file in rust_files("src") {
        let inside = file.path.trim_start_matches("src/");
        for (name, homes) in HOMES {
            let home = homes.iter().any(|home| inside.starts_with(home));
            if !home && !file.is_test() && uses_crate(&file.code, name) {
                findings.push(format!("{}: `{name}` lives in {homes:?}", file.path));
            }
        }
        let pure = room_of(&file.path).is_some_and(|room| PURE.contains(&room.as_str()));
        for name in IMPURE {
            if pure && uses_crate(&file.code, name) {
                findings.push(format!("{}: no `{name}` in a room that decides", file.path));
            }
        }
    }
    none(&findings);
}

#[test]
fn every_file_opens_with_a_sentence() {
    let files = all_rust_files().into_iter();
    let silent = files.filter(|file| {
        let first = file.text.lines().next().unwrap_or_default();
        first
            .strip_prefix("//! ")
            .is_none_or(|rest| rest.len() < 10)
    });
    none(&silent.map(|file| file.path).collect::<Vec<_>>());
}

#[test]
fn files_stay_short_enough_to_read() {
    let longer: BTreeMap<&str, usize> = LONGER.into_iter().collect();
    let mut findings = Vec::new();
    let files = all_rust_files();
    for file in &files {
        let lines = file.text.lines().count();
        match longer.get(file.path.as_str()) {
            None if lines > LINES_MAX => {
                findings.push(format!("{}: {lines} lines, split it by noun", file.path));
            }
            Some(max) if lines > *max => {
                findings.push(format!("{}: grew to {lines} lines from {max}", file.path));
            }
            Some(_) if lines <= LINES_MAX => {
                findings.push(format!("{}: short now, take it off the list", file.path));
            }
            None | Some(_) => {}
        }
    }
    for (path, _) in LONGER {
        if !files.iter().any(|file| file.path == path) {
            findings.push(format!("{path}: gone, take it off the list"));
        }
    }
    none(&findings);
}

#[test]
fn scripts_are_rhai_and_the_top_level_is_as_planned() {
    let mut findings = Vec::new();
    for path in walk(&root().join("scripts")) {
        if path.extension().is_none_or(|extension| extension != "rhai") {
            findings.push(format!("{}: scripts/ holds Rhai only", path.display()));
        }
    }
    let names = fs::read_dir(root()).unwrap();
    let names: BTreeSet<String> = names
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    for name in &names {
        if !TOP.contains(&name.as_str()) && !TOP_OPTIONAL.contains(&name.as_str()) {
            findings.push(format!("{name}: does not belong at the top"));
        }
    }
    for name in TOP {
        if !names.contains(name) {
            findings.push(format!("{name}: missing at the top"));
        }
    }
    none(&findings);
}

#[test]
fn nothing_unfinished_and_nobodys_machine_in_the_texts() {
    let mut texts: Vec<(String, String)> = all_rust_files()
        .into_iter()
        .map(|file| (file.path, file.text))
        .collect();
    for name in ["README.md", "README.zh-CN.md", "Cargo.toml"] {
        texts.push((name.to_owned(), read(&root().join(name))));
    }
    for folder in ["playbooks", "scripts"] {
        for path in walk(&root().join(folder)) {
            texts.push((relative(&path), read(&path)));
        }
    }
    let mut findings = Vec::new();
    for (path, text) in &texts {
        for (index, line) in text.lines().enumerate() {
            for word in BANNED {
                if holds_word(line, word) {
                    findings.push(format!("{path}:{}: `{word}`", index + 1));
                }
            }
        }
    }
    none(&findings);
}

#[test]
fn paths_are_found_in_code_and_nowhere_else() {
    let text = r##"
        //! See [`crate::server`].
        use crate::{model::{Text, time}, engine, journal as log};
        use crate::store;
        /* crate::cli */
        pub(in crate::config) fn f<'a>() -> char { let _ = "crate::runtime \" crate::cli"; '"' }
        const RAW: &str = r#"crate::telemetry " "#;
        fn g() { super::super::connector::h(); super::script::i(); }
    "##;
    let found = |path: &str| {
        let file = File::new(path.to_owned(), text.to_owned());
        rooms_used(&file).into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        found("src/playbook/lower/deep/value.rs"),
        "config engine journal model store"
    );
    assert_eq!(
        found("src/playbook/yaml.rs"),
        "config connector engine journal model store"
    );
    assert_eq!(
        found("src/playbook/mod.rs"),
        "config engine journal model script store"
    );
}

#[test]
fn crates_are_found_by_their_root_name() {
    assert!(uses_crate("use sled;", "sled"));
    assert!(uses_crate("let db = ::sled::open(p);", "sled"));
    assert!(uses_crate("use rhai::{AST, Engine};", "rhai"));
    assert!(!uses_crate("super::rhai::parse()", "rhai"));
    assert!(!uses_crate("let tangled::x = 1;", "sled"));
    assert!(!uses_crate("tracing_subscriber::fmt()", "tracing"));
    assert!(holds_word("a XX-free line", "XX"));
    assert!(!holds_word(r"\uXXXX", concat!("XX", "X")));
}

/// The two beside the order: `config` is read by the shell's rooms, `telemetry` by all that may log.
fn may_use(room: &str, used: &str) -> bool {
    let place = |name: &str| ORDER.iter().position(|known| *known == name);
    match (room, used) {
        ("telemetry", _) => false,
        ("config", _) => matches!(used, "model" | "playbook" | "connector" | "telemetry"),
        (_, "telemetry") => !PURE.contains(&room),
        (_, "config") => matches!(room, "runtime" | "server" | "cli"),
        _ => place(used) < place(room),
    }
}

fn is_room(name: &str) -> bool {
    ORDER.contains(&name) || matches!(name, "config" | "telemetry")
}

/// One source file, and its code without comments and literals.
struct File {
    path: String,
    text: String,
    code: String,
}

impl File {
    fn new(path: String, text: String) -> Self {
        let code = code_of(&text);
        Self { path, text, code }
    }

    fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }
}

/// `src/engine/step/mod.rs` and `src/engine.rs` are of the room `engine`; `lib.rs` is of none.
fn room_of(path: &str) -> Option<String> {
    let first = path.strip_prefix("src/")?.split('/').next()?;
    let name = first.trim_end_matches(".rs");
    (!matches!(name, "lib" | "main")).then(|| name.to_owned())
}

/// The rooms named by paths from the crate's root, be it `crate::` or as many `super::` as lead
/// there.
fn rooms_used(file: &File) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for after in tails(&file.code, "crate") {
        rooms.extend(first_names(after));
    }
    // A file `src/a/b.rs` is two `super` below the root, and so is `src/a/b/mod.rs`.
    let parts = file.path.trim_start_matches("src/").split('/').count();
    let depth = parts - usize::from(file.path.ends_with("/mod.rs"));
    let climb = vec!["super"; depth].join("::");
    for after in tails(&file.code, &climb) {
        rooms.extend(first_names(after));
    }
    rooms.retain(|room| is_room(room));
    rooms
}

/// What follows each `path::` that begins a path or, as in `pub(in crate::x)`, stands in one.
fn tails<'a>(code: &'a str, path: &str) -> Vec<&'a str> {
    let start = format!("{path}::");
    let found = code.match_indices(&start);
    let begins = found.filter(|(at, _)| {
        let before = code.get(..*at).unwrap_or_default().chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    });
    begins
        .filter_map(|(at, _)| code.get(at + start.len()..))
        .collect()
}

/// The first names of a path or of a group of paths: `a::b` gives `a`; `{a::b, c}` gives both.
fn first_names(after: &str) -> Vec<String> {
    let Some(group) = after.strip_prefix('{') else {
        return vec![name_at(after)];
    };
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut expects = true;
    for (at, c) in group.char_indices() {
        match c {
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            '{' => depth += 1,
            ',' => expects = depth == 0,
            _ if expects && !c.is_whitespace() => {
                names.push(name_at(group.get(at..).unwrap_or_default()));
                expects = false;
            }
            _ => {}
        }
    }
    names
}

fn name_at(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

fn uses_crate(code: &str, name: &str) -> bool {
    let imported = [format!("use {name};"), format!("use {name} as ")];
    imported.iter().any(|line| code.contains(line))
        || !tails(code, name).is_empty()
        || !tails(code, &format!("::{name}")).is_empty()
}

/// A word in capitals must stand alone, so that `\uXXXX` passes; others may stand anywhere.
fn holds_word(line: &str, word: &str) -> bool {
    let alone = word.chars().all(|c| c.is_ascii_uppercase());
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|rest| rest.chars().next_back());
        let after = line
            .get(at + word.len()..)
            .and_then(|rest| rest.chars().next());
        !alone || (!joins(before) && !joins(after))
    })
}

/// Rust source without comments, and without what stands in literals.
fn code_of(text: &str) -> String {
    let literals = regex::Regex::new(concat!(
        r##"(?s)//[^\n]*|/\*.*?\*/"##,
        r###"|b?r##".*?"##|b?r#".*?"#|b?r"[^"]*""###,
        r##"|b?"(?:\\.|[^"\\])*""##,
        r##"|b?'(?:\\.[^']*'|[^'\\]')"##,
    ));
    literals.unwrap().replace_all(text, " ").into_owned()
}

fn all_rust_files() -> Vec<File> {
    let folders = ["src", "tests", "benches", "fuzz"];
    folders.into_iter().flat_map(rust_files).collect()
}

fn rust_files(folder: &str) -> Vec<File> {
    let paths = walk(&root().join(folder)).into_iter();
    let rust = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.map(|path| File::new(relative(&path), read(&path)))
        .collect()
}

/// Every file below a folder, in order; none where there is no folder.
pub(crate) fn walk(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            paths.extend(walk(&path));
        } else if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    paths
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.to_string_lossy().into_owned()
}

pub(crate) fn read(path: &Path) -> String {
    let text = fs::read_to_string(path);
    text.map_err(|error| (path, error)).unwrap()
}

#[track_caller]
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}
