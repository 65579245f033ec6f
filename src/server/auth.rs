//! Who may command: the bearer of the admin token, asking for a host that is ours.

use super::{Doors, Error, counts::Count};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Name of the file in `data/` that holds a token that nobody configured.
pub const TOKEN_FILE: &str = "admin.token";
/// Bytes of chance in a token that is made here.
const TOKEN_BYTES: usize = 32;
/// Wrong tokens that wait for their answer at once; more are told to come later at once. With the
/// pause of [`super::Limits::wrong_token`] this bounds how fast tokens can be tried.
pub(super) const FAILURES_AT_ONCE_MAX: usize = 4;

/// The admin token, kept as its hash.
#[derive(Clone)]
pub struct AdminToken([u8; 32]);

impl AdminToken {
    /// The token that must be shown.
    pub fn new(token: &SecretString) -> Self {
        Self(Sha256::digest(token.expose_secret().as_bytes()).into())
    }

    /// Compares in constant time.
    pub fn is(&self, shown: &str) -> bool {
        let shown: [u8; 32] = Sha256::digest(shown.as_bytes()).into();
        self.0.ct_eq(&shown).into()
    }
}

/// The token in `data/`, if one was made.
pub fn read_token(data: &Path) -> io::Result<Option<SecretString>> {
    match std::fs::read_to_string(data.join(TOKEN_FILE)) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => Ok(Some(text.trim().to_owned().into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The token in `data/`; the path as well when it was made just now. The file is for its owner
/// alone.
pub fn load_or_make_token(data: &Path) -> io::Result<(SecretString, Option<PathBuf>)> {
    let path = data.join(TOKEN_FILE);
    if let Some(token) = read_token(data)? {
        let mode = std::fs::metadata(&path)?.permissions().mode();
        if mode & 0o077 != 0 {
            tracing::warn!(path = %path.display(), "Others can read the admin token; its mode should be 0600.");
        }
        return Ok((token, None));
    }
    let mut chance = [0; TOKEN_BYTES];
    getrandom::fill(&mut chance).map_err(io::Error::other)?;
    let token = URL_SAFE_NO_PAD.encode(chance);
    std::fs::create_dir_all(data)?;
    write_for_owner(&path, &token)?;
    Ok((token.into(), Some(path)))
}

/// Writes beside the file and renames, so that a crash leaves no half token.
fn write_for_owner(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("token.new");
    match std::fs::remove_file(&beside) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Which hosts the admin doors answer for. A page that rebinds its name to our address names a host
/// of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Bound to an address of the network: operators put names of theirs in front of it.
    Any,
    /// Bound to loopback: `localhost`, loopback addresses, and the host of `public_url`.
    Loopback { public: Option<String> },
}

impl Hosts {
    /// The hosts for a listener on that address.
    pub fn of(bound: IpAddr, public_url: Option<&str>) -> Self {
        if !bound.is_loopback() {
            return Self::Any;
        }
        let public = public_url.and_then(|url| url::Url::parse(url).ok());
        Self::Loopback {
            public: public.and_then(|url| url.host_str().map(str::to_owned)),
        }
    }

    /// True if the `Host` header names one of them.
    pub fn allow(&self, host: Option<&str>) -> bool {
        let Self::Loopback { public } = self else {
            return true;
        };
        let Some(host) = host else {
            return false;
        };
        let name = without_port(host);
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        name.eq_ignore_ascii_case("localhost")
            || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
            || public
                .as_deref()
                .is_some_and(|public| public.eq_ignore_ascii_case(name))
    }
}

/// `[::1]:8080` → `[::1]`, `localhost:8080` → `localhost`.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            if name.contains(':') && !name.ends_with(']') {
                host
            } else {
                name
            }
        }
        Some(_) | None => host,
    }
}

fn host(request: &Request) -> Option<&str> {
    let header = request.headers().get(header::HOST);
    header
        .and_then(|host| host.to_str().ok())
        .or_else(|| request.uri().host())
}

/// Middleware: only hosts of ours.
pub(super) async fn our_host(
    State(doors): State<Arc<Doors>>,
    request: Request,
    next: Next,
) -> Response {
    if !doors.hosts.allow(host(&request)) {
        return refused(&doors, Error::WrongHost);
    }
    next.run(request).await
}

/// Middleware: only with the admin token.
pub(super) async fn bearer(
    State(doors): State<Arc<Doors>>,
    request: Request,
    next: Next,
) -> Response {
    match check(&doors, request.headers()).await {
        Ok(()) => next.run(request).await,
        Err(error) => refused(&doors, error),
    }
}

async fn check(doors: &Doors, headers: &HeaderMap) -> Result<(), Error> {
    let header = headers.get(header::AUTHORIZATION);
    let shown = header
        .and_then(|value| value.to_str().ok())
        .and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        })
        .ok_or(Error::NoToken)?;
    if doors.token.is(shown) {
        return Ok(());
    }
    let Ok(_waiting) = doors.failures.try_acquire() else {
        return Err(Error::TooManyWrongTokens);
    };
    tokio::time::sleep(doors.limits.wrong_token).await;
    Err(Error::WrongToken)
}

fn refused(doors: &Doors, error: Error) -> Response {
    let word = error.word();
    doors.counts.add(Count::AdminRefusals, "", word, 1);
    tracing::warn!(error = word, "Turned an admin request away.");
    error.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_itself_opens() {
        let token = AdminToken::new(&"correct horse".into());
        assert!(token.is("correct horse"));
        for wrong in ["", "correct hors", "correct horse ", "Correct horse"] {
            assert!(!token.is(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_token_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let (made, path) = load_or_make_token(&data).unwrap();
        let path = path.unwrap();
        assert_eq!(made.expose_secret().len(), 43, "32 bytes in base64");
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let (kept, path) = load_or_make_token(&data).unwrap();
        assert_eq!(kept.expose_secret(), made.expose_secret());
        assert_eq!(path, None);
        let other = tempfile::tempdir().unwrap();
        let (another, _) = load_or_make_token(other.path()).unwrap();
        assert_ne!(another.expose_secret(), made.expose_secret());
    }

    #[test]
    fn on_loopback_a_foreign_host_name_is_turned_away() {
        let loopback = "127.0.0.1".parse().unwrap();
        let hosts = Hosts::of(loopback, Some("https://Steward.example.org/x"));
        for ours in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:1",
            "[::1]:8080",
            "steward.example.org",
            "steward.example.org:443",
        ] {
            assert!(hosts.allow(Some(ours)), "{ours}");
        }
        for foreign in [
            "evil.example",
            "localhost.evil.example:8080",
            "10.0.0.1",
            "",
            "::1:x",
        ] {
            assert!(!hosts.allow(Some(foreign)), "{foreign}");
        }
        assert!(!hosts.allow(None));
    }

    #[test]
    fn on_the_network_any_name_may_stand_in_front() {
        let hosts = Hosts::of("0.0.0.0".parse().unwrap(), None);
        assert!(hosts.allow(Some("evil.example")) && hosts.allow(None));
    }
}
