//! Texts for scripts. Every function counts what it reads.

use super::{Answer, add, host};
use crate::model::limits;
use crate::script::functions::cut;
use rhai::{Array, Module, NativeCallContext};
use unicode_normalization::UnicodeNormalization;

/// Characters that [`similar`] compares: it takes time by the product of both lengths.
const SIMILAR_CHARS_MAX: usize = 256;

pub(super) fn module() -> Module {
    let mut module = Module::new();
    add!(module, "fold", |context: NativeCallContext<'_>,
                          text: &str|
     -> Answer<String> {
        host(&context)?.spend(text.len())?;
        Ok(fold(text))
    });
    add!(module, "words", |context: NativeCallContext<'_>,
                           text: &str|
     -> Answer<Array> {
        host(&context)?.spend(text.len())?;
        let words = text.split(|c: char| !c.is_alphanumeric());
        let words = words.filter(|word| !word.is_empty());
        Ok(words
            .take(limits::SCRIPT_ITEMS_MAX)
            .map(Into::into)
            .collect())
    });
    add!(module, "similar", |context: NativeCallContext<'_>,
                             one: &str,
                             other: &str|
     -> Answer<f64> {
        let host = host(&context)?;
        let short = |text: &str| text.chars().take(SIMILAR_CHARS_MAX).collect::<String>();
        let (one, other) = (short(one), short(other));
        host.spend(one.len().saturating_mul(other.len()))?;
        Ok(strsim::normalized_damerau_levenshtein(&one, &other))
    });
    add!(module, "matches", |context: NativeCallContext<'_>,
                             text: &str,
                             pattern: &str|
     -> Answer<bool> {
        let host = host(&context)?;
        let text = cut(text, limits::HAYSTACK_BYTES_MAX);
        host.spend(text.len())?;
        Ok(host.pattern(pattern)?.is_match(text))
    });
    module
}

/// The form in which texts are compared: NFKC, small letters, without zero-width characters.
fn fold(text: &str) -> String {
    let visible = |c: &char| {
        !matches!(
            c,
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
        )
    };
    text.nfkc()
        .filter(visible)
        .flat_map(char::to_lowercase)
        .collect()
}
