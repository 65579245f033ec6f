//! Scripts: what they get, what they give, and what happens when they do not end.

use crate::day::Day;
use expect_test::expect;
use steward::model::Order;

#[test]
fn a_script_that_loops_parks_its_rule_and_others_go_on() {
    let mut day = Day::new();
    day.script("bad", "fn forever(args) { let n = 0; loop { n += 1; } }");
    day.demo(
        r#"
        scripts: [bad]
        rules:
          - rule: loops
            when: { keyword: [go] }
            do: [{ run: bad::forever, with: { n: 1 }, as: x }, { reply: 不会 }]
          - rule: fine
            when: { keyword: [go] }
            do: [{ reply: 好 }]
        "#,
    );
    day.say("ann", "club", "go");
    day.say("ann", "club", "go");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): 好
        Mon 02 09:00 reply → club (to m2): 好
    "#]]);
    assert!(day.world().head.parked_rules.contains_key("demo/loops"));
    day.order(Order::Unpark {
        rule: "demo/loops".into(),
    });
    assert!(day.world().head.parked_rules.is_empty());
}

#[test]
fn a_script_reads_the_step_and_answers_with_values() {
    let mut day = Day::new();
    day.script(
        "calc",
        "fn grade(args) {\n  if args.n >= 10 { return #{ word: \"大\", list: [1, 2] }; }\n  #{ word: \"小\", list: [] }\n}\n",
    );
    day.demo(
        r#"
        scripts: [calc]
        rules:
          - rule: go
            when: { command: { name: go, args: [n] } }
            do:
              - let: { n: number(event.n) ?? 0 }
              - run: calc::grade
                with: { n: n }
                as: grade
              - reply: "${grade.word} ${grade.list.len()}"
        "#,
    );
    day.say("ann", "club", "/go 12");
    day.say("ann", "club", "/go 1");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): 大 2
        Mon 02 09:00 reply → club (to m2): 小 0
    "#]]);
}

#[test]
fn a_script_can_be_a_condition() {
    let mut day = Day::new();
    let promo = "fn is_promo(event) { event.text.contains(\"优惠\") }\n";
    day.script("checks", promo);
    day.demo(
        r#"
        scripts: [checks]
        rules:
          - rule: promo
            when: message
            if: checks::is_promo(event)
            do: [{ reply: 别发广告 }]
        "#,
    );
    day.say("ann", "club", "优惠大促");
    day.say("bob", "club", "早");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): 别发广告
    "#]]);
}
