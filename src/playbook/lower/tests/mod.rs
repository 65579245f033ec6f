//! Whole files as they are read: what rulebook they become, and what is said about wrong ones.

mod describe;
mod examples;
mod keys;
mod random;
mod safety;
mod uses;
mod wrong;

use super::{Loaded, SourceText, Surroundings, load};
use crate::model::{ConnectorFacts, Directory, GroupConfig, Kind, Text};
use crate::playbook::draw::draw;
use expect_test::Expect;
use std::collections::BTreeMap;

/// One group: its id, its connector, its tags.
pub(super) fn group(id: &str, connector: &str, tags: &[&str]) -> GroupConfig {
    GroupConfig {
        id: id.into(),
        connector: connector.into(),
        external: id.into(),
        tags: tags.iter().map(|tag| (*tag).into()).collect(),
        ..GroupConfig::default()
    }
}

/// Two communities: the readers of the examples, and the gardeners on QQ.
pub(super) fn directories() -> BTreeMap<Text, Directory> {
    let fact = |kind| ConnectorFacts {
        kind,
        hold_unknown: true,
    };
    let connectors = BTreeMap::from([
        ("sandbox".into(), fact(Kind::Sandbox)),
        ("qq".into(), fact(Kind::OneBot11)),
    ]);
    let readers = Directory {
        groups: vec![
            group("club", "sandbox", &["book-club"]),
            group("lobby", "sandbox", &[]),
            group("checkin", "sandbox", &[]),
            group("announcements", "sandbox", &[]),
            group("moderators", "sandbox", &[]),
        ],
        adopt: vec!["sandbox/*".into()],
        connectors: connectors.clone(),
        ..Directory::default()
    };
    let gardeners = Directory {
        groups: vec![group("garden", "qq", &["green"])],
        connectors,
        ..Directory::default()
    };
    BTreeMap::from([("readers".into(), readers), ("gardeners".into(), gardeners)])
}

pub(super) fn files(files: &[(&str, &str)]) -> Vec<SourceText> {
    let files = files.iter();
    files
        .map(|(path, text)| SourceText {
            path: (*path).into(),
            text: (*text).into(),
        })
        .collect()
}

/// Loads files; those that end in `.rhai` are scripts.
pub(super) fn loaded(texts: &[(&str, &str)]) -> Loaded {
    let is_script = |path: &str| path.rsplit('.').next() == Some("rhai");
    let (scripts, playbooks): (Vec<_>, Vec<_>) =
        texts.iter().partition(|(path, _)| is_script(path));
    let directories = directories();
    let words = BTreeMap::from([("words/ads.txt".into(), "# ads\nbuy\n\n cheap \n".into())]);
    let around = Surroundings {
        directories: &directories,
        endpoints: &["shop".into()],
        words: &words,
    };
    load(&files(&playbooks), &files(&scripts), &around)
}

/// The codes of what is wrong, in order, with the word of severity unless it is an error.
pub(super) fn codes(loaded: &Loaded) -> Vec<String> {
    let problems = loaded.diagnostics.iter();
    problems
        .map(|problem| {
            if problem.is_error() {
                problem.code.to_string()
            } else {
                format!("{} {}", problem.severity.word(), problem.code)
            }
        })
        .collect()
}

/// What is said about files, drawn.
#[track_caller]
pub(super) fn says(texts: &[(&str, &str)], expect: &Expect) {
    let loaded = loaded(texts);
    expect.assert_eq(&draw(&loaded.diagnostics, &loaded.sources, false));
}
