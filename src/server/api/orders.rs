//! What the admin API is told to do. An order is answered once it is durable.

use super::{command, community_of, json, unreadable};
use crate::model::{EffectId, Order, RunId, Text, World};
use crate::server::{Doors, Error};
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use std::sync::Arc;
use utoipa::ToSchema;

type Doorway = State<Arc<Doors>>;
type Target = Result<Path<String>, PathRejection>;
type Asked = Result<Query<For>, QueryRejection>;
type Answer = Result<Json<Done>, Error>;

/// Which community an order is for, where that is not clear by itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct For {
    community: Option<String>,
}

/// The order is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Done {
    pub community: String,
}

/// An answer to an approval or a task.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    pub yes: bool,
    #[serde(default)]
    pub note: String,
}

/// One group, or without it the whole community.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Where {
    #[serde(default)]
    pub group: Option<String>,
}

/// One group.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub group: String,
}

/// Labels to add and to drop.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// `connector/id`.
    pub member: String,
    #[serde(default)]
    pub add: Vec<String>,
    #[serde(default)]
    pub drop: Vec<String>,
}

/// Points to give, or to take when negative.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// `connector/id`.
    pub member: String,
    pub points: i64,
    pub reason: String,
}

/// One rule.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `playbook/rule`.
    pub rule: String,
}

/// What a reload came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reloaded {
    /// The rulebook now in force.
    pub rulebook: String,
    /// Communities that got other rules or another configuration.
    pub changed: usize,
}

pub(in crate::server) async fn retry(
    State(doors): Doorway,
    path: Target,
    asked: Asked,
    headers: HeaderMap,
) -> Answer {
    let (effect, name) = id::<EffectId>(path)?;
    let knows = move |world: &World| world.effect(effect).is_some();
    let order = Order::RetryEffect { effect };
    give(&doors, asked, ("effect", name), knows, &headers, order).await
}

pub(in crate::server) async fn drop_effect(
    State(doors): Doorway,
    path: Target,
    asked: Asked,
    headers: HeaderMap,
) -> Answer {
    let (effect, name) = id::<EffectId>(path)?;
    let knows = move |world: &World| world.effect(effect).is_some();
    let order = Order::DropEffect { effect };
    give(&doors, asked, ("effect", name), knows, &headers, order).await
}

pub(in crate::server) async fn cancel(
    State(doors): Doorway,
    path: Target,
    asked: Asked,
    headers: HeaderMap,
) -> Answer {
    let (run, name) = id::<RunId>(path)?;
    let knows = move |world: &World| world.run(run).is_some();
    let order = Order::CancelRun { run };
    give(&doors, asked, ("live run", name), knows, &headers, order).await
}

pub(in crate::server) async fn decide(
    State(doors): Doorway,
    path: Target,
    asked: Asked,
    request: Request,
) -> Answer {
    let (approval, name) = id::<u64>(path)?;
    let (headers, Decide { yes, note }) = json(&doors, request).await?;
    let knows = move |world: &World| {
        let known = world.approvals.get(&approval);
        known.is_some_and(|known| known.decided.is_none())
    };
    let order = Order::Decide {
        approval,
        yes,
        note: note.into(),
    };
    give(
        &doors,
        asked,
        ("undecided approval", name),
        knows,
        &headers,
        order,
    )
    .await
}

pub(in crate::server) async fn freeze(
    State(doors): Doorway,
    asked: Asked,
    request: Request,
) -> Answer {
    let (headers, place) = json::<Where>(&doors, request).await?;
    let group = place.group.map(Text::from);
    let order = Order::Freeze {
        group: group.clone(),
    };
    at_group(&doors, asked, group, &headers, order).await
}

pub(in crate::server) async fn thaw(
    State(doors): Doorway,
    asked: Asked,
    request: Request,
) -> Answer {
    let (headers, place) = json::<Where>(&doors, request).await?;
    let group = place.group.map(Text::from);
    let order = Order::Thaw {
        group: group.clone(),
    };
    at_group(&doors, asked, group, &headers, order).await
}

pub(in crate::server) async fn apply_roster(
    State(doors): Doorway,
    asked: Asked,
    request: Request,
) -> Answer {
    let (headers, Group { group }) = json(&doors, request).await?;
    let group = Text::from(group);
    let order = Order::ApplyRoster {
        group: group.clone(),
    };
    at_group(&doors, asked, Some(group), &headers, order).await
}

pub(in crate::server) async fn labels(
    State(doors): Doorway,
    asked: Asked,
    request: Request,
) -> Answer {
    let (headers, Labels { member, add, drop }) = json(&doors, request).await?;
    let texts = |names: Vec<String>| names.into_iter().map(Text::from).collect();
    let order = Order::Label {
        member: member.as_str().into(),
        add: texts(add),
        drop: texts(drop),
    };
    at_member(&doors, asked, member, &headers, order).await
}

pub(in crate::server) async fn points(
    State(doors): Doorway,
    asked: Asked,
    request: Request,
) -> Answer {
    let (headers, sent) = json::<Points>(&doors, request).await?;
    let order = Order::Adjust {
        member: sent.member.as_str().into(),
        points: sent.points,
        reason: sent.reason.into(),
    };
    at_member(&doors, asked, sent.member, &headers, order).await
}

pub(in crate::server) async fn unpark(
    State(doors): Doorway,
    asked: Asked,
    request: Request,
) -> Answer {
    let (headers, Rule { rule }) = json(&doors, request).await?;
    let order = Order::Unpark {
        rule: rule.as_str().into(),
    };
    let name = rule.clone();
    let knows = move |world: &World| world.head.parked_rules.contains_key(&*rule);
    give(&doors, asked, ("parked rule", name), knows, &headers, order).await
}

pub(in crate::server) async fn reload(State(doors): Doorway) -> Result<Json<Reloaded>, Error> {
    let report = doors.handle.reload().await?;
    Ok(Json(Reloaded {
        rulebook: report.rulebook.to_string(),
        changed: report.changed,
    }))
}

fn id<T: FromStr>(path: Target) -> Result<(T, String), Error>
where
    T::Err: std::fmt::Display,
{
    let Path(text) = path?;
    let id = text.parse().map_err(|error| unreadable("path", &error))?;
    Ok((id, text))
}

async fn at_group(
    doors: &Doors,
    asked: Asked,
    group: Option<Text>,
    headers: &HeaderMap,
    order: Order,
) -> Answer {
    let name = group.as_deref().unwrap_or("*").to_owned();
    let knows = move |world: &World| {
        let group = group.as_deref();
        group.is_none_or(|group| world.group_by_id(group).is_some())
    };
    give(doors, asked, ("group", name), knows, headers, order).await
}

async fn at_member(
    doors: &Doors,
    asked: Asked,
    member: String,
    headers: &HeaderMap,
    order: Order,
) -> Answer {
    let key = member.clone();
    let knows = move |world: &World| world.member_by_key(&key).is_some();
    give(doors, asked, ("member", member), knows, headers, order).await
}

/// Finds the community and gives the order there.
async fn give(
    doors: &Doors,
    asked: Asked,
    (what, name): (&'static str, String),
    knows: impl Fn(&World) -> bool + Send + 'static,
    headers: &HeaderMap,
    order: Order,
) -> Answer {
    let Query(For { community }) = asked?;
    let community = doors
        .handle
        .look(move |view| community_of(view.worlds, community.as_deref(), (what, &name), knows))
        .await??;
    let order = command(headers, order);
    doors.handle.command(&community, order).await?;
    Ok(Json(Done {
        community: community.as_ref().to_owned(),
    }))
}
