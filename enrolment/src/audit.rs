//! The trail: one line per act, written in the transaction of the act (house decision 6). Lines
//! are chained by SHA-256 in lanes, one lane per writing connection, so that nodes do not queue
//! on one head; a signed checkpoint binds the ends of all lanes together every second.

pub mod activity;
pub mod checkpoint;
mod event;
mod verify;

use std::sync::Arc;

use policies::time::Time;
use ring::digest::{Context, SHA256};

pub use self::event::{
    Actor, CertificateName, Code, Event, OperatorName, Reference, Sha256, WordError,
};
pub use self::verify::{Fault, Report, verify};
use crate::params;
use crate::store::{Head, StoreError, Tx};

/// Begins what is hashed for a line, so that no other hash of ours can be taken for one. A new
/// composition of the line needs a new text here.
const LINE: &[u8] = b"matron audit line 1\0";

/// The end of a lane without lines.
const EMPTY: Head = Head {
    seq: 0,
    hash: [0; 32],
};

impl Tx<'_> {
    /// Records what happened; it stays if, and only if, the act stays.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`] through the read door, or what the engine says.
    pub async fn audit(&self, at: Time, event: &Event) -> Result<(), StoreError> {
        const APPEND: &str =
            "INSERT INTO audit (lane, seq, at, kind, event, previous, hash, person)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let lane = self.lane().ok_or(StoreError::ReadOnly)?;
        let head = match lane.head {
            Some(head) => head,
            None => end_of(self, lane.number).await?,
        };
        let text = event
            .to_json()
            .map_err(|error| StoreError::Event(Arc::new(error)))?;
        let next = Line {
            lane: lane.number,
            seq: head.seq + 1,
            at: at.unix(),
            kind: event.kind(),
            event: &text,
            previous: &head.hash,
        };
        let hash = next.hash();
        let (seq, kind) = (next.seq, next.kind);
        let shown = activity::shows(kind).then_some(text.as_str());
        let person = shown.and_then(event::person_in).map(str::to_owned);
        let values = params![lane.number, seq, at, kind, text, &head.hash, &hash, person];
        self.execute(APPEND, values).await?;
        self.advance(Head { seq, hash });
        Ok(())
    }
}

/// Reads where the lane ends; once per connection, which then remembers.
async fn end_of(tx: &Tx<'_>, lane: i64) -> Result<Head, StoreError> {
    const END: &str = "SELECT seq, hash FROM audit WHERE lane = $1 ORDER BY seq DESC LIMIT 1";
    const FIRST: &str = "INSERT INTO audit_lane (lane) VALUES ($1) ON CONFLICT DO NOTHING";
    if let Some(row) = tx.row(END, params![lane]).await? {
        let (seq, hash) = row.read()?;
        return Ok(Head { seq, hash });
    }
    tx.execute(FIRST, params![lane]).await?;
    Ok(EMPTY)
}

/// What the hash of a line covers: everything in the row but the hash.
struct Line<'a> {
    lane: i64,
    seq: i64,
    at: i64,
    kind: &'a str,
    event: &'a str,
    previous: &'a [u8; 32],
}

impl Line<'_> {
    /// Numbers are big-endian, the two texts end in NUL, which neither can contain.
    fn hash(&self) -> [u8; 32] {
        sha256(&[
            LINE,
            &self.lane.to_be_bytes(),
            &self.seq.to_be_bytes(),
            &self.at.to_be_bytes(),
            self.previous,
            self.kind.as_bytes(),
            b"\0",
            self.event.as_bytes(),
            b"\0",
        ])
    }
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

#[cfg(test)]
mod tests;
