//! `/metrics`: the daemon's numbers in Prometheus' text form.

use super::counts::Exposition;
use super::{Doors, Error, views};
use crate::model::{Stage, World};
use crate::runtime::{Histogram, Metrics, Number, PerConnector, Status};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// A family's name, kind and meaning, and where its number is.
type Family<Of> = (&'static str, &'static str, &'static str, fn(&Of) -> &Number);

/// The text form's own media type.
const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Answers also while the writer has ended: then without what only the worlds know.
pub(super) async fn show(State(doors): State<Arc<Doors>>) -> Result<Response, Error> {
    let mut text = Exposition::default();
    doors.counts.write(&mut text);
    of_shell(&mut text, &doors.handle.metrics());
    of_status(&mut text, &doors.handle.status());
    of_connectors(&mut text, &doors.handle.metrics());
    if let Ok(stages) = doors.handle.look(|view| stages(view.worlds)).await {
        text.family("steward_outbox_effects", "gauge", "Open effects, by stage.");
        for (stage, count) in stages {
            text.sample("steward_outbox_effects", &[("stage", stage)], count as u64);
        }
    }
    Ok(([(header::CONTENT_TYPE, KIND)], text.0).into_response())
}

fn stages(worlds: &views::Worlds) -> Vec<(&'static str, usize)> {
    let all = [Stage::Open, Stage::Sending, Stage::Parked, Stage::Frozen];
    let count = |stage: Stage| {
        let effects = worlds.values().flat_map(World::effects);
        effects.filter(|effect| effect.stage == stage).count()
    };
    all.map(|stage| (views::stage_word(stage), count(stage)))
        .into()
}

fn of_status(text: &mut Exposition, status: &Status) {
    let gauges: [(&str, &str, u64); 6] = [
        (
            "steward_ready",
            "1 while events are taken.",
            status.ready.into(),
        ),
        (
            "steward_sending_paused",
            "1 while nothing is sent because room is short.",
            status.sending_paused.into(),
        ),
        (
            "steward_communities",
            "Communities.",
            status.communities as u64,
        ),
        (
            "steward_members",
            "Members of all communities.",
            status.members as u64,
        ),
        ("steward_runs", "Live runs.", status.runs as u64),
        (
            "steward_rule_problems",
            "Why the rules on the disk are not those in force, counted.",
            status.rule_problems.len() as u64,
        ),
    ];
    for (name, about, value) in gauges {
        text.family(name, "gauge", about);
        text.sample(name, &[], value);
    }
}

/// The shell's numbers.
const OF_SHELL: [Family<Metrics>; 10] = [
    (
        "steward_queue_events",
        "gauge",
        "Events that wait for the writer.",
        |of| &of.queue_events,
    ),
    (
        "steward_queue_bytes",
        "gauge",
        "Bytes of the events that wait.",
        |of| &of.queue_bytes,
    ),
    (
        "steward_inputs_total",
        "counter",
        "Inputs journalled.",
        |of| &of.inputs,
    ),
    (
        "steward_groups_total",
        "counter",
        "Groups appended, each with one sync.",
        |of| &of.groups,
    ),
    (
        "steward_journal_full_total",
        "counter",
        "Appends that found no room.",
        |of| &of.journal_full,
    ),
    ("steward_outbox", "gauge", "Open effects.", |of| &of.outbox),
    (
        "steward_outbox_oldest_milliseconds",
        "gauge",
        "Age of the oldest open effect.",
        |of| &of.outbox_oldest_ms,
    ),
    (
        "steward_store_writes_total",
        "counter",
        "Writes to the store.",
        |of| &of.store_writes,
    ),
    (
        "steward_snapshots_total",
        "counter",
        "Snapshots left.",
        |of| &of.snapshots,
    ),
    (
        "steward_reloads_total",
        "counter",
        "Reloads that came into force.",
        |of| &of.reloads,
    ),
];

fn of_shell(text: &mut Exposition, metrics: &Metrics) {
    for (name, kind, about, field) in OF_SHELL {
        text.family(name, kind, about);
        text.sample(name, &[], field(metrics).get());
    }
    histogram(
        text,
        "steward_group_inputs",
        "Inputs of one group.",
        &metrics.group_inputs,
    );
    histogram(
        text,
        "steward_sync_microseconds",
        "Time of one sync.",
        &metrics.sync_us,
    );
    histogram(
        text,
        "steward_apply_microseconds",
        "Time of one fold.",
        &metrics.apply_us,
    );
}

fn histogram(text: &mut Exposition, name: &str, about: &str, histogram: &Histogram) {
    text.family(name, "histogram", about);
    let (buckets, count, sum) = histogram.cumulative();
    let bucket = format!("{name}_bucket");
    for (bound, so_far) in buckets {
        text.sample(&bucket, &[("le", &bound.to_string())], so_far);
    }
    text.sample(&bucket, &[("le", "+Inf")], count);
    text.sample(&format!("{name}_sum"), &[], sum);
    text.sample(&format!("{name}_count"), &[], count);
}

/// The numbers that each connector has.
const OF_CONNECTORS: [Family<PerConnector>; 14] = [
    (
        "steward_events_total",
        "counter",
        "Events taken in.",
        |of| &of.received,
    ),
    (
        "steward_events_repeated_total",
        "counter",
        "Events recognised as repeated.",
        |of| &of.duplicates,
    ),
    (
        "steward_events_ignored_total",
        "counter",
        "Events that mean nothing here.",
        |of| &of.ignored,
    ),
    (
        "steward_payloads_refused_total",
        "counter",
        "Payloads turned away.",
        |of| &of.turned_away,
    ),
    (
        "steward_events_refused_total",
        "counter",
        "Events refused for want of room.",
        |of| &of.refused,
    ),
    (
        "steward_attempts_total",
        "counter",
        "Attempts started.",
        |of| &of.attempts,
    ),
    (
        "steward_effects_sent_total",
        "counter",
        "Effects that came about.",
        |of| &of.sent,
    ),
    (
        "steward_effects_rejected_total",
        "counter",
        "Effects refused, or too late.",
        |of| &of.rejected,
    ),
    (
        "steward_attempts_deferred_total",
        "counter",
        "Attempts that are repeated.",
        |of| &of.deferred,
    ),
    (
        "steward_effects_parked_total",
        "counter",
        "Effects left to a person.",
        |of| &of.parked,
    ),
    (
        "steward_effects_waiting",
        "gauge",
        "Effects that wait.",
        |of| &of.waiting,
    ),
    (
        "steward_attempts_in_flight",
        "gauge",
        "Attempts on their way.",
        |of| &of.in_flight,
    ),
    (
        "steward_breaker_open",
        "gauge",
        "1 while the circuit breaker is open.",
        |of| &of.breaker_open,
    ),
    (
        "steward_connector_stopped",
        "gauge",
        "1 while it is stopped for good.",
        |of| &of.stopped,
    ),
];

fn of_connectors(text: &mut Exposition, metrics: &Metrics) {
    let connectors = metrics.connectors();
    for (name, kind, about, field) in OF_CONNECTORS {
        text.family(name, kind, about);
        for (connector, numbers) in &connectors {
            text.sample(name, &[("connector", connector)], field(numbers).get());
        }
    }
}
