//! What can go wrong between us and a database, by cause. A refusal of the law is never one of
//! these (it is a `policies::refusal::Refusal`); the words a person reads are chosen in gateway.

use std::{path::PathBuf, sync::Arc};

/// Why the database did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Too many at once: nothing was written, the same request may be sent again (503).
    #[error("the database is busy; nothing was written")]
    Busy,
    /// A row with this key exists.
    #[error("a row with this key exists")]
    Unique,
    /// A CHECK of the schema refused the row.
    #[error("a rule of the schema refuses this row")]
    Check,
    /// The row points to one that does not exist, or is still pointed to.
    #[error("the row this one refers to is missing, or is still referred to")]
    ForeignKey,
    /// A column that must hold something was given nothing.
    #[error("a required column was left empty")]
    NotNull,
    /// A write through the read door.
    #[error("this door only reads")]
    ReadOnly,
    /// The disk is full.
    #[error("the disk of the database is full")]
    Full,
    /// An earlier statement of the same transaction failed; it can only be rolled back.
    #[error("an earlier statement of this transaction failed")]
    Spoiled,
    /// The closure panicked; its transaction was rolled back.
    #[error("the transaction {transaction} panicked and was rolled back")]
    Panicked {
        /// The name given to the door.
        transaction: &'static str,
    },
    /// The closure waited for something other than the database.
    #[error("the transaction {transaction} waited for something other than the database")]
    Waited {
        /// The name given to the door.
        transaction: &'static str,
    },
    /// The closure held up everyone else for longer than 100 ms, three times.
    #[error("the transaction {transaction} held the writer for too long and was rolled back")]
    TooSlow {
        /// The name given to the door.
        transaction: &'static str,
    },
    /// The connection was lost during COMMIT: it happened, or it did not. Ask again with the same
    /// idempotency key.
    #[error("the connection was lost while committing; the outcome is unknown")]
    OutcomeUnknown,
    /// The store has been closed.
    #[error("the database is closed")]
    Closed,
    /// A column holds something else than the caller reads from it.
    #[error("column {position} of the row is not {wanted}")]
    Column {
        /// Counted from 0.
        position: usize,
        /// What the caller wanted.
        wanted: &'static str,
    },
    /// A row has another number of columns than the caller reads.
    #[error("the row has {found} columns, not {wanted}")]
    Columns {
        /// Columns in the row.
        found: usize,
        /// Columns the caller reads.
        wanted: usize,
    },
    /// Rows that cannot be, whatever we wrote.
    #[error("the table {table} contradicts itself in {column}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column, or what is missing.
        column: &'static str,
    },
    /// Neither `sqlite:PATH` nor `postgres://…`.
    #[error("a database address begins with sqlite: or postgres://")]
    Address,
    /// Another process has this file open.
    #[error("another process uses {}", .0.display())]
    Held(PathBuf),
    /// The database file or its lock file cannot be opened.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: Arc<std::io::Error>,
    },
    /// A newer program has migrated this database.
    #[error("the schema of {room} is at {found}; this program knows {known}")]
    SchemaNewer {
        /// Whose tables.
        room: &'static str,
        /// The newest migration in the database.
        found: i64,
        /// The newest migration in the program.
        known: i64,
    },
    /// A migration that was applied reads differently now.
    #[error("migration {number} of {room} has been changed after it was applied")]
    SchemaChanged {
        /// Whose tables.
        room: &'static str,
        /// Its number.
        number: i64,
    },
    /// An event that cannot be written as JSON.
    #[error("the event cannot be written down")]
    Event(#[source] Arc<serde_json::Error>),
    /// The random source failed.
    #[error("the random source failed")]
    NoChance,
    /// Anything else the engine said.
    #[error("the database engine failed")]
    Engine(#[from] EngineFault),
}

/// An error of a driver, kept for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum EngineFault {
    /// SQLite.
    #[error("sqlite")]
    Sqlite(#[source] Arc<rusqlite::Error>),
    /// PostgreSQL.
    #[error("postgresql")]
    Postgres(#[source] Arc<sqlx::Error>),
}

impl From<rusqlite::Error> for EngineFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

impl From<sqlx::Error> for EngineFault {
    fn from(error: sqlx::Error) -> Self {
        Self::Postgres(Arc::new(error))
    }
}
