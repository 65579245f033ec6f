//! Empty values, texts as written, and where their parts stand.

use super::super::draw::draw;
use super::super::source::Sources;
use super::*;
use expect_test::expect;
use proptest::prelude::*;

/// The first entry's value, deep inside.
fn value_of(yaml: &str, path: &[&str]) -> (Sources, Node) {
    let mut sources = Sources::default();
    let id = sources.add("a.yaml", yaml);
    let (node, problems) = parse(sources.get(id).unwrap());
    assert_eq!(problems, []);
    let mut node = node.unwrap();
    for key in path {
        node = node.get(key).unwrap().clone();
    }
    (sources, node)
}

#[test]
fn a_value_that_is_a_comment() {
    let yaml = "steward: 1\nrules:\n  - rule: a\n    do:\n      - send:\n          text: hi\n          to: #general\n";
    let mut sources = Sources::default();
    let id = sources.add("playbooks/welcome.yaml", yaml);
    let file = sources.get(id).unwrap();
    let (node, _) = parse(file);
    let node = node.unwrap();
    let rule = &node.get("rules").unwrap().items().unwrap()[0];
    let send = rule.get("do").unwrap().items().unwrap()[0]
        .get("send")
        .unwrap();
    let (key, value) = &send.entries().unwrap()[1];
    assert_eq!(value.kind, NodeKind::Empty);
    let error = empty_value(file, Some(key), value);
    expect![[r##"
        error[S0104]: `to` is empty: everything after `#` is a comment in YAML
         --> playbooks/welcome.yaml:7:15
          |
        7 |           to: #general
          |           --- ^^^^^^^^ read as a comment
          |           |
          |           so this has no value
          |
        help: put quotes around it
          |
        7 -           to: #general
        7 +           to: "#general"
          |
    "##]]
    .assert_eq(&draw(&[error], &sources, false));
}

#[test]
fn an_empty_value_with_or_without_a_real_comment() {
    let (sources, node) = value_of("a: # later\nb:\n", &[]);
    let file = sources.iter().next().unwrap();
    let errors: Vec<_> = node
        .entries()
        .unwrap()
        .iter()
        .map(|(key, value)| empty_value(file, Some(key), value))
        .collect();
    expect![[r#"
        error[S0210]: `a` has no value
         --> a.yaml:1:1
          |
        1 | a: # later
          | ^ nothing stands after this

        error[S0210]: `b` has no value
         --> a.yaml:2:1
          |
        2 | b:
          | ^ nothing stands after this
    "#]]
    .assert_eq(&draw(&errors, &sources, false));
}

#[test]
fn a_text_where_a_map_belongs_may_have_lost_its_colon() {
    for yaml in ["a: text:hello\n", "a: text：你好\n", "a: text:\u{3000}x\n"] {
        let (sources, node) = value_of(yaml, &["a"]);
        let file = sources.iter().next().unwrap();
        assert!(not_a_map(file, &node).is_some(), "{yaml}");
    }
    for yaml in [
        "a: plain\n",
        "a: \"b:c\"\n",
        "a: http://x\n",
        "a: award::x\n",
    ] {
        let (sources, node) = value_of(yaml, &["a"]);
        let file = sources.iter().next().unwrap();
        assert_eq!(not_a_map(file, &node), None, "{yaml}");
    }
}

#[test]
fn scalars_stay_as_they_were_written() {
    let (_, node) = value_of("a: [007, yes, no, +1, ~, 1.0, \"\"]\n", &["a"]);
    let texts: Vec<_> = node.items().unwrap().iter().map(Node::text).collect();
    let written = ["007", "yes", "no", "+1", "~", "1.0", ""];
    assert_eq!(texts, written.map(Some));
}

/// Where each `<mark>` letter of a value was written.
#[track_caller]
fn check_marks(yaml: &str) {
    let (sources, node) = value_of(yaml, &["a"]);
    let file = sources.iter().next().unwrap();
    let text = node.text().unwrap();
    for (at, c) in text
        .char_indices()
        .filter(|(_, c)| c.is_alphanumeric() || *c == '$')
    {
        let part = node.part(at, at + c.len_utf8());
        assert_eq!(file.written(part), c.to_string(), "{yaml:?} at {at}");
    }
}

#[test]
fn every_letter_of_a_value_knows_where_it_was_written() {
    check_marks("a: Hi ${membr.name}\n");
    check_marks("a: 你好 ${membr.name}\n");
    check_marks("a: 'it''s ${x} ''q'''\n");
    check_marks("a: \"say \\\"${x}\\\" \\n 好 y\"\n");
    check_marks("a: one\n  two\n\n  three ${x}\n");
    check_marks("a: \"one\n  two\\\n   three\n\n\n  four\"\n");
    check_marks("a: |\n    ${x} is\n      deeper\n\n    end ${y}\n");
    check_marks("a: >-\n  folded ${x}\n  line\n\n  para\n   more\n  end\n");
    check_marks("a: |+\n\n\n  late\n  r\r\n  s\n");
}

#[test]
fn an_escape_points_to_itself() {
    let (sources, node) = value_of("a: \"\\x41\\u4f60\\U0001F600z\"\n", &["a"]);
    let file = sources.iter().next().unwrap();
    let text = node.text().unwrap().to_owned();
    assert_eq!(text, "A你😀z");
    let written: Vec<_> = text
        .char_indices()
        .map(|(at, c)| file.written(node.part(at, at + c.len_utf8())))
        .collect();
    assert_eq!(written, ["\\x41", "\\u4f60", "\\U0001F600", "z"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_panic(text in "(?s).{0,200}") {
        any(&text);
    }

    #[test]
    fn any_yaml_like_text_is_read_without_panic(
        text in "([ab:#\\-!&*|>'\"{}\\[\\],$@%` \n\t\\\\：　\u{a0}你]){0,60}"
    ) {
        any(&text);
    }

    #[test]
    fn letters_of_folded_texts_keep_their_places(
        lines in prop::collection::vec("[a-z]{1,4}( [a-z你]{1,4}){0,2}", 1..6),
        gaps in prop::collection::vec(1_usize..4, 6),
        style in 0_usize..5,
    ) {
        let mut body = String::new();
        for (line, gap) in lines.iter().zip(&gaps) {
            body.push_str("  ");
            body.push_str(line);
            body.push_str(&"\n".repeat(*gap));
        }
        let yaml = match style {
            0 => format!("a:\n{body}"),
            1 => format!("a: '\n{}'\n", body.trim_end()),
            2 => format!("a: \"\n{}\"\n", body.trim_end()),
            3 => format!("a: |\n{body}"),
            _ => format!("a: >\n{body}"),
        };
        check_marks(&yaml);
    }
}

fn any(text: &str) {
    let mut sources = Sources::default();
    let id = sources.add("a.yaml", text);
    let (node, problems) = parse(sources.get(id).unwrap());
    assert!(node.is_some() || !problems.is_empty(), "silence");
    assert!(!draw(&problems, &sources, false).is_empty() || problems.is_empty());
    super::super::draw::to_json(&problems, &sources);
}
