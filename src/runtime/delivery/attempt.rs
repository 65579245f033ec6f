//! One attempt: the connector's requests one after the other, until it knows what they mean.

use crate::connector::{Answer, Next, Outcome, Request, http};
use crate::model::{Effect, Receipt, Text, Verdict};
use crate::runtime::clock::Clock;
use crate::runtime::queue::{Queue, Urgent};
use crate::runtime::setup::Link;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Requests of one attempt. Matrix needs up to five; more is a connector that goes in circles.
const REQUESTS_MAX: usize = 32;

/// What an attempt needs.
pub(super) struct Attempt {
    pub(super) community: Text,
    pub(super) effect: Effect,
    /// From 1.
    pub(super) number: u32,
    pub(super) link: Link,
    pub(super) client: http::Client,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) queue: Arc<Queue>,
}

impl Attempt {
    /// Carries it out; `None` when it was called off before anything was sent that counts.
    pub(super) async fn run(self) -> Option<Outcome> {
        let mut answers: Vec<Answer> = Vec::new();
        let mut announced = false;
        loop {
            let request = match self.drive(&answers) {
                Next::End(outcome) => return Some(outcome),
                Next::Send(request) => request,
            };
            if answers.len() >= REQUESTS_MAX {
                return Some(Outcome::Broken {
                    reason: format!("no end after {REQUESTS_MAX} requests"),
                });
            }
            if !announced && self.must_announce(&request) {
                if !self.announce().await {
                    return None;
                }
                announced = true;
            }
            let mut request = request;
            self.link.connector.sign(&mut request, self.clock.now());
            let exchange = self
                .client
                .exchange(request, self.link.guard, http::Cut::Answer);
            answers.push(exchange.await);
        }
    }

    fn drive(&self, answers: &[Answer]) -> Next {
        let drive = || self.link.connector.drive(&self.effect, answers);
        catch_unwind(AssertUnwindSafe(drive)).unwrap_or_else(|_panic| {
            Next::End(Outcome::Broken {
                reason: "the connector panicked".to_owned(),
            })
        })
    }

    /// Whether "sending" must be in the journal first, so that a crash leaves the effect unknown.
    const fn must_announce(&self, request: &Request) -> bool {
        self.link.hold_unknown && request.unsafe_to_repeat && !self.effect.action.sets_state()
    }

    /// Journals "sending"; false when the effect must not be sent any more, or nothing can be
    /// journalled.
    async fn announce(&self) -> bool {
        let (may_go, answer) = oneshot::channel();
        self.queue.push_urgent(Urgent::Receipt {
            community: self.community.clone(),
            receipt: Receipt {
                effect: self.effect.id,
                attempt: self.number,
                verdict: Verdict::Sending,
            },
            may_go: Some(may_go),
        });
        answer.await.unwrap_or(false)
    }
}
