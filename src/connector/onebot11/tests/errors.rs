//! What answers mean.

use super::super::errors::{RISK_PAUSE_MS, Trouble, read};
use super::{failed, response};
use crate::connector::{Answer, Failure, Outcome, Response};
use crate::model::Refusal;
use serde_json::json;

/// Words for an outcome, short enough for a table.
fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done(_) => "done".to_owned(),
        Outcome::Already(_) => "already".to_owned(),
        Outcome::RetryAfter { after_ms: None, .. } => "retry".to_owned(),
        Outcome::RetryAfter {
            after_ms: Some(ms), ..
        } => format!("retry in {ms}"),
        Outcome::Refused { because, .. } => because.word().to_owned(),
        Outcome::Unknown { .. } => "unknown".to_owned(),
        Outcome::Broken { .. } => "broken".to_owned(),
        Outcome::Stop { .. } => "stop".to_owned(),
    }
}

/// What the answer means for a send and for a state.
#[track_caller]
fn check(answer: &Answer, send: &str, state: &str) {
    let failed = read(answer).expect_err("a failure");
    assert_eq!(word(&failed.clone().outcome(true)), send, "{failed:?}");
    assert_eq!(word(&failed.clone().outcome(false)), state, "{failed:?}");
}

#[test]
fn transport_and_status_decide_first() {
    check(&Answer::Failed(Failure::Connect), "retry", "retry");
    check(&Answer::Failed(Failure::Lost), "unknown", "retry");
    check(&Answer::Failed(Failure::Blocked), "stop", "stop");
    for status in [500, 502, 503, 504] {
        check(&response(status, "oops"), "unknown", "retry");
    }
    check(&response(401, ""), "stop", "stop");
    check(
        &response(403, r#"{"message":"token verify failed!"}"#),
        "stop",
        "stop",
    );
    check(&response(400, ""), "invalid", "invalid");
    check(&response(406, ""), "invalid", "invalid");
    check(&response(404, ""), "unsupported", "unsupported");
    check(&response(302, ""), "broken", "broken");
    let mut limited = Response {
        status: 429,
        retry_after_s: Some(7),
        body: Vec::new(),
    };
    check(
        &Answer::Response(limited.clone()),
        "retry in 7000",
        "retry in 7000",
    );
    limited.retry_after_s = Some(u64::MAX);
    let endless = format!("retry in {}", i64::MAX);
    check(&Answer::Response(limited), &endless, &endless);
}

#[test]
fn names_and_words_tell_the_cause() {
    let risk = format!("retry in {RISK_PAUSE_MS}");
    let table: &[(&str, &str, &str)] = &[
        ("GROUP_NOT_FOUND", "gone", "gone"),
        ("MEMBER_NOT_FOUND", "gone", "gone"),
        ("user not in group", "gone", "gone"),
        ("群(1)成员2不存在", "gone", "gone"),
        ("FLAG_NOT_FOUND", "gone", "gone"),
        ("FLAG_HAS_BEEN_CHECKED", "already", "already"),
        ("No such request", "already", "already"),
        ("NOT_MANAGEABLE", "forbidden", "forbidden"),
        ("PERMISSION_DENIED", "forbidden", "forbidden"),
        ("ERR_NOT_GROUP_ADMIN", "forbidden", "forbidden"),
        ("cannot ban owner", "forbidden", "forbidden"),
        ("DURATION_IS_NOT_IN_RANGE", "invalid", "invalid"),
        ("EMPTY_MSG_ERROR", "invalid", "invalid"),
        ("SEND_MSG_API_ERROR", &risk, &risk),
        ("不支持的Api nope", "unsupported", "unsupported"),
        ("token verify failed!", "stop", "stop"),
        ("Timeout: NTEvent", "unknown", "retry"),
        ("SEND_NOTICE_ERROR", "broken", "retry"),
    ];
    for (said, send, state) in table {
        check(&failed(said), send, state);
        // go-cqhttp has the same names in `msg`, with retcode 100.
        let body = json!({ "status": "failed", "retcode": 100, "msg": said, "wording": "看日志" });
        check(&response(200, &body.to_string()), send, state);
    }
    let captured = include_str!("../../../../tests/samples/onebot/response_failed_gocq.json");
    check(&response(200, captured), &risk, &risk);
}

#[test]
fn retcodes_tell_where_words_do_not() {
    let coded = |retcode: i64| {
        let body = json!({ "status": "failed", "retcode": retcode, "data": null });
        response(200, &body.to_string())
    };
    check(&coded(400), "invalid", "invalid");
    check(&coded(1400), "invalid", "invalid");
    check(&coded(404), "unsupported", "unsupported");
    check(&coded(1404), "unsupported", "unsupported");
    check(&coded(1403), "stop", "stop");
    check(&coded(200), "broken", "retry");
}

#[test]
fn what_is_no_answer_is_broken() {
    for body in [
        "",
        "<html>",
        "[]",
        "{}",
        "null",
        r#"{"status":7}"#,
        r#"{"status":"x"}"#,
    ] {
        check(&response(200, body), "broken", "broken");
    }
}

#[test]
fn success_gives_its_data() {
    let login = include_str!("../../../../tests/samples/onebot/response_get_login_info.json");
    assert_eq!(read(&response(200, login)).unwrap()["user_id"], 1001);
    assert!(
        read(&response(200, r#"{"status":"ok"}"#))
            .unwrap()
            .is_null()
    );
    assert!(
        read(&response(200, r#"{"retcode":"0"}"#))
            .unwrap()
            .is_null()
    );
}

#[test]
fn reasons_name_the_cause_and_stay_short() {
    let long = read(&failed(&"长".repeat(5_000))).unwrap_err();
    assert_eq!(long.trouble, Trouble::Failed);
    assert!(long.reason.starts_with("failed with retcode 200: 长"));
    assert!(long.reason.chars().count() < 300);
    let outcome = read(&failed("NOT_MANAGEABLE")).unwrap_err().outcome(true);
    let because = Refusal::Forbidden;
    let reason = "failed with retcode 200: NOT_MANAGEABLE".to_owned();
    assert_eq!(outcome, Outcome::Refused { because, reason });
}
