//! Every door, from one table: the router and the `OpenAPI` document are made of it, so neither can
//! know a call that the other does not.

use super::api::{lists, orders, say};
use super::views::{
    ApprovalView, CommunityView, ConnectorView, EffectView, GroupView, MemberView, Page, RuleView,
    RunView, StatusView, UnclaimedView,
};
use super::{Doors, Face, auth, error::Told, health, hooks, metrics, openapi};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use openapi::Schema;
use std::sync::Arc;
use utoipa::ToSchema;

/// Where the admin API begins.
pub(super) const API: &str = "/api/v1";

/// One call of the admin API.
pub(super) struct Route {
    pub(super) method: Method,
    /// What follows [`API`], in the router's own form.
    pub(super) path: &'static str,
    pub(super) about: &'static str,
    /// Names of the query's fields; what they mean is in [`openapi`].
    pub(super) query: &'static [&'static str],
    pub(super) body: Option<Schema>,
    pub(super) answer: Schema,
    handler: MethodRouter<Arc<Doors>>,
}

/// How a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// Asks and changes nothing.
    Get,
    /// Gives an order.
    Post,
}

const PAGING: [&str; 3] = ["community", "page", "limit"];

/// The calls there are.
pub(super) fn table() -> Vec<Route> {
    let mut routes = asking_who();
    routes.extend(asking_what());
    routes.extend(ordering_effects());
    routes.extend(ordering_others());
    routes.push(Route {
        method: Method::Post,
        path: "/send",
        about: "Takes one event by hand, as if it had come through that connector",
        query: &[],
        body: Some(Schema::of::<say::Send>()),
        answer: Schema::of::<say::Taken>(),
        handler: post(say::send),
    });
    routes.push(Route {
        method: Method::Get,
        path: "/openapi.json",
        about: "This document",
        query: &[],
        body: None,
        answer: Schema::any(),
        handler: get(openapi::document),
    });
    routes
}

fn ask<T: ToSchema>(
    path: &'static str,
    about: &'static str,
    query: &'static [&'static str],
    handler: MethodRouter<Arc<Doors>>,
) -> Route {
    Route {
        method: Method::Get,
        path,
        about,
        query,
        body: None,
        answer: Schema::of::<T>(),
        handler,
    }
}

/// A list in pages.
fn list<T: ToSchema>(
    path: &'static str,
    about: &'static str,
    query: &'static [&'static str],
    handler: MethodRouter<Arc<Doors>>,
) -> Route {
    Route {
        answer: Schema::of::<Page<T>>().with::<T>(),
        ..ask::<Page<T>>(path, about, query, handler)
    }
}

fn order(
    path: &'static str,
    about: &'static str,
    body: Option<Schema>,
    handler: MethodRouter<Arc<Doors>>,
) -> Route {
    Route {
        method: Method::Post,
        path,
        about,
        query: &["community"],
        body,
        answer: Schema::of::<orders::Done>(),
        handler,
    }
}

fn asking_who() -> Vec<Route> {
    const MEMBERS: &[&str] = &["community", "page", "limit", "q", "group"];
    vec![
        ask::<StatusView>("/status", "How the daemon does", &[], get(lists::status)),
        ask::<Vec<CommunityView>>(
            "/communities",
            "All communities",
            &[],
            get(lists::communities),
        ),
        list::<GroupView>("/groups", "All groups", &PAGING, get(lists::groups)),
        list::<MemberView>("/members", "Members that fit", MEMBERS, get(lists::members)),
        ask::<Vec<MemberView>>(
            "/members/{*key}",
            "One member, by connector/id, in every community that knows them",
            &[],
            get(lists::member),
        ),
    ]
}

fn asking_what() -> Vec<Route> {
    const RUNS: &[&str] = &["community", "page", "limit", "state", "rule"];
    const OUTBOX: &[&str] = &["community", "page", "limit", "stage"];
    vec![
        list::<RunView>(
            "/runs",
            "Live runs, then ended ones, the last first",
            RUNS,
            get(lists::runs),
        ),
        list::<EffectView>(
            "/outbox",
            "Effects without a final receipt",
            OUTBOX,
            get(lists::outbox),
        ),
        list::<ApprovalView>(
            "/approvals",
            "What waits for a person, undecided first",
            &PAGING,
            get(lists::approvals),
        ),
        ask::<Vec<ConnectorView>>(
            "/connectors",
            "How each community hears each connector",
            &[],
            get(lists::connectors),
        ),
        ask::<Vec<UnclaimedView>>(
            "/unclaimed",
            "Groups that no community claims",
            &[],
            get(lists::unclaimed),
        ),
        ask::<Vec<RuleView>>(
            "/rules",
            "The rules in force, and what keeps them from running",
            &[],
            get(lists::rules),
        ),
    ]
}

fn ordering_effects() -> Vec<Route> {
    let place = || Some(Schema::of::<orders::Where>());
    vec![
        order(
            "/outbox/{id}/retry",
            "Tries a parked effect again",
            None,
            post(orders::retry),
        ),
        order(
            "/outbox/{id}/drop",
            "Gives an open effect up",
            None,
            post(orders::drop_effect),
        ),
        order(
            "/approvals/{number}",
            "Answers an approval or a task",
            Some(Schema::of::<orders::Decide>()),
            post(orders::decide),
        ),
        order(
            "/runs/{id}/cancel",
            "Ends a run",
            None,
            post(orders::cancel),
        ),
        order(
            "/freeze",
            "Stops effects at once, of one group or all; rules keep deciding",
            place(),
            post(orders::freeze),
        ),
        order(
            "/thaw",
            "Lets effects go again",
            place(),
            post(orders::thaw),
        ),
    ]
}

fn ordering_others() -> Vec<Route> {
    vec![
        order(
            "/members/labels",
            "Changes a member's labels by hand",
            Some(Schema::of::<orders::Labels>()),
            post(orders::labels),
        ),
        order(
            "/members/points",
            "Gives or takes a member's points by hand",
            Some(Schema::of::<orders::Points>()),
            post(orders::points),
        ),
        order(
            "/rules/unpark",
            "Lets a parked rule run again",
            Some(Schema::of::<orders::Rule>()),
            post(orders::unpark),
        ),
        order(
            "/groups/apply_roster",
            "Takes a roster that was held back because it would have removed too many",
            Some(Schema::of::<orders::Group>()),
            post(orders::apply_roster),
        ),
        Route {
            method: Method::Post,
            path: "/reload",
            about: "Reads steward.yaml, playbooks and scripts again",
            query: &[],
            body: None,
            answer: Schema::of::<orders::Reloaded>(),
            handler: post(orders::reload),
        },
    ]
}

/// The doors that a listener shows.
pub(super) fn router(doors: &Arc<Doors>, face: Face) -> Router {
    let mut router = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready));
    if matches!(face, Face::All | Face::Hooks) {
        let admitted = middleware::from_fn_with_state(Arc::clone(doors), auth::bearer);
        router = router
            .route("/hooks/{connector}", any(hooks::take))
            .route("/hooks/{connector}/", any(hooks::take))
            .route("/hooks/{connector}/{*rest}", any(hooks::take))
            .route("/signals/{name}", post(say::signal).layer(admitted));
    }
    if matches!(face, Face::All | Face::Admin) {
        router = router.merge(admin(doors));
    }
    router
        .fallback(nowhere)
        .layer(middleware::from_fn_with_state(Arc::clone(doors), in_time))
        .with_state(Arc::clone(doors))
}

fn admin(doors: &Arc<Doors>) -> Router<Arc<Doors>> {
    let mut api = Router::new();
    for route in table() {
        api = api.route(&format!("{API}{}", route.path), route.handler);
    }
    let admitted = middleware::from_fn_with_state(Arc::clone(doors), auth::bearer);
    let ours = middleware::from_fn_with_state(Arc::clone(doors), auth::our_host);
    api.route_layer(admitted)
        .route("/metrics", get(metrics::show))
        .route("/", get(health::home))
        .route_layer(ours)
}

async fn nowhere() -> Response {
    let told = Told {
        error: "no such path".to_owned(),
        help: Some(format!("the calls are listed at {API}/openapi.json")),
    };
    (StatusCode::NOT_FOUND, axum::Json(told)).into_response()
}

/// Middleware: no request takes longer than [`super::Limits::request`].
async fn in_time(State(doors): State<Arc<Doors>>, request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(doors.limits.request, next.run(request)).await;
    answer.unwrap_or_else(|_elapsed| {
        tracing::warn!("A request took too long and was given up.");
        super::Error::TooLong.into_response()
    })
}
