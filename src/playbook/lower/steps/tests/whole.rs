//! The language page's playbooks, read as whole files.

use crate::model::{Directory, GroupConfig, Text};
use crate::playbook::draw::draw;
use crate::playbook::lower::{SourceText, Surroundings, load};
use expect_test::{Expect, expect};
use std::collections::BTreeMap;

/// Loads one playbook beside the script `checkin` and tells what is wrong with it.
#[track_caller]
fn check(text: &str, expect: &Expect) {
    let group = |id: &str| GroupConfig {
        id: id.into(),
        tags: vec!["book-club".into()],
        ..GroupConfig::default()
    };
    let groups = ["lobby", "announcements", "moderators", "checkin"].map(group);
    let directory = Directory {
        groups: groups.into(),
        ..Directory::default()
    };
    let around = Surroundings {
        directories: &BTreeMap::from([(Text::from("club"), directory)]),
        endpoints: &[],
        words: &BTreeMap::new(),
    };
    let files = [SourceText {
        path: "playbooks/a.yaml".into(),
        text: text.into(),
    }];
    let scripts = [SourceText {
        path: "scripts/checkin.rhai".into(),
        text: SCRIPT.into(),
    }];
    let loaded = load(&files, &scripts, &around);
    let drawn = draw(&loaded.diagnostics, &loaded.sources, false);
    expect.assert_eq(&drawn);
}

const SCRIPT: &str = r#"// Pure: same arguments, same answer. No clock, no network, no state writes.
const WEEK = 7;

/// Points for a streak. Returns #{points, reason}.
fn award(args) {
    let n = args.streak.length;
    if n % global::WEEK != 0 { return #{ points: 0, reason: "" }; }
    let bonus = min(n / global::WEEK, 4) * 10;
    #{ points: 50 + bonus, reason: `${n}-day streak` }
}
"#;

#[test]
fn morning_post() {
    check(
        r##"steward: 1
playbook: morning-post
timezone: Asia/Shanghai
groups: [lobby, announcements]

vars:
  openers: ["Good morning", "Morning, all", "New day"]

rules:
  - rule: daily-0830
    when:
      schedule: { at: "08:30", days: weekdays }
    missed: { run: latest, within: 2h }   # daemon was down at 08:30
    if: group.active_members("7d") >= 5
    do:
      - send:
          to: group
          text: |
            ${pick(vars.openers)}! It is ${format_date(now, "%A %-d %B")}.
            ${group.active_members("1d")} people spoke yesterday.
"##,
        &expect![[""]],
    );
}

#[test]
fn quiet_members() {
    check(
        r##"steward: 1
playbook: quiet-members
groups: { tag: book-club }
limits:
  remove: 20 per 1d                # circuit breaker: the 21st waits for a person
  dm: 100 per 1d

inputs:
  quiet_after: { type: duration, default: 14d }
  last_chance: { type: duration, default: 7d }

rules:
  - rule: remove-silent
    when:
      inactivity: { member: inputs.quiet_after }
    backlog: { spread: 3d }        # people already silent when this rule is switched on
    if:
      - member.role == "member"
      - not has_label(member, "on-leave")
    per: member
    mode: single
    stop_when: [message, leave]    # any sign of life ends the run, at any step
    do:
      - dm:
          to: member
          text: "We have not heard from you in ${inputs.quiet_after}. Say anything within ${inputs.last_chance} to stay."
        on_error: continue         # their DMs may be closed
      - wait: inputs.last_chance
      - remove: { member: member, reason: "silent for ${days(now - member.last_active)} days" }
      - send: { to: moderators, text: "Removed ${member.name} (silent)." }
"##,
        &expect![[r#"
            note[S0504]: playbook `quiet-members` begins in shadow
              --> playbooks/a.yaml:2:11
               |
             2 | playbook: quiet-members
               |           ^^^^^^^^^^^^^ it decides, and sends nothing yet
            ...
            29 |       - remove: { member: member, reason: "silent for ${days(now - member.last_active)} days" }
               |         ------ because of this step
               |
            help: write `state: live` when what it decides is right
        "#]],
    );
}

#[test]
fn check_in_streak() {
    check(
        r##"steward: 1
playbook: checkin-streak
timezone: Asia/Shanghai
groups: [checkin]

data:
  checkins: { per: member, kind: streak, day_starts: "04:00" }   # one mark a local day
scripts: [checkin]

rules:
  - rule: check-in
    when:
      keyword: { any: ["打卡", "check in"], match: exact }
    if: not checkins.marked_today(member)
    do:
      - mark: checkins
        as: streak
      - react: "✅"
      - run: checkin::award
        with: { streak: streak }
        as: prize
      - choose:
          - if: prize.points > 0
            do:
              - reward: { member: member, points: prize.points, reason: prize.reason }
              - reply: "${member.mention} has checked in ${streak.length} days in a row: +${prize.points} points!"
          - else:
              - reply: "Day ${streak.length}. ${7 - streak.length % 7} to go."
"##,
        &expect![[""]],
    );
}

#[test]
fn migrate_a_dead_group() {
    check(
        r##"steward: 1
playbook: migrate-dead-group
about: A group that died is announced, volunteers are asked, and those who answer move on.
groups: { tag: book-club }
limits:
  invite: 200 per 1d
  create_group: 1 per 7d
  close_group: 1 per 7d

inputs:
  dead_after: { type: duration, default: 30d }
  minimum:    { type: number, default: 5 }

rules:
  - rule: migrate
    when:
      inactivity: { group: inputs.dead_after } # the whole group, not one member
    per: group
    mode: single
    do:
      - ask:                                     # waits are armed before the message goes out
          to: group
          text: "This group has been quiet for ${inputs.dead_after}. Reply 1 within 3 days to move to a new one."
          collect: { keyword: ["1", "+1", "me"], from: anyone, for: 3d, once_per: member }
        as: volunteers
      - if: volunteers.count < inputs.minimum
        do:
          - send: { to: group, text: "Only ${volunteers.count} answered, so we stay here." }
          - stop: not enough volunteers
      - approve: { by: owner, text: "Move ${volunteers.count} people out of ${group.name}?", within: 2d }
      - create_group:
          name: "${group.name} (season ${group.season + 1})"
          like: group                             # same tags, so the same playbooks apply
        as: new_group
      - each: member in volunteers.members
        pace: 10 per 1m
        do:
          - invite: { member: member, to: new_group }
            retry: { times: 3, every: 10m }
            on_error: continue
      - announce: { to: group, text: "We moved to ${new_group.link ?? new_group.name}. This group closes in 7 days.", pin: true }
      - wait: 7d
      - close_group: { group: group }
"##,
        &expect![[r#"
            note[S0504]: playbook `migrate-dead-group` begins in shadow
              --> playbooks/a.yaml:2:11
               |
             2 | playbook: migrate-dead-group
               |           ^^^^^^^^^^^^^^^^^^ it decides, and sends nothing yet
            ...
            31 |       - create_group:
               |         ------------ because of this step
               |
            help: write `state: live` when what it decides is right
        "#]],
    );
}
