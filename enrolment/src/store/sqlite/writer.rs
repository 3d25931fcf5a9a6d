//! Group commit. Whatever queued up while the disk was busy goes into one outer transaction,
//! each closure in a savepoint of its own, and one fsync pays for all of them. Nobody is answered
//! before it, not even with a refusal: it may rest on what a neighbour wrote.

use std::time::{Duration, Instant};

use rusqlite::Connection as Sqlite;
use tokio::sync::mpsc::Receiver;

use super::batch;
use super::errand::Job;
use crate::error::StoreError;
use crate::store::engine::{Connection, Flaw, Remedy, Session, held};
use crate::store::migrate::NAME;

/// Closures in one outer transaction, at most (house decision 5).
const GROUP: usize = 256;
/// How long one closure may hold up the others (house decision 5).
const TURN: Duration = Duration::from_millis(100);
/// How often a closure may run past [`TURN`], since a busy machine can make anyone late.
const LATE: u8 = 3;

/// Runs until the last sender is gone.
pub(super) fn run(session: &Session, mut queue: Receiver<Box<dyn Job>>) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![Waiting {
            job: first,
            late: 0,
        }];
        while group.len() < GROUP {
            let Ok(job) = queue.try_recv() else { break };
            group.push(Waiting { job, late: 0 });
        }
        while !group.is_empty() {
            group = settle(session, group);
        }
    }
}

/// A closure whose caller has not been answered.
struct Waiting {
    job: Box<dyn Job>,
    late: u8,
}

/// What became of one closure of the group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Done,
    Late,
}

/// Answers the group; gives back those that must run again.
fn settle(session: &Session, group: Vec<Waiting>) -> Vec<Waiting> {
    let mut group = group;
    match attempt(session, &mut group) {
        Ok(turns) => {
            let mut again = Vec::new();
            for (waiting, turn) in group.into_iter().zip(turns) {
                match turn {
                    Turn::Done => waiting.job.answer(),
                    Turn::Late => again.extend(scold(waiting)),
                }
            }
            again
        }
        // The outer transaction is gone, so nothing of the group happened. Each goes again by
        // itself, and the one that kills its transaction is the one that hears of it.
        Err(dead) if group.len() == 1 => {
            for mut waiting in group {
                waiting.job.fail(dead.error.clone());
                waiting.job.answer();
            }
            Vec::new()
        }
        Err(_) => {
            for waiting in group {
                let mut alone = vec![waiting];
                while !alone.is_empty() {
                    alone = settle(session, alone);
                }
            }
            Vec::new()
        }
    }
}

/// Another chance, unless it was the last one.
fn scold(waiting: Waiting) -> Option<Waiting> {
    let Waiting { mut job, late } = waiting;
    let transaction = job.name();
    tracing::warn!(
        transaction,
        "held the writer for more than 100 ms; rolled back"
    );
    if late + 1 < LATE {
        return Some(Waiting {
            job,
            late: late + 1,
        });
    }
    job.fail(StoreError::TooSlow { transaction });
    job.answer();
    None
}

/// One outer transaction. An error means that nothing of it is in the database.
fn attempt(session: &Session, group: &mut [Waiting]) -> Result<Vec<Turn>, Flaw> {
    let lane = session.lane();
    let attempted = batch(session, "BEGIN IMMEDIATE").and_then(|()| {
        let turns = group
            .iter_mut()
            .map(|waiting| take_turn(session, &mut *waiting.job));
        let turns = turns.collect::<Result<Vec<_>, _>>()?;
        batch(session, "COMMIT")?;
        Ok(turns)
    });
    attempted.inspect_err(|flaw| {
        stop_on_failed_disk(flaw);
        if in_transaction(session)
            && let Err(flaw) = batch(session, "ROLLBACK")
        {
            stop_on_failed_disk(&flaw);
        }
        session.begin_afresh(lane);
    })
}

/// One closure in its savepoint. An error means that the outer transaction is dead.
fn take_turn(session: &Session, job: &mut dyn Job) -> Result<Turn, Flaw> {
    let lane = session.lane();
    session.begin_afresh(lane);
    batch(session, "SAVEPOINT turn")?;
    if cfg!(any(test, feature = "run-twice")) {
        job.run(session);
        alive(session)?;
        undo(session)?;
        session.begin_afresh(lane);
    }
    let began = Instant::now();
    let keep = job.run(session);
    let overdue = began.elapsed() > TURN && job.name() != NAME;
    alive(session)?;
    if !keep || overdue {
        undo(session)?;
        session.begin_afresh(lane);
    }
    batch(session, "RELEASE turn")?;
    Ok(if overdue { Turn::Late } else { Turn::Done })
}

fn undo(session: &Session) -> Result<(), Flaw> {
    batch(session, "ROLLBACK TO turn")
}

/// SQLite ends the whole transaction by itself after some errors (disk full, out of memory).
fn alive(session: &Session) -> Result<(), Flaw> {
    let said = session.flaw();
    if let Some(flaw) = &said {
        stop_on_failed_disk(flaw);
    }
    if in_transaction(session) {
        return Ok(());
    }
    Err(said.unwrap_or_else(|| Flaw::told(StoreError::Spoiled)))
}

fn in_transaction(session: &Session) -> bool {
    match &session.connection {
        Connection::Sqlite(connection) => !Sqlite::is_autocommit(&held(connection)),
        Connection::Postgres(_) => false,
    }
}

/// After a failed fsync the kernel may have dropped what was not written, and the next fsync
/// succeeds all the same. Only a new start, which reads the log again, knows what is there.
fn stop_on_failed_disk(flaw: &Flaw) {
    if flaw.remedy == Remedy::Stop {
        tracing::error!(error = ?flaw.error, "the disk failed; stopping before anyone is answered");
        std::process::abort();
    }
}
