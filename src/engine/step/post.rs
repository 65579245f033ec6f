//! Steps that say something: `send reply dm announce welcome react delete_message`.

use super::{Target, rich_of};
use crate::engine::Fold;
use crate::engine::advance::{Done, Place, failure};
use crate::engine::effects::Wish;
use crate::engine::scope::mention;
use crate::model::world::{Failure, Run, Waiting};
use crate::model::{
    Action, GroupNo, MemberNo, Piece, Post, PostKind, RichText, RunId, Text, Value, hash_of,
    limits, time,
};
use crate::playbook::rule::{Act, Field, PostStep, Step};

/// How long joiners are gathered for one greeting when the playbook does not say.
const GATHER_DEFAULT_MS: i64 = 30 * time::SECOND;
/// Names in one greeting; further joiners are counted in with the rest.
const JOINERS_MAX: usize = 200;

impl Fold<'_> {
    pub(super) fn act_post(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        post: &PostStep,
    ) -> Done {
        let targets = match self.post_targets(run, place, step, post) {
            Ok(targets) => targets,
            Err(failure) => return Done::Fail(failure),
        };
        let text = self.text_of(run, place, step, &post.text);
        let file = post
            .file
            .as_ref()
            .map(|field| self.text_of(run, place, step, field));
        let file = file.map(|file| Text::from(file.to_plain()));
        if text.is_blank() && file.is_none() {
            return Done::Fail(failure("invalid", "the text is empty"));
        }
        let reply_to = run.event.get("message").and_then(Value::as_text).cloned();
        let mut wishes = Vec::new();
        for target in targets {
            let mut text = text.clone();
            if let (true, Target::Group(group)) = (post.everyone, target) {
                self.mention_everyone(run, group, &mut text);
            }
            let post = Post {
                kind: post.kind,
                to_member: None,
                text,
                file: file.clone(),
                reply_to: reply_to.clone().filter(|_| post.kind == PostKind::Reply),
                choices: Vec::new(),
                pin: post.pin,
            };
            match self.wish_to(target, run.group, post) {
                Ok(wish) => wishes.push(wish),
                Err(failure) => return Done::Fail(failure),
            }
        }
        self.send(run, place, step, wishes)
    }

    fn post_targets(
        &self,
        run: &Run,
        place: &Place,
        step: &Step,
        post: &PostStep,
    ) -> Result<Vec<Target>, Failure> {
        if !post.to.is_empty() {
            return self.targets(run, place, step, &post.to);
        }
        let person = run.member.map(Target::Member);
        let target = match post.kind {
            PostKind::Dm => person,
            // Where it was said: the group, or the direct conversation.
            PostKind::Reply => run.group.map(Target::Group).or(person),
            PostKind::Send
            | PostKind::Welcome
            | PostKind::Announce
            | PostKind::Ask
            | PostKind::Task
            | PostKind::Approve
            | PostKind::Alert => run.group.map(Target::Group),
        };
        match target {
            Some(target) => Ok(vec![target]),
            None => Err(failure("gone", "there is nobody to say it to")),
        }
    }

    /// A post to a group or a person.
    pub(in crate::engine) fn wish_to(
        &self,
        target: Target,
        about: Option<GroupNo>,
        mut post: Post,
    ) -> Result<Wish, Failure> {
        match target {
            Target::Group(group) => self.wish_in(group, Action::SendMessage(post)),
            Target::Member(member) => {
                let Some(person) = self.world.member(member) else {
                    return Err(failure("gone", "there is no such member"));
                };
                post.to_member = Some(person.id.clone());
                // The group the conversation is about, if it is on the member's platform.
                let group = about
                    .filter(|no| {
                        self.world
                            .group(*no)
                            .is_some_and(|g| g.connector == person.connector)
                    })
                    .or_else(|| person.groups.first().copied());
                let connector = person.connector.clone();
                Ok(Wish {
                    connector,
                    group,
                    action: Action::SendMessage(post),
                })
            }
        }
    }

    /// Puts a mention of everyone before the text, while the group's budget lasts.
    fn mention_everyone(&mut self, run: &Run, group: GroupNo, text: &mut RichText) {
        let (count, per) = limits::EVERYONE_BUDGET;
        let since = self.at.saturating_sub(per.nominal_ms());
        let able = self.world.group(group).is_some_and(|facts| {
            facts.everyone_at.iter().filter(|at| **at > since).count() < count as usize
        });
        if !able {
            let note = "mention of everyone left out: the group's budget is spent".to_owned();
            self.trace_run(run, crate::engine::trace::What::Note(note));
            return;
        }
        let at = self.at;
        if !run.shadow
            && let Some(facts) = self.world.group_mut(group)
        {
            facts.everyone_at.retain(|used| *used > since);
            facts.everyone_at.push(at);
        }
        text.0.insert(0, Piece::Everyone);
        text.0.insert(1, Piece::Plain(" ".into()));
    }

    pub(super) fn act_react(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        emoji: &Field,
        message: Option<&Field>,
    ) -> Done {
        let emoji: Text = self.text_of(run, place, step, emoji).to_plain().into();
        let message = self.message_of(run, place, step, message);
        let (Some(message), Some(group)) = (message, run.group) else {
            return Done::Fail(failure("gone", "there is no message to react to"));
        };
        if !self.can(group, "react") {
            return Done::Fail(failure(
                "unsupported",
                "this platform has no reactions for bots",
            ));
        }
        match self.wish_in(group, Action::AddReaction { message, emoji }) {
            Ok(wish) => self.send(run, place, step, vec![wish]),
            Err(failure) => Done::Fail(failure),
        }
    }

    pub(super) fn act_delete(
        &mut self,
        run: &mut Run,
        place: &Place,
        step: &Step,
        message: Option<&Field>,
        group: Option<&Field>,
    ) -> Done {
        let message = self.message_of(run, place, step, message);
        let group = match group {
            Some(field) => self.group_named(&self.value(run, place, step, field)),
            None => run.group,
        };
        let (Some(message), Some(group)) = (message, group) else {
            return Done::Fail(failure("gone", "there is no message to delete"));
        };
        if let Some(done) = self.guard(run, place, step) {
            return done;
        }
        match self.wish_in(group, Action::DeleteMessage { message }) {
            Ok(wish) => self.send(run, place, step, vec![wish]),
            Err(failure) => Done::Fail(failure),
        }
    }

    /// The message a step is about: its own field, else the one that started the run.
    fn message_of(
        &self,
        run: &Run,
        place: &Place,
        step: &Step,
        field: Option<&Field>,
    ) -> Option<Text> {
        let value = match field {
            Some(field) => self.value(run, place, step, field),
            None => run.event.get("message").cloned().unwrap_or_default(),
        };
        value
            .as_text()
            .or_else(|| value.field("message").as_text())
            .cloned()
    }

    /// Joiners within the window get one greeting: the first one opens the window as a run of its
    /// own, so that what comes after the step need not wait.
    pub(super) fn act_welcome(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        to: &[Field],
        text: &Field,
        gather: Option<&Field>,
    ) -> Done {
        let target = match self.targets(run, place, step, to) {
            Ok(targets) => targets.first().copied().or(run.group.map(Target::Group)),
            Err(failure) => return Done::Fail(failure),
        };
        let (Some(Target::Group(group)), Some(member)) = (target, run.member) else {
            return Done::Fail(failure("gone", "there is nobody to welcome, or nowhere"));
        };
        let span = gather.map(|field| self.value(run, place, step, field));
        let span = span
            .and_then(|value| value.as_span())
            .map_or(GATHER_DEFAULT_MS, crate::model::Span::nominal_ms);
        let rule = run.key().rule;
        let here = run.group.unwrap_or(group);
        let key = hash_of(&[
            rule.as_bytes(),
            step.path.as_bytes(),
            &group.0.to_be_bytes(),
            &here.0.to_be_bytes(),
        ]);
        if self.join_window(key, member) {
            return Done::NEXT;
        }
        if span == 0 {
            return self.greet(run, place, step, group, text, &[member]);
        }
        let id = RunId(hash_of(&[
            b"gather",
            &key.to_be_bytes(),
            &run.id.0.to_be_bytes(),
        ]));
        let due = self.at.saturating_add(span);
        let mut window = run.clone();
        window.id = id;
        window.per = format!("gather:{key}").into();
        // It lives on whatever becomes of the one who came first.
        window.about = None;
        window.group = Some(here);
        window.frames = run.frames.last().cloned().into_iter().collect();
        window.waiting = Waiting::Gather {
            due,
            members: vec![member],
            key,
        };
        self.world.put_run(window);
        Done::NEXT
    }

    /// Adds a joiner to an open window.
    fn join_window(&mut self, key: u64, member: MemberNo) -> bool {
        let open = self.world.runs().find(
            |run| matches!(&run.waiting, Waiting::Gather { key: known, .. } if *known == key),
        );
        let open = open.map(|run| run.id);
        let Some(mut run) = open.and_then(|id| self.world.take_run(id)) else {
            return false;
        };
        if let Waiting::Gather { members, .. } = &mut run.waiting
            && !members.contains(&member)
        {
            members.push(member);
        }
        self.world.put_run(run);
        true
    }

    /// The window closes: one greeting for those who are still there.
    pub(in crate::engine) fn gathered(&mut self, id: RunId, members: &[MemberNo]) {
        let Some(run) = self.world.take_run(id) else {
            return;
        };
        let present: Vec<MemberNo> = members
            .iter()
            .copied()
            .filter(|no| {
                run.group
                    .is_some_and(|group| self.world.seat(group, *no).is_some())
            })
            .collect();
        let place = self.place(&run);
        if let Some(place) = &place
            && let Some(step) = place.step()
            && let Act::Welcome { to, text, .. } = &step.act
            && !present.is_empty()
        {
            let target = self
                .targets(&run, place, step, to)
                .ok()
                .and_then(|t| t.first().copied());
            let group = match target {
                Some(Target::Group(group)) => Some(group),
                Some(Target::Member(_)) | None => run.group,
            };
            if let Some(group) = group {
                // The receipts concern nobody: the window's run is over with the sending.
                self.greet(&run, place, step, group, text, &present);
            }
        }
        self.end(&run, crate::model::world::End::Done);
    }

    fn greet(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        group: GroupNo,
        text: &Field,
        members: &[MemberNo],
    ) -> Done {
        let mut mentions = RichText::default();
        for (index, member) in members.iter().take(JOINERS_MAX).enumerate() {
            if let Some(member) = self.world.member(*member) {
                mentions.push_text(if index == 0 { "" } else { " " });
                mentions.push(&mention(member));
            }
        }
        let joiners = Value::List(members.iter().copied().map(Value::Member).collect());
        let first = members.first().copied();
        let text = self.see(run, place, step, |scene| {
            let scene = scene
                .inside("joiners", joiners)
                .with("mentions", Value::Rich(mentions));
            rich_of(text, &scene.about(first))
        });
        let post = Post {
            kind: PostKind::Welcome,
            text: text.unwrap_or_default(),
            ..Post::default()
        };
        match self.wish_to(Target::Group(group), Some(group), post) {
            Ok(wish) => self.send(run, place, step, vec![wish]),
            Err(failure) => Done::Fail(failure),
        }
    }
}
