//! `send`: one event by hand.

use super::Found;
use super::args;
use super::client::{Daemon, not_running};
use super::facts::configuration;
use super::output::Output;
use crate::server::api::say::{Send, Taken};
use anyhow::Context;
use serde_json::{Map, Value, json};
use std::io::Read;
use std::path::Path;

pub(super) async fn send(
    config: Option<&Path>,
    args: &args::Send,
    output: Output,
) -> anyhow::Result<Found> {
    let config = configuration(config)?;
    let event = match &args.event {
        Some(path) => read(path)?,
        None => event(args),
    };
    let daemon = Daemon::find(&config)?.ok_or_else(not_running)?;
    let body = Send {
        connector: args.connector.clone(),
        event,
    };
    let taken: Taken = daemon.post("/send", &body).await?;
    if output.json {
        output.record(&taken)?;
    } else if taken.events > 0 {
        output.line(&format!("taken: {}", counted(taken.events)))?;
    }
    for kind in &taken.ignored {
        output.line(&format!("passed over: `{kind}` means nothing here"))?;
    }
    Ok(if taken.ignored.is_empty() {
        Found::Nothing
    } else {
        Found::Problems
    })
}

fn counted(events: usize) -> String {
    if events == 1 {
        "1 event".to_owned()
    } else {
        format!("{events} events")
    }
}

fn read(path: &Path) -> anyhow::Result<Value> {
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin()
            .read_to_string(&mut text)
            .context("cannot read standard input")?;
    } else {
        text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
    }
    serde_json::from_str(&text).with_context(|| format!("`{}` is not JSON", path.display()))
}

/// The event that the options describe.
fn event(args: &args::Send) -> Value {
    let mut event = Map::new();
    let mut put = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            event.insert(name.to_owned(), json!(value));
        }
    };
    put("type", &args.kind);
    put("id", &args.id);
    put("at", &args.at);
    put("text", &args.text);
    if let Some(group) = &args.group {
        event.insert("group".to_owned(), json!({ "id": group }));
    }
    if let Some(member) = &args.member {
        event.insert(
            "member".to_owned(),
            json!({ "id": member, "name": args.name }),
        );
    }
    Value::Object(event)
}
