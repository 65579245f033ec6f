//! steward.yaml, playbooks and scripts from a test's own texts, made into what the runtime takes in
//! the way of the daemon's own loader.

use std::collections::BTreeMap;
use std::path::Path;
use steward::config::{self, Config, Outside, Purpose};
use steward::connector::{build, http};
use steward::engine::Rules;
use steward::model::Text;
use steward::playbook::diagnostic::has_errors;
use steward::playbook::draw::draw;
use steward::playbook::lower::{SourceText, Surroundings, load};
use steward::playbook::source;
use steward::runtime::{self, ConnectorSetup, EndpointSetup, Loader, RuntimeConfig, Sources};
use steward::store::Keep;

/// A test's files.
pub(crate) struct Texts {
    yaml: String,
    files: runtime::Texts,
}

impl Texts {
    pub(crate) fn new(yaml: String, files: &[(&str, &str)]) -> Self {
        let files = files.iter();
        Self {
            yaml,
            files: files
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
                .collect(),
        }
    }

    fn config(&self) -> Result<Config, Vec<String>> {
        let mut sources = source::Sources::default();
        let outside = Outside {
            env: &|_| None,
            read_file: &|_| None,
            purpose: Purpose::Run,
        };
        let (config, problems) = config::parse(&mut sources, "steward.yaml", &self.yaml, &outside);
        config
            .filter(|_| !has_errors(&problems))
            .ok_or_else(|| vec![draw(&problems, &sources, false)])
    }

    /// What the runtime is told.
    pub(crate) fn shell(&self) -> Result<RuntimeConfig, Vec<String>> {
        let config = self.config()?;
        let connectors = config.connectors.iter().map(|(name, found)| {
            let rate = found
                .pace
                .over(build(&found.settings).unwrap().default_rate());
            let setup = ConnectorSetup {
                settings: found.settings.clone(),
                rate,
                hold_unknown: found.hold_unknown,
            };
            (name.clone(), setup)
        });
        let endpoints = config.endpoints.iter().map(|(name, endpoint)| {
            let setup = EndpointSetup {
                url: endpoint.url.clone(),
                secrets: endpoint.secret.iter().cloned().collect(),
            };
            (name.clone(), setup)
        });
        Ok(RuntimeConfig {
            connectors: connectors.collect(),
            endpoints: endpoints.collect(),
            communities: config.communities.into_iter().collect(),
            data: config.data,
            keep: Keep {
                age_ms: config.journal.keep.nominal_ms(),
                bytes: config.journal.max,
            },
            public_url: config.public_url,
            fold_tail: false,
            http: http::Options::default(),
        })
    }
}

impl Loader for Texts {
    fn read(&self) -> Result<Sources, Vec<String>> {
        Ok(Sources {
            config: self.shell()?,
            texts: self.files.clone(),
        })
    }

    fn compile(&self, texts: &runtime::Texts) -> Result<Rules, Vec<String>> {
        let config = self.config()?;
        let (mut files, mut scripts) = (Vec::new(), Vec::new());
        for (path, text) in texts {
            let is_script = Path::new(path).extension().is_some_and(|end| end == "rhai");
            let kind = if is_script { &mut scripts } else { &mut files };
            kind.push(SourceText {
                path: path.as_str().into(),
                text: text.as_str().into(),
            });
        }
        let endpoints: Vec<Text> = config.endpoints.keys().cloned().collect();
        let around = Surroundings {
            directories: &config.communities,
            endpoints: &endpoints,
            words: &BTreeMap::new(),
        };
        let loaded = load(&files, &scripts, &around);
        if has_errors(&loaded.diagnostics) {
            return Err(vec![draw(&loaded.diagnostics, &loaded.sources, false)]);
        }
        Ok(Rules::new(loaded.rulebook))
    }
}
