//! What a command prints: lines for people or JSON for machines on standard output, failures on
//! standard error.

use super::args::{Cli, Color};
use super::table::Table;
use super::{Hinted, client};
use crate::config;
use anyhow::Context;
use serde::Serialize;
use std::io::{self, IsTerminal, Write};

/// Where a command prints to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    pub(super) json: bool,
    color: Color,
}

impl Output {
    pub(super) fn new(cli: &Cli) -> Self {
        Self {
            json: cli.json,
            color: cli.color,
        }
    }

    /// Whether what goes to that stream is colored.
    pub(super) fn colors(self, stream: &impl IsTerminal) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stream.is_terminal() && config::environment("NO_COLOR").is_none(),
        }
    }

    /// A line on standard output. A reader that went away (`| head`) is no failure.
    #[expect(
        clippy::unused_self,
        reason = "printing is the output's business alone"
    )]
    pub(super) fn line(self, line: &str) -> anyhow::Result<()> {
        match writeln!(io::stdout().lock(), "{line}") {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(error).context("cannot write to standard output")
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Text that ends with its own line break, or is empty.
    pub(super) fn text(self, text: &str) -> anyhow::Result<()> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        if text.is_empty() {
            return Ok(());
        }
        self.line(text)
    }

    /// A record for machines.
    pub(super) fn record(self, record: &impl Serialize) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(record).context("cannot print JSON")?;
        self.line(&text)
    }

    /// The record for machines, else the table, else what to say when it is empty.
    pub(super) fn list(
        self,
        record: &impl Serialize,
        table: &Table,
        empty: &str,
    ) -> anyhow::Result<()> {
        if self.json {
            return self.record(record);
        }
        let lines = table.lines();
        if lines.len() < 2 {
            return self.line(empty);
        }
        self.line(&lines.join("\n"))
    }
}

/// Why a command could not be done, and what to do about it.
pub(super) fn failure(error: &anyhow::Error) {
    let mut text = format!("error: {error:#}");
    let hint = error.chain().find_map(|cause| {
        let hinted = cause.downcast_ref::<Hinted>().map(|hinted| &hinted.help);
        let told = cause.downcast_ref::<client::Refused>();
        hinted.or_else(|| told.and_then(|told| told.0.help.as_ref()))
    });
    if let Some(help) = hint {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    // There is nowhere left to complain to.
    writeln!(io::stderr().lock(), "{text}").unwrap_or_default();
}

/// A remark beside the answer, on standard error.
pub(super) fn remark(text: &str) {
    // There is nowhere left to complain to.
    writeln!(io::stderr().lock(), "note: {text}").unwrap_or_default();
}
