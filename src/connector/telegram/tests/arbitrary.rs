//! Whatever comes in, nothing breaks.

use super::super::update::KINDS;
use super::{SECRET, receive_with};
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
}
