//! Named endpoints of steward.yaml (`endpoints:`), which a `webhook` step calls: the outward half
//! of the generic connector, with an address and a secret of its own. The shell carries one as the
//! connector `@NAME`, so that each has its own pace and its own circuit breaker.

use super::webhook::peer::Peer;
use super::{
    Answer, BadSettings, Connector, Errand, ErrandNext, ErrandResult, Error, Next, Payload, Rate,
    Received, Request,
};
use crate::model::{Effect, Millis, Text};
use secrecy::SecretString;
use std::sync::Arc;

/// The name under which effects ask for an endpoint.
pub fn connector_name(endpoint: &str) -> Text {
    format!("@{endpoint}").into()
}

/// The endpoint at that address. The first secret signs.
pub fn build(url: &str, secrets: &[SecretString]) -> Result<Arc<dyn Connector>, BadSettings> {
    Ok(Arc::new(Endpoint(Peer::new(url, secrets)?)))
}

struct Endpoint(Peer);

impl Connector for Endpoint {
    /// An endpoint has no hook: it is only called.
    fn receive(&self, _payload: &Payload<'_>) -> Result<Received, Error> {
        Err(Error::NoSuchPath)
    }

    fn drive(&self, effect: &Effect, answers: &[Answer]) -> Next {
        self.0.drive(effect, answers)
    }

    fn sign(&self, request: &mut Request, now: Millis) {
        self.0.sign(request, now);
    }

    fn run_errand(&self, _errand: &Errand, _answers: &[Answer]) -> ErrandNext {
        ErrandNext::End(ErrandResult::NotOffered)
    }

    fn default_rate(&self) -> Rate {
        Rate::OFF
    }
}
