//! Commands. They read the command line, ask the daemon (or the data directory where none runs) and
//! print; they hold no business rules.
//!
//! To add a command: an arm in `args.rs`, and a file here that does it.

mod args;
mod check;
mod client;
mod connect;
mod facts;
mod lists;
mod loader;
mod orders;
mod output;
mod run;
mod send;
mod shipped;
mod table;

#[cfg(test)]
mod tests;

pub use args::{Cli, Command};

use anyhow::Context;
use clap::Parser;
use output::Output;
use std::process::ExitCode;

/// What a command came to, as its exit code says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// 0: all is well.
    Nothing,
    /// 1: it ran, and found something wrong.
    Problems,
}

/// Reads the command line and does what it says. Exit codes: 0 done, 1 findings, 2 not done.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(&cli);
    match dispatch(cli, output) {
        Ok(Found::Nothing) => ExitCode::SUCCESS,
        Ok(Found::Problems) => ExitCode::from(1),
        Err(error) => {
            output::failure(&error);
            ExitCode::from(2)
        }
    }
}

fn dispatch(cli: Cli, output: Output) -> anyhow::Result<Found> {
    let config = cli.config.as_deref();
    let command = cli.command.unwrap_or_default();
    match command {
        Command::Run(args) => run::run(config, args, output),
        Command::Check(args) => check::check(config, &args, output),
        Command::Schema => check::schema(output),
        Command::Explain { code } => check::explain(&code, output),
        Command::Verify => check::verify(config, output),
        Command::Connect { name, file } => {
            wait(connect::connect(config, &name, file.as_deref(), output))
        }
        Command::Send(args) => wait(send::send(config, &args, output)),
        Command::Runs(args) => wait(lists::runs(config, args, output)),
        Command::Outbox(args) => wait(lists::outbox(config, args, output)),
        Command::Approvals(args) => wait(lists::approvals(config, args, output)),
        Command::Members(args) => wait(lists::members(config, args, output)),
        Command::Groups(args) => wait(lists::groups(config, args, output)),
        Command::Freeze(place) => wait(orders::freeze(config, place, output)),
        Command::Thaw(place) => wait(orders::thaw(config, place, output)),
    }
}

/// Runs a command that talks, on this thread alone.
fn wait<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the asynchronous runtime")?;
    runtime.block_on(work)
}

/// A failure that knows what to do about it: printed as one `help:` line.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Hinted {
    message: String,
    help: String,
}

/// An error with a `help:` line.
fn hinted(message: impl Into<String>, help: impl Into<String>) -> anyhow::Error {
    Hinted {
        message: message.into(),
        help: help.into(),
    }
    .into()
}
