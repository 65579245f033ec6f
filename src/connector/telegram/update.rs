//! Updates to events (platforms/telegram.md §1). What we do not know is acknowledged and counted:
//! an update that is refused comes again for a day and holds up its chat.

use super::json::{id, int, is_true, items, millis, text};
use super::{member, message};
use crate::connector::{Error, Received, Reply};
use crate::model::{Event, Happening, Millis, Person, Place, Text};
use serde_json::{Value, json};

/// The kinds that `receive` understands and `setWebhook` asks for by name: an omitted list keeps
/// the former setting, and an empty one leaves out `chat_member` (platforms/telegram.md §1).
pub(super) const KINDS: [&str; 8] = [
    "message",
    "edited_message",
    "callback_query",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "message_reaction",
];

/// Accounts of Telegram's own that stand for somebody unnamed: the anonymous administrator, the
/// channel that writes in a group, and the forwarder of a linked channel's posts.
const NOBODIES: [i64; 3] = [1_087_968_824, 136_817_688, 777_000];

/// One update being read.
pub(super) struct Reading<'a> {
    pub(super) connector: &'a Text,
    /// The bot's own account.
    pub(super) own_id: Option<i64>,
    events: Vec<Event>,
    ignored: Vec<Text>,
    reply: Reply,
}

/// The shared head of an event.
#[derive(Clone)]
pub(super) struct Scene {
    pub(super) group: Option<Place>,
    pub(super) happened_at: Option<Millis>,
}

/// Reads one update. Fails only on what is no update at all.
pub(super) fn decode(
    connector: &Text,
    own_id: Option<i64>,
    body: &[u8],
) -> Result<Received, Error> {
    let update: Value =
        serde_json::from_slice(body).map_err(|error| Error::Undecodable(error.to_string()))?;
    let update_id =
        int(&update, "update_id").ok_or_else(|| Error::Undecodable("no `update_id`".to_owned()))?;
    let mut reading = Reading {
        connector,
        own_id,
        events: Vec::new(),
        ignored: Vec::new(),
        reply: Reply::default(),
    };
    reading.update(&update);
    Ok(reading.finish(update_id))
}

impl Reading<'_> {
    fn update(&mut self, update: &Value) {
        let Some((kind, content)) = update
            .as_object()
            .into_iter()
            .flatten()
            .find(|(field, _)| *field != "update_id")
        else {
            return self.ignore("update.empty");
        };
        match kind.as_str() {
            "message" => message::posted(self, content, false),
            "edited_message" => message::posted(self, content, true),
            "callback_query" => self.callback_query(content),
            "poll_answer" => self.poll_answer(content),
            "my_chat_member" => member::own(self, content),
            "chat_member" => member::changed(self, content),
            "chat_join_request" => self.join_request(content),
            "message_reaction" => self.reaction(content),
            other => self.ignore(&format!("update.{other}")),
        }
    }

    /// Adds an event; its id is set at the end.
    pub(super) fn tell(&mut self, scene: &Scene, member: Option<Person>, what: Happening) {
        self.events.push(Event {
            connector: self.connector.clone(),
            id: None,
            happened_at: scene.happened_at,
            group: scene.group.clone(),
            member,
            what,
        });
    }

    /// Counts something that maps to nothing.
    pub(super) fn ignore(&mut self, kind: &str) {
        self.ignored.push(kind.into());
    }

    /// True for the bot's own account.
    pub(super) fn is_own(&self, user: Option<&Value>) -> bool {
        let user = user.and_then(|user| int(user, "id"));
        user.is_some() && user == self.own_id
    }

    /// `update_id` names the update; its events count on from it.
    fn finish(mut self, update_id: i64) -> Received {
        let several = self.events.len() > 1;
        for (index, event) in self.events.iter_mut().enumerate() {
            let id = if several {
                format!("{update_id}/{index}")
            } else {
                update_id.to_string()
            };
            event.id = Some(id.into());
        }
        Received {
            events: self.events,
            ignored: self.ignored,
            reply: self.reply,
        }
    }

    /// A pressed button. The webhook's answer carries the call that ends the button's spinner:
    /// its result is of no use to us, so it needs no request of its own.
    fn callback_query(&mut self, query: &Value) {
        if let Some(id) = text(query, "id") {
            let call = json!({ "method": "answerCallbackQuery", "callback_query_id": id });
            self.reply = Reply::json(200, call.to_string());
        }
        let Some(message) = query.get("message") else {
            // We post nothing inline: the button belongs to no question of ours.
            return self.ignore("callback_query.inline");
        };
        let (Some(data), Some(id)) = (text(query, "data"), id(message, "message_id")) else {
            return self.ignore("callback_query.game");
        };
        let Some(scene) = scene(message, None) else {
            return self.ignore("callback_query.chat");
        };
        let choice = label(message, data).unwrap_or(data);
        let what = Happening::ChoiceMade {
            message: id,
            choices: vec![choice.into()],
        };
        self.tell(&scene, person(query.get("from")), what);
    }

    /// A vote in a poll of the bot's own. It names no chat: the poll's id stands for the message.
    fn poll_answer(&mut self, vote: &Value) {
        let Some(poll) = text(vote, "poll_id") else {
            return self.ignore("poll_answer.unreadable");
        };
        let options = items(vote, "option_ids").iter().filter_map(Value::as_i64);
        let what = Happening::ChoiceMade {
            message: poll.into(),
            choices: options.map(|option| option.to_string().into()).collect(),
        };
        let voter = if vote.get("voter_chat").is_some() {
            None
        } else {
            person(vote.get("user"))
        };
        let scene = Scene {
            group: None,
            happened_at: None,
        };
        self.tell(&scene, voter, what);
    }

    fn join_request(&mut self, request: &Value) {
        let applicant = person(request.get("from"));
        let (Some(scene), Some(applicant)) = (scene(request, Some("date")), applicant) else {
            return self.ignore("chat_join_request.unreadable");
        };
        if scene.group.is_none() {
            return self.ignore("chat_join_request.chat");
        }
        let what = Happening::JoinRequested {
            handle: id(request, "user_chat_id").unwrap_or_else(|| applicant.id.clone()),
            answer: text(request, "bio").unwrap_or_default().into(),
            inviter: None,
        };
        self.tell(&scene, Some(applicant), what);
    }

    /// The reactions of one person to one message, before and after: the difference is told.
    fn reaction(&mut self, change: &Value) {
        let (Some(scene), Some(message)) = (scene(change, Some("date")), id(change, "message_id"))
        else {
            return self.ignore("message_reaction.unreadable");
        };
        if self.is_own(change.get("user")) {
            return self.ignore("message_reaction.own");
        }
        let member = person(change.get("user"));
        let old: Vec<Text> = emoji(items(change, "old_reaction"));
        let new: Vec<Text> = emoji(items(change, "new_reaction"));
        let gone = old.iter().filter(|known| !new.contains(known));
        let come = new.iter().filter(|known| !old.contains(known));
        let changes = gone
            .map(|emoji| (emoji, true))
            .chain(come.map(|emoji| (emoji, false)));
        for (emoji, removed) in changes {
            let what = Happening::ReactionChanged {
                message: message.clone(),
                emoji: emoji.clone(),
                removed,
            };
            self.tell(&scene, member.clone(), what);
        }
    }
}

/// Emoji stand for themselves, custom ones by their id, paid ones as the star they show.
fn emoji(reactions: &[Value]) -> Vec<Text> {
    let name = |reaction: &Value| match text(reaction, "type")? {
        "emoji" => text(reaction, "emoji").map(Text::from),
        "custom_emoji" => text(reaction, "custom_emoji_id").map(Text::from),
        "paid" => Some("\u{2b50}".into()),
        _ => None,
    };
    reactions.iter().filter_map(name).collect()
}

/// What the pressed button says. A choice too long for a button's data is found this way.
fn label<'a>(message: &'a Value, data: &str) -> Option<&'a str> {
    let keyboard = message.get("reply_markup")?;
    items(keyboard, "inline_keyboard")
        .iter()
        .filter_map(Value::as_array)
        .flatten()
        .find(|button| text(button, "callback_data") == Some(data))
        .and_then(|button| text(button, "text"))
}

/// Where something happened: a group, or (`group: None`) the conversation with one person.
/// `None` for channels, which have no members that write.
pub(super) fn scene(of: &Value, date: Option<&str>) -> Option<Scene> {
    let chat = of.get("chat")?;
    let group = match text(chat, "type")? {
        "private" => None,
        "group" | "supergroup" => Some(Place {
            id: id(chat, "id")?,
            name: text(chat, "title").map(Text::from),
        }),
        _ => return None,
    };
    Some(Scene {
        group,
        happened_at: date.and_then(|date| millis(of, date)),
    })
}

/// A person; `None` for accounts that stand for somebody unnamed.
pub(super) fn person(user: Option<&Value>) -> Option<Person> {
    let user = user?;
    let number = int(user, "id")?;
    if NOBODIES.contains(&number) {
        return None;
    }
    let names = [text(user, "first_name"), text(user, "last_name")];
    let name = names
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    Some(Person {
        id: number.to_string().into(),
        name: (!name.is_empty()).then(|| name.into()),
        nick: None,
        role: None,
        is_bot: is_true(user, "is_bot"),
    })
}
