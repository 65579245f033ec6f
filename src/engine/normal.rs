//! Text made comparable: width and case folded (NFKC, lower case), zero-width characters removed;
//! and, where a rule asks for it, folded further against evasion.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Folds width and case and drops what cannot be seen.
pub fn normalise(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    let plain = !text.chars().any(|c| is_invisible(c) || c.is_uppercase());
    if plain && is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    let folded = text.chars().filter(|c| !is_invisible(*c)).nfkc();
    Cow::Owned(folded.flat_map(char::to_lowercase).collect())
}

/// Folds against evasion, on top of [`normalise`]: look-alike letters and digits become one, and
/// everything that is no letter or digit goes.
pub(super) fn fold_evasion(text: &str) -> String {
    normalise(text)
        .nfkd()
        .filter(|c| c.is_alphanumeric())
        .map(look_alike)
        .collect()
}

/// Characters that take no room: zero-width spaces and joiners, direction marks, soft hyphens,
/// variation selectors, the byte order mark.
pub(super) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00ad}'
            | '\u{034f}'
            | '\u{061c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    )
}

/// True in scripts that write without spaces, where a word boundary cannot be seen.
pub(super) const fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        '\u{0e00}'..='\u{0eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

/// True if a word starts or ends between these two characters. Beside an unspaced script every
/// place is a boundary.
pub(super) fn is_boundary(before: Option<char>, after: Option<char>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => {
            is_unspaced(before) || is_unspaced(after) || !is_word(before) || !is_word(after)
        }
        _ => true,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Letters that are taken for one another in advertisements: digits for letters, and the Greek and
/// Cyrillic letters that look Latin (after Unicode's confusables table, the common part of it).
const fn look_alike(c: char) -> char {
    match c {
        '0' | 'ο' | 'о' | '〇' => 'o',
        '1' | 'l' | '|' | 'і' | 'ι' => 'i',
        '3' | 'е' | 'ε' | 'ё' => 'e',
        '4' | 'а' | 'α' => 'a',
        '5' | 'ѕ' => 's',
        '7' | 'τ' | 'т' => 't',
        'с' | 'ϲ' => 'c',
        'р' | 'ρ' => 'p',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'в' | 'ν' | 'υ' => 'v',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'н' => 'h',
        '徽' | '溦' | '威' | '薇' => '微',
        '芯' | '新' | '忻' => '信',
        '裙' | '羣' => '群',
        '咖' | '伽' | '珈' => '加',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_invisible_characters_do_not_matter() {
        for (written, meant) in [
            ("HELLO", "hello"),
            ("ＨＥＬＬＯ　１２３", "hello 123"),
            ("群\u{200b}规", "群规"),
            ("Ünïted", "ünïted"),
            ("ﬁne", "fine"),
            ("plain", "plain"),
        ] {
            assert_eq!(normalise(written), meant);
        }
        assert!(
            matches!(normalise("群规 rules"), Cow::Borrowed(_)),
            "nothing to fold, no copy"
        );
    }

    #[test]
    fn evasion_is_folded() {
        for written in ["加-V-信", "加 v 信", "加·V·芯", "咖v信"] {
            assert_eq!(fold_evasion(written), fold_evasion("加v信"), "{written}");
        }
        assert_eq!(fold_evasion("fr33 m0n3y"), fold_evasion("free money"));
    }

    #[test]
    fn chinese_has_a_boundary_everywhere() {
        assert!(is_boundary(Some('群'), Some('规')));
        assert!(is_boundary(Some('a'), Some('规')));
        assert!(!is_boundary(Some('a'), Some('b')));
        assert!(is_boundary(None, Some('b')) && is_boundary(Some('a'), Some(' ')));
    }
}
