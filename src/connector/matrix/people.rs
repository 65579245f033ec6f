//! Who may be in a room: removing, banning, inviting. A refusal does not tell "was so before" from
//! "not allowed" (platforms/matrix.md §3), so a refused change asks for the membership.

use super::Matrix;
use super::errors::{No, Said, Talk};
use super::outbound::{checked, encoded, room_of};
use crate::connector::{Next, Outcome};
use crate::model::{Effect, Record};
use serde_json::json;

/// Someone's relation to a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Membership {
    Joined,
    Invited,
    Knocking,
    Banned,
    /// Left, removed, or never there.
    Absent,
}

impl Matrix {
    pub(super) fn remove(
        &self,
        effect: &Effect,
        member: &str,
        reason: &str,
        talk: &mut Talk<'_>,
    ) -> Result<Outcome, Next> {
        let room = room_of(effect)?;
        let body = json!({ "user_id": member, "reason": reason });
        let request = self.post(&format!("{room}/kick"), &body);
        let Said::No(no) = self.ask_in_room(&room, &request, talk)? else {
            return Ok(Outcome::done());
        };
        self.judge(&no, &room, member, talk, |membership| match membership {
            Membership::Absent | Membership::Banned => true,
            Membership::Joined | Membership::Invited | Membership::Knocking => false,
        })
    }

    pub(super) fn ban(
        &self,
        effect: &Effect,
        member: &str,
        reason: &str,
        talk: &mut Talk<'_>,
    ) -> Result<Outcome, Next> {
        let room = room_of(effect)?;
        let body = json!({ "user_id": member, "reason": reason });
        self.demand_in_room(&room, &self.post(&format!("{room}/ban"), &body), talk)?;
        Ok(Outcome::done())
    }

    pub(super) fn unban(
        &self,
        effect: &Effect,
        member: &str,
        talk: &mut Talk<'_>,
    ) -> Result<Outcome, Next> {
        let room = room_of(effect)?;
        let request = self.post(&format!("{room}/unban"), &json!({ "user_id": member }));
        let Said::No(no) = self.ask_in_room(&room, &request, talk)? else {
            return Ok(Outcome::done());
        };
        self.judge(&no, &room, member, talk, |membership| {
            membership != Membership::Banned
        })
    }

    /// Invites; that is also how a knock is granted.
    pub(super) fn invite(
        &self,
        effect: &Effect,
        member: &str,
        talk: &mut Talk<'_>,
    ) -> Result<Outcome, Next> {
        let room = room_of(effect)?;
        let request = self.post(&format!("{room}/invite"), &json!({ "user_id": member }));
        let Said::No(no) = self.ask_in_room(&room, &request, talk)? else {
            return Ok(Outcome::done());
        };
        self.judge(&no, &room, member, talk, |membership| {
            membership == Membership::Joined
        })
    }

    /// Only who still knocks is turned away: the same call would remove who got in meanwhile.
    pub(super) fn decline(
        &self,
        effect: &Effect,
        member: &str,
        reason: &str,
        talk: &mut Talk<'_>,
    ) -> Result<Outcome, Next> {
        let room = room_of(effect)?;
        if self.membership(&room, member, talk)? != Membership::Knocking {
            return Ok(Outcome::Already(Record::new()));
        }
        let body = json!({ "user_id": member, "reason": reason });
        talk.demand(self.post(&format!("{room}/kick"), &body))?;
        Ok(Outcome::done())
    }

    /// A refused change: done before, if the membership says so; else the refusal.
    fn judge(
        &self,
        no: &No,
        room: &str,
        member: &str,
        talk: &mut Talk<'_>,
        done: impl FnOnce(Membership) -> bool,
    ) -> Result<Outcome, Next> {
        if no.is_forbidden() && done(self.membership(room, member, talk)?) {
            return Ok(Outcome::Already(Record::new()));
        }
        Ok(no.outcome())
    }

    /// The member's relation to the room.
    fn membership(
        &self,
        room: &str,
        member: &str,
        talk: &mut Talk<'_>,
    ) -> Result<Membership, Next> {
        let member = encoded(checked(member, '@')?);
        let path = format!("{room}/state/m.room.member/{member}");
        Ok(
            match self.state(room, &path, talk)?["membership"].as_str() {
                Some("join") => Membership::Joined,
                Some("invite") => Membership::Invited,
                Some("knock") => Membership::Knocking,
                Some("ban") => Membership::Banned,
                Some(_) | None => Membership::Absent,
            },
        )
    }
}
