//! Text on its way to and from platforms: cutting what is too long for one message, and finding
//! links where a platform does not mark them.

mod links;

#[cfg(test)]
mod tests;

pub use links::links_in;

use crate::model::{Piece, RichText};

/// What a platform counts when it limits a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Unicode scalar values.
    Chars,
    /// UTF-16 code units, as Telegram does.
    Utf16,
    /// Bytes of UTF-8.
    Bytes,
}

impl Unit {
    fn of_char(self, of: char) -> usize {
        match self {
            Self::Chars => 1,
            Self::Utf16 => of.len_utf16(),
            Self::Bytes => of.len_utf8(),
        }
    }

    fn of_text(self, of: &str) -> usize {
        of.chars().map(|c| self.of_char(c)).sum()
    }
}

/// How far back from the limit a gap between words is looked for: longer than words are.
const WORD_CHARS_MAX: usize = 40;

/// Cuts a text into messages of at most `max_units` each: at the end of a line if there is one, else
/// of a sentence, else between two words, else between any two characters. A mention is never cut
/// and counts as `@name`; in every message those after the first `mentions_max` become plain text.
/// Messages that would show nothing are left out.
pub fn split(text: &RichText, max_units: usize, unit: Unit, mentions_max: usize) -> Vec<RichText> {
    let atoms = atoms(text, max_units, unit);
    let mut rest = atoms.as_slice();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let fitting = fitting(rest, max_units, unit);
        let cut = best_cut(rest, fitting);
        let (part, tail) = rest.split_at_checked(cut).unwrap_or((rest, &[]));
        parts.push(join(
            if tail.is_empty() {
                part
            } else {
                trim_end(part)
            },
            mentions_max,
        ));
        rest = trim_start(tail);
    }
    parts.retain(|part| !part.is_blank());
    parts
}

/// The smallest thing that is not cut.
#[derive(Clone, Copy)]
enum Atom<'a> {
    Char(char),
    Mention(&'a Piece),
}

impl Atom<'_> {
    const fn as_char(self) -> Option<char> {
        match self {
            Self::Char(c) => Some(c),
            Self::Mention(_) => None,
        }
    }

    fn is_space(self) -> bool {
        self.as_char().is_some_and(char::is_whitespace)
    }

    fn units(self, unit: Unit) -> usize {
        match self {
            Self::Char(c) => unit.of_char(c),
            Self::Mention(piece) => unit.of_text(&shown(piece)),
        }
    }
}

/// A piece as plain text.
fn shown(piece: &Piece) -> String {
    RichText(vec![piece.clone()]).to_plain()
}

/// Mentions longer than a whole message are taken apart.
fn atoms(text: &RichText, max_units: usize, unit: Unit) -> Vec<Atom<'_>> {
    let mut atoms = Vec::new();
    for piece in &text.0 {
        match piece {
            Piece::Plain(plain) => atoms.extend(plain.chars().map(Atom::Char)),
            Piece::Mention { .. } | Piece::Everyone => {
                let plain = shown(piece);
                if unit.of_text(&plain) > max_units {
                    atoms.extend(plain.chars().map(Atom::Char));
                } else {
                    atoms.push(Atom::Mention(piece));
                }
            }
        }
    }
    atoms
}

/// How many atoms fit into one message; at least one, so that cutting always gets on.
fn fitting(atoms: &[Atom<'_>], max_units: usize, unit: Unit) -> usize {
    let mut units = 0_usize;
    let fitting = atoms.iter().take_while(|atom| {
        units = units.saturating_add(atom.units(unit));
        units <= max_units
    });
    fitting.count().max(1)
}

/// Where to cut so that at most `fitting` atoms stand before the cut.
fn best_cut(atoms: &[Atom<'_>], fitting: usize) -> usize {
    if fitting >= atoms.len() {
        return atoms.len();
    }
    let last = |from: usize, is_good: &dyn Fn(Atom<'_>, Atom<'_>) -> bool| {
        let cuts = (from.max(1)..=fitting).rev();
        cuts.into_iter().find(|cut| {
            let before = cut.checked_sub(1).and_then(|index| atoms.get(index));
            match (before, atoms.get(*cut)) {
                (Some(before), Some(after)) => is_good(*before, *after),
                (None, _) | (_, None) => false,
            }
        })
    };
    let line = |before: Atom<'_>, after: Atom<'_>| {
        before.as_char() == Some('\n') || after.as_char() == Some('\n')
    };
    let word = |before: Atom<'_>, after: Atom<'_>| before.is_space() || after.is_space();
    last(1, &line)
        .or_else(|| last(1, &ends_sentence))
        .or_else(|| last(fitting.saturating_sub(WORD_CHARS_MAX), &word))
        .or_else(|| last(1, &|before, after| !belong_together(before, after)))
        .unwrap_or(fitting)
}

fn ends_sentence(before: Atom<'_>, after: Atom<'_>) -> bool {
    match before.as_char() {
        Some('。' | '！' | '？' | '；' | '…') => true,
        Some('.' | '!' | '?') => after.is_space(),
        Some(_) | None => false,
    }
}

/// Characters that show as one: an emoji with its variant, skin tone or joined parts, a letter with
/// its accent.
fn belong_together(before: Atom<'_>, after: Atom<'_>) -> bool {
    const JOINER: char = '\u{200d}';
    let extends = matches!(
        after.as_char(),
        Some(JOINER | '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
    );
    extends || before.as_char() == Some(JOINER)
}

fn trim_end<'a, 'b>(mut atoms: &'b [Atom<'a>]) -> &'b [Atom<'a>] {
    while let [rest @ .., last] = atoms {
        if !last.is_space() {
            break;
        }
        atoms = rest;
    }
    atoms
}

fn trim_start<'a, 'b>(mut atoms: &'b [Atom<'a>]) -> &'b [Atom<'a>] {
    while let [first, rest @ ..] = atoms {
        if !first.is_space() {
            break;
        }
        atoms = rest;
    }
    atoms
}

fn join(atoms: &[Atom<'_>], mentions_max: usize) -> RichText {
    let mut joined = RichText::default();
    let mut plain = String::new();
    let mut mentions = 0_usize;
    for atom in atoms {
        match atom {
            Atom::Char(c) => plain.push(*c),
            Atom::Mention(piece) => {
                mentions += usize::from(matches!(piece, Piece::Mention { .. }));
                if mentions > mentions_max && **piece != Piece::Everyone {
                    plain.push_str(&shown(piece));
                } else {
                    joined.push_text(&std::mem::take(&mut plain));
                    joined.0.push((*piece).clone());
                }
            }
        }
    }
    joined.push_text(&plain);
    joined
}
