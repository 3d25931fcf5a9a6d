//! The door: what happens to every request before and after its handler. One clock read and one
//! correlation id per request, the Host rule, size and time limits, security headers, one log line;
//! a panic or a failure becomes a page that names the correlation id.

pub mod accept;
pub mod arrival;
pub mod body;
pub mod clock;
pub mod cookies;
pub mod enter;
pub mod headers;
pub mod host;
pub mod limits;
pub mod origin;
pub mod sites;
mod strangers;
pub mod tls;

pub use arrival::{Arrival, Correlation};
