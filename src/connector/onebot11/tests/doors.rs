//! Who is let in: signatures, paths, and bytes of any kind.

use super::{SECRET, notice, post, sample, signed, unsigned};
use crate::connector::{Connector, Error, Payload, http::Headers};
use proptest::prelude::*;
use serde_json::{Value, json};

fn header(value: &[u8]) -> Headers {
    Headers(vec![("x-signature".to_owned(), value.to_vec())])
}

#[test]
fn signed_posts_are_believed_and_no_others() {
    let vectors: Vec<Value> = serde_json::from_str(sample!("signature_vectors_derived")).unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in &vectors {
        assert_eq!(vector["secret"], SECRET);
        let body = vector["body_utf8"].as_str().unwrap().as_bytes();
        let signature = vector["headers"]["X-Signature"].as_str().unwrap();
        let good = header(signature.as_bytes());
        assert!(post(&signed(), &good, body).is_ok());
        // Without a secret nothing is demanded.
        assert!(post(&unsigned(), &Headers::default(), body).is_ok());
        let missing = post(&signed(), &Headers::default(), body).unwrap_err();
        assert_eq!((&missing, missing.status()), (&Error::Unsigned, 401));
        let mut changed = body.to_vec();
        changed.push(b' ');
        let forged = post(&signed(), &good, &changed).unwrap_err();
        assert_eq!((&forged, forged.status()), (&Error::Forged, 403));
        for wrong in [
            "",
            "sha1=",
            "sha1=00",
            "sha1=0",
            signature.strip_prefix("sha1=").unwrap(),
            "sha1=zz",
        ] {
            let wrong = post(&signed(), &header(wrong.as_bytes()), body);
            assert_eq!(wrong, Err(Error::Forged));
        }
    }
}

#[test]
fn other_paths_and_methods_are_turned_away() {
    let at = |method, path| {
        unsigned().receive(&Payload {
            method,
            path,
            query: "",
            headers: &Headers::default(),
            body: b"{\"post_type\":\"meta_event\"}",
            arrived_at: 0,
        })
    };
    assert!(at("POST", "/").is_ok());
    assert_eq!(at("GET", ""), Err(Error::WrongMethod("POST")));
    assert_eq!(at("POST", "/other"), Err(Error::NoSuchPath));
}

#[test]
fn what_cannot_be_read_is_refused_without_quoting_it() {
    let bodies = [
        r#"{"post_type":"message","self_id":1,"hunter2"#.to_owned(),
        r#"["hunter2"]"#.to_owned(),
        r#"{"self_id":"hunter2"}"#.to_owned(),
        r#"{"post_type":"notice","comment":"hunter2"}"#.to_owned(),
        notice(
            "group_increase",
            &json!({ "user_id": null, "comment": "hunter2" }),
        ),
        notice(
            "group_increase",
            &json!({ "group_id": 1.5, "comment": "hunter2" }),
        ),
    ];
    for body in bodies {
        let error = post(&unsigned(), &Headers::default(), body.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::Undecodable(_)), "{body}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

/// JSON in the shape of events, with values of any type in any field.
fn eventlike() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z_]{0,8}|[0-9-]{0,25}|\\[CQ:at,qq=[a-z0-9]{0,3}\\]|.{0,5}".prop_map(Value::from),
        prop::sample::select(vec![
            "message",
            "notice",
            "request",
            "group",
            "private",
            "add",
            "ban",
            "group_increase",
            "group_decrease",
            "group_ban",
            "group_admin",
            "group_recall",
            "group_card",
            "group_msg_emoji_like",
            "set",
        ])
        .prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "post_type",
        "message_type",
        "notice_type",
        "request_type",
        "sub_type",
        "self_id",
        "time",
        "group_id",
        "user_id",
        "operator_id",
        "message_id",
        "message",
        "sender",
        "likes",
        "flag",
        "comment",
        "duration",
        "type",
        "data",
        "qq",
        "emoji_id",
        "card_new",
        "anonymous",
    ]);
    leaf.prop_recursive(3, 64, 12, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..16).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_and_headers_are_answered(body: Vec<u8>, value: Vec<u8>, name in "[ -~]{0,12}") {
        let headers = Headers(vec![(name, value.clone()), ("X-Signature".to_owned(), value)]);
        prop_assert!(post(&signed(), &headers, &body).is_err());
        if let Ok(received) = post(&unsigned(), &headers, &body) {
            prop_assert_eq!(received.reply.status, 204);
        }
    }

    #[test]
    fn any_json_is_answered(value in eventlike()) {
        let body = value.to_string();
        if let Ok(received) = post(&unsigned(), &Headers::default(), body.as_bytes()) {
            prop_assert_eq!(received.reply.status, 204);
        }
    }
}
