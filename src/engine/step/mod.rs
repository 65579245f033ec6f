//! Steps: one flat match over what they do, and how their fields are worked out.

mod data;
mod decide;
mod flow;
mod group;
mod person;
mod post;

pub(super) use flow::{Sent, wait_over};
pub(super) use group::step_key;

use super::Fold;
use super::advance::{Done, Place, failure};
use super::scope::Scene;
use crate::model::world::{Failure, Run};
use crate::model::{GroupNo, MemberNo, Record, RichText, Text, Value};
use crate::playbook::rule::{About, Act, Field, Line, Step};

/// Where something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Group(GroupNo),
    Member(MemberNo),
}

impl Fold<'_> {
    /// Carries out the step a run stands on.
    #[expect(
        clippy::too_many_lines,
        reason = "one flat match: a line or two for each step"
    )]
    pub(super) fn act(&mut self, run: &mut Run, place: &Place, step: &Step) -> Done {
        match &step.act {
            Act::Post(post) => self.act_post(run, place, step, post),
            Act::Welcome { to, text, gather } => {
                self.act_welcome(run, place, step, to, text, gather.as_ref())
            }
            Act::React { emoji, message } => {
                self.act_react(run, place, step, emoji, message.as_ref())
            }
            Act::Ask(ask) => self.act_ask(run, place, step, ask),
            Act::Approve(ask) => self.act_approve(run, place, step, ask, false),
            Act::Task(ask) => self.act_approve(run, place, step, ask, true),
            Act::Let(names) => self.act_let(run, place, step, names),
            Act::Filter { .. } => self.act_filter(run, place, step),
            Act::Wait(wait) => self.act_wait(run, place, step, wait),
            Act::Label {
                about,
                add,
                drop,
                expires,
            } => self.act_label(run, place, step, about, (add, drop), expires.as_ref()),
            Act::Data(change) => self.act_data(run, place, step, change),
            Act::Reward { .. } => self.act_reward(run, place, step),
            Act::Charge { .. } => self.act_charge(run, place, step),
            Act::Admit => self.act_admit(run, place, step, None),
            Act::Decline { reason } => self.act_admit(run, place, step, Some(reason)),
            Act::Moderate {
                verb,
                about,
                reason,
            } => self.act_moderate(run, place, step, verb, about, reason),
            Act::DeleteMessage { message, group } => {
                self.act_delete(run, place, step, message.as_ref(), group.as_ref())
            }
            Act::Invite { member, to, text } => self.act_invite(
                run,
                place,
                step,
                member.as_ref(),
                to.as_ref(),
                text.as_ref(),
            ),
            Act::CreateGroup { name, like, on } => {
                self.act_create_group(run, place, step, name, like.as_ref(), on.as_ref())
            }
            Act::CloseGroup { group, reason } => {
                self.act_close_group(run, place, step, group.as_ref(), reason)
            }
            Act::Choose(ways) => self.act_choose(run, place, step, ways),
            Act::Each { .. } => self.act_each(run, place, step),
            Act::Block(block) => {
                let frame = crate::model::world::Frame {
                    block: *block,
                    ..Default::default()
                };
                Done::Enter(frame)
            }
            Act::Call { flow, with } => self.act_call(run, place, step, flow, with),
            Act::RunScript {
                module,
                function,
                with,
            } => self.act_run_script(run, place, step, (module, function), with),
            Act::Signal { name, data, about } => {
                self.act_signal(run, place, step, name, data, about)
            }
            Act::Webhook { endpoint, data } => self.act_webhook(run, place, step, endpoint, data),
            Act::Decide { module, block } => self.act_decide(run, place, step, module, *block),
            Act::Effect => self.act_effect(run, place, step),
            Act::Stop { reason } => {
                let reason = self.text_of(run, place, step, reason).to_plain();
                Done::Stop(reason.into())
            }
        }
    }

    /// Works something out with what the step sees.
    pub(super) fn see<T>(
        &self,
        run: &Run,
        place: &Place,
        step: &Step,
        look: impl FnOnce(&Scene<'_>) -> T,
    ) -> Option<T> {
        let scene = self.scene_in(&place.rules, place.playbook()?, run, &step.path);
        Some(look(&scene))
    }

    /// A field's value.
    pub(super) fn value(&self, run: &Run, place: &Place, step: &Step, field: &Field) -> Value {
        self.see(run, place, step, |scene| value_of(field, scene))
            .unwrap_or_default()
    }

    /// A field as text.
    pub(super) fn text_of(&self, run: &Run, place: &Place, step: &Step, field: &Field) -> RichText {
        self.see(run, place, step, |scene| rich_of(field, scene))
            .unwrap_or_default()
    }

    /// The member and group a step is about: its own fields, else the run's.
    pub(super) fn about(
        &self,
        run: &Run,
        place: &Place,
        step: &Step,
        about: &About,
    ) -> (Option<MemberNo>, Option<GroupNo>) {
        let member = match &about.member {
            None => run.member,
            Some(field) => {
                let value = self.value(run, place, step, field);
                let by_key = value
                    .as_text()
                    .and_then(|key| self.world.member_by_key(key));
                value.as_member().or(by_key)
            }
        };
        let group = match &about.group {
            None => run.group,
            Some(field) => self.group_named(&self.value(run, place, step, field)),
        };
        (member, group)
    }

    /// The group that a value names.
    pub(super) fn group_named(&self, value: &Value) -> Option<GroupNo> {
        let by_id = value.as_text().and_then(|id| self.world.group_by_id(id));
        // The result of `task` has the group in a field.
        value
            .as_group()
            .or(by_id)
            .or_else(|| value.field("group").as_group())
    }

    /// Groups and members that `to` names, each once.
    pub(super) fn targets(
        &self,
        run: &Run,
        place: &Place,
        step: &Step,
        to: &[Field],
    ) -> Result<Vec<Target>, Failure> {
        let mut targets = Vec::new();
        for field in to {
            for value in self.value(run, place, step, field).into_items() {
                let member = value.as_member().map(Target::Member);
                let target = member.or_else(|| self.group_named(&value).map(Target::Group));
                let Some(target) = target else {
                    let reason = format!("{} is neither a group nor a member", value.kind());
                    return Err(failure("gone", &reason));
                };
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
        Ok(targets)
    }
}

/// A field worked out.
pub(super) fn value_of(field: &Field, scene: &Scene<'_>) -> Value {
    match field {
        Field::Is(value) => value.clone(),
        Field::Expr(expr) => expr.eval(scene),
        Field::Text(template) => simplest(template.render(scene)),
        Field::Lines(lines) => simplest(lines_of(lines, scene)),
        Field::List(items) => Value::List(items.iter().map(|item| value_of(item, scene)).collect()),
        Field::Record(fields) => Value::Record(record_of(fields, scene)),
    }
}

/// Named fields worked out.
pub(super) fn record_of(fields: &[(Text, Field)], scene: &Scene<'_>) -> Record {
    fields
        .iter()
        .map(|(name, field)| (name.clone(), value_of(field, scene)))
        .collect()
}

/// A field worked out as text with mentions.
pub(super) fn rich_of(field: &Field, scene: &Scene<'_>) -> RichText {
    match field {
        Field::Text(template) => template.render(scene),
        Field::Lines(lines) => lines_of(lines, scene),
        Field::Is(_) | Field::Expr(_) | Field::List(_) | Field::Record(_) => {
            let mut rich = RichText::default();
            crate::script::print_into(&mut rich, &value_of(field, scene), scene);
            rich
        }
    }
}

/// Text without mentions is plain text.
fn simplest(rich: RichText) -> Value {
    match rich.0.as_slice() {
        [] => Value::from(""),
        [crate::model::Piece::Plain(text)] => Value::Text(text.clone()),
        _ => Value::Rich(rich),
    }
}

fn lines_of(lines: &[Line], scene: &Scene<'_>) -> RichText {
    let mut text = RichText::default();
    let mut first = true;
    let mut push = |line: &RichText| {
        if !std::mem::take(&mut first) {
            text.push_text("\n");
        }
        text.push(line);
    };
    for line in lines {
        match line {
            Line::Plain(template) => push(&template.render(scene)),
            Line::If(condition, template) => {
                if condition.eval(scene).is_true() {
                    push(&template.render(scene));
                }
            }
            Line::Each {
                name,
                list,
                filter,
                line,
                empty,
            } => {
                let mut any = false;
                for item in list.eval(scene).into_items() {
                    let inner = scene.inside(name, item);
                    if filter
                        .as_ref()
                        .is_none_or(|filter| filter.eval(&inner).is_true())
                    {
                        push(&line.render(&inner));
                        any = true;
                    }
                }
                if let (false, Some(empty)) = (any, empty) {
                    push(&empty.render(scene));
                }
            }
        }
    }
    text
}
