//! Attacks on the whole gateway behind its door, each named after what must not happen
//! (`docs/security.md`). The house is real, the requests are those a browser or an app would send;
//! only TLS is left out, which has tests of its own.

mod crowded;
mod endings;
mod floods;
mod forms;
mod half_way;
mod scene;
mod silence;
mod under_an_act;

use http::StatusCode;

use scene::{CALLBACK, Scene};
