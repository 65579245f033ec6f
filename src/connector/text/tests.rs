//! Cutting texts, and finding links in them.

use super::{Unit, links_in, split};
use crate::model::{Piece, RichText};
use proptest::prelude::*;

fn mention(name: &str) -> Piece {
    Piece::Mention {
        id: format!("id-{name}").into(),
        name: name.into(),
    }
}

#[track_caller]
fn check(text: &str, max: usize, unit: Unit, expect: &[&str]) {
    let parts = split(&RichText::plain(text), max, unit, 10);
    let plain: Vec<_> = parts.iter().map(RichText::to_plain).collect();
    assert_eq!(plain, expect);
    for part in plain {
        let units = match unit {
            Unit::Chars => part.chars().count(),
            Unit::Utf16 => part.encode_utf16().count(),
            Unit::Bytes => part.len(),
        };
        assert!(units <= max, "{part} has {units} units");
    }
}

#[test]
fn what_fits_stays_as_it_is() {
    check(" hello \n", 10, Unit::Chars, &[" hello \n"]);
    check("", 10, Unit::Chars, &[]);
    check(" \n ", 10, Unit::Chars, &[]);
}

#[test]
fn lines_come_first_then_sentences_then_words_then_anything() {
    check("one\ntwo\nthree", 8, Unit::Chars, &["one\ntwo", "three"]);
    check("one\ntwo\nthree", 7, Unit::Chars, &["one\ntwo", "three"]);
    check("It is. So it is", 9, Unit::Chars, &["It is.", "So it is"]);
    check("3.14159 or so", 8, Unit::Chars, &["3.14159", "or so"]);
    check(
        "今天打卡。明天也要打卡",
        8,
        Unit::Chars,
        &["今天打卡。", "明天也要打卡"],
    );
    check(
        "一二三四五六七",
        3,
        Unit::Chars,
        &["一二三", "四五六", "七"],
    );
}

#[test]
fn units_are_the_platforms_own() {
    check("一二三四", 6, Unit::Bytes, &["一二", "三四"]);
    check("一二三四", 7, Unit::Bytes, &["一二", "三四"]);
    check("😀😀😀", 4, Unit::Utf16, &["😀😀", "😀"]);
    check("😀😀😀", 2, Unit::Chars, &["😀😀", "😀"]);
}

#[test]
fn an_emoji_of_several_parts_stays_whole() {
    check(
        "ab👩\u{200d}👧cd",
        4,
        Unit::Chars,
        &["ab", "👩\u{200d}👧c", "d"],
    );
    check("abc👍\u{1f3fd}", 4, Unit::Chars, &["abc", "👍\u{1f3fd}"]);
}

#[test]
fn a_limit_below_one_character_still_ends() {
    let parts = split(&RichText::plain("一二"), 1, Unit::Bytes, 0);
    assert_eq!(parts, [RichText::plain("一"), RichText::plain("二")]);
    assert_eq!(split(&RichText::plain("ab"), 0, Unit::Chars, 0).len(), 2);
}

#[test]
fn mentions_stay_whole_and_beyond_the_cap_they_are_text() {
    let text = RichText(vec![
        Piece::Plain("hi ".into()),
        mention("ann"),
        mention("bob"),
        mention("cy"),
        Piece::Everyone,
    ]);
    assert_eq!(
        split(&text, 100, Unit::Chars, 2),
        [RichText(vec![
            Piece::Plain("hi ".into()),
            mention("ann"),
            mention("bob"),
            Piece::Plain("@cy".into()),
            Piece::Everyone,
        ])]
    );
    assert_eq!(
        split(&text, 6, Unit::Chars, 1),
        [
            RichText::plain("hi"),
            RichText(vec![mention("ann")]),
            RichText(vec![mention("bob")]),
            RichText(vec![mention("cy")]),
            RichText(vec![Piece::Everyone]),
        ]
    );
}

#[test]
fn a_mention_longer_than_a_message_is_taken_apart() {
    let text = RichText(vec![mention("annabel")]);
    assert_eq!(
        split(&text, 4, Unit::Chars, 5),
        [RichText::plain("@ann"), RichText::plain("abel")]
    );
}

#[test]
fn links_end_where_the_sentence_goes_on() {
    for (text, expect) in [
        (
            "see https://a.example/x?y=1, please",
            &["https://a.example/x?y=1"][..],
        ),
        (
            "（HTTP://A.example）和https://b.example/路。",
            &["HTTP://A.example", "https://b.example/路"],
        ),
        (
            "<https://a.example> \"http://b.example\"",
            &["https://a.example", "http://b.example"],
        ),
        ("https:// and http://", &[]),
        ("no link 🙂", &[]),
    ] {
        let links = links_in(text);
        let links: Vec<_> = links.iter().map(|link| &**link).collect();
        assert_eq!(links, expect, "{text}");
    }
}

proptest! {
    /// Cutting loses white space only, and every message keeps to the limit.
    #[test]
    fn nothing_but_white_space_is_lost(
        words in prop::collection::vec("[a-c。.! \n😀\u{301}一]{0,12}", 0..12),
        mentioned in 0_usize..12,
        max in 8_usize..40,
    ) {
        let mut text = RichText::default();
        for (index, word) in words.iter().enumerate() {
            text.push_text(word);
            if index == mentioned {
                text.0.push(mention("小林"));
            }
        }
        let parts = split(&text, max, Unit::Bytes, 1);
        let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let joined: String = parts.iter().map(RichText::to_plain).collect();
        prop_assert_eq!(visible(&joined), visible(&text.to_plain()));
        for part in parts {
            prop_assert!(part.to_plain().len() <= max);
        }
    }
}
