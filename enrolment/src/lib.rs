//! Who holds what: people, cards, certificates, journeys, the audit chain, and the database.
//! No HTTP, no HTML. Imports `ca` and `policies` only.

pub mod audit;
pub mod authenticators;
pub mod calendar;
pub mod card_view;
pub mod cards;
pub mod clock_mark;
pub mod codes;
pub mod deputies;
pub mod desk;
pub mod desk_cover;
mod desk_parts;
pub mod desk_view;
mod error;
pub mod finding;
pub mod helpers;
pub mod home;
pub mod journeys;
pub mod ledger;
pub mod notices;
pub mod outbox;
mod password;
pub mod public_keys;
pub mod publishing;
pub mod recovery;
pub mod register;
pub mod reminders;
pub mod requests;
pub mod role_keys;
pub mod schema;
pub mod signed_in;
pub mod store;
pub mod totp;
pub mod unused;
pub mod vault;
mod work_kind;
pub mod work_view;

pub use error::{EngineFault, StoreError};
