//! Which names an expression may use, by what started the rule, and who a rule is about.

use super::context::{InputKind, Lowering};
use super::value::plain_value;
use crate::model::Text;
use crate::playbook::rule::{Keyword, Per, Schedule, Trigger, Where};
use crate::script::schema::{COMMUNITY, RUN, event_fields, table_fields};
use crate::script::{Entry, Fields, Names, Root, Type, fields_of};

impl Lowering<'_> {
    /// The names in a rule with these triggers. Without triggers (what starts it could not be
    /// read) everything may be named.
    pub(super) fn names_of(&self, about: &str, triggers: &[Trigger], whole: bool) -> Names {
        let mut names = Names::new(about);
        if let Some(ty) = about_member(triggers) {
            names.insert("member", Entry::Value(ty));
        }
        if !whole {
            names.insert("group", Entry::Value(group(triggers)));
        }
        let community = Entry::Root(Root::Community, table_fields(COMMUNITY));
        names.insert("community", community);
        names.insert("now", Entry::Value(Type::Time));
        names.insert("inputs", Entry::Root(Root::Inputs, self.input_fields()));
        names.insert("vars", Entry::Root(Root::Vars, self.var_fields()));
        if triggers.is_empty() {
            names.insert("event", Entry::Value(Type::Any));
        } else {
            names.insert("event", Entry::Root(Root::Event, event(triggers)));
        }
        for (name, functions) in &self.modules {
            names.add_script(name.clone(), functions.clone());
        }
        names.insert("run", Entry::Root(Root::Run, table_fields(RUN)));
        names
    }

    fn input_fields(&self) -> Fields {
        let inputs = self.instance.inputs.iter();
        fields_of(inputs.map(|(name, input)| {
            let ty = if input.kind == InputKind::List {
                Type::of(&input.value)
            } else {
                input.kind.ty()
            };
            (name.clone(), ty)
        }))
    }

    fn var_fields(&self) -> Fields {
        let vars = self.instance.vars.iter();
        fields_of(vars.map(|(name, node)| (name.clone(), Type::of(&plain_value(node)))))
    }
}

/// The word of a trigger, as the table of event fields and messages have it.
pub(super) const fn word(trigger: &Trigger) -> &'static str {
    match trigger {
        Trigger::Join { .. } => "join",
        Trigger::Leave { .. } => "leave",
        Trigger::JoinRequest => "join_request",
        Trigger::Message(_) => "message",
        Trigger::Keyword(_) => "keyword",
        Trigger::Command(_) => "command",
        Trigger::Reaction { .. } => "reaction",
        Trigger::Schedule(_) => "schedule",
        Trigger::MemberInactive(_) | Trigger::GroupInactive(_) => "inactivity",
        Trigger::SinceJoin(_) | Trigger::SinceGroupCreated(_) => "offset",
        Trigger::Signal { .. } => "signal",
    }
}

/// "a rule started by `join` or `leave`".
pub(super) fn about(triggers: &[Trigger]) -> String {
    let mut words: Vec<String> = Vec::new();
    for trigger in triggers {
        let word = format!("`{}`", word(trigger));
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.is_empty() {
        "a rule".to_owned()
    } else {
        format!("a rule started by {}", words.join(" or "))
    }
}

/// Whom the run is about, where the rule does not say `per`.
pub(super) fn default_per(triggers: &[Trigger]) -> Per {
    if triggers.iter().any(is_event) {
        Per::Event
    } else if !triggers.is_empty() && triggers.iter().all(has_member) {
        Per::Member
    } else {
        Per::Group
    }
}

/// Triggers each of which is a case of its own: `per: event`, `mode: parallel`.
pub(super) const fn is_event(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Command(_) | Trigger::JoinRequest | Trigger::Signal { .. } => true,
        Trigger::Join { .. }
        | Trigger::Leave { .. }
        | Trigger::Message(_)
        | Trigger::Keyword(_)
        | Trigger::Reaction { .. }
        | Trigger::Schedule(_)
        | Trigger::MemberInactive(_)
        | Trigger::GroupInactive(_)
        | Trigger::SinceJoin(_)
        | Trigger::SinceGroupCreated(_) => false,
    }
}

const fn has_member(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Join { .. }
        | Trigger::Leave { .. }
        | Trigger::JoinRequest
        | Trigger::Message(_)
        | Trigger::Keyword(_)
        | Trigger::Command(_)
        | Trigger::Reaction { .. }
        | Trigger::MemberInactive(_)
        | Trigger::SinceJoin(_)
        // A signal carries them where whoever gave it had them.
        | Trigger::Signal { .. } => true,
        Trigger::Schedule(_) | Trigger::GroupInactive(_) | Trigger::SinceGroupCreated(_) => false,
    }
}

/// `member`, where a trigger is about one; possibly empty where another is not.
fn about_member(triggers: &[Trigger]) -> Option<Type> {
    if triggers.is_empty() || triggers.iter().all(has_member) {
        Some(Type::Member)
    } else if triggers.iter().any(has_member) {
        Some(Type::Member.maybe())
    } else {
        None
    }
}

/// `group` is empty in a direct conversation.
fn group(triggers: &[Trigger]) -> Type {
    let direct = triggers.iter().any(|trigger| match trigger {
        Trigger::Message(filter) => filter.place != Where::Group,
        Trigger::Keyword(Keyword { place, .. }) | Trigger::Reaction { place, .. } => {
            *place != Where::Group
        }
        Trigger::Command(filter) => filter.place != Where::Group,
        Trigger::Join { .. }
        | Trigger::Leave { .. }
        | Trigger::JoinRequest
        | Trigger::Schedule(_)
        | Trigger::MemberInactive(_)
        | Trigger::GroupInactive(_)
        | Trigger::SinceJoin(_)
        | Trigger::SinceGroupCreated(_)
        | Trigger::Signal { .. } => false,
    });
    if direct {
        Type::Group.maybe()
    } else {
        Type::Group
    }
}

/// The fields of `event`, with the names that commands give to the words after them.
pub(super) fn event(triggers: &[Trigger]) -> Fields {
    let words: Vec<&str> = triggers.iter().map(word).collect();
    let fields = event_fields(&words);
    let args = triggers.iter().filter_map(|trigger| match trigger {
        Trigger::Command(filter) => Some(&filter.args),
        Trigger::Join { .. }
        | Trigger::Leave { .. }
        | Trigger::JoinRequest
        | Trigger::Message(_)
        | Trigger::Keyword(_)
        | Trigger::Reaction { .. }
        | Trigger::Schedule(_)
        | Trigger::MemberInactive(_)
        | Trigger::GroupInactive(_)
        | Trigger::SinceJoin(_)
        | Trigger::SinceGroupCreated(_)
        | Trigger::Signal { .. } => None,
    });
    let known = fields.iter().map(|(name, ty)| (name.clone(), ty.clone()));
    let args: Vec<(Text, Type)> = args
        .flatten()
        .filter(|name| !fields.contains_key(*name))
        .map(|name| {
            let everywhere = triggers.len() == 1;
            let ty = if everywhere {
                Type::Text
            } else {
                Type::Text.maybe()
            };
            (name.clone(), ty)
        })
        .collect();
    fields_of(known.chain(args))
}

/// True when every trigger is a schedule: with `per: community` there is no group.
pub(super) fn only_schedules(triggers: &[Trigger]) -> bool {
    let schedule = |trigger: &Trigger| match trigger {
        Trigger::Schedule(Schedule::Daily { .. } | Schedule::Cron(_) | Schedule::Every(_)) => true,
        Trigger::Join { .. }
        | Trigger::Leave { .. }
        | Trigger::JoinRequest
        | Trigger::Message(_)
        | Trigger::Keyword(_)
        | Trigger::Command(_)
        | Trigger::Reaction { .. }
        | Trigger::MemberInactive(_)
        | Trigger::GroupInactive(_)
        | Trigger::SinceJoin(_)
        | Trigger::SinceGroupCreated(_)
        | Trigger::Signal { .. } => false,
    };
    !triggers.is_empty() && triggers.iter().all(schedule)
}
