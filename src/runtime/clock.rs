//! The one place that reads the clock. Everything else gets time as an argument, or asks a
//! [`Clock`], which in tests is moved by hand.

use crate::model::Millis;
use crate::model::time::SECOND;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// What [`Clock::sleep_until`] gives.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// Now. It can step back and forth: the writer never stamps an input before an earlier one.
    fn now(&self) -> Millis;

    /// Ends when [`Clock::now`] has reached `at`; earlier only where the clock was set back.
    fn sleep_until(&self, at: Millis) -> Sleep<'_>;

    /// Microseconds since some fixed instant, never going back: for measuring only.
    fn stopwatch_us(&self) -> u64;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

/// The longest nap before the clock is looked at again: it may have been set, or the machine may
/// have slept.
const NAP_MS_MAX: Millis = 15 * SECOND;

impl SystemClock {
    /// The machine's clock; the stopwatch starts now.
    #[expect(clippy::disallowed_methods, reason = "this file is the clock")]
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this file is the clock")]
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| {
            Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
        })
    }

    fn sleep_until(&self, at: Millis) -> Sleep<'_> {
        Box::pin(async move {
            // Where the clock is set back meanwhile, as much time as was left has to pass.
            let mut left = at.saturating_sub(self.now());
            while left > 0 {
                let nap = left.min(NAP_MS_MAX);
                tokio::time::sleep(Duration::from_millis(nap.unsigned_abs())).await;
                left = (left - nap).min(at.saturating_sub(self.now()));
            }
        })
    }

    fn stopwatch_us(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// A clock that stands still until it is moved. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct TestClock {
    now: watch::Sender<Millis>,
}

impl TestClock {
    /// A clock that shows `at`.
    pub fn at(at: Millis) -> Self {
        Self {
            now: watch::Sender::new(at),
        }
    }

    /// Moves it forward and wakes who waited for that.
    pub fn advance(&self, by: Millis) {
        self.now
            .send_modify(|now| *now = now.saturating_add(by.max(0)));
    }

    /// Sets it, also back.
    pub fn set(&self, at: Millis) {
        self.now.send_replace(at);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Millis {
        *self.now.borrow()
    }

    fn sleep_until(&self, at: Millis) -> Sleep<'_> {
        let mut now = self.now.subscribe();
        Box::pin(async move {
            // The sender is in `self`, so waiting cannot fail.
            drop(now.wait_for(|now| *now >= at).await);
        })
    }

    fn stopwatch_us(&self) -> u64 {
        u64::try_from(self.now()).unwrap_or(0).saturating_mul(1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_was_moved_far_enough() {
        let clock = TestClock::at(1_000);
        let (woke, mut wakes) = oneshot::channel();
        let sleeper: Arc<dyn Clock> = Arc::new(clock.clone());
        let task = tokio::spawn(async move {
            sleeper.sleep_until(3_000).await;
            woke.send(sleeper.now()).unwrap();
        });
        tokio::task::yield_now().await;
        clock.advance(1_999);
        tokio::task::yield_now().await;
        assert!(wakes.try_recv().is_err(), "a millisecond is missing");
        clock.advance(1);
        assert_eq!(wakes.await, Ok(3_000));
        task.await.unwrap();
    }

    #[tokio::test]
    async fn the_past_is_not_waited_for() {
        SystemClock::new().sleep_until(0).await;
        TestClock::at(5).sleep_until(5).await;
    }
}
