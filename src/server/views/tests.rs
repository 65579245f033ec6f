//! Lists from worlds made by hand.

use super::*;
use crate::model::world::{Group, Member, Seat};

fn person(id: &str, name: &str) -> Member {
    Member {
        connector: "qq".into(),
        id: id.into(),
        name: name.into(),
        is_bot: false,
        unreachable: false,
        first_seen: 1_000,
        source: None,
        labels: Vec::new(),
        groups: Vec::new(),
        direct_room: None,
    }
}

/// Two people in `club`, one of them also in `lobby`, and a nameless world of unclaimed groups.
fn worlds() -> Worlds {
    let mut world = World::new("readers".into(), 7);
    let group = |id: &str| Group {
        id: id.into(),
        connector: "qq".into(),
        external: format!("x-{id}").into(),
        ..Group::default()
    };
    let club = world.add_group(group("club"));
    let lobby = world.add_group(group("lobby"));
    let lin = world.add_member(person("1", "小林"));
    let ann = world.add_member(person("2", "Ann"));
    world.add_seat(club, lin, Seat::default());
    world.add_seat(club, ann, Seat::default());
    let nick = Some("The Reader".into());
    world.add_seat(
        lobby,
        ann,
        Seat {
            nick,
            ..Seat::default()
        },
    );
    world.change_labels(ann, |member| {
        member.add_label(&"city:上海".into(), Some(5_000));
    });
    let mut nobody = World::new("".into(), 8);
    nobody.head.unclaimed.insert("qq/9".into(), 2_000);
    Worlds::from([("readers".into(), world), ("".into(), nobody)])
}

fn keys(query: &ListQuery) -> Vec<String> {
    let page = members(&worlds(), query);
    page.items.into_iter().map(|member| member.key).collect()
}

fn find(q: &str) -> Vec<String> {
    keys(&ListQuery {
        q: Some(q.to_owned()),
        ..ListQuery::default()
    })
}

#[test]
fn members_are_found_by_name_nick_key_and_label() {
    assert_eq!(find("林"), ["qq/1"]);
    assert_eq!(find("aNN"), ["qq/2"]);
    assert_eq!(find("reader"), ["qq/2"]);
    assert_eq!(find("qq/"), ["qq/1", "qq/2"]);
    assert_eq!(find("上海"), ["qq/2"]);
    assert!(find("nobody").is_empty());
}

#[test]
fn members_are_those_of_a_group_and_an_unknown_group_has_none() {
    let of = |group: &str| {
        keys(&ListQuery {
            group: Some(group.to_owned()),
            ..ListQuery::default()
        })
    };
    assert_eq!(of("lobby"), ["qq/2"]);
    assert_eq!(of("club"), ["qq/1", "qq/2"]);
    assert!(of("none").is_empty());
}

#[test]
fn a_page_is_cut_out_of_the_whole() {
    let query = ListQuery {
        page: Some(2),
        limit: Some(1),
        ..ListQuery::default()
    };
    let page = members(&worlds(), &query);
    assert_eq!((page.total, page.page, page.limit), (2, 2, 1));
    assert_eq!(page.items[0].key, "qq/2");
    let huge = ListQuery {
        page: Some(usize::MAX),
        limit: Some(usize::MAX),
        ..ListQuery::default()
    };
    let page = members(&worlds(), &huge);
    assert_eq!((page.limit, page.items.len()), (PAGE_ENTRIES_MAX, 0));
}

#[test]
fn a_member_is_shown_with_seats_labels_and_ends() {
    let found = member(&worlds(), "qq/2");
    let seats: Vec<&str> = found[0].seats.iter().map(|seat| &*seat.group).collect();
    assert_eq!(seats, ["club", "lobby"]);
    assert_eq!(
        found[0].labels[0].expires_at.as_deref(),
        Some("1970-01-01T00:00:05Z")
    );
    assert!(member(&worlds(), "qq/3").is_empty() && member(&worlds(), "qq").is_empty());
}

#[test]
fn unclaimed_groups_stand_in_a_world_that_is_no_community() {
    let worlds = worlds();
    assert_eq!(communities(&worlds).len(), 1);
    let listed = unclaimed(&worlds);
    assert_eq!((listed.len(), listed[0].at.as_str()), (1, "qq/9"));
}

#[test]
fn a_preview_stays_on_one_line_and_short() {
    assert_eq!(preview("a\nb"), "a b");
    let long = preview(&"字".repeat(PREVIEW_CHARS_MAX + 1));
    assert_eq!(long.chars().count(), PREVIEW_CHARS_MAX + 1);
    assert!(long.ends_with('…'));
}
