//! Secrets that stand in steward.yaml itself, hidden before any line of it is shown.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Keys whose values are secrets.
const KEYS: &str = r#"\b(?:access_token|secret_token|as_token|hs_token|token|secret)["']?[ \t]*:"#;

static KEY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(KEYS).ok());
static VALUE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^[ \t]*("(?:[^"\\]|\\.)*"?|'[^']*'?|\[[^\]]*\]?|[^,}]*)"#).ok());

/// The text with every literal secret made of stars, byte for byte, and where they are. References
/// (`${env:NAME}`) stay.
pub(super) fn mask(text: &str) -> (String, Vec<Range<usize>>) {
    let mut hidden: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    // Lines below a key that has nothing beside it belong to it while they are indented deeper.
    let mut below: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let indent = body.len() - body.trim_start_matches(' ').len();
        let item = body.trim_start().starts_with("- ");
        match below {
            Some(own) if body.trim().is_empty() || indent > own || (item && indent == own) => {
                hide(text, at + indent..at + body.len(), &mut hidden);
            }
            Some(_) | None => below = values(text, at, body, &mut hidden).then_some(indent),
        }
        at += line.len();
    }
    (starred(text, &hidden), hidden)
}

/// Hides the values on one line; true when the last key has its value on the lines below.
fn values(text: &str, at: usize, body: &str, hidden: &mut Vec<Range<usize>>) -> bool {
    let (Some(key), Some(value)) = (&*KEY, &*VALUE) else {
        return false;
    };
    let mut open = false;
    for found in key.find_iter(body) {
        let rest = body.get(found.end()..).unwrap_or_default();
        let Some(written) = value.captures(rest).and_then(|captures| captures.get(1)) else {
            continue;
        };
        let word = written.as_str().trim();
        open = word.is_empty() || word.starts_with(['|', '>', '#']);
        let start = at + found.end() + written.start();
        if !open {
            hide(
                text,
                start..start + written.as_str().trim_end().len(),
                hidden,
            );
        }
    }
    open
}

fn hide(text: &str, range: Range<usize>, hidden: &mut Vec<Range<usize>>) {
    let written = text.get(range.clone()).unwrap_or_default();
    let reference = ["${env:", "${file:"]
        .iter()
        .any(|form| written.contains(form));
    if !reference && !range.is_empty() {
        hidden.push(range);
    }
}

fn starred(text: &str, hidden: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for range in hidden {
        masked.push_str(text.get(done..range.start).unwrap_or_default());
        masked.push_str(&"*".repeat(range.len()));
        done = range.end;
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_secrets_are_hidden_and_references_stay() {
        let text = "token: hunter2 # mine\nqq: { secret: 'a, b', api: \"http://x\" }\n\
                    secret: \"${env:X}\"\nlist:\n  secret:\n    - one\n    - two\n  url: z\n";
        let (masked, hidden) = mask(text);
        assert_eq!(masked.len(), text.len());
        for secret in ["hunter2", "a, b", "one", "two"] {
            assert!(!masked.contains(secret), "{secret}: {masked}");
        }
        for kept in ["${env:X}", "http://x", "url: z", "qq: {"] {
            assert!(masked.contains(kept), "{kept}: {masked}");
        }
        assert_eq!(hidden.len(), 4);
    }
}
