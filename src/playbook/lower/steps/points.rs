//! `label reward charge`: what a member carries.

use super::reader::Reader;
use crate::model::Value;
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{POINTS, RANDOM};
use crate::playbook::rule::{Act, Field, Points};

pub(super) fn label(reader: &mut Reader<'_, '_, '_>) -> Act {
    let add = reader.many("add");
    let drop = reader.many("drop");
    if add.is_empty() && drop.is_empty() && reader.good {
        nothing(reader, "`add` or `drop`");
    }
    Act::Label {
        about: reader.about(),
        add,
        drop,
        expires: reader.value("expires"),
    }
}

fn nothing(reader: &mut Reader<'_, '_, '_>, what: &str) {
    let spot = reader.name.key.map_or(reader.name.spot(), |key| key.spot);
    let message = format!("`{}` does nothing", reader.step.name);
    let problem = Diagnostic::error(Code::MissingKey, spot, message);
    reader.wrong(problem.label(format!("no {what} here")));
}

pub(super) fn reward(reader: &mut Reader<'_, '_, '_>) -> Act {
    let points = points(reader);
    let badge = reader.value("badge");
    let role = reader.value("role");
    if points.is_none() && badge.is_none() && role.is_none() && reader.good {
        nothing(reader, "`points`, `badge` or `role`");
    }
    Act::Reward {
        about: reader.about(),
        points: points.map(Box::new),
        badge,
        role,
        reason: reader.reason(),
        once: reader.key("once"),
    }
}

/// A number, or `{ base, random: { min, max, weight } }`.
fn points(reader: &mut Reader<'_, '_, '_>) -> Option<Points> {
    let field = reader.get("points")?;
    if field.node.entries().is_none() {
        let base = amount(reader, "points")?;
        return Some(Points { base, random: None });
    }
    reader.inside(&field, POINTS, |reader| {
        let base = match reader.get("base") {
            Some(_) => amount(reader, "base"),
            None => Some(Field::Is(Value::Int(0))),
        };
        let random = reader.get("random").and_then(|random| {
            reader.inside(&random, RANDOM, |reader| {
                let min = amount(reader, "min");
                let max = amount(reader, "max");
                let weight = reader.value("weight");
                in_order(reader, min.as_ref(), max.as_ref());
                Some((min?, max?, weight))
            })
        });
        Some(Points {
            base: base?,
            random: random.flatten(),
        })
    })?
}

/// A number of points; written out, it is a whole one from 0.
fn amount(reader: &mut Reader<'_, '_, '_>, name: &str) -> Option<Field> {
    let field = reader.value(name)?;
    if let Field::Is(value) = &field
        && value.as_int().is_none_or(|points| points < 0)
    {
        let spot = reader.get(name).map_or(reader.name.spot(), |f| f.spot());
        let message = format!("`{name}` is out of range");
        let problem = Diagnostic::error(Code::OutOfRange, spot, message);
        let problem = problem.label("points are whole numbers from 0");
        let below = value.as_int().is_some_and(|points| points < 0);
        reader.wrong(if below && reader.step.name == "reward" {
            problem.help("take points with `charge`")
        } else {
            problem
        });
    }
    Some(field)
}

fn in_order(reader: &mut Reader<'_, '_, '_>, min: Option<&Field>, max: Option<&Field>) {
    if let (Some(Field::Is(Value::Int(min))), Some(Field::Is(Value::Int(max)))) = (min, max)
        && min > max
    {
        let spot = reader.get("max").map_or(reader.name.spot(), |f| f.spot());
        let problem = Diagnostic::error(Code::OutOfRange, spot, "`max` is smaller than `min`");
        reader.wrong(problem.label("nothing lies between them"));
    }
}

pub(super) fn charge(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let points = amount(reader, "points");
    reader.good &= points.is_some();
    Some(Act::Charge {
        about: reader.about(),
        points: points?,
        reason: reader.reason(),
        once: reader.key("once"),
    })
}
