//! Data for other programs and for people, on stdout.

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

use super::Ended;

/// Writes one line.
pub(super) fn line(text: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Writes a JSON document.
pub(super) fn json(value: &impl Serialize) -> Result<(), Ended> {
    Ok(line(serde_json::to_string_pretty(value)?)?)
}
