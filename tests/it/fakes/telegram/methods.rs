//! The methods of the Bot API that Steward calls, as platforms/telegram.md §2 has them.

use super::{BOT, Chat, Refusal, Standing, State};
use serde_json::{Map, Value, json};

type Params = Map<String, Value>;
type Answer = Result<Value, Refusal>;

const TEXT_UNITS_MAX: usize = 4_096;
const CAPTION_UNITS_MAX: usize = 1_024;

pub(super) fn call(state: &mut State, method: &str, params: &Params) -> Answer {
    match method {
        "getMe" => Ok(state.user(BOT)),
        "setWebhook" => set_webhook(state, params),
        "getWebhookInfo" => Ok(state.webhook.clone()),
        "sendMessage" => send(state, params, "text", TEXT_UNITS_MAX),
        "sendPhoto" | "sendDocument" => send(state, params, "caption", CAPTION_UNITS_MAX),
        "setMessageReaction" | "deleteMessage" | "pinChatMessage" => {
            on_message(state, method, params)
        }
        "banChatMember" | "unbanChatMember" | "restrictChatMember" => {
            on_member(state, method, params)
        }
        "approveChatJoinRequest" | "declineChatJoinRequest" => on_request(state, method, params),
        "createChatInviteLink" => link(state, params),
        "setChatPermissions" => {
            let permissions = params.get("permissions").cloned();
            let chat = administered(state, params)?;
            chat.permissions =
                permissions.ok_or_else(|| bad("can't find field \"permissions\""))?;
            Ok(json!(true))
        }
        "getChat" => {
            let chat = group(state, params)?;
            Ok(json!({ "type": chat.kind, "title": chat.title, "permissions": chat.permissions }))
        }
        _ => Err(Refusal::new(404, "Not Found: method not found")),
    }
}

fn bad(description: &str) -> Refusal {
    Refusal::new(400, format!("Bad Request: {description}"))
}

fn int(params: &Params, field: &str) -> Result<i64, Refusal> {
    params
        .get(field)
        .and_then(Value::as_i64)
        .ok_or_else(|| bad(&format!("{field} is empty")))
}

fn group<'a>(state: &'a mut State, params: &Params) -> Result<&'a mut Chat, Refusal> {
    let id = int(params, "chat_id")?;
    let chat = state
        .chats
        .get_mut(&id)
        .ok_or_else(|| bad("chat not found"))?;
    if let Some(to) = chat.moved_to {
        return Err(Refusal {
            parameters: Some(json!({ "migrate_to_chat_id": to })),
            ..bad("group chat was upgraded to a supergroup chat")
        });
    }
    match chat.members.get(&BOT) {
        Some(standing) if standing.is_present() => Ok(chat),
        Some(_) | None => Err(Refusal::new(
            403,
            format!("Forbidden: bot was kicked from the {} chat", chat.kind),
        )),
    }
}

/// A group where the bot may moderate.
fn administered<'a>(state: &'a mut State, params: &Params) -> Result<&'a mut Chat, Refusal> {
    let chat = group(state, params)?;
    match chat.members.get(&BOT) {
        Some(standing) if standing.status == "administrator" => Ok(chat),
        Some(_) | None => Err(bad("not enough rights to restrict/unrestrict chat member")),
    }
}

fn set_webhook(state: &mut State, params: &Params) -> Answer {
    let url = params.get("url").and_then(Value::as_str).unwrap_or("");
    if !url.starts_with("https://") {
        return Err(bad(
            "bad webhook: An HTTPS URL must be provided for webhook",
        ));
    }
    state.webhook = json!({
        "url": url,
        "pending_update_count": 0,
        "allowed_updates": params.get("allowed_updates").cloned().unwrap_or_default(),
    });
    Ok(json!(true))
}

fn send(state: &mut State, params: &Params, field: &str, units_max: usize) -> Answer {
    let text = params.get(field).and_then(Value::as_str).unwrap_or("");
    check_text(params, text, field, units_max)?;
    let id = int(params, "chat_id")?;
    if id > 0 {
        let account = state.people.get(&id).ok_or_else(|| bad("chat not found"))?;
        if account.blocked {
            return Err(Refusal::new(403, "Forbidden: bot was blocked by the user"));
        }
        if !account.started {
            let said = "Forbidden: bot can't initiate conversation with a user";
            return Err(Refusal::new(403, said));
        }
        state.chats.entry(id).or_insert_with(|| Chat {
            kind: "private".to_owned(),
            members: [(BOT, Standing::of("member"))].into(),
            ..Chat::default()
        });
    }
    let chat = group(state, params)?;
    let reply = params.get("reply_parameters");
    if let Some(reply) = reply {
        let stands = reply["message_id"]
            .as_i64()
            .is_some_and(|id| chat.messages.contains_key(&id));
        if !stands && reply["allow_sending_without_reply"] != true {
            return Err(bad("message to be replied not found"));
        }
    }
    chat.last_message += 1;
    let sent = chat.last_message;
    chat.messages.insert(sent, Value::Object(params.clone()));
    Ok(json!({ "message_id": sent, "date": 1, "chat": { "id": id }, field: text }))
}

fn check_text(params: &Params, text: &str, field: &str, units_max: usize) -> Result<(), Refusal> {
    let units = text.encode_utf16().count();
    if field == "text" && text.trim().is_empty() {
        return Err(bad("message text is empty"));
    }
    if units > units_max {
        return Err(bad("message is too long"));
    }
    if params.contains_key("parse_mode") {
        return Err(bad("unsupported parse_mode"));
    }
    let entities = params
        .get("entities")
        .or_else(|| params.get("caption_entities"));
    for entity in entities.and_then(Value::as_array).into_iter().flatten() {
        let number = |field: &str| entity[field].as_u64().unwrap_or(u64::MAX);
        let end = number("offset").saturating_add(number("length"));
        if end > units as u64 || entity["user"]["id"].as_i64().is_none() {
            return Err(bad("can't parse entities: an entity is wrong"));
        }
    }
    let buttons = params
        .get("reply_markup")
        .map(|markup| &markup["inline_keyboard"]);
    let rows = buttons.and_then(Value::as_array).into_iter().flatten();
    for button in rows.filter_map(Value::as_array).flatten() {
        let data = button["callback_data"].as_str().unwrap_or("");
        if data.is_empty() || data.len() > 64 {
            return Err(bad("BUTTON_DATA_INVALID"));
        }
    }
    Ok(())
}

fn on_message(state: &mut State, method: &str, params: &Params) -> Answer {
    let message = int(params, "message_id")?;
    let chat = group(state, params)?;
    let words = match method {
        "deleteMessage" => "message to delete not found",
        "pinChatMessage" => "message to pin not found",
        _ => "message to react not found",
    };
    if !chat.messages.contains_key(&message) {
        return Err(bad(words));
    }
    match method {
        "deleteMessage" => {
            chat.messages.remove(&message);
        }
        "pinChatMessage" => {
            chat.pinned.retain(|pinned| *pinned != message);
            chat.pinned.push(message);
        }
        _ => {
            let emoji = params
                .get("reaction")
                .and_then(|list| list[0]["emoji"].as_str())
                .ok_or_else(|| bad("REACTION_INVALID"))?;
            chat.reactions.insert(message, emoji.to_owned());
        }
    }
    Ok(json!(true))
}

fn on_member(state: &mut State, method: &str, params: &Params) -> Answer {
    let user = int(params, "user_id")?;
    if user != BOT && !state.people.contains_key(&user) {
        return Err(bad("PARTICIPANT_ID_INVALID"));
    }
    let chat = administered(state, params)?;
    if chat.kind == "group" && method != "banChatMember" {
        return Err(bad(
            "method is available for supergroup and channel chats only",
        ));
    }
    let standing = chat
        .members
        .entry(user)
        .or_insert_with(|| Standing::of("left"));
    if matches!(standing.status, "administrator" | "creator") {
        return Err(bad("user is an administrator of the chat"));
    }
    match method {
        "banChatMember" => *standing = Standing::of("kicked"),
        "unbanChatMember" => {
            // Without `only_if_banned` a present member is put out.
            let only_banned = params.get("only_if_banned") == Some(&Value::Bool(true));
            if standing.status == "kicked" || !only_banned {
                *standing = Standing::of("left");
            }
        }
        _ => {
            let speaks = &params.get("permissions").unwrap_or(&Value::Null)["can_send_messages"];
            let until = params.get("until_date").and_then(Value::as_i64);
            standing.muted = *speaks != true;
            standing.until = until.unwrap_or(0);
            standing.status = if standing.muted {
                "restricted"
            } else {
                "member"
            };
        }
    }
    Ok(json!(true))
}

fn on_request(state: &mut State, method: &str, params: &Params) -> Answer {
    let user = int(params, "user_id")?;
    let chat = administered(state, params)?;
    let present = chat.members.get(&user).is_some_and(Standing::is_present);
    if present {
        return Err(bad("USER_ALREADY_PARTICIPANT"));
    }
    if !chat.requests.remove(&user) {
        return Err(bad("HIDE_REQUESTER_MISSING"));
    }
    if method == "approveChatJoinRequest" {
        chat.members.insert(user, Standing::of("member"));
    }
    Ok(json!(true))
}

fn link(state: &mut State, params: &Params) -> Answer {
    let name = params.get("name").and_then(Value::as_str).unwrap_or("");
    if name.chars().count() > 32 {
        return Err(bad("INVITE_LINK_NAME_TOO_LONG"));
    }
    let limit = params.get("member_limit").and_then(Value::as_i64);
    if limit.is_some_and(|limit| !(1..=99_999).contains(&limit)) {
        return Err(bad("member limit must be 1-99999"));
    }
    let id = int(params, "chat_id")?;
    let chat = administered(state, params)?;
    chat.last_message += 1;
    let made = chat.last_message;
    Ok(
        json!({ "invite_link": format!("https://t.me/+{}-{made}", id.unsigned_abs()), "name": name }),
    )
}
