//! The tables of this room, in the order they came to be. A migration that has been released is
//! never edited; the next one follows it.

use crate::store::Migration;

/// The name under which this room's migrations are on record.
pub const ROOM: &str = "enrolment";

/// All of them: `store.migrate(schema::ROOM, schema::MIGRATIONS)`.
pub const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "foundation",
    sql: include_str!("../migrations/0001_foundation.sql"),
}];
