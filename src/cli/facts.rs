//! Where commands look: the running daemon, else the last snapshot in `data/`.

use super::client::{Asked, Daemon, not_running};
use super::hinted;
use super::output::remark;
use crate::config::{self, Config, Purpose};
use crate::model::{Text, World};
use crate::playbook::diagnostic::has_errors;
use crate::playbook::draw::draw;
use crate::playbook::source::Sources;
use crate::server::views::{Worlds, instant};
use crate::store::Snapshots;
use anyhow::Context;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;

/// The configuration, for a command that needs no secrets of platforms.
pub(super) fn configuration(path: Option<&Path>) -> anyhow::Result<Config> {
    configuration_for(path, Purpose::Check)
}

/// The configuration; what is wrong with it is the error.
pub(super) fn configuration_for(path: Option<&Path>, purpose: Purpose) -> anyhow::Result<Config> {
    let mut sources = Sources::default();
    let shown = path.unwrap_or(Path::new(config::DEFAULT_PATH)).display();
    let (config, problems) = config::load(path, purpose, &mut sources)
        .with_context(|| format!("cannot read `{shown}`"))?;
    match config {
        Some(config) if !has_errors(&problems) => Ok(config),
        Some(_) | None => Err(hinted(
            format!(
                "`{shown}` holds errors\n{}",
                draw(&problems, &sources, false).trim_end()
            ),
            "`steward explain CODE` tells more about each",
        )),
    }
}

/// The daemon's answer; where none runs, the same list from the last snapshot.
pub(super) async fn fetch<T: DeserializeOwned>(
    config: &Config,
    path: &str,
    from_files: impl FnOnce(&Worlds) -> T,
) -> anyhow::Result<T> {
    if let Some(daemon) = Daemon::find(config)?
        && let Asked::Answered(answer) = daemon.get(path).await?
    {
        return Ok(answer);
    }
    stored(&config.data).map(|worlds| from_files(&worlds))
}

/// A row's key and value.
type Stored = (Vec<u8>, Vec<u8>);

/// The worlds of the last snapshot. A clean stop leaves one at the very end.
fn stored(data: &Path) -> anyhow::Result<Worlds> {
    if !data.join("snapshots").is_dir() {
        return Err(not_running());
    }
    let read = || format!("cannot read the snapshots in `{}`", data.display());
    let newest = Snapshots::open(data).with_context(read)?;
    let newest = newest.load_newest().with_context(read)?;
    let Some(snapshot) = newest.snapshot else {
        return Err(not_running());
    };
    let at = instant(snapshot.header.at);
    remark(&format!("no steward runs; this is the snapshot of {at}"));
    let mut rows: BTreeMap<Text, Vec<Stored>> = BTreeMap::new();
    for row in snapshot.rows {
        let row = row.with_context(read)?;
        rows.entry(row.community)
            .or_default()
            .push((row.key, row.value));
    }
    let worlds = rows.into_iter().map(|(community, mut rows)| {
        rows.sort();
        let world = World::from_rows(rows)?;
        Ok((community, world))
    });
    worlds.collect()
}
