//! Moving the clock: from one due instant to the next, with everything at rest in between.

use super::{Steward, in_time};
use steward::model::{Millis, Stage, World};
use steward::runtime::Handle;

/// So many looks in a row must find everything at rest.
const CALM_LOOKS: usize = 3;

/// What the worlds wait for.
struct Waits {
    /// Something is due, or on its way.
    busy: bool,
    /// The next instant at which something is due.
    next: Option<Millis>,
}

impl Steward {
    /// Moves the clock on, and lets everything that becomes due on the way come about at its time.
    pub(crate) async fn advance(&self, by: &str) {
        let end = self.now() + millis(by);
        self.settle().await;
        while self.now() < end {
            let next = self.waits().await.next.unwrap_or(end);
            self.clock.advance(next.min(end) - self.now());
            self.settle().await;
        }
    }

    /// Waits until nothing is left to do at this instant: no input waits, no deadline is due, no
    /// effect is due or on its way.
    pub(crate) async fn settle(&self) {
        let resting = async {
            let mut calm = 0;
            while calm < CALM_LOOKS {
                let busy = self.waits().await.busy;
                calm = if busy { 0 } else { calm + 1 };
                for _ in 0..16 {
                    tokio::task::yield_now().await;
                }
            }
        };
        in_time("everything at rest", resting).await;
    }

    async fn waits(&self) -> Waits {
        let handle = self.handle();
        let held = held(handle);
        let now = self.now();
        let looked = handle.look(move |view| {
            let worlds = || view.worlds.values();
            let deadlines = worlds().filter_map(World::next_deadline);
            let effects = worlds().flat_map(World::effects).filter_map(|effect| {
                match effect.stage {
                    Stage::Parked | Stage::Frozen => None,
                    Stage::Sending => Some(now),
                    // Only time frees it.
                    Stage::Open if held.contains(&effect.connector) => {
                        Some(effect.not_before.max(now + 1_000))
                    }
                    Stage::Open => Some(effect.not_before),
                }
            });
            let (mut busy, mut next) = (false, None::<Millis>);
            for due in deadlines.chain(effects) {
                if due <= now {
                    busy = true;
                } else {
                    next = Some(next.map_or(due, |next| next.min(due)));
                }
            }
            Waits { busy, next }
        });
        let mut waits = looked.await.unwrap();
        let metrics = handle.metrics();
        let connectors = metrics.connectors();
        let in_flight = connectors
            .values()
            .map(|of| of.in_flight.get())
            .sum::<u64>();
        waits.busy |= in_flight > 0 || metrics.queue_events.get() > 0;
        waits
    }
}

/// Connectors over which nothing goes for a while: their breaker is open, or they were stopped.
fn held(handle: &Handle) -> Vec<steward::model::Text> {
    let connectors = handle.metrics().connectors();
    let held = connectors
        .iter()
        .filter(|(_, of)| of.breaker_open.get() + of.stopped.get() > 0);
    held.map(|(name, _)| name.clone()).collect()
}

/// `30s`, `5m`, `2h`, `7d`.
fn millis(text: &str) -> Millis {
    let (number, unit) = text.split_at(text.len() - 1);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        other => panic!("no unit `{other}`"),
    };
    number.parse::<Millis>().unwrap() * seconds * 1_000
}
