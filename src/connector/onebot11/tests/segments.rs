//! CQ codes, segments and what a message says.

use super::super::segments::{Segment, from_cq, read, to_message};
use crate::model::{Content, Message};
use proptest::prelude::*;
use serde_json::{Value, json};

fn message(segments: &Value) -> Message {
    to_message("1".into(), &read(segments), "999")
}

#[test]
fn the_published_vectors_read_the_same_in_both_forms() {
    let text = include_str!("../../../../tests/samples/onebot/message_segments_vs_cq.json");
    let vectors: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(vectors.len(), 2);
    for vector in vectors {
        let cq = from_cq(vector["cq"].as_str().unwrap());
        assert!(!cq.is_empty());
        assert_eq!(cq, read(&vector["segments"]));
    }
}

#[test]
fn an_escaped_code_stays_text() {
    let segments = from_cq("&#91;CQ:at,qq=all&#93; &amp;#91;");
    let text = ("text".to_owned(), "[CQ:at,qq=all] &#91;".to_owned());
    assert_eq!(
        segments,
        [Segment {
            kind: "text".to_owned(),
            data: vec![text]
        }]
    );
    assert!(!to_message("1".into(), &segments, "999").mentions_all);
    assert_eq!(
        to_message("1".into(), &from_cq("half [CQ:at,qq=1"), "999").text,
        "half [CQ:at,qq=1".into()
    );
}

#[test]
fn mentions_replies_and_links_are_read() {
    let message = message(&json!([
        { "type": "reply", "data": { "id": -5 } },
        { "type": "at", "data": { "qq": 999 } },
        { "type": "text", "data": { "text": " 看https://a.cn/b?c=1，还有 http://d.cn. " } },
        { "type": "at", "data": { "qq": "10001", "name": "@小明" } },
        { "type": "at", "data": { "qq": "all" } },
        { "type": "face", "data": null },
    ]));
    assert_eq!(
        &*message.text,
        "@999 看https://a.cn/b?c=1，还有 http://d.cn. @小明@all"
    );
    assert_eq!(message.reply_to.as_deref(), Some("-5"));
    assert_eq!(message.mentions, ["10001".into()]);
    assert!(message.mentions_bot && message.mentions_all);
    assert_eq!(
        message.links,
        ["https://a.cn/b?c=1".into(), "http://d.cn".into()]
    );
    assert_eq!(message.content, Content::Text);
}

#[test]
fn what_is_attached_tells_the_kind_of_message() {
    let one = |kind: &str, data: Value| message(&json!([{ "type": kind, "data": data }]));
    let kinds = [
        ("image", Content::Image),
        ("record", Content::Voice),
        ("video", Content::Video),
        ("file", Content::File),
        ("location", Content::Location),
        ("face", Content::Sticker),
        ("mface", Content::Sticker),
        ("json", Content::Other),
        ("forward", Content::Other),
        ("text", Content::Text),
    ];
    for (kind, content) in kinds {
        assert_eq!(one(kind, Value::Null).content, content, "{kind}");
    }
    let image = one("image", json!({ "file": "a.jpg", "url": "http://q.cn/a" }));
    assert_eq!(image.files, ["http://q.cn/a".into()]);
    let share = from_cq("[CQ:share,title=t&#44;u,url=http://q.cn/?a=1&amp;b=2]");
    let share = to_message("1".into(), &share, "999");
    assert_eq!(share.links, ["http://q.cn/?a=1&b=2".into()]);
}

proptest! {
    #[test]
    fn any_text_reads_as_some_message(text in "(\\[CQ:|\\]|,|=|&#91;|at|qq|http|://|.){0,40}") {
        let segments = from_cq(&text);
        let message = to_message("1".into(), &segments, "999");
        prop_assert_eq!(message.links.len() <= text.matches("://").count() + segments.len(), true);
    }

    #[test]
    fn escaping_what_a_member_wrote_gives_it_back(text in "[\\[\\]&,#;91CQ:=中]{0,40}") {
        let escaped = text.replace('&', "&amp;").replace('[', "&#91;").replace(']', "&#93;");
        prop_assert_eq!(&*to_message("1".into(), &from_cq(&escaped), "999").text, &text);
    }
}
