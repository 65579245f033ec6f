//! Steps about a person: labels, points, admission, standing in a group.

use super::value_of;
use crate::engine::Fold;
use crate::engine::advance::{Done, Place, failure};
use crate::engine::scope::Scene;
use crate::model::world::{Entry, NotBooked, Run};
use crate::model::{Action, GroupNo, MemberNo, Millis, Record, Text, Value, hash_of};
use crate::playbook::rule::{About, Act, Field, Moderation, Points, Step};
use crate::script::Facts;

impl Fold<'_> {
    pub(super) fn act_label(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        about: &About,
        (add, drop): (&[Field], &[Field]),
        expires: Option<&Field>,
    ) -> Done {
        let (Some(member), _) = self.about(run, place, step, about) else {
            return nobody();
        };
        let names = |fields: &[Field]| -> Vec<Text> {
            let texts = fields
                .iter()
                .map(|field| self.text_of(run, place, step, field).to_plain());
            texts
                .map(|text| Text::from(text.trim()))
                .filter(|text| !text.is_empty())
                .collect()
        };
        let (add, drop) = (names(add), names(drop));
        let expires = expires.and_then(|field| {
            let value = self.value(run, place, step, field);
            let end = value.as_span().map(|span| self.after(run, place, span));
            end.or(if let Value::Time(at) = value {
                Some(at)
            } else {
                None
            })
        });
        if run.shadow {
            return Done::NEXT;
        }
        self.world.change_labels(member, |member| {
            for label in &drop {
                member.drop_label(label);
            }
            for label in &add {
                member.add_label(label, expires);
            }
        });
        Done::NEXT
    }

    pub(super) fn act_reward(&mut self, run: &Run, place: &Place, step: &Step) -> Done {
        let Act::Reward {
            about,
            points,
            badge,
            role,
            reason,
            once,
        } = &step.act
        else {
            return Done::NEXT;
        };
        let (Some(member), _) = self.about(run, place, step, about) else {
            return nobody();
        };
        let reason: Text = self.text_of(run, place, step, reason).to_plain().into();
        let amount = points.as_ref().and_then(|points| {
            self.see(run, place, step, |scene| draw_points(points, scene))
                .flatten()
        });
        let amount = amount.unwrap_or(0).max(0);
        let key = once
            .as_ref()
            .map(|once| self.see(run, place, step, |s| once.render(s).to_plain()));
        let labels: Vec<Text> = [("badge", badge), ("role", role)]
            .into_iter()
            .filter_map(|(kind, field)| {
                let value = self.text_of(run, place, step, field.as_ref()?).to_plain();
                Some(format!("{kind}:{value}").into())
            })
            .collect();
        let mut result = Record::new();
        result.insert("points".into(), Value::Int(amount));
        if run.shadow {
            return Done::Next(Value::Record(result));
        }
        if amount > 0 {
            let booking = Booking {
                member,
                points: amount,
                account: "rewards",
                reason,
                once: key.flatten(),
            };
            match self.book(run, step, booking) {
                Ok(()) => {}
                Err(NotBooked::Repeated) => {
                    result.insert("points".into(), Value::Int(0));
                }
                Err(error) => return not_booked(error),
            }
        }
        if !labels.is_empty() {
            self.world.change_labels(member, |member| {
                for label in &labels {
                    member.labels.retain(|known| known.name != *label);
                    member.labels.push(crate::model::world::Label {
                        name: label.clone(),
                        expires_at: None,
                    });
                }
                member.labels.sort_by(|a, b| a.name.cmp(&b.name));
            });
        }
        Done::Next(Value::Record(result))
    }

    pub(super) fn act_charge(&mut self, run: &mut Run, place: &Place, step: &Step) -> Done {
        let Act::Charge {
            about,
            points,
            reason,
            once,
        } = &step.act
        else {
            return Done::NEXT;
        };
        let (Some(member), _) = self.about(run, place, step, about) else {
            return nobody();
        };
        let Some(amount) = self
            .value(run, place, step, points)
            .as_int()
            .filter(|n| *n >= 0)
        else {
            return Done::Fail(failure("invalid", "`points` is no whole number from 0"));
        };
        let reason: Text = self.text_of(run, place, step, reason).to_plain().into();
        let once = once
            .as_ref()
            .map(|once| self.see(run, place, step, |s| once.render(s).to_plain()));
        if self.world.ledger.balance(member) < amount {
            return not_booked(NotBooked::Uncovered {
                balance: self.world.ledger.balance(member),
            });
        }
        if let Some(done) = self.guard(run, place, step) {
            return done;
        }
        if run.shadow {
            return Done::NEXT;
        }
        let points = amount.saturating_neg();
        let booking = Booking {
            member,
            points,
            account: "charges",
            reason,
            once: once.flatten(),
        };
        match self.book(run, step, booking) {
            Ok(()) | Err(NotBooked::Repeated) => Done::NEXT,
            Err(error) => not_booked(error),
        }
    }

    fn book(&mut self, run: &Run, step: &Step, booking: Booking) -> Result<(), NotBooked> {
        let key = match &booking.once {
            Some(once) => hash_of(&[
                b"once",
                run.playbook.as_bytes(),
                &booking.member.0.to_be_bytes(),
                once.as_bytes(),
            ]),
            None => hash_of(&[
                b"step",
                &run.id.0.to_be_bytes(),
                step.path.as_bytes(),
                &run.turns(),
                &booking.member.0.to_be_bytes(),
            ]),
        };
        let entry = Entry {
            at: self.at,
            member: booking.member,
            points: booking.points,
            counter: format!("{}/{}", booking.account, run.playbook).into(),
            reason: booking.reason,
            key,
            reverses: None,
        };
        self.world.book(entry).map(|_number| ())
    }

    /// `admit` (without a reason) and `decline`: the join request that started the run.
    pub(super) fn act_admit(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        declined: Option<&Field>,
    ) -> Done {
        let handle = run.event.get("handle").and_then(Value::as_text).cloned();
        let (Some(handle), Some(member), Some(group)) =
            (handle, run.about.or(run.member), run.group)
        else {
            return Done::Fail(failure("gone", "no join request started this run"));
        };
        let Some(member) = self.platform_id(member) else {
            return nobody();
        };
        let action = match declined {
            None => Action::AdmitMember { member, handle },
            Some(reason) => {
                let reason = self.text_of(run, place, step, reason).to_plain().into();
                Action::DeclineMember {
                    member,
                    handle,
                    reason,
                }
            }
        };
        match self.wish_in(group, action) {
            Ok(wish) => self.send(run, place, step, vec![wish]),
            Err(failure) => Done::Fail(failure),
        }
    }

    pub(super) fn act_moderate(
        &mut self,
        run: &mut Run,
        place: &Place,
        step: &Step,
        verb: &Moderation,
        about: &About,
        reason: &Field,
    ) -> Done {
        let (member, group) = self.about(run, place, step, about);
        let (Some(member), Some(group)) = (member, group) else {
            return nobody();
        };
        let Some(id) = self.platform_id(member) else {
            return nobody();
        };
        let reason: Text = self.text_of(run, place, step, reason).to_plain().into();
        let guarded = match verb {
            Moderation::Remove | Moderation::Ban | Moderation::Mute(_) => true,
            Moderation::Unban | Moderation::Unmute => false,
        };
        if guarded && let Some(done) = self.refuse_target(member, group) {
            return done;
        }
        let mut until = None;
        if let Moderation::Mute(Some(field)) = verb {
            let span = self
                .value(run, place, step, field)
                .as_span()
                .unwrap_or_default();
            until = Some(self.after(run, place, span));
        }
        let action = match verb {
            Moderation::Remove => Action::RemoveMember { member: id, reason },
            Moderation::Ban => Action::BanMember { member: id, reason },
            Moderation::Unban => Action::UnbanMember { member: id },
            Moderation::Mute(_) => Action::MuteMember {
                member: id,
                until,
                reason,
            },
            Moderation::Unmute => Action::UnmuteMember { member: id },
        };
        let wish = match self.wish_in(group, action) {
            Ok(wish) => wish,
            Err(failure) => return Done::Fail(failure),
        };
        if guarded && let Some(done) = self.guard(run, place, step) {
            return done;
        }
        if matches!(verb, Moderation::Mute(_)) && !run.shadow {
            self.note_mute(group, member, until);
        }
        self.send(run, place, step, vec![wish])
    }

    /// What no rule may do: act against owners, staff of the group, bots we cannot name.
    fn refuse_target(&self, member: MemberNo, group: GroupNo) -> Option<Done> {
        let Some(seat) = self.world.seat(group, member) else {
            return Some(Done::Fail(failure(
                "gone",
                "the member is not in that group",
            )));
        };
        if seat.role >= crate::model::Role::Staff {
            let reason = "the member is protected: owner or administrator of the group";
            return Some(Done::Fail(failure("protected", reason)));
        }
        None
    }

    /// Remembers the end of a mute, and makes an appointment where the platform knows no end, or
    /// has a ceiling. An appointment that no longer fits the seat is passed over when it comes.
    fn note_mute(&mut self, group: GroupNo, member: MemberNo, until: Option<Millis>) {
        if let Some(seat) = self.world.seat_mut(group, member) {
            seat.muted_until = Some(until.unwrap_or(Millis::MAX));
        }
        let due = until.unwrap_or_else(|| self.at.saturating_add(crate::engine::RENEW_MS));
        self.world
            .appoint(due, crate::model::world::Deadline::MuteEnd(group, member));
    }
}

/// A movement of points that a step asks for.
struct Booking {
    member: MemberNo,
    points: i64,
    account: &'static str,
    reason: Text,
    once: Option<String>,
}

fn nobody() -> Done {
    Done::Fail(failure("gone", "there is no member it could be about"))
}

fn not_booked(error: NotBooked) -> Done {
    Done::Fail(match error {
        NotBooked::Uncovered { balance } => {
            failure("uncovered", &format!("the balance is {balance} points"))
        }
        NotBooked::OutOfRange => failure("invalid", "the sum leaves the range of numbers"),
        NotBooked::Repeated => failure("repeated", "it was booked before"),
    })
}

/// Points of a reward: the base, and a part drawn between two bounds. With a weight of w the drawn
/// part is the least of w draws, so high ones become rarer.
fn draw_points(points: &Points, scene: &Scene<'_>) -> Option<i64> {
    let base = value_of(&points.base, scene).as_int()?;
    let Some((least, most, weight)) = &points.random else {
        return Some(base);
    };
    let least = value_of(least, scene).as_int()?;
    let most = value_of(most, scene).as_int()?.max(least);
    let weight = weight
        .as_ref()
        .and_then(|field| value_of(field, scene).as_int())
        .unwrap_or(1);
    let width = most.saturating_sub(least).saturating_add(1).max(1) as u64;
    let drawn = (0..weight.clamp(1, 16))
        .map(|_| scene.draw() % width)
        .min()
        .unwrap_or(0);
    base.checked_add(least)?
        .checked_add(i64::try_from(drawn).ok()?)
}
