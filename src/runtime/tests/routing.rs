//! Which community an event goes to.

use super::*;
use crate::runtime::route::{Route, Router, UNCLAIMED};

fn to(communities: &[&str]) -> Route {
    Route::To(communities.iter().map(|name| (*name).into()).collect())
}

fn told(world: &mut World, seq: u64, input: Input) {
    let stamped = Stamped {
        seq,
        at: START,
        community: world.head.community.clone(),
        input,
    };
    engine::apply(world, &Books::new(), &stamped);
}

fn worlds(configured: &[(Text, Directory)]) -> BTreeMap<Text, World> {
    let mut worlds = BTreeMap::new();
    for (name, directory) in configured {
        let mut world = World::new(name.clone(), 1);
        told(&mut world, 1, Input::Config(Box::new(directory.clone())));
        worlds.insert(name.clone(), world);
    }
    worlds
}

fn direct(from: &str) -> Event {
    let mut event = says("qq", "1", "d", "hello");
    event.group = None;
    event.member = Some(Person {
        id: from.into(),
        ..Person::default()
    });
    event
}

#[test]
fn a_group_belongs_to_who_claims_it_then_who_knows_it_then_who_adopts_it() {
    let configured = House::new().config().communities;
    let mut worlds = worlds(&configured);
    let router = Router::new(&configured, &worlds);
    let route = |worlds: &_, connector: &str, group: &str| {
        router.route(&says(connector, group, "1", "hello"), worlds)
    };
    assert_eq!(route(&worlds, "qq", "2"), to(&["walkers"]));
    assert_eq!(route(&worlds, "any", "x"), to(&["readers"]), "adopted");
    assert_eq!(route(&worlds, "qq", "3"), Route::Unclaimed);

    // The walkers know it, so adoption comes too late.
    let walkers = worlds.get_mut("walkers").unwrap();
    walkers.add_group(crate::model::world::Group {
        id: "any/x".into(),
        connector: "any".into(),
        external: "x".into(),
        ..Default::default()
    });
    assert_eq!(route(&worlds, "any", "x"), to(&["walkers"]));

    let mut nobody = World::new(UNCLAIMED.into(), 0);
    nobody.head.unclaimed.insert("qq/3".into(), START);
    worlds.insert(UNCLAIMED.into(), nobody);
    assert_eq!(route(&worlds, "qq", "3"), Route::Nowhere, "listed already");
}

#[test]
fn a_direct_message_goes_wherever_its_sender_has_a_seat() {
    let configured = House::new().config().communities;
    let mut worlds = worlds(&configured);
    let router = Router::new(&configured, &worlds);
    assert_eq!(
        router.route(&direct("bob"), &worlds),
        to(&["readers"]),
        "nobody knows bob: the first that speaks there"
    );
    for (name, group) in [("readers", "1"), ("walkers", "2")] {
        let world = worlds.get_mut(name).unwrap();
        let event = says("qq", group, "1", "hello");
        told(world, 2, Input::Event(Box::new(event)));
    }
    let both = to(&["readers", "walkers"]);
    assert_eq!(router.route(&direct("ann"), &worlds), both);
    let mut elsewhere = direct("ann");
    elsewhere.connector = "tg".into();
    assert_eq!(router.route(&elsewhere, &worlds), Route::Nowhere);
}

#[test]
fn a_members_direct_room_belongs_to_the_members_community() {
    let configured = House::new().config().communities;
    let mut worlds = worlds(&configured);
    let walkers = worlds.get_mut("walkers").unwrap();
    let event = says("qq", "2", "1", "hello");
    told(walkers, 2, Input::Event(Box::new(event)));
    let ann = walkers.member_at("qq", "ann").unwrap();
    walkers.member_mut(ann).unwrap().direct_room = Some("!dm".into());
    let router = Router::new(&configured, &worlds);
    let event = says("qq", "!dm", "2", "hello");
    assert_eq!(router.route(&event, &worlds), to(&["walkers"]));
}
