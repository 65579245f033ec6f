//! Several calls for one effect, written as straight code: every call takes the next answer, and
//! the first call without one is the request to send. With more answers the same code runs again
//! from its start and comes further, so nothing is remembered between requests.

use super::Telegram;
use super::errors::{Kind, Trouble, read};
use crate::connector::{Answer, Request};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use std::slice;

/// One method call, still without its chat.
#[derive(Clone)]
pub(super) struct Call {
    method: &'static str,
    params: Map<String, Value>,
    unsafe_to_repeat: bool,
    /// Parameters that may be left out when Telegram cannot read them.
    marks: Option<&'static str>,
}

impl Call {
    /// A call that sets a state, or asks.
    pub(super) fn new(method: &'static str) -> Self {
        Self {
            method,
            params: Map::new(),
            unsafe_to_repeat: false,
            marks: None,
        }
    }

    /// A call whose repetition would be seen twice.
    pub(super) fn sending(method: &'static str) -> Self {
        Self {
            unsafe_to_repeat: true,
            ..Self::new(method)
        }
    }

    /// Adds a parameter.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// Adds marks in the text, if there are any.
    pub(super) fn with_marks(mut self, name: &'static str, marks: &[Value]) -> Self {
        if !marks.is_empty() {
            self.params.insert(name.to_owned(), json!(marks));
            self.marks = Some(name);
        }
        self
    }
}

/// Why the code cannot go on.
#[derive(Debug, PartialEq)]
pub(super) enum Halt {
    /// The next request.
    Ask(Request),
    /// The answer to a call was not the wished one.
    Said {
        trouble: Trouble,
        unsafe_to_repeat: bool,
    },
}

/// The calls so far and their answers.
pub(super) struct Walk<'a> {
    bot: &'a Telegram,
    answers: slice::Iter<'a, Answer>,
    /// The chat that calls are about; none for calls about the bot itself.
    chat: Option<Value>,
    /// Where the chat went to, when an answer said so.
    pub(super) moved_to: Option<i64>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(bot: &'a Telegram, chat: Option<Value>, answers: &'a [Answer]) -> Self {
        Self {
            bot,
            answers: answers.iter(),
            chat,
            moved_to: None,
        }
    }

    /// The result of a call. Two troubles are met here: a group that moved is asked for at its new
    /// id, and a text whose marks Telegram does not take goes without them.
    pub(super) fn call(&mut self, mut call: Call) -> Result<Value, Halt> {
        loop {
            let request = self.request(&call);
            let Some(answer) = self.answers.next() else {
                return Err(Halt::Ask(request));
            };
            let trouble = match read(answer) {
                Ok(result) => return Ok(result),
                Err(trouble) => trouble,
            };
            match (trouble.kind, call.marks) {
                (Kind::Moved { to }, _) if self.moved_to.is_none() && self.chat.is_some() => {
                    self.moved_to = Some(to);
                    self.chat = Some(to.into());
                }
                (Kind::Entities, Some(marks)) => {
                    call.params.remove(marks);
                    call.marks = None;
                }
                _ => {
                    return Err(Halt::Said {
                        trouble,
                        unsafe_to_repeat: call.unsafe_to_repeat,
                    });
                }
            }
        }
    }

    fn request(&self, call: &Call) -> Request {
        let mut body = Map::new();
        if let Some(chat) = &self.chat {
            body.insert("chat_id".to_owned(), chat.clone());
        }
        body.extend(call.params.clone());
        Request {
            method: "POST",
            url: format!(
                "{}/bot{}/{}",
                self.bot.api,
                self.bot.token.expose_secret(),
                call.method
            ),
            headers: vec![("content-type", "application/json".to_owned())],
            body: Value::Object(body).to_string().into_bytes(),
            unsafe_to_repeat: call.unsafe_to_repeat,
        }
    }
}
