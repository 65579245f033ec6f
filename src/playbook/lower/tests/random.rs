//! Reading never fails on a text, however strange.

use super::loaded;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::draw::{draw, to_json};
use proptest::prelude::*;

/// Words of the language, and what surrounds them.
const WORDS: &[&str] = &[
    "steward: 1\n",
    "playbook: a\n",
    "use: a\n",
    "groups: all\n",
    "groups: [lobby]\n",
    "rules:\n",
    "  - rule: r\n",
    "    when: join\n",
    "    when: { keyword: { any: [a], match: regex } }\n",
    "    do:\n",
    "      - send: hi\n",
    "      - remove: {}\n",
    "inputs:\n",
    "  a: { type: group }\n",
    "with: { a: b }\n",
    "data: { a: { kind: streak } }\n",
    "scripts: [promo]\n",
    "inputs.a",
    "${",
    "}",
    "{",
    "[",
    "]",
    ": ",
    "- ",
    "\n",
    "  ",
    "\"",
    "'",
    "#",
    "|",
    ">",
    "&a",
    "*a",
    "!x",
    "vars: { a: vars.a }\n",
    "vars.a",
    "    cooldown: vars.a\n",
    "    title: vars.a\n",
    "，",
    "：",
    "if",
    "or",
    "0",
    "-1",
    "1d",
    "99999999999999999999",
    "\u{a0}",
    "\t",
    "\u{feff}",
    "群",
    "flows: { f: { do: [{ call: f }] } }\n",
    "limits: { remove: 1 per 1d }\n",
    "timezone: inputs.a\n",
    "steward: 2\n",
    "test: a\n",
    "      - run: promo::decide\n",
    "    do: promo::decide\n",
];

fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => proptest::sample::select(WORDS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_is_too_strange(one in text(), two in text(), script in text()) {
        let script = format!("//! when: {script}\nfn decide(ctx) {{ [] }}");
        let loaded = loaded(&[("a.yaml", &one), ("b.yaml", &two), ("promo.rhai", &script)]);
        draw(&loaded.diagnostics, &loaded.sources, false);
        to_json(&loaded.diagnostics, &loaded.sources);
        let errors = loaded.diagnostics.iter().any(Diagnostic::is_error);
        prop_assert_eq!(errors, !loaded.broken.is_empty());
    }
}
