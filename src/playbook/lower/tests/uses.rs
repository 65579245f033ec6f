//! Templates, uses, ids, scripts: what files may know of one another.

use super::describe::rulebook;
use super::{codes, loaded, says};
use crate::playbook::rule::Scope;
use expect_test::expect;

const TEMPLATE: &str = "\
steward: 1
playbook: care
groups: [club]
timezone: UTC
inputs:
  lobby:    { type: group }
  delay:    { type: duration, default: 30s, min: 10s, max: 1h }
  words:    { type: list, default: [hi, 007] }
  greeting: { type: text, default: \"Hi ${member.name}\" }
rules:
  - rule: r
    when:
      - keyword: { any: inputs.words }
      - inactivity: { member: inputs.delay }
    cooldown: inputs.delay
    do:
      - send: { to: inputs.lobby, text: inputs.greeting }
      - wait: inputs.delay
";

fn with(lines: &str) -> String {
    format!("steward: 1\nuse: care\nas: care-2\ngroups: [lobby]\n{lines}")
}

#[test]
fn a_missing_input_is_drawn_across_two_files() {
    let template = "steward: 1\ninputs:\n  lobby:    { type: group }\nplaybook: newcomer-care\ngroups: [club]\nrules:\n  - rule: r\n    when: join\n    do: [{ send: { to: inputs.lobby, text: hi } }]\n";
    let own = "steward: 1\nuse: newcomer-care\ngroups: [lobby]\nwith:\n  {}\n";
    says(
        &[
            ("playbooks/newcomer-care.yaml", template),
            ("groups/book-club-2.yaml", own),
        ],
        &expect![[r#"
            error[S0801]: input `lobby` is missing
             --> groups/book-club-2.yaml:4:1
              |
            4 | with:
              | ^^^^ no `lobby` here
              |
             ::: playbooks/newcomer-care.yaml:3:3
              |
            3 |   lobby:    { type: group }
              |   ----- asked for here, and it has no default
        "#]],
    );
}

#[test]
fn uses_fill_inputs_in_and_override_the_head() {
    let own = with(
        "timezone: Asia/Shanghai\nwith: { lobby: lobby, words: [bye], greeting: \"Yo ${group.name}\" }\n",
    );
    let loaded = loaded(&[("a.yaml", TEMPLATE), ("b.yaml", &own)]);
    assert!(codes(&loaded).is_empty(), "{:?}", loaded.diagnostics);
    expect![[r#"
        care-2 (b.yaml) Groups(["lobby"]) Live Asia/Shanghai
          input delay = Span(Span { days: 0, exact_ms: 30000 })
          input greeting = Text("Yo ${group.name}")
          input lobby = Text("lobby")
          input words = List([Text("bye")])
          care-2/r line 11 Live per member Single max=100 cooldown=Every(Span { days: 0, exact_ms: 30000 }) 
            missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
            when Keyword(Keyword { any: ["bye"], all: [], none: [], matching: Word, evasion: false, place: Group, from: [] })
            when MemberInactive(Span { days: 0, exact_ms: 30000 })
            do/0 send to=['lobby'] text="${…}"
            do/1 wait span=30s late=Run
    "#]].assert_eq(&rulebook(&loaded.rulebook));
}

#[test]
fn what_is_wrong_in_a_use_is_told_there() {
    for (lines, expected) in [
        ("with: { lobby: lobby, loby: x }\n", "S0802"),
        ("with: { lobby: lobby, delay: soon }\n", "S0803"),
        ("with: { lobby: lobby, delay: 1s }\n", "S0803"),
        ("with: { lobby: lobby, delay: 2h }\n", "S0803"),
        ("with: { lobby: loby }\n", "S0304"),
        ("with: { lobby: garden }\n", "S0304"),
        ("with: { lobby: lobby, greeting: \"${membr}\" }\n", "S0301"),
        ("with: lobby\n", "S0801 S0205"),
        ("", "S0801"),
        ("rules: []\nwith: { lobby: lobby }\n", "S0201"),
        ("with: { lobby: lobby, words: [\"(\"] }\n", ""),
    ] {
        let own = with(lines);
        let loaded = loaded(&[("a.yaml", TEMPLATE), ("b.yaml", &own)]);
        assert_eq!(codes(&loaded).join(" "), expected, "{lines}");
        let broken: Vec<&str> = loaded.broken.iter().map(|path| &**path).collect();
        assert_eq!(broken.is_empty(), expected.is_empty());
        assert!(!broken.contains(&"a.yaml"), "{lines}");
    }
}

#[test]
fn a_use_of_nothing_and_of_something_broken() {
    let own = with("with: { lobby: lobby }\n").replace("use: care", "use: car");
    says(
        &[("a.yaml", TEMPLATE), ("b.yaml", &own)],
        &expect![[r#"
        error[S0308]: unknown playbook `car`
         --> b.yaml:2:6
          |
        2 | use: car
          |      ^^^ no playbook has this id
          |
        help: did you mean `care`?
          |
        2 | use: care
          |         +
    "#]],
    );
    let broken = TEMPLATE.replace("send:", "sned:");
    let own = with("with: { lobby: lobby }\n");
    let loaded = loaded(&[("a.yaml", &broken), ("b.yaml", &own)]);
    assert_eq!(codes(&loaded), ["S0203"]);
    assert_eq!(loaded.broken.len(), 2, "the use cannot run either");
}

#[test]
fn ids_are_unique_over_all_files() {
    let plain = |id: &str| format!("steward: 1\nplaybook: {id}\ngroups: [lobby]\nrules: []\n");
    let (one, two) = (plain("a"), plain("a"));
    let twice = loaded(&[("a.yaml", &one), ("b.yaml", &two)]);
    assert_eq!(codes(&twice), ["S0208"]);
    assert_eq!(twice.rulebook.playbooks.len(), 1);
    assert_eq!(&*twice.broken[0], "b.yaml");
    let own = with("with: { lobby: lobby }\n");
    let uses = loaded(&[("a.yaml", TEMPLATE), ("b.yaml", &own), ("c.yaml", &own)]);
    assert_eq!(codes(&uses), ["S0208"]);
    let same = own.replace("as: care-2\n", "");
    let same = loaded(&[("a.yaml", TEMPLATE), ("b.yaml", &same)]);
    assert!(codes(&same).is_empty(), "a template leaves its id to a use");
    assert_eq!(&*same.rulebook.playbooks[0].id, "care");
}

#[test]
fn data_of_another_playbook_can_be_read() {
    let home = "steward: 1\nplaybook: home\ngroups: [lobby]\ndata: { visits: { kind: counter, per: member } }\nrules: []\n";
    let guest = "steward: 1\nplaybook: guest\ngroups: [lobby]\ndata: { visits: { from: home } }\nrules:\n  - rule: r\n    when: join\n    if: visits > 3\n    do: [{ send: hi }]\n";
    let loaded = loaded(&[("a.yaml", home), ("b.yaml", guest)]);
    assert!(codes(&loaded).is_empty(), "{:?}", loaded.diagnostics);
    let visits = &loaded.rulebook.playbook("guest").unwrap().data["visits"];
    assert_eq!(visits.from.as_deref(), Some("home"));
    assert!(visits.per_member);
}

#[test]
fn scripts_are_checked_and_may_be_whole_rules() {
    let text = "steward: 1\nplaybook: a\ngroups: [lobby]\nscripts: [promo]\nrules:\n  - rule: r\n    when: message\n    if: promo::is_promo(event)\n    do: [{ reply: hi }]\n";
    let script = "//! Looks for advertisements.\n//! when: message\n//! per: member\n//! cooldown: 10m\nfn is_promo(event) { true }\nfn decide(ctx) { [fx::reply(\"no\")] }\n";
    let good = loaded(&[("a.yaml", text), ("scripts/promo.rhai", script)]);
    assert!(codes(&good).is_empty(), "{:?}", good.diagnostics);
    expect![[r#"
        a (a.yaml) Groups(["lobby"]) Live
          a/r line 6 Live per member Single max=100 if=1
            missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
            when Message(MessageFilter { from: [], content: [], mentions: None, mentions_bot: false, links: None, place: Group })
            do/0 reply text="hi"
          a/promo line 1 Live per member Single max=100 cooldown=Every(Span { days: 0, exact_ms: 600000 })  script=promo
            missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
            when Message(MessageFilter { from: [], content: [], mentions: None, mentions_bot: false, links: None, place: Group })
            do/0 decide module=promo
              do:
                do/0/do/0 effect
    "#]].assert_eq(&rulebook(&good.rulebook));
    assert!(
        good.rulebook
            .scripts
            .is_some_and(|all| all.get("promo").is_some())
    );
    let named = text.replace("[{ reply: hi }]", "promo::decide");
    let named = loaded(&[("a.yaml", &named), ("scripts/promo.rhai", script)]);
    let rules = &named.rulebook.playbooks[0].rules;
    assert_eq!(rules.len(), 1, "the rule that names it is the script's");
    assert_eq!(rules[0].script.as_deref(), Some("promo"));
    let same = text.replace("rule: r", "rule: promo");
    let same = loaded(&[("a.yaml", &same), ("scripts/promo.rhai", script)]);
    assert_eq!(codes(&same), ["S0208"]);
    let guarded = script.replace("fx::reply(\"no\")", "fx::remove(ctx.member, \"ad\")");
    says(
        &[("a.yaml", text), ("scripts/promo.rhai", &guarded)],
        &expect![[r#"
            error[S0501]: `remove` needs a limit
             --> scripts/promo.rhai:6:19
              |
            6 | fn decide(ctx) { [fx::remove(ctx.member, "ad")] }
              |                   ^^^^^^^^^^ takes people out of a chat
              |
            help: say how many at most: add `limits: { remove: 20 per 1d }` at the top of this file
        "#]],
    );
    let header = script.replace("cooldown: 10m", "cooldown: soon");
    says(
        &[("a.yaml", text), ("scripts/promo.rhai", &header)],
        &expect![[r#"
            error[S0404]: `soon` is not a duration
             --> scripts/promo.rhai:4:15
              |
            4 | //! cooldown: soon
              |               ^^^^ a number and `s`, `m`, `h`, `d` or `w`, such as `30s` or `14d`
        "#]],
    );
    let slip = script.replace("true", "tru()");
    let slip = loaded(&[("a.yaml", text), ("scripts/promo.rhai", &slip)]);
    assert_eq!(codes(&slip), ["S0305", "S0702"]);
    assert_eq!(slip.broken.len(), 2);
}

#[test]
fn tests_are_passed_over_and_the_hash_is_of_all_texts() {
    let plain = "steward: 1\nplaybook: a\ngroups: [sandbox/1, lobby]\nrules: []\n";
    let one = loaded(&[
        ("a.yaml", plain),
        ("a.test.yaml", "{{"),
        ("b.yaml", "test: a\n"),
    ]);
    assert!(codes(&one).is_empty());
    let scope = &one.rulebook.playbooks[0].scope;
    assert_eq!(
        *scope,
        Scope::Groups(vec!["sandbox/1".into(), "lobby".into()])
    );
    let turned = loaded(&[
        ("b.yaml", "test: a\n"),
        ("a.test.yaml", "{{"),
        ("a.yaml", plain),
    ]);
    assert_eq!(one.rulebook.hash, turned.rulebook.hash);
    let changed = plain.replace("[]", "[] ");
    let changed = loaded(&[
        ("a.yaml", &changed),
        ("a.test.yaml", "{{"),
        ("b.yaml", "test: a\n"),
    ]);
    assert_ne!(one.rulebook.hash, changed.rulebook.hash);
}
