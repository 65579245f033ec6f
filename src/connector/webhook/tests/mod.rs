//! The generic connector.

mod receiving;
mod sending;

use crate::connector::{Access, Connector, Settings, build};
use secrecy::SecretString;
use std::sync::Arc;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const AT: i64 = 1_614_265_330;

fn connector(secrets: &[&str]) -> Arc<dyn Connector> {
    let settings = Settings {
        name: "any".into(),
        access: Access::Webhook {
            url: Some("https://example.org/steward".to_owned()),
            secrets: secrets
                .iter()
                .map(|text| SecretString::from(*text))
                .collect(),
        },
    };
    build(&settings).unwrap()
}
