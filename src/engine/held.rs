//! The world while an input is at work. Scripts need facts that outlive a borrow (Rhai's functions
//! are `'static`), so in rulebooks with scripts the world stands behind a counter meanwhile; nobody
//! holds a second one when it changes, so it is never copied.

use crate::model::World;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// The world, lent or behind a counter.
pub(super) enum Held<'a> {
    Lent(&'a mut World),
    Shared {
        home: &'a mut World,
        world: Arc<World>,
    },
}

impl<'a> Held<'a> {
    /// Takes the world for one input.
    pub(super) fn new(world: &'a mut World, with_scripts: bool) -> Self {
        if with_scripts {
            let shared = Arc::new(std::mem::take(world));
            Self::Shared {
                home: world,
                world: shared,
            }
        } else {
            Self::Lent(world)
        }
    }

    /// For scripts: the world as it stands now.
    pub(super) fn shared(&self) -> Option<Arc<World>> {
        match self {
            Self::Lent(_) => None,
            Self::Shared { world, .. } => Some(world.clone()),
        }
    }
}

impl Deref for Held<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        match self {
            Self::Lent(world) => world,
            Self::Shared { world, .. } => world,
        }
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut World {
        match self {
            Self::Lent(world) => world,
            Self::Shared { world, .. } => Arc::make_mut(world),
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Self::Shared { home, world } = self {
            let world = std::mem::take(world);
            **home = Arc::try_unwrap(world).unwrap_or_else(|shared| (*shared).clone());
        }
    }
}
