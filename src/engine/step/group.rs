//! Steps about whole groups: `invite create_group close_group`. Where a platform does not let a
//! bot, a link goes out, or a person gets a task.

use crate::engine::Fold;
use crate::engine::advance::{Done, Place, failure};
use crate::engine::effects::Wish;
use crate::model::world::{Group, Run};
use crate::model::{
    Action, EffectId, GroupNo, MemberNo, Post, PostKind, RichText, Text, Value, hash_of, time,
};
use crate::playbook::rule::{Field, Step};
use crate::script::Language;

/// How long an invitation link of ours works.
const LINK_MS: i64 = 7 * time::DAY;

impl Fold<'_> {
    pub(super) fn act_invite(
        &mut self,
        run: &mut Run,
        place: &Place,
        step: &Step,
        member: Option<&Field>,
        to: Option<&Field>,
        text: Option<&Field>,
    ) -> Done {
        let about = crate::playbook::rule::About {
            member: member.cloned(),
            group: to.cloned(),
        };
        let (member, group) = self.about(run, place, step, &about);
        let (Some(member), Some(group)) = (member, group) else {
            return Done::Fail(failure(
                "gone",
                "there is no member, or no group to bring them into",
            ));
        };
        if self.world.seat(group, member).is_some() {
            return Done::Next(invited("present"));
        }
        let Some(facts) = self.world.group(group) else {
            return Done::Fail(failure("gone", "there is no such group"));
        };
        let same = self
            .world
            .member(member)
            .is_some_and(|m| m.connector == facts.connector);
        if let Some(done) = self.guard(run, place, step) {
            return done;
        }
        if same && self.can(group, "invite") {
            let Some(id) = self.platform_id(member) else {
                return Done::Fail(failure("gone", "there is no such member"));
            };
            return match self.wish_in(group, Action::InviteMember { member: id }) {
                Ok(wish) => self.send(run, place, step, vec![wish]),
                Err(failure) => Done::Fail(failure),
            };
        }
        self.invite_by_link(run, place, step, member, group, text)
    }

    /// A link goes to the person: the group's known one, or one of our making.
    fn invite_by_link(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        member: MemberNo,
        group: GroupNo,
        text: Option<&Field>,
    ) -> Done {
        let Some(facts) = self.world.group(group) else {
            return Done::Fail(failure("gone", "there is no such group"));
        };
        let name = facts.name.clone();
        if let Some(link) = facts.link.clone() {
            let mut words = match text {
                Some(field) => self.text_of(run, place, step, field),
                None => RichText::plain(format!("{name}:")),
            };
            words.push_text(&format!(" {link}"));
            let post = Post {
                kind: PostKind::Dm,
                text: words,
                ..Post::default()
            };
            return match self.wish_to(super::Target::Member(member), run.group, post) {
                Ok(wish) => self.send(run, place, step, vec![wish]),
                Err(failure) => Done::Fail(failure),
            };
        }
        if self.can(group, "invite_link") {
            // The receipt's link becomes the group's; then the step is done again, with it.
            let expires_at = Some(self.at.saturating_add(LINK_MS));
            let action = Action::CreateInviteLink {
                name,
                uses: None,
                expires_at,
            };
            return match self.wish_in(group, action) {
                Ok(wish) => self.send_then_again(run, step, wish),
                Err(failure) => Done::Fail(failure),
            };
        }
        let person = self
            .world
            .member(member)
            .map(|m| m.name.clone())
            .unwrap_or_default();
        let text = match self.staff_language() {
            Language::Zh => format!("请把 {person} 拉进「{name}」。"),
            Language::En => format!("Invite {person} into {name}."),
        };
        self.hand_over(run, place, step, text)
    }

    pub(super) fn act_create_group(
        &mut self,
        run: &mut Run,
        place: &Place,
        step: &Step,
        name: &Field,
        like: Option<&Field>,
        on: Option<&Field>,
    ) -> Done {
        let like = like.and_then(|field| self.group_named(&self.value(run, place, step, field)));
        let model = like.or(run.group);
        let connector = match on {
            Some(field) => self.value(run, place, step, field).as_text().cloned(),
            None => model
                .and_then(|no| self.world.group(no))
                .map(|group| group.connector.clone()),
        };
        let Some(connector) = connector else {
            return Done::Fail(failure("gone", "it is not said on which connector"));
        };
        let name: Text = self.text_of(run, place, step, name).to_plain().into();
        if let Some(done) = self.guard(run, place, step) {
            return done;
        }
        let kind = self
            .world
            .head
            .directory
            .connectors
            .get(&connector)
            .map(|facts| facts.kind);
        if !kind.is_some_and(|kind| kind.abilities().create_group) {
            let text = match self.staff_language() {
                Language::Zh => format!(
                    "请在 {connector} 上建一个叫「{name}」的群，把机器人拉进去，再回复「好 群号 入群链接」\
                     （没有链接可以不写）。"
                ),
                Language::En => format!(
                    "Open a group named \"{name}\" on {connector} and put the bot into it, then \
                     answer yes with the group's id, and with a link into it if there is one."
                ),
            };
            return self.hand_over(run, place, step, text);
        }
        let seed = crate::engine::scope::step_seed(run.id, &step.path, &run.turns());
        let key: Text = format!("steward-{}", EffectId(seed)).to_lowercase().into();
        let action = Action::CreateGroup {
            name,
            topic: Text::default(),
            invite: Vec::new(),
            key,
        };
        self.send(
            run,
            place,
            step,
            vec![Wish {
                connector,
                group: like.or(run.group),
                action,
            }],
        )
    }

    pub(super) fn act_close_group(
        &mut self,
        run: &mut Run,
        place: &Place,
        step: &Step,
        group: Option<&Field>,
        reason: &Field,
    ) -> Done {
        let group = match group {
            Some(field) => self.group_named(&self.value(run, place, step, field)),
            None => run.group,
        };
        let Some(group) = group else {
            return Done::Fail(failure("gone", "there is no group to close"));
        };
        let reason = self.text_of(run, place, step, reason).to_plain().into();
        let wish = match self.wish_in(group, Action::CloseGroup { reason }) {
            Ok(wish) => wish,
            Err(failure) => return Done::Fail(failure),
        };
        if let Some(done) = self.guard(run, place, step) {
            return done;
        }
        self.send(run, place, step, vec![wish])
    }

    /// The group that a receipt of `create_group` tells of, with the tags and settings of `like`.
    pub(in crate::engine) fn group_created(
        &mut self,
        connector: &Text,
        external: &Text,
        name: &Text,
        link: Option<Text>,
        like: Option<GroupNo>,
    ) -> GroupNo {
        let known = self.world.group_at(connector, external);
        let no = known.unwrap_or_else(|| {
            self.world.add_group(Group {
                id: format!("{connector}/{external}").into(),
                connector: connector.clone(),
                external: external.clone(),
                created_at: self.at,
                last_active: self.at,
                ..Group::default()
            })
        });
        let link_known = self.world.group(no).and_then(|group| group.link.clone());
        self.make_like(no, like);
        if let Some(group) = self.world.group_mut(no) {
            if !name.is_empty() {
                group.name = name.clone();
            }
            group.link = link.or(link_known);
            group.standing = crate::model::world::Standing::Present;
        }
        self.group_opened(no, self.at);
        no
    }

    /// Gives a new group the tags and settings of the one it follows, so that the same playbooks
    /// apply. What steward.yaml says of a group stays.
    pub(in crate::engine) fn make_like(&mut self, no: GroupNo, like: Option<GroupNo>) {
        let like = like.and_then(|no| self.world.group(no)).cloned();
        let like = like.unwrap_or_default();
        let Some(group) = self.world.group_mut(no) else {
            return;
        };
        group.season = like.season.saturating_add(1).max(1);
        if group.configured {
            return;
        }
        group.tags = like.tags;
        group.capacity = like.capacity;
        group.timezone = like.timezone;
        group.language = like.language;
    }
}

fn invited(how: &str) -> Value {
    Value::Record([("by".into(), Value::from(how))].into())
}

/// A key for things that belong to a step of a run.
pub(in crate::engine) fn step_key(run: &Run, step: &Step) -> u64 {
    hash_of(&[&run.id.0.to_be_bytes(), step.path.as_bytes(), &run.turns()])
}
