//! Standard Webhooks signatures: HMAC-SHA256 over id, time and raw body, checked and made.

use crate::connector::http::Headers;
use crate::connector::{BadSettings, Error, Payload, Request};
use crate::model::{Millis, time};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_PAD_INDIFFERENT};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;

/// Header that names a message, the same on every attempt.
pub(in crate::connector) const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// How far a sender's clock may be from ours, either way (platforms/standard-webhooks.md, Verify 2).
const TOLERANCE_MS: Millis = 5 * time::MINUTE;

/// The signature scheme we know; others in the list are passed over.
const VERSION: &str = "v1";

/// The keys of one peer. All of them verify, so that a secret can be exchanged without a gap; the
/// first one signs.
#[derive(Debug)]
pub(in crate::connector) struct Keys(Vec<SecretSlice<u8>>);

/// What the headers of a payload say, before anything is believed.
struct Claim<'a> {
    id: &'a str,
    timestamp: &'a str,
    signatures: &'a str,
}

impl Keys {
    /// Reads secrets of the form `whsec_` + base64; the prefix may be missing, as in the libraries.
    /// Their length is the peers' agreement: the specification asks for 24 to 64 bytes, no library
    /// insists.
    pub(in crate::connector) fn read(secrets: &[SecretString]) -> Result<Self, BadSettings> {
        if secrets.is_empty() {
            return Err(BadSettings::NoSecret);
        }
        let keys = secrets.iter().map(|secret| {
            let text = secret.expose_secret().trim();
            let encoded = text.strip_prefix("whsec_").unwrap_or(text);
            let key = STANDARD_PAD_INDIFFERENT.decode(encoded).unwrap_or_default();
            if key.is_empty() {
                Err(BadSettings::BadSecret)
            } else {
                Ok(key.into())
            }
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// Checks the signature over the raw bytes and the age of a payload. Answers its message id.
    pub(in crate::connector) fn verify<'a>(&self, payload: &Payload<'a>) -> Result<&'a str, Error> {
        let claim = Claim::of(payload.headers).ok_or(Error::Unsigned)?;
        let seconds: i64 = claim.timestamp.parse().ok().ok_or(Error::Forged)?;
        let sent_at = seconds.saturating_mul(time::SECOND);
        if payload.arrived_at.saturating_sub(sent_at).saturating_abs() > TOLERANCE_MS {
            return Err(Error::Stale);
        }
        // With a full stop in it, the id could be shifted into the timestamp.
        if claim.id.contains('.') || !self.signed(&claim, payload.body) {
            return Err(Error::Forged);
        }
        Ok(claim.id)
    }

    /// Adds time and signature to a request that already carries its [`ID`].
    pub(in crate::connector) fn sign(&self, request: &mut Request, now: Millis) {
        let named = request.headers.iter().find(|(name, _)| *name == ID);
        let (Some((_, id)), Some(key)) = (named, self.0.first()) else {
            return;
        };
        let timestamp = now.div_euclid(time::SECOND).to_string();
        let Some(digest) = digest(key.expose_secret(), id, &timestamp, &request.body) else {
            return;
        };
        let signature = STANDARD.encode(digest.finalize().into_bytes());
        request.headers.push((TIMESTAMP, timestamp));
        request
            .headers
            .push((SIGNATURE, format!("{VERSION},{signature}")));
    }

    fn signed(&self, claim: &Claim<'_>, body: &[u8]) -> bool {
        let entries = claim.signatures.split(' ');
        let known = entries.filter_map(|entry| {
            let (version, encoded) = entry.split_once(',')?;
            (version == VERSION).then(|| STANDARD.decode(encoded).ok())?
        });
        known.into_iter().any(|signature| {
            self.0.iter().any(|key| {
                digest(key.expose_secret(), claim.id, claim.timestamp, body)
                    .is_some_and(|digest| digest.verify_slice(&signature).is_ok())
            })
        })
    }
}

impl<'a> Claim<'a> {
    /// Reads the three headers under their own names, or under the ones that Svix still sends.
    fn of(headers: &'a Headers) -> Option<Self> {
        let either = |name: &str, alias: &str| headers.get(name).or_else(|| headers.get(alias));
        Some(Self {
            id: either(ID, "svix-id").filter(|id| !id.is_empty())?,
            timestamp: either(TIMESTAMP, "svix-timestamp")?,
            signatures: either(SIGNATURE, "svix-signature")?,
        })
    }
}

/// The keyed digest over `id.timestamp.body`. HMAC takes keys of any length, so `None` never comes.
fn digest(key: &[u8], id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut digest = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        digest.update(part);
    }
    Some(digest)
}
