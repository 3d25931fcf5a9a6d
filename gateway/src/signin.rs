//! How a person signs in: from a proven authorization request to a session that may be granted.
//!
//! A sign-in is a [`transaction`] on the server; the browser holds a random handle in its URL and
//! a secret in its pre-login cookie, nothing else. Whatever proves a person (the card by
//! [`ticket`], and each other way in a file of its own) makes a [`session`] in `proven`; `advance` then asks what is still to be asked (a notice, the
//! role), and `settle` ends it: role and code are written in one transaction. Contract 4, security
//! 3.1 rows 17, 25, 50 and 52.

mod advance;
pub mod app;
mod begin;
pub(crate) mod books;
pub mod browser;
pub mod card;
pub mod continue_as;
pub(crate) mod ending;
mod fault;
pub mod federated;
pub mod key;
pub mod methods;
pub(crate) mod others;
pub mod own;
pub mod photo;
pub(crate) mod place;
mod proven;
pub mod renewal;
pub mod role;
pub mod session;
mod settle;
pub mod sign_out;
pub mod soft_card;
pub mod start;
mod step_up;
pub mod ticket;
pub(crate) mod trail;
pub mod transaction;
mod ways;
pub mod without;

pub use begin::begin;
pub use fault::{Stop, TicketFault};
