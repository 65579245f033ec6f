//! Names of things: short texts from outside, small numbers inside, hashes for what must be the
//! same in a live run, a test and a replay.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Immutable shared text. Cloning costs a counter.
pub type Text = Arc<str>;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// A map for look-ups only: its order is fixed by its hasher but means nothing, so nothing may
/// iterate over one inside the fold.
#[expect(
    clippy::disallowed_types,
    reason = "the fixed hasher makes it the same in every run"
)]
pub type Map<K, V> = std::collections::HashMap<K, V, rustc_hash::FxBuildHasher>;

/// A set for look-ups only; see [`Map`].
#[expect(
    clippy::disallowed_types,
    reason = "the fixed hasher makes it the same in every run"
)]
pub type Set<T> = std::collections::HashSet<T, rustc_hash::FxBuildHasher>;

/// A member of one community, as a dense number. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MemberNo(pub u32);

/// A group of one community, as a dense number. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupNo(pub u32);

/// Identity of a run: hash of (community, rule, per key, triggering event or planned time).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunId(pub u64);

/// Identity of an effect: hash of (run id, step path, iteration). It is the idempotency key that a
/// connector gives to the platform, constant over all attempts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EffectId(pub u64);

/// Content hash of a rulebook (all texts it was made from) or of one rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Hash(pub u64);

/// Prints and parses 64-bit identities as 13 characters of Crockford's base 32 (no I, L, O, U), so
/// that a person can read one out on the phone.
macro_rules! readable {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&base32(self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), base32(self.0))
            }
        }
        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                from_base32(text).map(Self).ok_or(BadId)
            }
        }
    };
}
readable!(RunId);
readable!(EffectId);
readable!(Hash);

/// The text is not a 13-character identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 13 letters and digits, without I, L, O and U")]
pub struct BadId;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn base32(number: u64) -> String {
    (0..13)
        .rev()
        .map(|place| {
            let digit = (number >> (place * 5)) & 31;
            ALPHABET
                .get(digit as usize)
                .map_or('0', |byte| char::from(*byte))
        })
        .collect()
}

fn from_base32(text: &str) -> Option<u64> {
    if text.len() != 13 {
        return None;
    }
    text.bytes().try_fold(0_u64, |sum, byte| {
        let digit = ALPHABET
            .iter()
            .position(|known| *known == byte.to_ascii_uppercase())?;
        let shifted = sum.checked_mul(32)?;
        Some(shifted | digit as u64)
    })
}

/// Hashes parts into a number that is the same on every machine and in every version. Each part
/// is preceded by its length, so that `("ab", "c")` and `("a", "bc")` differ.
pub fn hash_of(parts: &[&[u8]]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut eight = [0; 8];
    hasher.finalize_xof().fill(&mut eight);
    u64::from_le_bytes(eight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_as_they_print() {
        for number in [0, 1, 31, 32, u64::MAX, 0x0123_4567_89ab_cdef] {
            let printed = RunId(number).to_string();
            assert_eq!(printed.len(), 13);
            assert_eq!(printed.parse::<RunId>(), Ok(RunId(number)));
            assert_eq!(printed.to_lowercase().parse::<RunId>(), Ok(RunId(number)));
        }
        assert_eq!("ZZZZZZZZZZZZZ".parse::<RunId>(), Err(BadId), "over 64 bits");
        assert_eq!("short".parse::<RunId>(), Err(BadId));
    }

    #[test]
    fn parts_of_a_hash_do_not_run_together() {
        assert_ne!(hash_of(&[b"ab", b"c"]), hash_of(&[b"a", b"bc"]));
    }
}
