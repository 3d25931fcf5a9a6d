//! The tables of the OpenID provider and of signing in, on the two doors of enrolment. SQL stands
//! here and in enrolment's store, nowhere else (decision 5).

pub(crate) mod ceremonies;
pub mod clients;
pub(crate) mod forgetting;
pub mod grants;
pub mod keys;
pub mod sessions;
pub mod transactions;

use enrolment::store::Migration;

/// The name under which this room's migrations are on record.
pub const ROOM: &str = "gateway";

/// All of them, in the order they came to be. A released one is never edited.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "oidc",
        sql: include_str!("../migrations/0001_oidc.sql"),
    },
    Migration {
        number: 2,
        name: "signin",
        sql: include_str!("../migrations/0002_signin.sql"),
    },
    Migration {
        number: 3,
        name: "forgetting",
        sql: include_str!("../migrations/0003_forgetting.sql"),
    },
    Migration {
        number: 4,
        name: "notice",
        sql: include_str!("../migrations/0004_notice.sql"),
    },
    Migration {
        number: 5,
        name: "authenticators",
        sql: include_str!("../migrations/0005_authenticators.sql"),
    },
    Migration {
        number: 6,
        name: "places",
        sql: include_str!("../migrations/0006_places.sql"),
    },
    Migration {
        number: 7,
        name: "ceremonies",
        sql: include_str!("../migrations/0007_ceremonies.sql"),
    },
    Migration {
        number: 8,
        name: "opened_by",
        sql: include_str!("../migrations/0008_opened_by.sql"),
    },
    Migration {
        number: 9,
        name: "fewer_indexes",
        sql: include_str!("../migrations/0009_fewer_indexes.sql"),
    },
];
