//! A circuit breaker per connector: when most attempts fail, a pause, then one attempt to see. While
//! it is open effects wait and use up no attempts. The numbers are Convoy's defaults.

use crate::model::Millis;
use crate::model::time::{MINUTE, SECOND};

/// Outcomes of this long count.
const WINDOW_MS: Millis = 5 * MINUTE;
/// It never opens on fewer outcomes than this.
const OUTCOMES_MIN: u32 = 10;
/// It opens when this share of them failed.
const FAILED_PERCENT: u32 = 70;
/// How long it stays open before one attempt is let through.
const OPEN_MS: Millis = 30 * SECOND;

/// The window is kept in this many parts, of which the oldest is dropped at a time.
const PARTS: usize = 10;
const PART_MS: Millis = WINDOW_MS / PARTS as Millis;

/// The outcomes in one part of the window.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    /// The part's time over [`PART_MS`].
    number: i64,
    outcomes: u32,
    failures: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    /// No attempts before that.
    Open { until: Millis },
    /// One attempt is on its way to see how things are.
    Probing,
}

/// What the end of an attempt says about the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The platform answered: also a refusal, or a wish to slow down, comes from one that works.
    Works,
    /// Trouble: no connection, no answer, or one that makes no sense.
    Fails,
    /// Nothing was tried after all.
    Untried,
}

/// The breaker of one connector.
#[derive(Debug, Default)]
pub struct Breaker {
    state: State,
    parts: [Part; PARTS],
}

impl Breaker {
    /// When an attempt may start: `now`, later, or `None` while one is on its way to see.
    pub fn ready_at(&self, now: Millis) -> Option<Millis> {
        match self.state {
            State::Closed => Some(now),
            State::Open { until } => Some(until.max(now)),
            State::Probing => None,
        }
    }

    /// True while attempts are held back: health pages show it.
    pub const fn is_open(&self) -> bool {
        match self.state {
            State::Closed => false,
            State::Open { .. } | State::Probing => true,
        }
    }

    /// An attempt has started. Only called when [`Self::ready_at`] allowed it.
    pub fn started(&mut self) {
        self.state = match self.state {
            State::Closed => State::Closed,
            State::Open { .. } | State::Probing => State::Probing,
        };
    }

    /// An attempt has ended. Those that started before it opened say nothing new while it is open.
    pub fn ended(&mut self, sign: Sign, now: Millis) {
        match (self.state, sign) {
            (State::Closed, Sign::Works | Sign::Fails) => {
                self.count(sign == Sign::Fails, now);
                if self.is_too_much(now) {
                    self.open(now);
                }
            }
            (State::Closed, Sign::Untried) | (State::Open { .. }, _) => {}
            (State::Probing, Sign::Works) => *self = Self::default(),
            (State::Probing, Sign::Fails) => self.open(now),
            (State::Probing, Sign::Untried) => self.state = State::Open { until: now },
        }
    }

    fn open(&mut self, now: Millis) {
        self.state = State::Open {
            until: now.saturating_add(OPEN_MS),
        };
    }

    fn count(&mut self, failed: bool, now: Millis) {
        let number = now.div_euclid(PART_MS);
        let place = usize::try_from(number.rem_euclid(PARTS as i64)).unwrap_or(0);
        let Some(part) = self.parts.get_mut(place) else {
            return;
        };
        if part.number != number {
            *part = Part {
                number,
                ..Part::default()
            };
        }
        part.outcomes = part.outcomes.saturating_add(1);
        part.failures = part.failures.saturating_add(u32::from(failed));
    }

    fn is_too_much(&self, now: Millis) -> bool {
        let current = now.div_euclid(PART_MS);
        let oldest = current.saturating_sub(PARTS as i64);
        let counted = self
            .parts
            .iter()
            .filter(|part| part.number > oldest && part.number <= current);
        let (outcomes, failures) = counted.fold((0_u32, 0_u32), |(outcomes, failures), part| {
            (
                outcomes.saturating_add(part.outcomes),
                failures.saturating_add(part.failures),
            )
        });
        outcomes >= OUTCOMES_MIN
            && u64::from(failures) * 100 >= u64::from(outcomes) * u64::from(FAILED_PERCENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A breaker after these outcomes, one a second from `now` on: `x` failed, `.` did not.
    fn after(outcomes: &str, now: Millis) -> Breaker {
        let mut breaker = Breaker::default();
        for (second, outcome) in (0_i64..).zip(outcomes.chars()) {
            let sign = if outcome == 'x' {
                Sign::Fails
            } else {
                Sign::Works
            };
            breaker.ended(sign, now + second * SECOND);
        }
        breaker
    }

    #[test]
    fn it_opens_at_seven_failures_of_ten() {
        for (outcomes, opens) in [
            ("xxxxxxxxx", false),
            ("xxxxxxxxxx", true),
            ("...xxxxxxx", true),
            ("....xxxxxx", false),
            ("xxxxxxx...", true),
            ("......xxxxxxxxxxxxxx", true),
            ("..........", false),
        ] {
            assert_eq!(after(outcomes, 0).is_open(), opens, "{outcomes}");
        }
    }

    #[test]
    fn what_is_older_than_the_window_does_not_count() {
        let mut breaker = after("xxxxxxxxx", 0);
        breaker.ended(Sign::Fails, WINDOW_MS + 20 * SECOND);
        assert!(!breaker.is_open());
        let mut breaker = after("xxxxxxxxx", 0);
        breaker.ended(Sign::Fails, WINDOW_MS - SECOND);
        assert!(breaker.is_open());
    }

    #[test]
    fn after_half_a_minute_one_attempt_looks_how_things_are() {
        let mut breaker = after("xxxxxxxxxx", 0);
        assert_eq!(breaker.ready_at(10_000), Some(39_000));
        breaker.ended(Sign::Works, 12_000);
        assert_eq!(
            breaker.ready_at(12_000),
            Some(39_000),
            "a straggler says nothing new"
        );
        assert_eq!(breaker.ready_at(39_000), Some(39_000));
        breaker.started();
        assert_eq!(breaker.ready_at(39_000), None);
        breaker.ended(Sign::Fails, 40_000);
        assert_eq!(breaker.ready_at(40_000), Some(70_000));
        breaker.started();
        breaker.ended(Sign::Works, 71_000);
        assert_eq!(breaker.ready_at(71_000), Some(71_000));
        breaker.ended(Sign::Fails, 71_500);
        assert!(!breaker.is_open(), "it begins anew");
    }

    #[test]
    fn what_was_not_tried_shows_nothing() {
        let mut breaker = after("xxxxxxxxx", 0);
        breaker.ended(Sign::Untried, 9_500);
        assert!(!breaker.is_open());
        breaker.ended(Sign::Fails, 10_000);
        breaker.started();
        breaker.ended(Sign::Untried, 40_000);
        assert!(breaker.is_open());
        assert_eq!(breaker.ready_at(40_000), Some(40_000), "the next one looks");
    }
}
