//! Effects to requests, and sequences of them.

use super::super::send::{MENTIONS_MAX, MESSAGE_CHARS_MAX};
use super::{TOKEN, failed, ok, sample, unsigned};
use crate::connector::{Answer, Connector, Failure, Next, Outcome, Request};
use crate::model::{
    Action, Effect, EffectId, Piece, Post, Record, Refusal, RichText, RunId, Stage, Value as Field,
};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

fn effect(action: Action) -> Effect {
    Effect {
        id: EffectId(1),
        run: RunId(1),
        rule: "p/r".into(),
        step: "do/0".into(),
        connector: "qq".into(),
        group: Some("111".into()),
        decided_at: 1_000_000,
        number: 0,
        expires_at: None,
        not_before: 1_000_000,
        attempts: 0,
        stage: Stage::Open,
        problem: "".into(),
        action,
    }
}

fn send(post: Post) -> Effect {
    effect(Action::SendMessage(post))
}

fn text(text: &str) -> Post {
    Post {
        text: RichText::plain(text),
        ..Post::default()
    }
}

fn next(effect: &Effect, answers: &[Answer]) -> Next {
    unsigned().drive(effect, answers)
}

#[track_caller]
fn request(effect: &Effect, answers: &[Answer]) -> Request {
    match next(effect, answers) {
        Next::Send(request) => request,
        Next::End(outcome) => panic!("{outcome:?}"),
    }
}

#[track_caller]
fn outcome(effect: &Effect, answers: &[Answer]) -> Outcome {
    match next(effect, answers) {
        Next::End(outcome) => outcome,
        Next::Send(request) => panic!("{}", shown(&request)),
    }
}

pub(super) fn shown(request: &Request) -> String {
    let once = if request.unsafe_to_repeat {
        " once"
    } else {
        ""
    };
    let action = request.url.rsplit('/').next().unwrap();
    format!("{action}{once} {}", String::from_utf8_lossy(&request.body))
}

#[track_caller]
fn check(action: Action, expected: &Expect) {
    expected.assert_eq(&shown(&request(&effect(action), &[])));
}

fn refused(outcome: &Outcome) -> Option<Refusal> {
    if let Outcome::Refused { because, .. } = outcome {
        Some(*because)
    } else {
        None
    }
}

fn record(name: &str, value: &str) -> Record {
    Record::from([(name.into(), Field::text(value))])
}

fn member() -> crate::model::Text {
    "222".into()
}

fn mute(until: Option<i64>) -> Action {
    Action::MuteMember {
        member: member(),
        until,
        reason: "spam".into(),
    }
}

fn remove() -> Effect {
    effect(Action::RemoveMember {
        member: member(),
        reason: "spam".into(),
    })
}

fn ban() -> Effect {
    effect(Action::BanMember {
        member: member(),
        reason: "spam".into(),
    })
}

fn admit() -> Effect {
    effect(Action::AdmitMember {
        member: member(),
        handle: "add:a:b".into(),
    })
}

fn decline() -> Effect {
    effect(Action::DeclineMember {
        member: member(),
        handle: "add:17".into(),
        reason: "答案不对".into(),
    })
}

#[test]
fn messages_have_these_requests() {
    check(
        Action::SendMessage(text("[CQ:at,qq=all]")),
        &expect![[
            r#"send_group_msg once {"group_id":111,"message":[{"type":"text","data":{"text":"[CQ:at,qq=all]"}}]}"#
        ]],
    );
    let rich = Post {
        text: RichText(vec![
            Piece::Mention {
                id: member(),
                name: "ann".into(),
            },
            Piece::Plain(" hi ".into()),
            Piece::Everyone,
        ]),
        reply_to: Some("-5".into()),
        file: Some("https://example.org/a.PNG?x=1".into()),
        ..Post::default()
    };
    check(
        Action::SendMessage(rich),
        &expect![[
            r#"send_group_msg once {"group_id":111,"message":[{"type":"reply","data":{"id":"-5"}},{"type":"at","data":{"qq":"222"}},{"type":"text","data":{"text":" hi "}},{"type":"at","data":{"qq":"all"}},{"type":"image","data":{"file":"https://example.org/a.PNG?x=1"}}]}"#
        ]],
    );
    let dm = Post {
        to_member: Some(member()),
        ..text("hi")
    };
    check(
        Action::SendMessage(dm),
        &expect![[
            r#"send_private_msg once {"user_id":222,"message":[{"type":"text","data":{"text":"hi"}}],"group_id":111}"#
        ]],
    );
}

#[test]
fn every_other_action_has_this_request() {
    check(
        Action::DeleteMessage {
            message: "-5".into(),
        },
        &expect![[r#"delete_msg {"message_id":-5}"#]],
    );
    check(
        Action::PinMessage {
            message: "5".into(),
        },
        &expect![[r#"set_essence_msg {"message_id":5}"#]],
    );
    check(
        mute(Some(1_000_000 + 600_000)),
        &expect![[r#"set_group_ban {"group_id":111,"user_id":222,"duration":600}"#]],
    );
    check(
        mute(None),
        &expect![[r#"set_group_ban {"group_id":111,"user_id":222,"duration":2591940}"#]],
    );
    check(
        Action::UnmuteMember { member: member() },
        &expect![[r#"set_group_ban {"group_id":111,"user_id":222,"duration":0}"#]],
    );
    check(
        remove().action,
        &expect![[r#"set_group_kick {"group_id":111,"user_id":222,"reject_add_request":false}"#]],
    );
    check(
        ban().action,
        &expect![[r#"set_group_kick {"group_id":111,"user_id":222,"reject_add_request":true}"#]],
    );
    check(
        admit().action,
        &expect![[
            r#"set_group_add_request {"flag":"a:b","sub_type":"add","approve":true,"reason":""}"#
        ]],
    );
    check(
        decline().action,
        &expect![[
            r#"set_group_add_request {"flag":"17","sub_type":"add","approve":false,"reason":"答案不对"}"#
        ]],
    );
    check(
        Action::CloseGroup {
            reason: "moved".into(),
        },
        &expect![[r#"set_group_whole_ban {"group_id":111,"enable":true}"#]],
    );
}

#[test]
fn requests_have_the_fields_of_the_published_examples() {
    let examples: Value = serde_json::from_str(sample!("actions_napcat_examples")).unwrap();
    let close = effect(Action::CloseGroup {
        reason: "moved".into(),
    });
    let mute = effect(mute(None));
    for effect in [send(text("hi")), admit(), mute, remove(), close] {
        let request = request(&effect, &[]);
        let action = request.url.rsplit('/').next().unwrap();
        let ours: Value = serde_json::from_slice(&request.body).unwrap();
        let example = examples[action]["request"].as_object().unwrap();
        for name in example.keys() {
            assert!(ours.get(name).is_some(), "{action} lacks {name}");
        }
    }
}

#[test]
fn requests_carry_the_token_and_never_show_it() {
    let request = request(&send(text("hi")), &[]);
    assert_eq!(request.method, "POST");
    assert_eq!(request.url, "http://127.0.0.1:3000/send_group_msg");
    let bearer = ("authorization", format!("Bearer {TOKEN}"));
    assert!(request.headers.contains(&bearer));
    let printed = format!("{request:?} {:?}", unsigned());
    assert!(!printed.contains(TOKEN), "{printed}");
}

#[test]
fn what_qq_has_not_is_unsupported() {
    let without = [
        Action::AddReaction {
            message: "1".into(),
            emoji: "👍".into(),
        },
        Action::UnbanMember { member: member() },
        Action::InviteMember { member: member() },
        Action::CreateInviteLink {
            name: "x".into(),
            uses: None,
            expires_at: None,
        },
        Action::CreateGroup {
            name: "x".into(),
            topic: "".into(),
            invite: Vec::new(),
            key: "k".into(),
        },
        Action::CallEndpoint {
            name: "shop".into(),
            data: Record::new(),
        },
    ];
    for action in without {
        let outcome = outcome(&effect(action), &[]);
        assert_eq!(refused(&outcome), Some(Refusal::Unsupported), "{outcome:?}");
    }
}

#[test]
fn effects_that_make_no_sense_are_refused_before_anything_is_sent() {
    let mut homeless = remove();
    homeless.group = None;
    let mut nowhere = send(text("hi"));
    nowhere.group = None;
    let wrong_handle = effect(Action::AdmitMember {
        member: member(),
        handle: "17".into(),
    });
    for effect in [homeless, nowhere, send(text(" ")), wrong_handle] {
        assert_eq!(refused(&outcome(&effect, &[])), Some(Refusal::Invalid));
    }
    let late = effect(mute(Some(1_000_000)));
    assert_eq!(refused(&outcome(&late, &[])), Some(Refusal::Expired));
}

#[test]
fn a_send_gives_the_messages_id() {
    let done = outcome(&send(text("hi")), &[ok(&json!({ "message_id": -12 }))]);
    assert_eq!(done, Outcome::Done(record("message", "-12")));
    assert_eq!(
        outcome(&send(text("hi")), &[ok(&Value::Null)]),
        Outcome::done()
    );
}

#[test]
fn a_long_text_goes_out_in_several_messages() {
    let long = send(text(&"字".repeat(MESSAGE_CHARS_MAX * 2 + 1)));
    let mut answers = Vec::new();
    for id in 1..=3 {
        assert!(request(&long, &answers).unsafe_to_repeat);
        answers.push(ok(&json!({ "message_id": id })));
    }
    assert_eq!(
        outcome(&long, &answers),
        Outcome::Done(record("message", "1"))
    );

    answers.truncate(1);
    for failure in [Failure::Connect, Failure::Lost] {
        let mut answers = answers.clone();
        answers.push(Answer::Failed(failure));
        let Outcome::Unknown { reason } = outcome(&long, &answers) else {
            panic!("a new attempt would send the first message again");
        };
        assert!(
            reason.starts_with("1 of 3 messages were sent, then: "),
            "{reason}"
        );
    }
    answers.push(failed("GROUP_NOT_FOUND"));
    assert_eq!(refused(&outcome(&long, &answers)), Some(Refusal::Gone));
}

#[test]
fn a_message_mentions_at_most_so_many_natively() {
    let mention = Piece::Mention {
        id: member(),
        name: "ann".into(),
    };
    let many = send(Post {
        text: RichText(vec![mention; MENTIONS_MAX + 2]),
        ..Post::default()
    });
    let body = request(&many, &[]).body;
    let body = String::from_utf8(body).unwrap();
    assert_eq!(body.matches(r#""type":"at""#).count(), MENTIONS_MAX);
    assert!(body.contains("@ann@ann"), "{body}");
}

#[test]
fn a_file_that_is_no_picture_goes_as_a_message_of_its_own() {
    let effect = send(Post {
        file: Some("https://example.org/rules.pdf".into()),
        ..text("the rules")
    });
    let sent = [
        ok(&json!({ "message_id": 1 })),
        ok(&json!({ "message_id": 2 })),
    ];
    expect![[r#"send_group_msg once {"group_id":111,"message":[{"type":"file","data":{"file":"https://example.org/rules.pdf"}}]}"#]].assert_eq(&shown(&request(&effect, &sent[..1])));
    assert_eq!(
        outcome(&effect, &sent),
        Outcome::Done(record("message", "1"))
    );
}

#[test]
fn a_pinned_announcement_becomes_a_group_notice_too() {
    let effect = send(Post {
        pin: true,
        ..text("we moved")
    });
    let sent = ok(&json!({ "message_id": 1 }));
    expect![[r#"_send_group_notice once {"group_id":111,"content":"we moved","pinned":1,"confirm_required":0}"#]].assert_eq(&shown(&request(&effect, std::slice::from_ref(&sent))));
    let both = [sent.clone(), ok(&Value::Null)];
    assert_eq!(
        outcome(&effect, &both),
        Outcome::Done(record("message", "1"))
    );
    let Outcome::Done(told) = outcome(&effect, &[sent, failed("SEND_NOTICE_ERROR")]) else {
        panic!("the message stands, so the effect is done");
    };
    assert!(told.contains_key("pin_problem"));
}

#[test]
fn mutes_are_always_shorter_than_thirty_days() {
    let month = 30 * 24 * 60 * 60 * 1_000;
    for until in [None, Some(1_000_000 + month), Some(i64::MAX)] {
        let body = request(&effect(mute(until)), &[]).body;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["duration"], 2_591_940);
    }
    let body = request(&effect(mute(Some(1_000_001))), &[]).body;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["duration"], 1, "0 would lift it");
}

#[test]
fn a_kick_is_believed_when_the_member_is_gone() {
    let kicked = ok(&Value::Null);
    for effect in [remove(), ban()] {
        let check = request(&effect, std::slice::from_ref(&kicked));
        assert_eq!(
            shown(&check),
            r#"get_group_member_info {"group_id":111,"user_id":222,"no_cache":true}"#
        );
        let with = |answer| outcome(&effect, &[kicked.clone(), answer]);
        assert_eq!(with(failed("群(111)成员222不存在")), Outcome::done());
        assert_eq!(with(ok(&Value::Null)), Outcome::done());
        let still = with(ok(&json!({ "user_id": 222, "role": "member" })));
        assert!(matches!(still, Outcome::RetryAfter { .. }), "{still:?}");
        let owner = with(ok(&json!({ "user_id": 222, "role": "owner" })));
        assert_eq!(refused(&owner), Some(Refusal::Forbidden));
        let lost = with(Answer::Failed(Failure::Lost));
        assert!(matches!(lost, Outcome::RetryAfter { .. }), "{lost:?}");
    }
}

#[test]
fn whoever_left_before_is_removed_already_but_cannot_be_banned() {
    let absent = [failed("MEMBER_NOT_FOUND")];
    assert_eq!(outcome(&remove(), &absent), Outcome::Already(Record::new()));
    assert_eq!(refused(&outcome(&ban(), &absent)), Some(Refusal::Gone));
}

#[test]
fn a_request_that_was_decided_before_counts_if_the_group_agrees() {
    let handled = failed("FLAG_HAS_BEEN_CHECKED");
    let present = ok(&json!({ "user_id": 222, "role": "member" }));
    let absent = failed("MEMBER_NOT_FOUND");
    let told =
        |effect: &Effect, answer: &Answer| outcome(effect, &[handled.clone(), answer.clone()]);
    assert_eq!(outcome(&admit(), &[ok(&Value::Null)]), Outcome::done());
    assert_eq!(told(&admit(), &present), Outcome::Already(Record::new()));
    assert_eq!(told(&decline(), &absent), Outcome::Already(Record::new()));
    assert_eq!(refused(&told(&admit(), &absent)), Some(Refusal::Gone));
    assert_eq!(refused(&told(&decline(), &present)), Some(Refusal::Gone));
}
