//! Group commit. Whatever queued up while the disk was busy goes into one outer transaction, and
//! one fsync pays for all of them. Nobody is answered before it, not even with a refusal: it may
//! rest on what a neighbour wrote.
//!
//! Nearly every closure stays, and one that is refused has nearly always written nothing yet. So a
//! group runs without savepoints first, each of which costs a copy of every page that a closure
//! touches; as soon as one closure must be undone, the outer transaction is rolled back and the
//! group runs again, each closure in a savepoint of its own.

use std::time::{Duration, Instant};

use super::batch;
use super::errand::Job;
use super::line::Line;
use crate::error::StoreError;
use crate::store::engine::{Connection, Flaw, Remedy, Session, held};
use crate::store::migrate::NAME;

/// Closures in one outer transaction, at most (house decision 5).
const GROUP: usize = 256;
/// How long the writer waits for company when it is likely. Each transaction writes the pages that
/// its closures touched and one sync, whether they were three or thirty: with 48 browsers at work a
/// login cost a tenth less CPU for a wait of 600 µs (docs/performance.md). Nobody notices two
/// thousandths of a second. PostgreSQL's commit_delay is the same idea.
const GATHERING: Duration = Duration::from_millis(2);
/// So many need not wait for more.
const CROWD: usize = 32;
/// How long one closure may hold up the others (house decision 5).
const TURN: Duration = Duration::from_millis(100);
/// How often a closure may run past [`TURN`], since a busy machine can make anyone late.
const LATE: u8 = 3;
/// What the log is given to say why the process stops.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// Whether each closure runs twice, the first run rolled back: it has no effect but SQL.
const REHEARSED: bool = cfg!(any(test, feature = "run-twice"));

/// Runs until the line is closed.
pub(super) fn run(session: &Session, line: &Line) {
    let mut before = 0;
    while let Some(mut jobs) = line.take(GROUP) {
        if company_is_likely(before, jobs.len()) {
            let missing = CROWD.saturating_sub(jobs.len());
            jobs.extend(line.take_company(missing, GATHERING, GROUP - jobs.len()));
        }
        before = jobs.len();
        let mut group: Vec<_> = jobs
            .into_iter()
            .map(|job| Waiting { job, late: 0 })
            .collect();
        let mut apart = Apart::IfNeeded;
        while !group.is_empty() {
            group = settle(session, group, apart);
            apart = Apart::Always;
        }
    }
}

/// Whether others are about to join those who wait now: they did the last time, and are not here
/// yet. Whoever is alone never waits.
const fn company_is_likely(before: usize, now: usize) -> bool {
    before > 1 && now < CROWD
}

/// A closure whose caller has not been answered.
struct Waiting {
    job: Box<dyn Job>,
    late: u8,
}

/// Whether each closure of a group has a savepoint of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Apart {
    /// Not before one must be undone.
    IfNeeded,
    /// From the beginning.
    Always,
}

/// What became of one closure of the group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Done,
    Late,
}

/// Why nothing of an outer transaction is in the database.
enum Dead {
    /// The engine said so.
    Flaw(Flaw),
    /// Closures without savepoints, of which one must be undone.
    Undone,
}

impl From<Flaw> for Dead {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

/// Answers the group; gives back those that must run again.
fn settle(session: &Session, group: Vec<Waiting>, apart: Apart) -> Vec<Waiting> {
    let mut group = group;
    let attempted = match attempt(session, &mut group, apart) {
        Err(Dead::Undone) => attempt(session, &mut group, Apart::Always),
        attempted => attempted,
    };
    match attempted {
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
            let error = match dead {
                Dead::Flaw(flaw) => flaw.error,
                Dead::Undone => StoreError::Spoiled,
            };
            for mut waiting in group {
                waiting.job.fail(error.clone());
                waiting.job.answer();
            }
            Vec::new()
        }
        Err(_) => {
            for waiting in group {
                let mut alone = vec![waiting];
                while !alone.is_empty() {
                    alone = settle(session, alone, Apart::Always);
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
fn attempt(session: &Session, group: &mut [Waiting], apart: Apart) -> Result<Vec<Turn>, Dead> {
    let lane = session.lane();
    let attempted = batch(session, "BEGIN IMMEDIATE")
        .map_err(Dead::from)
        .and_then(|()| {
            let turns = take_turns(session, group, apart)?;
            batch(session, "COMMIT")?;
            Ok(turns)
        });
    attempted.inspect_err(|dead| {
        if let Dead::Flaw(flaw) = dead {
            stop_on_failed_disk(flaw);
        }
        if in_transaction(session)
            && let Err(flaw) = batch(session, "ROLLBACK")
        {
            stop_on_failed_disk(&flaw);
        }
        session.begin_afresh(lane);
    })
}

fn take_turns(session: &Session, group: &mut [Waiting], apart: Apart) -> Result<Vec<Turn>, Dead> {
    if apart == Apart::Always {
        let turns = group
            .iter_mut()
            .map(|waiting| Ok(turn_apart(session, &mut *waiting.job)?));
        return turns.collect();
    }
    if REHEARSED {
        let lane = session.lane();
        batch(session, "SAVEPOINT turn")?;
        for waiting in &mut *group {
            session.begin_afresh(session.lane());
            waiting.job.run(session);
            alive(session)?;
        }
        undo(session)?;
        batch(session, "RELEASE turn")?;
        session.begin_afresh(lane);
    }
    for waiting in &mut *group {
        turn_together(session, waiting)?;
    }
    Ok(vec![Turn::Done; group.len()])
}

/// One closure without a savepoint: everything of it can stay, or nothing of the group does.
fn turn_together(session: &Session, waiting: &mut Waiting) -> Result<(), Dead> {
    let lane = session.lane();
    session.begin_afresh(lane);
    begin_turn(session);
    let (keep, overdue) = timed(session, &mut *waiting.job);
    alive(session)?;
    if overdue {
        waiting.late += 1;
        return Err(Dead::Undone);
    }
    if keep {
        return Ok(());
    }
    if wrote(session) {
        return Err(Dead::Undone);
    }
    session.begin_afresh(lane);
    Ok(())
}

/// One closure in its savepoint. An error means that the outer transaction is dead.
fn turn_apart(session: &Session, job: &mut dyn Job) -> Result<Turn, Flaw> {
    let lane = session.lane();
    session.begin_afresh(lane);
    batch(session, "SAVEPOINT turn")?;
    if REHEARSED {
        job.run(session);
        alive(session)?;
        undo(session)?;
        session.begin_afresh(lane);
    }
    let (keep, overdue) = timed(session, job);
    alive(session)?;
    if !keep || overdue {
        undo(session)?;
        session.begin_afresh(lane);
    }
    batch(session, "RELEASE turn")?;
    Ok(if overdue { Turn::Late } else { Turn::Done })
}

/// Runs the closure: whether its changes are to stay, and whether it took longer than it may.
fn timed(session: &Session, job: &mut dyn Job) -> (bool, bool) {
    let began = Instant::now();
    let keep = job.run(session);
    (keep, began.elapsed() > TURN && job.name() != NAME)
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
        Connection::Sqlite(driver) => held(driver).in_transaction(),
        Connection::Postgres(_) => false,
    }
}

fn begin_turn(session: &Session) {
    if let Connection::Sqlite(driver) = &session.connection {
        held(driver).begin_turn();
    }
}

/// Whether the closure that has run may have left anything.
fn wrote(session: &Session) -> bool {
    match &session.connection {
        Connection::Sqlite(driver) => held(driver).wrote(),
        Connection::Postgres(_) => true,
    }
}

/// After a failed fsync the kernel may have dropped what was not written, and the next fsync
/// succeeds all the same. Only a new start, which reads the log again, knows what is there.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing tells when the log has been written"
)]
fn stop_on_failed_disk(flaw: &Flaw) {
    if flaw.remedy == Remedy::Stop {
        tracing::error!(error = ?flaw.error, "the disk failed; stopping before anyone is answered");
        // The log has a thread of its own; nobody is answered meanwhile.
        std::thread::sleep(LAST_WORDS);
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_alone_and_a_crowd_waits_for_nobody() {
        assert!(!company_is_likely(0, 1), "the first");
        assert!(!company_is_likely(1, 1), "one after the other");
        assert!(company_is_likely(2, 1));
        assert!(company_is_likely(200, CROWD - 1));
        assert!(!company_is_likely(200, CROWD));
    }
}
