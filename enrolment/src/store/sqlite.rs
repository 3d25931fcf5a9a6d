//! Embedded SQLite: one thread writes; whoever reads a little reads on its own thread, and a few
//! threads do what takes longer. Each has its own connection. The futures of the closures never
//! wait here, so they are run to their end on the thread that holds the connection; a statement
//! costs no hop (house decision 5).

mod errand;
mod line;
mod statement;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};

use futures_util::future::BoxFuture;
use rusqlite::OpenFlags;
use rusqlite::config::DbConfig;
use tokio::sync::oneshot;

use self::errand::{Errand, Job};
use self::line::Line;
pub(super) use self::statement::Driver;
use super::engine::{Connection, Flaw, Session, Tx, held};
use crate::error::{EngineFault, StoreError};

/// Threads for reads that take longer, and for everybody while all seats are taken.
const READERS: usize = 2;
/// Connections for short reads on the thread that asks; more than cores would only take turns.
const SEATS: usize = 4;
/// The only lane of the audit chain on this engine: one thread writes.
const LANE: i64 = 1;

/// An open database file.
pub(super) struct Sqlite {
    writer: Option<Arc<Line>>,
    readers: Arc<Line>,
    seats: Mutex<Vec<Session>>,
    threads: Vec<JoinHandle<()>>,
    /// Held for as long as the file is open for writing; the operating system lets go of it
    /// whatever happens to the process.
    _lock: Option<File>,
}

impl Sqlite {
    /// Opens the file for this process alone.
    pub(super) fn open(path: &str) -> Result<Self, StoreError> {
        let path = Path::new(path);
        let lock = lock(path)?;
        // SQLite would make the file readable for everybody; its companions copy the mode.
        private(path)?;
        let session = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, Some(LANE))?;
        let writer = Arc::new(Line::new());
        let line = writer.clone();
        let thread = spawn("store-writer", path, move || writer::run(&session, &line))?;
        let (readers, mut threads) = readers(path)?;
        threads.push(thread);
        Ok(Self {
            writer: Some(writer),
            readers,
            seats: seats(path)?,
            threads,
            _lock: Some(lock),
        })
    }

    /// Opens the file beside the process that writes to it.
    pub(super) fn open_to_read(path: &str) -> Result<Self, StoreError> {
        let (readers, threads) = readers(Path::new(path))?;
        Ok(Self {
            writer: None,
            readers,
            seats: seats(Path::new(path))?,
            threads,
            _lock: None,
        })
    }

    /// The write door.
    pub(super) async fn write<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let Some(writer) = &self.writer else {
            return Err(StoreError::ReadOnly.into());
        };
        send(writer, name, work).await
    }

    /// The read door for what takes microseconds: on the thread that asks, since two changes of
    /// thread would cost more than the read. With all seats taken it joins the line.
    pub(super) async fn read<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let seat = held(&self.seats).pop();
        let Some(seat) = seat else {
            return send(&self.readers, name, work).await;
        };
        let (reply, mut answer) = oneshot::channel();
        read(&seat, Box::new(Errand::new(name, work, reply)));
        held(&self.seats).push(seat);
        answer
            .try_recv()
            .unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// The read door for what takes longer: on a thread of its own, so that nobody else's request
    /// waits.
    pub(super) async fn survey<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        send(&self.readers, name, work).await
    }
}

/// Ends the threads and waits for them, so that the file is closed when the last clone is gone.
impl Drop for Sqlite {
    fn drop(&mut self) {
        if let Some(writer) = &self.writer {
            writer.close();
        }
        self.readers.close();
        let here = std::thread::current().id();
        for thread in self.threads.drain(..) {
            if thread.thread().id() != here && thread.join().is_err() {
                tracing::error!("a thread of the database panicked");
            }
        }
    }
}

async fn send<T, E, F>(line: &Line, name: &'static str, work: F) -> Result<T, E>
where
    F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    line.join(Box::new(Errand::new(name, work, reply))).await?;
    answer
        .await
        .unwrap_or_else(|_| Err(StoreError::Closed.into()))
}

fn seats(path: &Path) -> Result<Mutex<Vec<Session>>, StoreError> {
    let seats = (0..SEATS).map(|_| connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, None));
    Ok(Mutex::new(seats.collect::<Result<_, _>>()?))
}

fn readers(path: &Path) -> Result<(Arc<Line>, Vec<JoinHandle<()>>), StoreError> {
    let readers = Arc::new(Line::new());
    let mut threads = Vec::with_capacity(READERS + 1);
    for _ in 0..READERS {
        let session = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, None)?;
        let line = readers.clone();
        threads.push(spawn("store-reader", path, move || {
            while let Some(jobs) = line.take(1) {
                for job in jobs {
                    read(&session, job);
                }
            }
        })?);
    }
    Ok((readers, threads))
}

/// One read: the job sees one instant of the database.
fn read(session: &Session, mut job: Box<dyn Job>) {
    session.begin_afresh(None);
    match batch(session, "BEGIN") {
        Ok(()) => {
            job.run(session);
        }
        Err(flaw) => job.fail(flaw.error),
    }
    if let Err(flaw) = batch(session, "ROLLBACK") {
        tracing::warn!(error = ?flaw.error, "a read could not be ended");
    }
    job.answer();
}

/// A statement of ours about the transaction itself.
fn batch(session: &Session, sql: &'static str) -> Result<(), Flaw> {
    match &session.connection {
        Connection::Sqlite(driver) => held(driver).execute(sql, &[]).map(|_| ()),
        Connection::Postgres(_) => Err(Flaw::told(StoreError::Closed)),
    }
}

fn connect(path: &Path, access: OpenFlags, lane: Option<i64>) -> Result<Session, StoreError> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        rusqlite::Connection::open_with_flags(path, flags).map_err(EngineFault::from)?;
    let query_only = i64::from(lane.is_none());
    let pragmas = [
        ("journal_mode", "wal"),
        // NORMAL loses the newest commits, and with them the end of the audit, on power loss.
        ("synchronous", "full"),
        ("foreign_keys", "on"),
        ("busy_timeout", "5000"),
        ("trusted_schema", "off"),
        ("cell_size_check", "on"),
        // Pages of 4 KiB in the log before they go to the file: four times the default, so that a page
        // that many people's writes touch goes there once. A start after a crash reads 16 MB.
        ("wal_autocheckpoint", "4000"),
        ("temp_store", "memory"),
        // KiB, as SQLite wants it: negative.
        ("cache_size", "-16384"),
    ];
    for (name, setting) in pragmas.into_iter().filter(|(name, _)| {
        // A reader finds the journal as the writer made it.
        query_only == 0 || *name != "journal_mode"
    }) {
        connection
            .pragma_update(None, name, setting)
            .map_err(EngineFault::from)?;
    }
    connection
        .pragma_update(None, "query_only", query_only)
        .map_err(EngineFault::from)?;
    connection.set_prepared_statement_cache_capacity(256);
    // Without this, SQLite prepares a cached statement anew for each bound value, in case the
    // value asks for another plan: half the cost of a sign-in.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(EngineFault::from)?;
    Ok(Session::new(
        Connection::Sqlite(Mutex::new(Driver::new(connection))),
        lane,
    ))
}

/// A file of its own beside the database: closing the database file itself a second time would
/// drop SQLite's POSIX locks on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    let name = PathBuf::from(name);
    let file = private(&name)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Held(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(StoreError::Open {
            path: name,
            source: Arc::new(source),
        }),
    }
}

/// Opens or makes a file that only we may read.
fn private(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|source| StoreError::Open {
            path: path.to_owned(),
            source: Arc::new(source),
        })
}

fn spawn(
    name: &str,
    path: &Path,
    run: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|source| StoreError::Open {
            path: path.to_owned(),
            source: Arc::new(source),
        })
}
