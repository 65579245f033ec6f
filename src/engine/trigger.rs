//! Does a trigger's detail fit what happened?

use super::Fold;
use super::normal::normalise;
use super::occasion::Occasion;
use crate::model::{Message, Role, Text, Value};
use crate::playbook::rule::{By, CommandFilter, MessageFilter, Trigger, Where};

impl Fold<'_> {
    /// True if the trigger's own detail fits. Keywords are found by the automaton beforehand; here
    /// only their place and sender are looked at.
    pub(super) fn fits(
        &self,
        trigger: &Trigger,
        occasion: &Occasion,
        said: Option<&Message>,
    ) -> bool {
        let named = |words: &[Text], field: &str| {
            let value = occasion.event.get(field).and_then(Value::as_text);
            words.is_empty() || value.is_some_and(|value| words.contains(value))
        };
        match trigger {
            Trigger::Join { via } => occasion.kind == "join" && named(via, "source"),
            Trigger::Leave { via } => occasion.kind == "leave" && named(via, "source"),
            Trigger::JoinRequest => occasion.kind == "join_request",
            Trigger::Message(filter) => {
                said.is_some_and(|message| self.message_fits(filter, occasion, message))
            }
            Trigger::Keyword(keyword) => {
                said.is_some()
                    && place_fits(keyword.place, occasion)
                    && self.role_fits(&keyword.from, occasion)
            }
            Trigger::Command(filter) => {
                said.is_some_and(|message| self.command_words(filter, occasion, message).is_some())
            }
            Trigger::Reaction {
                any,
                on_ours,
                place,
            } => {
                occasion.kind == "reaction"
                    && named(any, "emoji")
                    && place_fits(*place, occasion)
                    && (!on_ours || self.is_on_ours(occasion))
            }
            Trigger::Signal { name } => {
                occasion.kind == "signal"
                    && occasion.event.get("name").and_then(Value::as_text) == Some(name)
            }
            Trigger::Schedule(_)
            | Trigger::MemberInactive(_)
            | Trigger::GroupInactive(_)
            | Trigger::SinceJoin(_)
            | Trigger::SinceGroupCreated(_) => false,
        }
    }

    fn message_fits(&self, filter: &MessageFilter, occasion: &Occasion, message: &Message) -> bool {
        let mentions = !message.mentions.is_empty() || message.mentions_all || message.mentions_bot;
        place_fits(filter.place, occasion)
            && self.role_fits(&filter.from, occasion)
            && (filter.content.is_empty() || filter.content.contains(&message.content))
            && filter.mentions.is_none_or(|wanted| wanted == mentions)
            && (!filter.mentions_bot || message.mentions_bot)
            && filter
                .links
                .is_none_or(|wanted| wanted != message.links.is_empty())
    }

    /// True for a reaction on a message of the bot.
    fn is_on_ours(&self, occasion: &Occasion) -> bool {
        let group = occasion.group.and_then(|no| self.world.group(no));
        let message = occasion.event.get("message").and_then(Value::as_text);
        group
            .zip(message)
            .is_some_and(|(group, message)| group.ours.contains(message))
    }

    fn role_fits(&self, roles: &[Role], occasion: &Occasion) -> bool {
        roles.is_empty() || roles.contains(&self.role_of(occasion))
    }

    /// The role of who did it, in the group where they did; members of the staff group are staff.
    fn role_of(&self, occasion: &Occasion) -> Role {
        let Some(member) = occasion.member else {
            return Role::Member;
        };
        let seat = occasion
            .group
            .and_then(|group| self.world.seat(group, member));
        let role = seat.map_or(Role::Member, |seat| seat.role);
        if role == Role::Member && self.is_staff(member) {
            Role::Staff
        } else {
            role
        }
    }

    /// True for members of the staff group, and for owners of any group.
    pub(super) fn is_staff(&self, member: crate::model::MemberNo) -> bool {
        let staff = self.world.head.directory.staff.as_ref();
        let staff = staff.and_then(|id| self.world.group_by_id(id));
        staff.is_some_and(|group| self.world.seat(group, member).is_some()) || self.is_owner(member)
    }

    /// True for owners of any group of the community.
    pub(super) fn is_owner(&self, member: crate::model::MemberNo) -> bool {
        let groups = self
            .world
            .member(member)
            .map_or(&[][..], |member| &member.groups);
        groups.iter().any(|group| {
            self.world
                .seat(*group, member)
                .is_some_and(|seat| seat.role == Role::Owner)
        })
    }

    /// The words after a command that fits; `None` when the message is no such command.
    pub(super) fn command_words(
        &self,
        filter: &CommandFilter,
        occasion: &Occasion,
        message: &Message,
    ) -> Option<Vec<Text>> {
        if !place_fits(filter.place, occasion) {
            return None;
        }
        let allowed = match filter.by {
            By::Anyone => true,
            By::Staff => {
                occasion.member.is_some_and(|member| self.is_staff(member))
                    || self.role_of(occasion) >= Role::Staff
            }
            By::Owner => match occasion.group {
                Some(_) => self.role_of(occasion) == Role::Owner,
                None => occasion.member.is_some_and(|member| self.is_owner(member)),
            },
        };
        let mut words = message.text.split_whitespace();
        let mut first = words.next()?;
        // A mention of the bot, then the name, is the same as `/name`.
        let called = message.mentions_bot && first.starts_with('@');
        if called {
            first = words.next()?;
        }
        let name = match first.strip_prefix('/').or_else(|| first.strip_prefix('／')) {
            Some(name) => name.split('@').next().unwrap_or(name),
            None if called => first,
            None => return None,
        };
        let name = normalise(name);
        let known = filter.names.iter().any(|known| normalise(known) == name);
        (allowed && known).then(|| words.map(Text::from).collect())
    }
}

/// True if what happened stands where the trigger looks.
fn place_fits(place: Where, occasion: &Occasion) -> bool {
    match place {
        Where::Group => occasion.group.is_some(),
        Where::Dm => occasion.group.is_none(),
        Where::Anywhere => true,
    }
}
