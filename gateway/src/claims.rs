//! What Matron says about a person, and to whom.
//!
//! Names are those of the national service, letter for letter, plus the claims that begin with
//! `matron_`. A claim is emitted only for the scope that grants it ([`scope`]); the ID token's
//! claims are frozen in a [`snapshot`] inside the transaction that mints, and signed from it alone.

pub mod roles;
pub mod scope;
pub mod snapshot;
pub mod userinfo;
