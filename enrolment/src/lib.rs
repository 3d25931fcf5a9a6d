//! Who holds what: people, cards, certificates, journeys, the audit chain, and the database.
//! No HTTP, no HTML. Imports `ca` and `policies` only.

pub mod audit;
mod error;
pub mod outbox;
pub mod schema;
pub mod store;

pub use error::{EngineFault, StoreError};
