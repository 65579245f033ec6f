//! A message: what somebody wrote, or a service message that tells of the group.

use super::entities::covered;
use super::json::{id, int, is_true, items, text};
use super::update::{Reading, Scene, person, scene};
use crate::model::{Content, Happening, Message, Person, Place, Text};
use serde_json::Value;

/// Fields that make a message something to read, with what they are. The first one that is there
/// counts: an animation also comes as a document, a venue as a location.
const CONTENTS: [(&str, Content); 18] = [
    ("text", Content::Text),
    ("photo", Content::Image),
    ("animation", Content::Video),
    ("video", Content::Video),
    ("video_note", Content::Video),
    ("voice", Content::Voice),
    ("audio", Content::File),
    ("document", Content::File),
    ("sticker", Content::Sticker),
    ("location", Content::Location),
    ("contact", Content::Other),
    ("poll", Content::Other),
    ("dice", Content::Other),
    ("game", Content::Other),
    ("story", Content::Other),
    ("paid_media", Content::Other),
    ("checklist", Content::Other),
    ("invoice", Content::Other),
];

/// Reads `message` or `edited_message`.
pub(super) fn posted(reading: &mut Reading<'_>, message: &Value, edited: bool) {
    let date = if edited { "edit_date" } else { "date" };
    let Some(scene) = scene(message, Some(date)) else {
        return reading.ignore("message.chat");
    };
    if reading.is_own(message.get("from")) {
        return reading.ignore("message.own");
    }
    let content = CONTENTS
        .iter()
        .find(|(field, _)| message.get(field).is_some());
    let Some((field, content)) = content else {
        return match &scene.group {
            Some(place) => service(reading, message, &scene, place),
            None => reading.ignore("message.service"),
        };
    };
    let Some(id) = id(message, "message_id") else {
        return reading.ignore("message.unreadable");
    };
    // Whoever writes as a chat (an anonymous administrator, a channel) is no person to us.
    let writer = if message.get("sender_chat").is_some() {
        None
    } else {
        person(message.get("from"))
    };
    let read = Message {
        id,
        content: *content,
        files: files(message, field),
        edited,
        ..words(reading, message)
    };
    reading.tell(&scene, writer, Happening::MessagePosted(read));
}

/// The text or caption with its marks, and what it answers.
fn words(reading: &Reading<'_>, message: &Value) -> Message {
    let (written, marks) = match text(message, "text") {
        Some(written) => (written, items(message, "entities")),
        None => (
            text(message, "caption").unwrap_or_default(),
            items(message, "caption_entities"),
        ),
    };
    let mut read = Message {
        text: written.into(),
        ..Message::default()
    };
    for mark in marks {
        entity(reading, written, mark, &mut read);
    }
    let in_topic = is_true(message, "is_topic_message");
    let answered = message.get("reply_to_message");
    // In a topic, a message that answers nothing "replies" to the message that opened the topic.
    let opens_topic = |answered: &Value| {
        in_topic && int(answered, "message_id") == int(message, "message_thread_id")
    };
    if let Some(answered) = answered.filter(|answered| !opens_topic(answered)) {
        read.reply_to = id(answered, "message_id");
        read.mentions_bot |= reading.is_own(answered.get("from"));
    }
    if in_topic {
        read.thread = id(message, "message_thread_id");
    }
    read
}

/// One entity. `@name` of a user name stays text: which account it is cannot be told offline. For
/// the same reason any `/command@name` counts as meant for us: without a right to read everything
/// a bot only gets those that are.
fn entity(reading: &Reading<'_>, written: &str, mark: &Value, read: &mut Message) {
    let number = |field| int(mark, field).and_then(|number| usize::try_from(number).ok());
    let words = || covered(written, number("offset")?, number("length")?);
    match text(mark, "type") {
        Some("text_mention") => {
            let user = mark.get("user");
            read.mentions_bot |= reading.is_own(user);
            read.mentions.extend(user.and_then(|user| id(user, "id")));
        }
        Some("bot_command") => {
            read.mentions_bot |= words().is_some_and(|command| command.contains('@'));
        }
        Some("url") => read.links.extend(words().map(Text::from)),
        Some("text_link") => read.links.extend(text(mark, "url").map(Text::from)),
        Some(_) | None => {}
    }
}

/// A file by its name, else by the id that a bot may send it again with. A photo comes in several
/// sizes, the largest last.
fn files(message: &Value, field: &str) -> Vec<Text> {
    let file = match message.get(field) {
        Some(Value::Array(sizes)) => sizes.last(),
        other => other,
    };
    file.and_then(|file| text(file, "file_name").or_else(|| text(file, "file_id")))
        .map(Text::from)
        .into_iter()
        .collect()
}

/// A service message of a group.
fn service(reading: &mut Reading<'_>, message: &Value, scene: &Scene, place: &Place) {
    let actor = person(message.get("from"));
    if let Some(joined) = message.get("new_chat_members").and_then(Value::as_array) {
        joined_members(reading, joined, scene, actor.as_ref());
    } else if let Some(left) = message.get("left_chat_member") {
        left_member(reading, left, scene, actor);
    } else if let Some(new_id) = id(message, "migrate_to_chat_id") {
        reading.tell(scene, None, Happening::GroupMoved { new_id });
    } else if message.get("migrate_from_chat_id").is_some() {
        // The old group told of the same move.
        reading.ignore("message.migrate_from_chat_id");
    } else if let Some(title) = text(message, "new_chat_title") {
        let renamed = Scene {
            group: Some(Place {
                name: Some(title.into()),
                ..place.clone()
            }),
            ..scene.clone()
        };
        reading.tell(&renamed, actor, Happening::GroupRenamed);
    } else if is_true(message, "group_chat_created") || is_true(message, "supergroup_chat_created")
    {
        reading.tell(scene, None, Happening::GroupCreated { creator: actor });
    } else {
        reading.ignore("message.service");
    }
}

/// The fallback for `chat_member` (see `member`): it names no link and no ban.
fn joined_members(
    reading: &mut Reading<'_>,
    joined: &[Value],
    scene: &Scene,
    actor: Option<&Person>,
) {
    for user in joined {
        let member = person(Some(user)).filter(|_| !reading.is_own(Some(user)));
        let Some(member) = member else {
            // Our own coming is told by `my_chat_member`.
            reading.ignore("message.new_chat_members");
            continue;
        };
        let inviter = actor.filter(|actor| actor.id != member.id).cloned();
        let source = inviter.as_ref().map(|_| "invite".into());
        reading.tell(
            scene,
            Some(member),
            Happening::MemberJoined { inviter, source },
        );
    }
}

fn left_member(reading: &mut Reading<'_>, left: &Value, scene: &Scene, actor: Option<Person>) {
    let member = person(Some(left)).filter(|_| !reading.is_own(Some(left)));
    let Some(member) = member else {
        return reading.ignore("message.left_chat_member");
    };
    let by = actor.filter(|actor| actor.id != member.id);
    let what = Happening::MemberLeft { by, banned: false };
    reading.tell(scene, Some(member), what);
}
