//! Walks the trail and names every line that is not as it was written. What a checkpoint has
//! signed cannot be cut off or rewritten without being named; of lines newer than the newest
//! checkpoint (one second's worth), and of a trail put back together with its checkpoints, only
//! a [`Seal`] kept elsewhere can tell.

use std::collections::HashMap;

use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

use super::checkpoint::{Checkpoint, End, Seal};
use super::{EMPTY, Line, sha256};
use crate::params;
use crate::store::{Row, Store, StoreError, Tx, Value};

/// Rows read in one transaction.
const PAGE: i64 = 1000;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines walked.
    pub lines: u64,
    /// Lanes walked.
    pub lanes: u64,
    /// Checkpoints walked.
    pub checkpoints: u64,
    /// The newest checkpoint, to compare with one kept elsewhere.
    pub last: Option<Seal>,
    /// Everything that is not as it was written, in the order it was met.
    pub faults: Vec<Fault>,
}

impl Report {
    /// Nothing was found.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }
}

/// One thing that is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The line does not match its hash.
    #[error("lane {lane}: line {seq} was altered")]
    Altered {
        /// Its lane.
        lane: i64,
        /// Its place.
        seq: i64,
    },
    /// The line matches its hash, but does not follow the line before it.
    #[error("lane {lane}: line {seq} does not follow the line before it")]
    Unlinked {
        /// Its lane.
        lane: i64,
        /// Its place.
        seq: i64,
    },
    /// Lines are gone from the middle or the beginning.
    #[error("lane {lane}: lines {from} to {to} are missing")]
    Missing {
        /// Their lane.
        lane: i64,
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// A checkpoint saw a line that is gone.
    #[error("lane {lane}: line {seq}, seen by checkpoint {checkpoint}, is gone")]
    CutOff {
        /// Its lane.
        lane: i64,
        /// Its place.
        seq: i64,
        /// The first checkpoint that saw it.
        checkpoint: i64,
    },
    /// A checkpoint saw another line in this place; at least one line of the range was written
    /// anew.
    #[error("lane {lane}: lines {from} to {to} are not those checkpoint {checkpoint} saw")]
    Rewritten {
        /// Their lane.
        lane: i64,
        /// The first that may have been written anew.
        from: i64,
        /// The one the checkpoint saw.
        to: i64,
        /// The first checkpoint that disagrees.
        checkpoint: i64,
    },
    /// The checkpoint does not match its hash, or says what no checkpoint says.
    #[error("checkpoint {number} was altered")]
    CheckpointAltered {
        /// Its number.
        number: i64,
    },
    /// The checkpoint does not follow the one before it.
    #[error("checkpoint {number} does not follow the one before it")]
    CheckpointUnlinked {
        /// Its number.
        number: i64,
    },
    /// Checkpoints are gone.
    #[error("checkpoints {from} to {to} are missing")]
    CheckpointMissing {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// The checkpoint is not signed by the given key.
    #[error("checkpoint {number} is not signed by this key")]
    CheckpointUnsigned {
        /// Its number.
        number: i64,
    },
}

/// Walks all checkpoints and all lines. With `public_key`, the uncompressed P-256 point of
/// [`super::checkpoint::CheckpointKey::public_key`], the signatures are verified too; without it
/// somebody who rewrites lines and checkpoints alike goes unnoticed.
///
/// # Errors
/// What the engine says.
pub async fn verify(store: &Store, public_key: Option<&[u8]>) -> Result<Report, StoreError> {
    let mut report = Report::default();
    // Checkpoints first: lines written meanwhile are newer than any of them.
    let mut checkpoints = Checkpoints::default();
    loop {
        let after = checkpoints.before.number;
        let page = store
            .survey("audit.verify", move |tx| {
                Box::pin(checkpoint_page(tx, after))
            })
            .await?;
        if page.is_empty() {
            break;
        }
        for (row, seen) in page {
            checkpoints.step(row.read()?, seen, public_key, &mut report);
        }
    }
    report.last = (report.checkpoints > 0).then_some(Seal {
        number: checkpoints.before.number,
        hash: checkpoints.before.ends.stored,
    });
    let mut lines = Lines::default();
    loop {
        let (lane, seq) = (lines.lane, lines.seq);
        let page = store
            .survey("audit.verify", move |tx| {
                Box::pin(async move { tx.rows(LINES, params![lane, seq, PAGE]).await })
            })
            .await?;
        if page.is_empty() {
            return Ok(report);
        }
        for row in page {
            lines.step(row.read()?, &mut report);
        }
    }
}

const LINES: &str = "SELECT lane, seq, at, kind, event, previous, hash FROM audit
    WHERE (lane, seq) > ($1, $2) ORDER BY lane, seq LIMIT $3";

/// Kind, event, previous and hash are taken as they are: a tampered text may not be text.
type LineRow = (i64, i64, i64, Value, Value, Value, Value);

/// What is remembered of the row before. Whoever altered only the `hash` of a row did not alter
/// the row after it, which still names the hash the row should have.
#[derive(Debug, Clone, Copy, Default)]
struct Ends {
    stored: [u8; 32],
    computed: [u8; 32],
}

impl Ends {
    fn precede(&self, previous: &[u8; 32]) -> bool {
        *previous == self.stored || *previous == self.computed
    }
}

#[derive(Default)]
struct Lines {
    lane: i64,
    seq: i64,
    ends: Ends,
}

impl Lines {
    fn step(&mut self, row: LineRow, report: &mut Report) {
        let (lane, seq, at, kind, event, previous, stored) = row;
        if lane != self.lane {
            *self = Self {
                lane,
                ..Self::default()
            };
            report.lanes += 1;
        }
        report.lines += 1;
        let gap = seq != self.seq + 1;
        if gap {
            report.faults.push(Fault::Missing {
                lane,
                from: self.seq + 1,
                to: seq - 1,
            });
        }
        let read = (|| {
            let (previous, stored) = (hash_of(previous)?, hash_of(stored)?);
            let entry = Line {
                lane,
                seq,
                at,
                kind: &text_of(kind)?,
                event: &text_of(event)?,
                previous: &previous,
            };
            Some((
                previous,
                Ends {
                    stored,
                    computed: entry.hash(),
                },
            ))
        })();
        let before = std::mem::take(&mut self.ends);
        self.seq = seq;
        match read {
            Some((previous, ends)) => {
                self.ends = ends;
                if ends.stored != ends.computed {
                    report.faults.push(Fault::Altered { lane, seq });
                } else if !gap && !before.precede(&previous) {
                    report.faults.push(Fault::Unlinked { lane, seq });
                }
            }
            None => report.faults.push(Fault::Altered { lane, seq }),
        }
    }
}

const CHECKPOINTS: &str = "SELECT number, at, heads, previous, hash, key_sha256, signature
    FROM audit_checkpoint WHERE number > $1 ORDER BY number LIMIT $2";

type CheckpointRow = (i64, i64, Value, Value, Value, Value, Value);

/// A page of checkpoints, each with the lines it names as they are now.
async fn checkpoint_page(
    tx: Tx<'_>,
    after: i64,
) -> Result<Vec<(Row, Vec<(End, Option<Value>)>)>, StoreError> {
    const LINE: &str = "SELECT hash FROM audit WHERE lane = $1 AND seq = $2";
    let mut page = Vec::new();
    let mut before: Vec<End> = Vec::new();
    for row in tx.rows(CHECKPOINTS, params![after, PAGE]).await? {
        let heads = row.clone().read::<CheckpointRow>()?.2;
        let mut seen = Vec::new();
        let ends = ends_of(&heads).unwrap_or_default();
        // A lane that did not move was looked up already.
        for end in ends.iter().filter(|end| !before.contains(end)) {
            let line = tx.row(LINE, params![end.lane, end.seq]).await?;
            let hash = line.map(Row::read::<(Value,)>).transpose()?;
            seen.push((end.clone(), hash.map(|(hash,)| hash)));
        }
        before = ends;
        page.push((row, seen));
    }
    Ok(page)
}

#[derive(Default)]
struct Checkpoints {
    before: Before,
    /// The newest place of each lane on which a checkpoint and the trail agree.
    agreed: HashMap<i64, i64>,
}

#[derive(Default)]
struct Before {
    number: i64,
    ends: Ends,
}

impl Checkpoints {
    fn step(
        &mut self,
        row: CheckpointRow,
        seen: Vec<(End, Option<Value>)>,
        public_key: Option<&[u8]>,
        report: &mut Report,
    ) {
        let (number, at, heads, previous, stored, key, signature) = row;
        report.checkpoints += 1;
        let before = std::mem::take(&mut self.before);
        self.before.number = number;
        let gap = number != before.number + 1;
        if gap {
            let (from, to) = (before.number + 1, number - 1);
            report.faults.push(Fault::CheckpointMissing { from, to });
        }
        let read = (|| {
            let (previous, stored) = (hash_of(previous)?, hash_of(stored)?);
            ends_of(&heads)?;
            let heads = text_of(heads)?;
            let checkpoint = Checkpoint {
                number,
                at,
                heads: &heads,
                previous: &previous,
            };
            Some((
                previous,
                Ends {
                    stored,
                    computed: checkpoint.hash(),
                },
            ))
        })();
        let Some((previous, ends)) = read else {
            report.faults.push(Fault::CheckpointAltered { number });
            return;
        };
        self.before.ends = ends;
        if ends.stored != ends.computed {
            report.faults.push(Fault::CheckpointAltered { number });
        } else if !gap && !before.ends.precede(&previous) {
            report.faults.push(Fault::CheckpointUnlinked { number });
        }
        if public_key.is_some_and(|public_key| !signed(public_key, &ends, key, signature)) {
            report.faults.push(Fault::CheckpointUnsigned { number });
        }
        for (end, line) in seen {
            self.compare(number, &end, line, report);
        }
    }

    /// A line as a checkpoint saw it, and as it is.
    fn compare(&mut self, checkpoint: i64, end: &End, line: Option<Value>, report: &mut Report) {
        let End {
            lane,
            seq,
            hash: ref saw,
        } = *end;
        let agreed = self.agreed.entry(lane).or_insert(EMPTY.seq);
        match line.map(hash_of) {
            Some(Some(hash)) if hex::encode(hash) == saw.as_str() => *agreed = seq,
            Some(_) => {
                let from = *agreed + 1;
                report.faults.push(Fault::Rewritten {
                    lane,
                    from,
                    to: seq,
                    checkpoint,
                });
            }
            None => report.faults.push(Fault::CutOff {
                lane,
                seq,
                checkpoint,
            }),
        }
    }
}

fn signed(public_key: &[u8], ends: &Ends, key: Value, signature: Value) -> bool {
    let Value::Bytes(signature) = signature else {
        return false;
    };
    hash_of(key) == Some(sha256(&[public_key]))
        && UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public_key)
            .verify(&ends.computed, &signature)
            .is_ok()
}

fn ends_of(heads: &Value) -> Option<Vec<End>> {
    match heads {
        Value::Text(heads) => serde_json::from_str(heads).ok(),
        Value::Null | Value::Integer(_) | Value::Bytes(_) => None,
    }
}

fn hash_of(value: Value) -> Option<[u8; 32]> {
    match value {
        Value::Bytes(bytes) => bytes.try_into().ok(),
        Value::Null | Value::Integer(_) | Value::Text(_) => None,
    }
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        Value::Null | Value::Integer(_) | Value::Bytes(_) => None,
    }
}
