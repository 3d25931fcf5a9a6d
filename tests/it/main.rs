//! Opens the front door: every test here starts the real program, speaks real TLS, and moves its clock.

#![expect(clippy::print_stdout, reason = "a test that leaves something out says so")]

mod clock;
mod codes;
mod inputs;
mod kill;
mod listeners;
mod login;
mod redirects;
mod refusals;
mod support;
mod ticket;
mod walls;
