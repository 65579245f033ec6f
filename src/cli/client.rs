//! The running daemon, asked through its admin API.

use super::hinted;
use crate::config::Config;
use crate::connector::http::{Client, Cut, Guard, Options};
use crate::connector::{Answer, Failure, Request};
use crate::server::{self, Told};
use anyhow::{Context, bail};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// The daemon answers at once, or is not there.
const CONNECT_MAX: Duration = Duration::from_secs(2);

/// What the daemon refused.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.error)]
pub(super) struct Refused(pub(super) Told);

/// The admin API of a running daemon.
pub(super) struct Daemon {
    client: Client,
    base: String,
    token: SecretString,
}

/// What a question came to.
pub(super) enum Asked<T> {
    Answered(T),
    /// Nobody listens there.
    NotThere,
}

impl Daemon {
    /// The daemon of that configuration; `None` when none ever ran here.
    pub(super) fn find(config: &Config) -> anyhow::Result<Option<Self>> {
        let token = match &config.admin.token {
            Some(token) => Some(token.clone()),
            None => server::read_token(&config.data).with_context(|| {
                let path = config.data.join(server::TOKEN_FILE);
                format!("cannot read the admin token `{}`", path.display())
            })?,
        };
        let Some(token) = token else {
            return Ok(None);
        };
        let options = Options {
            connect: CONNECT_MAX,
            ..Options::default()
        };
        let listen = config.admin.listen.unwrap_or(config.listen);
        Ok(Some(Self {
            client: Client::new(options)?,
            base: format!("http://{}/api/v1", reachable(listen)),
            token,
        }))
    }

    /// A list or a record.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<Asked<T>> {
        self.exchange("GET", path, Vec::new()).await
    }

    /// An order. The daemon must be there.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let body = serde_json::to_vec(body).context("cannot write the request")?;
        match self.exchange("POST", path, body).await? {
            Asked::Answered(answer) => Ok(answer),
            Asked::NotThere => Err(not_running()),
        }
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        method: &'static str,
        path: &str,
        body: Vec<u8>,
    ) -> anyhow::Result<Asked<T>> {
        let token = self.token.expose_secret();
        let request = Request {
            method,
            url: format!("{}{path}", self.base),
            headers: vec![
                ("authorization", format!("Bearer {token}")),
                ("content-type", "application/json".to_owned()),
                ("steward-by", "cli".to_owned()),
            ],
            body,
            unsafe_to_repeat: method == "POST",
        };
        match self.client.exchange(request, Guard::Any, Cut::Roster).await {
            Answer::Response(response) if response.status == 200 => {
                let answer = serde_json::from_slice(&response.body);
                let answer =
                    answer.context("the daemon's answer makes no sense to this steward")?;
                Ok(Asked::Answered(answer))
            }
            Answer::Response(response) => match serde_json::from_slice::<Told>(&response.body) {
                Ok(told) => Err(Refused(told).into()),
                Err(_not_ours) => bail!(
                    "what answers at {} is no steward (status {})",
                    self.base,
                    response.status
                ),
            },
            Answer::Failed(Failure::Connect) => Ok(Asked::NotThere),
            Answer::Failed(Failure::Lost | Failure::Blocked) => {
                bail!("the daemon at {} did not answer", self.base)
            }
        }
    }
}

/// The error for orders while no daemon runs.
pub(super) fn not_running() -> anyhow::Error {
    hinted("no steward runs here", "start it with `steward run`")
}

/// Where a listener is reached from this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// A path with a query; fields without a value are left out.
pub(super) fn with_query(path: &str, fields: &[(&str, Option<&str>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// One part of a path, with everything escaped that could end it.
pub(super) fn escaped(part: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/@:".contains(&byte);
    part.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_on_all_addresses_is_reached_over_loopback() {
        let at = |listen: &str| reachable(listen.parse().unwrap()).to_string();
        assert_eq!(at("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(at("[::]:80"), "[::1]:80");
        assert_eq!(at("10.0.0.7:80"), "10.0.0.7:80");
    }

    #[test]
    fn values_cannot_leave_their_place_in_an_address() {
        assert_eq!(
            with_query("/x", &[("q", Some("a&b=小")), ("r", None)]),
            "/x?q=a%26b%3D%E5%B0%8F"
        );
        assert_eq!(with_query("/x", &[("q", None)]), "/x");
        assert_eq!(escaped("mx/@ann:hs?x#小"), "mx/@ann:hs%3Fx%23%E5%B0%8F");
    }
}
