//! Links in plain text.

use crate::model::Text;

/// The web addresses in a text, in order. An address ends at white space, quotes, angle brackets and
/// Chinese punctuation; punctuation at its end belongs to the sentence around it.
pub fn links_in(text: &str) -> Vec<Text> {
    let mut links = Vec::new();
    let mut rest = text;
    while let Some((start, scheme)) = next_scheme(rest) {
        let Some(from) = rest.get(start..) else { break };
        let end = from.find(ends_link).unwrap_or(from.len());
        let (link, tail) = from.split_at_checked(end).unwrap_or((from, ""));
        let link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'']);
        if link.len() > scheme {
            links.push(link.into());
        }
        rest = tail;
    }
    links
}

/// Where the next address begins, and the length of its scheme with `://`.
fn next_scheme(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let starts = |from: usize, word: &str| {
        let end = from.checked_add(word.len());
        let found = end.and_then(|end| bytes.get(from..end));
        found.is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    };
    (0..bytes.len()).find_map(|from| {
        let schemes = ["http://", "https://"].into_iter();
        let mut schemes = schemes.filter(|scheme| starts(from, scheme));
        schemes.next().map(|scheme| (from, scheme.len()))
    })
}

fn ends_link(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '<' | '>' | '"' | '`' | '\u{2018}'..='\u{201d}' | '\u{2026}'
                | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}'
        )
}
