//! From files to what the runtime is told: steward.yaml, playbooks and scripts as they lie on the
//! disk, or as they came with the binary.

use super::facts::configuration_for;
use super::shipped;
use crate::config::{Config, Purpose};
use crate::connector::{self, http};
use crate::engine::Rules;
use crate::model::{Directory, Text, limits};
use crate::playbook::diagnostic::has_errors;
use crate::playbook::draw::draw;
use crate::playbook::lower::{Loaded, SourceText, Surroundings, load};
use crate::runtime::{ConnectorSetup, EndpointSetup, Loader, RuntimeConfig, Sources, Texts};
use crate::store::Keep;
use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Ends of the files that are read.
const ENDS: [&str; 4] = ["yaml", "yml", "rhai", "txt"];
/// How deep folders are looked through.
const FOLDERS_MAX: usize = 8;

/// Reads everything anew, at the start and on every reload.
pub(super) struct Files {
    config: Option<PathBuf>,
    fold_tail: bool,
}

impl Files {
    pub(super) fn new(config: Option<&Path>, fold_tail: bool) -> Self {
        Self {
            config: config.map(Path::to_owned),
            fold_tail,
        }
    }
}

impl Loader for Files {
    fn read(&self) -> Result<Sources, Vec<String>> {
        let read = || {
            let config = configuration_for(self.config.as_deref(), Purpose::Run)?;
            Ok(Sources {
                texts: texts_of(&config)?,
                config: shell(&config, self.fold_tail)?,
            })
        };
        read().map_err(|error: anyhow::Error| vec![format!("{error:#}")])
    }

    fn compile(&self, texts: &Texts) -> Result<Rules, Vec<String>> {
        let loaded = rulebook(texts);
        if has_errors(&loaded.diagnostics) {
            return Err(vec![draw(&loaded.diagnostics, &loaded.sources, false)]);
        }
        Ok(Rules::new(loaded.rulebook))
    }
}

/// What playbooks are checked against: kept with their texts, so that the same texts always make the
/// same rules.
#[derive(Default, Serialize, Deserialize)]
struct Around {
    directories: BTreeMap<Text, Directory>,
    endpoints: Vec<Text>,
}

/// Where [`Around`] stands among the texts: no file has that path.
const AROUND: &str = "(steward.yaml)";

/// What texts make.
pub(super) fn rulebook(texts: &Texts) -> Loaded {
    let around = texts.get(AROUND);
    let around: Around = around
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let (mut files, mut scripts, mut words) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (path, text) in texts {
        let (path, text): (Text, Text) = (path.as_str().into(), text.as_str().into());
        match Path::new(&*path).extension().and_then(|end| end.to_str()) {
            Some("yaml" | "yml") => files.push(SourceText { path, text }),
            Some("rhai") => scripts.push(SourceText { path, text }),
            Some("txt") => {
                words.insert(path, text);
            }
            Some(_) | None => {}
        }
    }
    let around = Surroundings {
        directories: &around.directories,
        endpoints: &around.endpoints,
        words: &words,
    };
    load(&files, &scripts, &around)
}

/// Adds what steward.yaml says of communities and endpoints; no secrets.
pub(super) fn surround(texts: &mut Texts, config: &Config) -> anyhow::Result<()> {
    let around = Around {
        directories: config.communities.clone(),
        endpoints: config.endpoints.keys().cloned().collect(),
    };
    let around = serde_json::to_string(&around).context("cannot write the surroundings")?;
    texts.insert(AROUND.to_owned(), around);
    Ok(())
}

/// What the runtime takes from steward.yaml.
pub(super) fn shell(config: &Config, fold_tail: bool) -> anyhow::Result<RuntimeConfig> {
    let mut connectors = BTreeMap::new();
    for (name, found) in &config.connectors {
        let built = connector::build(&found.settings);
        let built = built.with_context(|| format!("connector `{name}`"))?;
        let setup = ConnectorSetup {
            settings: found.settings.clone(),
            rate: found.pace.over(built.default_rate()),
            hold_unknown: found.hold_unknown,
        };
        connectors.insert(name.clone(), setup);
    }
    let endpoints = config.endpoints.iter().map(|(name, endpoint)| {
        let setup = EndpointSetup {
            url: endpoint.url.clone(),
            secrets: endpoint.secret.iter().cloned().collect(),
        };
        (name.clone(), setup)
    });
    let communities = config.communities.iter();
    Ok(RuntimeConfig {
        data: config.data.clone(),
        communities: communities
            .map(|(id, directory)| (id.clone(), directory.clone()))
            .collect(),
        connectors,
        endpoints: endpoints.collect(),
        keep: Keep {
            age_ms: config.journal.keep.nominal_ms(),
            bytes: config.journal.max,
        },
        public_url: config.public_url.clone(),
        fold_tail,
        http: http::Options::default(),
    })
}

/// Playbooks and scripts of that configuration, with what they are checked against. Where there is no
/// folder of playbooks, those that came with the binary.
pub(super) fn texts_of(config: &Config) -> anyhow::Result<Texts> {
    let mut texts = files_of(config)?;
    surround(&mut texts, config)?;
    Ok(texts)
}

fn files_of(config: &Config) -> anyhow::Result<Texts> {
    if !config.playbooks.is_dir() {
        let shipped = shipped::FILES.iter();
        let shipped = shipped.map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        return Ok(shipped.collect());
    }
    let mut folders = vec![config.playbooks.clone()];
    if config.scripts.is_dir() {
        folders.push(config.scripts.clone());
    }
    texts_at(&folders)
}

/// The playbooks and scripts among those files and in those folders, by path.
pub(super) fn texts_at(paths: &[PathBuf]) -> anyhow::Result<Texts> {
    let mut texts = Texts::new();
    for path in paths {
        if path.is_dir() {
            read_folder(path, path, FOLDERS_MAX, &mut texts)?;
        } else {
            read_file(path, path, &mut texts)?;
        }
    }
    Ok(texts)
}

fn read_folder(root: &Path, folder: &Path, deeper: usize, texts: &mut Texts) -> anyhow::Result<()> {
    let listing = || format!("cannot list `{}`", folder.display());
    for entry in fs::read_dir(folder).with_context(listing)? {
        let path = entry.with_context(listing)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        // Hidden files, and what editors leave behind.
        if name.is_none_or(|name| name.starts_with('.')) {
            continue;
        }
        let end = path.extension().and_then(|end| end.to_str());
        if path.is_dir() && deeper > 0 {
            read_folder(root, &path, deeper - 1, texts)?;
        } else if end.is_some_and(|end| ENDS.contains(&end)) {
            read_file(root, &path, texts)?;
        }
    }
    Ok(())
}

/// Word lists go by their place in the folder, as `{ from: words/ads.txt }` names them.
fn read_file(root: &Path, path: &Path, texts: &mut Texts) -> anyhow::Result<()> {
    let reading = || format!("cannot read `{}`", path.display());
    let size = fs::metadata(path).with_context(reading)?.len();
    if size > limits::PAYLOAD_BYTES_MAX as u64 {
        bail!("`{}` is larger than 1 MiB", path.display());
    }
    let text = fs::read_to_string(path).with_context(reading)?;
    let is_words = path.extension().is_some_and(|end| end == "txt");
    let inside = path.strip_prefix(root).ok().filter(|_| is_words);
    let shown = inside.unwrap_or_else(|| path.strip_prefix(".").unwrap_or(path));
    texts.insert(shown.display().to_string(), text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_read_whole_but_for_hidden_and_foreign_files() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("deep")).unwrap();
        for name in [
            "b.yaml",
            "deep/a.rhai",
            "deep/w.txt",
            ".c.yaml",
            "d.yaml~",
            "e.md",
        ] {
            fs::write(at(name), "x").unwrap();
        }
        let texts = texts_at(&[folder.path().to_owned()]).unwrap();
        let names: Vec<PathBuf> = texts.keys().map(PathBuf::from).collect();
        assert_eq!(
            names,
            [at("b.yaml"), at("deep/a.rhai"), "deep/w.txt".into()]
        );
    }

    #[test]
    fn the_built_in_configuration_is_whole() {
        let shell = shell(&Config::built_in(), false).unwrap();
        assert!(shell.links().unwrap().contains_key("sandbox"));
        assert_eq!(shell.communities.len(), 1);
    }
}
