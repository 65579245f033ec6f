//! Structured logs with fixed field names, on standard error: a line for people on a terminal, JSON
//! for machines everywhere else.

use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// What is logged when `STEWARD_LOG` says nothing.
const DEFAULT_FILTER: &str = "info";

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A line for people.
    Plain,
    /// One JSON object per line.
    Json,
}

impl Form {
    /// JSON where it is asked for, or where nobody watches.
    pub fn choose(json: bool) -> Self {
        if json || !io::stderr().is_terminal() {
            Self::Json
        } else {
            Self::Plain
        }
    }
}

/// The filter could not be read, or logs are set up already.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`STEWARD_LOG` is no filter such as `info` or `steward=debug`")]
    BadFilter(#[source] tracing_subscriber::filter::ParseError),
    #[error("logs are set up already")]
    Twice,
}

/// Starts logging. `filter` is what `STEWARD_LOG` holds.
pub fn start(filter: Option<&str>, form: Form, color: bool) -> Result<(), Error> {
    let filter = EnvFilter::try_new(filter.unwrap_or(DEFAULT_FILTER)).map_err(Error::BadFilter)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let started = match form {
        Form::Plain => {
            let dispatch = lines.with_ansi(color).with_target(false).finish();
            tracing::subscriber::set_global_default(dispatch)
        }
        Form::Json => {
            let dispatch = lines.json().flatten_event(true).finish();
            tracing::subscriber::set_global_default(dispatch)
        }
    };
    started.map_err(|_already| Error::Twice)
}
