//! Scripts: the checks at load, the host modules, and what the sandbox refuses.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes its answers with them"
)]

use super::{NOW, Small};
use crate::model::{Record, Text, Value, limits};
use crate::script::{Error, Language, Scripts};
use expect_test::{Expect, expect};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

const CHECKIN: &str = r#"//! when: message
//! per: member
// Pure: same arguments, same answer. No clock, no network, no state writes.
const WEEK = 7;

/// Points for a streak. Returns #{points, reason}.
fn award(args) {
    let n = args.streak.length;
    if n % global::WEEK != 0 { return #{ points: 0, reason: "" }; }
    let bonus = min(n / global::WEEK, 4) * 10;
    #{ points: 50 + bonus, reason: `${n}-day streak` }
}
"#;

fn sources(scripts: &[(&str, &str)]) -> BTreeMap<Text, Text> {
    let pairs = scripts.iter();
    pairs
        .map(|(name, text)| ((*name).into(), (*text).into()))
        .collect()
}

#[track_caller]
fn compile(text: &str) -> Scripts {
    let (scripts, findings) = Scripts::compile(&sources(&[("m", text)]));
    assert_eq!(findings, [], "{text}");
    scripts
}

type Ran = Result<(Value, Vec<String>), Box<Error>>;

fn run(scripts: &Scripts, function: &str, args: &[Value]) -> Ran {
    scripts.call("m", function, args, Arc::new(Small::new(Language::En)))
}

/// The value of `fn f(m, g) { … }` for member 1 and group 1.
#[track_caller]
fn eval(body: &str) -> Value {
    let scripts = compile(&format!("fn f(m, g) {{ {body} }}"));
    let people = [
        Value::Member(crate::model::MemberNo(1)),
        Value::Group(crate::model::GroupNo(1)),
    ];
    run(&scripts, "f", &people).unwrap().0
}

fn streak(length: &str) -> Value {
    let streak = Record::from([(length.into(), Value::Int(14))]);
    Value::Record(Record::from([("streak".into(), Value::Record(streak))]))
}

#[test]
fn a_script_answers() {
    let scripts = compile(CHECKIN);
    let (value, _) = run(&scripts, "award", &[streak("length")]).unwrap();
    assert_eq!(value.field("points"), &Value::Int(70));
    assert_eq!(value.field("reason"), &Value::from("14-day streak"));
    let module = scripts.get("m").unwrap();
    assert_eq!(module.functions(), [("award".into(), 1)]);
    assert!(module.has("award", 1) && !module.has("award", 2));
    let header = [
        ("when".into(), "message".into()),
        ("per".into(), "member".into()),
    ];
    assert_eq!(module.header(), header);
}

#[test]
fn a_failure_names_its_place_and_what_was_meant() {
    let scripts = compile(CHECKIN);
    let error = run(&scripts, "award", &[streak("lenght")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "function `award` failed: Property not found: length"
    );
    let finding = error.finding(CHECKIN);
    assert_eq!(finding.code, "S0703");
    assert_eq!(finding.label, "did you mean `lenght`?");
    assert_eq!(CHECKIN.get(finding.span), Some("length"));
    assert_eq!((error.line, error.column), (Some(8), Some(25)));

    let scripts = compile("fn f(m) { let 你好 = 1; m.nam }");
    let error = run(&scripts, "f", &[Value::Member(crate::model::MemberNo(1))]).unwrap_err();
    assert_eq!(error.near.as_deref(), Some("name"));
    assert_eq!(error.column, Some(25));
}

#[test]
fn scripts_read_facts_and_return_effects() {
    for (body, expected) in [
        ("m.name", "Ann ${now}"),
        ("g.name", "club"),
        ("m.role", "member"),
        ("`${m.is_bot} ${m.messages}`", "false 4"),
        ("`${m} in ${g}`", "Ann ${now} in club"),
        (
            "if data::has_label(m, \"vip\") { \"yes\" } else { \"no\" }",
            "yes",
        ),
        ("fold(\"ＡＢ\\u200bc\")", "abc"),
        ("text::fold(\"Q\")", "q"),
        ("words(\"a, b\")[1]", "b"),
        ("format_date(now(), \"%Y-%m-%d\")", "2026-03-20"),
        ("`${date(now()).weekday}`", "5"),
        ("`${between(m.last_active, now()).days}`", "8"),
        ("`${now() - m.last_active > \"7d\"}`", "true"),
        ("`${add(now(), \"1d\") > now()}`", "true"),
        ("`${matches(\"a1\", \"\\\\d\")}`", "true"),
        ("`${m == m} ${similar(\"abc\", \"abc\")}`", "true 1.0"),
        ("fx::reply(\"hi\").fx", "reply"),
        ("fx::label(m, \"x\", \"14d\").expires", "14d"),
        ("m.mention.to_string()", "@Ann"),
    ] {
        assert_eq!(eval(body), Value::from(expected), "{body}");
    }
    assert_eq!(eval("now()"), Value::Time(NOW));
    assert_eq!(eval("m"), Value::Member(crate::model::MemberNo(1)));
    assert_eq!(eval("()"), Value::Nothing);
    assert_eq!(eval("data::count(\"x\", \"today\")"), Value::Int(5));
    assert_eq!(eval("data::get(\"score\", m)"), Value::Int(5));
    let effects = eval("[fx::send(g, \"a\"), fx::add(\"score\", m, 1), fx::start(\"f\", #{x: 1})]");
    let Value::List(effects) = effects else {
        panic!("{effects:?}")
    };
    assert_eq!(
        effects[0].field("to"),
        &Value::Group(crate::model::GroupNo(1))
    );
    assert_eq!(effects[1].field("data"), &Value::from("score"));
    assert_eq!(effects[2].field("with").field("x"), &Value::Int(1));
}

#[test]
fn chance_is_the_same_in_a_replay() {
    let body = "[pick([1, 2, 3, 4]), rand_int(1, 1000), shuffle([1, 2, 3, 4, 5])]";
    let once = eval(body);
    assert_eq!(once, eval(body));
    for _ in 0..3 {
        assert_eq!(eval("rand_int(5, 5)"), Value::Int(5));
    }
}

#[test]
fn prints_go_to_the_caller_and_are_bounded() {
    let scripts =
        compile("fn f() { print(\"a\"); debug(1); for i in 0..2000 { print(\"long line\") } }");
    let (_, printed) = run(&scripts, "f", &[]).unwrap();
    assert_eq!(printed[0], "a");
    let bytes: usize = printed.iter().map(String::len).sum();
    assert!(bytes <= limits::SCRIPT_PRINT_BYTES_MAX, "{bytes}");
    let (_, printed) = run(&compile("fn f() { print(1) }"), "f", &[]).unwrap();
    assert_eq!(printed, ["1"]);
}

#[track_caller]
fn check(texts: &[&str], expected: &Expect) {
    let mut out = String::new();
    for text in texts {
        let both = sources(&[("m", text), ("util", "fn half(n) { n / 2 }")]);
        let (scripts, findings) = Scripts::compile(&both);
        let found = findings.iter().any(|(name, _)| &**name == "m");
        assert_eq!(scripts.get("m").is_none(), found);
        writeln!(out, "{text}").unwrap();
        for (_, finding) in findings {
            let place = text.get(finding.span.clone()).unwrap();
            writeln!(out, "  {} at `{place}`: {}", finding.code, finding.message).unwrap();
            if let Some(help) = &finding.help {
                writeln!(out, "  help: {help}").unwrap();
            }
        }
    }
    expected.assert_eq(&out);
}

#[test]
fn calls_are_checked_at_load() {
    check(
        &[
            "fn f(x) { g(x) } fn g(x) { x }",
            "fn f(x) { lenn(x) }",
            "fn f(x) { fx::snd(x, 1) }",
            "fn f(x) { fx::send(x) }",
            "fn f(x) { fy::send(x) }",
            "fn f(x) { x.push(1); x.len() + x.pop() }",
            "fn f(x) { x.pussh(1) }",
            "fn f(x) { f() }",
            "fn f(x) { let a = x.filter(|y| y > 1); a.map(|y| y * 2).reduce(|s, y| s + y) }",
        ],
        &expect![[r#"
            fn f(x) { g(x) } fn g(x) { x }
            fn f(x) { lenn(x) }
              S0702 at `lenn`: unknown function `lenn`
              help: did you mean `len`?
            fn f(x) { fx::snd(x, 1) }
              S0702 at `snd`: unknown function `fx::snd`
              help: did you mean `send`?
            fn f(x) { fx::send(x) }
              S0702 at `send`: `fx::send` takes 2 arguments, and 1 is given
            fn f(x) { fy::send(x) }
              S0702 at `fy`: unknown module `fy`
              help: did you mean `fx`?
            fn f(x) { x.push(1); x.len() + x.pop() }
            fn f(x) { x.pussh(1) }
              S0702 at `pussh`: unknown function `pussh`
              help: did you mean `push`?
            fn f(x) { f() }
              S0702 at `f`: `f` takes 1 argument, and 0 are given
            fn f(x) { let a = x.filter(|y| y > 1); a.map(|y| y * 2).reduce(|s, y| s + y) }
        "#]],
    );
}

#[test]
fn names_and_imports_are_checked_at_load() {
    check(
        &[
            "fn f(x) { y }",
            "const WEEK = 7; fn f(x) { WEEK }",
            "fn f(x) { let y = ; }",
            "import \"util\" as u; fn f(x) { u::half(x) }",
            "import \"util\" as u; fn f(x) { u::haf(x) }",
            "import \"utl\" as u; fn f(x) { 1 }",
            "import \"ut\" + \"il\" as u; fn f(x) { 1 }",
            "import \"m\" as me; fn f(x) { 1 }",
        ],
        &expect![[r#"
            fn f(x) { y }
              S0701 at `y`: unknown name `y`
            const WEEK = 7; fn f(x) { WEEK }
              S0701 at `WEEK`: unknown name `WEEK`
              help: inside a function, a constant is read through `global::`
            fn f(x) { let y = ; }
              S0701 at `;`: the script cannot be read: unexpected `;`
            import "util" as u; fn f(x) { u::half(x) }
            import "util" as u; fn f(x) { u::haf(x) }
              S0702 at `haf`: unknown function `u::haf`
              help: did you mean `half`?
            import "utl" as u; fn f(x) { 1 }
              S0702 at `"utl"`: there is no script `utl`
              help: did you mean `util`?
            import "ut" + "il" as u; fn f(x) { 1 }
              S0701 at `import`: an import must name its script literally
              help: write `import "name" as name;`
            import "m" as me; fn f(x) { 1 }
              S0701 at `"m"`: its imports lead back to it, or to a script that cannot be used
        "#]],
    );
}

#[test]
fn imports_work() {
    let util = "const BASE = 10; fn twice(n) { n * 2 + global::BASE }";
    let main = "import \"util\" as u; fn f(n) { u::twice(n) }";
    let (scripts, findings) = Scripts::compile(&sources(&[("m", main), ("util", util)]));
    assert_eq!(findings, []);
    assert_eq!(
        run(&scripts, "f", &[Value::Int(4)]).unwrap().0,
        Value::Int(18)
    );
}

/// Attacks, and what stops them.
const HOSTILE: &[(&str, &str)] = &[
    ("endless loop", "loop {}"),
    ("while", "let i = 0; while true { i += 1 }"),
    ("for to the end", "for i in 0..9223372036854775807 {}"),
    (
        "many keys",
        "let m = #{}; for i in 0..100000 { m[`${i}`] = i } m",
    ),
    ("recursion", "f()"),
    ("doubling string", "let s = \"x\"; loop { s += s }"),
    ("padding", "let s = \"x\"; s.pad(1000000000, \"y\"); s"),
    ("array padding", "let a = [1]; a.pad(1000000000, 1); a"),
    (
        "array of big strings",
        "let s = \"x\"; s.pad(60000, \"y\"); let a = []; for i in 0..1000 { a.push(s) } a",
    ),
    (
        "replace bomb",
        "let s = \"x\"; s.pad(60000, \"x\"); for i in 0..10 { s.replace(\"x\", \"xxxxxxxxxx\") } s",
    ),
    ("nested arrays", "let a = []; for i in 0..100 { a = [a] } a"),
    ("deep arrays", "let a = []; for i in 0..60000 { a = [a] } a"),
    (
        "deep maps",
        "let a = 1; for i in 0..60000 { a = #{x: a} } a",
    ),
    ("doubling array", "let a = [1]; loop { a += a }"),
    (
        "map of big map",
        "let m = #{}; for i in 0..900 { m[`${i}`] = m } m",
    ),
    ("overflow", "9223372036854775807 + 1"),
    ("division", "1 / 0"),
    ("throw", "throw \"no\""),
    (
        "similar",
        "let s = \"x\"; s.pad(60000, \"y\"); loop { similar(s, s) }",
    ),
    ("patterns", "for i in 0..1000 { matches(\"a\", `a${i}`) }"),
    ("big pattern", "matches(\"a\", \"\\\\w{1000}\\\\w{1000}\")"),
];

/// What must not even load: it is no part of the language here.
const FORBIDDEN: &[&str] = &[
    "sleep(2)",
    "timestamp()",
    "eval(\"1\")",
    "exit()",
    "import \"/etc/passwd\" as p; 1",
    "let p = \"x\"; import p as q; 1",
    "open_file(\"/etc/passwd\")",
    "blob(1000000000)",
    "let x = 1; let y = |z| x + z + w; y.call(1)",
];

#[test]
fn hostile_scripts_are_stopped() {
    let mut out = String::new();
    for (name, body) in HOSTILE {
        let scripts = compile(&format!("fn f() {{ {body} }}"));
        let result = run(&scripts, "f", &[]);
        let again = run(&scripts, "f", &[]);
        assert_eq!(result, again, "{name}: the verdict is the same every time");
        match result {
            Ok((value, _)) => writeln!(out, "{name}: allowed, {}", value.kind()).unwrap(),
            Err(error) => writeln!(out, "{name}: {}", error.message).unwrap(),
        }
    }
    expect![[r#"
        endless loop: it takes more than 200000 operations
        while: it takes more than 200000 operations
        for to the end: it takes more than 200000 operations
        many keys: it takes more than 200000 operations
        recursion: its calls are nested too deeply
        doubling string: a value grows too large (length of string)
        padding: a value grows too large (length of string)
        array padding: a value grows too large (size of array/blob)
        array of big strings: a value grows too large (length of string)
        replace bomb: a value grows too large (length of string)
        nested arrays: its result cannot be used: a value is nested deeper than 32
        deep arrays: a value grows too large (size of array/blob)
        deep maps: a value grows too large (size of object map)
        doubling array: a value grows too large (size of array/blob)
        map of big map: a value grows too large (size of object map)
        overflow: Addition overflow: 9223372036854775807 + 1
        division: Division by zero: 1 / 0
        throw: no
        similar: it takes more than 200000 operations
        patterns: too many different patterns in one call
        big pattern: the pattern is too large when compiled
    "#]]
    .assert_eq(&out);
}

#[test]
fn forbidden_names_do_not_load() {
    for body in FORBIDDEN {
        let (scripts, findings) =
            Scripts::compile(&sources(&[("m", &format!("fn f() {{ {body} }}"))]));
        assert!(scripts.get("m").is_none(), "{body}");
        assert!(!findings.is_empty(), "{body}");
    }
}

#[test]
fn what_a_script_returns_is_measured() {
    let scripts = compile("fn f() { let m = #{}; for i in 0..1500 { m[`${i}`] = i } m }");
    let error = run(&scripts, "f", &[]).unwrap_err();
    assert!(
        error.message.contains("1500 fields") || error.message.contains("too large"),
        "{error}"
    );
}

#[test]
fn facts_are_released_after_a_call() {
    let scripts = compile("fn f(m) { m.name }");
    let facts = Arc::new(Small::new(Language::En));
    let member = Value::Member(crate::model::MemberNo(1));
    scripts
        .call("m", "f", &[member], Arc::clone(&facts) as Arc<_>)
        .unwrap();
    assert!(Arc::try_unwrap(facts).is_ok());
}
