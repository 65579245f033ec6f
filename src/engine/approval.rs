//! Guarded steps, questions to staff, and to-dos for people.

use super::Fold;
use super::advance::{Done, Place, failure};
use super::effects::{Opening, Wish};
use super::normal::normalise;
use super::occasion::Occasion;
use super::step::Target;
use super::trace::What;
use crate::model::world::{Approval, ApprovalKind, Decision, Frame, Run, Waiting};
use crate::model::{
    EffectId, MemberNo, Message, Millis, Post, PostKind, Record, RichText, RunId, Text, Value,
    hash_of, time,
};
use crate::playbook::rule::{Act, ApproveStep, By, Otherwise, Step};

/// How long a question to staff stays open when the playbook does not say.
pub(super) const WITHIN_DEFAULT_MS: Millis = 7 * time::DAY;
/// How long after the settling time updates that a platform still holds keep guarded steps waiting:
/// platforms drop them after a day (platforms/telegram.md §1).
const PENDING_MAX_MS: Millis = time::DAY;
const YES: [&str; 8] = ["yes", "y", "ok", "是", "同意", "批准", "好", "可以"];
const NO: [&str; 7] = ["no", "n", "否", "不", "拒绝", "不同意", "不行"];

impl Fold<'_> {
    /// What stands before a guarded step: the settling time after an outage, and its limit.
    /// `None`: it may happen, and is counted.
    pub(super) fn guard(&mut self, run: &mut Run, place: &Place, step: &Step) -> Option<Done> {
        let playbook = place.playbook()?;
        let zone = self.zone_of(playbook, run.group);
        if std::mem::take(&mut run.allowed) {
            self.spend_beyond(playbook, &step.name, &zone);
            return None;
        }
        if let Some(due) = self.settled_at() {
            return Some(Done::Wait(Waiting::Again { due }));
        }
        if self.within_limit(playbook, &step.name, run.shadow, &zone) {
            return None;
        }
        if run.shadow {
            // Nobody is asked about what would not happen anyway.
            let note = format!("`{}` would wait for a person: over its limit", step.name);
            self.trace_run(run, What::Note(note));
            return None;
        }
        let who = run
            .member
            .and_then(|no| self.world.member(no))
            .map(|member| member.name.clone());
        let who = who.map(|name| format!(" ({name})")).unwrap_or_default();
        let (name, rule) = (&step.name, run.rule_name());
        let text = self.in_staff_words(
            &format!("规则 `{rule}` 的 `{name}` 超过了上限{who}，要放行吗？"),
            &format!("`{name}` of rule `{rule}` is over its limit{who}. Let it happen?"),
        );
        let due = self.at.saturating_add(WITHIN_DEFAULT_MS);
        Some(self.open_approval(
            run,
            step,
            ApprovalKind::Limit,
            &RichText::plain(text),
            due,
            &[],
        ))
    }

    /// Until when guarded steps wait after a deaf time: late events can still save someone, and they
    /// may take longer to come while the platform holds many.
    fn settled_at(&self) -> Option<Millis> {
        let head = &self.world.head;
        if self.at < head.settle_until {
            return Some(head.settle_until);
        }
        let recent = self.at.saturating_sub(head.settle_until) < PENDING_MAX_MS;
        let pending = head.hearing.values().any(|hearing| hearing.pending > 0);
        (recent && pending).then(|| self.at.saturating_add(time::MINUTE))
    }

    pub(super) fn act_approve(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        ask: &ApproveStep,
        is_task: bool,
    ) -> Done {
        let text = self.text_of(run, place, step, &ask.text);
        let within = ask
            .within
            .as_ref()
            .and_then(|field| self.value(run, place, step, field).as_span());
        let due = match within {
            Some(span) => self.after(run, place, span),
            None => self.at.saturating_add(WITHIN_DEFAULT_MS),
        };
        let to: Vec<_> = ask.to.iter().cloned().collect();
        let targets = match self.targets(run, place, step, &to) {
            Ok(targets) => targets,
            Err(failure) => return Done::Fail(failure),
        };
        if run.shadow {
            return Done::Next(decision_record(None, false));
        }
        let kind = if is_task {
            ApprovalKind::Task
        } else {
            ApprovalKind::Step
        };
        self.open_approval(run, step, kind, &text, due, &targets)
    }

    pub(super) fn open_approval(
        &mut self,
        run: &Run,
        step: &Step,
        kind: ApprovalKind,
        text: &RichText,
        due: Millis,
        targets: &[Target],
    ) -> Done {
        let number = self.world.head.approvals_opened.saturating_add(1);
        self.world.head.approvals_opened = number;
        self.world.put_approval(Approval {
            number,
            run: run.id,
            rule: run.rule_name(),
            kind,
            text: text.to_plain().into(),
            opened_at: self.at,
            due: Some(due),
            messages: Vec::new(),
            decided: None,
        });
        let staff = self.world.head.directory.staff.clone();
        let staff = staff
            .and_then(|id| self.world.group_by_id(&id))
            .map(Target::Group);
        let targets: Vec<Target> = if targets.is_empty() {
            staff.into_iter().collect()
        } else {
            targets.to_vec()
        };
        for (index, target) in targets.into_iter().enumerate() {
            let mut words = RichText::plain(format!("#{number} "));
            words.push(text);
            let post_kind = if kind == ApprovalKind::Task {
                PostKind::Task
            } else {
                PostKind::Approve
            };
            let post = Post {
                kind: post_kind,
                text: words,
                ..Post::default()
            };
            if let Ok(wish) = self.wish_to(target, run.group, post) {
                self.ask_staff(run, step, number, index, wish);
            }
        }
        Done::Wait(Waiting::Approval {
            number,
            due: Some(due),
        })
    }

    fn ask_staff(&mut self, run: &Run, step: &Step, number: u64, index: usize, wish: Wish) {
        let parts = [
            &b"approval"[..],
            &number.to_be_bytes(),
            &(index as u64).to_be_bytes(),
        ];
        let community = self.world.head.community.clone();
        let id = hash_of(&[community.as_bytes(), parts[0], parts[1], parts[2]]);
        self.open_effect(Opening {
            id: EffectId(id),
            run: run.id,
            rule: run.rule_name(),
            step: step.path.clone(),
            expires_at: Some(self.at.saturating_add(time::DAY)),
            wish,
        });
    }

    /// A person's yes or no, from the console, the command line or the staff group.
    pub(super) fn decide(&mut self, number: u64, yes: bool, by: &Text, note: &Text) -> bool {
        let Some(approval) = self.world.approvals.get(&number).cloned() else {
            self.note(format!("there is no approval #{number}"));
            return false;
        };
        if approval.decided.is_some() {
            self.note(format!("approval #{number} was decided before"));
            return false;
        }
        let waits = self.world.run(approval.run).is_some_and(
            |run| matches!(run.waiting, Waiting::Approval { number: waits, .. } if waits == number),
        );
        if yes && waits && self.opens_group(approval.run) && self.group_in(note).is_none() {
            self.alert(&self.in_staff_words(
                &format!("#{number} 还没有完成：请回复「好 群号」，机器人要先在那个群里。"),
                &format!(
                    "#{number} is still open: answer yes with the id of a group the bot is in"
                ),
            ));
            return false;
        }
        let decision = Decision {
            yes,
            by: by.clone(),
            note: note.clone(),
            at: self.at,
        };
        if let Some(approval) = self.world.approval_mut(number) {
            approval.decided = Some(decision.clone());
        }
        self.forget_old_approvals();
        if !waits {
            return true;
        }
        match approval.kind {
            ApprovalKind::Limit if yes => {
                if let Some(mut run) = self.world.take_run(approval.run) {
                    run.allowed = true;
                    self.world.put_run(run);
                }
                self.again(approval.run, 0);
            }
            ApprovalKind::Limit => {
                let refusal = failure("not_allowed", &format!("{by} said no"));
                self.complete(approval.run, Err(refusal));
            }
            ApprovalKind::Step | ApprovalKind::Task => {
                let mut result = decision_record(Some(&decision), false);
                self.note_group_name(&mut result, note);
                let otherwise = self.otherwise(approval.run, false);
                if yes {
                    let result = self.task_result(approval.run, result);
                    self.complete(approval.run, Ok(result));
                } else {
                    self.go_otherwise(approval.run, otherwise, result, "a person said no");
                }
            }
        }
        true
    }

    fn otherwise(&self, run: RunId, timed_out: bool) -> Otherwise {
        let place = self.world.run(run).and_then(|run| self.place(run));
        match place.as_ref().and_then(Place::step).map(|step| &step.act) {
            Some(Act::Approve(ask) | Act::Task(ask)) => {
                if timed_out {
                    ask.on_timeout
                } else {
                    ask.on_no
                }
            }
            _ => Otherwise::Stop,
        }
    }

    fn go_otherwise(&mut self, run: RunId, otherwise: Otherwise, result: Value, why: &str) {
        match otherwise {
            // What a person did not do in the bot's place is a step that did not come about.
            Otherwise::Stop if self.is_handed_over(run) => {
                self.complete(run, Err(failure("not_done", why)));
            }
            Otherwise::Stop => self.resume_with(run, Done::Stop(why.into())),
            Otherwise::Continue => self.complete(run, Ok(result)),
            // These steps take the place of all that a yes would have led to.
            Otherwise::Do(block) => {
                if let Some(mut run) = self.world.take_run(run) {
                    run.frames = vec![Frame {
                        block,
                        ..Frame::default()
                    }];
                    self.advance(run);
                }
            }
        }
    }

    pub(super) fn approval_timed_out(&mut self, number: u64) {
        let Some(approval) = self.world.approvals.get(&number).cloned() else {
            return;
        };
        let decision = Decision {
            yes: false,
            by: "time".into(),
            note: "nobody answered in time".into(),
            at: self.at,
        };
        if let Some(approval) = self.world.approval_mut(number) {
            approval.decided = Some(decision.clone());
        }
        self.forget_old_approvals();
        if approval.kind == ApprovalKind::Limit {
            let refusal = failure("not_allowed", "nobody allowed it in time");
            self.complete(approval.run, Err(refusal));
            return;
        }
        let otherwise = self.otherwise(approval.run, true);
        let result = decision_record(Some(&decision), true);
        self.go_otherwise(approval.run, otherwise, result, "nobody answered in time");
    }

    /// Decided questions are kept for lists, the newest hundred.
    fn forget_old_approvals(&mut self) {
        let decided: Vec<u64> = self
            .world
            .approvals
            .values()
            .filter(|approval| approval.decided.is_some())
            .map(|approval| approval.number)
            .collect();
        for number in decided
            .iter()
            .rev()
            .skip(crate::model::limits::DECIDED_APPROVALS_MAX)
        {
            self.world.remove_approval(*number);
        }
    }

    /// An answer in the staff group: a reply to the question, `#12 yes`, or, when only one is open
    /// there, a bare yes or no.
    pub(super) fn answer_by_staff(&mut self, occasion: &Occasion, message: &Message) -> bool {
        let Some(member) = occasion.member else {
            return false;
        };
        if self.world.approvals.is_empty() {
            return false;
        }
        let text = normalise(&message.text).into_owned();
        let (number, rest) = match text.trim().strip_prefix('#') {
            Some(tail) => {
                let digits = tail
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(tail.len());
                let (number, rest) = tail.split_at(digits);
                (number.parse::<u64>().ok(), rest.trim().to_owned())
            }
            None => (None, text.trim().to_owned()),
        };
        let (word, note) = rest.split_once(char::is_whitespace).unwrap_or((&rest, ""));
        let yes = YES.contains(&word);
        if !yes && !NO.contains(&word) {
            return false;
        }
        let Some(approval) = self.question_for(occasion, message, number) else {
            return false;
        };
        if !self.may_decide(member, &approval) {
            self.note(format!(
                "approval #{}: this member may not decide",
                approval.number
            ));
            return false;
        }
        let by: Text = self
            .world
            .member(member)
            .map(crate::model::world::Member::key)
            .unwrap_or_default()
            .into();
        self.decide(approval.number, yes, &by, &note.trim().into())
    }

    fn question_for(
        &self,
        occasion: &Occasion,
        message: &Message,
        number: Option<u64>,
    ) -> Option<Approval> {
        let staff = self.world.head.directory.staff.as_ref();
        let staff = staff.and_then(|id| self.world.group_by_id(id));
        let here = occasion.group.is_none() || occasion.group == staff;
        let mut open = self
            .world
            .approvals
            .values()
            .filter(|a| a.decided.is_none());
        if let Some(reply_to) = &message.reply_to {
            return open
                .find(|approval| approval.messages.contains(reply_to))
                .cloned();
        }
        if !here {
            return None;
        }
        if let Some(number) = number {
            return open.find(|approval| approval.number == number).cloned();
        }
        open.next_back().cloned()
    }

    /// Staff decide; nobody decides on a run that they set off.
    fn may_decide(&self, member: MemberNo, approval: &Approval) -> bool {
        let run = self.world.run(approval.run);
        if run.is_some_and(|run| run.about == Some(member)) {
            return false;
        }
        let place = run.and_then(|run| self.place(run));
        let by = match place.as_ref().and_then(Place::step).map(|step| &step.act) {
            Some(Act::Approve(ask)) => ask.by,
            _ => By::Staff,
        };
        let excepted = match (run, place.as_ref()) {
            (Some(run), Some(place)) => self.is_excepted(run, place, member),
            _ => false,
        };
        !excepted
            && match by {
                By::Anyone => true,
                By::Staff => self.is_staff(member),
                By::Owner => self.is_owner(member),
            }
    }

    fn is_excepted(&self, run: &Run, place: &Place, member: MemberNo) -> bool {
        let Some(step) = place.step() else {
            return false;
        };
        let Act::Approve(ask) = &step.act else {
            return false;
        };
        ask.except
            .iter()
            .flat_map(|field| self.value(run, place, step, field).into_items())
            .any(|value| value.as_member() == Some(member))
    }
}

pub(super) fn decision_record(decision: Option<&Decision>, late: bool) -> Value {
    let mut record = Record::new();
    let yes = decision.is_none_or(|decision| decision.yes);
    record.insert("yes".into(), Value::Bool(yes));
    record.insert("no".into(), Value::Bool(!yes && !late));
    record.insert("late".into(), Value::Bool(late));
    let text = |text: Option<&Text>| Value::Text(text.cloned().unwrap_or_default());
    record.insert("by".into(), text(decision.map(|decision| &decision.by)));
    record.insert("note".into(), text(decision.map(|decision| &decision.note)));
    Value::Record(record)
}
