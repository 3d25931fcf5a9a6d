//! The connections of one door. A connection that may write holds a lane of the audit chain for
//! as long as it lives, by a session lock of the server's, so that no two write to one lane and a
//! node that dies leaves its lane free (house decision 6). Not for a pooler that shares sessions.

use std::str::FromStr;
use std::sync::{Arc, Mutex};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Executor, Row};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::flaw;
use crate::error::{EngineFault, StoreError};
use crate::store::engine::{Connection, Flaw, Session, held};

/// First half of the advisory lock that stands for a lane; the second half is its number.
/// "matr" in ASCII.
const LANES: i32 = 0x6d61_7472;

/// Which door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// SERIALIZABLE, with a lane.
    Write,
    /// One snapshot, READ ONLY.
    Read,
}

/// The connections of one door.
#[derive(Clone)]
pub(super) struct Seats {
    shelf: Arc<Shelf>,
}

struct Shelf {
    options: PgConnectOptions,
    access: Access,
    free: Mutex<Vec<Session>>,
    places: Arc<Semaphore>,
}

/// A connection in use. Dropped, it is closed; [`Seats::give_back`] keeps it.
pub(super) struct Seat {
    pub(super) session: Session,
    _place: OwnedSemaphorePermit,
}

impl Seats {
    pub(super) fn new(url: &str, access: Access, count: usize) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(EngineFault::from)?
            .application_name("matron")
            .statement_cache_capacity(512);
        let places = Arc::new(Semaphore::new(count));
        let free = Mutex::new(Vec::with_capacity(count));
        Ok(Self {
            shelf: Arc::new(Shelf {
                options,
                access,
                free,
                places,
            }),
        })
    }

    pub(super) fn access(&self) -> Access {
        self.shelf.access
    }

    /// A free connection, or a new one.
    pub(super) async fn take(&self) -> Result<Seat, Flaw> {
        let place = Arc::clone(&self.shelf.places).acquire_owned().await;
        let place = place.map_err(|_| Flaw::told(StoreError::Closed))?;
        let free = held(&self.shelf.free).pop();
        let session = match free {
            Some(session) => session,
            None => connect(&self.shelf.options, self.shelf.access)
                .await
                .map_err(flaw)?,
        };
        Ok(Seat {
            session,
            _place: place,
        })
    }

    pub(super) fn give_back(&self, seat: Seat) {
        held(&self.shelf.free).push(seat.session);
    }
}

impl Seat {
    pub(super) async fn begin(&self, access: Access) -> Result<(), Flaw> {
        self.session.begin_afresh(self.session.lane());
        self.end(match access {
            Access::Write => "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        })
        .await
    }

    /// Begins or ends the transaction, by a statement without parameters.
    pub(super) async fn end(&self, statement: &'static str) -> Result<(), Flaw> {
        match &self.session.connection {
            Connection::Postgres(connection) => {
                connection
                    .lock()
                    .await
                    .execute(statement)
                    .await
                    .map_err(flaw)?;
                Ok(())
            }
            Connection::Sqlite(_) => Err(Flaw::told(StoreError::Closed)),
        }
    }
}

async fn connect(options: &PgConnectOptions, access: Access) -> Result<Session, sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    // What we acknowledge survives a power cut whatever the server's default says; a transaction
    // left open by a fault ends by itself.
    connection
        .execute(
            "SELECT set_config('synchronous_commit', 'on', false)
               WHERE current_setting('synchronous_commit') IN ('off', 'local');
             SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '10s'",
        )
        .await?;
    let lane = match access {
        Access::Write => Some(lease(&mut connection).await?),
        Access::Read => None,
    };
    Ok(Session::new(
        Connection::Postgres(tokio::sync::Mutex::new(connection)),
        lane,
    ))
}

/// The lowest lane nobody holds.
async fn lease(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    for lane in 1..i32::MAX {
        let asked = sqlx::query("SELECT pg_try_advisory_lock($1, $2)")
            .bind(LANES)
            .bind(lane);
        if asked.fetch_one(&mut *connection).await?.try_get(0)? {
            return Ok(i64::from(lane));
        }
    }
    Err(sqlx::Error::RowNotFound)
}
