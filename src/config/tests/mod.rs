//! steward.yaml as operators write it.

mod wrong;

use super::*;
use crate::connector::{Access, Rate};
use crate::model::{Kind, time};
use crate::playbook::draw::draw;
use expect_test::{Expect, expect};
use secrecy::ExposeSecret;

fn read(text: &str, purpose: Purpose) -> (Option<Config>, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let outside = Outside {
        env: &|name| match name {
            "EMPTY" => Some(String::new()),
            "UNSET" => None,
            _ => Some(format!("<{name}>")),
        },
        read_file: &|path| (path == "/run/tg").then(|| "from-file\n".to_owned()),
        purpose,
    };
    let (config, problems) = parse(&mut sources, "steward.yaml", text, &outside);
    (config, problems, sources)
}

#[track_caller]
fn check(text: &str, expect: &Expect) {
    let (config, problems, sources) = read(text, Purpose::Check);
    let drawn = draw(&problems, &sources, false);
    assert_eq!(config.is_none(), drawn.contains("error"), "{drawn}");
    expect.assert_eq(&drawn);
}

const WHOLE: &str = r##"
steward: 1
listen: 127.0.0.1:8080            # hooks
data: ./data
playbooks: ./playbooks
scripts: ./scripts
timezone: Asia/Shanghai
public_url: https://steward.example.org/
admin: { listen: 127.0.0.1:8081, token: "${env:STEWARD_ADMIN_TOKEN}" }
journal: { keep: 30d, max: 10GiB, text: off }
connectors:
  qq:  { kind: onebot11, api: "http://127.0.0.1:3000", access_token: "${env:QQ_TOKEN}", secret: "${env:QQ_SECRET}",
         rate: { account: 60 per 1m, group: 20 per 1m, burst: 5 }, unknown: repeat }
  tg:  { kind: telegram, token: "${file:/run/tg}", secret_token: "${env:TG_SECRET}", rate: off }
  mx:  { kind: matrix, homeserver: "http://127.0.0.1:8008", as_token: "${env:MX_AS}", hs_token: "${env:MX_HS}", user: "@_steward_bot:example.org" }
  any: { kind: webhook, secret: ["${env:NEW}", "${env:OLD}"], url: "https://example.org/steward" }
endpoints:
  shop: { url: "https://shop.example.org/hook", secret: "${env:SHOP_SECRET}" }
communities:
  readers:
    name: 读书会
    staff: moderators
    groups:
      - { id: club,       at: qq/123456,          tags: [book-club], capacity: 500 }
      - { id: lobby,      at: tg/-1001234567890, timezone: Europe/Paris, language: en }
      - { id: moderators, at: qq/654321 }
    adopt: [ "qq/*" ]
x-note: ours
"##;

#[test]
fn the_whole_file_is_read() {
    let (config, problems, _) = read(WHOLE, Purpose::Run);
    assert_eq!(problems, []);
    let config = config.unwrap();
    assert_eq!(
        config.public_url.as_deref(),
        Some("https://steward.example.org")
    );
    assert_eq!(config.admin.listen, "127.0.0.1:8081".parse().ok());
    let token = config.admin.token.unwrap();
    assert_eq!(token.expose_secret(), "<STEWARD_ADMIN_TOKEN>");
    assert_eq!(config.journal.max, 10 << 30);
    assert!(!config.journal.text);
    let kinds: Vec<_> = config.connectors.values().map(Connector::kind).collect();
    assert_eq!(
        kinds,
        [Kind::Webhook, Kind::Matrix, Kind::OneBot11, Kind::Telegram]
    );
    let qq = &config.connectors["qq"];
    assert!(!qq.hold_unknown);
    let pace = Pace::Set {
        account: Some((60, time::MINUTE)),
        group: Some((20, time::MINUTE)),
        burst: Some(5),
    };
    assert_eq!(qq.pace, pace);
    let Access::Telegram { api, token, .. } = &config.connectors["tg"].settings.access else {
        panic!("tg is Telegram")
    };
    assert_eq!(
        (api.as_str(), token.expose_secret()),
        ("https://api.telegram.org", "from-file")
    );
    let Access::Webhook { secrets, .. } = &config.connectors["any"].settings.access else {
        panic!("any is a webhook")
    };
    let secrets: Vec<_> = secrets.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(secrets, ["<NEW>", "<OLD>"]);
    let readers = &config.communities["readers"];
    assert_eq!(
        (&*readers.name, &*readers.timezone),
        ("读书会", "Asia/Shanghai")
    );
    assert_eq!(readers.staff.as_deref(), Some("moderators"));
    let club = &readers.groups[0];
    assert_eq!(
        (&*club.connector, &*club.external, club.capacity),
        ("qq", "123456", Some(500))
    );
    assert_eq!(readers.groups[1].language.as_deref(), Some("en"));
    assert!(readers.connectors["tg"].hold_unknown);
    assert_eq!(readers.connectors.len(), 4);
}

#[test]
fn a_pace_keeps_the_platforms_own_where_it_says_nothing() {
    let own = Rate {
        account: Some((30, time::SECOND)),
        group: Some((20, time::MINUTE)),
        burst: 3,
    };
    let set = Pace::Set {
        account: None,
        group: Some((1, time::SECOND)),
        burst: None,
    };
    let expected = Rate {
        group: Some((1, time::SECOND)),
        ..own
    };
    assert_eq!(set.over(own), expected);
    assert_eq!(Pace::Default.over(own), own);
    assert_eq!(Pace::Off.over(own).account, None);
}

#[test]
fn a_missing_secret_is_a_warning_in_a_check_and_an_error_in_a_run() {
    let text = "steward: 1\nconnectors:\n  tg: { kind: telegram, token: \"${env:UNSET}\", secret_token: \"${env:EMPTY}\" }\n";
    check(
        text,
        &expect![[r#"
        warning[S0312]: the environment variable `UNSET` is not set
         --> steward.yaml:3:33
          |
        3 |   tg: { kind: telegram, token: "${env:UNSET}", secret_token: "${env:EMPTY}" }
          |                                 ^^^^^^^^^^^^ taken from the environment

        warning[S0312]: the environment variable `EMPTY` is not set
         --> steward.yaml:3:63
          |
        3 |   tg: { kind: telegram, token: "${env:UNSET}", secret_token: "${env:EMPTY}" }
          |                                                               ^^^^^^^^^^^^ taken from the environment
    "#]],
    );
    let (config, problems, _) = read(text, Purpose::Run);
    assert!(config.is_none());
    assert!(problems.iter().all(Diagnostic::is_error));
    assert_eq!(problems.len(), 2);
}

#[test]
fn a_secret_in_the_file_is_never_shown() {
    let text = "steward: 1\nadmin: { tokken: hunter2, token: hunter2 }\nendpoints:\n  shop: { url: x, secret: hunter3 }\n  b: { url: http://x, secret: @hunter4 }\n";
    let (_, problems, sources) = read(text, Purpose::Check);
    let drawn = draw(&problems, &sources, false);
    for secret in ["hunter3", "hunter4"] {
        assert!(!drawn.contains(secret), "{drawn}");
    }
    assert!(drawn.contains("S0106"), "{drawn}");
    let text = "steward: 1\nendpoints:\n  shop: { url: x, secret: hunter3 }\n";
    check(
        text,
        &expect![[r#"
        error[S0409]: `url` takes an address
         --> steward.yaml:3:16
          |
        3 |   shop: { url: x, secret: ******* }
          |                ^ such as `https://example.org/path`
    "#]],
    );
}

#[test]
fn the_built_in_configuration_holds_what_the_shipped_playbooks_speak_of() {
    let config = Config::built_in();
    let readers = &config.communities["readers"];
    let ids: Vec<_> = readers.groups.iter().map(|group| &*group.id).collect();
    assert_eq!(
        ids,
        ["club", "lobby", "checkin", "announcements", "moderators"]
    );
    assert!(readers.connectors.keys().eq(config.connectors.keys()));
    assert!(time::zone(&readers.timezone).is_some());
}

#[test]
fn some_changes_need_a_restart() {
    let (old, _, _) = read(WHOLE, Purpose::Run);
    let changed = WHOLE
        .replace("8080", "9090")
        .replace(
            "any: { kind: webhook,",
            "any: { kind: onebot11, api: \"http://x\",",
        )
        .replace(
            "[\"${env:NEW}\", \"${env:OLD}\"], url: \"https://example.org/steward\"",
            "x",
        );
    let (new, problems, _) = read(&changed, Purpose::Run);
    assert_eq!(problems, []);
    let names = old.unwrap().needs_restart(&new.unwrap());
    assert_eq!(names, ["listen", "connectors.any.kind"]);
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = Sources::default();
    let named = folder.path().join("steward.yaml");
    assert!(
        load(Some(&named), Purpose::Run, &mut sources).is_err(),
        "named but not there"
    );
    std::fs::write(&named, "steward: 1\ntimezone: Europe/Paris\n").unwrap();
    let (config, problems) = load(Some(&named), Purpose::Run, &mut sources).unwrap();
    assert_eq!(problems, []);
    assert_eq!(&*config.unwrap().timezone, "Europe/Paris");
}
