//! The sandbox.

use super::Sandbox;
use crate::connector::http::Headers;
use crate::connector::{Connector, Next, Outcome, Payload};
use crate::model::{Action, Effect, EffectId, Happening, Post, RunId, Stage, Value};

fn drive(action: Action) -> Vec<(String, Value)> {
    let effect = Effect {
        id: EffectId(1),
        run: RunId(1),
        rule: "p/r".into(),
        step: "do/0".into(),
        connector: "sandbox".into(),
        group: None,
        decided_at: 0,
        number: 0,
        expires_at: None,
        not_before: 0,
        attempts: 0,
        stage: Stage::Open,
        problem: "".into(),
        action,
    };
    match Sandbox::new(&"sandbox".into()).drive(&effect, &[]) {
        Next::End(Outcome::Done(fields)) => fields
            .into_iter()
            .map(|(name, value)| ((*name).to_owned(), value))
            .collect(),
        other @ (Next::End(_) | Next::Send(_)) => panic!("not done at once: {other:?}"),
    }
}

#[test]
fn everything_is_done_at_once_with_made_up_names() {
    assert_eq!(
        drive(Action::SendMessage(Post::default())),
        [("message".to_owned(), Value::from("sandbox-0000000000001"))]
    );
    let group = drive(Action::CreateGroup {
        name: "n".into(),
        topic: "".into(),
        invite: Vec::new(),
        key: "k".into(),
    });
    let names: Vec<_> = group.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["group", "link"]);
    assert_eq!(drive(Action::UnmuteMember { member: "u".into() }), []);
}

#[test]
fn events_need_no_signature_and_the_same_words_twice_are_two_messages() {
    let headers = Headers::default();
    let at = |arrived_at| {
        let payload = Payload {
            method: "POST",
            path: "",
            query: "",
            headers: &headers,
            body: br#"{"type":"message","member":{"id":"u"},"text":"hi"}"#,
            arrived_at,
        };
        let received = Sandbox::new(&"sandbox".into()).receive(&payload).unwrap();
        let [event] = received.events.as_slice() else {
            panic!("one event: {received:?}");
        };
        let Happening::MessagePosted(message) = &event.what else {
            panic!("no message: {event:?}");
        };
        (event.id.clone(), message.id.clone())
    };
    let (first, second) = (at(1), at(2));
    assert_eq!(first.0, None, "nothing identifies it");
    assert_ne!(first.1, second.1);
    assert_eq!(first, at(1));
}
