//! Long texts and many mentions.

use super::super::split::split;
use crate::model::{Piece, RichText};
use proptest::prelude::*;

fn plain(parts: &[RichText]) -> Vec<String> {
    parts.iter().map(RichText::to_plain).collect()
}

fn mention(name: &str) -> Piece {
    Piece::Mention {
        id: "1".into(),
        name: name.into(),
    }
}

#[test]
fn a_text_that_fits_stays_one_message() {
    let text = RichText::plain("六个字的消息");
    assert_eq!(split(&text, 6, 20), [text]);
    assert_eq!(split(&RichText::plain(" \n"), 6, 20), []);
}

#[test]
fn a_long_text_is_cut_where_a_line_or_a_word_ends() {
    let lines = RichText::plain("first line\nsecond line");
    assert_eq!(plain(&split(&lines, 15, 20)), ["first line", "second line"]);
    let words = RichText::plain("one two three");
    assert_eq!(plain(&split(&words, 9, 20)), ["one two", "three"]);
    let solid = RichText::plain("没有空格的长句子");
    assert_eq!(plain(&split(&solid, 3, 20)), ["没有空", "格的长", "句子"]);
}

#[test]
fn a_mention_is_never_cut() {
    let text = RichText(vec![Piece::Plain("hello ".into()), mention("ann")]);
    let parts = split(&text, 8, 20);
    assert_eq!(plain(&parts), ["hello ", "@ann"]);
    assert_eq!(parts[1].0, [mention("ann")]);
}

#[test]
fn mentions_past_the_limit_become_plain_names() {
    let text = RichText(vec![mention("ann"), mention("bob"), mention("eve")]);
    let parts = split(&text, 100, 2);
    let expected = [mention("ann"), mention("bob"), Piece::Plain("@eve".into())];
    assert_eq!(parts, [RichText(expected.to_vec())]);
}

fn pieces() -> impl Strategy<Value = RichText> {
    let piece = prop_oneof![
        "[a-c中 \n]{0,30}".prop_map(|text| Piece::Plain(text.into())),
        "[a-c]{1,4}".prop_map(|name| mention(&name)),
        Just(Piece::Everyone),
    ];
    prop::collection::vec(piece, 0..8).prop_map(RichText)
}

proptest! {
    #[test]
    fn nothing_is_lost_and_no_message_is_too_long(text in pieces(), max in 5_usize..40) {
        let parts = split(&text, max, 3);
        let solid = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(solid(&plain(&parts).concat()), solid(&text.to_plain()));
        for part in &parts {
            prop_assert!(part.to_plain().chars().count() <= max);
            prop_assert!(!part.is_blank());
        }
    }
}
