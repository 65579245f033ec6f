//! The READMEs under test: what they show loads, what they quote is what the binary says, and the
//! two languages say the same.

use crate::house::{read, relative, root, walk};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use steward::config::{self, Config, Outside, Purpose};
use steward::model::{Kind, Text};
use steward::playbook::diagnostic::Diagnostic;
use steward::playbook::draw::draw;
use steward::playbook::lower::{SourceText, Surroundings, load};
use steward::playbook::source::Sources;

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];
/// What stands above a block that shows the inside of a playbook only.
const HEAD: &str = "steward: 1\nplaybook: shown\ngroups: all\n";

#[test]
fn every_shipped_playbook_loads() {
    let (files, scripts) = shipped();
    assert!(!files.is_empty(), "playbooks/ is empty");
    loads(&files, &scripts);
}

#[test]
fn every_yaml_block_loads() {
    let mut seen = 0;
    for name in READMES {
        let blocks = Page::read(name).blocks;
        for (number, block) in blocks.iter().enumerate() {
            if block.language == "yaml" {
                seen += 1;
                loads_alone(&format!("{name} block {}", number + 1), &block.text);
            }
        }
    }
    assert!(seen > 0, "no README shows the language");
}

#[test]
fn help_is_what_the_binary_says() {
    let readme = Page::read("README.md");
    let mut asked = 0;
    for block in &readme.blocks {
        let Some(rest) = block.text.strip_prefix("$ steward ") else {
            continue;
        };
        let (command, shown) = rest.split_once('\n').unwrap_or((rest, ""));
        if !command.ends_with("--help") {
            continue;
        }
        asked += 1;
        let mut steward = Command::new(env!("CARGO_BIN_EXE_steward"));
        let answer = steward.args(command.split(' ')).output().unwrap();
        let answer = String::from_utf8(answer.stdout).unwrap();
        assert_eq!(trimmed(shown), trimmed(&answer), "`steward {command}`");
    }
    assert!(asked > 0, "README.md shows no `$ steward --help`");
}

#[test]
fn both_languages_have_the_same_chapters_and_the_same_code() {
    let [english, chinese] = READMES.map(Page::read);
    let levels = |page: &Page| -> Vec<usize> { page.headings.iter().map(|one| one.0).collect() };
    assert_eq!(
        levels(&english),
        levels(&chinese),
        "\n{:#?}\n{:#?}",
        english.headings,
        chinese.headings
    );
    let count = english.blocks.len();
    assert_eq!(count, chinese.blocks.len(), "number of code blocks");
    for (number, (one, other)) in english.blocks.iter().zip(&chinese.blocks).enumerate() {
        assert_eq!(one, other, "code block {}", number + 1);
    }
    assert_eq!(
        dependency_table(&english).into_keys().collect::<Vec<_>>(),
        dependency_table(&chinese).into_keys().collect::<Vec<_>>()
    );
}

#[test]
fn the_first_screen_says_how_to_run_and_how_to_test() {
    for name in READMES {
        let text = read(&root().join(name));
        let first = text.split("\n## ").next().unwrap_or_default();
        for command in ["cargo run --release", "cargo test"] {
            let given = first.lines().any(|line| line.starts_with(command));
            assert!(
                given,
                "{name} does not give `{command}` before its first heading"
            );
        }
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let cargo = read(&root().join("Cargo.toml"));
    let section = cargo.split("[dependencies]\n").nth(1).unwrap();
    let section = section.split("\n[").next().unwrap_or_default();
    let used: BTreeSet<&str> = section
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name)
        .collect();
    assert!(used.len() > 10, "{used:?}");
    for name in READMES {
        let table = dependency_table(&Page::read(name));
        let told: BTreeSet<&str> = table.keys().map(String::as_str).collect();
        let missing: Vec<_> = used.difference(&told).collect();
        let gone: Vec<_> = told.difference(&used).collect();
        assert!(missing.is_empty(), "{name} gives no reason for {missing:?}");
        assert!(
            gone.is_empty(),
            "{name} tells of {gone:?}, which nothing uses"
        );
        for (dependency, reason) in table {
            assert!(reason.chars().count() >= 3, "{name}: why `{dependency}`?");
        }
    }
}

#[test]
fn what_connectors_can_do_is_told_as_playbooks_are_checked() {
    for name in READMES {
        let rows = Page::read(name).rows;
        let head = Kind::ALL.map(|kind| kind.word().to_owned());
        let is_head = |row: &Vec<String>| row.get(1..) == Some(head.as_slice());
        let table = rows.iter().skip_while(|row| !is_head(row));
        let table = table.skip(2).take_while(|row| row.len() == head.len() + 1);
        let mut told = 0;
        for row in table {
            let [steps, cells @ ..] = row.as_slice() else {
                continue;
            };
            for step in steps.split(',') {
                let step = step.trim().trim_matches('`');
                for (kind, cell) in Kind::ALL.into_iter().zip(cells) {
                    let can = kind.abilities().can(step);
                    let shown = match cell.as_str() {
                        "✓" => Some(true),
                        "–" => Some(false),
                        _ => None,
                    };
                    assert_eq!(shown, can, "{name}: `{step}` on {}", kind.word());
                    told += 1;
                }
            }
        }
        assert!(told > 50, "{name} has no table of steps and connectors");
    }
}

#[test]
fn links_inside_the_repository_lead_somewhere() {
    for name in READMES {
        for after in read(&root().join(name)).split("](").skip(1) {
            let target = after.split(')').next().unwrap_or_default();
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !target.contains("://") {
                assert!(root().join(path).exists(), "{name} links to `{target}`");
            }
        }
    }
}

/// What is compared of a page.
struct Page {
    /// Level and words.
    headings: Vec<(usize, String)>,
    blocks: Vec<Block>,
    /// Rows of tables, as their cells.
    rows: Vec<Vec<String>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Block {
    language: String,
    text: String,
}

impl Page {
    fn read(name: &str) -> Self {
        let text = read(&root().join(name));
        let mut page = Self {
            headings: Vec::new(),
            blocks: Vec::new(),
            rows: Vec::new(),
        };
        let mut open: Option<Block> = None;
        for line in text.lines() {
            open = match (open, line.strip_prefix("```")) {
                (Some(block), Some(_)) => {
                    page.blocks.push(block);
                    None
                }
                (Some(mut block), None) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                    Some(block)
                }
                (None, Some(language)) => Some(Block {
                    language: language.to_owned(),
                    text: String::new(),
                }),
                (None, None) => {
                    page.line(line);
                    None
                }
            };
        }
        assert!(open.is_none(), "{name}: a code block has no end");
        page
    }

    fn line(&mut self, line: &str) {
        let level = line.chars().take_while(|c| *c == '#').count();
        if level > 0 {
            let words = line.trim_start_matches('#').trim();
            self.headings.push((level, words.to_owned()));
        }
        if let Some(row) = line.strip_prefix('|') {
            let cells = row.trim_end_matches('|').split('|');
            let cells = cells.map(|cell| cell.trim().to_owned());
            self.rows.push(cells.collect());
        }
    }
}

/// Crate to reason, from the table whose first column's head is `crate`.
fn dependency_table(page: &Page) -> BTreeMap<String, String> {
    let rows = page.rows.iter();
    let rows = rows.skip_while(|row| row.first().is_none_or(|cell| cell != "`[dependencies]`"));
    let rows = rows.skip(2).take_while(|row| {
        let first = row.first().map_or("", String::as_str);
        first.starts_with('`') && row.len() == 2
    });
    let mut table = BTreeMap::new();
    for row in rows {
        if let [names, reason] = row.as_slice() {
            for name in names.split(',') {
                let name = name.trim().trim_matches('`').to_owned();
                assert!(
                    table.insert(name, reason.clone()).is_none(),
                    "{names} twice"
                );
            }
        }
    }
    table
}

/// A steward.yaml is read as one; anything else is a playbook, or the inside of one.
fn loads_alone(place: &str, text: &str) {
    let top = |key: &str| {
        text.lines()
            .any(|line| line.starts_with(&format!("{key}:")))
    };
    if top("connectors") || top("communities") || top("listen") {
        let mut sources = Sources::default();
        let outside = Outside {
            env: &|_| Some("a-secret-of-some-length".to_owned()),
            read_file: &|_| Some("a-secret-of-some-length".to_owned()),
            purpose: Purpose::Run,
        };
        let (_, problems) = config::parse(&mut sources, place, text, &outside);
        return fine(&problems, &sources);
    }
    let text = if top("steward") {
        text.to_owned()
    } else {
        format!("{HEAD}{text}")
    };
    let (mut files, scripts) = shipped();
    files.push(SourceText {
        path: place.into(),
        text: text.into(),
    });
    loads(&files, &scripts);
}

#[track_caller]
fn loads(files: &[SourceText], scripts: &[SourceText]) {
    let config = Config::built_in();
    let endpoints: [Text; 1] = ["shop".into()];
    let around = Surroundings {
        directories: &config.communities,
        endpoints: &endpoints,
        words: &BTreeMap::new(),
    };
    let loaded = load(files, scripts, &around);
    fine(&loaded.diagnostics, &loaded.sources);
}

#[track_caller]
fn fine(problems: &[Diagnostic], sources: &Sources) {
    let errors = problems.iter().filter(|problem| problem.is_error());
    let errors: Vec<Diagnostic> = errors.cloned().collect();
    assert!(errors.is_empty(), "\n{}", draw(&errors, sources, false));
}

/// Playbooks and scripts of this repository.
fn shipped() -> (Vec<SourceText>, Vec<SourceText>) {
    (texts("playbooks", "yaml"), texts("scripts", "rhai"))
}

/// The files of a folder with that ending, without tests.
fn texts(folder: &str, ending: &str) -> Vec<SourceText> {
    let paths = walk(&root().join(folder)).into_iter();
    let named = paths.map(|path| (relative(&path), read(&path)));
    let wanted = named
        .filter(|(name, _)| name.ends_with(&format!(".{ending}")) && !name.ends_with(".test.yaml"));
    wanted
        .map(|(path, text)| SourceText {
            path: path.into(),
            text: text.into(),
        })
        .collect()
}

/// Lines without the blanks at their ends.
fn trimmed(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n")
}
