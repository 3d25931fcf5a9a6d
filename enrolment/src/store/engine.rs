//! One running transaction, whatever the engine. A closure sees only [`Tx`]; what the engine said
//! about its statements is noted beside it, so that the door decides about a repeat by itself and
//! not by the error the closure chose to return (house decision 5).

use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::postgres::PgConnection;

use super::value::{Row, Value};
use super::{postgres, sqlite};
use crate::error::{EngineFault, StoreError};

/// A running transaction. Every statement goes through it; it ends with the closure it was given
/// to.
#[derive(Clone, Copy)]
pub struct Tx<'t> {
    session: &'t Session,
}

impl<'t> Tx<'t> {
    pub(super) const fn new(session: &'t Session) -> Self {
        Self { session }
    }

    /// All rows of the answer.
    ///
    /// # Errors
    /// Whatever refused the statement. From then on every statement of this transaction is
    /// [`StoreError::Spoiled`] and it is rolled back, on both engines alike: a conflict that is
    /// expected is written `ON CONFLICT DO NOTHING` and counted.
    pub async fn rows(&self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.session.unspoiled()?;
        let answer = match &self.session.connection {
            Connection::Sqlite(sqlite) => held(sqlite).rows(sql, values),
            Connection::Postgres(postgres) => {
                postgres::rows(&mut *postgres.lock().await, sql, values).await
            }
        };
        answer.map_err(|flaw| self.session.spoil(flaw))
    }

    /// The first row of the answer, if there is one.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub async fn row(
        &self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// How many rows the statement inserted, changed or deleted.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub async fn execute(&self, sql: &'static str, values: &[Value]) -> Result<u64, StoreError> {
        self.session.unspoiled()?;
        let answer = match &self.session.connection {
            Connection::Sqlite(sqlite) => held(sqlite).execute(sql, values),
            Connection::Postgres(postgres) => {
                postgres::execute(&mut *postgres.lock().await, sql, values).await
            }
        };
        answer.map_err(|flaw| self.session.spoil(flaw))
    }

    /// Runs the statements of a migration, already in the engine's own words.
    pub(super) async fn define(&self, ddl: &str) -> Result<(), StoreError> {
        self.session.unspoiled()?;
        let answer = match &self.session.connection {
            Connection::Sqlite(sqlite) => held(sqlite).define(ddl),
            Connection::Postgres(postgres) => {
                postgres::define(&mut *postgres.lock().await, ddl).await
            }
        };
        answer.map_err(|flaw| self.session.spoil(flaw))
    }

    /// Which engine's words a migration must use.
    pub(super) const fn dialect(self) -> Dialect {
        match self.session.connection {
            Connection::Sqlite(_) => Dialect::Sqlite,
            Connection::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The lane of the audit chain this connection writes to; `None` through the read door.
    pub(crate) fn lane(self) -> Option<Lane> {
        self.session.lane()
    }

    /// Remembers the new head of the lane. Rolling back restores the one before.
    pub(crate) fn advance(self, head: Head) {
        if let Some(lane) = &mut held(&self.session.memory).lane {
            lane.head = Some(head);
        }
    }
}

/// The two ways of writing DDL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// SQLite, STRICT tables.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A lane of the audit chain and what this connection knows of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lane {
    /// Its number, from 1.
    pub(crate) number: i64,
    /// Its newest line, once this connection has read or written it.
    pub(crate) head: Option<Head>,
}

/// The newest line of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its place, from 1; 0 while the lane is empty.
    pub(crate) seq: i64,
    /// Its hash; zeros while the lane is empty.
    pub(crate) hash: [u8; 32],
}

/// What the engine said when it refused a statement or a commit.
#[derive(Debug, Clone)]
pub(super) struct Flaw {
    /// What the caller is told.
    pub(super) error: StoreError,
    /// What the door does about it.
    pub(super) remedy: Remedy,
}

/// What the door does about a refused statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing: the caller is told.
    Tell,
    /// The transaction collided with another one: run it again.
    Again,
    /// The connection is gone: run it again on another one.
    Reconnect,
    /// Reading or writing the disk failed: stop the process before anything is acknowledged.
    Stop,
}

impl Flaw {
    pub(super) fn told(error: StoreError) -> Self {
        Self {
            error,
            remedy: Remedy::Tell,
        }
    }

    pub(super) fn engine(fault: impl Into<EngineFault>, remedy: Remedy) -> Self {
        Self {
            error: StoreError::Engine(fault.into()),
            remedy,
        }
    }
}

/// A connection with an open transaction, and what must be remembered beside it.
pub(super) struct Session {
    pub(super) connection: Connection,
    memory: Mutex<Memory>,
}

/// The driver's connection.
pub(super) enum Connection {
    /// Used by one thread; the lock only makes futures that borrow it `Send`.
    Sqlite(Mutex<sqlite::Driver>),
    /// Locked across one statement.
    Postgres(tokio::sync::Mutex<PgConnection>),
}

#[derive(Debug, Default)]
struct Memory {
    lane: Option<Lane>,
    flaw: Option<Flaw>,
}

impl Session {
    /// A connection that writes to this lane, or only reads.
    pub(super) fn new(connection: Connection, lane: Option<i64>) -> Self {
        let lane = lane.map(|number| Lane { number, head: None });
        Self {
            connection,
            memory: Mutex::new(Memory { lane, flaw: None }),
        }
    }

    /// The first statement the engine refused since the last [`Self::begin_afresh`].
    pub(super) fn flaw(&self) -> Option<Flaw> {
        held(&self.memory).flaw.clone()
    }

    /// What [`Self::begin_afresh`] needs to undo what the closure did to the memory.
    pub(super) fn lane(&self) -> Option<Lane> {
        held(&self.memory).lane
    }

    /// Forgets the flaw and puts the head of the lane back to where it was.
    pub(super) fn begin_afresh(&self, lane: Option<Lane>) {
        *held(&self.memory) = Memory { lane, flaw: None };
    }

    fn unspoiled(&self) -> Result<(), StoreError> {
        if held(&self.memory).flaw.is_some() {
            return Err(StoreError::Spoiled);
        }
        Ok(())
    }

    fn spoil(&self, flaw: Flaw) -> StoreError {
        let error = flaw.error.clone();
        held(&self.memory).flaw = Some(flaw);
        error
    }
}

/// The lock, also after a panic elsewhere: what it guards is rolled back or dropped then.
pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What came of running a closure once, before the engine was asked to keep it.
pub(super) fn outcome<T, E: From<StoreError>>(
    session: &Session,
    returned: Result<T, E>,
) -> Result<T, E> {
    match (returned, session.flaw()) {
        // The closure overlooked a refused statement: nothing of it may stay.
        (Ok(_), Some(flaw)) => Err(flaw.error.into()),
        (returned, _) => returned,
    }
}
