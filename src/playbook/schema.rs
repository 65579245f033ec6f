//! The language as a JSON Schema, for editors: made from the tables that the checker reads, so it
//! knows the same steps, fields and words.

use super::grammar::files::{DATA, FLOW, INPUT, PLAYBOOK, RULE, USE};
use super::grammar::{
    BLOCK, COMMON, CREATE, Field, Form, Kind, POINTS, STEPS, Step, TRIGGERS, Trigger, WAY,
};
use serde_json::{Map, Value, json};

/// The schema of playbooks and uses. Tests (`test:`) are let through.
pub fn json_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Steward playbook",
        "oneOf": [
            { "$ref": "#/$defs/playbook" },
            { "$ref": "#/$defs/use" },
            { "type": "object", "required": ["test"] },
        ],
        "$defs": {
            "playbook": playbook(),
            "use": object(USE),
            "rule": object(RULE),
            "flow": object(FLOW),
            "input": object(INPUT),
            "data": object(DATA),
            "steps": { "type": "array", "items": { "$ref": "#/$defs/step" } },
            "step": { "anyOf": steps() },
            "triggers": one_or_more(&json!({ "$ref": "#/$defs/trigger" })),
            "trigger": { "anyOf": triggers() },
            "scalar": { "type": ["string", "number", "boolean"] },
            "text": text(),
            "words": words(),
        },
    })
}

fn playbook() -> Value {
    let mut schema = object(PLAYBOOK);
    let named = |of: &str| json!({ "type": "object", "additionalProperties": { "$ref": format!("#/$defs/{of}") } });
    let rules = json!({ "type": "array", "items": { "$ref": "#/$defs/rule" } });
    let keys = [
        ("rules", rules),
        ("flows", named("flow")),
        ("inputs", named("input")),
        ("data", named("data")),
        ("limits", limits()),
    ];
    for (key, value) in keys {
        let place = schema
            .get_mut("properties")
            .and_then(|properties| properties.get_mut(key));
        if let Some(place) = place {
            *place = documented(value, PLAYBOOK.iter().find(|field| field.name == key));
        }
    }
    schema
}

fn limits() -> Value {
    let names: Map<String, Value> = STEPS
        .iter()
        .map(|step| (step.name.to_owned(), scalar()))
        .collect();
    json!({ "type": "object", "properties": names, "additionalProperties": false })
}

fn scalar() -> Value {
    json!({ "$ref": "#/$defs/scalar" })
}

/// A mapping of these keys and no others, but for those that are nobody's business.
fn object(fields: &[Field]) -> Value {
    object_of(&fields.iter().collect::<Vec<_>>(), Map::new(), Vec::new())
}

fn object_of(
    fields: &[&Field],
    mut properties: Map<String, Value>,
    mut required: Vec<&str>,
) -> Value {
    for field in fields {
        let value = documented(kind(field.kind), Some(field));
        properties.insert(field.name.to_owned(), value);
        if field.required {
            required.push(field.name);
        }
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "patternProperties": { "^x-": {} },
        "additionalProperties": false,
    })
}

fn documented(mut schema: Value, field: Option<&Field>) -> Value {
    if let (Some(map), Some(field)) = (schema.as_object_mut(), field) {
        map.insert("description".to_owned(), field.doc.into());
    }
    schema
}

fn one_or_more(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "array", "items": schema }] })
}

/// Words as strings, and as the numbers that YAML reads some of them as.
fn choice(words: &[&str]) -> Value {
    let numbers = words.iter().filter_map(|word| word.parse::<i64>().ok());
    let all: Vec<Value> = words
        .iter()
        .map(|word| (*word).into())
        .chain(numbers.map(Value::from))
        .collect();
    json!({ "enum": all })
}

fn or(one: &Value, other: &Value) -> Value {
    json!({ "anyOf": [one, other] })
}

fn kind(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({ "$ref": "#/$defs/text" }),
        Kind::Words => json!({ "$ref": "#/$defs/words" }),
        Kind::Steps => json!({ "$ref": "#/$defs/steps" }),
        Kind::Triggers => json!({ "$ref": "#/$defs/triggers" }),
        Kind::Key
        | Kind::Note
        | Kind::Id
        | Kind::Name
        | Kind::YesNo
        | Kind::Number
        | Kind::Count
        | Kind::Duration
        | Kind::DurationOrForever
        | Kind::SpanOr(_)
        | Kind::Rate
        | Kind::Time
        | Kind::Member
        | Kind::Group
        | Kind::Message
        | Kind::Label
        | Kind::Expr
        | Kind::MemberOr(_) => scalar(),
        Kind::Any => json!({}),
        Kind::Condition | Kind::Targets => one_or_more(&scalar()),
        Kind::OneOf(words) => choice(words),
        Kind::StepsOr(words) => or(&choice(words), &json!({ "$ref": "#/$defs/steps" })),
        Kind::Points => or(&scalar(), &object(POINTS)),
        Kind::GroupOrCreate => {
            let create = documented(object(CREATE), None);
            let to = json!({
                "type": "object",
                "properties": { "create": create },
                "required": ["create"],
                "additionalProperties": false,
            });
            or(&scalar(), &to)
        }
        Kind::Names => json!({ "type": "object" }),
        Kind::Map(fields) => object(fields),
        Kind::Many(of) => one_or_more(&self::kind(*of)),
    }
}

fn text() -> Value {
    let each = json!({
        "type": "object",
        "properties": {
            "if": scalar(),
            "line": scalar(),
            "each": scalar(),
            "where": scalar(),
            "empty": scalar(),
            "note": scalar(),
        },
        "required": ["line"],
        "additionalProperties": false,
    });
    let line = or(&scalar(), &each);
    or(&scalar(), &json!({ "type": "array", "items": line }))
}

fn words() -> Value {
    let from = json!({
        "type": "object",
        "properties": { "from": { "type": "string" } },
        "required": ["from"],
        "additionalProperties": false,
    });
    or(&one_or_more(&scalar()), &from)
}

fn steps() -> Vec<Value> {
    let mut all: Vec<Value> = STEPS.iter().map(step).collect();
    let fields: Vec<&Field> = BLOCK.iter().chain(COMMON).collect();
    all.push(object_of(&fields, Map::new(), Vec::new()));
    let alone = STEPS.iter().filter(|step| step.required().next().is_none());
    let alone: Vec<&str> = alone
        .filter(|step| matches!(step.form, Form::Fields(_)))
        .map(|step| step.name)
        .collect();
    all.push(json!({ "enum": alone }));
    all
}

/// One step: its name with what stands after it, and the keys beside it.
fn step(step: &Step) -> Value {
    let after = match step.form {
        Form::Fields(short) => {
            let fields = object(step.fields);
            let short = short.and_then(|name| step.fields.iter().find(|one| one.name == name));
            match short {
                Some(field) => or(&kind(field.kind), &fields),
                None => or(&scalar(), &fields),
            }
        }
        Form::Value(_) => scalar(),
        Form::Ways => json!({ "type": "array", "items": object(WAY) }),
        Form::Names => json!({ "type": "object" }),
        Form::Data => or(&scalar(), &json!({ "type": "object" })),
    };
    let mut after = after;
    if let Some(map) = after.as_object_mut() {
        map.insert("description".to_owned(), step.doc.into());
    }
    let properties = Map::from_iter([(step.name.to_owned(), after)]);
    let fields: Vec<&Field> = step.beside.iter().chain(COMMON).collect();
    object_of(&fields, properties, vec![step.name])
}

fn triggers() -> Vec<Value> {
    let names: Vec<&str> = TRIGGERS.iter().map(|trigger| trigger.name).collect();
    let short = json!({ "enum": names });
    let long = TRIGGERS.iter().map(trigger);
    std::iter::once(short).chain(long).collect()
}

fn trigger(trigger: &Trigger) -> Value {
    let fields = object(trigger.fields);
    let short = trigger
        .short
        .and_then(|name| trigger.fields.iter().find(|field| field.name == name));
    let after = match short {
        Some(field) => or(&kind(field.kind), &fields),
        None => fields,
    };
    let mut after = after;
    if let Some(map) = after.as_object_mut() {
        map.insert("description".to_owned(), trigger.doc.into());
    }
    json!({
        "type": "object",
        "properties": { trigger.name: after },
        "required": [trigger.name],
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` of the schema.
    fn references(schema: &Value, found: &mut Vec<String>) {
        match schema {
            Value::Object(map) => {
                if let Some(Value::String(to)) = map.get("$ref") {
                    found.push(to.clone());
                }
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn references_lead_somewhere() {
        let schema = json_schema();
        let mut found = Vec::new();
        references(&schema, &mut found);
        assert!(found.len() > 100);
        for to in found {
            let name = to.strip_prefix("#/$defs/").unwrap();
            assert!(schema["$defs"].get(name).is_some(), "{to}");
        }
    }

    #[test]
    fn every_step_trigger_and_key_is_in_it() {
        let schema = json_schema();
        let has = |place: &str, name: &str| {
            let all = schema["$defs"][place]["anyOf"].as_array().unwrap();
            all.iter()
                .any(|one| one["properties"].get(name).is_some_and(Value::is_object))
        };
        for step in STEPS {
            assert!(has("step", step.name), "{}", step.name);
        }
        for trigger in TRIGGERS {
            assert!(has("trigger", trigger.name), "{}", trigger.name);
        }
        for field in RULE {
            assert!(schema["$defs"]["rule"]["properties"][field.name].is_object());
        }
        assert_eq!(
            schema["$defs"]["playbook"]["properties"]["steward"]["enum"],
            json!(["1", 1])
        );
    }
}
