//! A day in a community, acted out in process: playbooks are loaded as the daemon loads them, what
//! happens goes through the fold with the writer's order of things, a scripted platform answers, and
//! what it was asked to do is compared with what the test expects.
//!
//! Every day is also checked for what no test says: before each input the world is rebuilt from its
//! rows (a restart), and in the end all inputs are folded again from nothing (a replay).

mod fold;
mod inputs;
mod platform;

use expect_test::Expect;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use steward::engine::{Books, trace};
use steward::model::{
    ConnectorFacts, Directory, EffectId, GroupConfig, GroupNo, Input, Kind, Millis, Stamped, Text,
    World, time,
};
use steward::playbook::Rulebook;

pub(crate) use platform::Platform;

/// The connector of every group of a day.
const CHAT: &str = "chat";

/// One community, its rules, and a platform.
pub(crate) struct Day {
    directory: Directory,
    world: World,
    books: Books,
    /// Everything that was folded, for the replay.
    log: Vec<Stamped>,
    now: Millis,
    zone: TimeZone,
    pub(crate) platform: Platform,
    /// Effects in the order in which they were decided.
    outbox: Vec<EffectId>,
    transcript: Vec<String>,
    trace: Vec<trace::Line>,
    events: u64,
    scripts: BTreeMap<Text, Text>,
}

impl Day {
    /// Monday, 2 March 2026, 09:00 in Shanghai, in a sandbox with the groups of the built-in
    /// configuration.
    pub(crate) fn new() -> Self {
        Self::on(Kind::Sandbox)
    }

    /// The same on another platform.
    pub(crate) fn on(kind: Kind) -> Self {
        Self::in_zone(kind, "Asia/Shanghai", "2026-03-02T09:00")
    }

    /// A day that begins at that local time in that zone.
    pub(crate) fn in_zone(kind: Kind, zone: &str, starts: &str) -> Self {
        let groups = [
            ("club", vec!["book-club"]),
            ("lobby", vec![]),
            ("checkin", vec![]),
            ("announcements", vec![]),
            ("moderators", vec![]),
        ];
        let groups = groups.map(|(id, tags)| GroupConfig {
            id: id.into(),
            connector: CHAT.into(),
            external: id.into(),
            tags: tags.into_iter().map(Text::from).collect(),
            ..GroupConfig::default()
        });
        let facts = ConnectorFacts {
            kind,
            hold_unknown: true,
        };
        let directory = Directory {
            name: "读书会".into(),
            salt: 7,
            timezone: zone.into(),
            staff: Some("moderators".into()),
            groups: groups.into(),
            adopt: vec![format!("{CHAT}/*").into()],
            connectors: BTreeMap::from([(CHAT.into(), facts)]),
        };
        let tz = time::zone(zone).unwrap();
        let mut day = Self {
            directory,
            world: World::new("readers".into(), 0),
            books: Books::new(),
            log: Vec::new(),
            now: local(starts, &tz),
            zone: tz,
            platform: Platform::default(),
            outbox: Vec::new(),
            transcript: Vec::new(),
            trace: Vec::new(),
            events: 0,
            scripts: BTreeMap::new(),
        };
        day.configure(|_| {});
        day
    }

    /// A sandbox day with one playbook `demo` for the group `club`; `text` is what follows its head.
    pub(crate) fn with(text: &str) -> Self {
        let mut day = Self::new();
        day.demo(text);
        day
    }

    /// The same on another platform, live.
    pub(crate) fn with_on(kind: Kind, text: &str) -> Self {
        let mut day = Self::on(kind);
        day.demo(text);
        day
    }

    /// Loads the playbook `demo`.
    pub(crate) fn demo(&mut self, text: &str) {
        self.load(&[("playbooks/demo.yaml", &demo(text))]);
    }

    /// Loads shipped playbooks, with the shipped scripts.
    pub(crate) fn shipped(names: &[&str]) -> Self {
        let mut day = Self::new();
        day.ship(names);
        day
    }

    /// The same, into this day; on a platform that is not the sandbox, live.
    pub(crate) fn ship(&mut self, names: &[&str]) {
        self.ship_with(names, &[]);
    }

    /// Shipped playbooks beside files of the test's own.
    pub(crate) fn ship_with(&mut self, names: &[&str], own: &[(&str, &str)]) {
        let root = env!("CARGO_MANIFEST_DIR");
        let read = |path: String| std::fs::read_to_string(path).unwrap();
        self.script("checkin", &read(format!("{root}/scripts/checkin.rhai")));
        let texts: Vec<(String, String)> = names
            .iter()
            .map(|name| {
                let path = format!("playbooks/{name}.yaml");
                let text = read(format!("{root}/{path}"));
                (path, format!("{text}\nstate: live\n"))
            })
            .collect();
        let files: Vec<(&str, &str)> = texts
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .chain(own.iter().copied())
            .collect();
        self.load(&files);
    }

    /// What the platform was asked to do since the last time, exactly.
    #[track_caller]
    pub(crate) fn expect(&mut self, expected: Expect) {
        let mut lines = std::mem::take(&mut self.transcript).join("\n");
        if !lines.is_empty() {
            lines.push('\n');
        }
        expected.assert_eq(&lines);
    }

    /// Nothing was asked for since the last time.
    #[track_caller]
    pub(crate) fn silence(&mut self) {
        let lines = std::mem::take(&mut self.transcript);
        assert!(lines.is_empty(), "expected nothing, got {lines:#?}");
    }

    /// Forgets what was asked for so far: it was another test's matter.
    pub(crate) fn skip(&mut self) {
        self.transcript.clear();
    }

    /// What the fold told about rules since the last time: what was skipped, failed or ended.
    #[track_caller]
    pub(crate) fn why(&mut self, expected: Expect) {
        let lines = std::mem::take(&mut self.trace);
        let told: Vec<String> = lines.iter().filter_map(told).collect();
        let mut text = told.join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        expected.assert_eq(&text);
    }

    /// The lines since the last time as one, for days that note them beside something else.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.transcript).join("; ")
    }

    /// A line of the test's own in the transcript.
    pub(crate) fn note(&mut self, line: &str) {
        self.transcript.push(line.to_owned());
    }

    /// How many effects were ever delivered under an id of their own.
    pub(crate) fn distinct_effects(&self) -> usize {
        let receipts = self.log.iter().filter_map(|stamped| match &stamped.input {
            Input::Receipt(receipt) => Some(receipt.effect),
            _ => None,
        });
        receipts.collect::<BTreeSet<_>>().len()
    }

    /// The present rules.
    pub(crate) fn rulebook(&self) -> &Rulebook {
        &self.books.get(&self.world.head.rulebook).unwrap().book
    }

    /// The world, to look at.
    pub(crate) const fn world(&self) -> &World {
        &self.world
    }

    /// The number of a group.
    pub(crate) fn group(&self, id: &str) -> GroupNo {
        self.world.group_by_id(id).unwrap()
    }

    /// A member's points.
    pub(crate) fn points(&self, who: &str) -> i64 {
        let member = self.world.member_at(CHAT, who).unwrap();
        self.world.ledger.balance(member)
    }

    /// A member's labels.
    pub(crate) fn labels(&self, who: &str) -> Vec<String> {
        let member = self.world.member_at(CHAT, who).unwrap();
        let labels = &self.world.member(member).unwrap().labels;
        labels.iter().map(|label| label.name.to_string()).collect()
    }
}

impl Drop for Day {
    /// Whatever a test was about: nothing was done that it did not expect, and a restart and a
    /// replay come to the same world.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.silence();
        self.restart();
        self.replay();
    }
}

/// A playbook `demo` for the group `club`, live; `text` may be indented as the test is.
pub(crate) fn demo(text: &str) -> String {
    let body = dedent(text);
    let has = |key: &str| body.lines().any(|line| line.starts_with(key));
    let groups = if has("groups:") {
        ""
    } else {
        "groups: [club]\n"
    };
    let state = if has("state:") { "" } else { "state: live\n" };
    let rules = if has("rules:") { "" } else { "rules:\n" };
    format!("steward: 1\nplaybook: demo\n{groups}{state}{rules}{body}")
}

/// The text without the indentation of its first line.
pub(crate) fn dedent(text: &str) -> String {
    let text = text.trim_start_matches('\n').trim_end();
    let indent = text.len() - text.trim_start_matches(' ').len();
    let lines = text
        .lines()
        .map(|line| line.get(indent..).unwrap_or_default());
    let mut dedented = lines.collect::<Vec<_>>().join("\n");
    dedented.push('\n');
    dedented
}

/// The instant of a local time such as `2026-03-02T09:00`.
fn local(text: &str, zone: &TimeZone) -> Millis {
    let civil: jiff::civil::DateTime = text.parse().unwrap();
    let zoned = civil.to_zoned(zone.clone()).unwrap();
    zoned.timestamp().as_millisecond()
}

/// A trace line in short; steps that simply happened are not told.
fn told(line: &trace::Line) -> Option<String> {
    let rule = &line.rule;
    match &line.what {
        trace::What::Started | trace::What::Step { .. } => None,
        trace::What::Skipped(skip) => Some(format!("{rule} skipped: {}", skip.reason())),
        trace::What::Shadowed { path, verb, text } => {
            Some(format!("{rule} {path} would {verb}: {text}"))
        }
        trace::What::StepFailed { path, failure } => Some(format!(
            "{rule} {path} failed: {} ({})",
            failure.word, failure.reason
        )),
        trace::What::Ended(end) => Some(format!("{rule} ended: {end:?}")),
        trace::What::Note(note) => Some(format!("{rule} note: {note}")),
    }
}
