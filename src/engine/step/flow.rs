//! Steps that steer: `let filter wait choose each call run signal webhook`.

use super::value_of;
use crate::engine::Fold;
use crate::engine::advance::{Done, Place, failure};
use crate::engine::effects::Wish;
use crate::engine::scope::Scene;
use crate::model::world::{Frame, Run, Turn, Waiting};
use crate::model::{Action, GroupNo, MemberNo, Millis, Record, Span, Text, Value, limits, time};
use crate::playbook::rule::{About, Act, Field, Late, Schedule, Step, WaitFor, WaitStep};
use jiff::tz::TimeZone;
use std::cmp::Ordering;

/// A signal on its way to the rules that wait for it.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Sent {
    pub name: Text,
    pub data: Value,
    pub member: Option<MemberNo>,
    pub group: Option<GroupNo>,
    /// Makes the runs it starts different from those of other signals.
    pub id: String,
}

impl Fold<'_> {
    pub(super) fn act_let(
        &mut self,
        run: &mut Run,
        place: &Place,
        step: &Step,
        names: &[(Text, Field)],
    ) -> Done {
        for (name, field) in names {
            let value = self.value(run, place, step, field);
            run.vars.insert(name.clone(), value);
        }
        Done::NEXT
    }

    pub(super) fn act_filter(&mut self, run: &Run, place: &Place, step: &Step) -> Done {
        let Act::Filter {
            name,
            list,
            filter,
            sort_by,
            descending,
            first,
        } = &step.act
        else {
            return Done::NEXT;
        };
        let found = self.see(run, place, step, |scene| {
            let mut items: Vec<(Value, Value)> = Vec::new();
            for item in list.eval(scene).into_items() {
                let inner = scene.inside(name, item.clone());
                if filter
                    .as_ref()
                    .is_none_or(|filter| filter.eval(&inner).is_true())
                {
                    let key = sort_by
                        .as_ref()
                        .map_or(Value::Nothing, |key| key.eval(&inner));
                    items.push((key, item));
                }
            }
            if sort_by.is_some() {
                items.sort_by(|a, b| compare(&a.0, &b.0));
                if *descending {
                    items.reverse();
                }
            }
            let most = first
                .as_ref()
                .and_then(|field| value_of(field, scene).as_int());
            let most = most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(0));
            items
                .into_iter()
                .take(most)
                .map(|(_, item)| item)
                .collect::<Vec<_>>()
        });
        Done::Next(Value::List(found.unwrap_or_default()))
    }

    pub(super) fn act_wait(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        wait: &WaitStep,
    ) -> Done {
        let due = match &wait.until {
            WaitFor::Span(field) => {
                let span = self.value(run, place, step, field).as_span();
                self.after(run, place, span.unwrap_or_default())
            }
            WaitFor::Time(field) => {
                let Value::Time(at) = self.value(run, place, step, field) else {
                    return Done::Fail(failure("invalid", "`until` is no time"));
                };
                at
            }
            WaitFor::TimeOfDay(at_ms) => {
                self.next_time_of_day(run, place, *at_ms).unwrap_or(self.at)
            }
            WaitFor::Event { timeout, .. } => {
                let due = timeout.as_ref().map(|field| {
                    let span = self.value(run, place, step, field).as_span();
                    self.after(run, place, span.unwrap_or_default())
                });
                return Done::Wait(Waiting::Event { due });
            }
        };
        if due <= self.at {
            Done::NEXT
        } else {
            Done::Wait(Waiting::Time { due })
        }
    }

    /// The next instant at which the playbook's clocks show that time.
    pub(in crate::engine) fn next_time_of_day(
        &self,
        run: &Run,
        place: &Place,
        at_ms: Millis,
    ) -> Option<Millis> {
        let zone = self.zone_of(place.playbook()?, run.group);
        let schedule = Schedule::Daily {
            at_ms: vec![at_ms],
            days: [true; 7],
        };
        crate::engine::schedule::next(&schedule, &zone, self.at, self.at)
    }

    /// The instant so long from now, in the playbook's calendar.
    pub(in crate::engine) fn after(&self, run: &Run, place: &Place, span: Span) -> Millis {
        let zone = place
            .playbook()
            .map(|playbook| self.zone_of(playbook, run.group));
        span.after(self.at, &zone.unwrap_or(TimeZone::UTC))
    }

    pub(super) fn act_choose(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        ways: &[(Option<crate::script::Expr>, u32)],
    ) -> Done {
        let chosen = self.see(run, place, step, |scene| {
            let holds = |condition: &Option<crate::script::Expr>| {
                condition
                    .as_ref()
                    .is_none_or(|condition| condition.eval(scene).is_true())
            };
            ways.iter()
                .find(|(condition, _)| holds(condition))
                .map(|(_, block)| *block)
        });
        match chosen.flatten() {
            Some(block) => Done::Enter(Frame {
                block,
                ..Frame::default()
            }),
            None => Done::NEXT,
        }
    }

    pub(super) fn act_each(&mut self, run: &Run, place: &Place, step: &Step) -> Done {
        let Act::Each {
            name,
            list,
            filter,
            most,
            pace,
            block,
        } = &step.act
        else {
            return Done::NEXT;
        };
        let items = self.see(run, place, step, |scene| {
            let most = most
                .as_ref()
                .and_then(|field| value_of(field, scene).as_int());
            let most = most.map_or(limits::EACH_ITEMS_MAX, |n| usize::try_from(n).unwrap_or(0));
            let mut items = list.eval(scene).into_items();
            items.retain(|item| {
                let inner = scene.inside(name, item.clone());
                filter
                    .as_ref()
                    .is_none_or(|filter| filter.eval(&inner).is_true())
            });
            items.truncate(most.min(limits::EACH_ITEMS_MAX));
            items
        });
        let items = items.unwrap_or_default();
        if items.is_empty() {
            return Done::NEXT;
        }
        let turn = Turn {
            name: name.clone(),
            items,
            at: 0,
            pace: pace.map(|rate| (rate.count, rate.per.nominal_ms())),
            window_from: self.at,
            window_count: 1,
        };
        Done::Enter(Frame {
            block: *block,
            turn: Some(turn),
            ..Frame::default()
        })
    }

    pub(super) fn act_call(
        &mut self,
        run: &mut Run,
        place: &Place,
        step: &Step,
        flow: &Text,
        with: &[(Text, Field)],
    ) -> Done {
        let Some(block) = place
            .playbook()
            .and_then(|p| p.flows.get(flow))
            .map(|flow| flow.block)
        else {
            return Done::Fail(failure("gone", "there is no such flow"));
        };
        let args: Vec<(Text, Value)> = with
            .iter()
            .map(|(name, field)| (name.clone(), self.value(run, place, step, field)))
            .collect();
        let mut shadowed = Vec::with_capacity(args.len());
        for (name, value) in args {
            let before = run.vars.insert(name.clone(), value);
            shadowed.push((name, before));
        }
        Done::Enter(Frame {
            block,
            shadowed,
            ..Frame::default()
        })
    }

    pub(super) fn act_run_script(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        (module, function): (&Text, &Text),
        with: &Field,
    ) -> Done {
        let result = self.see(run, place, step, |scene| {
            let args = value_of(with, scene);
            scene.call_script(module, function, &[args])
        });
        match result {
            Some(Ok(value)) => Done::Next(value),
            Some(Err(failure)) => {
                // A script that loops or grows would do so again for everyone: its rule is parked.
                self.park_rule(&run.rule_name(), failure.reason.clone());
                Done::Fail(failure)
            }
            None => Done::NEXT,
        }
    }

    pub(super) fn act_signal(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        name: &Text,
        data: &Field,
        about: &About,
    ) -> Done {
        let data = self.value(run, place, step, data);
        let (member, group) = self.about(run, place, step, about);
        if run.shadow {
            return Done::NEXT;
        }
        let seed = crate::engine::scope::step_seed(run.id, &step.path, &run.turns());
        let id = format!("signal:{seed:x}");
        if self.signals.len() < limits::SIGNALS_PER_INPUT_MAX {
            self.signals.push(Sent {
                name: name.clone(),
                data,
                member,
                group,
                id,
            });
        } else {
            return Done::Fail(failure("too_many", "too many signals from one input"));
        }
        Done::NEXT
    }

    /// Starts the rules that wait for the signals of this input's steps.
    pub(in crate::engine) fn send_signals(&mut self) {
        let mut sent = 0_usize;
        while let Some(signal) = self.signals.get(sent).cloned() {
            sent = sent.saturating_add(1);
            self.signal(signal);
        }
    }

    pub(super) fn act_webhook(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        endpoint: &Text,
        data: &Field,
    ) -> Done {
        let data = self.see(run, place, step, |scene| {
            printable(&value_of(data, scene), scene)
        });
        let data = match data {
            Some(Value::Record(fields)) => fields,
            Some(other) => Record::from([("value".into(), other)]),
            None => Record::new(),
        };
        let wish = Wish {
            connector: format!("@{endpoint}").into(),
            group: run.group,
            action: Action::CallEndpoint {
                name: endpoint.clone(),
                data,
            },
        };
        self.send(run, place, step, vec![wish])
    }
}

/// A `wait` whose time has come, perhaps late.
pub(in crate::engine) fn wait_over(step: &Step, late_by: Millis) -> Done {
    let Act::Wait(wait) = &step.act else {
        return Done::NEXT;
    };
    if late_by < time::MINUTE {
        return Done::NEXT;
    }
    match wait.late {
        Late::Run => Done::NEXT,
        // The rest of its block is passed over: what was to happen then is too late.
        Late::Skip | Late::Stop => Done::Stop("its wait ended while the daemon was down".into()),
    }
}

/// Values that mean something outside: members and groups become their keys and ids.
fn printable(value: &Value, scene: &Scene<'_>) -> Value {
    match value {
        Value::Member(no) => scene
            .world
            .member(*no)
            .map_or(Value::Nothing, |member| Value::text(member.key())),
        Value::Group(no) => scene
            .world
            .group(*no)
            .map_or(Value::Nothing, |group| Value::Text(group.id.clone())),
        Value::Rich(rich) => Value::text(rich.to_plain()),
        Value::List(items) => {
            Value::List(items.iter().map(|item| printable(item, scene)).collect())
        }
        Value::Record(fields) => Value::Record(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), printable(value, scene)))
                .collect(),
        ),
        Value::Nothing
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Time(_)
        | Value::Span(_) => value.clone(),
    }
}

/// An order over values: numbers, texts and times among themselves; others stay as they stand.
pub(in crate::engine) fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) | (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Span(a), Value::Span(b)) => a.nominal_ms().cmp(&b.nominal_ms()),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        (Value::Int(a), Value::Float(b)) => (*a as f64).total_cmp(b),
        (Value::Float(a), Value::Int(b)) => a.total_cmp(&(*b as f64)),
        _ => Ordering::Equal,
    }
}
