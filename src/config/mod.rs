//! steward.yaml and the environment. [`parse`] is handed text and two ways to ask outside, so that
//! tests need neither; [`load`] is the only reader of both, at start and on every reload.

mod builtin;
mod communities;
mod connectors;
mod mask;
mod read;
mod secrets;

#[cfg(test)]
mod tests;

pub use connectors::{Connector, Pace};
pub use secrets::Purpose;

use crate::model::{Directory, Span, Text};
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::source::Sources;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// The file that is read when none is named.
pub const DEFAULT_PATH: &str = "steward.yaml";
/// Where hooks are taken unless `listen` says otherwise.
pub const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Everything that an operator configures outside of playbooks. Paths are as written: relative to
/// where the daemon runs.
#[derive(Clone)]
pub struct Config {
    pub listen: SocketAddr,
    /// sled, journal and snapshots.
    pub data: PathBuf,
    pub playbooks: PathBuf,
    pub scripts: PathBuf,
    /// IANA name; for communities that have none of their own.
    pub timezone: Text,
    /// Under which the platforms reach us, without a slash at the end.
    pub public_url: Option<String>,
    pub admin: Admin,
    pub journal: Journal,
    pub connectors: BTreeMap<Text, Connector>,
    pub endpoints: BTreeMap<Text, Endpoint>,
    /// By community id.
    pub communities: BTreeMap<Text, Directory>,
}

/// The console, the admin API and the metrics.
#[derive(Clone, Default)]
pub struct Admin {
    /// A listener of their own; `None` shares `listen`.
    pub listen: Option<SocketAddr>,
    /// `None`: one is made at first start.
    pub token: Option<SecretString>,
}

/// How much of the past is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Journal {
    pub keep: Span,
    /// Bytes.
    pub max: u64,
    /// Whether the text of messages that hit nothing is kept.
    pub text: bool,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            keep: Span::days(30),
            max: 10 << 30,
            text: true,
        }
    }
}

/// What a `webhook` step may call.
#[derive(Clone)]
pub struct Endpoint {
    /// Can hold a key of the service: `Debug` hides it.
    pub url: String,
    /// Signs what is sent, where it is set.
    pub secret: Option<SecretString>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint(***)")
    }
}

impl Config {
    /// What in `new` takes a restart to come true, as names of keys.
    pub fn needs_restart(&self, new: &Self) -> Vec<String> {
        let mut names = Vec::new();
        if self.listen != new.listen {
            names.push("listen".to_owned());
        }
        if self.admin.listen != new.admin.listen {
            names.push("admin.listen".to_owned());
        }
        if self.data != new.data {
            names.push("data".to_owned());
        }
        for (name, connector) in &self.connectors {
            let changed = |other: &Connector| other.kind() != connector.kind();
            if new.connectors.get(name).is_some_and(changed) {
                names.push(format!("connectors.{name}.kind"));
            }
        }
        names
    }
}

/// How to ask for what stands outside of steward.yaml.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// An environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The text of a file that holds a secret.
    pub read_file: &'a dyn Fn(&str) -> Option<String>,
    pub purpose: Purpose,
}

/// Reads a steward.yaml. The text is added to `sources` with the secrets in it masked, so that no
/// drawn error shows one. There is a configuration exactly when no problem is an error.
pub fn parse(
    sources: &mut Sources,
    path: &str,
    text: &str,
    outside: &Outside<'_>,
) -> (Option<Config>, Vec<Diagnostic>) {
    read::parse(sources, path, text, outside)
}

/// Reads the configuration from its file, the environment and the files of secrets. Without a path
/// it is `./steward.yaml` if there is one, else the built-in configuration.
///
/// # Errors
/// The file cannot be read, or is no UTF-8.
pub fn load(
    path: Option<&Path>,
    purpose: Purpose,
    sources: &mut Sources,
) -> std::io::Result<(Option<Config>, Vec<Diagnostic>)> {
    let default = Path::new(DEFAULT_PATH);
    let text = match std::fs::read_to_string(path.unwrap_or(default)) {
        Ok(text) => text,
        Err(error) if path.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok((Some(Config::built_in()), Vec::new()));
        }
        Err(error) => return Err(error),
    };
    let outside = Outside {
        env: &environment,
        read_file: &|path| std::fs::read_to_string(path).ok(),
        purpose,
    };
    let shown = path.unwrap_or(default).display().to_string();
    Ok(parse(sources, &shown, &text, &outside))
}

/// An environment variable, if it is set and is text.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
