//! From files to what the runtime is told: steward.yaml, playbooks and scripts as they lie on the
//! disk, or as they came with the binary.

use super::facts::configuration_for;
use super::shipped;
use crate::config::{Config, Purpose};
use crate::connector::{self, http};
use crate::engine::Rules;
use crate::model::{Hash, hash_of, limits};
use crate::playbook::Rulebook;
use crate::playbook::diagnostic::{Diagnostic, has_errors};
use crate::playbook::draw::draw;
use crate::playbook::{source, yaml};
use crate::runtime::{ConnectorSetup, EndpointSetup, Loader, RuntimeConfig, Sources, Texts};
use crate::store::Keep;
use anyhow::{Context, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Ends of the files that are read.
const ENDS: [&str; 3] = ["yaml", "yml", "rhai"];
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
        let mut sources = source::Sources::default();
        match rulebook(texts, &mut sources) {
            (Some(book), problems) if !has_errors(&problems) => Ok(Rules::new(book)),
            (None, problems) if !has_errors(&problems) => Err(vec![NOT_LOWERED.to_owned()]),
            (_, problems) => Err(vec![draw(&problems, &sources, false)]),
        }
    }
}

/// What texts make, unless a problem is an error. This is the one place that knows how.
pub(super) fn rulebook(
    texts: &Texts,
    sources: &mut source::Sources,
) -> (Option<Rulebook>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut playbooks = 0_usize;
    for (path, text) in texts.iter().filter(|(path, _)| !path.ends_with(".rhai")) {
        let file = sources.add(path.as_str(), text);
        problems.extend(
            sources
                .get(file)
                .into_iter()
                .flat_map(|file| yaml::parse(file).1),
        );
        playbooks = playbooks.saturating_add(1);
    }
    let parts: Vec<&[u8]> = texts
        .iter()
        .flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()])
        .collect();
    let book = (playbooks == 0).then(|| Rulebook {
        hash: Hash(hash_of(&parts)),
        ..Rulebook::default()
    });
    (book, problems)
}

/// Said of playbooks that are whole YAML.
const NOT_LOWERED: &str = "this build checks the YAML of playbooks and cannot run their rules";

/// What the runtime takes from steward.yaml.
pub(super) fn shell(config: &Config, fold_tail: bool) -> anyhow::Result<RuntimeConfig> {
    let mut connectors = std::collections::BTreeMap::new();
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

/// Playbooks and scripts of that configuration. Where there is no folder of playbooks, those that
/// came with the binary.
pub(super) fn texts_of(config: &Config) -> anyhow::Result<Texts> {
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
            read_folder(path, FOLDERS_MAX, &mut texts)?;
        } else {
            read_file(path, &mut texts)?;
        }
    }
    Ok(texts)
}

fn read_folder(folder: &Path, deeper: usize, texts: &mut Texts) -> anyhow::Result<()> {
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
            read_folder(&path, deeper - 1, texts)?;
        } else if end.is_some_and(|end| ENDS.contains(&end)) {
            read_file(&path, texts)?;
        }
    }
    Ok(())
}

fn read_file(path: &Path, texts: &mut Texts) -> anyhow::Result<()> {
    let reading = || format!("cannot read `{}`", path.display());
    let size = fs::metadata(path).with_context(reading)?.len();
    if size > limits::PAYLOAD_BYTES_MAX as u64 {
        bail!("`{}` is larger than 1 MiB", path.display());
    }
    let text = fs::read_to_string(path).with_context(reading)?;
    let shown = path.strip_prefix(".").unwrap_or(path);
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
        for name in ["b.yaml", "deep/a.rhai", ".c.yaml", "d.yaml~", "e.txt"] {
            fs::write(at(name), "x").unwrap();
        }
        let texts = texts_at(&[folder.path().to_owned()]).unwrap();
        let names: Vec<PathBuf> = texts.keys().map(PathBuf::from).collect();
        assert_eq!(names, [at("b.yaml"), at("deep/a.rhai")]);
    }

    #[test]
    fn the_built_in_configuration_is_whole() {
        let shell = shell(&Config::built_in(), false).unwrap();
        assert!(shell.links().unwrap().contains_key("sandbox"));
        assert_eq!(shell.communities.len(), 1);
    }
}
