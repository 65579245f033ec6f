//! An occasion: something happened that rules may react to, with what `event` names in them.

use super::Fold;
use super::facts::Noted;
use crate::model::{Event, GroupNo, Happening, MemberNo, Message, Millis, Record, Text, Value};

/// One thing that happened, as rules see it.
#[derive(Clone, Debug)]
pub(super) struct Occasion {
    /// The trigger's word.
    pub kind: &'static str,
    /// What identifies it, for run ids: the event's id, or the planned time.
    pub id: String,
    pub group: Option<GroupNo>,
    pub member: Option<MemberNo>,
    /// `event` in rules.
    pub event: Record,
    pub happened_at: Millis,
    /// From a time in which the connector was deaf: only rules with `late: run` start.
    pub late: bool,
    /// How late a deadline fired.
    pub late_by: Millis,
}

impl Fold<'_> {
    /// An occasion without any fields of its own.
    pub(super) fn occasion(&self, kind: &'static str, id: String) -> Occasion {
        let mut event = Record::new();
        event.insert("kind".into(), Value::from(kind));
        event.insert("at".into(), Value::Time(self.at));
        event.insert("id".into(), Value::text(id.as_str()));
        Occasion {
            kind,
            id,
            group: None,
            member: None,
            event,
            happened_at: self.at,
            late: false,
            late_by: 0,
        }
    }

    /// The occasion of an event, without what its kind adds.
    pub(super) fn occasion_of(
        &self,
        kind: &'static str,
        event: &Event,
        noted: Noted,
        when: Millis,
    ) -> Occasion {
        let id = match &event.id {
            Some(id) => format!("{}:{id}", event.connector),
            None => format!("#{}", self.seq),
        };
        let mut occasion = self.occasion(kind, id);
        occasion.group = noted.group;
        occasion.member = noted.member;
        occasion.happened_at = when;
        occasion.late = self.is_late(&event.connector, when);
        occasion.event.insert("at".into(), Value::Time(when));
        self.add_fields(&mut occasion, event);
        occasion
    }

    fn add_fields(&self, occasion: &mut Occasion, event: &Event) {
        let mut add = |name: &str, value: Value| {
            occasion.event.insert(name.into(), value);
        };
        let person = |id: &Text| {
            self.world
                .member_at(&event.connector, id)
                .map_or(Value::Nothing, Value::Member)
        };
        match &event.what {
            Happening::MemberJoined { inviter, source } => {
                add(
                    "inviter",
                    inviter.as_ref().map_or(Value::Nothing, |p| person(&p.id)),
                );
                add("source", maybe_text(source.as_ref()));
            }
            Happening::MemberLeft { by, banned } => {
                add("inviter", Value::Nothing);
                let how = match (by, banned) {
                    (_, true) => "banned",
                    (Some(_), false) => "removed",
                    (None, false) => "self",
                };
                add("source", Value::from(how));
            }
            Happening::JoinRequested { handle, answer, .. } => {
                add("answer", Value::Text(answer.clone()));
                add("handle", Value::Text(handle.clone()));
            }
            Happening::MessagePosted(message) => {
                let mentions = message.mentions.iter().map(person);
                add(
                    "mentions",
                    Value::List(mentions.filter(|who| !who.is_nothing()).collect()),
                );
                add_message(&mut add, message);
            }
            Happening::ReactionChanged { message, emoji, .. } => {
                add("message", Value::Text(message.clone()));
                add("emoji", Value::Text(emoji.clone()));
            }
            Happening::MemberReported {
                reporter,
                message,
                reason,
            } => {
                add("reporters", Value::List(vec![person(&reporter.id)]));
                add("message", maybe_text(message.as_ref()));
                add("reason", Value::Text(reason.clone()));
            }
            Happening::ChoiceMade { .. }
            | Happening::MessageDeleted { .. }
            | Happening::MemberChanged
            | Happening::MuteChanged { .. }
            | Happening::ReachabilityChanged { .. }
            | Happening::BotJoined
            | Happening::BotLeft { .. }
            | Happening::BotRole { .. }
            | Happening::GroupCreated { .. }
            | Happening::GroupRenamed
            | Happening::GroupMoved { .. }
            | Happening::RosterRead { .. } => {}
        }
    }

    /// True for an event dated inside a deaf time and older than the limit.
    fn is_late(&self, connector: &Text, when: Millis) -> bool {
        self.at.saturating_sub(when) > crate::model::limits::LATE_EVENT_MS
            && self.world.head.hearing.get(connector).is_some_and(|h| {
                h.deaf
                    .iter()
                    .any(|(from, to)| (*from..=*to).contains(&when))
            })
    }
}

fn add_message(add: &mut impl FnMut(&str, Value), message: &Message) {
    let texts = |texts: &[Text]| Value::List(texts.iter().cloned().map(Value::Text).collect());
    add("text", Value::Text(message.text.clone()));
    add("links", texts(&message.links));
    add("files", texts(&message.files));
    add("reply_to", maybe_text(message.reply_to.as_ref()));
    add("message", Value::Text(message.id.clone()));
    add("content", Value::from(message.content.word()));
}

fn maybe_text(text: Option<&Text>) -> Value {
    text.map_or(Value::Nothing, |text| Value::Text(text.clone()))
}
