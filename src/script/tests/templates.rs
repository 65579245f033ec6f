//! What texts with holes render to.

use super::{Small, more_names};
use crate::model::{Piece, RichText};
use crate::script::{Language, compile_template};

#[track_caller]
fn render(text: &str, language: Language) -> RichText {
    let (template, findings) = compile_template(text, &more_names());
    let template = template.unwrap_or_else(|| panic!("{text}: {findings:#?}"));
    template.render(&Small::new(language))
}

#[track_caller]
fn plain(text: &str, expected: &str) {
    assert_eq!(render(text, Language::En), RichText::plain(expected));
}

#[test]
fn holes_are_filled_once_and_never_scanned_again() {
    plain("Hi ${member.name}!", "Hi Ann ${now}!");
    plain("no holes, $5, {x}", "no holes, $5, {x}");
    plain("$${not.one} and ${1}", "${not.one} and 1");
    plain("${\"}\" + '{'}${#{a: 1}.a}", "}{1");
    plain("${`x ${1}`}", "x 1");
}

#[test]
fn typed_values_print_in_the_language() {
    for (text, zh, en) in [
        ("${inputs.after}", "14 天", "14 days"),
        (
            "${now - member.joined_at}",
            "1 小时 30 分钟",
            "1 hour 30 minutes",
        ),
        ("${now - member.last_active}", "8 天", "8 days"),
        ("${joiners}", "Ann ${now}、Bot", "Ann ${now}, Bot"),
        ("${group}", "club", "club"),
        ("${0.1 + 0.2}", "0.3", "0.3"),
        ("${7.0}", "7", "7"),
        ("${now}", "2026-03-20 09:00", "2026-03-20 09:00"),
        ("${ago(member.last_active)}", "8 天前", "8 days ago"),
        ("${format_date(now, '%A %-d')}", "星期五 20", "Friday 20"),
        ("${true}", "是", "yes"),
    ] {
        assert_eq!(render(text, Language::Zh).to_plain(), zh);
        assert_eq!(render(text, Language::En).to_plain(), en);
    }
}

#[test]
fn mentions_stay_typed() {
    let mention = Piece::Mention {
        id: "u1".into(),
        name: "Ann".into(),
    };
    let text = render(
        "Hi ${member.mention}, ${\"@\" + member.mention}",
        Language::En,
    );
    let expected = vec![
        Piece::Plain("Hi ".into()),
        mention.clone(),
        Piece::Plain(", @".into()),
        mention,
    ];
    assert_eq!(text, RichText(expected));
}

#[test]
fn findings_point_into_the_text() {
    let text = "你好 ${membr.name}，再见";
    let (template, findings) = compile_template(text, &more_names());
    assert!(template.is_none());
    assert_eq!(text.get(findings[0].span.clone()), Some("membr"));
    let text = "a ${member.name";
    let (_, findings) = compile_template(text, &more_names());
    assert_eq!(findings[0].message, "`${` is not closed");
    let text = "${member.nick}";
    let (_, findings) = compile_template(text, &more_names());
    assert_eq!(findings[0].code, "S0403");
    assert_eq!(text.get(findings[0].span.clone()), Some("member.nick"));
    plain("${member.nick ?? \"x\"}", "x");
}
