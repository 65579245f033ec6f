//! `check`, `explain`, `verify`: what needs no running daemon.

use super::Found;
use super::args::Check;
use super::facts::configuration;
use super::loader::{self, Files};
use super::output::Output;
use crate::config::{self, Purpose};
use crate::playbook::codes;
use crate::playbook::diagnostic::{Diagnostic, has_errors};
use crate::playbook::draw::{draw, to_json};
use crate::playbook::schema::json_schema;
use crate::playbook::source::Sources;
use crate::runtime;
use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// `check [PATH…]`: without paths the playbooks and scripts that steward.yaml names.
pub(super) fn check(path: Option<&Path>, args: &Check, output: Output) -> anyhow::Result<Found> {
    let mut sources = Sources::default();
    let (config, problems) = config::load(path, Purpose::Check, &mut sources)
        .with_context(|| format!("cannot read `{}`", shown(path)))?;
    let mut found = vec![(problems, sources)];
    if let Some(config) = &config {
        let texts = if args.paths.is_empty() {
            loader::texts_of(config)?
        } else {
            let mut texts = loader::texts_at(&args.paths)?;
            loader::surround(&mut texts, config)?;
            texts
        };
        let loaded = loader::rulebook(&texts);
        found.push((loaded.diagnostics, loaded.sources));
    }
    show(&found, output)?;
    Ok(if found.iter().any(|(problems, _)| has_errors(problems)) {
        Found::Problems
    } else {
        Found::Nothing
    })
}

fn shown(path: Option<&Path>) -> String {
    let path = path.unwrap_or(Path::new(config::DEFAULT_PATH));
    path.display().to_string()
}

/// First what is wrong in steward.yaml, then in playbooks and scripts.
fn show(found: &[(Vec<Diagnostic>, Sources)], output: Output) -> anyhow::Result<()> {
    if output.json {
        let all = found
            .iter()
            .map(|(problems, sources)| to_json(problems, sources));
        let all: Vec<Value> = all
            .flat_map(|list| list.as_array().cloned().unwrap_or_default())
            .collect();
        return output.record(&all);
    }
    let color = output.colors(&std::io::stdout());
    for (problems, sources) in found {
        output.text(&draw(problems, sources, color))?;
    }
    if found.iter().all(|(problems, _)| problems.is_empty()) {
        output.line("all is well")?;
    }
    Ok(())
}

/// `explain CODE`.
pub(super) fn explain(code: &str, output: Output) -> anyhow::Result<Found> {
    match codes::explain(code) {
        Ok(page) => output.text(&page)?,
        Err(problem) => bail!("{problem}"),
    }
    Ok(Found::Nothing)
}

/// `schema`: from the same tables that the checker uses.
pub(super) fn schema(output: Output) -> anyhow::Result<Found> {
    output.text(&format!("{:#}\n", json_schema()))?;
    Ok(Found::Nothing)
}

/// `verify`.
pub(super) fn verify(path: Option<&Path>, output: Output) -> anyhow::Result<Found> {
    let config = configuration(path)?;
    let loader = Files::new(path, false);
    let verified = runtime::verify(&config.data, Arc::new(loader)).context("cannot verify")?;
    let is_same = verified.differing == 0 && verified.notes.is_empty();
    if output.json {
        output.record(&json!({
            "same": is_same,
            "folded": verified.folded,
            "rows": verified.rows,
            "differing": verified.differing,
            "notes": verified.notes,
        }))?;
    } else {
        for note in &verified.notes {
            output.line(&format!("note: {note}"))?;
        }
        for difference in &verified.shown {
            let (what, row) = (difference.what, &difference.row);
            output.line(&format!(
                "{what}: {row} of community `{}`",
                difference.community
            ))?;
        }
        let (folded, rows, differing) = (verified.folded, verified.rows, verified.differing);
        output.line(&format!(
            "{folded} inputs folded, {rows} rows compared, {differing} differ"
        ))?;
    }
    Ok(if is_same {
        Found::Nothing
    } else {
        Found::Problems
    })
}
