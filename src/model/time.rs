//! Spans of time as rules mean them: `d` and `w` are calendar days in a zone, `h m s` are exact.

use super::Millis;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One second in [`Millis`].
pub const SECOND: Millis = 1_000;
/// One minute in [`Millis`].
pub const MINUTE: Millis = 60 * SECOND;
/// One hour in [`Millis`].
pub const HOUR: Millis = 60 * MINUTE;
/// Twenty-four hours in [`Millis`]; a calendar day can be shorter or longer.
pub const DAY: Millis = 24 * HOUR;

/// A length of time: calendar days plus an exact part.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Span {
    /// Calendar days in the zone of whoever uses the span.
    pub days: i32,
    /// Exact milliseconds on top.
    pub exact_ms: Millis,
}

impl Span {
    /// A span without calendar days.
    pub const fn exact(exact_ms: Millis) -> Self {
        Self { days: 0, exact_ms }
    }

    /// A span of calendar days alone.
    pub const fn days(days: i32) -> Self {
        Self { days, exact_ms: 0 }
    }

    /// Its length where every day has 24 hours: for comparing and for windows without a zone.
    pub const fn nominal_ms(self) -> Millis {
        (self.days as Millis)
            .saturating_mul(DAY)
            .saturating_add(self.exact_ms)
    }

    /// True for a span of no length.
    pub const fn is_zero(self) -> bool {
        self.days == 0 && self.exact_ms == 0
    }

    /// `from` moved forward by this span in `zone`. A result beyond the calendar stays at its end.
    pub fn after(self, from: Millis, zone: &TimeZone) -> Millis {
        let moved = if self.days == 0 {
            from
        } else {
            add_days(from, self.days, zone)
        };
        moved.saturating_add(self.exact_ms)
    }

    /// `from` moved back by this span in `zone`.
    pub fn before(self, from: Millis, zone: &TimeZone) -> Millis {
        let days = self.days.saturating_neg();
        let moved = if days == 0 {
            from
        } else {
            add_days(from, days, zone)
        };
        moved.saturating_sub(self.exact_ms)
    }

    /// Reads `30s`, `10m`, `2h`, `14d`, `2w`, `13d 23h`. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut span = Self::default();
        let mut rest = text.trim();
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            let (number, tail) = rest.split_at(digits);
            let number: i64 = number.parse().ok()?;
            let unit_end = tail
                .find(|c: char| c.is_ascii_digit() || c.is_whitespace())
                .unwrap_or(tail.len());
            let (unit, after) = tail.split_at(unit_end);
            span = span.plus_unit(number, unit)?;
            rest = after.trim_start();
        }
        Some(span)
    }

    fn plus_unit(self, number: i64, unit: &str) -> Option<Self> {
        let (day, exact) = match unit {
            "ms" => (0, 1),
            "s" => (0, SECOND),
            "m" | "min" => (0, MINUTE),
            "h" => (0, HOUR),
            "d" => (1, 0),
            "w" => (7, 0),
            _ => return None,
        };
        let days = i32::try_from(number.checked_mul(day)?).ok()?;
        Some(Self {
            days: self.days.checked_add(days)?,
            exact_ms: self.exact_ms.checked_add(number.checked_mul(exact)?)?,
        })
    }
}

impl fmt::Display for Span {
    /// The way it is written in a playbook: `14d`, `13d 23h`, `1m 30s`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.days != 0 {
            parts.push(format!("{}d", self.days));
        }
        let mut rest = self.exact_ms;
        for (unit, name) in [(HOUR, "h"), (MINUTE, "m"), (SECOND, "s"), (1, "ms")] {
            let count = rest / unit;
            rest %= unit;
            if count != 0 {
                parts.push(format!("{count}{name}"));
            }
        }
        if parts.is_empty() {
            parts.push("0s".to_owned());
        }
        f.write_str(&parts.join(" "))
    }
}

/// The local date and time of an instant; instants outside the calendar are cut to it.
pub fn zoned(at: Millis, zone: &TimeZone) -> Zoned {
    let low = Timestamp::MIN.as_millisecond();
    let high = Timestamp::MAX.as_millisecond();
    let stamp = Timestamp::from_millisecond(at.clamp(low, high)).unwrap_or(Timestamp::UNIX_EPOCH);
    stamp.to_zoned(zone.clone())
}

/// The local calendar day of an instant, counted from 1970-01-01, where days begin `day_starts_ms`
/// after midnight.
pub fn local_day(at: Millis, zone: &TimeZone, day_starts_ms: Millis) -> i32 {
    let date = zoned(at.saturating_sub(day_starts_ms), zone).date();
    date.since(jiff::civil::date(1970, 1, 1))
        .map_or(0, |span| span.get_days())
}

/// The bundled zone of that IANA name. Only the bundled database is asked, so that two machines
/// agree whatever their systems hold.
pub fn zone(name: &str) -> Option<TimeZone> {
    if name == "UTC" {
        return Some(TimeZone::UTC);
    }
    jiff::tz::TimeZoneDatabase::bundled().get(name).ok()
}

fn add_days(from: Millis, days: i32, zone: &TimeZone) -> Millis {
    let span = jiff::Span::new().try_days(days);
    span.and_then(|span| zoned(from, zone).checked_add(span))
        .map_or(if days > 0 { Millis::MAX } else { Millis::MIN }, |moved| {
            moved.timestamp().as_millisecond()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_back_as_they_print() {
        for text in [
            "30s", "10m", "2h", "14d", "13d 23h", "1m 30s", "0s", "250ms",
        ] {
            assert_eq!(
                Span::parse(text).map(|span| span.to_string()).as_deref(),
                Some(text)
            );
        }
        assert_eq!(Span::parse("2w"), Some(Span::days(14)));
        for wrong in ["", "d", "14", "14 d", "3y", "-1d", "99999999999d", "1d 2"] {
            assert_eq!(Span::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_are_calendar_days_and_hours_are_exact() {
        let paris = zone("Europe/Paris").unwrap();
        let eve: Millis = "2026-03-28T09:00:00Z"
            .parse::<Timestamp>()
            .unwrap()
            .as_millisecond();
        assert_eq!(Span::days(1).after(eve, &paris) - eve, 23 * HOUR);
        assert_eq!(Span::exact(24 * HOUR).after(eve, &paris) - eve, 24 * HOUR);
        assert_eq!(Span::days(i32::MAX).after(eve, &paris), Millis::MAX);
    }

    #[test]
    fn a_day_may_start_in_the_small_hours() {
        let shanghai = zone("Asia/Shanghai").unwrap();
        let late: Millis = "2026-03-28T19:30:00Z"
            .parse::<Timestamp>()
            .unwrap()
            .as_millisecond();
        let next = local_day(late, &shanghai, 0);
        assert_eq!(
            local_day(late, &shanghai, 4 * HOUR),
            next - 1,
            "03:30 belongs to the day before"
        );
    }
}
