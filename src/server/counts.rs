//! What happened at the doors, as counters for `/metrics`. Labels are bounded: names of connectors
//! that exist, and words of ours.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

/// The counters there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Count {
    /// Payloads, by connector and what became of them.
    Payloads,
    /// Requests that the admin API refused, by reason.
    AdminRefusals,
}

impl Count {
    const fn name(self) -> &'static str {
        match self {
            Self::Payloads => "steward_payloads_total",
            Self::AdminRefusals => "steward_admin_refusals_total",
        }
    }

    const fn about(self) -> &'static str {
        match self {
            Self::Payloads => "Payloads received, by connector and outcome.",
            Self::AdminRefusals => "Requests that the admin API refused, by reason.",
        }
    }
}

/// Counters by their labels.
type Counters = BTreeMap<(Count, Labels), u64>;
/// The connector, and the outcome or reason; empty ones are not shown.
type Labels = (String, &'static str);

/// All counters of the doors.
#[derive(Debug, Default)]
pub(super) struct Counts(Mutex<Counters>);

impl Counts {
    /// Adds to a counter. `connector` must be the name of one that exists, or empty.
    pub(super) fn add(&self, count: Count, connector: &str, word: &'static str, by: usize) {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = counters
            .entry((count, (connector.to_owned(), word)))
            .or_default();
        *counter = counter.saturating_add(by as u64);
    }

    /// Appends the counters in Prometheus' text form.
    pub(super) fn write(&self, text: &mut Exposition) {
        let counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut last = None;
        for ((count, (connector, word)), value) in counters.iter() {
            if last.replace(*count) != Some(*count) {
                text.family(count.name(), "counter", count.about());
            }
            let outcome = match count {
                Count::AdminRefusals => "reason",
                Count::Payloads => "outcome",
            };
            let labels = [("connector", connector.as_str()), (outcome, *word)];
            text.sample(count.name(), &labels, *value);
        }
    }
}

/// Metrics in Prometheus' text form, version 0.0.4.
#[derive(Debug, Default)]
pub(super) struct Exposition(pub(super) String);

impl Exposition {
    /// Begins a family of samples.
    pub(super) fn family(&mut self, name: &str, kind: &str, about: &str) {
        self.line(format_args!(
            "# HELP {name} {about}\n# TYPE {name} {kind}\n"
        ));
    }

    /// One sample; labels without a value are left out.
    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        let shown: Vec<String> = labels
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
            .collect();
        if shown.is_empty() {
            self.line(format_args!("{name} {value}\n"));
        } else {
            self.line(format_args!("{name}{{{}}} {value}\n", shown.join(",")));
        }
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        self.0.write_fmt(line).unwrap_or_default();
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_written_by_family_with_their_labels() {
        let counts = Counts::default();
        counts.add(Count::Payloads, "qq", "taken", 1);
        counts.add(Count::Payloads, "qq", "taken", 2);
        counts.add(Count::Payloads, "", "not_found", 1);
        counts.add(Count::AdminRefusals, "", "wrong_token", 1);
        let mut text = Exposition::default();
        counts.write(&mut text);
        assert_eq!(
            text.0,
            "# HELP steward_payloads_total Payloads received, by connector and outcome.\n\
             # TYPE steward_payloads_total counter\n\
             steward_payloads_total{outcome=\"not_found\"} 1\n\
             steward_payloads_total{connector=\"qq\",outcome=\"taken\"} 3\n\
             # HELP steward_admin_refusals_total Requests that the admin API refused, by reason.\n\
             # TYPE steward_admin_refusals_total counter\n\
             steward_admin_refusals_total{reason=\"wrong_token\"} 1\n"
        );
    }

    #[test]
    fn label_values_cannot_break_out() {
        let mut text = Exposition::default();
        text.sample("x", &[("a", "q\"\\\n")], 1);
        assert_eq!(text.0, "x{a=\"q\\\"\\\\\\n\"} 1\n");
    }
}
