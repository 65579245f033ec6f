//! The shell's own errands: registering the webhook, and asking how it fares.

use super::Telegram;
use super::errors::Kind;
use super::json::{int, items, text};
use super::update::KINDS;
use super::walk::{Call, Halt, Walk};
use crate::connector::{Answer, Errand, ErrandNext, ErrandResult, Health};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

/// Updates that Telegram sends side by side: its own default.
const CONNECTIONS_MAX: u32 = 40;
/// Characters of the secret token (platforms/telegram.md §1).
const SECRET_CHARS_MAX: usize = 256;

/// The next request of an errand, or its result.
pub(super) fn run(bot: &Telegram, errand: &Errand, answers: &[Answer]) -> ErrandNext {
    let mut walk = Walk::new(bot, None, answers);
    let ended = match errand {
        // No method lists all members (platforms/telegram.md §2).
        Errand::Roster { .. } => Ok(ErrandResult::NotOffered),
        Errand::Health => health(&mut walk),
        Errand::Connect { url } => connect(&mut walk, bot, url),
    };
    ErrandNext::End(match ended {
        Ok(result) => result,
        Err(Halt::Ask(request)) => return ErrandNext::Send(request),
        Err(Halt::Said { trouble, .. }) => ErrandResult::Failed {
            stop: trouble.kind == Kind::Stop,
            reason: trouble.reason,
        },
    })
}

fn connect(walk: &mut Walk<'_>, bot: &Telegram, url: &str) -> Result<ErrandResult, Halt> {
    let secret = bot.secret_token.expose_secret();
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if secret.is_empty() || secret.len() > SECRET_CHARS_MAX || !secret.chars().all(fits) {
        return Ok(ErrandResult::Failed {
            reason: "`secret_token` must be 1 to 256 letters, digits, `_` and `-`".to_owned(),
            stop: true,
        });
    }
    walk.call(
        Call::new("setWebhook")
            .with("url", url)
            .with("secret_token", secret)
            .with("allowed_updates", json!(KINDS))
            .with("max_connections", CONNECTIONS_MAX),
    )?;
    let about = whoami(walk)?;
    Ok(ErrandResult::Connected(format!(
        "the webhook of {about} is set"
    )))
}

fn health(walk: &mut Walk<'_>) -> Result<ErrandResult, Halt> {
    let info = walk.call(Call::new("getWebhookInfo"))?;
    let about = whoami(walk)?;
    let pending = int(&info, "pending_update_count").unwrap_or(0);
    Ok(ErrandResult::Health(Health {
        pending: u64::try_from(pending).unwrap_or(0),
        problem: problem(&info, pending),
        about,
    }))
}

/// What is wrong. Telegram keeps telling the last error long after it is over: it counts while
/// updates wait.
fn problem(info: &Value, pending: i64) -> Option<String> {
    if text(info, "url").unwrap_or_default().is_empty() {
        return Some("no webhook is set: `steward connect` sets it".to_owned());
    }
    let asked: Vec<&str> = items(info, "allowed_updates")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if let Some(kind) = KINDS.iter().find(|kind| !asked.contains(*kind)) {
        return Some(format!(
            "telegram was not asked for `{kind}`: `steward connect` asks"
        ));
    }
    let last = text(info, "last_error_message").filter(|_| pending > 0)?;
    let at = int(info, "last_error_date")
        .and_then(|at| jiff::Timestamp::from_second(at).ok())
        .map_or_else(String::new, |at| format!("{at}: "));
    Some(format!("{at}{last}"))
}

fn whoami(walk: &mut Walk<'_>) -> Result<String, Halt> {
    let me = walk.call(Call::new("getMe"))?;
    let name = text(&me, "username").unwrap_or("?");
    let id = int(&me, "id").map_or_else(|| "?".to_owned(), |id| id.to_string());
    Ok(format!("@{name} ({id})"))
}
