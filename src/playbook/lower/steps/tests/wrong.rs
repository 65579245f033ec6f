//! What is said about steps that are wrong.
#![expect(clippy::too_many_lines, reason = "a table of cases")]

use super::{check_wrong, read, wrong};
use crate::playbook::draw::draw;
use crate::playbook::grammar::{LATER_STEPS, STEPS};
use expect_test::expect;

#[test]
fn slips_in_names() {
    check_wrong(
        r#"
- sned: { to: group, text: hi }
- kick: member
- zzz
- anounce: hi
- send: { too: group, text: hi }
- send: hi
  rety: { times: 1, every: 1m }
- send: hi
  text: ho
- wait: 1d
  reply: hi
- note: nothing
- [a, b]
-
"#,
        &expect![[r#"
            S0203 2:3 unknown step `sned` [sned] no step has this name | did you mean `send`?
            S0203 3:3 unknown step `kick` [kick] no step has this name | did you mean `remove`?
            S0203 4:3 unknown step `zzz` [zzz] no step has this name
            S0203 5:3 unknown step `anounce` [anounce] no step has this name | did you mean `announce`?
            S0201 6:11 unknown key `too` [too] no such key here | did you mean `to`?
            S0201 8:3 unknown key `rety` [rety] no such key here | did you mean `retry`?
            S0201 10:3 unknown key `text` [text] a field of `send`, not a key beside it | write it below `send`, further to the right
            S0206 12:3 `wait` and `reply` stand in one step [reply] a second step | give each step a dash of its own
            S0205 13:3 this step has no name [note] only keys that stand beside a name | name a step, or put steps under `do`
            S0205 14:3 this takes a step such as `- reply: hi` [[a, b]] this is a list
            S0210 15:2 this item has no value [] nothing stands after this
        "#]],
    );
}

#[test]
fn later_words() {
    for name in LATER_STEPS {
        let said = wrong(&format!("- {name}: run\n- {name}\n"));
        assert_eq!(said.matches("S0299").count(), 2, "{said}");
    }
    check_wrong(
        "- charge: { points: 3, into: pot }\n- reward: { points: 3, from: pot }\n",
        &expect![[r#"
            S0299 1:24 `into` is not in this version yet [into] kept for a later version
            S0299 2:24 `from` is not in this version yet [from] kept for a later version
        "#]],
    );
}

#[test]
fn missing_fields() {
    check_wrong(
        r#"
- welcome: { to: group }
- send: { to: group }
- react: {}
- ask: { choices: [a] }
- mute: { member: member }
- mute
- invite: { member: member }
- create_group: {}
- label: {}
- reward: {}
- charge: {}
- wait: {}
- take: { count: 3 }
- set: { of: member }
- set: topic
- each: m in group.members
- call: greet
- send:
- send: hi
  else: [{ send: ho }]
- choose: [{ if: member.is_bot }]
- signal: {}
- webhook: {}
- send: hi
  retry: { times: 3 }
- migrate: { from: lobby }
"#,
        &expect![[r#"
            S0202 2:3 `text` is missing [welcome] no `text` here
            S0202 3:3 `text` is missing [send] no `text` here, and no `file`
            S0202 4:3 `text` is missing [react] no `text` here
            S0202 5:3 `text` is missing [ask] no `text` here
            S0202 6:3 `for` is missing [mute] no `for` here
            S0205 7:3 `mute` cannot stand alone [mute] needs `for` after it
            S0202 8:3 `to` is missing [invite] no `to` here
            S0202 9:3 `name` is missing [create_group] no `name` here
            S0202 10:3 `label` does nothing [label] no `add` or `drop` here
            S0202 11:3 `reward` does nothing [reward] no `points`, `badge` or `role` here
            S0202 12:3 `points` is missing [charge] no `points` here
            S0202 13:3 `wait` does not say what for [wait] no `until` and no `for` here
            S0202 14:3 `from` is missing [take] no `from` here
            S0202 15:3 `set` names no data [set] nothing to change here
            S0202 16:8 the value is missing [topic]  | write `set: { topic: … }`
            S0202 17:3 `do` is missing [each] no `do` here
            S0202 18:9 `who` is missing [greet] no `who` here
            S0210 19:3 `send` has no value [send] nothing stands after this
            S0202 21:3 `else` without `if` [else] nothing says when it holds
            S0202 22:14 `do` is missing [if] no `do` here
            S0202 23:3 `name` is missing [signal] no `name` here
            S0202 24:3 `endpoint` is missing [webhook] no `endpoint` here
            S0202 26:3 `every` is missing [retry] no `every` here
            S0202 27:20 the new group has no name [lobby] the default name is that of the run's group | write `to: { create: { name: … } }`
        "#]],
    );
}

#[test]
fn things_that_do_not_go_together() {
    check_wrong(
        r#"
- ask: { text: hi, collect: { for: 1d, until: "20:00" } }
- wait: { until: "20:00", for: message }
- wait: { until: "20:00", timeout: 1d }
- wait: { for: message, on_timeout: continue }
- wait: { for: message, stop_when: leave }
  stop_when: message
- set: { topic: a, visits: 3 }
- mark: visits
- add: { topic: a }
- add: { stock: 1 }
- add: { visits: 1, key: a }
- choose:
    - else: [{ stop: a }]
    - if: member.is_bot
      do: []
- choose:
    - if: member.is_bot
      do: []
      else: []
- send: a
  id: one
- send: b
  id: one
- send: c
  id: "3"
- let: { volunteers: 3 }
- migrate
"#,
        &expect![[r#"
            S0211 2:40 `for` and `until` stand together [until] only one of them can say when it closes
            S0211 3:11 `until` and `for` stand together [until] a wait is for a time or for something to happen
            S0211 4:27 `timeout` needs `for` [timeout] a wait for a time ends by itself
            S0202 5:25 `on_timeout` needs `timeout` [on_timeout] time never runs out
            S0211 7:3 `stop_when` stands twice in this step [stop_when] once more
            S0211 8:20 `set` changes one value [visits] a second name | give each a step of its own
            S0401 9:9 `mark` does not suit `visits` [visits] this is a counter
            S0401 10:10 `add` does not suit `topic` [topic] this is a text
            S0202 11:10 `key` is missing [stock] this data is kept per key
            S0301 12:26 unknown name `a` [a] not known here
            S0211 15:7 a way after `else` [if] never taken | put `else` last
            S0211 18:7 `if` and `else` stand in one way [if]  | give `else` a dash of its own
            S0208 24:7 two steps of this list have the id `one` [one] the second of them
            S0209 26:7 `3` cannot be the id of a step ["3"] numbers are for steps without an id
            S0306 28:3 `migrate` gives the name `volunteers` itself [migrate] give your own result another name
        "#]],
    );
}

#[test]
fn names_that_stand_for_nothing() {
    check_wrong(
        r#"
- send: "Hi ${membr.name}"
- send: { to: loby, text: hi }
- mark: chekins
- call: gret
- call: greet
  with: { whom: member }
- run: chekin::award
- run: checkin::awrd
- run: checkin::two
- run: award
- webhook: shpo
- send: "${event.txt}"
"#,
        &expect![[r#"
            S0301 2:15 unknown name `membr` [membr] not known here | did you mean `member`?
            S0304 3:15 unknown group `loby` [loby] no group in steward.yaml has this id | did you mean `lobby`?
            S0309 4:9 unknown data `chekins` [chekins] not declared under `data` | did you mean `checkins`?
            S0307 5:9 unknown flow `gret` [gret] not among the `flows` of this file | did you mean `greet`?
            S0201 7:11 unknown key `whom` [whom] no such key here | did you mean `who`?
            S0202 7:3 `who` is missing [with] no `who` here
            S0305 8:8 unknown script `chekin` [chekin] not among the `scripts` of this file | did you mean `checkin`?
            S0305 9:17 there is no function `awrd` in `checkin` [awrd] not in the script | did you mean `award`?
            S0305 10:17 `two` takes 2 values; `run` gives it one [two] must take one value: what stands under `with`
            S0305 11:8 `run` takes `module::function` [award] names no function of a script
            S0310 12:12 unknown endpoint `shpo` [shpo] not among the `endpoints` of steward.yaml | did you mean `shop`?
            S0302 13:18 `event` has no `txt` [txt] not known here | did you mean `text`?
        "#]],
    );
}

#[test]
fn values_of_the_wrong_kind() {
    check_wrong(
        r#"
- send: { to: 3, text: hi }
- send: { text: { a: b } }
- announce: { text: hi, pin: perhaps }
- announce: { text: hi, pin: member.is_bot }
- welcome: { text: hi, gather: 2 days }
- wait: 2 days
- wait: soon
- wait: { until: "8:30" }
- wait: { for: 7d }
- wait: { for: mesage }
- wait: 1d
  late: later
- ask: { text: hi, collect: { at_most: 0 } }
- ask: { text: hi, collect: { at_most: many } }
- ask: { text: hi, collect: { full: clsoe } }
- ask: { text: hi, collect: { show: sometimes } }
- ask: { text: hi, collect: { from: everyone } }
- ask: { text: hi, collect: [a] }
- ask: { text: hi, collect: { if: member.nme == 3 } }
- approve: { text: hi, by: nobody }
- approve: { text: hi, on_no: perhaps }
- approve: { text: hi, on_no: { a: b } }
- task: { text: hi, for: [a] }
- label: { add: a, expires: never }
- label: { add: a, member: group }
- reward: -3
- reward: many
- reward: { points: { random: { min: 5, max: 3 } } }
- reward: { points: { base: 1.5 } }
- charge: -3
- mute: { for: long }
- remove: group
- remove: lobby
- set: { visits: a lot }
- mark: { checkins: someday }
- let: [a]
- let: { n: mber.name }
- filter: group.members
- filter: m in 3
- each: m in group.members
  pace: fast
  n: few
  do: []
- send: hi
  retry: { times: 0, every: 10m }
- send: hi
  retry: often
- send: hi
  on_error: perhaps
- send: hi
  if: member.points > "3"
- send: hi
  state: asleep
- choose: { if: a }
- invite: { to: 3 }
- create_group: { name: a, on: "A B" }
- delete_message: { message: group }
- react: { text: a, to: 3 }
- migrate: { pace: fast }
- migrate: { minimum: many }
- migrate: { collect: { for: soon } }
- migrate: { moved: "${mebmer.name}" }
- migrate: { to: { creat: {} } }
"#,
        &expect![[r#"
            S0304 2:15 unknown group `3` [3] no group in steward.yaml has this id
            S0205 3:17 `text` takes text [{ a: b }] this is a map
            S0301 4:30 unknown name `perhaps` [perhaps] not known here
            S0401 5:30 `pin` must be known when the file is loaded [member.is_bot] write it out, or name an input
            S0404 6:32 `2 days` is not a duration [2 days] a number and `s`, `m`, `h`, `d` or `w`, such as `30s` or `14d` | write `2d`
            S0404 7:9 `2 days` is not a duration [2 days] a number and `s`, `m`, `h`, `d` or `w`, such as `30s` or `14d` | write `2d`
            S0301 8:9 unknown name `soon` [soon] not known here
            S0602 9:18 `8:30` is not a time of day ["8:30"] two digits each, from 00:00 to 23:59 | write `08:30`
            S0401 10:16 `for` takes a trigger [7d] this is a duration | write `wait: 7d`
            S0204 11:16 unknown trigger `mesage` [mesage] no trigger has this name | did you mean `message`?
            S0406 13:9 `late` cannot be `later` [later] takes one of run, skip, stop
            S0407 14:40 `at_most` is out of range [0] a whole number from 1 to 10000
            S0301 15:40 unknown name `many` [many] not known here
            S0406 16:37 `full` cannot be `clsoe` [clsoe] takes one of close, refuse, wait | did you mean `close`?
            S0406 17:37 `show` cannot be `sometimes` [sometimes] takes one of never, end
            S0406 18:37 `from` cannot be `everyone` [everyone] takes one of anyone, owner, staff, member
            S0205 19:29 `collect` takes a map of keyword, kind, from, for, until, at_most, full, once_per, again, cancel, if, refused, show, stop_when, on_answer [[a]] this is a list
            S0302 20:42 a member has no `nme` [nme] not known here | did you mean `name`?
            S0406 21:28 `by` cannot be `nobody` [nobody] takes one of staff, owner, anyone
            S0406 22:31 `on_no` cannot be `perhaps` [perhaps] takes one of stop, continue
            S0205 23:31 `on_no` takes stop, continue, or a list of steps [{ a: b }] this is a map
            S0205 24:26 `for` takes `staff`, `owner` or a member [[a]] this is a list
            S0301 25:29 unknown name `never` [never] not known here
            S0401 26:28 `member` takes a member [group] this is a group
            S0407 27:11 `points` is out of range [-3] points are whole numbers from 0 | take points with `charge`
            S0301 28:11 unknown name `many` [many] not known here
            S0407 29:46 `max` is smaller than `min` [3] nothing lies between them
            S0407 30:29 `base` is out of range [1.5] points are whole numbers from 0
            S0407 31:11 `points` is out of range [-3] points are whole numbers from 0
            S0301 32:16 unknown name `long` [long] not known here
            S0401 33:11 `remove` takes a member [group] this is a group
            S0301 34:11 unknown name `lobby` [lobby] not known here
            S0408 35:20 this is not an expression [lot] not expected here
            S0301 36:21 unknown name `someday` [someday] not known here
            S0205 37:8 `let` takes a map of names to expressions [[a]] this is a list
            S0301 38:13 unknown name `mber` [mber] not known here
            S0408 39:11 `filter` takes `name in list` [group.members] a name for one item, `in`, and the list
            S0401 40:16 a list is wanted here, and this is a number [3] this is a number
            S0301 43:6 unknown name `few` [few] not known here
            S0405 42:9 `fast` is not a rate [fast] so many per so long, such as `20 per 1d`
            S0407 46:19 `times` is out of range [0] a whole number from 1 to 100
            S0205 48:10 `retry` takes a map such as `{ times: 3, every: 10m }` [often] this is text
            S0406 50:13 `on_error` cannot be `perhaps` [perhaps] takes one of stop, continue
            S0402 52:23 a number is compared with text ["3"] this is text | remove the quotes
            S0406 54:10 `state` cannot be `asleep` [asleep] takes one of live, shadow, paused
            S0205 55:11 `choose` takes a list of `{ if, do }` and one `{ else }` [{ if: a }] this is a map
            S0304 56:17 unknown group `3` [3] no group in steward.yaml has this id
            S0209 57:32 `A B` cannot be an id ["A B"] small letters, digits, `-` and `_`, at most 64 | write `a-b`
            S0401 58:30 `message` takes a message [group] this is a group | name the result of the step that sent it, or `event.message`
            S0401 59:25 `to` takes a message [3] this is a number | name the result of the step that sent it, or `event.message`
            S0405 60:20 `fast` is not a rate [fast] so many per so long, such as `20 per 1d`
            S0301 61:23 unknown name `many` [many] not known here
            S0301 62:30 unknown name `soon` [soon] not known here
            S0301 63:24 unknown name `mebmer` [mebmer] not known here | did you mean `member`?
            S0201 64:20 unknown key `creat` [creat] no such key here | did you mean `create`?
            S0202 64:14 `create` is missing [to] no `create` here
        "#]],
    );
}

#[test]
fn a_list_without_dashes() {
    check_wrong(
        "send: hi\n",
        &expect![[r#"
        S0205 1:1 this takes a list of steps [send: hi] this is one step without its dash | put `- ` before it
    "#]],
    );
    check_wrong(
        "hello\n",
        &expect![[r#"
        S0205 1:1 this takes a list of steps [hello] this is text
    "#]],
    );
    check_wrong(
        "- do: { send: hi }\n",
        &expect![[r#"
        S0205 1:7 `do` takes a list of steps [{ send: hi }] this is one step without its dash | put `- ` before it
    "#]],
    );
}

#[test]
fn every_step_takes_no_value_of_a_strange_shape() {
    for step in STEPS {
        for value in ["[[]]", "[{ a: { b: c } }]", "{ zzz: 1 }", "{ if: [] }"] {
            if step.name == "let" && value.contains("zzz") {
                continue;
            }
            let said = wrong(&format!("- {}: {value}\n", step.name));
            assert!(!said.is_empty(), "{} {value}", step.name);
        }
        for field in step.fields {
            let said = wrong(&format!(
                "- {}: {{ {}: [[], {{}}] }}\n",
                step.name, field.name
            ));
            assert!(!said.is_empty(), "{} {}", step.name, field.name);
        }
    }
}

#[test]
fn the_drawn_error_points_at_the_word() {
    let read = read("- sned: { to: group, text: hi }\n");
    expect![[r#"
        error[S0203]: unknown step `sned`
         --> a.yaml:1:3
          |
        1 | - sned: { to: group, text: hi }
          |   ^^^^ no step has this name
          |
        help: did you mean `send`?
          |
        1 - - sned: { to: group, text: hi }
        1 + - send: { to: group, text: hi }
          |
    "#]]
    .assert_eq(&draw(&read.problems, &read.sources, false));
}
