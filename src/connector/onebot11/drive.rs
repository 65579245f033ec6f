//! Effects to calls of the action API, and what the answers come to (platforms/onebot.md §3).

use super::errors::{Failed, Trouble, read};
use super::fields::{self, outgoing};
use super::handle::Handle;
use super::{Call, send};
use crate::connector::{Answer, Outcome};
use crate::model::{Action, Effect, Millis, Record, Refusal, Role, time};
use serde_json::{Value, json};

/// Seconds of the longest mute: QQ refuses 30 days and more (platforms/onebot.md §3), and counts in
/// minutes, so one minute less. Longer ones are renewed by the engine.
pub(super) const MUTE_SECONDS_MAX: i64 = 30 * 24 * 60 * 60 - 60;

/// What comes after the answers so far.
#[derive(Debug)]
pub(super) enum Step {
    Call(Call),
    End(Outcome),
}

/// Called with the same effect and one answer more each time.
pub(super) fn drive(effect: &Effect, answers: &[Answer]) -> Step {
    let action = &effect.action;
    let group = effect.group.as_deref();
    match (action, group) {
        (Action::SendMessage(post), _) => send::drive(post, group, answers),
        (Action::DeleteMessage { message }, _) => {
            let params = json!({ "message_id": outgoing(message) });
            single(Call::safe("delete_msg", params), answers)
        }
        // "Essence" is QQ's pin: the message stands in the group's list until it is taken out.
        (Action::PinMessage { message }, _) => {
            let params = json!({ "message_id": outgoing(message) });
            single(Call::safe("set_essence_msg", params), answers)
        }
        (Action::MuteMember { member, until, .. }, Some(group)) => {
            match mute_seconds(effect, *until) {
                Some(seconds) => single(mute(group, member, seconds), answers),
                None => Step::End(Outcome::Refused {
                    because: Refusal::Expired,
                    reason: "the mute would be over already".to_owned(),
                }),
            }
        }
        (Action::UnmuteMember { member }, Some(group)) => single(mute(group, member, 0), answers),
        (Action::RemoveMember { member, .. }, Some(group)) => kick(group, member, false, answers),
        (Action::BanMember { member, .. }, Some(group)) => kick(group, member, true, answers),
        (Action::CloseGroup { .. }, Some(group)) => {
            let params = json!({ "group_id": outgoing(group), "enable": true });
            single(Call::safe("set_group_whole_ban", params), answers)
        }
        (Action::AdmitMember { member, handle }, Some(group)) => {
            decide(group, member, handle, Decision::Admit, answers)
        }
        (
            Action::DeclineMember {
                member,
                handle,
                reason,
            },
            Some(group),
        ) => decide(group, member, handle, Decision::Decline(reason), answers),
        (
            Action::AddReaction { .. }
            | Action::UnbanMember { .. }
            | Action::InviteMember { .. }
            | Action::CreateInviteLink { .. }
            | Action::CreateGroup { .. }
            | Action::CallEndpoint { .. },
            _,
        ) => Step::End(Outcome::unsupported(action)),
        (
            Action::MuteMember { .. }
            | Action::UnmuteMember { .. }
            | Action::RemoveMember { .. }
            | Action::BanMember { .. }
            | Action::CloseGroup { .. }
            | Action::AdmitMember { .. }
            | Action::DeclineMember { .. },
            None,
        ) => Step::End(invalid("no group to do it in")),
    }
}

/// A refusal of our own, for what can be sent in no form.
pub(super) fn invalid(reason: &str) -> Outcome {
    Outcome::Refused {
        because: Refusal::Invalid,
        reason: reason.to_owned(),
    }
}

/// One call that is the whole effect and sets a state.
fn single(call: Call, answers: &[Answer]) -> Step {
    match answers.first().map(read) {
        None => Step::Call(call),
        Some(Ok(_)) => Step::End(Outcome::done()),
        Some(Err(failed)) => Step::End(failed.outcome(false)),
    }
}

/// A connector has no clock: a mute's length counts from when the effect could start first. Sent
/// late it lasts as long as the rule meant. `None` when nothing of it is left.
fn mute_seconds(effect: &Effect, until: Option<Millis>) -> Option<i64> {
    let from = effect.decided_at.max(effect.not_before);
    let until = until.unwrap_or(Millis::MAX);
    let left_ms = until.saturating_sub(from);
    let seconds = left_ms.saturating_add(time::SECOND - 1) / time::SECOND;
    (seconds > 0).then(|| seconds.min(MUTE_SECONDS_MAX))
}

/// The duration is always said: without it the spec means 30 minutes and `NapCat` 0, which lifts.
fn mute(group: &str, member: &str, seconds: i64) -> Call {
    let params = json!({
        "group_id": outgoing(group),
        "user_id": outgoing(member),
        "duration": seconds,
    });
    Call::safe("set_group_ban", params)
}

fn member_info(group: &str, member: &str) -> Call {
    let params = json!({
        "group_id": outgoing(group),
        "user_id": outgoing(member),
        "no_cache": true,
    });
    Call::safe("get_group_member_info", params)
}

/// Removes a member and looks whether they are gone: implementations answer "ok" to a kick without
/// looking at its result (platforms/onebot.md §3 "False success").
fn kick(group: &str, member: &str, for_good: bool, answers: &[Answer]) -> Step {
    let Some(answer) = answers.first() else {
        let params = json!({
            "group_id": outgoing(group),
            "user_id": outgoing(member),
            "reject_add_request": for_good,
        });
        return Step::Call(Call::safe("set_group_kick", params));
    };
    match read(answer) {
        Ok(_) => {}
        Err(failed) if failed.trouble == Trouble::NoMember && !for_good => {
            return Step::End(Outcome::Already(Record::new()));
        }
        // A ban is a kick that forbids to come back: whoever is not there cannot be banned.
        Err(failed) => return Step::End(failed.outcome(false)),
    }
    let Some(answer) = answers.get(1) else {
        return Step::Call(member_info(group, member));
    };
    Step::End(match presence(read(answer)) {
        Ok(Presence::Absent) => Outcome::done(),
        Ok(Presence::Present(Some(Role::Owner | Role::Staff))) => Outcome::Refused {
            because: Refusal::Forbidden,
            reason: "an owner or administrator cannot be removed".to_owned(),
        },
        Ok(Presence::Present(_)) => Outcome::RetryAfter {
            after_ms: None,
            reason: "the member is still in the group after the kick".to_owned(),
        },
        Err(failed) => failed.outcome(false),
    })
}

enum Presence {
    Present(Option<Role>),
    Absent,
}

/// What `get_group_member_info` tells.
fn presence(told: Result<Value, Failed>) -> Result<Presence, Failed> {
    match told {
        Ok(Value::Object(info)) => Ok(Presence::Present(fields::role(&info))),
        Ok(_) => Ok(Presence::Absent),
        Err(failed) if failed.trouble == Trouble::NoMember => Ok(Presence::Absent),
        Err(failed) => Err(failed),
    }
}

#[derive(Clone, Copy)]
enum Decision<'a> {
    Admit,
    Decline(&'a str),
}

/// Decides a request to enter. Where it was decided before, the group tells how.
fn decide(
    group: &str,
    member: &str,
    handle: &str,
    decision: Decision<'_>,
    answers: &[Answer],
) -> Step {
    let Some(Handle { sub_type, flag }) = Handle::parse(handle) else {
        return Step::End(invalid("the handle of the request is not one of QQ's"));
    };
    let (approve, reason) = match decision {
        Decision::Admit => (true, ""),
        Decision::Decline(reason) => (false, reason),
    };
    let Some(answer) = answers.first() else {
        let params = json!({
            "flag": flag,
            "sub_type": sub_type,
            "approve": approve,
            "reason": reason,
        });
        return Step::Call(Call::safe("set_group_add_request", params));
    };
    match read(answer) {
        Ok(_) => return Step::End(Outcome::done()),
        Err(failed) if failed.trouble == Trouble::Handled => {}
        Err(failed) => return Step::End(failed.outcome(false)),
    }
    let Some(answer) = answers.get(1) else {
        return Step::Call(member_info(group, member));
    };
    Step::End(match (presence(read(answer)), decision) {
        (Ok(Presence::Present(_)), Decision::Admit)
        | (Ok(Presence::Absent), Decision::Decline(_)) => Outcome::Already(Record::new()),
        (Ok(Presence::Absent), Decision::Admit) => gone("the request is closed, nobody came in"),
        (Ok(Presence::Present(_)), Decision::Decline(_)) => gone("the member was let in already"),
        (Err(failed), _) => failed.outcome(false),
    })
}

fn gone(reason: &str) -> Outcome {
    Outcome::Refused {
        because: Refusal::Gone,
        reason: reason.to_owned(),
    }
}
