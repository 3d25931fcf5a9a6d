//! The tables of this room, in the order they came to be. A migration that has been released is
//! never edited; the next one follows it.

use crate::store::Migration;

/// The name under which this room's migrations are on record.
pub const ROOM: &str = "enrolment";

/// All of them: `store.migrate(schema::ROOM, schema::MIGRATIONS)`.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "foundation",
        sql: include_str!("../migrations/0001_foundation.sql"),
    },
    Migration {
        number: 2,
        name: "people",
        sql: include_str!("../migrations/0002_people.sql"),
    },
    Migration {
        number: 3,
        name: "cards",
        sql: include_str!("../migrations/0003_cards.sql"),
    },
    Migration {
        number: 4,
        name: "publishing",
        sql: include_str!("../migrations/0004_publishing.sql"),
    },
    Migration {
        number: 5,
        name: "desk",
        sql: include_str!("../migrations/0005_desk.sql"),
    },
    Migration {
        number: 6,
        name: "contacts",
        sql: include_str!("../migrations/0006_contacts.sql"),
    },
    Migration {
        number: 7,
        name: "codes",
        sql: include_str!("../migrations/0007_codes.sql"),
    },
    Migration {
        number: 8,
        name: "handling",
        sql: include_str!("../migrations/0008_handling.sql"),
    },
    Migration {
        number: 9,
        name: "holder",
        sql: include_str!("../migrations/0009_holder.sql"),
    },
    Migration {
        number: 10,
        name: "authenticators",
        sql: include_str!("../migrations/0010_authenticators.sql"),
    },
    Migration {
        number: 11,
        name: "renewal_secrets",
        sql: include_str!("../migrations/0011_renewal_secrets.sql"),
    },
    Migration {
        number: 12,
        name: "authenticator_apps",
        sql: include_str!("../migrations/0012_authenticator_apps.sql"),
    },
    Migration {
        number: 13,
        name: "public_keys",
        sql: include_str!("../migrations/0013_public_keys.sql"),
    },
    Migration {
        number: 14,
        name: "federated",
        sql: include_str!("../migrations/0014_federated.sql"),
    },
    Migration {
        number: 15,
        name: "invitations",
        sql: include_str!("../migrations/0015_invitations.sql"),
    },
    Migration {
        number: 16,
        name: "deputies",
        sql: include_str!("../migrations/0016_deputies.sql"),
    },
    Migration {
        number: 17,
        name: "raised_and_found",
        sql: include_str!("../migrations/0017_raised_and_found.sql"),
    },
    Migration {
        number: 18,
        name: "guess_addresses",
        sql: include_str!("../migrations/0018_guess_addresses.sql"),
    },
];
