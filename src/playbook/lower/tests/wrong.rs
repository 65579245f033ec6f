//! Files with one thing wrong each, and the code that says so.

use super::{codes, loaded, says};
use expect_test::expect;

/// A playbook whose only rule is this.
pub(super) fn with_rule(rule: &str) -> String {
    format!("steward: 1\nplaybook: a\ngroups: [lobby]\nrules:\n{rule}")
}

const RULE: &str = "  - rule: r\n    when: join\n    do: [{ send: hi }]\n";

/// Text after a good head and before a good rule.
fn with_key(key: &str) -> String {
    format!("steward: 1\nplaybook: a\ngroups: [lobby]\n{key}\nrules:\n{RULE}")
}

fn rule(keys: &str) -> String {
    with_rule(&format!("  - rule: r\n{keys}    do: [{{ send: hi }}]\n"))
}

fn when(trigger: &str) -> String {
    rule(&format!("    when: {trigger}\n"))
}

#[track_caller]
fn check(cases: &[(String, &str)]) {
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let loaded = loaded(&[("a.yaml", text)]);
        let found = codes(&loaded).join(" ");
        let hard = expected.replace("warning S", "").replace("note S", "");
        let left_out = hard.contains('S');
        if found != *expected || loaded.broken.is_empty() == left_out {
            wrong.push(format!("{text}\nfound {found}, expected {expected}"));
        }
        assert_eq!(loaded.rulebook.playbooks.is_empty(), left_out, "{text}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n---\n"));
}

#[test]
fn keys_from_the_top() {
    check(&[
        (with_key(""), ""),
        (with_key("x-mine: { anything: goes }"), ""),
        (with_key("timezon: UTC"), "S0201"),
        (with_key("timezone: Asia/Shangai"), "S0601"),
        (with_key("timezone:"), "S0210"),
        (with_key("state: lively"), "S0406"),
        (with_key("limits: { remove: 20/day }"), "S0405"),
        (with_key("limits: { kick: 20 per 1d }"), "S0201"),
        (with_key("limits: { undo: 20 per 1d }"), "S0299"),
        (with_key("scripts: [checkin]"), "S0305"),
        (with_key("vars: { switch: 1 }"), "S0314"),
        (with_key("vars: { a-b: 1 }"), "S0209"),
        (with_key("vars: { a: \"${membr.name}\" }"), "S0301"),
        (with_key("flows: { greet: { with: [who] } }"), "S0202"),
        (with_key("flows: { greet: [] }"), "S0205"),
        (
            "steward: 2\nplaybook: a\ngroups: all\nrules: []\n".into(),
            "S0207",
        ),
        (
            "steward: one\nplaybook: a\ngroups: all\nrules: []\n".into(),
            "S0401",
        ),
        ("playbook: a\ngroups: all\nrules: []\n".into(), "S0202"),
        ("steward: 1\ngroups: all\nrules: []\n".into(), "S0202"),
        ("steward: 1\nplaybook: a\nrules: []\n".into(), "S0202"),
        ("steward: 1\nplaybook: a\ngroups: all\n".into(), "S0202"),
        (
            "steward: 1\nplaybook: A b\ngroups: all\nrules: []\n".into(),
            "S0209",
        ),
        (
            "steward: 1\nplaybook: a\ngroups: [loby]\nrules: []\n".into(),
            "S0304",
        ),
        (
            "steward: 1\nplaybook: a\ngroups: [qq/1]\nrules: []\n".into(),
            "S0304",
        ),
        (
            "steward: 1\nplaybook: a\ngroups: [sandbox/1]\nrules: []\n".into(),
            "",
        ),
        (
            "steward: 1\nplaybook: a\ngroups: { tag: bok-club }\nrules: []\n".into(),
            "warning S0304",
        ),
        (
            "steward: 1\nplaybook: a\ngroups: all\nrules: { rule: r }\n".into(),
            "S0205",
        ),
        ("- a\n".into(), "S0205"),
        (String::new(), "S0122"),
        ("a: [".into(), "S0120"),
    ]);
}

#[test]
fn rules_and_their_keys() {
    check(&[
        (rule("    when: join\n"), ""),
        (rule("    wen: join\n"), "S0202 S0201"),
        (rule("    when: join\n    if: not membr.is_bot\n"), "S0301"),
        (
            rule("    when: join\n    if: member.messages > \"3\"\n"),
            "S0402",
        ),
        (rule("    when: join\n    if: member.name\n"), "S0401"),
        (
            rule("    when: join\n    if: member.nick == \"a\"\n"),
            "S0403",
        ),
        (
            rule("    when: join\n    if: haslabel(member, \"a\")\n"),
            "S0303",
        ),
        (rule("    when: join\n    if: member.\n"), "S0408"),
        (rule("    when: join\n    per: membr\n"), "S0301"),
        (
            rule("    when: { schedule: \"08:30\" }\n    per: member\n"),
            "S0301",
        ),
        (rule("    when: join\n    mode: once\n"), "S0406"),
        (rule("    when: join\n    max: 0\n"), "S0407"),
        (rule("    when: join\n    cooldown: soon\n"), "S0404"),
        (
            rule("    when: join\n    cooldown: { per: group }\n"),
            "S0202",
        ),
        (
            rule("    when: join\n    cooldown: { every: 1m, collect: 1m }\n"),
            "S0211",
        ),
        (
            rule("    when: join\n    cooldown: { at_least: 3 }\n"),
            "S0202",
        ),
        (rule("    when: join\n    missed: { run: all }\n"), "S0211"),
        (rule("    when: join\n    backlog: now\n"), "S0211"),
        (rule("    when: join\n    late: yes\n"), "S0406"),
        (rule("    when: join\n    title: \"${x}\"\n"), "S0301"),
        (rule("    when: join\n    once: \"${\"\n"), "S0408"),
        (rule("    when: join\n    stop_when: leav\n"), "S0204"),
        (
            rule("    when: join\n    quiet_hours: { from: \"22:00\" }\n"),
            "S0299",
        ),
        (rule("    when: join\n    on_edit: keep\n"), "S0299"),
    ]);
}

#[test]
fn rules_and_their_steps() {
    check(&[
        (with_rule(&format!("{RULE}{RULE}")), "S0208"),
        (with_rule("  - rule: r\n    when: join\n"), "S0202"),
        (
            with_rule("  - rule: r\n    when: join\n    do: a::decide\n"),
            "S0305",
        ),
        (
            with_rule("  - rule: r\n    when: join\n    do: [{ sned: hi }]\n"),
            "S0203",
        ),
        (
            with_rule("  - rule: r\n    when: join\n    do: [{ call: greet }]\n"),
            "S0307",
        ),
        (
            with_rule("  - rule: r\n    when: join\n    do: [{ webhook: shpo }]\n"),
            "S0310",
        ),
        (
            with_rule("  - rule: r\n    when: join\n    do: [{ send: { to: loby, text: hi } }]\n"),
            "S0304",
        ),
        (
            with_rule(
                "  - rule: r\n    when: join\n    do: [{ send: { to: garden, text: hi } }]\n",
            ),
            "S0304",
        ),
        (
            with_rule(
                "  - rule: r\n    when: join\n    do: [{ let: { lobby: 1 } }, { send: { to: lobby, text: hi } }]\n",
            ),
            "S0306",
        ),
    ]);
}

#[test]
fn triggers_and_their_fields() {
    check(&[
        (when("[join, leave]"), ""),
        (when("joined"), "S0204"),
        (when("zzzz"), "S0204"),
        (when("[]"), "S0210"),
        (when("{ join: {}, leave: {} }"), "S0206"),
        (when("keyword"), "S0202"),
        (when("{ keyword: hi }"), ""),
        (when("{ keyword: { from: words/ads.txt } }"), ""),
        (
            when("{ keyword: { any: { from: words/add.txt } } }"),
            "S0315",
        ),
        (when("{ keyword: { any: [规则] } }"), "note S0505"),
        (
            when("{ keyword: { any: [\"(hi\"], match: regex } }"),
            "S0410",
        ),
        (when("{ keyword: { any: [hi], match: words } }"), "S0406"),
        (when("{ keyword: { any: [hi, \"\"] } }"), "S0210"),
        (when("{ keyword: { any: [hi], mach: word } }"), "S0201"),
        (when("{ command: { name: \"/hi there\" } }"), "S0209"),
        (when("{ command: { name: hi, by: captain } }"), "S0299"),
        (when("{ command: { name: hi, by: staf } }"), "S0406"),
        (
            when("{ command: { name: hi, args: [{ n: number }] } }"),
            "S0299",
        ),
        (when("{ message: { from: nobody } }"), "S0406"),
        (when("{ message: { content: [text, picture] } }"), "S0406"),
        (when("{ message: { in: everywhere } }"), "S0406"),
        (when("{ schedule: { at: \"8:30\" } }"), "S0602"),
        (when("{ schedule: { cron: \"30 8 * *\" } }"), "S0603"),
        (when("{ schedule: { cron: \"99 8 * * *\" } }"), "S0603"),
        (when("{ schedule: { at: \"08:30\", every: 6h } }"), "S0211"),
        (when("{ schedule: { every: 6h, days: weekdays } }"), "S0211"),
        (
            when("{ schedule: { at: \"08:30\", days: [mon, funday] } }"),
            "S0406",
        ),
        (when("{ inactivity: {} }"), "S0202"),
        (when("{ inactivity: { member: 14 days } }"), "S0404"),
        (when("{ inactivity: { member: 1d, group: 1d } }"), "S0211"),
        (when("{ inactivity: { member: inputs.quiet } }"), "S0302"),
        (when("{ offset: { after: 1d } }"), "S0202"),
        (when("{ signal: { name: Paid! } }"), "S0209"),
        (when("{ report: { reporters: 3 } }"), "S0299"),
        (when("{ group_size: { reaches: 3 } }"), "S0299"),
        (
            when("[labelled, unlabelled, reached, fell_below, route]"),
            "S0299 S0299 S0299 S0299 S0299",
        ),
    ]);
}

#[test]
fn inputs_and_data() {
    check(&[
        (
            with_key("inputs: { a: { type: txt, default: x } }"),
            "S0406",
        ),
        (with_key("inputs: { a: { default: x } }"), "S0202"),
        (
            with_key("inputs: { a: { type: number, default: x } }"),
            "warning S0804 S0803",
        ),
        (
            with_key("inputs: { a: { type: number, default: 3, max: 2 } }"),
            "warning S0804 S0803",
        ),
        (
            with_key("inputs: { a: { type: text, default: x, min: 1 } }"),
            "warning S0804 S0211",
        ),
        (
            with_key("inputs: { a: { type: text, default: z, choices: [x, y] } }"),
            "warning S0804 S0803",
        ),
        (
            with_key("inputs: { a: { type: group, default: loby } }"),
            "warning S0804 S0304",
        ),
        (
            with_key("inputs: { a: { type: text, default: x } }"),
            "warning S0804",
        ),
        (
            with_key("inputs: { if: { type: text, default: inputs.if } }"),
            "S0314 S0803",
        ),
        (with_key("data: { a: { kind: counter, decay: 30d } }"), ""),
        (with_key("data: { a: { kind: counters } }"), "S0406"),
        (with_key("data: { a: { per: member } }"), "S0202"),
        (with_key("data: { a: { kind: account } }"), "S0299"),
        (
            with_key("data: { a: { kind: counter, bands: [] } }"),
            "S0299",
        ),
        (
            with_key("data: { a: { kind: counter, day_starts: \"04:00\" } }"),
            "S0211",
        ),
        (
            with_key("data: { a: { kind: streak, day_starts: 4am } }"),
            "S0602",
        ),
        (
            with_key("data: { a: { kind: number, starts_as: many } }"),
            "S0401",
        ),
        (with_key("data: { a: { kind: record } }"), "S0202"),
        (
            with_key("data: { a: { kind: record, fields: { n: int } } }"),
            "S0406",
        ),
        (
            with_key("data: { a: { kind: set, per: [member, key, group] } }"),
            "S0407",
        ),
        (with_key("data: { member: { kind: text } }"), "S0306"),
        (with_key("data: { a: { from: b } }"), "S0308"),
        (
            with_key("data: { b: { kind: text }, c: { from: a } }"),
            "S0309",
        ),
    ]);
}

#[test]
fn an_unknown_name_is_drawn_as_in_the_language_page() {
    let text = "\
steward: 1
playbook: welcome
groups: [lobby]
rules:
  - rule: r
    when: join
    do:
      - reply:
          text: Hi ${membr.name}
";
    says(
        &[("playbooks/welcome.yaml", text)],
        &expect![[r#"
        error[S0301]: unknown name `membr`
         --> playbooks/welcome.yaml:9:22
          |
        9 |           text: Hi ${membr.name}
          |                      ^^^^^ not known here
          |
          = note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
        help: did you mean `member`?
          |
        9 |           text: Hi ${member.name}
          |                          +
    "#]],
    );
}

#[test]
fn a_step_of_the_wrong_name_is_drawn_as_in_the_language_page() {
    let text = "\
steward: 1
playbook: welcome
groups: [lobby]

rules:
  - rule: r
    when: join
    do:
      - sned: { to: group, text: hi }
";
    says(
        &[("playbooks/welcome.yaml", text)],
        &expect![[r#"
        error[S0203]: unknown step `sned`
         --> playbooks/welcome.yaml:9:9
          |
        9 |       - sned: { to: group, text: hi }
          |         ^^^^ no step has this name
          |
        help: did you mean `send`?
          |
        9 -       - sned: { to: group, text: hi }
        9 +       - send: { to: group, text: hi }
          |
    "#]],
    );
}

#[test]
fn a_newer_format_is_refused_by_its_number() {
    let text = "steward: 3\nplaybook: a\ngroups: all\nrules: []\n";
    says(
        &[("a.yaml", text)],
        &expect![[r#"
        error[S0207]: this file needs Steward ≥ 3
         --> a.yaml:1:10
          |
        1 | steward: 3
          |          ^ this one reads format 1
    "#]],
    );
}
