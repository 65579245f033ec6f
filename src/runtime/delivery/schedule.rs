//! When to try again: one row of waits per kind of action. Chat actions age faster than webhooks, so
//! each kind has its own row; who has used up its row is parked.

use crate::model::time::{DAY, HOUR, MINUTE, SECOND};
use crate::model::{Action, EffectId, Millis, hash_of};

/// The waits between the attempts of one kind of action.
#[derive(Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The wait after the first attempt, the second, …; after the last one there is no more.
    waits: &'static [Millis],
    asked: Asked,
}

/// How far the receiver's own wish (`Retry-After`) is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// A platform's flood control is obeyed, up to [`ASKED_MS_MAX`]: trying earlier makes it worse.
    Obeyed,
    /// A peer's wish counts between one and two times the row's wait, as Svix's sender does it: a
    /// wrong header shall neither hurry nor stop us.
    Bounded,
}

/// The longest wait a platform can ask for. Flood control seldom asks for more than an hour.
const ASKED_MS_MAX: Millis = DAY;
/// The shortest wait, so that an answer of "again in 0 s" makes no tight loop.
const WAIT_MS_MIN: Millis = SECOND;
/// How much a wait varies to either side, in percent, so that what failed together does not come
/// back together (Svix's sender uses the same).
const JITTER_PERCENT: i64 = 20;

/// What keeps order in a group: soon, then patiently, for about two hours.
const MODERATION: Schedule = Schedule {
    waits: &[
        SECOND,
        2 * SECOND,
        5 * SECOND,
        15 * SECOND,
        MINUTE,
        5 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
    ],
    asked: Asked::Obeyed,
};

/// Messages and everything else in a chat; most of them expire earlier.
const CHAT: Schedule = Schedule {
    waits: &[
        2 * SECOND,
        8 * SECOND,
        30 * SECOND,
        2 * MINUTE,
        5 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
    ],
    asked: Asked::Obeyed,
};

/// Named endpoints: Svix's schedule, some 28 hours in all.
const ENDPOINT: Schedule = Schedule {
    waits: &[
        5 * SECOND,
        5 * MINUTE,
        30 * MINUTE,
        2 * HOUR,
        5 * HOUR,
        10 * HOUR,
        10 * HOUR,
    ],
    asked: Asked::Bounded,
};

/// The schedule of an action.
pub const fn schedule(action: &Action) -> &'static Schedule {
    if action.is_moderation() {
        &MODERATION
    } else if matches!(action, Action::CallEndpoint { .. }) {
        &ENDPOINT
    } else {
        &CHAT
    }
}

impl Schedule {
    /// Attempts in all.
    pub const fn attempts_max(&self) -> usize {
        self.waits.len() + 1
    }

    /// How long to wait after attempt number `attempt` (from 1), or `None` when it was the last one.
    /// `asked` is what the receiver wants.
    pub fn wait(&self, effect: EffectId, attempt: u32, asked: Option<Millis>) -> Option<Millis> {
        let index = usize::try_from(attempt.saturating_sub(1)).ok()?;
        let row = *self.waits.get(index)?;
        let wait = match (asked, self.asked) {
            (None, _) => jittered(row, effect, attempt),
            (Some(asked), Asked::Obeyed) => asked.min(ASKED_MS_MAX),
            (Some(asked), Asked::Bounded) => asked.clamp(row, row.saturating_mul(2)),
        };
        Some(wait.max(WAIT_MS_MIN))
    }
}

/// The wait moved by up to [`JITTER_PERCENT`]; the same for the same effect and attempt.
fn jittered(wait: Millis, effect: EffectId, attempt: u32) -> Millis {
    let hash = hash_of(&[b"retry", &effect.0.to_le_bytes(), &attempt.to_le_bytes()]);
    let reach = wait.saturating_mul(JITTER_PERCENT) / 100;
    let places = reach.saturating_mul(2).saturating_add(1).unsigned_abs();
    let offset = i64::try_from(hash % places.max(1)).unwrap_or(0);
    wait.saturating_sub(reach).saturating_add(offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Post;

    #[test]
    fn waits_follow_the_row_within_the_jitter_and_then_end() {
        for schedule in [&MODERATION, &CHAT, &ENDPOINT] {
            for (index, row) in schedule.waits.iter().enumerate() {
                let attempt = u32::try_from(index).unwrap() + 1;
                for id in 0..100 {
                    let wait = schedule.wait(EffectId(id), attempt, None).unwrap();
                    let reach = row / 5;
                    assert!((wait - row).abs() <= reach, "{wait} is not near {row}");
                }
            }
            let last = u32::try_from(schedule.attempts_max()).unwrap();
            assert_eq!(schedule.wait(EffectId(1), last, None), None);
            assert_eq!(
                schedule.wait(EffectId(1), last, Some(1)),
                None,
                "asking buys nothing"
            );
        }
    }

    #[test]
    fn jitter_is_the_same_for_the_same_attempt_and_spreads_the_others() {
        let wait = |id, attempt| CHAT.wait(EffectId(id), attempt, None);
        assert_eq!(wait(1, 3), wait(1, 3));
        let waits: std::collections::BTreeSet<_> = (0..100).map(|id| wait(id, 3)).collect();
        assert!(waits.len() > 50, "{} different waits", waits.len());
    }

    #[test]
    fn a_platform_is_obeyed_and_a_peer_within_bounds() {
        for (schedule, attempt, asked, expect) in [
            (&CHAT, 1, 300 * SECOND, 300 * SECOND),
            (&CHAT, 8, 3 * SECOND, 3 * SECOND),
            (&CHAT, 1, 0, SECOND),
            (&CHAT, 1, -5, SECOND),
            (&CHAT, 1, Millis::MAX, DAY),
            (&ENDPOINT, 1, 0, 5 * SECOND),
            (&ENDPOINT, 1, 7 * SECOND, 7 * SECOND),
            (&ENDPOINT, 1, HOUR, 10 * SECOND),
        ] {
            assert_eq!(
                schedule.wait(EffectId(1), attempt, Some(asked)),
                Some(expect)
            );
        }
    }

    #[test]
    fn every_kind_of_action_has_its_row() {
        let ban = Action::BanMember {
            member: "u".into(),
            reason: "".into(),
        };
        assert_eq!(schedule(&ban), &MODERATION);
        assert_eq!(schedule(&Action::SendMessage(Post::default())), &CHAT);
        let call = Action::CallEndpoint {
            name: "shop".into(),
            data: crate::model::Record::new(),
        };
        assert_eq!(schedule(&call), &ENDPOINT);
    }
}
