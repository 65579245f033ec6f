//! What people and operators do in a day.

use super::{CHAT, Day};
use steward::model::{
    Command, Content, Event, Happening, Input, Message, Millis, Order, Person, Place, Record, Role,
    Text, Value,
};

impl Day {
    fn event(&mut self, group: Option<&str>, member: Person, what: Happening) -> Event {
        self.events += 1;
        let group = group.map(|id| Place {
            id: id.into(),
            name: None,
        });
        Event {
            connector: CHAT.into(),
            id: Some(format!("e{}", self.events).into()),
            happened_at: None,
            group,
            member: Some(member),
            what,
        }
    }

    fn happens(&mut self, group: Option<&str>, who: &str, what: Happening) {
        let event = self.event(group, person(who), what);
        self.input(Input::Event(Box::new(event)));
    }

    /// Somebody is in the group, since now and without any event that rules see.
    pub(crate) fn seat(&mut self, group: &str, people: &[&str]) {
        for who in people {
            self.seat_as(group, who, Role::Member);
        }
    }

    /// The same, with a role.
    pub(crate) fn seat_as(&mut self, group: &str, who: &str, role: Role) {
        let member = Person {
            role: Some(role),
            ..person(who)
        };
        let event = self.event(Some(group), member, Happening::MemberChanged);
        self.input(Input::Event(Box::new(event)));
    }

    pub(crate) fn join(&mut self, who: &str, group: &str) {
        let what = Happening::MemberJoined {
            inviter: None,
            source: None,
        };
        self.happens(Some(group), who, what);
    }

    /// Joins through something that has a name.
    pub(crate) fn join_by(&mut self, who: &str, group: &str, source: &str) {
        let what = Happening::MemberJoined {
            inviter: None,
            source: Some(source.into()),
        };
        self.happens(Some(group), who, what);
    }

    pub(crate) fn leave(&mut self, who: &str, group: &str) {
        let what = Happening::MemberLeft {
            by: None,
            banned: false,
        };
        self.happens(Some(group), who, what);
    }

    pub(crate) fn asks_in(&mut self, who: &str, group: &str, answer: &str) {
        let what = Happening::JoinRequested {
            handle: format!("request of {who}").into(),
            answer: answer.into(),
            inviter: None,
        };
        self.happens(Some(group), who, what);
    }

    /// Says something in a group; the message's id.
    pub(crate) fn say(&mut self, who: &str, group: &str, text: &str) -> String {
        self.post(who, Some(group), message(text))
    }

    /// Says something to us directly.
    pub(crate) fn dm(&mut self, who: &str, text: &str) -> String {
        self.post(who, None, message(text))
    }

    /// Replies to a message in a group.
    pub(crate) fn reply(&mut self, who: &str, group: &str, to: &str, text: &str) -> String {
        let said = Message {
            reply_to: Some(to.into()),
            ..message(text)
        };
        self.post(who, Some(group), said)
    }

    /// Posts a picture.
    pub(crate) fn picture(&mut self, who: &str, group: &str, file: &str) -> String {
        let said = Message {
            content: Content::Image,
            files: vec![file.into()],
            ..message("")
        };
        self.post(who, Some(group), said)
    }

    /// Posts any message.
    pub(crate) fn post(&mut self, who: &str, group: Option<&str>, said: Message) -> String {
        let id = format!("m{}", self.events + 1);
        let said = Message {
            id: id.as_str().into(),
            ..said
        };
        self.happens(group, who, Happening::MessagePosted(said));
        id
    }

    /// Says something that happened so long ago and arrives only now.
    pub(crate) fn said_before(&mut self, who: &str, group: &str, text: &str, ago: Millis) {
        let said = Message {
            id: "late".into(),
            ..message(text)
        };
        let mut event = self.event(Some(group), person(who), Happening::MessagePosted(said));
        event.happened_at = Some(self.now() - ago);
        self.input(Input::Event(Box::new(event)));
    }

    pub(crate) fn react(&mut self, who: &str, group: &str, to: &str, emoji: &str) {
        let what = Happening::ReactionChanged {
            message: to.into(),
            emoji: emoji.into(),
            removed: false,
        };
        self.happens(Some(group), who, what);
    }

    /// Presses a button under a message of ours; no choice takes the press back.
    pub(crate) fn press(&mut self, who: &str, group: &str, to: &str, choices: &[&str]) {
        let what = Happening::ChoiceMade {
            message: to.into(),
            choices: choices.iter().map(|choice| Text::from(*choice)).collect(),
        };
        self.happens(Some(group), who, what);
    }

    /// Something about ourselves or the group as a whole.
    pub(crate) fn group_event(&mut self, group: &str, what: Happening) {
        let mut event = self.event(Some(group), Person::default(), what);
        event.member = None;
        self.input(Input::Event(Box::new(event)));
    }

    /// The platform sends its last event once more.
    pub(crate) fn redeliver(&mut self) {
        let last = self
            .log
            .iter()
            .rev()
            .find_map(|stamped| match &stamped.input {
                Input::Event(event) => Some(event.clone()),
                _ => None,
            });
        self.input(Input::Event(last.unwrap()));
    }

    pub(crate) fn order(&mut self, order: Order) {
        self.input(Input::Command(Command {
            by: "console".into(),
            id: None,
            order,
        }));
    }

    pub(crate) fn decide(&mut self, approval: u64, yes: bool, note: &str) {
        self.order(Order::Decide {
            approval,
            yes,
            note: note.into(),
        });
    }

    /// Points by hand.
    pub(crate) fn adjust(&mut self, who: &str, points: i64) {
        self.order(Order::Adjust {
            member: format!("{CHAT}/{who}").into(),
            points,
            reason: "by hand".into(),
        });
    }

    /// A signal from outside, about a group.
    pub(crate) fn signal(&mut self, name: &str, group: &str, data: &[(&str, i64)]) {
        let data: Record = data
            .iter()
            .map(|(name, number)| (Text::from(*name), Value::Int(*number)))
            .collect();
        self.order(Order::Signal {
            name: name.into(),
            data,
            group: Some(group.into()),
            member: None,
        });
    }
}

fn person(who: &str) -> Person {
    Person {
        id: who.into(),
        is_bot: who.ends_with("bot"),
        ..Person::default()
    }
}

fn message(text: &str) -> Message {
    Message {
        text: text.into(),
        ..Message::default()
    }
}
