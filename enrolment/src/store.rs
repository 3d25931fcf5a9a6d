//! The two doors to the database: [`Store::write`] and [`Store::read`]; nothing else begins a
//! transaction (house decision 5). A write closure owns what it captures, has no effect but SQL,
//! and may run more than once; whoever is told "done" is told after the disk has it.

pub(crate) mod apps;
pub(crate) mod authenticators;
pub(crate) mod card_secrets;
pub(crate) mod cards;
pub(crate) mod certificates;
pub(crate) mod codes;
pub(crate) mod contacts;
pub(crate) mod crls;
pub(crate) mod deputies;
pub(crate) mod desk_works;
mod engine;
pub(crate) mod federated;
pub(crate) mod finding;
pub(crate) mod handling;
pub(crate) mod intents;
pub(crate) mod invitations;
mod migrate;
pub(crate) mod organisations;
pub(crate) mod people;
mod postgres;
pub(crate) mod public_keys;
pub(crate) mod reminders;
pub(crate) mod renewals;
pub(crate) mod roles;
mod sqlite;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "trial"))]
pub mod trial;
mod value;
mod words;

use std::sync::Arc;

use futures_util::future::BoxFuture;

pub(crate) use self::engine::Head;
pub use self::engine::Tx;
pub use self::migrate::Migration;
pub use self::value::{FromRow, FromValue, Row, Value};
pub use crate::error::{EngineFault, StoreError};

/// The database. Clones share it; the last one dropped closes it.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

/// What a write is about: writes with the same key queue inside this process instead of colliding
/// in the database. The lock is taken first and one write takes exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(Option<(&'static str, String)>);

impl Key {
    /// One aggregate: `Key::of("card", number.as_str())`.
    pub fn of(kind: &'static str, id: &str) -> Self {
        Self(Some((kind, id.to_owned())))
    }

    /// Nothing in particular: an insert that meets nobody else's rows.
    pub const fn none() -> Self {
        Self(None)
    }
}

impl Store {
    /// Opens `sqlite:PATH` (made if missing) or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::Held`] when another process writes to the file, or
    /// what the engine says.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let engine = match Address::parse(url)? {
            Address::File(path) => Engine::Sqlite(Arc::new(sqlite::Sqlite::open(path)?)),
            Address::Server(url) => {
                Engine::Postgres(Arc::new(postgres::Postgres::open(url).await?))
            }
        };
        Ok(Self { engine })
    }

    /// Opens a database beside the process that writes to it, for reading only.
    ///
    /// # Errors
    /// As [`Self::open`]; a missing file is an error here.
    pub async fn open_to_read(url: &str) -> Result<Self, StoreError> {
        let engine = match Address::parse(url)? {
            Address::File(path) => Engine::Sqlite(Arc::new(sqlite::Sqlite::open_to_read(path)?)),
            Address::Server(url) => {
                Engine::Postgres(Arc::new(postgres::Postgres::open(url).await?))
            }
        };
        Ok(Self { engine })
    }

    /// Whether other processes may be at work on the same database.
    pub(crate) const fn is_shared(&self) -> bool {
        match self.engine {
            // The file is locked for this process alone.
            Engine::Sqlite(_) => false,
            Engine::Postgres(_) => true,
        }
    }

    /// Runs one strict transaction and answers once it is durable. `name` is what the log calls
    /// it. The closure may run several times; a write goes on when the caller stops waiting.
    ///
    /// # Errors
    /// What the closure returned (everything rolled back), or [`StoreError::Busy`] after five
    /// seconds of collisions, or what the engine says.
    pub async fn write<T, E, F>(&self, name: &'static str, key: Key, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.engine {
            // One thread writes: the queue before it is the lock, for every key.
            Engine::Sqlite(sqlite) => sqlite.write(name, work).await,
            Engine::Postgres(postgres) => postgres.write(name, key, work).await,
        }
    }

    /// Runs one transaction that sees a single instant of the database and cannot change it.
    ///
    /// # Errors
    /// What the closure returned, [`StoreError::ReadOnly`] for a statement that writes, or what
    /// the engine says.
    pub async fn read<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.read(name, work).await,
            Engine::Postgres(postgres) => postgres.read(name, work).await,
        }
    }

    /// As [`Self::read`], for what walks many rows: it keeps nobody's request waiting.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn survey<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.survey(name, work).await,
            Engine::Postgres(postgres) => postgres.read(name, work).await,
        }
    }

    /// Brings the tables of one room up to date: each migration in a transaction of its own.
    ///
    /// # Errors
    /// [`StoreError::SchemaNewer`] and [`StoreError::SchemaChanged`] refuse a database that this
    /// program does not know; otherwise what the engine says.
    pub async fn migrate(
        &self,
        room: &'static str,
        migrations: &'static [Migration],
    ) -> Result<(), StoreError> {
        migrate::run(self, room, migrations).await
    }

    /// Drops every table of one room with all that is in it: for `matron dev --reset`, whose data
    /// is made anew. Rooms are forgotten in the reverse order of their migration.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn forget(
        &self,
        room: &'static str,
        migrations: &'static [Migration],
    ) -> Result<(), StoreError> {
        migrate::forget(self, room, migrations).await
    }

    /// Whether this program and the database agree about the tables of one room, without
    /// changing any: the question of a start-up that leaves migrating to `matron migrate`.
    ///
    /// # Errors
    /// As [`Self::migrate`].
    pub async fn is_migrated(
        &self,
        room: &'static str,
        migrations: &'static [Migration],
    ) -> Result<bool, StoreError> {
        migrate::is_current(self, room, migrations).await
    }
}

/// Where a database is.
enum Address<'a> {
    File(&'a str),
    Server(&'a str),
}

impl<'a> Address<'a> {
    fn parse(url: &'a str) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() {
                Err(StoreError::Address)
            } else {
                Ok(Self::File(path))
            };
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Server(url));
        }
        Err(StoreError::Address)
    }
}
