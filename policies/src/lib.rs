#![doc = include_str!("../README.md")]

pub mod absence;
pub mod access;
pub mod authenticator;
pub mod card;
pub mod clock;
pub mod contact;
pub mod day;
pub mod deputy;
pub mod federation;
pub mod guessing;
pub mod handling;
pub mod ids;
pub mod invitation;
pub mod issuance;
pub mod lifecycle;
pub mod passcode;
pub mod password;
pub mod permit;
pub mod position;
pub mod rbac;
pub mod refusal;
pub mod reminder;
pub mod renewal;
pub mod role;
pub mod session;
pub mod signin;
pub mod time;
pub mod totp;
pub mod values;
pub mod words;

#[cfg(test)]
mod samples;

pub use day::ends_at_of_london_day;
