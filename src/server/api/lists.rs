//! What the admin API shows.

use crate::server::views::{self, ListQuery, Page, StatusView};
use crate::server::{Doors, Error};
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use std::sync::Arc;

type Doorway = State<Arc<Doors>>;
type Asked = Result<Query<ListQuery>, QueryRejection>;
type Shown<T> = Result<Json<T>, Error>;

pub(in crate::server) async fn status(State(doors): Doorway) -> Json<StatusView> {
    Json(views::status(&doors.handle.status()))
}

/// A list without filters.
macro_rules! whole {
    ($($name:ident: $entry:ty = $view:path;)*) => {$(
        pub(in crate::server) async fn $name(State(doors): Doorway) -> Shown<Vec<$entry>> {
            Ok(Json(doors.handle.look(|view| $view(view.worlds)).await?))
        }
    )*};
}
whole! {
    communities: views::CommunityView = views::communities;
    connectors: views::ConnectorView = views::connectors;
    unclaimed: views::UnclaimedView = views::unclaimed;
}

pub(in crate::server) async fn rules(State(doors): Doorway) -> Shown<Vec<views::RuleView>> {
    let look = doors
        .handle
        .look(|view| views::rules(view.worlds, view.books));
    Ok(Json(look.await?))
}

/// A list in pages.
macro_rules! paged {
    ($($name:ident: $entry:ty = $view:path;)*) => {$(
        pub(in crate::server) async fn $name(
            State(doors): Doorway,
            asked: Asked,
        ) -> Shown<Page<$entry>> {
            let Query(query) = asked?;
            let page = doors.handle.look(move |view| $view(view.worlds, &query)).await?;
            Ok(Json(page))
        }
    )*};
}
paged! {
    groups: views::GroupView = views::groups;
    members: views::MemberView = views::members;
    runs: views::RunView = views::runs;
    outbox: views::EffectView = views::outbox;
    approvals: views::ApprovalView = views::approvals;
}

pub(in crate::server) async fn member(
    State(doors): Doorway,
    path: Result<Path<String>, PathRejection>,
) -> Shown<Vec<views::MemberView>> {
    let Path(key) = path?;
    let name = key.clone();
    let known = doors
        .handle
        .look(move |view| views::member(view.worlds, &key))
        .await?;
    if known.is_empty() {
        return Err(Error::NotFound {
            what: "member",
            name,
        });
    }
    Ok(Json(known))
}
