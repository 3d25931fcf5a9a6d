//! A person's own lines of the trail, newest first, in pages.

use policies::ids::UserId;
use policies::time::Time;

use super::Event;
use super::event::person_in;
use crate::params;
use crate::store::{StoreError, Tx};

/// How many lines a page has.
pub const PAGE: usize = 25;

/// Steps that only machines care about. They are found by nobody's name: each such entry of the index
/// is a page to be written.
const FOR_MACHINES: [&str; 5] = [
    "tokens_issued",
    "certificates_intended",
    "certificate_revoked",
    "certificates_burned",
    "session_continued",
];

/// Older lines of [`FOR_MACHINES`] bear a name.
const LINES: &str = "SELECT at, lane, seq, event FROM audit
    WHERE person = $1 AND (at, lane, seq) < ($2, $3, $4)
      AND kind NOT IN ('tokens_issued', 'certificates_intended', 'certificate_revoked',
                       'certificates_burned', 'session_continued')
    ORDER BY at DESC, lane DESC, seq DESC LIMIT $5";

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

/// Whether lines of this kind are shown to whom they are about.
pub(super) fn shows(kind: &str) -> bool {
    !FOR_MACHINES.contains(&kind)
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
        // The column of older lines names whoever acted.
        if person_in(&event) != Some(person.as_str()) {
            continue;
        }
        lines.push(Line {
            at: Time::from_unix(at),
            event: serde_json::from_str(&event).map_err(|_| EVENT)?,
        });
    }
    Ok((lines, last.filter(|_| more)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Actor, Code};
    use crate::schema;
    use crate::store::trial::on_both_engines;
    use crate::store::{Key, Store};

    const NOW: Time = Time::from_unix(1_862_000_000);

    fn her() -> UserId {
        "555000000007".parse().unwrap()
    }

    #[test]
    fn the_statement_leaves_out_what_is_for_machines() {
        let named: Vec<&str> = LINES.split('\'').skip(1).step_by(2).collect();
        assert_eq!(named, FOR_MACHINES);
    }

    async fn wrote(store: &Store, events: &[Event]) {
        let migrated = store.migrate(schema::ROOM, schema::MIGRATIONS).await;
        migrated.unwrap();
        let events = events.to_vec();
        let write = store.write::<_, StoreError, _>("steps", Key::none(), move |tx| {
            let events = events.clone();
            Box::pin(async move {
                for event in &events {
                    tx.audit(NOW, event).await?;
                }
                Ok(())
            })
        });
        write.await.unwrap();
    }

    /// What this person is shown.
    async fn shown(store: &Store, person: UserId) -> Vec<Event> {
        let read = store.read::<_, StoreError, _>("activity", move |tx| {
            let person = person.clone();
            Box::pin(async move { of(tx, &person, None).await })
        });
        let (lines, _) = read.await.unwrap();
        lines.into_iter().map(|line| line.event).collect()
    }

    #[test]
    fn a_line_is_of_whom_it_is_about_and_not_of_who_did_it() {
        on_both_engines(async |store| {
            let agent: UserId = "555000000005".parse().unwrap();
            let closed = Event::PersonClosed {
                actor: Actor::Person(agent.clone()),
                person: her(),
            };
            wrote(&store, std::slice::from_ref(&closed)).await;
            assert_eq!(shown(&store, her()).await, [closed]);
            assert_eq!(shown(&store, agent.clone()).await, []);
            // As it was written once: under whoever acted.
            let misled = agent.clone();
            let write = store.write::<_, StoreError, _>("misled", Key::none(), move |tx| {
                let misled = misled.clone();
                Box::pin(async move {
                    tx.execute("UPDATE audit SET person = $1", params![&misled])
                        .await
                })
            });
            write.await.unwrap();
            assert_eq!(shown(&store, agent).await, []);
        })
        .unwrap();
    }

    #[test]
    fn a_step_that_only_machines_care_about_is_found_under_nobodys_name() {
        on_both_engines(async |store| {
            let (session, client) = ("s-1", "ward7");
            let continued = Event::SessionContinued {
                person: her(),
                session: session.parse().unwrap(),
                client: client.parse().unwrap(),
            };
            let ended = Event::SessionEnded {
                person: her(),
                session: session.parse().unwrap(),
                reason: Code::of("signed_out"),
            };
            wrote(&store, &[continued, ended.clone()]).await;
            let named = store.read::<_, StoreError, _>("named", |tx| {
                Box::pin(async move {
                    let named = "SELECT event FROM audit WHERE person IS NOT NULL";
                    Ok(tx.rows(named, &[]).await?.len())
                })
            });
            assert_eq!(named.await.unwrap(), 1);
            assert_eq!(shown(&store, her()).await, [ended]);
        })
        .unwrap();
    }
}
