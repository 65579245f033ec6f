//! What a person does in the bot's place: a to-do instead of what the platform forbids, and what the
//! staff are told in their language.

use super::Fold;
use super::advance::{Done, Place};
use super::approval::{WITHIN_DEFAULT_MS, decision_record};
use crate::model::world::{ApprovalKind, Run};
use crate::model::{GroupNo, RichText, RunId, Text, Value};
use crate::playbook::rule::{Act, Step};
use crate::script::Language;

impl Fold<'_> {
    /// A to-do in place of what the bot may not do; the step's result is the task's.
    pub(super) fn hand_over(&mut self, run: &Run, _: &Place, step: &Step, text: String) -> Done {
        if run.shadow {
            return Done::Next(decision_record(None, false));
        }
        let due = self.at.saturating_add(WITHIN_DEFAULT_MS);
        self.open_approval(
            run,
            step,
            ApprovalKind::Task,
            &RichText::plain(text),
            due,
            &[],
        )
    }

    /// The note of a task can name a group: the one that a person opened, with a link into it.
    pub(super) fn note_group_name(&mut self, result: &mut Value, note: &Text) {
        let Some(no) = self.group_in(note) else {
            return;
        };
        let mut words = note.split_whitespace();
        let link = words.find(|word| word.starts_with("https://"));
        if let (Some(link), Some(group)) = (link, self.world.group_mut(no)) {
            group.link = Some(link.into());
        }
        if let Value::Record(fields) = result {
            fields.insert("group".into(), Value::Group(no));
        }
    }

    /// The group that a note names, by its id in steward.yaml or the platform's.
    pub(super) fn group_in(&self, note: &str) -> Option<GroupNo> {
        note.split_whitespace().find_map(|word| {
            let outside = || {
                let mut groups = self.world.groups();
                groups.find(|(_, group)| *group.external == *word)
            };
            let by_id = self.world.group_by_id(word);
            by_id.or_else(|| outside().map(|(no, _)| no))
        })
    }

    /// True if the run waits for a person to open a group in the bot's place.
    pub(super) fn opens_group(&self, run: RunId) -> bool {
        let place = self.world.run(run).and_then(|run| self.place(run));
        let step = place.as_ref().and_then(Place::step);
        step.is_some_and(|step| matches!(step.act, Act::CreateGroup { .. }))
    }

    /// The task in place of `create_group` gives what the step would have given: the group, with the
    /// tags and settings of the one it follows.
    pub(super) fn task_result(&mut self, run: RunId, result: Value) -> Value {
        let (true, Value::Group(group)) = (self.opens_group(run), result.field("group")) else {
            return result;
        };
        let followed = self.world.run(run).cloned().and_then(|run| {
            let place = self.place(&run)?;
            let step = place.step()?;
            let Act::CreateGroup {
                like: Some(like), ..
            } = &step.act
            else {
                return None;
            };
            self.group_named(&self.value(&run, &place, step, like))
        });
        if let Some(followed) = followed {
            self.make_like(*group, Some(followed));
            self.arm_group(*group);
        }
        Value::Group(*group)
    }

    /// The language that staff read.
    pub(super) fn staff_language(&self) -> Language {
        let staff = self.world.head.directory.staff.as_ref();
        let staff = staff.and_then(|id| self.world.group_by_id(id));
        super::scope::language_of(&self.world, staff)
    }

    pub(super) fn in_staff_words(&self, zh: &str, en: &str) -> String {
        match self.staff_language() {
            Language::Zh => zh.to_owned(),
            Language::En => en.to_owned(),
        }
    }

    /// True if the run waits for a to-do in place of what the bot may not do itself.
    pub(super) fn is_handed_over(&self, run: RunId) -> bool {
        let place = self.world.run(run).and_then(|run| self.place(run));
        let step = place.as_ref().and_then(Place::step);
        step.is_some_and(|step| !matches!(step.act, Act::Approve(_) | Act::Task(_)))
    }
}
