//! A platform that does as it is told, or as the test says: it answers each effect with a verdict
//! and writes down what it was asked for.

use std::collections::VecDeque;
use steward::model::{Action, Effect, Millis, Post, Record, Refusal, Value, Verdict};

/// The scripted platform.
#[derive(Debug, Default)]
pub(crate) struct Platform {
    /// Nothing goes out meanwhile.
    pub(crate) held: bool,
    /// Answers in place of success, by verb, in their order.
    plans: VecDeque<(String, Verdict)>,
    messages: u64,
    groups: u64,
}

impl Platform {
    /// The next effect of that verb is answered so.
    pub(crate) fn answers(&mut self, verb: &str, verdict: Verdict) {
        self.plans.push_back((verb.to_owned(), verdict));
    }

    /// The next effect of that verb is refused.
    pub(crate) fn refuses(&mut self, verb: &str, because: Refusal) {
        let reason = because.word().into();
        self.answers(verb, Verdict::Refused { because, reason });
    }

    /// The id of the message that we sent last.
    pub(crate) fn last(&self) -> String {
        format!("ours{}", self.messages)
    }

    /// Carries an effect out: the verdict, and a line for the transcript.
    pub(super) fn answer(&mut self, effect: &Effect, now: Millis) -> (Verdict, String) {
        assert!(effect.not_before <= now, "sent before its time");
        let verb = effect.action.verb();
        let line = line(effect);
        let planned = self.plans.iter().position(|(planned, _)| planned == verb);
        if let Some((_, verdict)) = planned.and_then(|at| self.plans.remove(at)) {
            let word = match &verdict {
                Verdict::Done(_) => "done",
                Verdict::Already(_) => "was so before",
                Verdict::Deferred { .. } => "deferred",
                Verdict::Refused { because, .. } => because.word(),
                Verdict::Sending => "sending",
                Verdict::Unknown { .. } => "unknown",
                Verdict::Parked { .. } => "parked",
            };
            return (verdict, format!("{line} ✗ {word}"));
        }
        (Verdict::Done(self.results(effect)), line)
    }

    fn results(&mut self, effect: &Effect) -> Record {
        let fields = match &effect.action {
            Action::SendMessage(_) => {
                self.messages += 1;
                vec![("message", self.last())]
            }
            Action::CreateGroup { .. } => {
                self.groups += 1;
                let no = self.groups;
                vec![
                    ("group", format!("new{no}")),
                    ("link", format!("https://chat.example/new{no}")),
                ]
            }
            Action::CreateInviteLink { name, .. } => {
                vec![("link", format!("https://chat.example/+{name}"))]
            }
            _ => Vec::new(),
        };
        let fields = fields
            .into_iter()
            .map(|(name, text)| (name.into(), Value::text(text)));
        fields.collect()
    }
}

/// What an effect asks for, in one line.
fn line(effect: &Effect) -> String {
    let group = effect.group.as_deref().unwrap_or("nowhere");
    match &effect.action {
        Action::SendMessage(post) => said(group, post),
        Action::AddReaction { message, emoji } => format!("react {emoji} to {message} in {group}"),
        Action::DeleteMessage { message } => format!("delete {message} in {group}"),
        Action::PinMessage { message } => format!("pin {message} in {group}"),
        Action::MuteMember {
            member,
            until,
            reason,
        } => {
            let how = if until.is_some() {
                "for a while"
            } else {
                "for ever"
            };
            format!("mute {member} in {group} {how}{}", why(reason))
        }
        Action::UnmuteMember { member } => format!("unmute {member} in {group}"),
        Action::RemoveMember { member, reason } => {
            format!("remove {member} from {group}{}", why(reason))
        }
        Action::BanMember { member, reason } => format!("ban {member} from {group}{}", why(reason)),
        Action::UnbanMember { member } => format!("unban {member} in {group}"),
        Action::InviteMember { member } => format!("invite {member} into {group}"),
        Action::CreateInviteLink { .. } => format!("make a link into {group}"),
        Action::CreateGroup { name, .. } => format!("create group {name}"),
        Action::CloseGroup { reason } => format!("close {group}{}", why(reason)),
        Action::AdmitMember { member, .. } => format!("admit {member} to {group}"),
        Action::DeclineMember { member, reason, .. } => {
            format!("decline {member} for {group}{}", why(reason))
        }
        Action::CallEndpoint { name, data } => format!("call {name} {data:?}"),
    }
}

fn said(group: &str, post: &Post) -> String {
    let to = post.to_member.as_deref();
    let to = to.map_or_else(|| group.to_owned(), |who| format!("@{who}"));
    let answers = post.reply_to.as_ref();
    let answers = answers.map_or_else(String::new, |id| format!(" (to {id})"));
    let pin = if post.pin { " 📌" } else { "" };
    let file = post.file.as_ref();
    let file = file.map_or_else(String::new, |file| format!(" [{file}]"));
    let text = post.text.to_plain().trim_end().replace('\n', " / ");
    let verb = Action::SendMessage(post.clone()).verb();
    format!("{verb} → {to}{answers}: {text}{file}{pin}")
}

fn why(reason: &str) -> String {
    if reason.is_empty() {
        String::new()
    } else {
        format!(": {reason}")
    }
}
