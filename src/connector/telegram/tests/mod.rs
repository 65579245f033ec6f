//! Goldens: bytes to events, effects to requests. No network.

mod arbitrary;
mod decode;
mod drive;
mod errand;
mod errors;
mod members;
mod post;
mod reading;
mod sending;

use super::Telegram;
use crate::connector::http::Headers;
use crate::connector::{Connector, Error, Payload, Received};

const TOKEN: &str = "555:AAH-secret";
const SECRET: &str = "hook-secret_1";

fn bot() -> Telegram {
    Telegram::new(
        "tg".into(),
        "https://api.telegram.org/",
        TOKEN.into(),
        SECRET.into(),
    )
}

fn receive_with(secret: Option<&str>, body: &[u8]) -> Result<Received, Error> {
    let secret = secret.map(|secret| {
        (
            "X-Telegram-Bot-Api-Secret-Token".to_owned(),
            secret.as_bytes().to_vec(),
        )
    });
    bot().receive(&Payload {
        method: "POST",
        path: "",
        query: "",
        headers: &Headers(secret.into_iter().collect()),
        body,
        arrived_at: 0,
    })
}

fn receive(body: &str) -> Received {
    receive_with(Some(SECRET), body.as_bytes()).unwrap()
}
