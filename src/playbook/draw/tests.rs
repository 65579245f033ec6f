//! The drawn layouts that the language's documentation shows, exactly.

use super::super::codes::Code;
use super::*;
use expect_test::{Expect, expect};

/// The spot of the `nth` (from 0) `word` in a file.
fn spot(sources: &Sources, file: FileId, word: &str, nth: usize) -> Spot {
    let text = &sources.get(file).unwrap().text;
    let (start, found) = text.match_indices(word).nth(nth).unwrap();
    Spot::new(file, start, start + found.len())
}

#[track_caller]
fn check(path: &str, text: &str, make: impl Fn(&Sources, FileId) -> Diagnostic, expect: &Expect) {
    let mut sources = Sources::default();
    let file = sources.add(path, text);
    let problem = make(&sources, file);
    expect.assert_eq(&draw(&[problem], &sources, false));
}

/// A playbook whose line `number` is this one.
fn at_line(number: usize, line: &str) -> String {
    format!("{}{line}\n", "x:\n".repeat(number - 1))
}

#[test]
fn a_word_that_is_nearly_right() {
    check(
        "playbooks/welcome.yaml",
        &at_line(9, "      - sned: { to: group, text: hi }"),
        |sources, file| {
            let at = spot(sources, file, "sned", 0);
            Diagnostic::error(Code::UnknownStep, at, "unknown step `sned`")
                .label("no step has this name")
                .did_you_mean(Some("send"))
        },
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
    check(
        "playbooks/welcome.yaml",
        &at_line(8, "          text: Hi ${membr.name}"),
        |sources, file| {
            let at = spot(sources, file, "membr", 0);
            Diagnostic::error(Code::UnknownName, at, "unknown name `membr`")
                .label("not known here")
                .because("a rule started by `join` knows: member, group, community, now, inputs, vars, event")
                .did_you_mean(Some("member"))
        },
        &expect![[r#"
            error[S0301]: unknown name `membr`
             --> playbooks/welcome.yaml:8:22
              |
            8 |           text: Hi ${membr.name}
              |                      ^^^^^ not known here
              |
              = note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
            help: did you mean `member`?
              |
            8 |           text: Hi ${member.name}
              |                          +
        "#]],
    );
}

#[test]
fn two_places_on_one_line() {
    check(
        "playbooks/welcome.yaml",
        &at_line(4, "    if: member.messages > \"3\""),
        |sources, file| {
            let at = spot(sources, file, "\"3\"", 0);
            let number = spot(sources, file, "member.messages", 0);
            Diagnostic::error(Code::ComparesTypes, at, "a number is compared with text")
                .label("this is text")
                .other(number, "this is a number")
                .because("such a comparison is always false, so the rule would never run")
                .fix("remove the quotes", at, "3")
        },
        &expect![[r#"
            error[S0402]: a number is compared with text
             --> playbooks/welcome.yaml:4:27
              |
            4 |     if: member.messages > "3"
              |         ---------------   ^^^ this is text
              |         |
              |         this is a number
              |
              = note: such a comparison is always false, so the rule would never run
            help: remove the quotes
              |
            4 -     if: member.messages > "3"
            4 +     if: member.messages > 3
              |
        "#]],
    );
}

#[test]
fn help_without_a_change() {
    check(
        "playbooks/welcome.yaml",
        &at_line(10, "      - remove: { member: member }"),
        |sources, file| {
            let at = spot(sources, file, "remove", 0);
            Diagnostic::error(Code::MissingLimit, at, "`remove` needs a limit")
                .label("takes people out of a chat")
                .help("say how many at most: add `limits: { remove: 20 per 1d }` at the top of this file")
        },
        &expect![[r#"
            error[S0501]: `remove` needs a limit
              --> playbooks/welcome.yaml:10:9
               |
            10 |       - remove: { member: member }
               |         ^^^^^^ takes people out of a chat
               |
            help: say how many at most: add `limits: { remove: 20 per 1d }` at the top of this file
        "#]],
    );
    check(
        "scripts/checkin.rhai",
        &at_line(2, "    let n = args.streak.lenght;"),
        |sources, file| {
            let at = spot(sources, file, "lenght", 0);
            Diagnostic::error(Code::ScriptFailed, at, "function `award` failed: Property not found: lenght")
                .label("did you mean `length`?")
                .because("called from playbooks/checkin.yaml:16:9 (rule check-in, step 3), run 01J9Z; run parked, 2 effects not sent")
        },
        &expect![[r#"
            error[S0703]: function `award` failed: Property not found: lenght
             --> scripts/checkin.rhai:2:25
              |
            2 |     let n = args.streak.lenght;
              |                         ^^^^^^ did you mean `length`?
              |
              = note: called from playbooks/checkin.yaml:16:9 (rule check-in, step 3), run 01J9Z; run parked, 2 effects not sent
        "#]],
    );
}

#[test]
fn a_place_in_another_file() {
    let mut sources = Sources::default();
    let group = sources.add("groups/book-club-2.yaml", &at_line(4, "with:"));
    let playbook = sources.add(
        "playbooks/newcomer-care.yaml",
        "inputs:\n  lobby:    { type: group }\n",
    );
    let missing = Diagnostic::error(
        Code::MissingInput,
        spot(&sources, group, "with", 0),
        "input `lobby` is missing",
    )
    .label("no `lobby` here")
    .other(
        spot(&sources, playbook, "lobby", 0),
        "asked for here, and it has no default",
    );
    expect![[r#"
        error[S0801]: input `lobby` is missing
         --> groups/book-club-2.yaml:4:1
          |
        4 | with:
          | ^^^^ no `lobby` here
          |
         ::: playbooks/newcomer-care.yaml:2:3
          |
        2 |   lobby:    { type: group }
          |   ----- asked for here, and it has no default
    "#]]
    .assert_eq(&draw(&[missing], &sources, false));
}

#[test]
fn columns_count_characters_not_bytes() {
    check(
        "playbooks/问候.yaml",
        "text: 你好，${membr.name}！欢迎\n",
        |sources, file| {
            let at = spot(sources, file, "membr", 0);
            Diagnostic::error(Code::UnknownName, at, "unknown name `membr`")
                .did_you_mean(Some("member"))
        },
        &expect![[r#"
            error[S0301]: unknown name `membr`
             --> playbooks/问候.yaml:1:12
              |
            1 | text: 你好，${membr.name}！欢迎
              |               ^^^^^
              |
            help: did you mean `member`?
              |
            1 | text: 你好，${member.name}！欢迎
              |                   +
        "#]],
    );
}

#[test]
fn severities_colours_and_spots_out_of_range() {
    let mut sources = Sources::default();
    let file = sources.add("a.yaml", "a: 你\nb\n");
    let empty = sources.add("b.yaml", "");
    let problems = [
        Diagnostic::note(
            Code::StartsInShadow,
            Spot::new(empty, 3, 9),
            "begins in shadow",
        ),
        Diagnostic::warning(Code::UnusedInput, Spot::new(file, 4, 999), "unused"),
        Diagnostic::error(Code::Unreadable, Spot::new(file, 5000, 9999), "cut off"),
        Diagnostic::error(
            Code::Unreadable,
            Spot::new(FileId(77), 0, 1),
            "no such file",
        ),
    ];
    expect![[r#"
        error[S0101]: no such file

        warning[S0804]: unused
         --> a.yaml:1:4
          |
        1 | a: 你
          |    ^^

        error[S0101]: cut off
         --> a.yaml:2:3
          |
        2 | b
          |  ^

        note[S0504]: begins in shadow
        --> b.yaml
    "#]]
    .assert_eq(&draw(&problems, &sources, false));
    assert!(draw(&problems, &sources, true).contains('\u{1b}'));
    assert_eq!(draw(&[], &sources, true), "");
}

#[test]
fn many_problems_are_cut_and_errors_come_before_warnings() {
    let mut sources = Sources::default();
    let second = sources.add("b.yaml", &"b:\n".repeat(30));
    let first = sources.add("a.yaml", &"a:\n".repeat(30));
    let error = |file, line: usize| {
        let at = Spot::new(file, line * 3, line * 3 + 1);
        Diagnostic::error(Code::UnknownKey, at, format!("error {line}"))
    };
    let mut problems: Vec<Diagnostic> = (0..19).rev().map(|line| error(second, line)).collect();
    problems.push(Diagnostic::warning(
        Code::UnusedInput,
        error(first, 9).spot,
        "warning 9",
    ));
    problems.push(error(first, 3));
    problems.push(Diagnostic::warning(
        Code::UnusedInput,
        error(first, 8).spot,
        "warning 8",
    ));
    let drawn = draw(&problems, &sources, false);
    let shown: Vec<_> = drawn.lines().filter(|line| line.contains("]: ")).collect();
    assert_eq!(shown.len(), DRAWN_MAX);
    assert_eq!(
        shown[..2],
        ["error[S0201]: error 3", "error[S0201]: error 0"]
    );
    assert!(drawn.ends_with("\n… and 2 more\n"), "{drawn}");
}

#[test]
fn editors_get_json() {
    let mut sources = Sources::default();
    let file = sources.add("a.yaml", "text: 你好 membr\nx: 1\n");
    let at = spot(&sources, file, "membr", 0);
    let problem = Diagnostic::error(Code::UnknownName, at, "unknown name `membr`")
        .label("here")
        .other(spot(&sources, file, "x", 1), "there")
        .because("why")
        .did_you_mean(Some("member"));
    expect![[r#"
        [
          {
            "file": "a.yaml",
            "line": 1,
            "column": 10,
            "end_line": 1,
            "end_column": 15,
            "code": "S0301",
            "severity": "error",
            "message": "unknown name `membr`",
            "label": "here",
            "labels": [
              {
                "file": "a.yaml",
                "line": 2,
                "column": 1,
                "end_line": 2,
                "end_column": 2,
                "message": "there"
              }
            ],
            "notes": [
              "why"
            ],
            "help": "did you mean `member`?",
            "fix": {
              "file": "a.yaml",
              "line": 1,
              "column": 10,
              "end_line": 1,
              "end_column": 15,
              "replacement": "member"
            }
          }
        ]"#]]
    .assert_eq(&format!("{:#}", to_json(&[problem], &sources)));
}
