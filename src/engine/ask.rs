//! Open lists: who answered, what, and when the list is over.

use super::Fold;
use super::advance::{Done, Place};
use super::effects::Wish;
use super::facts::Noted;
use super::list::row;
use super::normal::normalise;
use super::occasion::Occasion;
use super::step::{Target, step_key};
use super::trace::What;
use crate::model::world::{Answer, Ask, Failure, Frame, Run, Waiting, Watches};
use crate::model::{
    Content, MemberNo, Message, Millis, Post, PostKind, RichText, RunId, Text, Value, hash_of,
    limits,
};
use crate::playbook::rule::{Act, Again, AskStep, Full, Show, Step};

impl Fold<'_> {
    pub(super) fn act_ask(&mut self, run: &Run, place: &Place, step: &Step, ask: &AskStep) -> Done {
        let targets = match self.targets(run, place, step, &ask.to) {
            Ok(targets) if targets.is_empty() => run.group.map(Target::Group).into_iter().collect(),
            Ok(targets) => targets,
            Err(failure) => return Done::Fail(failure),
        };
        let text = self.text_of(run, place, step, &ask.text);
        let choices: Vec<Text> = ask
            .choices
            .iter()
            .flat_map(|field| self.value(run, place, step, field).into_items())
            .filter_map(|value| value.as_text().cloned())
            .collect();
        let closes_at = self.closing_time(run, place, step, ask);
        let id = step_key(run, step);
        if run.shadow {
            self.trace_run(
                run,
                What::Shadowed {
                    path: step.path.clone(),
                    verb: "ask",
                    text: text.to_plain(),
                },
            );
            return Done::Next(self.list_result(id, None));
        }
        let group = targets.iter().find_map(|target| match target {
            Target::Group(group) => Some(*group),
            Target::Member(_) => None,
        });
        let to_member = match targets.as_slice() {
            [Target::Member(member)] => Some(*member),
            _ => None,
        };
        let (block, number) = position(run);
        self.world.put_ask(
            id,
            Ask {
                run: run.id,
                block,
                step: number,
                group: group.or(run.group),
                to_member,
                opened_at: self.at,
                closes_at,
                choices: choices.clone(),
                messages: Vec::new(),
                answers: 0,
                closed: false,
                shown_at: 0,
                unshown: false,
            },
        );
        let wishes = match self.questions(run, ask, &text, &choices, targets) {
            Ok(wishes) => wishes,
            Err(failure) => return Done::Fail(failure),
        };
        // The list is open before its message goes out: nobody answers into the void.
        let _sent = self.send(run, place, step, wishes);
        Done::Wait(Waiting::Ask {
            ask: id,
            due: closes_at,
        })
    }

    /// The messages that put the question.
    fn questions(
        &self,
        run: &Run,
        ask: &AskStep,
        text: &RichText,
        choices: &[Text],
        targets: Vec<Target>,
    ) -> Result<Vec<Wish>, Failure> {
        let mut words = text.clone();
        for (index, choice) in choices.iter().enumerate() {
            words.push_text(&format!("\n{}. {choice}", index.saturating_add(1)));
        }
        let post = Post {
            kind: PostKind::Ask,
            text: words,
            choices: choices.to_vec(),
            pin: ask.pin,
            ..Post::default()
        };
        targets
            .into_iter()
            .map(|target| self.wish_to(target, run.group, post.clone()))
            .collect()
    }

    fn closing_time(&self, run: &Run, place: &Place, step: &Step, ask: &AskStep) -> Option<Millis> {
        if let Some(field) = &ask.until {
            let until = self.value(run, place, step, field);
            if let Value::Time(at) = until {
                return Some(at.max(self.at));
            }
            let time_of_day = until.as_span().map(|span| span.exact_ms);
            return time_of_day.and_then(|at_ms| self.next_time_of_day(run, place, at_ms));
        }
        let span = ask
            .open_for
            .as_ref()
            .and_then(|f| self.value(run, place, step, f).as_span());
        span.map(|span| self.after(run, place, span))
    }

    /// The step a list belongs to.
    fn ask_place(&self, ask: &Ask) -> Option<Place> {
        self.world.run(ask.run).and_then(|run| self.place(run))
    }

    /// A message may be an answer: to the list it replies to, else to the newest open one here that
    /// takes it; never to two.
    pub(super) fn answer_by_message(&mut self, occasion: &Occasion, message: &Message) -> bool {
        if self.answer_by_staff(occasion, message) {
            return true;
        }
        let Some(member) = occasion.member else {
            return false;
        };
        let mut open: Vec<(Millis, u64)> = self
            .world
            .asks
            .iter()
            .filter(|(_, ask)| !ask.closed && is_here(ask, occasion, member))
            .map(|(id, ask)| (ask.opened_at, *id))
            .collect();
        open.sort_unstable();
        if let Some(reply_to) = &message.reply_to {
            let replied = |(_, id): &&(Millis, u64)| {
                self.world
                    .asks
                    .get(id)
                    .is_some_and(|ask| ask.messages.contains(reply_to))
            };
            if let Some((_, id)) = open.iter().find(replied).copied() {
                return self.take_answer(id, member, occasion, message, true);
            }
        }
        open.iter()
            .rev()
            .any(|(_, id)| self.take_answer(*id, member, occasion, message, false))
    }

    fn take_answer(
        &mut self,
        id: u64,
        member: MemberNo,
        occasion: &Occasion,
        message: &Message,
        replied: bool,
    ) -> bool {
        let Some(ask) = self.world.asks.get(&id).cloned() else {
            return false;
        };
        let Some(place) = self.ask_place(&ask) else {
            return false;
        };
        let Some(step) = place.step() else {
            return false;
        };
        let Act::Ask(rules) = &step.act else {
            return false;
        };
        let text = normalise(&message.text).trim().to_owned();
        if rules.cancel.iter().any(|word| *normalise(word) == *text) {
            let taken = self.take_back(id, member);
            self.list_changed(id);
            return taken;
        }
        let Some((choice, note)) = reads_as(rules, &ask, &text, message, replied) else {
            return false;
        };
        let answer = Answer {
            at: self.at,
            member,
            text: note,
            choice,
            file: message.files.first().cloned(),
            waiting: false,
        };
        self.enter_answer(id, &place, answer, occasion)
    }

    /// A pressed button or a vote.
    pub(super) fn answer_by_choice(&mut self, noted: Noted, message: &Text, choices: &[Text]) {
        let Some(member) = noted.member else { return };
        let found = self.world.asks.iter().find(|(_, ask)| {
            !ask.closed
                && ask.messages.contains(message)
                && ask.to_member.is_none_or(|asked| asked == member)
        });
        let Some((id, ask)) = found.map(|(id, ask)| (*id, ask.clone())) else {
            return;
        };
        let Some(place) = self.ask_place(&ask) else {
            return;
        };
        let Some(choice) = choices.first() else {
            self.take_back(id, member);
            self.list_changed(id);
            return;
        };
        if !ask.choices.contains(choice) {
            return;
        }
        let mut occasion = self.occasion("choice", format!("#{}", self.seq));
        occasion.member = noted.member;
        occasion.group = noted.group;
        occasion
            .event
            .insert("text".into(), Value::Text(choice.clone()));
        let answer = Answer {
            at: self.at,
            member,
            text: choice.clone(),
            choice: Some(choice.clone()),
            file: None,
            waiting: false,
        };
        self.enter_answer(id, &place, answer, &occasion);
    }

    /// Lets an answer into the list, by the list's rules. True if it was one, taken or refused.
    fn enter_answer(
        &mut self,
        id: u64,
        place: &Place,
        mut answer: Answer,
        occasion: &Occasion,
    ) -> bool {
        let Some(step) = place.step() else {
            return false;
        };
        let Act::Ask(rules) = &step.act else {
            return false;
        };
        let Some(ask) = self.world.asks.get(&id).cloned() else {
            return false;
        };
        let Some(run) = self.world.run(ask.run).cloned() else {
            return false;
        };
        let member = answer.member;
        if !self.lets_in(rules, &run, place, step, &answer, occasion) {
            self.refuse_answer(rules, &run, place, step, &answer, occasion);
            return true;
        }
        let before: Vec<u32> = self
            .world
            .answers(id)
            .filter(|(_, known)| known.member == member)
            .map(|(number, _)| number)
            .collect();
        if let (true, Some(number)) = (rules.once_per_member, before.first()) {
            match rules.again {
                Again::Refuse => {
                    self.refuse_answer(rules, &run, place, step, &answer, occasion);
                    return true;
                }
                Again::Replace => {
                    // Whoever waits goes on waiting: saying it again gives no place.
                    let waits = |(known, row): (u32, &Answer)| known == *number && row.waiting;
                    answer.waiting = self.world.answers(id).any(waits);
                    self.world.set_answer(id, *number, Some(answer));
                    self.list_changed(id);
                    return true;
                }
                Again::Add => {}
            }
        }
        let most = self.places(rules, &run, place, step);
        let taken = self
            .world
            .answers(id)
            .filter(|(_, known)| !known.waiting)
            .count();
        if taken >= most {
            if rules.full == Full::Wait {
                answer.waiting = true;
            } else {
                self.refuse_answer(rules, &run, place, step, &answer, occasion);
                return true;
            }
        }
        let number = ask.answers;
        if let Some(ask) = self.world.ask_mut(id) {
            ask.answers = number.saturating_add(1);
        }
        let waiting = answer.waiting;
        self.world.set_answer(id, number, Some(answer.clone()));
        if let Some(block) = rules.on_answer {
            self.start_on_answer(&run, block, id, number, &answer);
        }
        let now_full = !waiting && taken.saturating_add(1) >= most && rules.full == Full::Close;
        if now_full || ask.to_member.is_some() {
            self.close_ask(id);
        } else {
            self.list_changed(id);
        }
        true
    }

    /// How many places a list has.
    fn places(&self, rules: &AskStep, run: &Run, place: &Place, step: &Step) -> usize {
        let most = rules.at_most.as_ref();
        let most = most.and_then(|field| self.value(run, place, step, field).as_int());
        most.map_or(limits::ANSWERS_MAX, |most| {
            usize::try_from(most).unwrap_or(0)
        })
    }

    fn lets_in(
        &self,
        rules: &AskStep,
        run: &Run,
        place: &Place,
        step: &Step,
        answer: &Answer,
        occasion: &Occasion,
    ) -> bool {
        let member = answer.member;
        let role = occasion
            .group
            .and_then(|group| self.world.seat(group, member))
            .map_or_else(Default::default, |seat| seat.role);
        if !rules.from.is_empty() && !rules.from.contains(&role) {
            return false;
        }
        let Some(filter) = &rules.filter else {
            return true;
        };
        let passes = self.see(run, place, step, |scene| {
            let scene = scene.inside("answer", row(0, answer)).about(Some(member));
            filter.eval(&scene).is_true()
        });
        passes.unwrap_or(false)
    }

    fn refuse_answer(
        &mut self,
        rules: &AskStep,
        run: &Run,
        place: &Place,
        step: &Step,
        answer: &Answer,
        occasion: &Occasion,
    ) {
        let Some(refused) = &rules.refused else {
            return;
        };
        let text = self.see(run, place, step, |scene| {
            let scene = scene.inside("answer", row(0, answer));
            refused.render(&scene.about(Some(answer.member)))
        });
        let reply_to = occasion
            .event
            .get("message")
            .and_then(Value::as_text)
            .cloned();
        let post = Post {
            kind: PostKind::Reply,
            text: text.unwrap_or_default(),
            reply_to,
            ..Post::default()
        };
        let target = match (occasion.group, occasion.member) {
            (Some(group), _) => Target::Group(group),
            (None, Some(member)) => Target::Member(member),
            (None, None) => return,
        };
        if let Ok(wish) = self.wish_to(target, run.group, post) {
            let id = hash_of(&[b"refused", &run.id.0.to_be_bytes(), occasion.id.as_bytes()]);
            self.open_aside(run, step, id, wish);
        }
    }

    /// An effect beside a step, whose outcome nobody waits for.
    pub(super) fn open_aside(&mut self, run: &Run, step: &Step, id: u64, wish: Wish) {
        self.open_effect(super::effects::Opening {
            id: crate::model::EffectId(id),
            run: run.id,
            rule: run.rule_name(),
            step: step.path.clone(),
            expires_at: Some(self.at.saturating_add(crate::model::time::HOUR)),
            wish,
        });
    }

    fn take_back(&mut self, id: u64, member: MemberNo) -> bool {
        let mine: Vec<(u32, bool)> = self
            .world
            .answers(id)
            .filter(|(_, answer)| answer.member == member)
            .map(|(number, answer)| (number, answer.waiting))
            .collect();
        if mine.is_empty() {
            return false;
        }
        let freed = mine.iter().filter(|(_, waiting)| !waiting).count();
        for (number, _) in mine {
            self.world.set_answer(id, number, None);
        }
        let waiting = self.world.answers(id).filter(|(_, answer)| answer.waiting);
        let next: Vec<(u32, Answer)> = waiting
            .take(freed)
            .map(|(number, answer)| (number, answer.clone()))
            .collect();
        for (number, mut answer) in next {
            answer.waiting = false;
            self.world.set_answer(id, number, Some(answer));
        }
        true
    }

    /// Steps for one answer: a run of its own beside the list's, with `answer` in scope.
    fn start_on_answer(&mut self, run: &Run, block: u32, ask: u64, number: u32, answer: &Answer) {
        let id = RunId(hash_of(&[
            b"answer",
            &ask.to_be_bytes(),
            &number.to_be_bytes(),
        ]));
        let mut beside = run.clone();
        beside.id = id;
        beside.per = format!("answer:{}:{number}", RunId(ask)).into();
        beside.member = Some(answer.member);
        beside.about = Some(answer.member);
        beside.watches = Watches::Member;
        beside.frames = vec![Frame {
            block,
            ..Frame::default()
        }];
        beside
            .vars
            .insert("answer".into(), row(number.saturating_add(1), answer));
        beside.waiting = Waiting::Nothing;
        // It goes on in the next tick, after the list itself was settled.
        self.world.put_run(beside);
    }

    /// The list is over: its result goes to the run.
    pub(super) fn close_ask(&mut self, id: u64) {
        let Some(ask) = self.world.asks.get(&id).cloned() else {
            return;
        };
        let place = self.ask_place(&ask);
        let run = self.world.run(ask.run).cloned();
        if let (Some(place), Some(run)) = (&place, &run)
            && let Some(step) = place.step()
            && let Act::Ask(rules) = &step.act
            && match rules.show {
                Show::Never => false,
                Show::End => true,
                Show::Every(_) => ask.unshown || ask.shown_at == 0,
            }
        {
            self.show_list(run, step, id);
        }
        let result = self.list_result(id, ask.group);
        self.world.remove_ask(id);
        self.complete(ask.run, Ok(result));
    }

    /// Lists and questions of a run that is over.
    pub(super) fn close_of(&mut self, run: RunId) {
        let asks: Vec<u64> = self
            .world
            .asks
            .iter()
            .filter(|(_, a)| a.run == run)
            .map(|(id, _)| *id)
            .collect();
        for id in asks {
            self.world.remove_ask(id);
        }
        let open: Vec<u64> = self
            .world
            .approvals
            .values()
            .filter(|approval| approval.run == run && approval.decided.is_none())
            .map(|approval| approval.number)
            .collect();
        for number in open {
            self.world.remove_approval(number);
        }
    }
}

fn is_here(ask: &Ask, occasion: &Occasion, member: MemberNo) -> bool {
    match ask.to_member {
        Some(asked) => asked == member && occasion.group.is_none(),
        None => ask.group.is_some() && ask.group == occasion.group,
    }
}

/// The end of a message that reads `rest` once it is normalised, as it was written; the same as
/// `rest` where no end does.
fn as_written(text: &str, rest: &str) -> Text {
    let rest = rest.trim();
    let mut ends = text.char_indices().map(|(at, _)| text.get(at..));
    let end = ends.find_map(|end| end.filter(|end| normalise(end).trim() == rest));
    end.filter(|_| !rest.is_empty())
        .unwrap_or(rest)
        .trim()
        .into()
}

/// What a message says as an answer: the choice, and its text without the keyword. `None` when it
/// is none.
fn reads_as(
    rules: &AskStep,
    ask: &Ask,
    text: &str,
    message: &Message,
    replied: bool,
) -> Option<(Option<Text>, Text)> {
    let content = rules.content.is_empty() || rules.content.contains(&message.content);
    if !content {
        return None;
    }
    if !ask.choices.is_empty() {
        let by_number = text
            .parse::<usize>()
            .ok()
            .and_then(|n| ask.choices.get(n.checked_sub(1)?));
        let chosen = by_number.or_else(|| ask.choices.iter().find(|c| *normalise(c) == *text));
        return chosen.map(|choice| (Some(choice.clone()), choice.clone()));
    }
    if !rules.keyword.is_empty() {
        return rules.keyword.iter().find_map(|word| {
            let word = normalise(word);
            let rest = text.strip_prefix(&*word)?;
            let stands = rest.is_empty() || rest.starts_with(|c: char| !c.is_alphanumeric());
            stands.then(|| (None, as_written(&message.text, rest)))
        });
    }
    // Without keyword and choices: a reply, in a direct conversation any message, and, where only
    // a kind of content is asked for, any message of that kind.
    let direct = ask.to_member.is_some();
    let by_kind = !rules.content.is_empty() && message.content != Content::Text;
    (replied || direct || by_kind).then(|| (None, Text::from(message.text.trim())))
}

fn position(run: &Run) -> (u32, u32) {
    run.frames
        .last()
        .map_or((0, 0), |frame| (frame.block, frame.next))
}
