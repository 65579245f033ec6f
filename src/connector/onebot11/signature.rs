//! `X-Signature: sha1=<hex>`: HMAC-SHA1 of the raw body under the shared secret
//! (platforms/onebot.md §1). It covers neither time nor a nonce, so a repetition is recognised by
//! the events' ids alone.

use crate::connector::{Error, http::Headers};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;

/// Checks the header against the body, in constant time.
pub(super) fn verify(secret: &SecretString, headers: &Headers, body: &[u8]) -> Result<(), Error> {
    let header = headers.get("x-signature").ok_or(Error::Unsigned)?;
    let claimed = header
        .trim()
        .strip_prefix("sha1=")
        .and_then(from_hex)
        .ok_or(Error::Forged)?;
    // HMAC takes keys of any length, so the error cannot come about; it must not let anyone in.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.expose_secret().as_bytes()) else {
        return Err(Error::Forged);
    };
    mac.update(body);
    if mac.verify_slice(&claimed).is_ok() {
        Ok(())
    } else {
        Err(Error::Forged)
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| {
            let high = char::from(*high).to_digit(16)?;
            let low = char::from(*low).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        })
        .collect()
}
