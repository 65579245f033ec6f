//! The traps of YAML, drawn exactly.

mod braces;
mod values;

use crate::playbook::codes::Code;
use crate::playbook::draw::draw;
use crate::playbook::source::Sources;
use crate::playbook::yaml::parse;
use expect_test::Expect;

#[track_caller]
fn check(yaml: &str, expect: &Expect) {
    let mut sources = Sources::default();
    let id = sources.add("playbooks/a.yaml", yaml);
    let (_, problems) = parse(sources.get(id).unwrap());
    expect.assert_eq(&draw(&problems, &sources, false));
}

/// What `steward explain` shows as wrong is told by that code, and what it shows as right is not.
#[test]
fn the_pages_examples_are_true() {
    for code in Code::ALL.iter().filter(|code| code.id() < "S02") {
        let page = code.page();
        let found = |yaml: &str| -> Vec<Code> {
            let mut sources = Sources::default();
            let id = sources.add("a.yaml", yaml);
            let (_, problems) = parse(sources.get(id).unwrap());
            problems.iter().map(|problem| problem.code).collect()
        };
        assert_eq!(found(page.right), [], "{code}");
        // A value that is a comment is told by the field that needs it; a size has no example.
        if !matches!(code, Code::ReadAsComment | Code::TooBig) {
            assert_eq!(found(page.wrong), [*code], "{code}");
        }
    }
}
