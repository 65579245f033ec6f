//! `connect`: what a platform needs once.

use super::Found;
use super::facts::configuration_for;
use super::hinted;
use super::output::Output;
use crate::config::{Config, Purpose};
use crate::connector::http::{Client, Cut, Guard, Options};
use crate::connector::matrix::Matrix;
use crate::connector::{self, Access, Connector, Errand, ErrandNext, ErrandResult};
use anyhow::{Context, bail};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Requests of one errand; the longest known one needs four.
const REQUESTS_MAX: usize = 16;

/// Registers our webhook with the platform; for Matrix also writes the registration file.
pub(super) async fn connect(
    path: Option<&Path>,
    name: &str,
    file: Option<&Path>,
    output: Output,
) -> anyhow::Result<Found> {
    let config = configuration_for(path, Purpose::Run)?;
    let Some(settings) = config.connectors.get(name).map(|found| &found.settings) else {
        let known: Vec<&str> = config.connectors.keys().map(|name| &**name).collect();
        return Err(hinted(
            format!("no connector `{name}`"),
            format!("steward.yaml has {}", known.join(", ")),
        ));
    };
    let url = hook(&config, name)?;
    if let Some(file) = file {
        let text = registration(&settings.access, name, &url)?;
        write_for_owner(file, &text)
            .with_context(|| format!("cannot write `{}`", file.display()))?;
        output.line(&format!(
            "wrote `{}`: name it in the homeserver's `app_service_config_files`, restart it, then run `steward connect {name}`",
            file.display()
        ))?;
        return Ok(Found::Nothing);
    }
    let built = connector::build(settings).with_context(|| format!("connector `{name}`"))?;
    match run(&*built, &Errand::Connect { url }).await? {
        ErrandResult::Connected(line) => output.line(&line)?,
        ErrandResult::NotOffered => {
            output.line(&format!(
                "`{name}` needs nothing from here: give its address to the other side"
            ))?;
        }
        ErrandResult::Failed { reason, .. } => bail!("cannot connect `{name}`: {reason}"),
        ErrandResult::Events(_) | ErrandResult::Health(_) => {
            bail!("cannot connect `{name}`: it answered something else");
        }
    }
    Ok(Found::Nothing)
}

/// The address of the connector's hook as the platform reaches it.
fn hook(config: &Config, name: &str) -> anyhow::Result<String> {
    let base = config.public_url.as_ref().ok_or_else(|| {
        hinted(
            "the platform must know where to reach steward",
            "set `public_url` in steward.yaml",
        )
    })?;
    Ok(format!("{base}/hooks/{name}"))
}

fn registration(access: &Access, name: &str, url: &str) -> anyhow::Result<String> {
    let Access::Matrix {
        homeserver,
        as_token,
        hs_token,
        user,
    } = access
    else {
        bail!("`{name}` is no Matrix connector: only those have a registration file");
    };
    let (as_token, hs_token) = (as_token.clone(), hs_token.clone());
    let matrix = Matrix::new(name.into(), homeserver, as_token, hs_token, user)?;
    Ok(matrix.registration_file(url))
}

/// The file holds tokens.
fn write_for_owner(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

async fn run(connector: &dyn Connector, errand: &Errand) -> anyhow::Result<ErrandResult> {
    let client = Client::new(Options::default())?;
    let mut answers = Vec::new();
    for _ in 0..REQUESTS_MAX {
        match connector.run_errand(errand, &answers) {
            ErrandNext::Send(request) => {
                answers.push(client.exchange(request, Guard::Any, Cut::Answer).await);
            }
            ErrandNext::End(result) => return Ok(result),
        }
    }
    bail!("the platform asks for more than {REQUESTS_MAX} requests")
}
