//! Every step in its short and its long form.
#![expect(clippy::too_many_lines, reason = "a table of cases")]

use super::{check, read};
use expect_test::expect;

#[test]
fn words_to_people() {
    check(
        r#"
- welcome: "Hi ${mentions}, ${len(joiners)} of you"
- welcome: { to: inputs.home, text: inputs.greeting, gather: inputs.delay }
- announce: Hear me
- announce: { to: [lobby, group], text: hi, pin: yes, everyone: true, file: a.png }
  as: sent
- send: hi
- send: { to: lobby, text: [a, { if: member.is_bot, line: b }] }
- send: { to: [member, lobby], file: a.png }
- reply: "Hello ${member.name}"
- dm: { to: member, text: hi }
- react: "✅"
- react: { text: "👍", to: sent }
- react: { text: "👍", to: event.message }
"#,
        &expect![[r#"
            do/0 welcome text="${…}"
            do/1 welcome to=['lobby'] text="hello" gather=7d
            do/2 announce text="Hear me"
            do/3 announce to=['lobby', group] text="hi" file="a.png" pin everyone as=sent
            do/4 send text="hi"
            do/5 send to=['lobby'] text="a"/if "b"
            do/6 send to=[member, 'lobby'] text="" file="a.png"
            do/7 reply text="${…}"
            do/8 dm to=[member] text="hi"
            do/9 react emoji="✅"
            do/10 react emoji="👍" message=sent
            do/11 react emoji="👍" message=<text>
        "#]],
    );
}

#[test]
fn questions() {
    check(
        r#"
- ask: Who comes?
- ask:
    to: lobby
    text: Who comes?
    choices: [yes, no]
    pin: yes
    collect:
      keyword: ["1", "+1"]
      kind: [text, image]
      from: staff
      for: 3d
      at_most: 20
      full: wait
      once_per: member
      again: add
      cancel: "-1"
      if: answer.no < 10 and member.points > 3
      refused: "Sorry ${member.name}"
      show: 10m
      stop_when: leave
      on_answer:
        - reply: "You are ${answer.no}, ${member.name}"
  as: list
- send: "${list.count} ${list.tally} ${list.text}"
- ask: { text: Until tonight, collect: { until: "20:00" } }
- ask: { text: Until then, collect: { until: 2026-03-20 09:00 UTC } }
- approve: Shall we?
- approve: { by: owner, text: Shall we?, within: 2d, except: [member], on_no: continue, on_timeout: [{ stop: late }] }
  as: answer
- stop: "${answer.note}"
  if: answer.no or answer.late
- task: Open a group
- task: { for: owner, text: Open a group, within: 1w }
- task: { for: member, text: Water the plants, on_timeout: continue }
"#,
        &expect![[r#"
            do/0 ask text="Who comes?" full=Close again=Replace show=Never
            do/1 ask to=['lobby'] text="Who comes?" choices=["yes", "no"] pin keyword=1|+1 cancel=-1 kind=[Text, Image] from=[Staff, Owner] for=3d at_most=20 full=Wait once_per_member again=Add filter refused="${…}" show=Every(Span { days: 0, exact_ms: 600000 }) stop_when=Leave as=list
              on_answer:
                do/1/on_answer/0 reply text="${…}"
            do/2 send text="${…}"
            do/3 ask text="Until tonight" until=20h full=Close again=Replace show=Never
            do/4 ask text="Until then" until=Time(1773997200000) full=Close again=Replace show=Never
            do/5 approve by=Staff text="Shall we?"
            do/6 approve by=Owner except=[member] text="Shall we?" within=2d on_no=continue as=answer
              on_timeout:
                do/6/on_timeout/0 stop reason="late"
            do/7 stop reason="${…}" if=1
            do/8 task by=Staff text="Open a group"
            do/9 task by=Owner text="Open a group" within=7d
            do/10 task by=Staff to=member text="Water the plants" on_timeout=continue
        "#]],
    );
}

#[test]
fn pauses() {
    check(
        r#"
- wait: 7d
- wait: inputs.delay
  stop_when: [message, leave]
  late: skip
- wait: { until: "20:00", late: stop }
- wait: { until: 'now + "1h"' }
- wait: { until: 2026-03-20 09:00 UTC }
- wait: { for: message, timeout: 1h, on_timeout: continue }
- wait: { for: [message, leave], timeout: 1h, on_timeout: [{ reply: gone }], stop_when: leave }
"#,
        &expect![[r#"
            do/0 wait span=7d late=Run
            do/1 wait span=7d stop_when=Message|Leave late=Skip
            do/2 wait at_ms=72000000 late=Stop
            do/3 wait time=<a time> late=Run
            do/4 wait time=Time(1773997200000) late=Run
            do/5 wait for=Message timeout=1h on_timeout=continue late=Run
            do/6 wait for=Message|Leave timeout=1h stop_when=Leave late=Run
              on_timeout:
                do/6/on_timeout/0 reply text="gone"
        "#]],
    );
}

#[test]
fn labels_and_points() {
    check(
        r#"
- label: newcomer
- label: [a, "city:上海"]
- label: { add: newcomer, drop: [guest, old], member: member, expires: 14d }
- reward: 10
- reward: { member: member, points: 5 + 5, reason: "for ${member.name}", once: first, badge: early, role: helper }
- reward: { points: { base: 5, random: { min: 1, max: 20, weight: 3 } } }
  as: prize
- send: "+${prize.points}"
- charge: 5
- charge: { points: inputs.minimum, reason: tea, once: "tea ${group.id}" }
"#,
        &expect![[r#"
            do/0 label add=["newcomer"]
            do/1 label add=["a", "city:上海"]
            do/2 label member=member add=["newcomer"] drop=["guest", "old"] expires=14d
            do/3 reward points=10 reason=""
            do/4 reward member=member points=<a number> badge="early" role="helper" reason="${…}" once
            do/5 reward points=5 random=1..20 weight=3 reason="" as=prize
            do/6 send text="${…}"
            do/7 charge points=5 reason=""
            do/8 charge points=3 reason="tea" once
        "#]],
    );
}

#[test]
fn stored_data() {
    check(
        r#"
- mark: checkins
  as: streak
- send: "${streak.length} ${streak.best} ${streak.total}"
- mark: { checkins: yesterday }
- add: visits
- add: { visits: 3, of: member }
- set: { topic: "about ${member.name}" }
- set: { codes: ["a", "b"] }
- add: { codes: "c" }
- drop: { codes: "c" }
- add: { stock: 2, key: "tea" }
- set: { stock: 7 }
  key: "tea"
- take: codes
  as: code
- take: { from: codes, count: 2, on_empty: [{ reply: none left }] }
- take: { from: stock, key: "tea", on_empty: continue }
- reset: visits
- reset: visits
  of: member
"#,
        &expect![[r#"
            do/0 mark name=checkins Mark as=streak
            do/1 send text="${…}"
            do/2 mark name=checkins Mark value='yesterday'
            do/3 add name=visits Add
            do/4 add name=visits Add value=3 of=member
            do/5 set name=topic Set value="${…}"
            do/6 set name=codes Set value=['a', 'b']
            do/7 add name=codes Add value='c'
            do/8 drop name=codes Drop value='c'
            do/9 add name=stock Add value=2 key='tea'
            do/10 set name=stock Set value=7 key='tea'
            do/11 take name=codes Take as=code
            do/12 take name=codes Take count=2
              on_empty:
                do/12/on_empty/0 reply text="none left"
            do/13 take name=stock Take key='tea' on_empty=continue
            do/14 reset name=visits Reset
            do/15 reset name=visits Reset of=member
        "#]],
    );
}

#[test]
fn standing_in_a_group() {
    check(
        r#"
- admit
- admit: {}
- decline
- decline: no room
- decline: { reason: no room }
- remove
- remove: { member: member, reason: "silent for ${days(now - member.last_active)} days" }
- ban: member
- mute: { for: 10m }
- mute: { for: forever, member: member, group: lobby, reason: noise }
- unmute: { member: member }
- unban: member
- delete_message
- delete_message: {}
- delete_message: { message: event.message, group: group }
"#,
        &expect![[r#"
            do/0 admit
            do/1 admit
            do/2 decline reason=""
            do/3 decline reason="no room"
            do/4 decline reason="no room"
            do/5 remove reason=""
            do/6 remove member=member reason="${…}"
            do/7 ban member=member reason=""
            do/8 mute for=10m reason=""
            do/9 mute for=ever member=member group='lobby' reason="noise"
            do/10 unmute member=member reason=""
            do/11 unban member=member reason=""
            do/12 delete_message
            do/13 delete_message
            do/14 delete_message message=<text> group=group
        "#]],
    );
}

#[test]
fn whole_groups() {
    check(
        r#"
- create_group: Season 2
  as: new_group
- create_group: { name: "${group.name} 2", like: group, on: qq }
- invite: { to: new_group }
- invite: { member: member, to: lobby, text: come }
- close_group
- close_group: lobby
- close_group: { group: group, reason: empty }
"#,
        &expect![[r#"
            do/0 create_group name="Season 2" as=new_group
            do/1 create_group name="${…}" like=group on='qq'
            do/2 invite to=new_group
            do/3 invite member=member to='lobby' text="come"
            do/4 close_group reason=""
            do/5 close_group group='lobby' reason=""
            do/6 close_group group=group reason="empty"
        "#]],
    );
}

#[test]
fn steering() {
    check(
        r#"
- let: { n: 3, who: member, list: [1, 2], text: "hi ${member.name}", span: 3d }
- filter: m in group.members
  where: m.points > n
  sort_by: m.points
  descending: yes
  first: 3
  as: best
- each: m in best
  where: not m.is_bot
  n: 2
  pace: inputs.speed
  do:
    - send: "${m.name}"
- each: member in group.members
  do:
    - dm: "hi ${member.name}"
- choose:
    - if: n > 3
      do: [{ reply: a }]
    - if: [n > 2, n < 5]
      do: [{ reply: b }]
    - else: [{ reply: c }]
- if: n > 3
  do:
    - reply: a
  else:
    - reply: b
- do: [{ reply: c }]
- call: greet
  with: { who: member }
- call: tidy
- run: checkin::award
  with: { streak: n }
  as: prize
- send: "${prize.points}"
- run: checkin::award
- signal: tea-time
- signal: { name: tea-time, data: { n: n }, member: member }
- webhook: shop
- webhook: { endpoint: shop, data: { who: member.id, n: 3 } }
- stop
- stop: "enough, ${member.name}"
"#,
        &expect![[r#"
            do/0 let n=3 who=member list=[1, 2] text="${…}" span=3d
            do/1 filter each=m in <a list of a member> where sort_by descending first=3 as=best
            do/2 each each=m in best where n=2 pace=5 per 1m
              do:
                do/2/do/0 send text="${…}"
            do/3 each each=member in <a list of a member>
              do:
                do/3/do/0 dm text="${…}"
            do/4 choose
              if:
                do/4/choose/0/do/0 reply text="a"
              if:
                do/4/choose/1/do/0 reply text="b"
              otherwise:
                do/4/choose/2/else/0 reply text="c"
            do/5 if if=1
              do:
                do/5/do/0 reply text="a"
              else:
                do/5/else/0 reply text="b"
            do/6 if
              do:
                do/6/do/0 reply text="c"
            do/7 call flow=greet who=member
            do/8 call flow=tidy
            do/9 run run=checkin::award({streak: n}) as=prize
            do/10 send text="${…}"
            do/11 run run=checkin::award({})
            do/12 signal name=tea-time data=()
            do/13 signal name=tea-time data={n: n} member=member
            do/14 webhook endpoint=shop data=()
            do/15 webhook endpoint=shop data={who: <text>, n: 3}
            do/16 stop reason=""
            do/17 stop reason="${…}"
        "#]],
    );
}

#[test]
fn keys_that_every_step_takes() {
    check(
        r#"
- send: hi
  if: [member.points > 3, not member.is_bot]
  else:
    - send: bye
  as: sent
  retry: { times: 3, every: 10m }
  on_error: continue
  note: said on Mondays
  id: greeting
  once: "hi ${member.id}"
  state: shadow
- send: ho
  x-mine: anything
  on_error:
    - send: "${error.word}: ${error.reason}"
"#,
        &expect![[r#"
            do/greeting send text="hi" if=2 as=sent retry=3x10m on_error=continue once="${…}" state=Shadow
              else:
                do/greeting/else/0 send text="bye"
            do/1 send text="ho"
              on_error:
                do/1/on_error/0 send text="${…}"
        "#]],
    );
}

#[test]
fn a_migration_is_made_of_simpler_steps() {
    check(
        "- migrate\n",
        &expect![[r#"
        do/0 migrate
          do:
            do/0/migrate/0 ask to=[group] text="This group moves. Answer 1 within 3 days to come along." keyword=1|+1 for=3d full=Close once_per_member again=Replace show=Never as=volunteers
            do/0/migrate/1 let migrate_minimum=1
            do/0/migrate/2 if if=1
              do:
                do/0/migrate/2/do/0 send to=[group] text="${…}"
                do/0/migrate/2/do/1 stop reason="not enough volunteers"
            do/0/migrate/3 create_group name="${…}" like=group as=new_group
            do/0/migrate/4 let migrate_id=<text> migrate_name=<text> migrate_link=<text>
            do/0/migrate/5 let migrate_invited=0
            do/0/migrate/6 each each=volunteer in <a list of a member> pace=10 per 1m
              do:
                do/0/migrate/6/do/0 let migrate_failed=false
                do/0/migrate/6/do/1 invite member=volunteer to=new_group retry=3x10m
                  on_error:
                    do/0/migrate/6/do/1/on_error/0 let migrate_failed=true
                do/0/migrate/6/do/2 if if=1
                  do:
                    do/0/migrate/6/do/2/do/0 let migrate_invited=<a number>
            do/0/migrate/7 announce to=[group] text="${…}"/if "${…}" pin
            do/0/migrate/8 wait span=7d late=Run
            do/0/migrate/9 close_group group=group reason=""
            do/0/migrate/10 filter each=one in <a list of a member> where as=migrate_came
            do/0/migrate/11 each each=comer in migrate_came
              do:
                do/0/migrate/11/do/0 label member=comer add=["${…}"]
            do/0/migrate/12 let migrate_result={invited: migrate_invited, came: <a number>, rate: <a number>, group: new_group}
    "#]],
    );
    check(
        r#"
- migrate:
    from: lobby
    to: { create: { name: Next, like: group } }
    ask: "Come along, ${member.name}?"
    collect: { keyword: me, for: 1d }
    minimum: inputs.minimum
    pace: 5 per 1m
    close_after: inputs.delay
    too_few: "${volunteers.count} is too few"
    moved: "Now in ${new_group.name}"
  as: moved
- send: "${moved.came} of ${moved.invited} (${moved.rate} %) are in ${moved.group.name}"
"#,
        &expect![[r#"
            do/0 migrate as=moved
              do:
                do/0/migrate/0 ask to=['lobby'] text="${…}" keyword=me for=1d full=Close again=Replace show=Never as=volunteers
                do/0/migrate/1 let migrate_minimum=3
                do/0/migrate/2 if if=1
                  do:
                    do/0/migrate/2/do/0 send to=['lobby'] text="${…}"
                    do/0/migrate/2/do/1 stop reason="not enough volunteers"
                do/0/migrate/3 create_group name="Next" like=group as=new_group
                do/0/migrate/4 let migrate_id=<text> migrate_name=<text> migrate_link=<text>
                do/0/migrate/5 let migrate_invited=0
                do/0/migrate/6 each each=volunteer in <a list of a member> pace=5 per 1m
                  do:
                    do/0/migrate/6/do/0 let migrate_failed=false
                    do/0/migrate/6/do/1 invite member=volunteer to=new_group retry=3x10m
                      on_error:
                        do/0/migrate/6/do/1/on_error/0 let migrate_failed=true
                    do/0/migrate/6/do/2 if if=1
                      do:
                        do/0/migrate/6/do/2/do/0 let migrate_invited=<a number>
                do/0/migrate/7 announce to=['lobby'] text="${…}" pin
                do/0/migrate/8 wait span=7d late=Run
                do/0/migrate/9 close_group group='lobby' reason=""
                do/0/migrate/10 filter each=one in <a list of a member> where as=migrate_came
                do/0/migrate/11 each each=comer in migrate_came
                  do:
                    do/0/migrate/11/do/0 label member=comer add=["${…}"]
                do/0/migrate/12 let moved={invited: migrate_invited, came: <a number>, rate: <a number>, group: new_group}
            do/1 send text="${…}"
        "#]],
    );
    check(
        "- migrate: { to: lobby }\n  as: moved\n- send: \"${moved.rate}\"\n",
        &expect![[r#"
            do/0 migrate as=moved
              do:
                do/0/migrate/0 ask to=[group] text="This group moves. Answer 1 within 3 days to come along." keyword=1|+1 for=3d full=Close once_per_member again=Replace show=Never as=volunteers
                do/0/migrate/1 let migrate_minimum=1
                do/0/migrate/2 if if=1
                  do:
                    do/0/migrate/2/do/0 send to=[group] text="${…}"
                    do/0/migrate/2/do/1 stop reason="not enough volunteers"
                do/0/migrate/3 let new_group='lobby'
                do/0/migrate/4 let migrate_id=new_group migrate_name=new_group migrate_link=<text>
                do/0/migrate/5 let migrate_invited=0
                do/0/migrate/6 each each=volunteer in <a list of a member> pace=10 per 1m
                  do:
                    do/0/migrate/6/do/0 let migrate_failed=false
                    do/0/migrate/6/do/1 invite member=volunteer to=new_group retry=3x10m
                      on_error:
                        do/0/migrate/6/do/1/on_error/0 let migrate_failed=true
                    do/0/migrate/6/do/2 if if=1
                      do:
                        do/0/migrate/6/do/2/do/0 let migrate_invited=<a number>
                do/0/migrate/7 announce to=[group] text="${…}"/if "${…}" pin
                do/0/migrate/8 wait span=7d late=Run
                do/0/migrate/9 close_group group=group reason=""
                do/0/migrate/10 filter each=one in <a list of a member> where as=migrate_came
                do/0/migrate/11 each each=comer in migrate_came
                  do:
                    do/0/migrate/11/do/0 label member=comer add=["${…}"]
                do/0/migrate/12 let moved={invited: migrate_invited, came: <a number>, rate: <a number>, group: new_group}
            do/1 send text="${…}"
        "#]],
    );
}

#[test]
fn guarded_steps_are_met_with_what_is_asked_before() {
    let read = read(
        r#"
- remove: member
- if: member.points < 0 and group.can("ban")
  do:
    - ban: member
    - mute: { for: 1h }
- mute: { for: 1h }
  if: group.can("mute")
- choose:
    - if: group.can("close_group")
      do: [{ close_group: group }]
    - else: [{ task: close it }]
- migrate: { to: lobby }
"#,
    );
    expect![[r#"
        remove at remove
        ban at ban?
        mute at mute
        mute at mute?
        close_group at close_group?
        invite at migrate
        close_group at migrate"#]]
    .assert_eq(&read.met.join("\n"));
}
