//! Bodies, signatures and answers.

use super::{AT, ID, SECRET, connector};
use crate::connector::{
    Answer, BadSettings, Connector, Failure, Next, Outcome, Request, Response, endpoint,
};
use crate::model::{
    Action, Effect, EffectId, Piece, Post, PostKind, Record, Refusal, RichText, RunId, Stage, Value,
};
use secrecy::SecretString;

fn effect(action: Action) -> Effect {
    Effect {
        id: EffectId(7),
        run: RunId(1),
        rule: "p/r".into(),
        step: "do/0".into(),
        connector: "any".into(),
        group: Some("g1".into()),
        decided_at: 1_795_249_800_000,
        number: 0,
        expires_at: None,
        not_before: 0,
        attempts: 0,
        stage: Stage::Open,
        problem: "".into(),
        action,
    }
}

fn sent(connector: &dyn Connector, action: Action) -> Request {
    match connector.drive(&effect(action), &[]) {
        Next::Send(request) => request,
        Next::End(outcome) => panic!("no request: {outcome:?}"),
    }
}

fn body(action: Action) -> String {
    String::from_utf8(sent(&*connector(&[SECRET]), action).body).unwrap()
}

#[test]
fn an_effect_is_one_json_object() {
    let post = Post {
        kind: PostKind::Welcome,
        text: RichText(vec![
            Piece::Mention {
                id: "u1".into(),
                name: "小林".into(),
            },
            Piece::Plain(" 你好".into()),
        ]),
        ..Post::default()
    };
    assert_eq!(
        body(Action::SendMessage(post)),
        r#"{"type":"welcome","id":"0000000000007","at":"2026-11-21T08:30:00Z","group":"g1","member":null,"text":"@小林 你好","mentions":[{"id":"u1","name":"小林"}],"mentions_all":false,"file":null,"reply_to":null,"choices":[],"pin":false}"#
    );
    assert_eq!(
        body(Action::MuteMember {
            member: "u1".into(),
            until: Some(1_795_249_800_500),
            reason: "spam".into()
        }),
        r#"{"type":"mute","id":"0000000000007","at":"2026-11-21T08:30:00Z","group":"g1","member":"u1","text":null,"until":"2026-11-21T08:30:00.5Z","reason":"spam"}"#
    );
    let data = Record::from([
        (
            "list".into(),
            Value::List(vec![Value::Int(1), Value::Nothing]),
        ),
        ("odd".into(), Value::Float(f64::NAN)),
        ("when".into(), Value::Time(0)),
    ]);
    assert_eq!(
        body(Action::CallEndpoint {
            name: "shop".into(),
            data
        }),
        r#"{"type":"webhook","id":"0000000000007","at":"2026-11-21T08:30:00Z","group":"g1","member":null,"text":null,"name":"shop","data":{"list":[1,null],"odd":null,"when":"1970-01-01T00:00:00Z"}}"#
    );
}

#[test]
fn every_attempt_is_signed_anew_with_the_same_id() {
    let secret = SecretString::from(SECRET);
    let connector = endpoint::build("http://127.0.0.1:9/hook", &[secret]).unwrap();
    let close = Action::CloseGroup {
        reason: "done".into(),
    };
    let attempt = |now| {
        let mut request = sent(&*connector, close.clone());
        connector.sign(&mut request, now);
        request
    };
    let (first, second) = (attempt(AT * 1_000), attempt(AT * 1_000 + 5_000));
    assert_eq!(first.body, second.body);
    let header = |request: &Request, wanted: &str| {
        let mut found = request.headers.iter().filter(|(name, _)| *name == wanted);
        (found.next().map(|(_, value)| value.clone()), found.count())
    };
    assert_eq!(header(&first, "webhook-id"), header(&second, "webhook-id"));
    assert_eq!(
        header(&second, "webhook-timestamp"),
        (Some("1614265335".to_owned()), 0)
    );
    assert_ne!(
        header(&first, "webhook-signature"),
        header(&second, "webhook-signature")
    );
}

#[test]
fn a_published_vector_is_signed_as_published() {
    let connector = connector(&[SECRET]);
    let mut request = Request {
        method: "POST",
        url: String::new(),
        headers: vec![("webhook-id", ID.to_owned())],
        body: br#"{"test": 2432232314}"#.to_vec(),
        unsafe_to_repeat: false,
    };
    connector.sign(&mut request, AT * 1_000);
    assert_eq!(
        request.headers.last(),
        Some(&(
            "webhook-signature",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".to_owned()
        ))
    );
}

#[test]
fn answers_mean_what_the_specification_says() {
    let connector = connector(&[SECRET]);
    let effect = effect(Action::UnmuteMember { member: "u".into() });
    let end = |answer: Answer| match connector.drive(&effect, &[answer]) {
        Next::End(outcome) => outcome,
        Next::Send(request) => panic!("asks again: {request:?}"),
    };
    let status = |status, body: &str| {
        end(Answer::Response(Response {
            status,
            retry_after_s: (status == 429).then_some(7),
            body: body.into(),
        }))
    };
    assert_eq!(status(204, ""), Outcome::done());
    let told = Record::from([("message".into(), Value::from("m1"))]);
    assert_eq!(
        status(200, r#"{"message":"m1","group":3,"x":"y"}"#),
        Outcome::Done(told)
    );
    assert!(matches!(status(302, ""), Outcome::Broken { .. }));
    for again in [408, 425, 500, 502, 503, 504, 599] {
        assert!(matches!(
            status(again, ""),
            Outcome::RetryAfter { after_ms: None, .. }
        ));
    }
    assert!(matches!(
        status(429, ""),
        Outcome::RetryAfter {
            after_ms: Some(7_000),
            ..
        }
    ));
    let because = |outcome| {
        if let Outcome::Refused { because, .. } = outcome {
            Some(because)
        } else {
            None
        }
    };
    assert_eq!(because(status(410, "")), Some(Refusal::Unavailable));
    assert_eq!(because(status(404, "")), Some(Refusal::Invalid));
    for failure in [Failure::Connect, Failure::Lost] {
        assert!(matches!(
            end(Answer::Failed(failure)),
            Outcome::RetryAfter { .. }
        ));
    }
    assert!(matches!(
        end(Answer::Failed(Failure::Blocked)),
        Outcome::Broken { .. }
    ));
}

#[test]
fn settings_that_cannot_work_are_named_without_the_secret() {
    let with = |url: &str, secrets: &[&str]| {
        let secrets: Vec<_> = secrets
            .iter()
            .map(|text| SecretString::from(*text))
            .collect();
        endpoint::build(url, &secrets).err()
    };
    assert_eq!(with("https://a.example/", &[]), Some(BadSettings::NoSecret));
    assert_eq!(
        with("https://a.example/", &["whsec_"]),
        Some(BadSettings::BadSecret)
    );
    assert_eq!(
        with("https://a.example/", &["hunter-2"]),
        Some(BadSettings::BadSecret)
    );
    assert_eq!(
        with("https://u:p@a.example/", &[SECRET]),
        Some(BadSettings::BadUrl)
    );
    assert_eq!(
        with("ftp://a.example/", &[SECRET]),
        Some(BadSettings::BadUrl)
    );
    assert_eq!(with("a.example", &[SECRET]), Some(BadSettings::BadUrl));
    assert_eq!(with("https://a.example/", &[SECRET]), None);
}
