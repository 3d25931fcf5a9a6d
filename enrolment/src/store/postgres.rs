//! PostgreSQL through sqlx. Writes are SERIALIZABLE and repeated when they collide; reads see one
//! snapshot. Only a primary is spoken to: a decision never rests on a replica that lags
//! (house decision 5).

mod seats;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use ring::rand::{SecureRandom, SystemRandom};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgConnection, PgRow, PgTypeInfo};
use sqlx::{AssertSqlSafe, Column, Encode, Postgres as Driver, Row as _, Type, TypeInfo, ValueRef};
use tokio::time::{Instant, sleep, timeout_at};

use self::seats::{Access, Seat, Seats};
use super::Key;
use super::engine::{Flaw, Remedy, Tx, outcome};
use super::value::{Row, Value};
use crate::error::StoreError;

/// How long a write is repeated before `busy` (house decision 5).
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections for each door. A write spends most of its time waiting for the server's disk.
const SEATS: usize = 8;
/// In-process locks that all keys share; two keys on one lock only wait for each other.
const TURNS: usize = 512;

/// A database server.
pub(super) struct Postgres {
    writers: Seats,
    readers: Seats,
    turns: Arc<Turns>,
}

impl Postgres {
    /// Connects once, so that a wrong address is an error at the start.
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        let writers = Seats::new(url, Access::Write, SEATS)?;
        let readers = Seats::new(url, Access::Read, SEATS)?;
        let seat = writers.take().await.map_err(|flaw| flaw.error)?;
        writers.give_back(seat);
        Ok(Self {
            writers,
            readers,
            turns: Arc::new(Turns::new()),
        })
    }

    /// The write door. It runs on a task of its own: a caller who stops waiting must not leave a
    /// transaction open, and a panic must not reach anyone else.
    pub(super) async fn write<T, E, F>(&self, name: &'static str, key: Key, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let deadline = Instant::now() + PATIENCE;
        let seats = self.writers.clone();
        let turns = Arc::clone(&self.turns);
        let task = tokio::spawn(async move {
            let Ok(_turn) = timeout_at(deadline, turns.wait_for(&key)).await else {
                return Err(StoreError::Busy.into());
            };
            repeat(&seats, name, deadline, &work).await
        });
        match task.await {
            Ok(returned) => returned,
            Err(failure) if failure.is_panic() => {
                Err(StoreError::Panicked { transaction: name }.into())
            }
            Err(_) => Err(StoreError::Closed.into()),
        }
    }

    /// The read door.
    pub(super) async fn read<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        E: From<StoreError>,
    {
        repeat(&self.readers, name, Instant::now() + PATIENCE, &work).await
    }
}

/// What is left of a transaction that did not stay.
enum Undone<E> {
    /// The caller is told.
    Told(E),
    /// Nothing happened, and it may happen the next time.
    Again(StoreError),
}

/// Runs the closure until it stays, is refused, or the time is up.
async fn repeat<T, E, F>(
    seats: &Seats,
    name: &'static str,
    deadline: Instant,
    work: &F,
) -> Result<T, E>
where
    F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>>,
    E: From<StoreError>,
{
    for round in 0_u32.. {
        match once(seats, name, deadline, work).await {
            Ok(value) => return Ok(value),
            Err(Undone::Told(error)) => return Err(error),
            Err(Undone::Again(error)) => {
                tracing::debug!(transaction = name, round, %error, "collided");
                if timeout_at(deadline, sleep(pause(round))).await.is_err() {
                    return Err(StoreError::Busy.into());
                }
            }
        }
    }
    Err(StoreError::Busy.into())
}

/// Jitter: somewhere below 2, 4, 8 … 128 ms, so that two that collided do not meet again.
fn pause(round: u32) -> Duration {
    let mut chance = [0; 4];
    if SystemRandom::new().fill(&mut chance).is_err() {
        return Duration::from_millis(7);
    }
    let ceiling = 2_000_u32 << round.min(6);
    Duration::from_micros(u64::from(u32::from_be_bytes(chance) % ceiling))
}

/// One transaction on one connection. The connection goes back only when its state is known.
async fn once<T, E, F>(
    seats: &Seats,
    name: &'static str,
    deadline: Instant,
    work: &F,
) -> Result<T, Undone<E>>
where
    F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>>,
    E: From<StoreError>,
{
    let seat = match timeout_at(deadline, seats.take()).await {
        Err(_) => return Err(Undone::Told(StoreError::Busy.into())),
        Ok(Err(flaw)) => return Err(undone(flaw)),
        Ok(Ok(seat)) => seat,
    };
    let lane = seat.session.lane();
    if seats.access() == Access::Write && cfg!(any(test, feature = "run-twice")) {
        seat.begin(seats.access()).await.map_err(undone)?;
        drop(run(&seat, name, work).await);
        seat.end("ROLLBACK").await.map_err(undone)?;
        seat.session.begin_afresh(lane);
    }
    seat.begin(seats.access()).await.map_err(undone)?;
    let returned = run(&seat, name, work).await;
    let flaw = seat.session.flaw();
    let ended = match &returned {
        Ok(_) => seat.end("COMMIT").await,
        Err(_) => seat.end("ROLLBACK").await,
    };
    match (returned, ended, flaw) {
        (Ok(value), Ok(()), _) => {
            seats.give_back(seat);
            Ok(value)
        }
        // Refused at COMMIT: PostgreSQL has rolled back. Without an answer, nobody knows.
        (Ok(_), Err(flaw), _) if flaw.remedy == Remedy::Reconnect => {
            Err(Undone::Told(StoreError::OutcomeUnknown.into()))
        }
        (Ok(_), Err(flaw), _) => {
            seat.session.begin_afresh(lane);
            seats.give_back(seat);
            Err(undone(flaw))
        }
        (Err(error), ended, flaw) => {
            seat.session.begin_afresh(lane);
            if ended.is_ok() {
                seats.give_back(seat);
            }
            match flaw {
                Some(flaw) if flaw.remedy != Remedy::Tell => Err(undone(flaw)),
                _ => Err(Undone::Told(error)),
            }
        }
    }
}

async fn run<T, E, F>(seat: &Seat, transaction: &'static str, work: &F) -> Result<T, E>
where
    F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>>,
    E: From<StoreError>,
{
    // The closure itself may panic before there is a future; what it did is rolled back.
    let running = AssertUnwindSafe(async { work(Tx::new(&seat.session)).await });
    match running.catch_unwind().await {
        Ok(returned) => outcome(&seat.session, returned),
        Err(_) => Err(StoreError::Panicked { transaction }.into()),
    }
}

fn undone<E: From<StoreError>>(flaw: Flaw) -> Undone<E> {
    match flaw.remedy {
        Remedy::Again | Remedy::Reconnect => Undone::Again(flaw.error),
        Remedy::Tell | Remedy::Stop => Undone::Told(flaw.error.into()),
    }
}

/// The in-process queue before each aggregate.
struct Turns {
    locks: Vec<tokio::sync::Mutex<()>>,
    hasher: RandomState,
}

impl Turns {
    fn new() -> Self {
        let locks = std::iter::repeat_with(|| tokio::sync::Mutex::new(()))
            .take(TURNS)
            .collect();
        Self {
            locks,
            hasher: RandomState::new(),
        }
    }

    async fn wait_for(&self, key: &Key) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let (kind, id) = key.0.as_ref()?;
        let place = usize::try_from(self.hasher.hash_one((kind, id)) % TURNS as u64).ok()?;
        Some(self.locks.get(place)?.lock().await)
    }
}

/// The answer's rows; for [`Tx::rows`].
pub(super) async fn rows(
    connection: &mut PgConnection,
    sql: &'static str,
    values: &[Value],
) -> Result<Vec<Row>, Flaw> {
    let rows = bound(sql, values)
        .fetch_all(connection)
        .await
        .map_err(flaw)?;
    rows.iter().map(row).collect()
}

/// The number of changed rows; for [`Tx::execute`].
pub(super) async fn execute(
    connection: &mut PgConnection,
    sql: &'static str,
    values: &[Value],
) -> Result<u64, Flaw> {
    let done = bound(sql, values).execute(connection).await.map_err(flaw)?;
    Ok(done.rows_affected())
}

/// A migration's statements, whose text is ours but made at run time.
pub(super) async fn define(connection: &mut PgConnection, ddl: &str) -> Result<(), Flaw> {
    let statements = sqlx::raw_sql(AssertSqlSafe(ddl.to_owned()));
    statements.execute(connection).await.map_err(flaw)?;
    Ok(())
}

fn bound<'q>(sql: &'static str, values: &[Value]) -> sqlx::query::Query<'q, Driver, PgArguments> {
    values
        .iter()
        .fold(sqlx::query(sql), |query, value| match value {
            Value::Null => query.bind(Nothing),
            Value::Integer(number) => query.bind(*number),
            Value::Text(text) => query.bind(text.clone()),
            Value::Bytes(bytes) => query.bind(bytes.clone()),
        })
}

/// NULL of no type: object id 0 leaves the type of the parameter to the server, so that one NULL
/// fits a column of any type.
struct Nothing;

impl Type<Driver> for Nothing {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Driver> for Nothing {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

fn row(row: &PgRow) -> Result<Row, Flaw> {
    let values = row
        .columns()
        .iter()
        .map(|column| value(row, column.ordinal()));
    Ok(Row::new(values.collect::<Result<_, _>>()?))
}

fn value(row: &PgRow, position: usize) -> Result<Value, Flaw> {
    let raw = row.try_get_raw(position).map_err(flaw)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info();
    let value = match kind.name() {
        "INT8" => row.try_get(position).map(Value::Integer),
        "INT4" => row
            .try_get::<i32, _>(position)
            .map(|number| Value::Integer(number.into())),
        "INT2" => row
            .try_get::<i16, _>(position)
            .map(|number| Value::Integer(number.into())),
        // What SQLite answers to a comparison.
        "BOOL" => row.try_get::<bool, _>(position).map(Value::from),
        "BYTEA" => row.try_get(position).map(Value::Bytes),
        _ => row.try_get(position).map(Value::Text),
    };
    value.map_err(flaw)
}

/// What PostgreSQL's SQLSTATE means to us (PostgreSQL 15, appendix A).
pub(super) fn flaw(error: sqlx::Error) -> Flaw {
    let remedy = match &error {
        sqlx::Error::Database(said) => match said.code().as_deref() {
            Some("23505") => return Flaw::told(StoreError::Unique),
            Some("23514") => return Flaw::told(StoreError::Check),
            Some("23503") => return Flaw::told(StoreError::ForeignKey),
            Some("23502") => return Flaw::told(StoreError::NotNull),
            Some("25006") => return Flaw::told(StoreError::ReadOnly),
            Some("53100") => return Flaw::told(StoreError::Full),
            // Serialization failure, deadlock, a lock not granted, too many connections.
            Some("40001" | "40P01" | "55P03" | "53300") => Remedy::Again,
            // The server is going down, coming up, or has ended this session.
            Some("57P01" | "57P02" | "57P03" | "25P03") => Remedy::Reconnect,
            _ => Remedy::Tell,
        },
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => Remedy::Reconnect,
        _ => Remedy::Tell,
    };
    Flaw::engine(error, remedy)
}
