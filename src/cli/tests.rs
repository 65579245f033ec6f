//! The command line itself.

use super::args::{ApprovalOrder, Cli, Command, MemberOrder, OutboxOrder};
use clap::{CommandFactory, Parser};

fn parse(line: &str) -> Command {
    let words = std::iter::once("steward").chain(line.split_whitespace());
    Cli::try_parse_from(words)
        .unwrap()
        .command
        .unwrap_or_default()
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn steward_alone_runs() {
    assert!(matches!(parse(""), Command::Run(_)));
}

#[test]
fn global_options_go_anywhere() {
    for line in [
        "--json groups --config x.yaml",
        "groups --json --config x.yaml",
    ] {
        let words = std::iter::once("steward").chain(line.split_whitespace());
        let cli = Cli::try_parse_from(words).unwrap();
        assert!(
            cli.json && cli.config.as_deref() == Some("x.yaml".as_ref()),
            "{line}"
        );
    }
}

#[test]
fn lists_take_orders() {
    let Command::Outbox(outbox) = parse("outbox retry 0000000000001 --community readers") else {
        panic!("no outbox");
    };
    assert!(matches!(outbox.order, Some(OutboxOrder::Retry { id }) if id == "0000000000001"));
    assert_eq!(outbox.part.community.as_deref(), Some("readers"));
    let Command::Approvals(approvals) = parse("approvals no 7 --note later") else {
        panic!("no approvals");
    };
    assert!(matches!(
        approvals.order,
        Some(ApprovalOrder::No { number: 7, note }) if note == "later"
    ));
    let Command::Members(members) = parse("members points qq/1 -5 --reason fine") else {
        panic!("no members");
    };
    assert!(matches!(
        members.order,
        Some(MemberOrder::Points { points: -5, .. })
    ));
}

#[test]
fn an_event_is_described_or_given_whole() {
    assert!(Cli::try_parse_from(["steward", "send"]).is_err());
    assert!(Cli::try_parse_from(["steward", "send", "join", "--event", "x"]).is_err());
    assert!(matches!(parse("send --event -"), Command::Send(send) if send.kind.is_none()));
}
