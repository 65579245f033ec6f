//! Small things written as text: rates, times of day, sizes, ids, zones. The plain readers answer
//! `None`; the methods of [`Report`] say what is wrong.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::shape::{Field, Report};
use super::suggest::suggest;
use crate::model::{Millis, Span, Text, time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::fmt;

/// Characters of an id.
pub const ID_CHARS_MAX: usize = 64;

/// So many in so long: `20 per 1d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub count: u32,
    pub per: Span,
}

impl Rate {
    /// Reads `20 per 1d`; the count is at least 1 and the span has a length.
    pub fn parse(text: &str) -> Option<Self> {
        let (count, per) = text.split_once(" per ")?;
        let rate = Self {
            count: count.trim().parse().ok()?,
            per: Span::parse(per)?,
        };
        (rate.count > 0 && !rate.per.is_zero()).then_some(rate)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per {}", self.count, self.per)
    }
}

/// True for `^[a-z0-9][a-z0-9_-]{0,63}$`.
pub fn is_id(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= ID_CHARS_MAX
        && text.bytes().next().is_some_and(word)
        && text
            .bytes()
            .all(|byte| word(byte) || matches!(byte, b'_' | b'-'))
}

/// The nearest id to a text, where enough of it is left: `Morning Post!` → `morning-post`.
pub fn to_id(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let id = words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    is_id(&id).then_some(id)
}

/// Milliseconds from midnight of `08:30`: two digits each, 00:00 to 23:59.
pub fn time_of_day(text: &str) -> Option<Millis> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |digits: &str, max: Millis| -> Option<Millis> {
        let whole = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().filter(|number| *number <= max)?;
        whole.then_some(number)
    };
    Some(two(hours, 23)? * time::HOUR + two(minutes, 59)? * time::MINUTE)
}

/// Bytes of `10GiB`, `512MiB`, `64KiB`; a number alone is bytes.
pub fn size(text: &str) -> Option<u64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// `true yes on` and `false no off`.
pub fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

impl Report<'_> {
    /// A text that is an id.
    pub fn id(&mut self, field: Field<'_>) -> Option<Text> {
        let text = self.text(field, "an id")?;
        if is_id(text) {
            return Some(text.into());
        }
        self.not_an_id(field.spot(), text);
        None
    }

    /// Says that a text cannot be an id.
    pub fn not_an_id(&mut self, spot: super::source::Spot, text: &str) {
        let problem = Diagnostic::error(Code::NotAnId, spot, format!("`{text}` cannot be an id"))
            .label("small letters, digits, `-` and `_`, at most 64");
        self.push(match to_id(text) {
            Some(id) => problem.fix(format!("write `{id}`"), spot, id),
            None => problem,
        });
    }

    /// A span of time that has a length.
    pub fn duration(&mut self, field: Field<'_>) -> Option<Span> {
        let text = self.text(field, "a duration such as `30s` or `14d`")?;
        let span = Span::parse(text).filter(|span| !span.is_zero());
        if span.is_none() {
            let message = format!("`{text}` is not a duration");
            let problem = Diagnostic::error(Code::BadDuration, field.spot(), message)
                .label("a number and `s`, `m`, `h`, `d` or `w`, such as `30s` or `14d`");
            self.push(match nearest_duration(text) {
                Some(better) => problem.fix(format!("write `{better}`"), field.spot(), better),
                None => problem,
            });
        }
        span
    }

    /// A rate.
    pub fn rate(&mut self, field: Field<'_>) -> Option<Rate> {
        let text = self.text(field, "a rate such as `20 per 1d`")?;
        let rate = Rate::parse(text);
        if rate.is_none() {
            let message = format!("`{text}` is not a rate");
            let problem = Diagnostic::error(Code::BadRate, field.spot(), message)
                .label("so many per so long, such as `20 per 1d`");
            self.push(match nearest_rate(text) {
                Some(better) => problem.fix(format!("write `{better}`"), field.spot(), better),
                None => problem,
            });
        }
        rate
    }

    /// A time of day, in milliseconds from midnight.
    pub fn time_of_day(&mut self, field: Field<'_>) -> Option<Millis> {
        let text = self.text(field, "a time of day such as `08:30`")?;
        let found = time_of_day(text);
        if found.is_none() {
            let message = format!("`{text}` is not a time of day");
            let problem = Diagnostic::error(Code::BadTimeOfDay, field.spot(), message)
                .label("two digits each, from 00:00 to 23:59");
            let better = text.replace(['.', '：', 'h'], ":");
            let better = if better.find(':') == Some(1) {
                format!("0{better}")
            } else {
                better
            };
            self.push(if time_of_day(&better).is_some() {
                let quoted = format!("\"{better}\"");
                problem.fix(format!("write `{better}`"), field.spot(), quoted)
            } else {
                problem
            });
        }
        found
    }

    /// A time zone by its IANA name.
    pub fn zone(&mut self, field: Field<'_>) -> Option<(Text, TimeZone)> {
        let name = self.text(field, "a time zone such as `Asia/Shanghai`")?;
        if let Some(zone) = time::zone(name) {
            return Some((name.into(), zone));
        }
        let names: Vec<String> = TimeZoneDatabase::bundled()
            .available()
            .map(|zone| zone.to_string())
            .collect();
        let near = suggest_zone(name, &names);
        let message = format!("unknown time zone `{name}`");
        let problem = Diagnostic::error(Code::UnknownZone, field.spot(), message)
            .label("not in the time zone list");
        self.push(problem.did_you_mean(near));
        None
    }

    /// One of a few words.
    pub fn choice<'c>(&mut self, field: Field<'_>, words: &[&'c str]) -> Option<&'c str> {
        let wanted = format!("one of {}", words.join(", "));
        let text = self.text(field, &wanted)?;
        let found = words.iter().copied().find(|word| *word == text);
        if found.is_none() {
            let message = format!("{} cannot be `{text}`", field.name());
            let problem = Diagnostic::error(Code::BadChoice, field.spot(), message)
                .label(format!("takes {wanted}"));
            self.push(problem.did_you_mean(suggest(text, words.iter().copied())));
        }
        found
    }

    /// Yes or no.
    pub fn yes_or_no(&mut self, field: Field<'_>) -> Option<bool> {
        let text = self.text(field, "yes or no")?;
        let found = yes_or_no(text);
        if found.is_none() {
            let message = format!("{} takes yes or no", field.name());
            self.push(Diagnostic::error(Code::WrongType, field.spot(), message));
        }
        found
    }

    /// A whole number from `min` to `max`.
    pub fn number(&mut self, field: Field<'_>, min: i64, max: i64) -> Option<i64> {
        let text = self.text(field, "a number")?;
        let name = field.name();
        let (code, message) = match text.parse::<i64>() {
            Ok(number) if (min..=max).contains(&number) => return Some(number),
            Ok(_) => (Code::OutOfRange, format!("{name} is out of range")),
            Err(_) => (Code::WrongType, format!("{name} takes a number")),
        };
        let range = if max == i64::MAX {
            format!("a whole number, at least {min}")
        } else {
            format!("a whole number from {min} to {max}")
        };
        self.push(Diagnostic::error(code, field.spot(), message).label(range));
        None
    }
}

/// A zone of the same city counts as near: `Shanghai`, `China/Shanghai`.
fn suggest_zone<'z>(name: &str, names: &'z [String]) -> Option<&'z str> {
    let all = || names.iter().map(String::as_str);
    suggest(name, all()).or_else(|| {
        let city = name.rsplit('/').next().unwrap_or(name).replace(' ', "_");
        all().find(|zone| {
            let own = zone.rsplit('/').next().unwrap_or(zone);
            own.eq_ignore_ascii_case(&city)
        })
    })
}

/// `2 days` → `2d`, `14 d` → `14d`.
fn nearest_duration(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(end)?;
    let unit = match unit.trim().to_lowercase().trim_end_matches('s') {
        "" | "sec" | "second" | "秒" => "s",
        "m" | "min" | "minute" | "分钟" => "m",
        "h" | "hour" | "hr" | "小时" => "h",
        "d" | "day" | "天" | "日" => "d",
        "w" | "week" | "周" => "w",
        _ => return None,
    };
    // A number without any unit could be anything.
    let named = text.len() > end;
    let better = format!("{number}{unit}");
    Span::parse(&better).filter(|span| named && !span.is_zero())?;
    Some(better)
}

/// `20/day` → `20 per 1d`, `20 per day`, `20 per 1 day`.
fn nearest_rate(text: &str) -> Option<String> {
    let text = text.replace('/', " per ");
    let (count, per) = text.split_once(" per ")?;
    let (count, per) = (count.trim(), per.trim());
    let per = if per.starts_with(|c: char| c.is_ascii_digit()) {
        per.to_owned()
    } else {
        format!("1{per}")
    };
    let better = match Span::parse(&per) {
        Some(_) => format!("{count} per {per}"),
        None => format!("{count} per {}", nearest_duration(&per)?),
    };
    Rate::parse(&better).map(|_| better)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_counts_per_span() {
        assert_eq!(
            Rate::parse("20 per 1d")
                .map(|rate| rate.to_string())
                .as_deref(),
            Some("20 per 1d")
        );
        for wrong in [
            "",
            "20",
            "0 per 1d",
            "20 per 0s",
            "20/1d",
            "x per 1d",
            "-1 per 1d",
        ] {
            assert_eq!(Rate::parse(wrong), None, "{wrong}");
        }
        assert_eq!(nearest_rate("20/day").as_deref(), Some("20 per 1d"));
        assert_eq!(nearest_rate("20 per 2 hours").as_deref(), Some("20 per 2h"));
        assert_eq!(nearest_rate("lots"), None);
    }

    #[test]
    fn times_of_day_have_two_digits_each() {
        assert_eq!(
            time_of_day("08:30"),
            Some(8 * time::HOUR + 30 * time::MINUTE)
        );
        for wrong in [
            "8:30", "24:00", "08:60", "0830", "", "08:3a", "+8:30", "08:300",
        ] {
            assert_eq!(time_of_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(size("10GiB"), Some(10 << 30));
        assert_eq!(size("64 KiB"), Some(64 << 10));
        assert_eq!(size("12"), Some(12));
        for wrong in ["", "GiB", "10GB", "99999999999TiB", "1.5GiB"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ids_are_small_and_short() {
        assert!(is_id("a") && is_id("0-a_b") && is_id(&"a".repeat(64)));
        assert!(!is_id("") && !is_id("-a") && !is_id("A") && !is_id(&"a".repeat(65)));
        assert_eq!(to_id("Morning Post!").as_deref(), Some("morning-post"));
        assert_eq!(to_id("早安"), None);
    }

    #[test]
    fn durations_in_words_have_a_short_form() {
        assert_eq!(nearest_duration("2 days").as_deref(), Some("2d"));
        assert_eq!(nearest_duration("3 天").as_deref(), Some("3d"));
        assert_eq!(nearest_duration("30"), None);
        assert_eq!(nearest_duration("soon"), None);
    }
}
