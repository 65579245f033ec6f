//! Arbitrary texts: findings or an expression, never a panic, and places inside the text.

use super::{Small, more_names};
use crate::script::{Language, Scripts, compile, compile_template};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        let (expr, findings) = compile(&text, &more_names());
        prop_assert_eq!(expr.is_none(), !findings.is_empty());
        for finding in findings {
            prop_assert!(text.get(finding.span.clone()).is_some(), "{:?}", finding);
        }
    }

    #[test]
    fn no_template_makes_it_panic(text in "[a-z$\\{\\}\"'` 你.]{0,40}") {
        let (template, findings) = compile_template(&text, &more_names());
        prop_assert_eq!(template.is_none(), !findings.is_empty());
        for finding in findings {
            prop_assert!(text.get(finding.span.clone()).is_some(), "{:?}", finding);
        }
    }

    #[test]
    fn no_mix_of_words_makes_it_panic(words in proptest::collection::vec(
        prop::sample::select(vec![
            "member", "group", ".", "name", "(", ")", "[", "]", "{", "}", "#{", "not", "and", "or",
            "in", "if", "else", "==", "+", "-", "1", "\"x\"", "`${", "}`", "??", "?.", ",", ":",
            "::", "checkins", "of", "list", "::", "checks", "()", "true", "has_label", "joiners",
        ]), 0..14))
    {
        let text = words.join(" ");
        let (expr, findings) = compile(&text, &more_names());
        prop_assert_eq!(expr.is_none(), !findings.is_empty());
        for finding in findings {
            prop_assert!(text.get(finding.span.clone()).is_some(), "{:?}", finding);
        }
        if let Some(expr) = expr {
            expr.eval(&Small::new(Language::Zh));
        }
    }
}

#[test]
fn odd_scripts_are_findings_and_never_panics() {
    let deep = "(".repeat(5_000);
    let long = format!("fn f() {{ {} }}", "1 + ".repeat(20_000));
    for text in [
        "",
        "}",
        "fn",
        "fn f(",
        "import",
        "\u{feff}x",
        "\"",
        "`${",
        "/*",
        &deep,
        &long,
    ] {
        let sources = [("m".into(), text.into())].into();
        let (scripts, findings) = Scripts::compile(&sources);
        assert_eq!(
            scripts.get("m").is_none(),
            !findings.is_empty(),
            "{text:.20}"
        );
        for (_, finding) in findings {
            assert!(text.get(finding.span.clone()).is_some(), "{finding:?}");
        }
    }
}

#[test]
fn long_and_deep_expressions_are_findings_or_work() {
    let more = |start: &str, part: &str| format!("{start}{}", part.repeat(8_000 / part.len()));
    for text in [
        more("", "("),
        more("", "["),
        more("", "#{a:"),
        more("", "not "),
        more("", "-"),
        more("", "!"),
        more("1", "+1"),
        more("true", " and true"),
        more("anything", "[0]"),
        more("anything", "?[0]"),
        more("anything", ".a"),
        more("anything", ".len()"),
        more("1", "??1"),
        more("", "len("),
        more("", "list["),
        more("", "if true {"),
        more("", "`${"),
    ] {
        let (expr, findings) = compile(&text, &more_names());
        assert_eq!(expr.is_none(), !findings.is_empty(), "{text:.20}");
        if let Some(expr) = expr {
            expr.eval(&Small::new(Language::Zh));
        }
    }
}
