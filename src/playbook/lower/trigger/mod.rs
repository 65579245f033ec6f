//! `when`, `stop_when` and `wait: { for: … }`: triggers in their short and long forms.

mod message;
mod schedule;

use super::context::{Lowering, nearest};
use crate::model::Text;
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{self, LATER_TRIGGERS, TRIGGERS, Trigger as Row};
use crate::playbook::rule::{Trigger, Where};
use crate::playbook::shape::{Field, Fields, not_yet};
use crate::playbook::source::Spot;
use crate::playbook::yaml::NodeKind;

/// What stands after a trigger's name.
#[derive(Clone, Copy)]
struct Body<'n> {
    row: &'static Row,
    fields: Fields<'n>,
    /// A scalar or list in place of the mapping: it is the row's short field.
    short: Option<Field<'n>>,
    /// Where messages count unless it says so.
    place: Where,
}

impl<'n> Body<'n> {
    fn get(&self, key: &str) -> Option<Field<'n>> {
        let short = self.short.filter(|_| self.row.short == Some(key));
        short.or_else(|| self.fields.get(key))
    }
}

impl Lowering<'_> {
    /// Triggers that end or wake something: messages count wherever they are written, so that an
    /// answer in a direct conversation is a sign of life.
    pub(super) fn triggers(&mut self, field: &Field<'_>) -> Vec<Trigger> {
        self.trigger_list(field, Where::Anywhere)
    }

    /// Triggers that start a rule.
    pub(super) fn when(&mut self, field: &Field<'_>) -> Vec<Trigger> {
        self.trigger_list(field, Where::Group)
    }

    fn trigger_list(&mut self, field: &Field<'_>, place: Where) -> Vec<Trigger> {
        let wanted = "a trigger or a list of triggers";
        let items = self.report.one_or_more(*field, wanted);
        items
            .into_iter()
            .filter_map(|item| self.trigger(item, place))
            .collect()
    }

    fn trigger(&mut self, item: Field<'_>, place: Where) -> Option<Trigger> {
        if let Some(name) = item.as_text() {
            let row = self.row(item.spot(), name)?;
            let fields = Fields {
                spot: item.spot(),
                entries: &[],
            };
            return self.lower_trigger(Body {
                row,
                fields,
                short: None,
                place,
            });
        }
        let map = self
            .report
            .map(item, "a trigger such as `join` or `keyword: { any: [hi] }`")?;
        let mut rows = map.iter().filter(|field| {
            let name = field.key.map_or("", |key| &*key.text);
            !name.starts_with("x-")
        });
        let Some(first) = rows.next() else {
            self.report.wrong_shape(item, "a trigger");
            return None;
        };
        if let Some(second) = rows.next() {
            let spot = second.key.map_or(second.spot(), |key| key.spot);
            self.report.push(
                Diagnostic::error(Code::TwoSteps, spot, "two triggers in one mapping")
                    .label("put it into an item of its own")
                    .help("write a list: `when: [join, message]`"),
            );
            return None;
        }
        self.long_trigger(first, place)
    }

    fn long_trigger(&mut self, field: Field<'_>, place: Where) -> Option<Trigger> {
        let key = field.key?;
        let row = self.row(key.spot, &key.text)?;
        let mut body = Body {
            row,
            fields: Fields {
                spot: key.spot,
                entries: &[],
            },
            short: None,
            place,
        };
        match &field.node.kind {
            NodeKind::Map(_) if row.short != Some("any") || !is_words(&field) => {
                body.fields = self.report.map(field, "a map")?;
                let known = grammar::names(row.fields);
                self.report.known(body.fields, &known, &[]);
            }
            NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Map(_) if row.short.is_some() => {
                body.short = Some(field);
            }
            NodeKind::Scalar(_)
            | NodeKind::List(_)
            | NodeKind::Map(_)
            | NodeKind::Empty
            | NodeKind::Broken => {
                let names = grammar::names(row.fields).join("`, `");
                self.report
                    .wrong_shape(field, &format!("a map with `{names}`"));
                return None;
            }
        }
        self.lower_trigger(body)
    }

    fn row(&mut self, spot: Spot, name: &str) -> Option<&'static Row> {
        if let Some(row) = Row::named(name) {
            return Some(row);
        }
        if LATER_TRIGGERS.contains(&name) {
            self.report.push(not_yet(spot, name));
            return None;
        }
        let names = || TRIGGERS.iter().map(|row| row.name);
        let problem = Diagnostic::error(
            Code::UnknownTrigger,
            spot,
            format!("unknown trigger `{name}`"),
        )
        .label("no trigger has this name");
        let near = nearest(name, names());
        self.report.push(if near.is_some() {
            problem.did_you_mean(near)
        } else {
            problem.because(format!(
                "triggers: {}",
                names().collect::<Vec<_>>().join(", ")
            ))
        });
        None
    }

    fn lower_trigger(&mut self, body: Body<'_>) -> Option<Trigger> {
        Some(match body.row.name {
            "join" => Trigger::Join {
                via: self.optional_words(body, "via"),
            },
            "leave" => Trigger::Leave {
                via: self.leave_via(body),
            },
            "join_request" => Trigger::JoinRequest,
            "message" => Trigger::Message(self.message(body)),
            "keyword" => Trigger::Keyword(self.keyword(body)?),
            "command" => Trigger::Command(self.command(body)?),
            "reaction" => {
                let on = body.get("on");
                let on = on.and_then(|field| self.report.choice(field, &["ours", "any"]));
                Trigger::Reaction {
                    any: self.optional_words(body, "any"),
                    on_ours: on == Some("ours"),
                    place: self.place(body),
                }
            }
            "schedule" => Trigger::Schedule(self.schedule(body)?),
            "inactivity" => self.inactivity(body)?,
            "offset" => self.offset(body)?,
            "signal" => {
                let name = self.needed(body, "name")?;
                let name = self.resolved(name)?;
                Trigger::Signal {
                    name: self.report.id(name)?,
                }
            }
            other => {
                self.report.push(not_yet(body.fields.spot, other));
                return None;
            }
        })
    }

    fn needed<'n>(&mut self, body: Body<'n>, key: &str) -> Option<Field<'n>> {
        match body.get(key) {
            Some(field) => Some(field),
            None => self.report.need(body.fields, key, ""),
        }
    }

    fn optional_words(&mut self, body: Body<'_>, key: &str) -> Vec<Text> {
        body.get(key)
            .map(|field| self.words(&field))
            .unwrap_or_default()
    }

    fn inactivity(&mut self, body: Body<'_>) -> Option<Trigger> {
        self.exactly_one(body, &["member", "group"])?;
        if let Some(field) = body.get("member") {
            return self.span(&field).map(Trigger::MemberInactive);
        }
        let field = body.get("group")?;
        self.span(&field).map(Trigger::GroupInactive)
    }

    fn offset(&mut self, body: Body<'_>) -> Option<Trigger> {
        let after = self.needed(body, "after");
        let after = after.and_then(|field| self.span(&field));
        let since = self.needed(body, "since");
        let since = since.and_then(|field| self.report.choice(field, &["join", "group_created"]));
        let after = after?;
        Some(match since? {
            "join" => Trigger::SinceJoin(after),
            _ => Trigger::SinceGroupCreated(after),
        })
    }

    /// Exactly one of these keys must be there.
    fn exactly_one(&mut self, body: Body<'_>, keys: &[&str]) -> Option<()> {
        let there: Vec<Field<'_>> = keys.iter().filter_map(|key| body.get(key)).collect();
        let names = keys.join("` or `");
        match there.as_slice() {
            [_] => Some(()),
            [] => {
                let message = format!("`{}` needs `{names}`", body.row.name);
                let spot = body.fields.spot;
                self.report
                    .push(Diagnostic::error(Code::MissingKey, spot, message));
                None
            }
            [first, second, ..] => {
                let spot = |field: &Field<'_>| field.key.map_or(field.spot(), |key| key.spot);
                let message = format!(
                    "{} and {} cannot stand together",
                    first.name(),
                    second.name()
                );
                self.report.push(
                    Diagnostic::error(Code::KeysTogether, spot(second), message)
                        .label(format!("only one of `{names}`"))
                        .other(spot(first), "this says it already"),
                );
                None
            }
        }
    }
}

/// True for `{ from: file }` in the place of words.
fn is_words(field: &Field<'_>) -> bool {
    let path = field.node.get("from").and_then(|node| node.text());
    let alone = field
        .node
        .entries()
        .is_some_and(|entries| entries.len() == 1);
    alone && path.is_some_and(|path| path.contains(['.', '/']))
}
