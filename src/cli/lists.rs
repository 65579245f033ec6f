//! `runs`, `outbox`, `approvals`, `members`, `groups`: lists, and what to do with an entry.

use super::Found;
use super::args::{
    ApprovalOrder, Approvals, Groups, MemberOrder, Members, Outbox, OutboxOrder, Part, RunOrder,
    Runs,
};
use super::client::{escaped, with_query};
use super::facts::{configuration, fetch};
use super::orders;
use super::output::Output;
use super::table::Table;
use crate::server::api::orders::{Decide, Labels, Points};
use crate::server::views::{self, ListQuery, MemberView, Page, UnclaimedView};
use anyhow::bail;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;

type Done = anyhow::Result<Found>;

/// One kind of list: its path, how it is made from worlds, and how an entry looks.
struct List<'a, T> {
    path: &'static str,
    from: fn(&views::Worlds, &ListQuery) -> Page<T>,
    header: &'a [&'static str],
    cells: fn(&T) -> Vec<String>,
    empty: &'static str,
}

impl<T: Serialize + DeserializeOwned> List<'_, T> {
    async fn print(self, config: Option<&Path>, query: &ListQuery, output: Output) -> Done {
        let config = configuration(config)?;
        let path = with_query(
            self.path,
            &[
                ("community", query.community.as_deref()),
                ("page", query.page.map(|page| page.to_string()).as_deref()),
                (
                    "limit",
                    query.limit.map(|limit| limit.to_string()).as_deref(),
                ),
                ("q", query.q.as_deref()),
                ("group", query.group.as_deref()),
                ("stage", query.stage.as_deref()),
                ("state", query.state.as_deref()),
                ("rule", query.rule.as_deref()),
            ],
        );
        let page = fetch(&config, &path, |worlds| (self.from)(worlds, query)).await?;
        let mut table = Table::new(self.header);
        for entry in &page.items {
            table.row((self.cells)(entry));
        }
        output.list(&page, &table, self.empty)?;
        let shown = page.page.saturating_mul(page.limit);
        if !output.json && page.total > shown && !page.items.is_empty() {
            let next = page.page.saturating_add(1);
            output.line(&format!(
                "{} in all; `--page {next}` shows more",
                page.total
            ))?;
        }
        Ok(Found::Nothing)
    }
}

fn query(part: Part) -> ListQuery {
    ListQuery {
        community: part.community,
        page: Some(part.page),
        limit: Some(part.limit),
        ..ListQuery::default()
    }
}

pub(super) async fn runs(config: Option<&Path>, args: Runs, output: Output) -> Done {
    let Runs {
        part,
        state,
        rule,
        order,
    } = args;
    if let Some(RunOrder::Cancel { id }) = order {
        let path = format!("/runs/{}/cancel", escaped(&id));
        return orders::give(config, &path, part.community, &(), output).await;
    }
    let list = List {
        path: "/runs",
        from: views::runs,
        header: &[
            "RUN", "RULE", "STATE", "ABOUT", "DUE", "MEMBER", "GROUP", "STARTED", "TITLE",
        ],
        cells: |run| {
            vec![
                run.id.clone(),
                run.rule.clone(),
                if run.shadow {
                    format!("{} (shadow)", run.state)
                } else {
                    run.state.clone()
                },
                run.about.clone(),
                short(run.due.as_deref()),
                run.member.clone().unwrap_or_default(),
                run.group.clone().unwrap_or_default(),
                short(Some(&run.started_at)),
                run.title.clone(),
            ]
        },
        empty: "no runs",
    };
    let query = ListQuery {
        state,
        rule,
        ..query(part)
    };
    list.print(config, &query, output).await
}

pub(super) async fn outbox(config: Option<&Path>, args: Outbox, output: Output) -> Done {
    let Outbox { part, stage, order } = args;
    let path = match order {
        Some(OutboxOrder::Retry { id }) => Some(format!("/outbox/{}/retry", escaped(&id))),
        Some(OutboxOrder::Drop { id }) => Some(format!("/outbox/{}/drop", escaped(&id))),
        None => None,
    };
    if let Some(path) = path {
        return orders::give(config, &path, part.community, &(), output).await;
    }
    let list = List {
        path: "/outbox",
        from: views::outbox,
        header: &[
            "EFFECT",
            "STAGE",
            "ACTION",
            "TO",
            "ATTEMPTS",
            "NOT BEFORE",
            "RULE",
            "ABOUT",
            "PROBLEM",
        ],
        cells: |effect| {
            let group = effect.group.as_deref();
            vec![
                effect.id.clone(),
                effect.stage.clone(),
                effect.action.clone(),
                group.map_or_else(
                    || effect.connector.clone(),
                    |group| format!("{}/{group}", effect.connector),
                ),
                effect.attempts.to_string(),
                short(effect.not_before.as_deref()),
                effect.rule.clone(),
                effect.about.clone(),
                effect.problem.clone(),
            ]
        },
        empty: "nothing waits to be sent",
    };
    let query = ListQuery {
        stage,
        ..query(part)
    };
    list.print(config, &query, output).await
}

pub(super) async fn approvals(config: Option<&Path>, args: Approvals, output: Output) -> Done {
    let Approvals { part, order } = args;
    let decision = match order {
        Some(ApprovalOrder::Yes { number, note }) => Some((number, Decide { yes: true, note })),
        Some(ApprovalOrder::No { number, note }) => Some((number, Decide { yes: false, note })),
        None => None,
    };
    if let Some((number, decide)) = decision {
        let path = format!("/approvals/{number}");
        return orders::give(config, &path, part.community, &decide, output).await;
    }
    let list = List {
        path: "/approvals",
        from: views::approvals,
        header: &["NUMBER", "KIND", "ANSWER", "DUE", "RULE", "TEXT"],
        cells: |approval| {
            let answer = match &approval.decided {
                Some(decided) => format!(
                    "{} by {}",
                    if decided.yes { "yes" } else { "no" },
                    decided.by
                ),
                None => "waits".to_owned(),
            };
            vec![
                approval.number.to_string(),
                approval.kind.clone(),
                answer,
                short(approval.due.as_deref()),
                approval.rule.clone(),
                approval.text.clone(),
            ]
        },
        empty: "nothing waits for a person",
    };
    list.print(config, &query(part), output).await
}

pub(super) async fn members(config: Option<&Path>, args: Members, output: Output) -> Done {
    let Members {
        part,
        find,
        group,
        order,
    } = args;
    match order {
        Some(MemberOrder::Show { key }) => return show_member(config, &key, output).await,
        Some(MemberOrder::Label { key, add, drop }) => {
            let body = Labels {
                member: key,
                add,
                drop,
            };
            return orders::give(config, "/members/labels", part.community, &body, output).await;
        }
        Some(MemberOrder::Points {
            key,
            points,
            reason,
        }) => {
            let body = Points {
                member: key,
                points,
                reason,
            };
            return orders::give(config, "/members/points", part.community, &body, output).await;
        }
        None => {}
    }
    let list = List {
        path: "/members",
        from: views::members,
        header: &[
            "MEMBER",
            "NAME",
            "POINTS",
            "GROUPS",
            "LABELS",
            "LAST ACTIVE",
        ],
        cells: |member| {
            let seats = member.seats.iter();
            let groups: Vec<&str> = seats.clone().map(|seat| seat.group.as_str()).collect();
            let labels: Vec<&str> = member
                .labels
                .iter()
                .map(|label| label.name.as_str())
                .collect();
            let active = seats.filter_map(|seat| seat.last_active.as_deref()).max();
            vec![
                member.key.clone(),
                member.name.clone(),
                member.points.to_string(),
                groups.join(","),
                labels.join(","),
                short(active),
            ]
        },
        empty: "no members",
    };
    let query = ListQuery {
        q: find,
        group,
        ..query(part)
    };
    list.print(config, &query, output).await
}

async fn show_member(config: Option<&Path>, key: &str, output: Output) -> Done {
    let config = configuration(config)?;
    let path = format!("/members/{}", escaped(key));
    let known: Vec<MemberView> = fetch(&config, &path, |worlds| views::member(worlds, key)).await?;
    if known.is_empty() {
        bail!("no member `{key}`");
    }
    if output.json {
        output.record(&known)?;
        return Ok(Found::Nothing);
    }
    for member in &known {
        output.line(&format!(
            "{}  {}  ({})",
            member.key, member.name, member.community
        ))?;
        let mut facts = vec![format!("{} points", member.points)];
        facts.extend(
            member
                .first_seen
                .as_ref()
                .map(|at| format!("first seen {at}")),
        );
        facts.extend(
            member
                .source
                .as_ref()
                .map(|from| format!("came from {from}")),
        );
        facts.extend(member.is_bot.then(|| "a bot".to_owned()));
        facts.extend(
            member
                .unreachable
                .then(|| "takes no direct messages".to_owned()),
        );
        facts.extend(
            member
                .labels
                .iter()
                .map(|label| format!("label {}", label.name)),
        );
        output.line(&facts.join(", "))?;
        let mut table = Table::new(&["GROUP", "ROLE", "NICK", "JOINED", "LAST ACTIVE", "MESSAGES"]);
        for seat in &member.seats {
            table.row([
                seat.group.clone(),
                seat.role.clone(),
                seat.nick.clone().unwrap_or_default(),
                short(seat.joined_at.as_deref()),
                short(seat.last_active.as_deref()),
                seat.messages.to_string(),
            ]);
        }
        output.list(member, &table, "in no group")?;
    }
    Ok(Found::Nothing)
}

pub(super) async fn groups(config: Option<&Path>, args: Groups, output: Output) -> Done {
    if args.unclaimed {
        return unclaimed(config, output).await;
    }
    let list = List {
        path: "/groups",
        from: views::groups,
        header: &[
            "GROUP", "NAME", "AT", "MEMBERS", "STANDING", "TAGS", "TROUBLE",
        ],
        cells: |group| {
            let members = match group.capacity {
                Some(capacity) => format!("{}/{capacity}", group.members),
                None => group.members.to_string(),
            };
            let frozen = if group.frozen { " (frozen)" } else { "" };
            vec![
                group.id.clone(),
                group.name.clone(),
                group.at.clone(),
                members,
                format!("{}{frozen}", group.standing),
                group.tags.join(","),
                group.trouble.clone().unwrap_or_default(),
            ]
        },
        empty: "no groups",
    };
    list.print(config, &query(args.part), output).await
}

async fn unclaimed(config: Option<&Path>, output: Output) -> Done {
    let config = configuration(config)?;
    let list: Vec<UnclaimedView> = fetch(&config, "/unclaimed", views::unclaimed).await?;
    let mut table = Table::new(&["AT", "FIRST SEEN"]);
    for group in &list {
        table.row([group.at.clone(), short(Some(&group.first_seen))]);
    }
    output.list(&list, &table, "every group belongs to a community")?;
    Ok(Found::Nothing)
}

/// An instant to the minute, as people read it; `Z` says that it is UTC.
fn short(instant: Option<&str>) -> String {
    let Some((date, time)) = instant.and_then(|at| at.split_once('T')) else {
        return String::new();
    };
    format!("{date} {}Z", time.get(..5).unwrap_or(time))
}
