//! From the YAML tree to the [`Rulebook`]: every name is resolved, every value checked, and what
//! cannot be is told at its place.

mod checks;
mod context;
mod data;
mod file;
mod inputs;
mod loader;
mod rules;
mod scope;
mod scripts;
mod set;
mod steps;
mod surroundings;
mod text;
mod trigger;
mod usefile;
mod value;

#[cfg(test)]
mod tests;

pub use surroundings::Surroundings;

use super::diagnostic::Diagnostic;
use super::rule::Rulebook;
use super::source::{FileId, Sources};
use crate::model::{Hash, Text, hash_of};
use loader::{Loader, Parsed};

/// One file as text.
#[derive(Clone, Debug)]
pub struct SourceText {
    /// As it is shown: relative to where the daemon runs.
    pub path: Text,
    pub text: Text,
}

/// What came of reading all files.
pub struct Loaded {
    /// All that can be used; whether an error elsewhere refuses it is the caller's decision.
    pub rulebook: Rulebook,
    /// For drawing the diagnostics.
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
    /// Paths of the files that were left out for an error.
    pub broken: Vec<Text>,
}

/// Reads playbooks, uses and scripts into a rulebook. Tests (`test:`) are passed over.
pub fn load(files: &[SourceText], scripts: &[SourceText], around: &Surroundings<'_>) -> Loaded {
    let mut sources = Sources::default();
    let add = |sources: &mut Sources, texts: &[SourceText]| {
        let mut sorted: Vec<&SourceText> = texts.iter().collect();
        sorted.sort_by(|one, other| one.path.cmp(&other.path));
        let ids = sorted.into_iter();
        ids.map(|one| sources.add(one.path.clone(), &one.text))
            .collect::<Vec<FileId>>()
    };
    let file_ids = add(&mut sources, files);
    let script_ids = add(&mut sources, scripts);
    let mut loader = Loader::default();
    let (engine, script_files) = loader.scripts(&sources, &script_ids);
    let has_scripts = engine.iter().next().is_some();
    let parsed: Vec<Parsed<'_>> = file_ids
        .iter()
        .filter_map(|id| sources.get(*id))
        .filter(|file| !file.path.ends_with(".test.yaml"))
        .map(Parsed::read)
        .collect();
    let playbooks = loader.playbooks(&parsed, around, &engine, script_files);
    let Loader {
        mut diagnostics,
        broken,
    } = loader;
    diagnostics.sort_by_key(|problem| (problem.spot.file, problem.spot.start));
    let hash = hash(&sources, around);
    Loaded {
        rulebook: Rulebook {
            hash,
            playbooks,
            scripts: has_scripts.then_some(engine),
        },
        sources,
        diagnostics,
        broken: broken.into_iter().collect(),
    }
}

/// Of all texts with their paths.
fn hash(sources: &Sources, around: &Surroundings<'_>) -> Hash {
    let texts = sources.iter().map(|file| (&*file.path, &*file.text));
    let words = around.words.iter().map(|(path, text)| (&**path, &**text));
    let mut all: Vec<(&str, &str)> = texts.chain(words).collect();
    all.sort_unstable();
    let parts: Vec<&[u8]> = all
        .iter()
        .flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()])
        .collect();
    Hash(hash_of(&parts))
}
