//! Rules: every key beside the steps.

use super::context::Lowering;
use super::scope::{about, default_per, event, is_event, only_schedules};
use super::steps::lower_block;
use crate::model::{Span, Text, limits, time};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{files, names};
use crate::playbook::rule::{
    Backlog, Cooldown, Missed, MissedRun, Mode, Per, Rule, State, Throttling, Trigger,
};
use crate::playbook::shape::{Field, Fields};
use crate::playbook::source::Spot;
use crate::script::Type;
use std::collections::BTreeMap;
use std::ops::Range;

/// A rule, and what its playbook decides about it afterwards.
pub(super) struct Lowered {
    pub(super) rule: Rule,
    /// As the rule itself says.
    pub(super) state: Option<State>,
    /// Which of the steps that were met are its own.
    pub(super) met: Range<usize>,
    /// Of its id.
    pub(super) spot: Spot,
}

/// `latest` within an hour.
const MISSED: Missed = Missed {
    run: MissedRun::Latest,
    within: Span::exact(time::HOUR),
};

impl Lowering<'_> {
    /// The rules in order.
    pub(super) fn rules(&mut self, root: Fields<'_>) -> Vec<Lowered> {
        let why = "a playbook says in `rules` what it does";
        let Some(field) = self.report.need(root, "rules", why) else {
            return Vec::new();
        };
        let items = self.report.list(field, "a list of rules");
        let mut ids: BTreeMap<Text, Spot> = BTreeMap::new();
        let mut rules = Vec::new();
        for item in items.unwrap_or_default() {
            let item = Field::item(item);
            let Some(map) = self.report.map(item, "a rule: `rule:`, `when:`, `do:`") else {
                continue;
            };
            let Some(lowered) = self.rule(map) else {
                continue;
            };
            if let Some(first) = ids.get(&lowered.rule.id) {
                let message = format!("two rules have the id `{}`", lowered.rule.id);
                self.report.push(
                    Diagnostic::error(Code::DuplicateId, lowered.spot, message)
                        .label("again here")
                        .other(*first, "first here"),
                );
                continue;
            }
            ids.insert(lowered.rule.id.clone(), lowered.spot);
            rules.push(lowered);
        }
        rules
    }

    fn rule(&mut self, map: Fields<'_>) -> Option<Lowered> {
        let known = names(files::RULE);
        self.report.known(map, &known, files::LATER_RULE_KEYS);
        let id = self.report.need(map, "rule", "");
        let spot = id.map_or(map.spot, |field| field.spot());
        let id = id.and_then(|field| self.report.id(field));
        let head = self.head(map, "when");
        let (body, script) = self.body(map);
        let lowered = self.rule_with(map, head, body, script);
        let id = id?;
        Some(Lowered {
            rule: Rule {
                name: self.full_name(&id),
                id,
                line: self.line_at(map.spot.start),
                ..lowered.rule
            },
            spot,
            ..lowered
        })
    }

    /// `playbook/rule`.
    pub(super) fn full_name(&self, id: &str) -> Text {
        format!("{}/{id}", self.instance.id).into()
    }

    /// What starts the rule and whose run it is; the names in scope are set by it.
    pub(super) fn head(&mut self, map: Fields<'_>, when: &str) -> Head {
        let start = self.met.len();
        let triggers = self.report.need(map, when, "something must start it");
        if let Some(field) = triggers
            && field.node.items().is_some_and(<[_]>::is_empty)
        {
            let message = "nothing starts this rule";
            let problem = Diagnostic::error(Code::EmptyValue, field.spot(), message);
            self.report.push(problem.label("an empty list"));
        }
        let triggers = triggers.map(|field| self.when(&field));
        let triggers = triggers.unwrap_or_default();
        let per = map.get("per");
        let community = per.is_some_and(|field| field.as_text() == Some("community"));
        let whole = community && only_schedules(&triggers);
        let data = self.names.clone();
        self.names = self.names_of(&about(&triggers), &triggers, whole);
        self.names.data_of(&data);
        let per = per.and_then(|field| self.per(&field));
        Head {
            per: per.unwrap_or_else(|| default_per(&triggers)),
            triggers,
            start,
        }
    }

    /// `do`: steps, or a script that decides the whole rule.
    fn body(&mut self, map: Fields<'_>) -> (u32, Option<Text>) {
        let events = map
            .get("cooldown")
            .is_some_and(|field| field.node.get("collect").is_some());
        let Some(steps) = self.report.need(map, "do", "a rule has steps") else {
            return (0, None);
        };
        if let Some(call) = steps.as_text().filter(|text| text.contains("::")) {
            let module = self.decider(&steps, call);
            let body = module.as_ref().map_or(0, |module| self.decision(module));
            return (body, module);
        }
        let number = self.scoped(|inside| {
            if events {
                inside.add_name("events", Type::list(Type::Any));
            }
            lower_block(inside, &steps, "do")
        });
        (number, None)
    }

    /// `module::decide`.
    fn decider(&mut self, field: &Field<'_>, call: &str) -> Option<Text> {
        let (module, function) = call.split_once("::")?;
        let known = self.modules.get(module);
        let decides = known.is_some_and(|functions| {
            functions
                .iter()
                .any(|(name, count)| **name == *function && *count == 1)
        });
        if decides && function == "decide" {
            return Some(module.into());
        }
        let message = match known {
            None => format!("unknown script `{module}`"),
            Some(_) => format!("`{call}` cannot stand for a whole rule"),
        };
        let problem = Diagnostic::error(Code::UnknownScript, field.spot(), message);
        self.report.push(match known {
            None => problem.label("not listed under `scripts`"),
            Some(_) => problem.label("a script decides in `fn decide(ctx)`"),
        });
        None
    }

    /// The rule without its id and line.
    pub(super) fn rule_with(
        &mut self,
        map: Fields<'_>,
        head: Head,
        body: u32,
        script: Option<Text>,
    ) -> Lowered {
        let Head {
            triggers,
            per,
            start,
        } = head;
        let mode = map.get("mode");
        let mode = mode.and_then(|field| self.report.choice(field, files::MODES));
        let mode = match mode {
            Some("single") => Mode::Single,
            Some("restart") => Mode::Restart,
            Some("queued") => Mode::Queued,
            Some("parallel") => Mode::Parallel,
            Some(_) | None if triggers.iter().any(is_event) => Mode::Parallel,
            Some(_) | None => Mode::Single,
        };
        let most = map.get("max").and_then(|field| {
            let field = self.resolved(field)?;
            self.report.number(field, 1, 100_000)
        });
        let state = map.get("state").and_then(|field| self.state(field));
        let late = map.get("late");
        let late = late.and_then(|field| self.report.choice(field, &["run", "skip"]));
        let rule = Rule {
            id: Text::default(),
            name: Text::default(),
            title: map.get("title").and_then(|field| self.template(&field)),
            line: 0,
            state: State::Live,
            condition: map
                .get("if")
                .map(|field| self.condition(&field))
                .unwrap_or_default(),
            per,
            mode,
            max: most
                .and_then(|most| u32::try_from(most).ok())
                .unwrap_or(limits::RUNS_PER_KEY_MAX as u32),
            cooldown: map.get("cooldown").and_then(|field| self.cooldown(field)),
            missed: self.missed(map, &triggers),
            backlog: self.backlog(map, &triggers),
            stop_when: map
                .get("stop_when")
                .map(|field| self.triggers(&field))
                .unwrap_or_default(),
            once: map.get("once").and_then(|field| self.template(&field)),
            runs_late: late == Some("run"),
            body,
            script,
            triggers,
        };
        Lowered {
            rule,
            state,
            met: start..self.met.len(),
            spot: map.spot,
        }
    }

    /// `state`.
    pub(super) fn state(&mut self, field: Field<'_>) -> Option<State> {
        let field = self.resolved(field)?;
        Some(match self.report.choice(field, files::STATES)? {
            "shadow" => State::Shadow,
            "paused" => State::Paused,
            _ => State::Live,
        })
    }

    fn per(&mut self, field: &Field<'_>) -> Option<Per> {
        Some(
            match self.report.text(
                *field,
                "`member`, `group`, `community`, `event` or an expression",
            )? {
                "member" => {
                    // Told where the rule is about nobody.
                    self.expr(field, &Type::Member)?;
                    Per::Member
                }
                "group" => Per::Group,
                "community" => Per::Community,
                "event" => Per::Event,
                _ => Per::Key(self.expr(field, &Type::Any)?),
            },
        )
    }

    fn cooldown(&mut self, field: Field<'_>) -> Option<Cooldown> {
        if field.as_text().is_some() {
            let kind = self.span(&field).map(Throttling::Every)?;
            return Some(Cooldown { kind, per: None });
        }
        let map = self.report.map(
            field,
            "a duration, or a map such as `{ every: 10m, per: group }`",
        )?;
        self.report.known(map, &names(files::COOLDOWN), &[]);
        let per = map.get("per").and_then(|field| self.per(&field));
        let kinds = ["every", "collect", "at_least"];
        let there: Vec<Field<'_>> = kinds.iter().filter_map(|key| map.get(key)).collect();
        if let [first, second, ..] = there.as_slice() {
            let spot = |field: &Field<'_>| field.key.map_or(field.spot(), |key| key.spot);
            let message = format!(
                "{} and {} cannot stand together",
                first.name(),
                second.name()
            );
            self.report.push(
                Diagnostic::error(Code::KeysTogether, spot(second), message)
                    .other(spot(first), "this says it already"),
            );
            return None;
        }
        let kind = if let Some(field) = map.get("every") {
            Throttling::Every(self.span(&field)?)
        } else if let Some(field) = map.get("collect") {
            Throttling::Collect(self.span(&field)?)
        } else if let Some(field) = map.get("at_least") {
            let field = self.resolved(field)?;
            let count = self.report.number(field, 1, u32::MAX.into());
            let within = self.report.need(map, "within", "so often in which time?");
            let within = within.and_then(|field| self.span(&field));
            Throttling::AtLeast(u32::try_from(count?).ok()?, within?)
        } else {
            self.report.need(map, "every", "how often at most?");
            return None;
        };
        Some(Cooldown { kind, per })
    }

    fn missed(&mut self, map: Fields<'_>, triggers: &[Trigger]) -> Missed {
        let Some(field) = map.get("missed") else {
            return MISSED;
        };
        self.goes_with(field, triggers, "schedule");
        let word = field.as_text().is_some();
        let fields = if word {
            None
        } else {
            self.report
                .map(field, "a map such as `{ run: latest, within: 2h }`")
        };
        if let Some(map) = fields {
            self.report.known(map, &names(files::MISSED), &[]);
        }
        let run = if word {
            Some(field)
        } else {
            fields.and_then(|map| map.get("run"))
        };
        let run = run.and_then(|field| self.report.choice(field, &["latest", "none", "all"]));
        let within = fields.and_then(|map| map.get("within"));
        let within = within.and_then(|field| self.span(&field));
        Missed {
            run: match run {
                Some("none") => MissedRun::None,
                Some("all") => MissedRun::All,
                Some(_) | None => MissedRun::Latest,
            },
            within: within.unwrap_or(MISSED.within),
        }
    }

    fn backlog(&mut self, map: Fields<'_>, triggers: &[Trigger]) -> Backlog {
        let Some(field) = map.get("backlog") else {
            return Backlog::Skip;
        };
        self.goes_with(field, triggers, "inactivity");
        if field.as_text().is_some() {
            return match self.report.choice(field, &["skip", "now"]) {
                Some("now") => Backlog::Now,
                Some(_) | None => Backlog::Skip,
            };
        }
        let map = self.report.map(field, "`skip`, `now` or `{ spread: 3d }`");
        let Some(map) = map else {
            return Backlog::Skip;
        };
        self.report.known(map, &["spread"], &[]);
        let spread = self.report.need(map, "spread", "");
        let spread = spread.and_then(|field| self.span(&field));
        spread.map_or(Backlog::Skip, Backlog::Spread)
    }

    /// A key that only one trigger makes sense of.
    fn goes_with(&mut self, field: Field<'_>, triggers: &[Trigger], word: &str) {
        let there = triggers
            .iter()
            .any(|trigger| super::scope::word(trigger) == word);
        if there || triggers.is_empty() {
            return;
        }
        let spot = field.key.map_or(field.spot(), |key| key.spot);
        let message = format!("{} goes with `{word}` only", field.name());
        self.report.push(
            Diagnostic::error(Code::KeysTogether, spot, message)
                .label(format!("nothing here is started by `{word}`")),
        );
    }

    /// The steps that `call` names. They see what any rule of the file is started by.
    pub(super) fn flow_names(&mut self, rules: &[Lowered]) {
        let triggers: Vec<Trigger> = rules
            .iter()
            .flat_map(|lowered| lowered.rule.triggers.iter().cloned())
            .collect();
        let data = self.names.clone();
        self.names = self.names_of("a flow", &triggers, false);
        if !triggers.is_empty() {
            let fields = event(&triggers);
            self.names.insert(
                "event",
                crate::script::Entry::Root(crate::script::Root::Event, fields),
            );
        }
        if self.names.get("member").is_some() {
            self.names
                .insert("member", crate::script::Entry::Value(Type::Member));
        }
        self.names.data_of(&data);
    }
}

/// What was read before the steps.
pub(super) struct Head {
    pub(super) triggers: Vec<Trigger>,
    pub(super) per: Per,
    start: usize,
}
