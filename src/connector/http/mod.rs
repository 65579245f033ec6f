//! HTTP for connectors: headers coming in, one client going out. The client follows no redirect,
//! takes no proxy from the environment, reads no more than it must and never waits without end.

mod address;

#[cfg(test)]
mod tests;

use super::{Answer, Failure, Request, Response};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Header names in lower case with their values; a name can occur more than once.
#[derive(Clone, Debug, Default)]
pub struct Headers(pub Vec<(String, Vec<u8>)>);

impl Headers {
    /// The first value of a header, if it is text.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .0
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }
}

/// Time for a connection, TLS included. Past it nothing was sent.
pub const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Time for a whole exchange, from the name's resolution to the last byte of the answer. Senders of
/// webhooks grant 15 to 30 s (platforms/standard-webhooks.md).
pub const EXCHANGE_MAX: Duration = Duration::from_secs(30);
/// How long an idle connection is kept. Servers on Node.js close theirs after 5 s; a request that goes
/// into a connection just being closed is lost, and nobody knows whether it was seen.
const IDLE_MAX: Duration = Duration::from_secs(4);
/// Bytes of an answer that are read; what platforms answer to an action is far shorter.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Bytes of an answer that lists people: 100,000 of them at some 80 bytes.
const ROSTER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How the client behaves. The default is what the daemon runs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    pub connect: Duration,
    pub exchange: Duration,
    /// Webhooks and endpoints may go to private and loopback addresses too.
    pub allow_private: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect: CONNECT_MAX,
            exchange: EXCHANGE_MAX,
            allow_private: false,
        }
    }
}

/// Which addresses a request may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Any: a platform's API, which operators often run on the same machine.
    Any,
    /// Only the public internet, unless [`Options::allow_private`]: webhooks and endpoints.
    Public,
}

/// How much of an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// An action's answer: 16 KiB.
    Answer,
    /// A list of members: 8 MiB.
    Roster,
}

impl Cut {
    const fn bytes(self) -> usize {
        match self {
            Self::Answer => ANSWER_BYTES_MAX,
            Self::Roster => ROSTER_BYTES_MAX,
        }
    }
}

/// The HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the HTTP client")]
pub struct SetUpError(#[source] reqwest::Error);

/// Carries requests of all connectors. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Client {
    any: reqwest::Client,
    public: reqwest::Client,
    options: Options,
}

impl Client {
    /// Sets up TLS with the system's certificates. On a machine without any, addresses with `https`
    /// cannot be reached and those with `http` still work.
    pub fn new(options: Options) -> Result<Self, SetUpError> {
        // An error means that one was installed before, which is what is wanted.
        drop(rustls::crypto::ring::default_provider().install_default());
        let build = |guard: Guard| {
            let with_system = builder(options, guard).build();
            with_system.or_else(|_| {
                let without = builder(options, guard).tls_certs_only(std::iter::empty());
                without.build().map_err(SetUpError)
            })
        };
        Ok(Self {
            any: build(Guard::Any)?,
            public: build(Guard::Public)?,
            options,
        })
    }

    /// Sends a request and reads its answer, within [`Options::exchange`] in all.
    pub async fn exchange(&self, request: Request, guard: Guard, cut: Cut) -> Answer {
        let work = self.attempt(request, guard, cut.bytes());
        match tokio::time::timeout(self.options.exchange, work).await {
            Ok(Ok(response)) => Answer::Response(response),
            Ok(Err(failure)) => Answer::Failed(failure),
            // It may have gone out, or not.
            Err(_elapsed) => Answer::Failed(Failure::Lost),
        }
    }

    async fn attempt(
        &self,
        request: Request,
        guard: Guard,
        bytes_max: usize,
    ) -> Result<Response, Failure> {
        let guarded = guard == Guard::Public && !self.options.allow_private;
        // An address that cannot be read is none that is allowed.
        let url: url::Url = request.url.parse().ok().ok_or(Failure::Blocked)?;
        if guarded && !literal_is_public(&url) {
            return Err(Failure::Blocked);
        }
        let method = reqwest::Method::from_bytes(request.method.as_bytes());
        let method = method.ok().ok_or(Failure::Blocked)?;
        let client = if guarded { &self.public } else { &self.any };
        let mut outgoing = client.request(method, url).body(request.body);
        for (name, value) in request.headers {
            outgoing = outgoing.header(name, value);
        }
        let mut answer = outgoing.send().await.map_err(|error| failure(&error))?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get(reqwest::header::RETRY_AFTER);
        let retry_after_s = retry_after
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.trim().parse().ok());
        let mut body = Vec::new();
        while body.len() < bytes_max {
            match answer.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(_) => return Err(Failure::Lost),
            }
        }
        body.truncate(bytes_max);
        Ok(Response {
            status,
            retry_after_s,
            body,
        })
    }
}

fn builder(options: Options, guard: Guard) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("steward/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(options.connect)
        .pool_idle_timeout(IDLE_MAX)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy();
    match guard {
        Guard::Any => builder,
        Guard::Public => builder.dns_resolver(PublicNames),
    }
}

/// What it means that no answer came.
fn failure(error: &reqwest::Error) -> Failure {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if inner.is::<NotPublic>() {
            return Failure::Blocked;
        }
        cause = inner.source();
    }
    if error.is_builder() {
        // An address or a header that no request can be made of: nothing was sent, nor can be.
        Failure::Blocked
    } else if error.is_connect() {
        Failure::Connect
    } else {
        Failure::Lost
    }
}

/// Names are checked when they are resolved; addresses written as numbers never get there.
fn literal_is_public(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address::is_public(IpAddr::V4(address)),
        Some(url::Host::Ipv6(address)) => address::is_public(IpAddr::V6(address)),
        Some(url::Host::Domain(_)) => true,
        None => false,
    }
}

/// Resolves names to public addresses only. The connection goes to the very address that was
/// checked, so a name that changes its address in between (DNS rebinding) gains nothing.
struct PublicNames;

#[derive(Debug, thiserror::Error)]
#[error("the name has no public address")]
struct NotPublic;

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found
                .filter(|address| address::is_public(address.ip()))
                .collect();
            if public.is_empty() {
                return Err(NotPublic.into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}
