//! Open lists: who answered, what, and when the list is over.

use super::Fold;
use super::advance::{Done, Place};
use super::effects::Wish;
use super::facts::Noted;
use super::normal::normalise;
use super::occasion::Occasion;
use super::step::{Target, step_key};
use super::trace::What;
use crate::model::world::{Answer, Ask, End, Failure, Frame, Run, Waiting};
use crate::model::{
    Content, GroupNo, MemberNo, Message, Millis, Post, PostKind, Record, RichText, RunId, Text,
    Value, hash_of, limits,
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
        if let Some(field) = &ask.until
            && let Value::Time(at) = self.value(run, place, step, field)
        {
            return Some(at.max(self.at));
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
            return self.take_back(id, member);
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
        if !self.lets_in(rules, &run, place, step, member, occasion) {
            self.refuse_answer(rules, &run, place, step, occasion);
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
                    self.refuse_answer(rules, &run, place, step, occasion);
                    return true;
                }
                Again::Replace => {
                    self.world.set_answer(id, *number, Some(answer));
                    return true;
                }
                Again::Add => {}
            }
        }
        let most = rules
            .at_most
            .as_ref()
            .and_then(|f| self.value(&run, place, step, f).as_int());
        let most = most.map_or(limits::ANSWERS_MAX, |n| usize::try_from(n).unwrap_or(0));
        let taken = self
            .world
            .answers(id)
            .filter(|(_, known)| !known.waiting)
            .count();
        if taken >= most {
            if rules.full == Full::Wait {
                answer.waiting = true;
            } else {
                self.refuse_answer(rules, &run, place, step, occasion);
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
        } else if let Show::Every(_) = rules.show {
            self.show_list(&run, place, step, id, number);
        }
        true
    }

    fn lets_in(
        &self,
        rules: &AskStep,
        run: &Run,
        place: &Place,
        step: &Step,
        member: MemberNo,
        occasion: &Occasion,
    ) -> bool {
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
            let text = occasion.event.get("text").cloned().unwrap_or_default();
            let scene = scene.inside("answer", text).about(Some(member));
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
        occasion: &Occasion,
    ) {
        let Some(refused) = &rules.refused else {
            return;
        };
        let text = self.see(run, place, step, |scene| {
            let text = occasion.event.get("text").cloned().unwrap_or_default();
            refused.render(&scene.inside("answer", text).about(occasion.member))
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
    fn open_aside(&mut self, run: &Run, step: &Step, id: u64, wish: Wish) {
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
        let mine: Vec<u32> = self
            .world
            .answers(id)
            .filter(|(_, answer)| answer.member == member)
            .map(|(number, _)| number)
            .collect();
        if mine.is_empty() {
            return false;
        }
        for number in mine {
            self.world.set_answer(id, number, None);
        }
        let next = self
            .world
            .answers(id)
            .find(|(_, a)| a.waiting)
            .map(|(no, a)| (no, a.clone()));
        if let Some((number, mut answer)) = next {
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
            && rules.show != Show::Never
        {
            self.show_list(run, place, step, id, u32::MAX);
        }
        let result = self.list_result(id, ask.group);
        self.world.remove_ask(id);
        self.complete(ask.run, Ok(result));
    }

    /// Posts the list as it stands.
    fn show_list(&mut self, run: &Run, place: &Place, step: &Step, id: u64, number: u32) {
        let _ = place;
        let Some(group) = self.world.asks.get(&id).and_then(|ask| ask.group) else {
            return;
        };
        let mut lines = Vec::new();
        for (index, (_, answer)) in self.world.answers(id).enumerate() {
            let name = self
                .world
                .member(answer.member)
                .map(|m| m.name.clone())
                .unwrap_or_default();
            let said = answer.choice.as_ref().unwrap_or(&answer.text);
            let mark = if answer.waiting { " …" } else { "" };
            lines.push(format!("{}. {name} {said}{mark}", index.saturating_add(1)));
        }
        let text = RichText::plain(lines.join("\n"));
        if text.is_blank() {
            return;
        }
        let post = Post {
            kind: PostKind::Send,
            text,
            ..Post::default()
        };
        if let Ok(wish) = self.wish_to(Target::Group(group), Some(group), post) {
            let id = hash_of(&[b"list", &id.to_be_bytes(), &number.to_be_bytes()]);
            self.open_aside(run, step, id, wish);
        }
    }

    /// What `as` names after a list: `count rows members missing first text tally winners`.
    fn list_result(&self, id: u64, group: Option<GroupNo>) -> Value {
        let answers: Vec<&Answer> = self
            .world
            .answers(id)
            .map(|(_, a)| a)
            .filter(|a| !a.waiting)
            .collect();
        let mut members: Vec<MemberNo> = Vec::new();
        let mut tally: Record = Record::new();
        for answer in &answers {
            if !members.contains(&answer.member) {
                members.push(answer.member);
            }
            let key = answer.choice.clone().unwrap_or_else(|| answer.text.clone());
            let count = tally.get(&key).and_then(Value::as_int).unwrap_or(0);
            tally.insert(key, Value::Int(count.saturating_add(1)));
        }
        let best = tally.values().filter_map(Value::as_int).max().unwrap_or(0);
        let won = |answer: &&&Answer| {
            let key = answer.choice.as_ref().unwrap_or(&answer.text);
            tally.get(key).and_then(Value::as_int) == Some(best)
        };
        let winners = answers
            .iter()
            .filter(won)
            .map(|answer| Value::Member(answer.member))
            .collect();
        let missing = group
            .and_then(|no| self.world.group(no))
            .map_or_else(Vec::new, |group| {
                let seats = group.seats.keys().filter(|no| !members.contains(no));
                seats
                    .filter(|no| self.world.member(**no).is_some_and(|member| !member.is_bot))
                    .take(limits::EACH_ITEMS_MAX)
                    .map(|no| Value::Member(*no))
                    .collect()
            });
        let rows = answers
            .iter()
            .enumerate()
            .map(|(i, a)| row(i as u32 + 1, a))
            .collect();
        let first = answers.first();
        let mut result = Record::new();
        result.insert("count".into(), Value::Int(members.len() as i64));
        result.insert("rows".into(), Value::List(rows));
        result.insert(
            "first".into(),
            first.map_or(Value::Nothing, |a| Value::Member(a.member)),
        );
        result.insert(
            "text".into(),
            Value::Text(first.map(|a| a.text.clone()).unwrap_or_default()),
        );
        result.insert("winners".into(), Value::List(winners));
        result.insert("missing".into(), Value::List(missing));
        result.insert("tally".into(), Value::Record(tally));
        result.insert(
            "members".into(),
            Value::List(members.into_iter().map(Value::Member).collect()),
        );
        Value::Record(result)
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

    /// What happened may stop runs, or end the present step's wait.
    pub(super) fn interrupt(&mut self, occasion: &Occasion, said: Option<&Message>) {
        let watching: Vec<RunId> = self
            .world
            .watchers(occasion.member, occasion.group)
            .collect();
        for id in watching {
            let Some(run) = self.world.run(id) else {
                continue;
            };
            let near =
                occasion.group.is_none() || run.group.is_none() || run.group == occasion.group;
            let Some(place) = self.place(run).filter(|_| near) else {
                continue;
            };
            let Some(playbook) = place.playbook() else {
                continue;
            };
            let rule = playbook.rules.iter().find(|rule| rule.id == run.rule);
            let stops = |triggers: &[crate::playbook::rule::Trigger]| {
                triggers
                    .iter()
                    .any(|trigger| self.fits_alone(trigger, occasion, said))
            };
            if rule.is_some_and(|rule| stops(&rule.stop_when)) {
                if let Some(run) = self.world.take_run(id) {
                    self.end(&run, End::Interrupted(occasion.kind.into()));
                }
                continue;
            }
            let ended = match place.step().map(|step| &step.act) {
                Some(Act::Wait(wait)) => stops(&wait.stop_when),
                Some(Act::Ask(ask)) => stops(&ask.stop_when),
                _ => false,
            };
            if ended {
                if let Waiting::Ask { ask, .. } = run.waiting {
                    self.close_ask(ask);
                } else {
                    self.complete(id, Ok(Value::Nothing));
                }
            }
        }
    }

    /// Runs that wait for an event of this kind go on.
    pub(super) fn wake_waiting(&mut self, occasion: &Occasion, said: Option<&Message>) {
        use crate::playbook::rule::WaitFor;
        let watching: Vec<RunId> = self
            .world
            .watchers(occasion.member, occasion.group)
            .collect();
        for id in watching {
            let Some(run) = self.world.run(id) else {
                continue;
            };
            if !matches!(run.waiting, Waiting::Event { .. }) {
                continue;
            }
            let near =
                occasion.group.is_none() || run.group.is_none() || run.group == occasion.group;
            let Some(place) = self.place(run).filter(|_| near) else {
                continue;
            };
            let Some(Act::Wait(wait)) = place.step().map(|step| &step.act) else {
                continue;
            };
            let WaitFor::Event { triggers, .. } = &wait.until else {
                continue;
            };
            if triggers
                .iter()
                .any(|trigger| self.fits_alone(trigger, occasion, said))
            {
                let mut event = occasion.event.clone();
                event.insert("timed_out".into(), Value::Bool(false));
                self.complete(id, Ok(Value::Record(event)));
            }
        }
    }

    /// The event a run waited for did not come in time.
    pub(super) fn event_timed_out(&mut self, id: RunId) {
        use crate::playbook::rule::{Otherwise, WaitFor};
        let place = self.world.run(id).and_then(|run| self.place(run));
        let otherwise = match place.as_ref().and_then(Place::step).map(|step| &step.act) {
            Some(Act::Wait(wait)) => match &wait.until {
                WaitFor::Event { on_timeout, .. } => *on_timeout,
                WaitFor::Span(_) | WaitFor::Time(_) | WaitFor::TimeOfDay(_) => Otherwise::Continue,
            },
            _ => Otherwise::Continue,
        };
        match otherwise {
            Otherwise::Stop => self.resume_with(id, Done::Stop("nothing came in time".into())),
            Otherwise::Continue => {
                let late = Record::from([("timed_out".into(), Value::Bool(true))]);
                self.complete(id, Ok(Value::Record(late)));
            }
            Otherwise::Do(block) => {
                self.resume_with(
                    id,
                    Done::Enter(Frame {
                        block,
                        ..Frame::default()
                    }),
                );
            }
        }
    }
}

fn is_here(ask: &Ask, occasion: &Occasion, member: MemberNo) -> bool {
    match ask.to_member {
        Some(asked) => asked == member && occasion.group.is_none(),
        None => ask.group.is_some() && ask.group == occasion.group,
    }
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
            stands.then(|| (None, Text::from(rest.trim())))
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

/// A row of a list, as rules see it.
fn row(number: u32, answer: &Answer) -> Value {
    let mut record = Record::new();
    record.insert("member".into(), Value::Member(answer.member));
    record.insert("no".into(), Value::Int(i64::from(number)));
    record.insert("text".into(), Value::Text(answer.text.clone()));
    record.insert("note".into(), Value::Text(answer.text.clone()));
    let maybe = |text: &Option<Text>| text.clone().map_or(Value::Nothing, Value::Text);
    record.insert("choice".into(), maybe(&answer.choice));
    record.insert("file".into(), maybe(&answer.file));
    record.insert("at".into(), Value::Time(answer.at));
    record.insert("waiting".into(), Value::Bool(answer.waiting));
    Value::Record(record)
}
