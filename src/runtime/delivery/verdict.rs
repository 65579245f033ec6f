//! What an attempt came to, as the receipt that the fold gets: done, again at that time, refused,
//! or parked for a person.

use super::breaker::Sign;
use super::schedule::schedule;
use crate::connector::Outcome;
use crate::model::{Effect, Millis, Refusal, Text, Verdict};

/// The verdict on attempt number `attempt` (from 1). `hold_unknown` is the connector's
/// `unknown: hold`. An outcome that cannot be known is repeated where a repetition changes nothing;
/// a send follows the connector's setting.
pub fn judge(
    effect: &Effect,
    attempt: u32,
    outcome: Outcome,
    hold_unknown: bool,
    now: Millis,
) -> Verdict {
    match outcome {
        Outcome::Done(fields) => Verdict::Done(fields),
        Outcome::Already(fields) => Verdict::Already(fields),
        Outcome::RetryAfter { after_ms, reason } => again(effect, attempt, after_ms, reason, now),
        Outcome::Refused { because, reason } => Verdict::Refused {
            because,
            reason: reason.into(),
        },
        Outcome::Unknown { reason } if hold_unknown && !effect.action.sets_state() => {
            Verdict::Unknown {
                reason: reason.into(),
            }
        }
        Outcome::Unknown { reason } => again(effect, attempt, None, reason, now),
        // Once the connector is mended, a person can let a stopped one go again.
        Outcome::Broken { reason } | Outcome::Stop { reason } => Verdict::Parked {
            reason: reason.into(),
        },
    }
}

/// The verdict on an effect that is no longer useful: when the planner says so, and before every
/// attempt.
pub fn expired(effect: &Effect, now: Millis) -> Option<Verdict> {
    let late = effect.expires_at.is_some_and(|end| now >= end);
    late.then(|| too_late("it came too late to be useful".into()))
}

/// What the outcome says about the connection, for the circuit breaker.
pub const fn sign(outcome: &Outcome) -> Sign {
    match outcome {
        Outcome::RetryAfter { after_ms: None, .. }
        | Outcome::Unknown { .. }
        | Outcome::Broken { .. } => Sign::Fails,
        Outcome::RetryAfter {
            after_ms: Some(_), ..
        }
        | Outcome::Done(_)
        | Outcome::Already(_)
        | Outcome::Refused { .. }
        | Outcome::Stop { .. } => Sign::Works,
    }
}

fn again(
    effect: &Effect,
    attempt: u32,
    asked: Option<Millis>,
    reason: String,
    now: Millis,
) -> Verdict {
    let Some(wait) = schedule(&effect.action).wait(effect.id, attempt, asked) else {
        return Verdict::Parked {
            reason: format!("given up after {attempt} attempts: {reason}").into(),
        };
    };
    let not_before = now.saturating_add(wait);
    if effect.expires_at.is_some_and(|end| not_before >= end) {
        return too_late(format!("the next attempt would come too late: {reason}").into());
    }
    Verdict::Deferred {
        not_before,
        reason: reason.into(),
    }
}

const fn too_late(reason: Text) -> Verdict {
    Verdict::Refused {
        because: Refusal::Expired,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, EffectId, Post, Record, RunId, Stage, time::SECOND};

    fn send() -> Effect {
        Effect {
            id: EffectId(7),
            run: RunId(1),
            rule: "p/r".into(),
            step: "do/0".into(),
            connector: "qq".into(),
            group: Some("g".into()),
            decided_at: 0,
            number: 0,
            expires_at: None,
            not_before: 0,
            attempts: 0,
            stage: Stage::Open,
            problem: "".into(),
            action: Action::SendMessage(Post::default()),
        }
    }

    fn mute() -> Effect {
        let action = Action::MuteMember {
            member: "u".into(),
            until: None,
            reason: "".into(),
        };
        Effect { action, ..send() }
    }

    /// The verdict in a few words, with the wait in seconds, rounded down.
    fn word(verdict: &Verdict, now: Millis) -> String {
        match verdict {
            Verdict::Done(_) => "done".to_owned(),
            Verdict::Already(_) => "already".to_owned(),
            Verdict::Deferred { not_before, .. } => format!("+{}s", (not_before - now) / SECOND),
            Verdict::Refused { because, .. } => because.word().to_owned(),
            Verdict::Sending => "sending".to_owned(),
            Verdict::Unknown { .. } => "unknown".to_owned(),
            Verdict::Parked { reason } => format!("parked: {reason}"),
        }
    }

    fn retry(after_ms: Option<Millis>) -> Outcome {
        Outcome::RetryAfter {
            after_ms,
            reason: "503".to_owned(),
        }
    }

    fn unknown() -> Outcome {
        Outcome::Unknown {
            reason: "lost".to_owned(),
        }
    }

    #[test]
    fn every_outcome_has_its_verdict() {
        let refused = Outcome::Refused {
            because: Refusal::Gone,
            reason: "no".to_owned(),
        };
        let broken = Outcome::Broken {
            reason: "nonsense".to_owned(),
        };
        let stop = Outcome::Stop {
            reason: "bad token".to_owned(),
        };
        for (effect, attempt, outcome, hold, expect) in [
            (send(), 1, Outcome::Done(Record::new()), true, "done"),
            (send(), 1, Outcome::Already(Record::new()), true, "already"),
            (send(), 1, retry(Some(40 * SECOND)), true, "+40s"),
            (
                send(),
                9,
                retry(None),
                true,
                "parked: given up after 9 attempts: 503",
            ),
            (
                send(),
                u32::MAX,
                retry(None),
                true,
                "parked: given up after 4294967295 attempts: 503",
            ),
            (send(), 1, refused, true, "gone"),
            (send(), 1, unknown(), true, "unknown"),
            (send(), 1, unknown(), false, "+2s"),
            (mute(), 1, unknown(), true, "+1s"),
            (send(), 1, broken, true, "parked: nonsense"),
            (send(), 1, stop, true, "parked: bad token"),
        ] {
            let verdict = judge(&effect, attempt, outcome, hold, 1_000);
            assert_eq!(word(&verdict, 1_000), expect);
        }
    }

    #[test]
    fn what_is_no_longer_useful_is_not_tried() {
        let effect = Effect {
            expires_at: Some(60 * SECOND),
            ..send()
        };
        assert_eq!(expired(&effect, 60 * SECOND - 1), None);
        let verdict = expired(&effect, 60 * SECOND).unwrap();
        assert_eq!(word(&verdict, 0), "expired");
        assert_eq!(expired(&send(), Millis::MAX), None);
    }

    #[test]
    fn a_retry_after_the_end_is_not_waited_for() {
        let effect = Effect {
            expires_at: Some(60 * SECOND),
            ..send()
        };
        let at = |now, asked| {
            let verdict = judge(&effect, 1, retry(Some(asked)), true, now);
            word(&verdict, now)
        };
        assert_eq!(at(0, 59 * SECOND), "+59s");
        assert_eq!(at(0, 60 * SECOND), "expired");
    }

    #[test]
    fn only_trouble_counts_for_the_breaker() {
        assert_eq!(sign(&retry(None)), Sign::Fails);
        assert_eq!(sign(&unknown()), Sign::Fails);
        assert_eq!(sign(&retry(Some(1))), Sign::Works);
        assert_eq!(sign(&Outcome::done()), Sign::Works);
    }
}
