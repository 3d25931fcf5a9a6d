//! Every page a person sees, as functions from plain values to responses.
//!
//! Templates are askama (escaped by type), texts come from [`crate::messages`], styles from one
//! sheet ([`assets`]); no inline style, and no script but that of the pages of [`key`], one `h1`, WCAG 2.2 AA. Links are relative on the
//! gateway and absolute on the card listener, which serves nothing but its answer. House
//! decision 13.

pub(crate) mod any_hour;
pub mod app;
pub mod assets;
pub mod deputy;
pub mod desk;
pub mod federation;
pub mod frame;
pub mod invitation;
pub mod key;
pub mod my;
pub mod people;
mod render;
pub mod sign_in;
pub mod sign_out;
pub mod trouble;

pub use frame::{Frame, Reference};
pub use sign_out::{SignOutForm, sign_out_page, signed_out_page};
pub use trouble::{NextSteps, error_page, host_mismatch_page, refusal_page, stop_page};

#[cfg(test)]
mod tests;
