//! The OpenID provider: what a relying party sees of Matron.
//!
//! One endpoint, one file. The authorization endpoint is a list of checks, one file each
//! ([`authorize::checks`]); the token endpoint is a recipe ([`token`]). Standards: OpenID Connect
//! Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0, RFC 6749, 6750, 7636, 8414, 9207 and 9700.

pub mod authorize;
pub mod client;
pub mod cors;
pub mod discovery;
pub mod end_session;
pub mod error;
pub mod keys;
pub mod parameters;
pub mod registration;
pub mod removal;
pub mod secret;
pub mod token;
pub mod userinfo;
