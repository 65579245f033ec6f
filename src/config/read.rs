//! The tree of steward.yaml, key by key.

use super::mask::mask;
use super::secrets;
use super::{Admin, Config, DEFAULT_LISTEN, Journal, Outside};
use crate::model::{ConnectorFacts, Text};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::{Diagnostic, has_errors};
use crate::playbook::scalars;
use crate::playbook::shape::{Field, Fields, Report};
use crate::playbook::source::{SourceFile, Sources};
use crate::playbook::yaml;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::ops::Range;
use std::path::PathBuf;

const KEYS: [&str; 11] = [
    "steward",
    "listen",
    "data",
    "playbooks",
    "scripts",
    "timezone",
    "public_url",
    "admin",
    "journal",
    "connectors",
    "endpoints",
];
/// The version of the format that this build reads.
const FORMAT: &str = "1";

/// Reads one file and keeps what is wrong with it.
pub(super) struct Reader<'a, 'o> {
    pub(super) report: Report<'a>,
    pub(super) outside: &'a Outside<'o>,
    /// All names of connectors, also of those that could not be read.
    pub(super) connector_names: BTreeSet<Text>,
}

pub(super) fn parse(
    sources: &mut Sources,
    path: &str,
    text: &str,
    outside: &Outside<'_>,
) -> (Option<Config>, Vec<Diagnostic>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (masked, hidden) = mask(text);
    let file = SourceFile {
        id: sources.add(path, &masked),
        path: path.into(),
        text: text.into(),
    };
    let (tree, mut problems) = yaml::parse(&file);
    let mut config = None;
    if let Some(tree) = tree {
        let mut reader = Reader {
            report: Report::new(&file),
            outside,
            connector_names: BTreeSet::new(),
        };
        config = reader.config(Field::item(&tree));
        problems.append(&mut reader.report.problems);
    }
    for problem in &mut problems {
        discreet(problem, &hidden);
    }
    let taken = config.filter(|_| !has_errors(&problems));
    (taken, problems)
}

/// A problem in or beside a secret says nothing of it.
fn discreet(problem: &mut Diagnostic, hidden: &[Range<usize>]) {
    let touches = |start: usize, end: usize| {
        let mut hidden = hidden.iter();
        hidden.any(|range| range.start < end.max(start + 1) && start < range.end)
    };
    let edit = problem.help.as_ref().and_then(|help| help.edit.as_ref());
    let shown = edit.is_some_and(|edit| touches(edit.spot.start, edit.spot.end));
    if shown && let Some(help) = &mut problem.help {
        help.edit = None;
    }
    if touches(problem.spot.start, problem.spot.end) && problem.code.id() < "S02" {
        "this value cannot be read as it is written".clone_into(&mut problem.message);
        "its text is hidden here".clone_into(&mut problem.label);
    }
}

impl Reader<'_, '_> {
    fn config(&mut self, root: Field<'_>) -> Option<Config> {
        let map = self.report.map(root, "keys such as `connectors:`")?;
        let known: Vec<&str> = KEYS.iter().copied().chain(["communities"]).collect();
        self.report.known(map, &known, &["routes"]);
        self.format(map);
        let zone = map
            .get("timezone")
            .and_then(|field| self.report.zone(field));
        let timezone = zone.map_or_else(|| Text::from("UTC"), |(name, _)| name);
        let connectors = map.get("connectors");
        let connectors = connectors.map(|field| self.connectors(field));
        let connectors = connectors.unwrap_or_default();
        let endpoints = map.get("endpoints").map(|field| self.endpoints(field));
        let facts: BTreeMap<Text, ConnectorFacts> = connectors
            .iter()
            .map(|(name, connector)| (name.clone(), connector.facts()))
            .collect();
        let communities = map.get("communities");
        let communities = communities.map(|field| self.communities(field, &timezone, &facts));
        let listen = map.get("listen").and_then(|field| self.socket(field));
        Some(Config {
            listen: listen.unwrap_or(DEFAULT_LISTEN),
            data: self.path(map, "data", "./data"),
            playbooks: self.path(map, "playbooks", "./playbooks"),
            scripts: self.path(map, "scripts", "./scripts"),
            public_url: map.get("public_url").and_then(|field| self.url(field)),
            admin: self.admin(map),
            journal: self.journal(map),
            timezone,
            connectors,
            endpoints: endpoints.unwrap_or_default(),
            communities: communities.unwrap_or_default(),
        })
    }

    fn format(&mut self, map: Fields<'_>) {
        let why = "the version of the format comes first: `steward: 1`";
        let Some(field) = self.report.need(map, "steward", why) else {
            return;
        };
        let Some(text) = self.report.text(field, "`1`") else {
            return;
        };
        if text != FORMAT {
            let newer = text.parse::<u32>().is_ok_and(|version| version > 1);
            let message = if newer {
                format!("this file needs a Steward that reads format {text}")
            } else {
                format!("`steward` takes `{FORMAT}`, not `{text}`")
            };
            let code = if newer {
                Code::NewerFormat
            } else {
                Code::WrongType
            };
            let problem = Diagnostic::error(code, field.spot(), message);
            self.report
                .push(problem.label(format!("this one reads format {FORMAT}")));
        }
    }

    fn admin(&mut self, map: Fields<'_>) -> Admin {
        let field = map.get("admin");
        let map = field.and_then(|field| self.report.map(field, "a map with `listen` and `token`"));
        let Some(map) = map else {
            return Admin::default();
        };
        self.report.known(map, &["listen", "token"], &[]);
        let token = map.get("token");
        Admin {
            listen: map.get("listen").and_then(|field| self.socket(field)),
            token: token.and_then(|field| secrets::secret(&mut self.report, field, self.outside)),
        }
    }

    fn journal(&mut self, map: Fields<'_>) -> Journal {
        let default = Journal::default();
        let field = map.get("journal");
        let map = field.and_then(|field| self.report.map(field, "a map with `keep` and `max`"));
        let Some(map) = map else { return default };
        self.report.known(map, &["keep", "max", "text"], &[]);
        let keep = map
            .get("keep")
            .and_then(|field| self.report.duration(field));
        let text = map
            .get("text")
            .and_then(|field| self.report.yes_or_no(field));
        Journal {
            keep: keep.unwrap_or(default.keep),
            max: map
                .get("max")
                .and_then(|field| self.size(field))
                .unwrap_or(default.max),
            text: text.unwrap_or(default.text),
        }
    }

    fn size(&mut self, field: Field<'_>) -> Option<u64> {
        let text = self.report.text(field, "a size such as `10GiB`")?;
        let size = scalars::size(text).filter(|size| *size > 0);
        if size.is_none() {
            let message = format!("`{text}` is not a size");
            let problem = Diagnostic::error(Code::WrongType, field.spot(), message)
                .label("a number and `KiB`, `MiB`, `GiB` or `TiB`");
            let binary = text.trim_end_matches(['B', 'b']).to_uppercase() + "iB";
            let fixed = scalars::size(&binary).is_some();
            self.report.push(if fixed {
                problem.fix(format!("write `{binary}`"), field.spot(), binary)
            } else {
                problem
            });
        }
        size
    }

    fn path(&mut self, map: Fields<'_>, key: &str, default: &str) -> PathBuf {
        let field = map.get(key);
        let text = field.and_then(|field| self.report.text(field, "a folder such as `./data`"));
        text.unwrap_or(default).into()
    }

    fn socket(&mut self, field: Field<'_>) -> Option<SocketAddr> {
        let filled = secrets::fill(&mut self.report, field, self.outside)?;
        let found = filled.text.parse().ok();
        if found.is_none() && !filled.incomplete {
            let message = format!("`{}` is no address to listen on", filled.text);
            let problem = Diagnostic::error(Code::BadAddress, field.spot(), message)
                .label("an IP address and a port, such as `127.0.0.1:8080`");
            let port = filled.text.strip_prefix("localhost:");
            let fixed = port.map(|port| format!("127.0.0.1:{port}"));
            let fixed = fixed.filter(|fixed| fixed.parse::<SocketAddr>().is_ok());
            self.report.push(match fixed {
                Some(fixed) => problem.fix(format!("write `{fixed}`"), field.spot(), fixed),
                None => problem,
            });
        }
        found
    }

    /// An address of HTTP, without slashes at its end.
    pub(super) fn url(&mut self, field: Field<'_>) -> Option<String> {
        let filled = secrets::fill(&mut self.report, field, self.outside)?;
        if filled.incomplete {
            return Some(filled.text);
        }
        let parsed = url::Url::parse(&filled.text).ok();
        let good = parsed.is_some_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.host_str().is_some()
        });
        if !good {
            let message = format!("{} takes an address", field.name());
            self.report.push(
                Diagnostic::error(Code::BadAddress, field.spot(), message)
                    .label("such as `https://example.org/path`"),
            );
            return None;
        }
        Some(filled.text.trim_end_matches('/').to_owned())
    }

    /// The key of an entry as a name: an id.
    pub(super) fn name(&mut self, field: Field<'_>) -> Option<Text> {
        let key = field.key?;
        if scalars::is_id(&key.text) {
            return Some(key.text.clone());
        }
        self.report.not_an_id(key.spot, &key.text);
        None
    }
}
