//! When a schedule is due next, across clock changes: a time in the gap fires once at the first
//! instant after it, a repeated time fires once (the first), `every` follows elapsed time.

use crate::model::{Millis, Span, time};
use crate::playbook::rule::Schedule;
use croner::Cron;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::str::FromStr;

/// Days that are searched for a daily time: with one weekday set, seven are enough; a whole year
/// covers zones that skip a day.
const DAYS_SEARCHED: i32 = 9;

/// The first planned time strictly after `after`. `None` for a cron pattern that never comes.
pub fn next(schedule: &Schedule, zone: &TimeZone, anchor: Millis, after: Millis) -> Option<Millis> {
    match schedule {
        Schedule::Daily { at_ms, days } => next_daily(at_ms, *days, zone, after),
        Schedule::Cron(pattern) => next_cron(pattern, zone, after),
        Schedule::Every(span) => Some(next_every(*span, zone, anchor, after)),
    }
}

fn next_daily(at_ms: &[Millis], days: [bool; 7], zone: &TimeZone, after: Millis) -> Option<Millis> {
    let today = time::zoned(after, zone).date();
    (0..=DAYS_SEARCHED)
        .filter_map(|ahead| today.checked_add(jiff::Span::new().days(ahead)).ok())
        .filter(|date| {
            let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
            days.get(weekday).copied().unwrap_or(false)
        })
        .flat_map(|date| {
            at_ms.iter().map(move |at| {
                date.to_datetime(jiff::civil::Time::midnight())
                    .saturating_add(jiff::Span::new().milliseconds(*at))
            })
        })
        .filter_map(|local| instant(local, zone))
        .filter(|due| *due > after)
        .min()
}

/// The instant of a local time: the first one when it is repeated, the end of the gap when it does
/// not exist.
fn instant(local: DateTime, zone: &TimeZone) -> Option<Millis> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let stamp = match ambiguous.offset() {
        jiff::tz::AmbiguousOffset::Unambiguous { .. } | jiff::tz::AmbiguousOffset::Fold { .. } => {
            ambiguous.earlier().ok()?
        }
        jiff::tz::AmbiguousOffset::Gap { .. } => {
            let beyond = ambiguous.later().ok()?;
            zone.preceding(beyond)
                .next()
                .map(|transition| transition.timestamp())?
        }
    };
    Some(stamp.as_millisecond())
}

fn next_cron(pattern: &str, zone: &TimeZone, after: Millis) -> Option<Millis> {
    let cron = Cron::from_str(pattern).ok()?;
    let next = cron
        .find_next_occurrence(&time::zoned(after, zone), false)
        .ok()?;
    Some(next.timestamp().as_millisecond())
}

fn next_every(span: Span, zone: &TimeZone, anchor: Millis, after: Millis) -> Millis {
    if span.days == 0 {
        let step = span.exact_ms.max(time::SECOND);
        let passed = after.saturating_sub(anchor).max(0);
        let turns = passed.checked_div(step).unwrap_or(0).saturating_add(1);
        return anchor.saturating_add(turns.saturating_mul(step));
    }
    // Calendar steps: count from the anchor, so that a day of 23 hours does not shift the rest.
    let nominal = span.nominal_ms().max(time::SECOND);
    let passed = after.saturating_sub(anchor).max(0);
    let mut turns = i32::try_from(passed.checked_div(nominal).unwrap_or(0)).unwrap_or(i32::MAX);
    turns = turns.saturating_sub(1).max(1);
    loop {
        let total = Span {
            days: span.days.saturating_mul(turns),
            exact_ms: span.exact_ms.saturating_mul(Millis::from(turns)),
        };
        let due = total.after(anchor, zone);
        if due > after || turns == i32::MAX {
            return due;
        }
        turns = turns.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use jiff::Timestamp;

    const EVERY_DAY: [bool; 7] = [true; 7];

    fn at(text: &str) -> Millis {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[track_caller]
    fn check(schedule: &Schedule, zone: &str, from: &str, expected: &Expect) {
        let zone = time::zone(zone).unwrap();
        let start = at(from);
        let mut after = start;
        let mut lines = String::new();
        for _ in 0..4 {
            after = next(schedule, &zone, start, after).unwrap();
            lines.push_str(
                &time::zoned(after, &zone)
                    .strftime("%a %F %T %z\n")
                    .to_string(),
            );
        }
        expected.assert_eq(&lines);
    }

    fn daily(hour: i64, minute: i64, days: [bool; 7]) -> Schedule {
        Schedule::Daily {
            at_ms: vec![hour * time::HOUR + minute * time::MINUTE],
            days,
        }
    }

    #[test]
    fn a_time_in_the_gap_fires_once_at_its_end() {
        check(
            &daily(2, 30, EVERY_DAY),
            "Europe/Paris",
            "2026-03-27T12:00:00Z",
            &expect![[r"
                Sat 2026-03-28 02:30:00 +0100
                Sun 2026-03-29 03:00:00 +0200
                Mon 2026-03-30 02:30:00 +0200
                Tue 2026-03-31 02:30:00 +0200
            "]],
        );
    }

    #[test]
    fn a_repeated_time_fires_once_the_first() {
        check(
            &daily(2, 30, EVERY_DAY),
            "Europe/Paris",
            "2026-10-24T12:00:00Z",
            &expect![[r"
                Sun 2026-10-25 02:30:00 +0200
                Mon 2026-10-26 02:30:00 +0100
                Tue 2026-10-27 02:30:00 +0100
                Wed 2026-10-28 02:30:00 +0100
            "]],
        );
    }

    #[test]
    fn weekdays_only() {
        let weekdays = [true, true, true, true, true, false, false];
        check(
            &daily(8, 30, weekdays),
            "Asia/Shanghai",
            "2026-11-20T01:00:00Z",
            &expect![[r"
                Mon 2026-11-23 08:30:00 +0800
                Tue 2026-11-24 08:30:00 +0800
                Wed 2026-11-25 08:30:00 +0800
                Thu 2026-11-26 08:30:00 +0800
            "]],
        );
    }

    #[test]
    fn cron_knows_the_second_friday() {
        check(
            &Schedule::Cron("0 20 * * FRI#2".into()),
            "Asia/Shanghai",
            "2026-11-22T00:00:00Z",
            &expect![[r"
                Fri 2026-12-11 20:00:00 +0800
                Fri 2027-01-08 20:00:00 +0800
                Fri 2027-02-12 20:00:00 +0800
                Fri 2027-03-12 20:00:00 +0800
            "]],
        );
    }

    #[test]
    fn every_follows_elapsed_time_from_its_anchor() {
        check(
            &Schedule::Every(Span::exact(6 * time::HOUR)),
            "Europe/Paris",
            "2026-03-28T20:00:00Z",
            &expect![[r"
                Sun 2026-03-29 04:00:00 +0200
                Sun 2026-03-29 10:00:00 +0200
                Sun 2026-03-29 16:00:00 +0200
                Sun 2026-03-29 22:00:00 +0200
            "]],
        );
        let utc = TimeZone::UTC;
        let every = Schedule::Every(Span::exact(2 * time::SECOND));
        assert_eq!(next(&every, &utc, 1_000, 1_000), Some(3_000));
        assert_eq!(
            next(&every, &utc, 1_000, 1_000_000_500),
            Some(1_000_001_000)
        );
    }
}
