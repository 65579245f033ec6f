//! Orders to the running daemon.

use super::Found;
use super::args::Place;
use super::client::{Daemon, not_running, with_query};
use super::facts::configuration;
use super::output::Output;
use crate::server::api::orders::{Done, Where};
use serde::Serialize;
use std::path::Path;

/// Gives an order and says in which community it stands. `()` is an order without a body.
pub(super) async fn give(
    config: Option<&Path>,
    path: &str,
    community: Option<String>,
    body: &impl Serialize,
    output: Output,
) -> anyhow::Result<Found> {
    let config = configuration(config)?;
    let daemon = Daemon::find(&config)?.ok_or_else(not_running)?;
    let path = with_query(path, &[("community", community.as_deref())]);
    let done: Done = daemon.post(&path, body).await?;
    if output.json {
        output.record(&done)?;
    } else {
        output.line(&format!("done, in community `{}`", done.community))?;
    }
    Ok(Found::Nothing)
}

pub(super) async fn freeze(
    config: Option<&Path>,
    place: Place,
    output: Output,
) -> anyhow::Result<Found> {
    let body = Where { group: place.group };
    give(config, "/freeze", place.community, &body, output).await
}

pub(super) async fn thaw(
    config: Option<&Path>,
    place: Place,
    output: Output,
) -> anyhow::Result<Found> {
    let body = Where { group: place.group };
    give(config, "/thaw", place.community, &body, output).await
}
