//! Opens the front door: every test here starts the real program, speaks real TLS, and moves its clock.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what helpers of tests find wrong ends the test"
)]

mod access;
mod addresses;
mod any_hour;
mod app;
mod card_api;
mod clock;
mod codes;
mod deputies;
mod desk;
mod desk_level;
mod desk_pages;
mod every_kind;
mod federated;
mod forwarded;
mod fuzzed;
mod held;
mod holder;
mod inputs;
mod invitations;
mod keys;
mod keys_attacks;
mod keys_levels;
mod kill;
mod life;
mod listeners;
mod login;
mod names;
mod redirects;
mod refusals;
mod reminders;
mod role_keys;
mod routes;
mod rows;
mod secrets;
mod serve;
mod silence;
mod spraying;
mod standing;
mod step_up;
mod support;
mod tampering;
mod ticket;
mod walls;
