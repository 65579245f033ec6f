//! Whatever comes in, nothing breaks.

use super::super::entities::{parts, units};
use super::super::update::KINDS;
use super::sending::{effect, remove};
use super::{SECRET, bot, receive_with};
use crate::connector::{Answer, Connector, Response};
use crate::model::{Piece, RichText};
use proptest::prelude::*;
use serde_json::{Value, json};

/// JSON that comes near to an update.
fn near_update() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "message",
        "chat_member",
        "my_chat_member",
        "callback_query",
        "message_reaction",
        "poll_answer",
        "chat",
        "from",
        "id",
        "type",
        "supergroup",
        "private",
        "text",
        "entities",
        "offset",
        "length",
        "url",
        "new_chat_members",
        "new_chat_member",
        "old_chat_member",
        "status",
        "restricted",
        "until_date",
        "date",
        "message_id",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone().prop_map(str::to_owned), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(receive_with(Some(SECRET), &body));
    }

    #[test]
    fn arbitrary_updates_never_panic(kind in prop::sample::select(KINDS.to_vec()),
                                     content in near_update()) {
        let update = json!({ "update_id": 1, kind: content }).to_string();
        prop_assert!(receive_with(Some(SECRET), update.as_bytes()).is_ok());
    }

    #[test]
    fn arbitrary_answers_never_panic(status in any::<u16>(),
                                     body in prop::collection::vec(any::<u8>(), 0..100)) {
        let answer = Answer::Response(Response { status, retry_after_s: None, body });
        drop(bot().drive(&effect(remove()), &[answer]));
    }

    #[test]
    fn every_part_fits_and_marks_stay_inside(
        pieces in prop::collection::vec(("[a-z@ \n\u{4e00}\u{1f600}]{0,30}", any::<bool>()), 0..9),
        max in 8_usize..40,
    ) {
        let piece = |(text, mention): (String, bool)| if mention {
            Piece::Mention { id: "42".into(), name: text.into() }
        } else {
            Piece::Plain(text.into())
        };
        let rich = RichText(pieces.into_iter().map(piece).collect());
        for part in parts(&rich, max) {
            prop_assert!(units(&part.text) <= max);
            for mark in part.entities {
                let end = mark["offset"].as_u64().unwrap() + mark["length"].as_u64().unwrap();
                prop_assert!(end <= units(&part.text) as u64);
            }
        }
    }
}
