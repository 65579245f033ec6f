//! Events from platforms: duplicates go, facts change, then rules look.

use super::Fold;
use super::facts::Noted;
use super::matcher::Spot;
use super::occasion::Occasion;
use super::start::Candidate;
use crate::model::{Event, Happening, Message, Millis, Text, Value, hash_of, limits};
use crate::playbook::rule::Trigger;

/// The deduplication identity of an event id, over all connectors.
pub fn seen_id(connector: &str, id: &str) -> u64 {
    hash_of(&[connector.as_bytes(), id.as_bytes()])
}

impl Fold<'_> {
    pub(super) fn apply_event(&mut self, event: &Event) {
        if let Some(id) = &event.id {
            let hash = seen_id(&event.connector, id);
            if self.world.seen.contains(hash) {
                self.note(format!("duplicate of event `{id}`"));
                return;
            }
            let kind = self.world.head.directory.connectors.get(&event.connector);
            let keep = kind.map_or(crate::model::Kind::Webhook, |facts| facts.kind);
            self.world.note_seen(
                &event.connector,
                hash,
                self.at,
                limits::deduplication_ms(keep),
            );
        }
        // A clock ahead of ours must not make anyone active in the future.
        let when = event.happened_at.map_or(self.at, |at| at.clamp(0, self.at));
        let Some(noted) = self.note_event(event, when) else {
            return;
        };
        if !noted.counts {
            return;
        }
        match &event.what {
            Happening::MemberJoined { .. } => self.happened("join", event, noted, when, None),
            Happening::MemberLeft { .. } => self.happened("leave", event, noted, when, None),
            Happening::JoinRequested { handle, .. } => {
                if self.is_new_request(&event.connector, handle) {
                    self.happened("join_request", event, noted, when, None);
                }
            }
            Happening::MessagePosted(message) if message.edited => {}
            Happening::MessagePosted(message) => {
                self.happened("message", event, noted, when, Some(message));
            }
            Happening::ReactionChanged { removed: false, .. } => {
                self.happened("reaction", event, noted, when, None);
            }
            Happening::ChoiceMade { message, choices } => {
                self.answer_by_choice(noted, message, choices);
            }
            Happening::ReactionChanged { removed: true, .. }
            | Happening::MemberReported { .. }
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

    /// Open requests are sent again by some implementations, long after ids are forgotten.
    fn is_new_request(&mut self, connector: &Text, handle: &Text) -> bool {
        let id = seen_id(&format!("request@{connector}"), handle);
        let new = !self.world.seen.contains(id);
        if new {
            let keep = limits::deduplication_ms(crate::model::Kind::Webhook);
            self.world.note_seen(&"request".into(), id, self.at, keep);
        }
        new
    }

    fn happened(
        &mut self,
        kind: &'static str,
        event: &Event,
        noted: Noted,
        when: Millis,
        said: Option<&Message>,
    ) {
        let found = self.triggers(kind, said);
        let listening = self.anyone_listens(noted);
        if found.is_empty() && !listening {
            return;
        }
        let base = self.occasion_of(kind, event, noted, when);
        self.interrupt(&base, said);
        let answered = said.is_some_and(|message| self.answer_by_message(&base, message));
        if !answered {
            self.wake_waiting(&base, said);
        }
        let candidates = self.candidates(&base, found, said);
        self.start_all(candidates);
        // Answers may have finished a list and so freed a run: nothing more to do here.
    }

    /// The spots whose trigger this could be: by kind, or by the automaton for keywords.
    fn triggers(&self, kind: &str, said: Option<&Message>) -> Vec<(Spot, Option<Text>)> {
        let rules = &self.rules;
        let mut found: Vec<(Spot, Option<Text>)> = rules
            .of_kind(kind)
            .iter()
            .map(|spot| (*spot, None))
            .collect();
        if let Some(message) = said {
            found.extend(rules.of_kind("command").iter().map(|spot| (*spot, None)));
            let text = cut(&message.text);
            let hits = rules.matcher.hits(text);
            found.extend(hits.into_iter().map(|hit| (hit.spot, Some(hit.word))));
            found.sort_by_key(|(spot, _)| *spot);
        }
        found
    }

    /// Rules that may run: in scope, and their trigger's detail fits. One per rule.
    fn candidates(
        &self,
        base: &Occasion,
        found: Vec<(Spot, Option<Text>)>,
        said: Option<&Message>,
    ) -> Vec<Candidate> {
        let rules = self.rules.clone();
        let mut candidates: Vec<Candidate> = Vec::new();
        for (spot, word) in found {
            let rule_spot = (spot.0, spot.1);
            if candidates.last().is_some_and(|last| last.spot == rule_spot) {
                continue;
            }
            let Some((playbook, _, trigger)) = rules.at(spot) else {
                continue;
            };
            if !self.in_scope_of(playbook, base) || !self.fits(trigger, base, said) {
                continue;
            }
            let mut occasion = base.clone();
            self.add_trigger_fields(&mut occasion, trigger, word, said);
            candidates.push(Candidate {
                spot: rule_spot,
                occasion,
            });
        }
        candidates
    }

    fn add_trigger_fields(
        &self,
        occasion: &mut Occasion,
        trigger: &Trigger,
        word: Option<Text>,
        said: Option<&Message>,
    ) {
        if let Some(word) = word {
            occasion.kind = "keyword";
            let captures = super::matcher::captures(trigger, said.map_or("", |m| &m.text));
            occasion
                .event
                .insert("captures".into(), Value::List(captures));
            occasion.event.insert("keyword".into(), Value::Text(word));
        }
        if let (Trigger::Command(filter), Some(message)) = (trigger, said) {
            occasion.kind = "command";
            let words = self
                .command_words(filter, occasion, message)
                .unwrap_or_default();
            for (index, name) in filter.args.iter().enumerate() {
                let last = index.saturating_add(1) == filter.args.len();
                let value = if last {
                    words.get(index..).unwrap_or_default().join(" ")
                } else {
                    words
                        .get(index)
                        .map(ToString::to_string)
                        .unwrap_or_default()
                };
                occasion.event.insert(name.clone(), Value::text(value));
            }
            let words = words.into_iter().map(Value::Text).collect();
            occasion.event.insert("args".into(), Value::List(words));
        }
        occasion
            .event
            .insert("kind".into(), Value::from(occasion.kind));
    }
}

/// A message's text, cut to what rules see.
fn cut(text: &str) -> &str {
    match text.char_indices().nth(limits::TEXT_CHARS_MAX) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}
