//! What only dev has: the dev PKI, the demo people and their histories, soft cards, the clock file and the demo app.
//!
//! Dev is a guest in the house (decision 17): this crate may use `enrolment`, `ca` and `policies`; of the house, only
//! `gateway/src/dev` may use this crate, and `matron serve` is built without it. Everything made here says DEMO.

pub mod calendar;
pub mod cards;
mod chance;
pub mod clients;
pub mod clock;
pub mod first_start;
pub mod folder;
mod history;
pub mod manifest;
pub mod organisations;
pub mod people;
pub mod photos;
pub mod pki;
pub mod soft_card;
pub mod start;
pub mod ward7;
