//! Limits, what platforms can do, silence, shadow.

use super::super::checks::by_silence;
use super::super::rules::Lowered;
use super::super::steps::Met;
use super::{codes, loaded, says};
use crate::model::{Abilities, Kind};
use crate::playbook::codes::Code;
use crate::playbook::grammar::Step;
use crate::playbook::rule::State::{self, Live, Paused, Shadow};
use crate::playbook::source::Spot;
use expect_test::expect;
use std::collections::BTreeMap;

fn states(text: &str) -> Vec<State> {
    let loaded = loaded(&[("a.yaml", text)]);
    assert!(loaded.broken.is_empty(), "{:?}", loaded.diagnostics);
    let playbook = loaded.rulebook.playbook("a").unwrap();
    let rules = playbook.rules.iter().map(|rule| rule.state);
    [playbook.state].into_iter().chain(rules).collect()
}

#[test]
fn a_guarded_step_without_a_limit_is_drawn_as_in_the_language_page() {
    let text = "\
steward: 1
playbook: welcome
groups: [lobby]

rules:
  - rule: r
    when: join

    do:
      - remove: { member: member }
      - remove: { member: member }
";
    says(
        &[("playbooks/welcome.yaml", text)],
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
}

#[test]
fn with_other_limits_there_the_help_names_them() {
    let text = "\
steward: 1
playbook: a
groups: [lobby]
limits: { remove: 1 per 1d }
rules:
  - rule: r
    when: join
    do:
      - ban: { member: member }
";
    says(
        &[("a.yaml", text)],
        &expect![[r#"
        error[S0501]: `ban` needs a limit
         --> a.yaml:9:9
          |
        9 |       - ban: { member: member }
          |         ^^^ keeps people out of a chat
          |
        help: say how many at most: add `ban: 10 per 1d` under `limits`
    "#]],
    );
}

#[test]
fn what_the_platform_cannot_do_is_told_unless_it_is_asked_first() {
    let rule = |steps: &str| {
        format!(
            "steward: 1\nplaybook: a\ngroups: [garden]\nrules:\n  - rule: r\n    when: {{ keyword: hi }}\n    do:\n{steps}"
        )
    };
    let plain = rule("      - react: \"x\"\n");
    says(
        &[("a.yaml", &plain)],
        &expect![[r#"
        error[S0502]: `react` is not possible on `qq`
         --> a.yaml:8:9
          |
        8 |       - react: "x"
          |         ^^^^^ no bot can do this on onebot11
          |
          = note: the playbook is bound to a group of connector `qq`
        help: put it under `if: group.can("react")`, or use a `task` for a person
    "#]],
    );
    for asked in [
        "      - if: group.can(\"react\")\n        do: [{ react: x }]\n",
        "      - react: x\n        if: group.can(\"react\")\n",
    ] {
        assert!(codes(&loaded(&[("a.yaml", &rule(asked))])).is_empty());
    }
    let elsewhere = plain.replace("garden", "lobby");
    assert!(codes(&loaded(&[("a.yaml", &elsewhere)])).is_empty());
    let everywhere = plain.replace("[garden]", "all");
    assert_eq!(codes(&loaded(&[("a.yaml", &everywhere)])), ["S0502"]);
    let tagged = plain.replace("[garden]", "{ tag: green }");
    assert_eq!(codes(&loaded(&[("a.yaml", &tagged)])), ["S0502"]);
}

#[test]
fn nobody_is_removed_for_silence_where_not_everything_is_heard() {
    let text = "\
steward: 1
playbook: a
groups: [lobby]
limits: { remove: 1 per 1d }
rules:
  - rule: r
    when: { inactivity: { member: 14d } }
    do: [{ remove: { member: member } }]
";
    let mut loaded = loaded(&[("a.yaml", text)]);
    let rule = loaded.rulebook.playbooks.remove(0).rules.remove(0);
    let met = Met {
        step: Step::named("remove").unwrap(),
        spot: Spot::default(),
        asked: false,
    };
    let lowered = Lowered {
        rule,
        state: None,
        met: 0..1,
        spot: Spot::default(),
    };
    let deaf = Abilities {
        hears_everything: false,
        ..Abilities::ALL
    };
    let bound = |abilities| BTreeMap::from([("tg".into(), (Kind::Telegram, abilities))]);
    let met = [met];
    let problem = by_silence(&met, &lowered, &bound(deaf)).unwrap();
    assert_eq!(problem.code, Code::SilenceUnknown);
    assert_eq!(by_silence(&met, &lowered, &bound(Abilities::ALL)), None);
    assert_eq!(by_silence(&[], &lowered, &bound(deaf)), None);
}

#[test]
fn a_guarded_playbook_begins_in_shadow_and_says_so() {
    let text = |state: &str, rule: &str, step: &str| {
        format!(
            "steward: 1\nplaybook: a\ngroups: [lobby]\n{state}limits: {{ remove: 1 per 1d }}\nrules:\n  - rule: r\n    when: join\n{rule}    do: [{{ {step}: {{ member: member }} }}]\n  - rule: s\n    when: leave\n    do: [{{ send: bye }}]\n"
        )
    };
    let remove = |state: &str, rule: &str| text(state, rule, "remove");
    assert_eq!(states(&remove("", "")), [Shadow, Shadow, Shadow]);
    assert_eq!(states(&text("", "", "unmute")), [Live, Live, Live]);
    assert_eq!(states(&remove("state: live\n", "")), [Live, Live, Live]);
    assert_eq!(
        states(&remove("state: live\n", "    state: shadow\n")),
        [Live, Shadow, Live]
    );
    assert_eq!(
        states(&remove("", "    state: live\n")),
        [Shadow, Live, Shadow]
    );
    assert_eq!(
        states(&remove("state: paused\n", "    state: live\n")),
        [Paused, Paused, Paused]
    );
    let note = remove("", "");
    says(
        &[("a.yaml", &note)],
        &expect![[r#"
        note[S0504]: playbook `a` begins in shadow
         --> a.yaml:2:11
          |
        2 | playbook: a
          |           ^ it decides, and sends nothing yet
        ...
        8 |     do: [{ remove: { member: member } }]
          |            ------ because of this step
          |
        help: write `state: live` when what it decides is right
    "#]],
    );
    let said = remove("state: shadow\n", "");
    assert!(codes(&loaded(&[("a.yaml", &said)])).is_empty());
}

#[test]
fn groups_of_another_community_are_out_of_reach() {
    let text = "\
steward: 1
playbook: a
groups: all
rules:
  - rule: r
    when: join
    do: [{ send: { to: lobby, text: hi } }]
";
    says(
        &[("a.yaml", text)],
        &expect![[r#"
        error[S0304]: group `lobby` is not of community `gardeners`
         --> a.yaml:7:24
          |
        7 |     do: [{ send: { to: lobby, text: hi } }]
          |                        ^^^^^ belongs to another community
          |
          = note: this playbook applies in `gardeners` too, and cannot reach across
        help: bind the playbook to the groups of one community
    "#]],
    );
}
