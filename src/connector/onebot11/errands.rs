//! What the shell itself asks of QQ: rosters, health, and how a person connects the two.

use super::Call;
use super::errors::{Failed, Trouble, read};
use super::fields::{self, Fields, outgoing};
use crate::connector::{Answer, Errand, ErrandResult, Health};
use crate::model::{Event, Happening, Person, Place, RosterEntry, Text};
use serde_json::{Value, json};

/// What comes after an errand's answers so far.
#[derive(Debug)]
pub(super) enum Step {
    Call(Call),
    End(ErrandResult),
}

pub(super) fn run(connector: &Text, errand: &Errand, answers: &[Answer]) -> Step {
    let asked = match errand {
        Errand::Roster { group } => roster(connector, group, answers),
        Errand::Health => health(answers),
        Errand::Connect { url } => Ok(Step::End(ErrandResult::Connected(format!(
            "enter `{url}` as an HTTP client (event reports) in NapCat, format `array`, with the \
             connector's `secret` as its token; OneBot has no call that does it"
        )))),
    };
    asked.unwrap_or_else(|failed| Step::End(failure(failed)))
}

fn failure(failed: Failed) -> ErrandResult {
    if failed.trouble == Trouble::Unsupported {
        return ErrandResult::NotOffered;
    }
    ErrandResult::Failed {
        stop: matches!(failed.trouble, Trouble::Token | Trouble::Blocked),
        reason: failed.reason,
    }
}

fn nonsense(reason: &str) -> Step {
    Step::End(ErrandResult::Failed {
        reason: reason.to_owned(),
        stop: false,
    })
}

/// Asks who we are, then who is there: we are in the list too, but no member of the community.
fn roster(connector: &Text, group: &Text, answers: &[Answer]) -> Result<Step, Failed> {
    let Some(login) = answers.first() else {
        return Ok(Step::Call(Call::safe("get_login_info", json!({}))));
    };
    let login = read(login)?;
    let Some(account) = login
        .as_object()
        .and_then(|me| fields::person(me, "user_id"))
    else {
        return Ok(nonsense("`get_login_info` names no account"));
    };
    let Some(list) = answers.get(1) else {
        let params = json!({ "group_id": outgoing(group), "no_cache": true });
        return Ok(Step::Call(Call::safe("get_group_member_list", params)));
    };
    let Value::Array(list) = read(list)? else {
        return Ok(nonsense("`get_group_member_list` gave no list"));
    };
    // Whoever may read the list is in it.
    if list.is_empty() {
        return Ok(nonsense("`get_group_member_list` gave an empty list"));
    }
    let mut people = Vec::with_capacity(list.len());
    for item in &list {
        // Part of a list would make present members look gone.
        let Some(entry) = item.as_object().and_then(entry) else {
            return Ok(nonsense("`get_group_member_list` has an entry without id"));
        };
        if entry.person.id != account {
            people.push(entry);
        }
    }
    Ok(Step::End(ErrandResult::Events(vec![Event {
        connector: connector.clone(),
        id: None,
        happened_at: None,
        group: Some(Place {
            id: group.clone(),
            name: None,
        }),
        member: None,
        what: Happening::RosterRead { people },
    }])))
}

fn entry(item: &Fields) -> Option<RosterEntry> {
    Some(RosterEntry {
        person: Person {
            id: fields::person(item, "user_id")?,
            name: fields::text(item, "nickname"),
            nick: fields::text(item, "card"),
            role: fields::role(item),
            is_bot: item.get("is_robot") == Some(&Value::Bool(true)),
        },
        joined_at: fields::instant(item, "join_time"),
        last_active: fields::instant(item, "last_sent_time"),
    })
}

fn health(answers: &[Answer]) -> Result<Step, Failed> {
    let Some(status) = answers.first() else {
        return Ok(Step::Call(Call::safe("get_status", json!({}))));
    };
    let status = read(status)?;
    let Some(login) = answers.get(1) else {
        return Ok(Step::Call(Call::safe("get_login_info", json!({}))));
    };
    let login = read(login)?;
    let Some(version) = answers.get(2) else {
        return Ok(Step::Call(Call::safe("get_version_info", json!({}))));
    };
    // What answers is for people only; its absence is no reason to call the connection ill.
    let version = read(version).unwrap_or_default();
    let problem = if status.get("online") == Some(&Value::Bool(false)) {
        Some("the QQ account is offline")
    } else if status.get("good") == Some(&Value::Bool(false)) {
        Some("the implementation says that it is not well")
    } else {
        None
    };
    let told = |from: &Value, name: &str| from.get(name).and_then(fields::scalar);
    let app = told(&version, "app_name").unwrap_or_else(|| "OneBot v11".into());
    let mut about = app.to_string();
    if let Some(version) = told(&version, "app_version") {
        about = format!("{about} {version}");
    }
    if let Some(name) = told(&login, "nickname") {
        about = format!("{about}, as {name}");
    }
    if let Some(account) = told(&login, "user_id") {
        about = format!("{about} ({account})");
    }
    Ok(Step::End(ErrandResult::Health(Health {
        pending: 0,
        problem: problem.map(str::to_owned),
        about,
    })))
}
