//! What people do there: the fake's state changes and the updates come back, ready to be posted to
//! a hook, with `update_id` counting on.

use super::{BOT, Chat, FakeTelegram, Standing, State};
use serde_json::{Value, json};

impl FakeTelegram {
    /// Somebody enters a group: **two** updates, as Telegram sends them.
    pub(crate) fn joins(&self, chat: i64, user: i64, name: &str, at: i64) -> [Value; 2] {
        let mut state = self.lock();
        name.clone_into(&mut state.account(user).name);
        let change = state.changes(chat, user, user, "member", at);
        let person = state.user(user);
        let service = state.posts(chat, user, &json!({ "new_chat_members": [person] }), at);
        [change, service]
    }

    /// Somebody leaves a group, or is put out (`by` is then another person): two updates.
    pub(crate) fn leaves(&self, chat: i64, user: i64, by: i64, at: i64) -> [Value; 2] {
        let mut state = self.lock();
        let status = if by == user { "left" } else { "kicked" };
        let change = state.changes(chat, by, user, status, at);
        let person = state.user(user);
        let service = state.posts(chat, by, &json!({ "left_chat_member": person }), at);
        [change, service]
    }

    /// A message in a group, or with `chat == user` to the bot itself. Returns its id and update.
    pub(crate) fn says(&self, chat: i64, user: i64, text: &str, at: i64) -> (i64, Value) {
        let mut state = self.lock();
        if chat == user {
            let account = state.account(user);
            account.started = true;
            account.blocked = false;
        }
        let update = state.posts(chat, user, &json!({ "text": text }), at);
        let id = update["message"]["message_id"].as_i64().unwrap();
        (id, update)
    }

    /// Somebody presses a button below a message of the bot's.
    pub(crate) fn presses(&self, chat: i64, user: i64, message: i64, label: &str) -> Value {
        let mut state = self.lock();
        let sent = state.chats[&chat].messages[&message].clone();
        let rows = sent["reply_markup"]["inline_keyboard"].as_array().unwrap();
        let buttons = rows.iter().filter_map(Value::as_array).flatten();
        let pressed = buttons.clone().find(|button| button["text"] == label);
        let query = json!({
            "id": format!("query-{user}-{message}"),
            "from": state.user(user),
            "data": pressed.unwrap()["callback_data"],
            "message": {
                "message_id": message, "date": 1, "chat": state.place(chat),
                "from": state.user(BOT), "reply_markup": sent["reply_markup"],
            },
        });
        state.update("callback_query", &query)
    }

    /// Somebody puts a reaction on a message.
    pub(crate) fn reacts(&self, chat: i64, user: i64, message: i64, emoji: &str, at: i64) -> Value {
        let mut state = self.lock();
        let change = json!({
            "chat": state.place(chat), "message_id": message, "user": state.user(user), "date": at,
            "old_reaction": [], "new_reaction": [{ "type": "emoji", "emoji": emoji }],
        });
        state.update("message_reaction", &change)
    }

    /// Somebody asks to enter a group.
    pub(crate) fn asks_to_join(
        &self,
        chat: i64,
        user: i64,
        name: &str,
        bio: &str,
        at: i64,
    ) -> Value {
        let mut state = self.lock();
        name.clone_into(&mut state.account(user).name);
        state.chat(chat).requests.insert(user);
        let request = json!({
            "chat": state.place(chat), "from": state.user(user), "user_chat_id": user,
            "date": at, "bio": bio,
        });
        state.update("chat_join_request", &request)
    }

    /// Somebody gives a member (or the bot) another status, such as `administrator` or `member`.
    pub(crate) fn makes(
        &self,
        chat: i64,
        by: i64,
        user: i64,
        status: &'static str,
        at: i64,
    ) -> Value {
        self.lock().changes(chat, by, user, status, at)
    }

    /// Somebody blocks the bot in their private chat.
    pub(crate) fn blocks(&self, user: i64, at: i64) -> Value {
        let mut state = self.lock();
        state.account(user).blocked = true;
        let change = json!({
            "chat": { "id": user, "type": "private" }, "from": state.user(user), "date": at,
            "old_chat_member": { "status": "member", "user": state.user(BOT) },
            "new_chat_member": { "status": "kicked", "user": state.user(BOT), "until_date": 0 },
        });
        state.update("my_chat_member", &change)
    }

    /// A group becomes a supergroup with another id: two updates, one in each.
    pub(crate) fn migrates(&self, chat: i64, to: i64, by: i64, at: i64) -> [Value; 2] {
        let mut state = self.lock();
        let first = state.posts(chat, by, &json!({ "migrate_to_chat_id": to }), at);
        let old = state.chat(chat);
        old.moved_to = Some(to);
        let new = Chat {
            kind: "supergroup".to_owned(),
            title: old.title.clone(),
            members: old.members.clone(),
            permissions: old.permissions.clone(),
            ..Chat::default()
        };
        state.chats.insert(to, new);
        let second = state.posts(to, by, &json!({ "migrate_from_chat_id": chat }), at);
        [first, second]
    }
}

impl State {
    fn chat(&mut self, id: i64) -> &mut Chat {
        self.chats.entry(id).or_insert_with(|| Chat {
            kind: "private".to_owned(),
            members: [(BOT, Standing::of("member"))].into(),
            ..Chat::default()
        })
    }

    fn place(&self, id: i64) -> Value {
        match self.chats.get(&id) {
            Some(chat) if chat.kind != "private" => {
                json!({ "id": id, "type": chat.kind, "title": chat.title })
            }
            Some(_) | None => json!({ "id": id, "type": "private" }),
        }
    }

    fn update(&mut self, kind: &str, content: &Value) -> Value {
        self.last_update += 1;
        json!({ "update_id": self.last_update, kind: content })
    }

    fn posts(&mut self, chat: i64, user: i64, fields: &Value, at: i64) -> Value {
        let home = self.chat(chat);
        home.last_message += 1;
        let id = home.last_message;
        let mut message = json!({
            "message_id": id, "from": self.user(user), "chat": self.place(chat), "date": at });
        for (field, value) in fields.as_object().into_iter().flatten() {
            message[field] = value.clone();
        }
        self.chat(chat).messages.insert(id, message.clone());
        self.update("message", &message)
    }

    fn changes(&mut self, chat: i64, by: i64, user: i64, status: &'static str, at: i64) -> Value {
        let new = Standing::of(status);
        let old = self.chat(chat).members.insert(user, new.clone());
        let old = old.unwrap_or_else(|| Standing::of("left"));
        let side = |standing: &Standing| {
            json!({
                "status": standing.status, "user": self.user(user),
                "is_member": standing.is_present(),
                "can_send_messages": !standing.muted, "until_date": standing.until,
            })
        };
        let change = json!({
            "chat": self.place(chat), "from": self.user(by), "date": at,
            "old_chat_member": side(&old), "new_chat_member": side(&new),
        });
        let kind = if user == BOT {
            "my_chat_member"
        } else {
            "chat_member"
        };
        self.update(kind, &change)
    }
}
