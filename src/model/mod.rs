//! The nouns of the house: what is known, what happened, what shall be done. Stored records are
//! made of these, so a change here is a change of the stored form (see `store/upgrade`).

pub mod limits;

mod capability;
mod directory;
mod effect;
mod event;
mod ids;
mod input;
mod text;
pub mod time;
mod value;
pub mod world;

pub use capability::{Abilities, Kind};
pub use directory::{ConnectorFacts, Directory, GroupConfig};
pub use effect::{Action, Effect, Post, PostKind, Receipt, Refusal, Stage, Verdict};
pub use event::{Content, Event, Happening, Message, Person, Place, Role, RosterEntry};
pub use ids::{BadId, EffectId, GroupNo, Hash, Map, MemberNo, Millis, RunId, Set, Text, hash_of};
pub use input::{Command, Input, Order, Stamped};
pub use text::{Piece, RichText};
pub use time::Span;
pub use value::{Record, Value};
pub use world::World;
