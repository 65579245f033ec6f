//! What each action does to the platform, and how `NapCat` answers it.

use super::{ACCOUNT, Group, Member, Message, State};
use serde_json::{Value, json};

/// `data`, or `retcode` and words.
type Answer = Result<Value, (i64, String)>;

/// `NapCat`'s form of a failure at run time.
fn failed(words: impl Into<String>) -> (i64, String) {
    (200, words.into())
}

/// `NapCat` takes ids as numbers and as texts.
fn id(params: &Value, name: &str) -> Result<i64, (i64, String)> {
    let value = params.get(name).unwrap_or(&Value::Null);
    let text = value.as_str().and_then(|text| text.parse().ok());
    value
        .as_i64()
        .or(text)
        .ok_or_else(|| (400, format!("{name}: must have required property")))
}

fn flag(params: &Value, name: &str, default: bool) -> bool {
    params.get(name).and_then(Value::as_bool).unwrap_or(default)
}

fn text(params: &Value, name: &str) -> String {
    let text = params.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

impl State {
    pub(super) fn act(&mut self, action: &str, params: &Value) -> Answer {
        match action {
            "send_group_msg" => self.send_group(params),
            "send_private_msg" => self.send_private(params),
            "delete_msg" => self.delete(params),
            "set_essence_msg" => self.essence(params),
            "set_group_kick" => self.kick(params),
            "set_group_ban" => self.ban(params),
            "set_group_whole_ban" => self.whole_ban(params),
            "set_group_add_request" => self.decide(params),
            "_send_group_notice" => self.notice(params),
            "get_group_member_list" => self.list(params),
            "get_group_member_info" => self.info(params),
            "get_login_info" => Ok(json!({ "user_id": ACCOUNT, "nickname": "管家" })),
            "get_status" => Ok(json!({ "online": true, "good": true, "stat": {} })),
            "get_version_info" => Ok(json!({
                "app_name": "NapCat.Onebot", "protocol_version": "v11", "app_version": "4.9.0",
            })),
            other => Err(failed(format!("不支持的Api {other}"))),
        }
    }

    fn group(&mut self, params: &Value) -> Result<(i64, &mut Group), (i64, String)> {
        let number = id(params, "group_id")?;
        let group = self.groups.get_mut(&number);
        Ok((number, group.ok_or_else(|| failed("GROUP_NOT_FOUND"))?))
    }

    /// Adds a message. Its id is a hash there, so it can be negative.
    fn post(&mut self, to: i64, params: &Value) -> Answer {
        let segments = params.get("message").cloned().unwrap_or_default();
        if segments.as_array().is_none_or(Vec::is_empty) {
            return Err((400, "message: must be array".to_owned()));
        }
        self.sent += 1;
        let id = -1_000 - self.sent;
        let message = Message {
            to,
            segments,
            essence: false,
        };
        self.messages.insert(id, message);
        Ok(json!({ "message_id": id }))
    }

    fn send_group(&mut self, params: &Value) -> Answer {
        let (number, group) = self.group(params)?;
        let me = group.members.get(&ACCOUNT);
        if me.is_none_or(|me| me.muted_s != 0) {
            return Err(failed("SEND_MSG_API_ERROR"));
        }
        self.post(number, params)
    }

    /// People who are no friends can be written to from a group that both are in.
    fn send_private(&mut self, params: &Value) -> Answer {
        let user = id(params, "user_id")?;
        let (_, group) = self.group(params)?;
        if !group.members.contains_key(&user) {
            return Err(failed("user not in group"));
        }
        self.post(user, params)
    }

    fn delete(&mut self, params: &Value) -> Answer {
        let message = self.messages.remove(&id(params, "message_id")?);
        message
            .map(|_| Value::Null)
            .ok_or_else(|| failed("消息不存在"))
    }

    fn essence(&mut self, params: &Value) -> Answer {
        let message = self.messages.get_mut(&id(params, "message_id")?);
        message.ok_or_else(|| failed("消息不存在"))?.essence = true;
        Ok(Value::Null)
    }

    /// Answers "ok" whatever came of it, as `NapCat` does.
    fn kick(&mut self, params: &Value) -> Answer {
        let user = id(params, "user_id")?;
        let (number, group) = self.group(params)?;
        if group.rank(ACCOUNT) <= group.rank(user) || group.members.remove(&user).is_none() {
            return Ok(Value::Null);
        }
        if flag(params, "reject_add_request", false) {
            group.barred.push(user);
        }
        self.happened(
            number,
            user,
            &json!({ "notice_type": "group_decrease", "sub_type": "kick" }),
        );
        Ok(Value::Null)
    }

    fn ban(&mut self, params: &Value) -> Answer {
        let user = id(params, "user_id")?;
        let seconds = id(params, "duration").unwrap_or(0);
        let (number, group) = self.group(params)?;
        if group.rank(ACCOUNT) < 2 {
            return Err(failed("ERR_NOT_GROUP_ADMIN"));
        }
        if group.rank(user) == 3 {
            return Err(failed("cannot ban owner"));
        }
        if seconds >= 2_592_000 {
            return Err(failed("DURATION_IS_NOT_IN_RANGE"));
        }
        let member = group.members.get_mut(&user);
        member.ok_or_else(|| failed("user not in group"))?.muted_s = seconds;
        let sub_type = if seconds == 0 { "lift_ban" } else { "ban" };
        let notice =
            json!({ "notice_type": "group_ban", "sub_type": sub_type, "duration": seconds });
        self.happened(number, user, &notice);
        Ok(Value::Null)
    }

    fn whole_ban(&mut self, params: &Value) -> Answer {
        let enable = flag(params, "enable", true);
        let (_, group) = self.group(params)?;
        group.all_muted = enable;
        Ok(Value::Null)
    }

    fn decide(&mut self, params: &Value) -> Answer {
        let request = self.requests.get_mut(&text(params, "flag"));
        let open = request.filter(|request| request.decided.is_none());
        let request = open.ok_or_else(|| failed("No such request"))?;
        let approve = flag(params, "approve", true);
        request.decided = Some((approve, text(params, "reason")));
        let (number, user) = (request.group, request.user);
        if approve && let Some(group) = self.groups.get_mut(&number) {
            group.members.insert(user, Member::default());
            let notice = json!({ "notice_type": "group_increase", "sub_type": "approve" });
            self.happened(number, user, &notice);
        }
        Ok(Value::Null)
    }

    fn notice(&mut self, params: &Value) -> Answer {
        let pinned = id(params, "pinned").unwrap_or(0) == 1;
        let (_, group) = self.group(params)?;
        group.notices.push((text(params, "content"), pinned));
        Ok(Value::Null)
    }

    fn list(&mut self, params: &Value) -> Answer {
        let (number, group) = self.group(params)?;
        let members = group.members.iter();
        Ok(members
            .map(|(user, member)| member.shown(number, *user))
            .collect())
    }

    fn info(&mut self, params: &Value) -> Answer {
        let user = id(params, "user_id")?;
        let (number, group) = self.group(params)?;
        let member = group.members.get(&user);
        let member = member.map(|member| member.shown(number, user));
        member.ok_or_else(|| failed(format!("群({number})成员{user}不存在")))
    }

    /// The notice that follows from an action of ours.
    fn happened(&mut self, group: i64, user: i64, what: &Value) {
        let mut event = json!({
            "time": 1_780_000_000, "self_id": ACCOUNT, "post_type": "notice", "group_id": group,
            "user_id": user, "operator_id": ACCOUNT,
        });
        let what = what.as_object().cloned().unwrap_or_default();
        event.as_object_mut().unwrap().extend(what);
        self.events.push(event);
    }
}

impl Group {
    /// 3 for the owner, 2 for administrators, 1 for the rest, 0 for strangers.
    fn rank(&self, user: i64) -> u8 {
        match self.members.get(&user).map(|member| member.role) {
            None => 0,
            Some("owner") => 3,
            Some("admin") => 2,
            Some(_) => 1,
        }
    }
}

impl Member {
    fn shown(&self, group: i64, user: i64) -> Value {
        let role = if self.role.is_empty() {
            "member"
        } else {
            self.role
        };
        json!({
            "group_id": group, "user_id": user, "nickname": format!("user {user}"), "card": "",
            "role": role, "join_time": 1_700_000_000, "last_sent_time": 0, "is_robot": false,
        })
    }
}
