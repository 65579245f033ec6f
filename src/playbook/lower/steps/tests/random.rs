//! Whatever is written, reading it ends and tells.

use super::{read, wrong};
use crate::playbook::grammar::{COMMON, STEPS};
use proptest::collection::vec;
use proptest::prelude::*;

/// Words that mean something somewhere, and some that do not.
fn word() -> impl Strategy<Value = String> {
    let mut words: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
    words.extend(COMMON.iter().map(|field| field.name));
    words.extend(
        STEPS
            .iter()
            .flat_map(|step| step.fields)
            .map(|field| field.name),
    );
    words.extend(
        STEPS
            .iter()
            .flat_map(|step| step.beside)
            .map(|field| field.name),
    );
    words.extend([
        "create",
        "keyword",
        "for",
        "until",
        "on_answer",
        "member",
        "group.members",
        "m in group.members",
        "7d",
        "20:00",
        "-3",
        "${member.name}",
        "${",
        "member.points > 3",
        "lobby",
        "stop",
        "continue",
        "checkin::award",
        "::",
        " in ",
        "forever",
        "inputs.delay",
        "inputs.",
        "vars.x",
        "$from",
        "中文",
        "",
    ]);
    proptest::sample::select(words).prop_map(str::to_owned)
}

fn tree() -> impl Strategy<Value = String> {
    let quoted = word().prop_map(|word| format!("{word:?}"));
    quoted.prop_recursive(5, 48, 5, |inner| {
        let entry = (word(), inner.clone()).prop_map(|(key, value)| format!("{key:?}: {value}"));
        prop_oneof![
            vec(inner, 0..5).prop_map(|items| format!("[{}]", items.join(", "))),
            vec(entry, 0..5).prop_map(|entries| format!("{{{}}}", entries.join(", "))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_tree_is_too_strange(steps in vec(tree(), 0..6)) {
        let text: String = steps.iter().map(|step| format!("- {step}\n")).collect();
        let read = read(&text);
        let drawn = crate::playbook::draw::draw(&read.problems, &read.sources, false);
        prop_assert_eq!(drawn.is_empty(), read.problems.is_empty());
    }
}

#[test]
fn sixty_steps_and_a_deep_nest() {
    let many: String = (0..60)
        .map(|n| format!("- send: \"step {n}, ${{member.name}}\"\n  if: member.points > {n}\n"))
        .collect();
    let read = read(&many);
    assert!(read.problems.is_empty());
    assert_eq!(read.steps.lines().count(), 60);
    let mut deep = String::new();
    for depth in 0..12 {
        let indent = "    ".repeat(depth);
        deep += &format!("{indent}- if: member.points > {depth}\n{indent}  do:\n");
    }
    deep += &format!("{}- stop\n", "    ".repeat(12));
    assert_eq!(wrong(&deep), "");
}
