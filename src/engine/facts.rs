//! Built-in facts: who is where, who spoke when. They change before any rule looks, and they change
//! also for events that may start no rule.

use super::{Fold, trace};
use crate::model::world::{Group, Member, Seat, Standing, clean_name};
use crate::model::{
    Event, GroupNo, Happening, MemberNo, Millis, Person, Place, Role, RosterEntry, Text, limits,
};
use std::collections::BTreeSet;

/// What an event is about, once its ids are resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Noted {
    pub group: Option<GroupNo>,
    pub member: Option<MemberNo>,
    /// False when the event changed nothing that rules may react to: a join of a present member, a
    /// leave of an absent one, a roster.
    pub counts: bool,
}

impl Fold<'_> {
    /// Updates facts. `None` when the event belongs to no group of this community.
    pub(super) fn note_event(&mut self, event: &Event, when: Millis) -> Option<Noted> {
        let group = match &event.group {
            Some(place) if !self.is_direct_room(event, place) => {
                Some(self.group_for(&event.connector, place, when)?)
            }
            _ => None,
        };
        let mut noted = Noted {
            group,
            member: None,
            counts: true,
        };
        match &event.what {
            Happening::MemberJoined { inviter, source } => {
                noted.member = self.known_member(event, when);
                noted.counts =
                    self.note_join(noted, event, inviter.as_ref(), source.as_ref(), when);
            }
            Happening::MemberLeft { .. } => {
                let person = event.member.as_ref()?;
                noted.member = self.world.member_at(&event.connector, &person.id);
                noted.counts = match (group, noted.member) {
                    (Some(group), Some(member)) => self.world.remove_seat(group, member).is_some(),
                    _ => false,
                };
            }
            Happening::MessagePosted(_)
            | Happening::ReactionChanged { .. }
            | Happening::ChoiceMade { .. } => {
                noted.member = self.known_member(event, when);
                self.note_activity(noted, event, when);
            }
            Happening::JoinRequested { .. } | Happening::MemberReported { .. } => {
                noted.member = self.known_member(event, when);
            }
            Happening::MemberChanged | Happening::MuteChanged { .. } => {
                noted.member = self.known_member(event, when);
                self.note_change(noted, event, when);
            }
            Happening::ReachabilityChanged { reachable } => {
                noted.member = self.known_member(event, when);
                if let Some(member) = noted.member.and_then(|no| self.world.member_mut(no)) {
                    member.unreachable = !reachable;
                }
            }
            Happening::MessageDeleted { .. } => {}
            Happening::BotJoined
            | Happening::BotLeft { .. }
            | Happening::BotRole { .. }
            | Happening::GroupCreated { .. }
            | Happening::GroupRenamed
            | Happening::GroupMoved { .. } => self.note_group(group?, event),
            Happening::RosterRead { people } => {
                self.note_roster(group?, &event.connector, people, when);
                noted.counts = false;
            }
        }
        Some(noted)
    }

    fn is_direct_room(&self, event: &Event, place: &Place) -> bool {
        let member = event.member.as_ref();
        let member = member.and_then(|person| self.world.member_at(&event.connector, &person.id));
        member
            .and_then(|no| self.world.member(no))
            .is_some_and(|member| member.direct_room.as_ref() == Some(&place.id))
    }

    /// The group of a place; one never seen before is adopted or noted as unclaimed.
    fn group_for(&mut self, connector: &Text, place: &Place, when: Millis) -> Option<GroupNo> {
        if let Some(no) = self.world.group_at(connector, &place.id) {
            if let Some(name) = &place.name {
                self.name_group(no, name);
            }
            return Some(no);
        }
        let key: Text = format!("{connector}/{}", place.id).into();
        if !self.world.head.directory.adopts(&key) {
            self.world.head.unclaimed.entry(key).or_insert(when);
            return None;
        }
        let name = place
            .name
            .as_deref()
            .map_or_else(|| place.id.clone(), clean_name);
        let no = self.world.add_group(Group {
            id: key,
            connector: connector.clone(),
            external: place.id.clone(),
            name,
            season: 1,
            created_at: when,
            last_active: when,
            ..Group::default()
        });
        self.group_opened(no, when);
        Some(no)
    }

    fn name_group(&mut self, no: GroupNo, name: &Text) {
        let name = clean_name(name);
        if !name.is_empty()
            && self.world.group(no).is_some_and(|group| group.name != name)
            && let Some(group) = self.world.group_mut(no)
        {
            group.name = name;
        }
    }

    fn known_member(&mut self, event: &Event, when: Millis) -> Option<MemberNo> {
        let person = event.member.as_ref()?;
        Some(self.member_for(&event.connector, person, when))
    }

    /// The member of a person, added when new. What the person tells replaces what was known.
    pub(super) fn member_for(
        &mut self,
        connector: &Text,
        person: &Person,
        when: Millis,
    ) -> MemberNo {
        let Some(no) = self.world.member_at(connector, &person.id) else {
            let name = person
                .name
                .as_deref()
                .map_or_else(|| person.id.clone(), clean_name);
            return self.world.add_member(Member {
                connector: connector.clone(),
                id: person.id.clone(),
                name,
                is_bot: person.is_bot,
                unreachable: false,
                first_seen: when,
                source: None,
                labels: Vec::new(),
                groups: Vec::new(),
                direct_room: None,
            });
        };
        let name = person
            .name
            .as_deref()
            .map(clean_name)
            .filter(|name| !name.is_empty());
        let renamed =
            name.is_some_and(|name| self.world.member(no).is_some_and(|m| m.name != name));
        if renamed && let Some(member) = self.world.member_mut(no) {
            member.name = person.name.as_deref().map(clean_name).unwrap_or_default();
        }
        if person.is_bot
            && self.world.member(no).is_some_and(|member| !member.is_bot)
            && let Some(member) = self.world.member_mut(no)
        {
            member.is_bot = true;
        }
        no
    }

    fn note_join(
        &mut self,
        noted: Noted,
        event: &Event,
        inviter: Option<&Person>,
        source: Option<&Text>,
        when: Millis,
    ) -> bool {
        let (Some(group), Some(member)) = (noted.group, noted.member) else {
            return false;
        };
        if self.world.seat(group, member).is_some() {
            self.note_seat(group, member, event.member.as_ref());
            return false;
        }
        let inviter = inviter.map(|person| self.member_for(&event.connector, person, when));
        let person = event.member.as_ref();
        self.world.add_seat(
            group,
            member,
            Seat {
                role: person.and_then(|person| person.role).unwrap_or_default(),
                nick: person
                    .and_then(|person| person.nick.as_deref())
                    .map(clean_name)
                    .filter(|nick| !nick.is_empty()),
                joined_at: when,
                last_active: when,
                inviter,
                ..Seat::default()
            },
        );
        if let Some(source) = source
            && let Some(member) = self.world.member_mut(member)
            && member.source.is_none()
        {
            member.source = Some(clean_name(source));
        }
        self.member_seated(group, member, when);
        true
    }

    /// A sign of life: in its group, or, in a direct conversation, in every group of the member.
    fn note_activity(&mut self, noted: Noted, event: &Event, when: Millis) {
        let Some(member) = noted.member else { return };
        let posted = matches!(event.what, Happening::MessagePosted(_));
        let Some(group) = noted.group else {
            let groups = self
                .world
                .member(member)
                .map(|m| m.groups.clone())
                .unwrap_or_default();
            for group in groups {
                self.touch_seat(group, member, when, false);
            }
            return;
        };
        if self.world.seat(group, member).is_none() {
            // They speak there, so they are there: whatever told of their coming was lost.
            self.world.add_seat(
                group,
                member,
                Seat {
                    joined_at: when,
                    ..Seat::default()
                },
            );
        }
        self.touch_seat(group, member, when, posted);
        self.note_seat(group, member, event.member.as_ref());
        let quiet = self
            .world
            .group(group)
            .is_some_and(|facts| facts.last_active < when);
        if posted
            && quiet
            && let Some(facts) = self.world.group_mut(group)
        {
            facts.last_active = when;
        }
        if self
            .world
            .group(group)
            .is_some_and(|facts| facts.alarm == 0)
        {
            self.arm_group_silence(group, self.at);
        }
    }

    fn touch_seat(&mut self, group: GroupNo, member: MemberNo, when: Millis, posted: bool) {
        let Some(seat) = self.world.seat_mut(group, member) else {
            return;
        };
        seat.last_active = seat.last_active.max(when);
        if posted {
            seat.messages = seat.messages.saturating_add(1);
        }
        if seat.alarm == 0 {
            self.arm_silence(group, member, self.at);
        }
    }

    /// Role and nick, where the payload told them.
    fn note_seat(&mut self, group: GroupNo, member: MemberNo, person: Option<&Person>) {
        let Some(person) = person else { return };
        let Some(seat) = self.world.seat(group, member) else {
            return;
        };
        let role = person.role.unwrap_or(seat.role);
        let nick = person.nick.as_deref().map(clean_name);
        let nick = nick.map_or_else(
            || seat.nick.clone(),
            |nick| Some(nick).filter(|n| !n.is_empty()),
        );
        if (role != seat.role || nick != seat.nick)
            && let Some(seat) = self.world.seat_mut(group, member)
        {
            seat.role = role;
            seat.nick = nick;
        }
    }

    fn note_change(&mut self, noted: Noted, event: &Event, when: Millis) {
        let (Some(group), Some(member)) = (noted.group, noted.member) else {
            return;
        };
        if self.world.seat(group, member).is_none() {
            self.world.add_seat(
                group,
                member,
                Seat {
                    joined_at: when,
                    last_active: when,
                    ..Seat::default()
                },
            );
            self.arm_silence(group, member, self.at);
        }
        self.note_seat(group, member, event.member.as_ref());
        if let Happening::MuteChanged { until } = event.what
            && let Some(seat) = self.world.seat_mut(group, member)
        {
            seat.muted_until = until;
        }
    }

    fn note_group(&mut self, no: GroupNo, event: &Event) {
        if let Happening::GroupMoved { new_id } = &event.what {
            self.world.move_group(no, new_id.clone());
            return;
        }
        let Some(group) = self.world.group_mut(no) else {
            return;
        };
        if matches!(event.what, Happening::BotJoined) {
            group.standing = Standing::Present;
            group.trouble = None;
            self.arm_group(no);
        } else if let Happening::BotLeft { closed } = event.what {
            group.standing = if closed {
                Standing::Closed
            } else {
                Standing::Removed
            };
            self.arm_group(no);
            if !closed {
                self.trouble_in(no, "the bot was removed from the group");
            }
        } else if let Happening::BotRole { role } = event.what {
            if role == Role::Member {
                self.trouble_in(no, "the bot is no administrator there (any more)");
            } else {
                group.trouble = None;
            }
        }
    }

    /// A list of members read from the platform. One that would lose over a fifth is held back for a
    /// person; an empty one loses nobody only where nobody was known.
    pub(super) fn note_roster(
        &mut self,
        no: GroupNo,
        connector: &Text,
        people: &[RosterEntry],
        when: Millis,
    ) {
        let Some(group) = self.world.group(no) else {
            return;
        };
        let listed: BTreeSet<&Text> = people.iter().map(|entry| &entry.person.id).collect();
        let missing = group
            .seats
            .keys()
            .filter(|member| {
                self.world
                    .member(**member)
                    .is_some_and(|member| !listed.contains(&member.id))
            })
            .count();
        let known = group.size();
        if missing.saturating_mul(limits::ROSTER_LOSS_DIVISOR) > known {
            let count = people.len();
            if let Some(group) = self.world.group_mut(no) {
                group.held_roster = Some(people.to_vec());
            }
            self.note(format!(
                "roster of {count} held back: {missing} of {known} would be gone"
            ));
            return;
        }
        self.apply_roster(no, connector, people, when);
    }

    /// Takes a roster over: facts only, no rule starts.
    pub(super) fn apply_roster(
        &mut self,
        no: GroupNo,
        connector: &Text,
        people: &[RosterEntry],
        when: Millis,
    ) {
        let mut listed = BTreeSet::new();
        for entry in people {
            let member = self.member_for(connector, &entry.person, when);
            listed.insert(member);
            if self.world.seat(no, member).is_none() {
                let joined_at = entry.joined_at.unwrap_or(when);
                // Who was there before we listened counts as active now, unless the platform knows
                // better: nobody is removed for a silence that we did not hear.
                let last_active = entry.last_active.unwrap_or(when).max(joined_at);
                self.world.add_seat(
                    no,
                    member,
                    Seat {
                        joined_at,
                        last_active,
                        ..Seat::default()
                    },
                );
                self.arm_silence(no, member, self.at);
            }
            self.note_seat(no, member, Some(&entry.person));
        }
        let gone: Vec<MemberNo> = self
            .world
            .group(no)
            .map(|group| {
                group
                    .seats
                    .keys()
                    .filter(|m| !listed.contains(m))
                    .copied()
                    .collect()
            })
            .unwrap_or_default();
        for member in gone {
            self.world.remove_seat(no, member);
        }
        if let Some(group) = self.world.group_mut(no) {
            group.held_roster = None;
        }
    }

    /// A line about facts in the trace.
    pub(super) fn note(&mut self, note: String) {
        let what = trace::What::Note(note);
        self.out.trace.push(trace::Line {
            rule: Text::default(),
            run: None,
            what,
        });
    }
}
