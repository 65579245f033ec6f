//! steward.yaml as operators mistype it.

use super::check;
use expect_test::{Expect, expect};

/// One connector.
#[track_caller]
fn connector(entry: &str, expect: &Expect) {
    check(&format!("steward: 1\nconnectors:\n  {entry}\n"), expect);
}

/// One community beside a connector `qq`.
#[track_caller]
fn community(keys: &str, expect: &Expect) {
    let head = "steward: 1\nconnectors:\n  qq: { kind: sandbox }\ncommunities:\n  c:\n    ";
    check(&format!("{head}{keys}\n"), expect);
}

#[test]
fn misspelt_keys_and_words() {
    check(
        "steward: 1\ncomunities: {}\n",
        &expect![[r#"
        error[S0201]: unknown key `comunities`
         --> steward.yaml:2:1
          |
        2 | comunities: {}
          | ^^^^^^^^^^ no such key here
          |
        help: did you mean `communities`?
          |
        2 | communities: {}
          |    +
    "#]],
    );
    check(
        "steward: 1\nroutes: {}\n",
        &expect![[r#"
        error[S0299]: `routes` is not in this version yet
         --> steward.yaml:2:1
          |
        2 | routes: {}
          | ^^^^^^ kept for a later version
    "#]],
    );
    check(
        "steward: 1\nconnectors:\n  tg: { kind: telegramm }\n",
        &expect![[r#"
            error[S0406]: `kind` cannot be `telegramm`
             --> steward.yaml:3:15
              |
            3 |   tg: { kind: telegramm }
              |               ^^^^^^^^^ takes one of onebot11, telegram, matrix, webhook, sandbox
              |
            help: did you mean `telegram`?
              |
            3 -   tg: { kind: telegramm }
            3 +   tg: { kind: telegram }
              |
        "#]],
    );
    check(
        "connectors: []\n",
        &expect![[r#"
        error[S0202]: `steward` is missing
         --> steward.yaml:1:1
          |
        1 | connectors: []
          | ^^^^^^^^^^ no `steward` here
          |
          = note: the version of the format comes first: `steward: 1`

        error[S0205]: `connectors` takes a map of names to connectors
         --> steward.yaml:1:13
          |
        1 | connectors: []
          |             ^^ this is a list
    "#]],
    );
    check(
        "steward: 2\n",
        &expect![[r#"
        error[S0207]: this file needs a Steward that reads format 2
         --> steward.yaml:1:10
          |
        1 | steward: 2
          |          ^ this one reads format 1
    "#]],
    );
}

#[test]
fn what_a_connector_needs() {
    connector(
        "qq: { kind: onebot11 }",
        &expect![[r#"
        error[S0202]: `api` is missing
         --> steward.yaml:3:3
          |
        3 |   qq: { kind: onebot11 }
          |   ^^ no `api` here
    "#]],
    );
    connector(
        "qq: { kind: onebot11, api: \"127.0.0.1:3000\" }",
        &expect![[r#"
            error[S0409]: `api` takes an address
             --> steward.yaml:3:30
              |
            3 |   qq: { kind: onebot11, api: "127.0.0.1:3000" }
              |                              ^^^^^^^^^^^^^^^^ such as `https://example.org/path`
        "#]],
    );
    connector(
        "s: { kind: sandbox, rate: { group: 20/min, burst: 0 } }",
        &expect![[r#"
            error[S0405]: `20/min` is not a rate
             --> steward.yaml:3:38
              |
            3 |   s: { kind: sandbox, rate: { group: 20/min, burst: 0 } }
              |                                      ^^^^^^ so many per so long, such as `20 per 1d`
              |
            help: write `20 per 1min`
              |
            3 -   s: { kind: sandbox, rate: { group: 20/min, burst: 0 } }
            3 +   s: { kind: sandbox, rate: { group: 20 per 1min, burst: 0 } }
              |

            error[S0407]: `burst` is out of range
             --> steward.yaml:3:53
              |
            3 |   s: { kind: sandbox, rate: { group: 20/min, burst: 0 } }
              |                                                     ^ a whole number from 1 to 4294967295
        "#]],
    );
}

#[test]
fn names_and_secrets_of_connectors() {
    connector(
        "s: { kind: sandbox, rate: fast }",
        &expect![[r#"
        error[S0205]: `rate` takes `off` or a map such as `{ account: 60 per 1m, burst: 5 }`
         --> steward.yaml:3:29
          |
        3 |   s: { kind: sandbox, rate: fast }
          |                             ^^^^ this is text
    "#]],
    );
    connector(
        "QQ: { kind: sandbox }",
        &expect![[r#"
        error[S0209]: `QQ` cannot be an id
         --> steward.yaml:3:3
          |
        3 |   QQ: { kind: sandbox }
          |   ^^ small letters, digits, `-` and `_`, at most 64
          |
        help: write `qq`
          |
        3 -   QQ: { kind: sandbox }
        3 +   qq: { kind: sandbox }
          |
    "#]],
    );
    connector(
        "w: { kind: webhook, url: https://example.org }",
        &expect![[r#"
            error[S0202]: `secret` is missing
             --> steward.yaml:3:3
              |
            3 |   w: { kind: webhook, url: https://example.org }
              |   ^ no `secret` here
              |
              = note: without one anybody could send events
        "#]],
    );
}

#[test]
fn what_a_community_needs() {
    community(
        "timezone: Asia/Shangai",
        &expect![[r#"
        error[S0601]: unknown time zone `Asia/Shangai`
         --> steward.yaml:6:15
          |
        6 |     timezone: Asia/Shangai
          |               ^^^^^^^^^^^^ not in the time zone list
          |
        help: did you mean `Asia/Shanghai`?
          |
        6 |     timezone: Asia/Shanghai
          |                         +
    "#]],
    );
    community(
        "groups: [{ id: a, at: qp/1 }, { id: a, at: qq/2 }, { id: a, at: qq/2 }]",
        &expect![[r#"
            error[S0311]: unknown connector `qp`
             --> steward.yaml:6:27
              |
            6 |     groups: [{ id: a, at: qp/1 }, { id: a, at: qq/2 }, { id: a, at: qq/2 }]
              |                           ^^ not one of the `connectors` above
              |
            help: did you mean `qq`?
              |
            6 -     groups: [{ id: a, at: qp/1 }, { id: a, at: qq/2 }, { id: a, at: qq/2 }]
            6 +     groups: [{ id: a, at: qq/1 }, { id: a, at: qq/2 }, { id: a, at: qq/2 }]
              |

            error[S0208]: two groups have the id `a`
             --> steward.yaml:6:41
              |
            6 |     groups: [{ id: a, at: qp/1 }, { id: a, at: qq/2 }, { id: a, at: qq/2 }]
              |                    - first here         ^ again here
              |
              = note: group ids are unique over the whole file

            error[S0208]: two groups have the id `a`
             --> steward.yaml:6:62
              |
            6 |     groups: [{ id: a, at: qp/1 }, { id: a, at: qq/2 }, { id: a, at: qq/2 }]
              |                                         - first here         ^ again here
              |
              = note: group ids are unique over the whole file

            error[S0208]: two groups are at `qq/2`
             --> steward.yaml:6:69
              |
            6 |     groups: [{ id: a, at: qp/1 }, { id: a, at: qq/2 }, { id: a, at: qq/2 }]
              |                                                ---- first here      ^^^^ again here
        "#]],
    );
    community(
        "groups: [{ id: a, at: 123456, capacity: lots }]",
        &expect![[r#"
            error[S0409]: `123456` is no place
             --> steward.yaml:6:27
              |
            6 |     groups: [{ id: a, at: 123456, capacity: lots }]
              |                           ^^^^^^ the connector, a slash and the platform's id, such as `qq/123456`

            error[S0401]: `capacity` takes a number
             --> steward.yaml:6:45
              |
            6 |     groups: [{ id: a, at: 123456, capacity: lots }]
              |                                             ^^^^ a whole number from 1 to 4294967295
        "#]],
    );
}

#[test]
fn staff_and_adopted_groups() {
    community(
        "staff: mods\n    groups: [{ id: mod, at: qq/1 }]",
        &expect![[r#"
            error[S0304]: unknown group `mods`
             --> steward.yaml:6:12
              |
            6 |     staff: mods
              |            ^^^^ not a group of this community
              |
            help: did you mean `mod`?
              |
            6 -     staff: mods
            6 +     staff: mod
              |
        "#]],
    );
    community(
        "adopt: [\"qq/*a\", \"tg/*\"]",
        &expect![[r#"
        error[S0410]: `qq/*a` has a star before its end
         --> steward.yaml:6:13
          |
        6 |     adopt: ["qq/*a", "tg/*"]
          |             ^^^^^^^ one star, at the end, stands for anything

        error[S0311]: unknown connector `tg`
         --> steward.yaml:6:23
          |
        6 |     adopt: ["qq/*a", "tg/*"]
          |                       ^^ not one of the `connectors` above
    "#]],
    );
    community(
        "groups: #none",
        &expect![[r##"
        error[S0104]: `groups` is empty: everything after `#` is a comment in YAML
         --> steward.yaml:6:13
          |
        6 |     groups: #none
          |     ------- ^^^^^ read as a comment
          |     |
          |     so this has no value
          |
        help: put quotes around it
          |
        6 -     groups: #none
        6 +     groups: "#none"
          |
    "##]],
    );
}

#[test]
fn addresses_sizes_and_times() {
    check(
        "steward: 1\nlisten: localhost:8080\n",
        &expect![[r#"
        error[S0409]: `localhost:8080` is no address to listen on
         --> steward.yaml:2:9
          |
        2 | listen: localhost:8080
          |         ^^^^^^^^^^^^^^ an IP address and a port, such as `127.0.0.1:8080`
          |
        help: write `127.0.0.1:8080`
          |
        2 - listen: localhost:8080
        2 + listen: 127.0.0.1:8080
          |
    "#]],
    );
    check(
        "steward: 1\njournal: { keep: 30 days, max: 10G }\n",
        &expect![[r#"
            error[S0404]: `30 days` is not a duration
             --> steward.yaml:2:18
              |
            2 | journal: { keep: 30 days, max: 10G }
              |                  ^^^^^^^ a number and `s`, `m`, `h`, `d` or `w`, such as `30s` or `14d`
              |
            help: write `30d`
              |
            2 - journal: { keep: 30 days, max: 10G }
            2 + journal: { keep: 30d, max: 10G }
              |

            error[S0401]: `10G` is not a size
             --> steward.yaml:2:32
              |
            2 | journal: { keep: 30 days, max: 10G }
              |                                ^^^ a number and `KiB`, `MiB`, `GiB` or `TiB`
              |
            help: write `10GiB`
              |
            2 | journal: { keep: 30 days, max: 10GiB }
              |                                   ++
        "#]],
    );
    check(
        "steward: 1\nlisten:8080\n",
        &expect![[r#"
        error[S0112]: a space is missing after `listen:`
         --> steward.yaml:2:7
          |
        2 | listen:8080
          |       ^ no space after this
          |
        help: put one in
          |
        2 | listen: 8080
          |        +
    "#]],
    );
}
