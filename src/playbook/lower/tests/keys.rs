//! What the keys of rules and triggers become.

use super::describe::rulebook;
use super::loaded;
use expect_test::expect;

const TEXT: &str = r#"
steward: 1
playbook: a
groups: [lobby]
vars: { hours: 6h, names: [a, 007], hello: "Hi ${member.name}" }
data:
  seats: { per: [group, key], kind: record, fields: { no: number, who: text } }
  score: { per: member, kind: counter, decay: 30d, starts_as: 3 }
rules:
  - rule: one
    when: { message: { from: [staff, owner], content: image, mentions: bot, links: yes, in: dm } }
    if: [ "member.messages > 3", not member.is_bot ]
    per: member.points % 2
    mode: queued
    max: 3
    cooldown: { at_least: 3, within: 1d, per: community }
    title: "Case of ${member.name}"
    once: "${member.key}"
    late: run
    stop_when: [leave, { keyword: [stop] }]
    do: [{ reply: vars.hello }]
  - rule: two
    when: { schedule: { at: ["20:00", "08:30"], days: [weekends, wed] } }
    per: community
    missed: { run: all }
    cooldown: { collect: 5m }
    do: [{ send: { to: sandbox/1, text: "${len(events)} today" } }]
  - rule: three
    when:
      - schedule: { cron: "0 20 * * FRI#2" }
      - schedule: { every: vars.hours }
    missed: none
    do: [{ stop: done }]
  - rule: four
    when: { command: { name: [/shop, 商店], args: [what, note], by: staff, in: anywhere } }
    do: [{ reply: "${event.what}: ${event.note}" }]
  - rule: five
    when: [join_request, { signal: paid }]
    do: [{ call: greet, with: { who: member } }]
  - rule: six
    when: { inactivity: { member: 14d } }
    backlog: now
    do: [{ task: "look at ${member.name}" }]
  - rule: seven
    when:
      - offset: { after: 1d, since: join }
      - offset: { after: 1w, since: group_created }
      - reaction: { any: ["👍"], on: ours }
      - leave: [removed, banned]
      - join: { via: poster }
    do: [{ send: "hi" }]
flows:
  greet: { with: [who], do: [{ dm: { to: who, text: hello } }] }
"#;

#[test]
fn every_key_of_a_rule() {
    let loaded = loaded(&[("a.yaml", TEXT)]);
    assert!(
        loaded.broken.is_empty(),
        "{}",
        crate::playbook::draw::draw(&loaded.diagnostics, &loaded.sources, false)
    );
    expect![[r#"
        a (a.yaml) Groups(["lobby"]) Live
          var hello = Text(Template { pieces: [Plain("Hi "), Hole(Expr { node: Member(Name("member"), Name), ty: Text })] })
          var hours = Is(Span(Span { days: 0, exact_ms: 21600000 }))
          var names = Is(List([Text("a"), Text("007")]))
          data score: DataDef { kind: Counter, per_member: true, per_group: false, per_key: false, decay: Some(Span { days: 30, exact_ms: 0 }), day_starts_ms: 0, starts_as: Int(3), from: None }
          data seats: DataDef { kind: Record, per_member: false, per_group: true, per_key: true, decay: None, day_starts_ms: 0, starts_as: Record({"no": Int(0), "who": Text("")}), from: None }
          a/one line 10 Live per key Queued max=3 if=2 cooldown=AtLeast(3, Span { days: 1, exact_ms: 0 }) per community title once late
            missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
            when Message(MessageFilter { from: [Staff, Owner], content: [Image], mentions: None, mentions_bot: true, links: Some(true), place: Dm })
            stop Leave { via: [] }
            stop Keyword(Keyword { any: ["stop"], all: [], none: [], matching: Word, evasion: false, place: Anywhere, from: [] })
            do/0 reply text="${…}"
          a/two line 22 Live per community Single max=100 cooldown=Collect(Span { days: 0, exact_ms: 300000 }) 
            missed Missed { run: All, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
            when Schedule(Daily { at_ms: [30600000, 72000000], days: [false, false, true, false, false, true, true] })
            do/0 send to=['sandbox/1'] text="${…}"
          a/three line 28 Live per group Single max=100
            missed Missed { run: None, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
            when Schedule(Cron("0 20 * * FRI#2"))
            when Schedule(Every(Span { days: 0, exact_ms: 21600000 }))
            do/0 stop reason="done"
          a/four line 34 Live per event Parallel max=100
            missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
            when Command(CommandFilter { names: ["shop", "商店"], args: ["what", "note"], by: Staff, place: Anywhere })
            do/0 reply text="${…}"
          a/five line 37 Live per event Parallel max=100
            missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
            when JoinRequest
            when Signal { name: "paid" }
            do/0 call flow=greet who=member
          a/six line 40 Live per member Single max=100
            missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Now
            when MemberInactive(Span { days: 14, exact_ms: 0 })
            do/0 task by=Staff text="${…}"
          a/seven line 44 Live per group Single max=100
            missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
            when SinceJoin(Span { days: 1, exact_ms: 0 })
            when SinceGroupCreated(Span { days: 7, exact_ms: 0 })
            when Reaction { any: ["👍"], on_ours: true, place: Group }
            when Leave { via: ["removed", "banned"] }
            when Join { via: ["poster"] }
            do/0 send text="hi"
          flow greet(who)
            flows/greet/0 dm to=[who] text="hello"
    "#]].assert_eq(&rulebook(&loaded.rulebook));
}
