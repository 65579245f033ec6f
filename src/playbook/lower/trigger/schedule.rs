//! `schedule`: times of day, cron patterns, elapsed time.

use super::Body;
use crate::model::{Millis, Text};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar;
use crate::playbook::lower::context::Lowering;
use crate::playbook::rule::Schedule;
use crate::playbook::shape::Field;
use croner::parser::{CronParser, Seconds, Year};

impl Lowering<'_> {
    pub(super) fn schedule(&mut self, body: Body<'_>) -> Option<Schedule> {
        self.exactly_one(body, &["at", "cron", "every"])?;
        if let (Some(days), None) = (body.get("days"), body.get("at")) {
            let spot = days.key.map_or(days.spot(), |key| key.spot);
            let message = "`days` goes with `at` only";
            self.report
                .push(Diagnostic::error(Code::KeysTogether, spot, message));
            return None;
        }
        if let Some(field) = body.get("every") {
            return self.span(&field).map(Schedule::Every);
        }
        if let Some(field) = body.get("cron") {
            return self.cron(field).map(Schedule::Cron);
        }
        let at_ms = self.times(body.get("at")?);
        let days = body.get("days").map(|field| self.days(field));
        (!at_ms.is_empty()).then_some(Schedule::Daily {
            at_ms,
            days: days.unwrap_or([true; 7]),
        })
    }

    fn times(&mut self, field: Field<'_>) -> Vec<Millis> {
        let fields = self
            .report
            .one_or_more(field, "a time of day such as `08:30`");
        let mut times: Vec<Millis> = fields
            .into_iter()
            .filter_map(|field| {
                let field = self.resolved(field)?;
                self.report.time_of_day(field)
            })
            .collect();
        times.sort_unstable();
        times.dedup();
        times
    }

    fn days(&mut self, field: Field<'_>) -> [bool; 7] {
        let mut days = [false; 7];
        for item in self.report.one_or_more(field, "a day or a list of days") {
            let Some(item) = self.resolved(item) else {
                continue;
            };
            let Some(word) = self.report.choice(item, grammar::DAYS) else {
                continue;
            };
            let range = match word {
                "weekdays" => 0..5,
                "weekends" => 5..7,
                "daily" => 0..7,
                name => {
                    let place = grammar::DAYS.iter().position(|day| *day == name);
                    let day = place.unwrap_or_default() % 7;
                    day..day + 1
                }
            };
            for day in days.get_mut(range).into_iter().flatten() {
                *day = true;
            }
        }
        days
    }

    fn cron(&mut self, field: Field<'_>) -> Option<Text> {
        let field = self.resolved(field)?;
        let text = self
            .report
            .text(field, "a cron pattern such as `30 8 * * MON-FRI`")?;
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        if parser.parse(text).is_ok() {
            return Some(text.into());
        }
        let fields = text.split_whitespace().count();
        let label = if fields == 5 {
            "one of its fields is out of range or misspelt".to_owned()
        } else {
            format!("this has {fields} fields, a pattern has five")
        };
        let message = format!("`{text}` is not a cron pattern");
        self.report.push(
            Diagnostic::error(Code::BadCron, field.spot(), message)
                .label(label)
                .because("minute, hour, day of month, month, day of week"),
        );
        None
    }
}
