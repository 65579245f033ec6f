//! `run`: the daemon, from its start to its end.

use super::args;
use super::facts::configuration_for;
use super::loader::{Files, shell};
use super::output::Output;
use super::{Found, hinted, shipped};
use crate::config::{self, Config, Purpose};
use crate::model::Kind;
use crate::runtime::{self, Fatal, Handle, SystemClock};
use crate::server::{self, AdminToken, Doors, Face, Hosts, Limits, Listener};
use crate::telemetry::{self, Form};
use anyhow::Context;
use secrecy::ExposeSecret;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::oneshot;

/// Runs until it is told to stop.
pub(super) fn run(path: Option<&Path>, args: args::Run, output: Output) -> anyhow::Result<Found> {
    let filter = config::environment("STEWARD_LOG");
    let form = Form::choose(args.log_json || output.json);
    telemetry::start(filter.as_deref(), form, output.colors(&std::io::stderr()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the asynchronous runtime")?;
    runtime.block_on(daemon(path, args, output))?;
    Ok(Found::Nothing)
}

async fn daemon(path: Option<&Path>, args: args::Run, output: Output) -> anyhow::Result<()> {
    let config = configuration_for(path, Purpose::Run)?;
    let listeners = bind(&config).await?;
    let (token, made) = admin_token(&config)?;
    warn_of_open_sandbox(&config);
    let loader = Arc::new(Files::new(path, args.fold_tail));
    let shell = shell(&config, args.fold_tail)?;
    let started = runtime::start(shell, loader, Arc::new(SystemClock::new())).await;
    let (handle, fatal) = started.context("cannot start")?;
    let hosts = Hosts::of(
        config.admin.listen.unwrap_or(config.listen).ip(),
        config.public_url.as_deref(),
    );
    let doors = Doors::new(handle.clone(), token, hosts, Limits::default());
    output.text(&greeting(&config, path, made.as_deref()))?;
    tokio::spawn(show_sandbox(handle.clone(), output));
    let (over, ends) = oneshot::channel();
    let waiting = until_told(handle.clone(), path.map(Path::to_owned), config, fatal);
    let shutdown = async {
        // The receiver lives in this function, past the end of serving.
        over.send(waiting.await).unwrap_or_default();
    };
    server::serve(doors, listeners, shutdown).await;
    let end = ends.await.unwrap_or(Ok(()));
    handle.stop().await;
    end
}

/// Says what happens in the sandbox, so that whoever tries things sees it. Real platforms show it
/// themselves, and what members write there is never printed.
async fn show_sandbox(handle: Handle, output: Output) {
    let mut lines = handle.watch();
    loop {
        match lines.recv().await {
            Ok(line) if line.kind == "sandbox" => {
                let said = line.text.split_once(' ').map_or("", |(_id, said)| said);
                if output.text(&format!("  sandbox    {said}\n")).is_err() {
                    return;
                }
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

async fn bind(config: &Config) -> anyhow::Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    let face = match config.admin.listen {
        Some(admin) => {
            listeners.push(listen(admin, Face::Admin).await?);
            Face::Hooks
        }
        None => Face::All,
    };
    listeners.push(listen(config.listen, face).await?);
    Ok(listeners)
}

async fn listen(at: SocketAddr, face: Face) -> anyhow::Result<Listener> {
    match TcpListener::bind(at).await {
        Ok(socket) => Ok(Listener { socket, face }),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Err(hinted(
            format!("cannot listen on {at}: the address is in use"),
            "stop what runs there, or set another `listen` in steward.yaml",
        )),
        Err(error) => Err(error).with_context(|| format!("cannot listen on {at}")),
    }
}

/// The configured token, else the one in `data/`, with its path when it was made just now.
fn admin_token(config: &Config) -> anyhow::Result<(AdminToken, Option<PathBuf>)> {
    let (token, made) = match &config.admin.token {
        Some(token) => (token.clone(), None),
        None => server::load_or_make_token(&config.data).with_context(|| {
            format!("cannot keep an admin token in `{}`", config.data.display())
        })?,
    };
    if token.expose_secret().trim().is_empty() {
        return Err(hinted(
            "`admin.token` is empty: anybody could command steward",
            "set it, or leave it out and one is made",
        ));
    }
    Ok((AdminToken::new(&token), made))
}

fn warn_of_open_sandbox(config: &Config) {
    let sandbox = config
        .connectors
        .values()
        .any(|connector| matches!(connector.kind(), Kind::Sandbox));
    if sandbox && !config.listen.ip().is_loopback() {
        tracing::warn!("The sandbox takes events from anybody, and this address is not loopback.");
    }
}

/// Where to look, and one thing to try.
fn greeting(config: &Config, path: Option<&Path>, made: Option<&Path>) -> String {
    let admin = config.admin.listen.unwrap_or(config.listen);
    let mut text = format!("Steward {} runs.\n", env!("CARGO_PKG_VERSION"));
    let mut line = |name: &str, what: &str| {
        // Writing to a string cannot fail.
        writeln!(text, "  {name:<10} {what}").unwrap_or_default();
    };
    for name in config.connectors.keys() {
        line("hooks", &format!("http://{}/hooks/{name}", config.listen));
    }
    line("look", &format!("http://{admin}/"));
    let playbooks = if config.playbooks.is_dir() {
        format!("{}", config.playbooks.display())
    } else {
        let count = shipped::FILES
            .iter()
            .filter(|(path, _)| path.starts_with("playbooks/"))
            .count();
        format!("{count} that came with the binary")
    };
    line("playbooks", &playbooks);
    line("data", &config.data.display().to_string());
    if let Some(made) = made {
        line(
            "token",
            &format!("made for the admin API, in {}", made.display()),
        );
    }
    line("try", &something_to_try(config, path));
    text
}

/// A command that makes something happen, ready to be pasted into another terminal.
fn something_to_try(config: &Config, path: Option<&Path>) -> String {
    let option = path.map_or_else(String::new, |path| format!(" --config {}", path.display()));
    let groups = config.communities.values().flat_map(|one| &one.groups);
    let sandbox: Vec<_> = groups
        .filter(|group| {
            let connector = config.connectors.get(&group.connector);
            connector.is_some_and(|connector| matches!(connector.kind(), Kind::Sandbox))
        })
        .collect();
    let checkin = sandbox.iter().find(|group| &*group.id == "checkin");
    match checkin.or(sandbox.first()) {
        Some(group) => format!(
            "curl http://{}/hooks/{} -d '{{\"type\":\"message\",\"group\":{{\"id\":\"{}\"}},\
             \"member\":{{\"id\":\"u1\",\"name\":\"小林\"}},\"text\":\"打卡\"}}'",
            config.listen, group.connector, group.external
        ),
        None => format!("steward{option} groups"),
    }
}

/// Ends when a signal asks for it, or when the runtime cannot go on. A hangup reloads.
async fn until_told(
    handle: Handle,
    path: Option<PathBuf>,
    config: Config,
    mut fatal: oneshot::Receiver<Fatal>,
) -> anyhow::Result<()> {
    let listening = "cannot listen to signals";
    let mut terminate = signal(SignalKind::terminate()).context(listening)?;
    let mut interrupt = signal(SignalKind::interrupt()).context(listening)?;
    let mut hangup = signal(SignalKind::hangup()).context(listening)?;
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            _ = hangup.recv() => reload(&handle, path.as_deref(), &config).await,
            why = &mut fatal => return match why {
                Ok(why) => Err(anyhow::Error::new(why).context("cannot go on")),
                Err(_ended) => Ok(()),
            },
        }
    }
}

async fn reload(handle: &Handle, path: Option<&Path>, running: &Config) {
    match handle.reload().await {
        // The runtime has said what came into force.
        Ok(_report) => {}
        Err(error) => {
            tracing::error!(%error, "Nothing was reloaded; everything stays as it was.");
            return;
        }
    }
    if let Ok(new) = configuration_for(path, Purpose::Run) {
        for key in running.needs_restart(&new) {
            tracing::warn!(key, "This takes a restart to come true.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_names_a_command_that_does_something() {
        let text = greeting(
            &Config::built_in(),
            None,
            Some(Path::new("data/admin.token")),
        );
        assert!(
            text.contains("curl http://127.0.0.1:8080/hooks/sandbox -d '{"),
            "{text}"
        );
        assert!(text.contains("data/admin.token"), "{text}");
    }
}
