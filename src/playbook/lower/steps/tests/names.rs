//! Which names later steps know, and how sure they are.

use super::{check_wrong, wrong};
use expect_test::expect;

#[test]
fn results_are_known_from_the_step_on() {
    check_wrong(
        r#"
- send: "${list.count}"
- ask: hi
  as: list
- send: "${list.count} ${list.cuont} ${list.rows}"
"#,
        &expect![[r#"
            S0301 2:12 unknown name `list` [list] not known here
            S0302 5:31 `list` has no `cuont` [cuont] not known here | did you mean `count`?
        "#]],
    );
}

#[test]
fn what_only_some_runs_give_may_be_empty() {
    check_wrong(
        r#"
- if: member.is_bot
  do:
    - let: { a: 1 }
- send: "${a}"
- if: member.is_bot
  do:
    - let: { b: 1, c: 1 }
  else:
    - let: { b: 2 }
- send: "${b}"
- send: "${c ?? 3}"
- if: member.is_bot
  do:
    - stop
  else:
    - let: { d: 2 }
- send: "${d}"
- let: { e: 1 }
- run: checkin::award
  as: f
  if: member.is_bot
- mark: checkins
  as: g
  on_error: continue
- send: "${g.length}"
- each: m in group.members
  do:
    - let: { h: m.points }
    - let: { e: e + 1 }
- send: "${h} ${e} ${m}"
- choose:
    - if: member.is_bot
      do: [{ let: { i: 1 } }]
    - else: [{ let: { i: 2 } }]
- send: "${i}"
"#,
        &expect![[r#"
            S0403 5:12 `a` may be empty [a] there may be none | say what to use instead: `a ?? 0`
            S0403 26:12 `g` may be empty [g] there may be none | say what to use instead: `g ?? …`
            S0403 31:12 `h` may be empty [h] there may be none | say what to use instead: `h ?? 0`
            S0301 31:22 unknown name `m` [m] not known here
        "#]],
    );
}

#[test]
fn names_in_use_keep_their_meaning() {
    check_wrong(
        r#"
- let: { member: 3 }
- let: { visits: 3 }
- let: { switch: 3 }
- let: { two words: 3 }
- ask: hi
  as: event
- each: inputs in group.members
  do: []
- filter: now in group.members
  as: x
- label: a
  as: b
"#,
        &expect![[r#"
            S0306 2:10 `member` has a meaning already [member] choose another name
            S0306 3:10 `visits` has a meaning already [visits] choose another name
            S0314 4:10 `switch` is a word of the expression language [switch] choose another name
            S0209 5:10 `two words` cannot be a name in expressions [two words] letters, digits and `_`, beginning with a letter | write `two_words`
            S0306 7:7 `event` has a meaning already [event] choose another name
            S0306 8:9 `inputs` has a meaning already [inputs] choose another name
            S0306 10:11 `now` has a meaning already [now] choose another name
            S0201 13:3 `label` has no result that `as` could name [as] nothing to name
        "#]],
    );
}

#[test]
fn a_loop_lets_its_name_go() {
    assert_eq!(
        wrong("- each: member in group.members\n  do: []\n- dm: \"${member.name}\"\n"),
        ""
    );
}
