//! An open list as it is shown and as rules see it.

use super::Fold;
use super::advance::Place;
use super::step::Target;
use crate::model::world::{Answer, Ask, Run, Waiting};
use crate::model::{
    GroupNo, MemberNo, Millis, Post, PostKind, Record, RichText, RunId, Span, Value, hash_of,
    limits,
};
use crate::playbook::rule::{Act, Show, Step};

impl Fold<'_> {
    /// Something changed in a list that is shown now and then: now, or when it was shown long enough
    /// ago.
    pub(super) fn list_changed(&mut self, id: u64) {
        let Some((ask, every)) = self.shown_every(id) else {
            return;
        };
        let due = ask.shown_at.saturating_add(every.nominal_ms());
        if ask.shown_at == 0 || due <= self.at {
            self.show_now(id);
            return;
        }
        if let Some(ask) = self.world.ask_mut(id) {
            ask.unshown = true;
        }
        let due = ask.closes_at.map_or(due, |closes| closes.min(due));
        self.wake_ask(ask.run, Some(due));
    }

    /// A list's time has come: to be shown again, or to be over.
    pub(super) fn ask_due(&mut self, id: u64) {
        let closes_at = self.world.asks.get(&id).and_then(|ask| ask.closes_at);
        if closes_at.is_some_and(|closes| closes <= self.at) {
            self.close_ask(id);
        } else {
            self.show_now(id);
        }
    }

    /// The list and how often it is shown, where it is shown now and then.
    fn shown_every(&self, id: u64) -> Option<(Ask, Span)> {
        let ask = self.world.asks.get(&id)?;
        let place = self.place(self.world.run(ask.run)?)?;
        let Act::Ask(rules) = &place.step()?.act else {
            return None;
        };
        match rules.show {
            Show::Every(span) => Some((ask.clone(), span)),
            Show::Never | Show::End => None,
        }
    }

    fn show_now(&mut self, id: u64) {
        let Some(ask) = self.world.asks.get(&id).cloned() else {
            return;
        };
        let run = self.world.run(ask.run).cloned();
        let place = run.as_ref().and_then(|run| self.place(run));
        if let (Some(run), Some(step)) = (&run, place.as_ref().and_then(Place::step)) {
            self.show_list(run, step, id);
        }
        let now = self.at;
        if let Some(ask) = self.world.ask_mut(id) {
            ask.shown_at = now;
            ask.unshown = false;
        }
        self.wake_ask(ask.run, ask.closes_at);
    }

    /// When the run of a list is woken next.
    fn wake_ask(&mut self, run: RunId, at: Option<Millis>) {
        if let Some(mut run) = self.world.take_run(run) {
            if let Waiting::Ask { due, .. } = &mut run.waiting {
                *due = at;
            }
            self.world.put_run(run);
        }
    }

    /// Posts the list as it stands.
    pub(super) fn show_list(&mut self, run: &Run, step: &Step, id: u64) {
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
            let line = format!("{}. {name} {said}{mark}", index.saturating_add(1));
            lines.push(line.trim_end().to_owned());
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
            let id = hash_of(&[b"list", &id.to_be_bytes(), &self.at.to_be_bytes()]);
            self.open_aside(run, step, id, wish);
        }
    }

    /// What `as` names after a list: `count rows members missing first text tally winners`.
    pub(super) fn list_result(&self, id: u64, group: Option<GroupNo>) -> Value {
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
}

/// A row of a list, as rules see it.
pub(super) fn row(number: u32, answer: &Answer) -> Value {
    let mut record = Record::new();
    record.insert("member".into(), Value::Member(answer.member));
    record.insert("no".into(), Value::Int(i64::from(number)));
    record.insert("text".into(), Value::Text(answer.text.clone()));
    record.insert("note".into(), Value::Text(answer.text.clone()));
    record.insert(
        "choice".into(),
        Value::Text(answer.choice.clone().unwrap_or_default()),
    );
    let file = answer.file.clone().map_or(Value::Nothing, Value::Text);
    record.insert("file".into(), file);
    record.insert("at".into(), Value::Time(answer.at));
    record.insert("waiting".into(), Value::Bool(answer.waiting));
    Value::Record(record)
}
