//! What the shell asks of platforms for itself: whether they are well, who is in which group, and to
//! send their webhooks here.

use super::handle::{Handle, Shared};
use super::queue::{Urgent, lock};
use super::setup::Link;
use crate::connector::{Answer, Errand, ErrandNext, ErrandResult, Health, http};
use crate::model::time::{DAY, MINUTE, SECOND};
use crate::model::world::Standing;
use crate::model::{Event, Happening, Millis, Text, World};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// Between two looks at a connection. Telegram keeps updates for a day, so there is no hurry.
const HEALTH_MS: Millis = 3 * MINUTE;
/// Between two readings of all rosters.
const ROSTER_MS: Millis = DAY;
/// Between two rosters of one connector: a thousand groups take a quarter of an hour.
const ROSTER_PACE_MS: Millis = SECOND;
/// Requests of one errand. Opening a Matrix bot's account takes the most, some ten.
const REQUESTS_MAX: usize = 64;

/// Groups that we were put into and whose members nobody has read yet, by connector and platform id.
#[derive(Debug, Default)]
pub(super) struct Entered {
    places: Mutex<BTreeSet<(Text, Text)>>,
    news: Notify,
}

impl Entered {
    /// The places that these events put us into.
    pub(super) fn of(events: &[Event]) -> Vec<(Text, Text)> {
        let joined = events
            .iter()
            .filter(|event| matches!(event.what, Happening::BotJoined));
        joined
            .filter_map(|event| Some((event.connector.clone(), event.group.as_ref()?.id.clone())))
            .collect()
    }

    /// Has them read soon.
    pub(super) fn add(&self, places: Vec<(Text, Text)>) {
        if !places.is_empty() {
            lock(&self.places).extend(places);
            self.news.notify_one();
        }
    }

    fn take(&self) -> BTreeSet<(Text, Text)> {
        std::mem::take(&mut lock(&self.places))
    }
}

/// What errands are run with.
#[derive(Clone)]
pub(super) struct Runner {
    pub(super) handle: Handle,
    pub(super) client: http::Client,
    pub(super) public_url: Option<String>,
}

impl Runner {
    /// Registers our hooks, then looks after each connector for as long as the daemon lives.
    pub(super) async fn run(self) {
        let shared = self.handle.shared.clone();
        self.connect_all(&shared).await;
        let mut health_at = shared.clock.now();
        let mut roster_at = health_at;
        loop {
            if shared.clock.now() >= health_at {
                self.check_all(&shared).await;
                health_at = shared.clock.now().saturating_add(HEALTH_MS);
            }
            if shared.clock.now() >= roster_at {
                roster_at = shared.clock.now().saturating_add(ROSTER_MS);
                self.read_rosters(&shared).await;
            }
            self.read_entered(&shared).await;
            tokio::select! {
                () = shared.clock.sleep_until(health_at.min(roster_at)) => {}
                () = shared.entered.news.notified() => {}
            }
        }
    }

    async fn connect_all(&self, shared: &Arc<Shared>) {
        let Some(public_url) = &self.public_url else {
            return;
        };
        for (connector, link) in &*shared.links() {
            if link.kind.is_none() {
                continue;
            }
            let url = format!("{public_url}/hooks/{connector}");
            let errand = Errand::Connect { url };
            match self.carry_out(link, &errand).await {
                ErrandResult::Connected(line) => {
                    tracing::info!(%connector, about = line, "Connected.");
                }
                ErrandResult::Failed { reason, .. } => {
                    tracing::warn!(%connector, error = reason, "Could not connect.");
                    note_trouble(shared, connector, Some(reason));
                }
                ErrandResult::Events(_) | ErrandResult::Health(_) | ErrandResult::NotOffered => {}
            }
        }
    }

    /// Asks each platform how the connection is, and journals what has changed.
    async fn check_all(&self, shared: &Arc<Shared>) {
        for (connector, link) in &*shared.links() {
            if link.kind.is_none() {
                continue;
            }
            let health = match self.carry_out(link, &Errand::Health).await {
                ErrandResult::Health(health) => health,
                ErrandResult::Failed { reason, .. } => Health {
                    problem: Some(reason),
                    ..Health::default()
                },
                ErrandResult::Events(_) | ErrandResult::Connected(_) | ErrandResult::NotOffered => {
                    continue;
                }
            };
            note_trouble(shared, connector, health.problem.clone());
            let problem: Option<Text> = health.problem.map(Into::into);
            if self
                .is_news(connector, health.pending, problem.as_ref())
                .await
            {
                shared.queue.push_urgent(Urgent::Health {
                    connector: connector.clone(),
                    pending: health.pending,
                    problem,
                });
            }
        }
    }

    /// Whether some community knows it otherwise.
    async fn is_news(&self, connector: &Text, pending: u64, problem: Option<&Text>) -> bool {
        let connector = connector.clone();
        let problem = problem.cloned();
        let differs = self.handle.look(move |view| {
            view.worlds.values().any(|world| {
                let hearing = world.head.hearing.get(&connector);
                let known = hearing.map(|hearing| (hearing.pending, hearing.problem.as_ref()));
                world.head.directory.connectors.contains_key(&connector)
                    && known.unwrap_or((0, None)) != (pending, problem.as_ref())
            })
        });
        differs.await.unwrap_or(false)
    }

    /// Reads who is in each group, where the platform tells.
    async fn read_rosters(&self, shared: &Arc<Shared>) {
        for (connector, link) in &*shared.links() {
            if !link.kind.is_some_and(|kind| kind.abilities().roster) {
                continue;
            }
            for group in self.groups_of(connector).await {
                if !self.read_roster(connector, link, group).await {
                    break;
                }
                let next = shared.clock.now().saturating_add(ROSTER_PACE_MS);
                shared.clock.sleep_until(next).await;
            }
        }
    }

    /// Reads who is in the groups that we were just put into, if a community claims them. Who was
    /// there before us is in no event.
    async fn read_entered(&self, shared: &Arc<Shared>) {
        for (connector, group) in shared.entered.take() {
            let links = shared.links();
            let link = links.get(&connector);
            let link = link.filter(|link| link.kind.is_some_and(|kind| kind.abilities().roster));
            if let Some(link) = link
                && self.groups_of(&connector).await.contains(&group)
            {
                self.read_roster(&connector, link, group).await;
            }
        }
    }

    /// Reads who is in that group; false when it is no use to ask for another one.
    async fn read_roster(&self, connector: &Text, link: &Link, group: Text) -> bool {
        let errand = Errand::Roster { group };
        match self.carry_out(link, &errand).await {
            ErrandResult::Events(events) => {
                if let Err(error) = self.handle.receive(events).await {
                    tracing::warn!(%connector, %error, "A roster was not taken in.");
                }
                true
            }
            ErrandResult::Failed { reason, stop } => {
                tracing::warn!(%connector, error = reason, "Could not read a roster.");
                !stop
            }
            // It has none, for any group.
            ErrandResult::NotOffered => false,
            ErrandResult::Health(_) | ErrandResult::Connected(_) => true,
        }
    }

    /// Platform ids of the groups in which we are.
    async fn groups_of(&self, connector: &Text) -> Vec<Text> {
        let connector = connector.clone();
        let groups = self.handle.look(move |view| {
            let all = view.worlds.values().flat_map(World::groups);
            let ours = all.filter(|(_, group)| group.connector == connector);
            let here = ours.filter(|(_, group)| match group.standing {
                Standing::Assumed | Standing::Present => true,
                Standing::Removed | Standing::Closed => false,
            });
            here.map(|(_, group)| group.external.clone()).collect()
        });
        groups.await.unwrap_or_default()
    }

    /// Runs an errand to its end.
    async fn carry_out(&self, link: &Link, errand: &Errand) -> ErrandResult {
        let mut answers: Vec<Answer> = Vec::new();
        let cut = match errand {
            Errand::Roster { .. } => http::Cut::Roster,
            Errand::Health | Errand::Connect { .. } => http::Cut::Answer,
        };
        while answers.len() <= REQUESTS_MAX {
            let mut request = match link.connector.run_errand(errand, &answers) {
                ErrandNext::End(result) => return result,
                ErrandNext::Send(request) => request,
            };
            let now = self.handle.shared.clock.now();
            link.connector.sign(&mut request, now);
            answers.push(self.client.exchange(request, link.guard, cut).await);
        }
        ErrandResult::Failed {
            reason: format!("no end after {REQUESTS_MAX} requests"),
            stop: false,
        }
    }
}

fn note_trouble(shared: &Shared, connector: &Text, problem: Option<String>) {
    let troubles = &mut lock(&shared.status).troubles;
    match problem {
        Some(problem) => troubles.insert(connector.clone(), problem.into()),
        None => troubles.remove(connector),
    };
}
