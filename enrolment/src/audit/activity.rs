//! A person's own lines of the trail, newest first, in pages.

use policies::ids::UserId;
use policies::time::Time;

use super::Event;
use crate::params;
use crate::store::{StoreError, Tx};

/// How many lines a page has.
pub const PAGE: usize = 25;

const EVENT: StoreError = StoreError::Inconsistent {
    table: "audit",
    column: "event",
};

/// Where a page ends and the next one begins: the place of a line in the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its instant, UTC seconds.
    pub at: i64,
    /// Its lane.
    pub lane: i64,
    /// Its number in the lane.
    pub seq: i64,
}

impl Place {
    /// Before every page.
    const TOP: Self = Self {
        at: i64::MAX,
        lane: i64::MAX,
        seq: i64::MAX,
    };
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}.{}", self.at, self.lane, self.seq)
    }
}

impl std::str::FromStr for Place {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().unwrap_or_default().parse();
        Ok(Self {
            at: next()?,
            lane: next()?,
            seq: next()?,
        })
    }
}

/// One line about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When it happened.
    pub at: Time,
    /// What happened.
    pub event: Event,
}

/// At most [`PAGE`] lines about this person before `before`, newest first, and where the next page
/// begins if there is one. Steps that only machines care about are left out.
///
/// # Errors
/// What the store says.
pub async fn of(
    tx: Tx<'_>,
    person: &UserId,
    before: Option<Place>,
) -> Result<(Vec<Line>, Option<Place>), StoreError> {
    const LINES: &str = "SELECT at, lane, seq, event FROM audit
        WHERE person = $1 AND (at, lane, seq) < ($2, $3, $4)
          AND kind NOT IN ('tokens_issued', 'certificates_intended', 'certificate_revoked',
                           'certificates_burned', 'session_continued')
        ORDER BY at DESC, lane DESC, seq DESC LIMIT $5";
    let Place { at, lane, seq } = before.unwrap_or(Place::TOP);
    let wanted = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let rows = tx
        .rows(LINES, params![person, at, lane, seq, wanted])
        .await?;
    let more = rows.len() > PAGE;
    let mut lines = Vec::with_capacity(PAGE);
    let mut last = None;
    for row in rows.into_iter().take(PAGE) {
        let (at, lane, seq, event) = row.read::<(i64, i64, i64, String)>()?;
        last = Some(Place { at, lane, seq });
        lines.push(Line {
            at: Time::from_unix(at),
            event: serde_json::from_str(&event).map_err(|_| EVENT)?,
        });
    }
    Ok((lines, last.filter(|_| more)))
}
