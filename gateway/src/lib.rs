//! Who comes in: TLS, HTTP, OpenID Connect, pages, tokens and the `matron` binary.

pub mod any_hour;
pub mod api;
#[cfg(test)]
mod attacks;
mod ceremony;
pub mod claims;
pub mod cli;
pub mod config;
mod desk;
pub mod dev;
pub mod door;
pub mod enrol;
pub mod errands;
pub mod error;
pub mod federation;
pub mod health;
pub mod house;
pub mod messages;
pub mod my;
pub mod oidc;
pub mod pages;
pub mod pki;
pub mod post;
pub mod router;
pub mod serve;
pub mod signin;
pub mod store;
pub mod tokens;
pub mod webauthn;
