//! Signatures and events.

use super::{AT, ID, SECRET, connector};
use crate::connector::http::Headers;
use crate::connector::{Connector, Error, Payload, Received, Request};
use crate::model::{Content, Happening, Role};

fn headers(prefix: &str, id: &str, signatures: &str) -> Headers {
    Headers(vec![
        (format!("{prefix}-id"), id.into()),
        (format!("{prefix}-timestamp"), AT.to_string().into()),
        (format!("{prefix}-signature"), signatures.into()),
    ])
}

fn receive(
    connector: &dyn Connector,
    headers: &Headers,
    body: &str,
    seconds: i64,
) -> Result<Received, Error> {
    connector.receive(&Payload {
        method: "POST",
        path: "",
        query: "",
        headers,
        body: body.as_bytes(),
        arrived_at: seconds * 1_000,
    })
}

/// Signs a body as a sender would.
fn signed(body: &str) -> Result<Received, Error> {
    let connector = connector(&[SECRET]);
    let mut request = Request {
        method: "POST",
        url: String::new(),
        headers: vec![("webhook-id", "msg_1".to_owned())],
        body: body.into(),
        unsafe_to_repeat: false,
    };
    connector.sign(&mut request, AT * 1_000 + 999);
    let headers = request.headers.into_iter();
    let headers = headers.map(|(name, value)| (name.to_owned(), value.into_bytes()));
    receive(&*connector, &Headers(headers.collect()), body, AT)
}

#[test]
fn the_published_vectors_verify() {
    let good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let wrong = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
    let forged = Err(Error::Forged);
    // The body is no event of ours, so a verified one is turned away for its missing `type`.
    let verified = Err(Error::Undecodable("`type` is missing".to_owned()));
    let listed = format!("{wrong} v2,abc {good}");
    for (signatures, expect) in [
        (good, &verified),
        (&listed, &verified),
        (wrong, &forged),
        ("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", &forged),
        ("v1,", &forged),
        ("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", &forged),
        ("v1,g0hM9SsE", &forged),
        ("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLawdd", &forged),
        ("", &forged),
    ] {
        for prefix in ["webhook", "svix"] {
            let headers = headers(prefix, ID, signatures);
            let body = r#"{"test": 2432232314}"#;
            let connector = connector(&["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", SECRET]);
            assert_eq!(
                &receive(&*connector, &headers, body, AT),
                expect,
                "{signatures}"
            );
            let altered = receive(&*connector, &headers, r#"{"test": 2432232315}"#, AT);
            assert_eq!(altered, forged, "{signatures}");
        }
    }
}

#[test]
fn five_minutes_either_way_are_the_limit() {
    let connector = connector(&[SECRET]);
    let headers = headers(
        "webhook",
        ID,
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
    let at = |seconds| {
        receive(
            &*connector,
            &headers,
            r#"{"test": 2432232314}"#,
            AT + seconds,
        )
    };
    assert!(matches!(at(300), Err(Error::Undecodable(_))));
    assert!(matches!(at(-300), Err(Error::Undecodable(_))));
    assert_eq!(at(301), Err(Error::Stale));
    assert_eq!(at(-301), Err(Error::Stale));
}

#[test]
fn every_header_is_needed_and_the_id_has_no_full_stop() {
    let connector = connector(&[SECRET]);
    for missing in 0..3 {
        let mut headers = headers("webhook", ID, "v1,AAAA");
        headers.0.remove(missing);
        assert_eq!(
            receive(&*connector, &headers, "{}", AT),
            Err(Error::Unsigned)
        );
    }
    let mut request = Request {
        method: "POST",
        url: String::new(),
        headers: vec![("webhook-id", "a.b".to_owned())],
        body: b"[]".to_vec(),
        unsafe_to_repeat: false,
    };
    connector.sign(&mut request, AT * 1_000);
    let headers = request.headers.into_iter();
    let headers = Headers(
        headers
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect(),
    );
    assert_eq!(receive(&*connector, &headers, "[]", AT), Err(Error::Forged));
}

#[test]
fn only_posts_to_the_hook_itself_are_taken() {
    let connector = connector(&[SECRET]);
    let mut payload = Payload {
        method: "GET",
        path: "",
        query: "",
        headers: &Headers::default(),
        body: b"",
        arrived_at: 0,
    };
    assert_eq!(connector.receive(&payload), Err(Error::WrongMethod("POST")));
    payload.path = "/more";
    assert_eq!(connector.receive(&payload), Err(Error::NoSuchPath));
}

#[test]
fn the_documented_event_is_read() {
    let received = signed(
        r#"{"id":"evt-1","type":"message","at":"2026-11-21T08:30:00Z","group":{"id":"g1","name":"读书会"},
            "member":{"id":"u1","name":"小林","role":"staff"},"text":"打卡 https://a.example","more":1}"#,
    );
    let received = received.unwrap();
    let [event] = received.events.as_slice() else {
        panic!("one event: {received:?}");
    };
    assert_eq!(event.id.as_deref(), Some("evt-1"));
    assert_eq!(event.happened_at, Some(1_795_249_800_000));
    let group = event.group.as_ref().unwrap();
    assert_eq!((&*group.id, group.name.as_deref()), ("g1", Some("读书会")));
    let member = event.member.as_ref().unwrap();
    assert_eq!(
        (member.name.as_deref(), member.role),
        (Some("小林"), Some(Role::Staff))
    );
    let Happening::MessagePosted(message) = &event.what else {
        panic!("a message: {event:?}");
    };
    assert_eq!(&*message.id, "evt-1");
    assert_eq!(message.links, ["https://a.example".into()]);
    assert_eq!(message.content, Content::Text);
}

#[test]
fn an_array_holds_every_kind_and_unknown_kinds_are_counted() {
    let body = r#"[
        {"type":"join","group":{"id":"g"},"member":{"id":"u"},"inviter":{"id":"i"},"source":"link"},
        {"type":"leave","group":{"id":"g"},"member":{"id":"u"},"by":{"id":"i"},"banned":true},
        {"type":"poke"},
        {"type":"join_request","id":"r1","group":{"id":"g"},"member":{"id":"u"},"answer":"42"},
        {"type":"message","member":{"id":"u"},"files":["a.pdf"],"message_id":"m1","content":"file"},
        {"type":"reaction","group":{"id":"g"},"member":{"id":"u"},"message":"m","emoji":"👍","removed":true},
        {"type":"report","group":{"id":"g"},"member":{"id":"u"},"reporter":{"id":"r"},"reason":"spam"},
        {"type":"group_created","group":{"id":"g2"},"member":{"id":"u","is_bot":null}}
    ]"#;
    let received = signed(body).unwrap();
    assert_eq!(received.ignored, ["poke".into()]);
    let ids: Vec<_> = received
        .events
        .iter()
        .filter_map(|event| event.id.as_deref())
        .collect();
    assert_eq!(
        ids,
        [
            "msg_1/0", "msg_1/1", "r1", "msg_1/4", "msg_1/5", "msg_1/6", "msg_1/7"
        ]
    );
    let kinds: Vec<_> = received
        .events
        .iter()
        .map(|event| event.what.kind())
        .collect();
    assert_eq!(
        kinds,
        [
            "join",
            "leave",
            "join_request",
            "message",
            "reaction",
            "report",
            "group_created"
        ]
    );
    let request = received.events.get(2).map(|event| event.what.clone());
    assert_eq!(
        request,
        Some(Happening::JoinRequested {
            handle: "r1".into(),
            answer: "42".into(),
            inviter: None
        })
    );
    assert!(
        received
            .events
            .get(3)
            .is_some_and(|event| event.group.is_none()),
        "direct"
    );
    let created = received.events.last().map(|event| event.what.clone());
    assert!(matches!(
        created,
        Some(Happening::GroupCreated { creator: Some(_) })
    ));
}

#[test]
fn what_does_not_fit_is_named() {
    let group = r#""group":{"id":"g"}"#;
    let member = r#""member":{"id":"u"}"#;
    for (body, reason) in [
        ("nonsense".to_owned(), "not JSON (line 1, column 2)"),
        ("3".to_owned(), "not a JSON object or an array of them"),
        ("[3]".to_owned(), "element 0: is a number, not an object"),
        ("{}".to_owned(), "`type` is missing"),
        (
            r#"{"type":7}"#.to_owned(),
            "`type` is a number, should be text",
        ),
        (
            format!(r#"{{"type":"join",{group}}}"#),
            "`member` is missing",
        ),
        (
            format!(r#"{{"type":"join",{member}}}"#),
            "`group` is missing",
        ),
        (
            format!(r#"{{"type":"join",{group},"member":{{}}}}"#),
            "`member.id` is missing",
        ),
        (
            format!(r#"{{"type":"join",{group},"member":{{"id":""}}}}"#),
            "`member.id` is empty",
        ),
        (
            format!(r#"[{{"type":"x"}},{{"type":"message",{group},{member}}}]"#),
            "element 1: `text` is missing",
        ),
        (
            format!(r#"{{"type":"message",{member},"text":"a","mentions":[1]}}"#),
            "`mentions` holds something that is no text, or empty",
        ),
        (
            format!(r#"{{"type":"message",{member},"text":"a","at":"today"}}"#),
            "`at` is no time such as 2026-11-21T08:30:00Z",
        ),
        (
            format!(r#"{{"type":"leave",{group},"member":{{"id":"u","role":"king"}}}}"#),
            "`member.role` is none of `member`, `staff`, `owner`",
        ),
        (
            format!(r#"{{"type":"leave",{group},{member},"banned":"yes"}}"#),
            "`banned` is text, should be true or false",
        ),
    ] {
        assert_eq!(
            signed(&body),
            Err(Error::Undecodable(reason.to_owned())),
            "{body}"
        );
    }
    let many = format!("[{}]", vec!["{}"; 8_193].join(","));
    assert_eq!(
        signed(&many),
        Err(Error::Undecodable(
            "more than 8192 events in one body".to_owned()
        ))
    );
}
