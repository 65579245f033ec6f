//! Events that an operator says by hand, and signals from a shop, a form, a payment system.

use super::orders::Done;
use super::{command, community_of, json, unreadable};
use crate::connector::http::Headers;
use crate::connector::{self, Access, Payload, Settings};
use crate::model::{Order, Record, Text, Value, World};
use crate::server::{Doors, Error};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// An event by hand.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// Through which connector it shall have come.
    pub connector: String,
    /// One event, or an array of them, in the form of the generic webhook.
    pub event: serde_json::Value,
}

/// The events are durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Taken {
    pub events: usize,
    /// Kinds that mean nothing here.
    pub ignored: Vec<String>,
}

/// `POST /api/v1/send`.
pub(in crate::server) async fn send(
    State(doors): State<Arc<Doors>>,
    request: Request,
) -> Result<Json<Taken>, Error> {
    let (_, Send { connector, event }) = json(&doors, request).await?;
    if doors.connector(&connector).is_none() {
        return Err(Error::NotFound {
            what: "connector",
            name: connector,
        });
    }
    let received = decode(&connector, &event, doors.handle.clock().now())?;
    let events = received.events.len();
    if events > 0 {
        doors.handle.receive(received.events).await?;
    }
    let ignored = received.ignored.iter().map(|kind| kind.as_ref().to_owned());
    Ok(Json(Taken {
        events,
        ignored: ignored.collect(),
    }))
}

/// Reads the generic form as an event of that connector. A sandbox of its name reads just that.
fn decode(
    name: &str,
    event: &serde_json::Value,
    arrived_at: i64,
) -> Result<connector::Received, Error> {
    let settings = Settings {
        name: name.into(),
        access: Access::Sandbox,
    };
    let reader = connector::build(&settings).map_err(|error| unreadable("body", &error))?;
    let body = event.to_string();
    let payload = Payload {
        method: "POST",
        path: "",
        query: "",
        headers: &Headers::default(),
        body: body.as_bytes(),
        arrived_at,
    };
    reader
        .receive(&payload)
        .map_err(|error| unreadable("event", &error))
}

/// A signal's body.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Signal {
    pub community: Option<String>,
    /// Id of the group that it is about.
    pub group: Option<String>,
    /// Key of the member that it is about, `connector/id`.
    pub member: Option<String>,
    /// What rules see as `event.data`.
    #[schema(value_type = Object)]
    pub data: serde_json::Map<String, serde_json::Value>,
}

/// Characters of a signal's name.
const NAME_CHARS_MAX: usize = 64;

/// `POST /signals/<name>`.
pub(in crate::server) async fn signal(
    State(doors): State<Arc<Doors>>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Json<Done>, Error> {
    let Path(name) = path?;
    if name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(unreadable("path", &"that is no name of a signal"));
    }
    let (headers, sent) = json::<Signal>(&doors, request).await?;
    let data = record(&sent.data).map_err(|reason| unreadable("body", &reason))?;
    let (community, group, member) = (sent.community, sent.group, sent.member);
    let order = Order::Signal {
        name: name.into(),
        data,
        group: group.as_deref().map(Text::from),
        member: member.as_deref().map(Text::from),
    };
    let community = doors
        .handle
        .look(move |view| {
            let thing = match (&group, &member) {
                (Some(group), _) => ("group", group.clone()),
                (None, Some(member)) => ("member", member.clone()),
                (None, None) => ("community", "*".to_owned()),
            };
            let knows = |world: &World| {
                let group = group.as_deref();
                let member = member.as_deref();
                group.is_none_or(|group| world.group_by_id(group).is_some())
                    && (group.is_some()
                        || member.is_none_or(|key| world.member_by_key(key).is_some()))
            };
            let thing = (thing.0, thing.1.as_str());
            community_of(view.worlds, community.as_deref(), thing, knows)
        })
        .await??;
    let order = command(&headers, order);
    doors.handle.command(&community, order).await?;
    Ok(Json(Done {
        community: community.as_ref().to_owned(),
    }))
}

fn record(fields: &serde_json::Map<String, serde_json::Value>) -> Result<Record, String> {
    let fields = fields
        .iter()
        .map(|(name, value)| Ok((Text::from(name.as_str()), value_of(value)?)));
    fields.collect()
}

/// JSON as a value that rules can read.
fn value_of(json: &serde_json::Value) -> Result<Value, String> {
    use serde_json::Value as Json;
    Ok(match json {
        Json::Null => Value::Nothing,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(float)) if float.is_finite() && !number.is_u64() => Value::Float(float),
            (None, _) => return Err(format!("{number} is too large a number")),
        },
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(items) => Value::List(items.iter().map(value_of).collect::<Result<_, _>>()?),
        Json::Object(fields) => Value::Record(record(fields)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_becomes_values_and_large_numbers_are_refused() {
        let data = json!({"paid": true, "total": 12, "share": 0.5, "tags": ["a", null]});
        let data = value_of(&data).unwrap();
        assert_eq!(data.field("total"), &Value::Int(12));
        assert_eq!(data.field("share"), &Value::Float(0.5));
        let tags = Value::List(vec![Value::text("a"), Value::Nothing]);
        assert_eq!(data.field("tags"), &tags);
        assert!(value_of(&json!(u64::MAX)).is_err());
    }

    #[test]
    fn an_event_by_hand_is_one_of_the_named_connector() {
        let event = json!({"type": "join", "group": {"id": "g"}, "member": {"id": "u"}});
        let received = decode("qq", &event, 5).unwrap();
        assert_eq!(&*received.events[0].connector, "qq");
        assert!(decode("qq", &json!({"type": "join"}), 5).is_err());
    }
}
