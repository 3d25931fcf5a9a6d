//! Runs a test on a fresh database of each engine (house decision 5). PostgreSQL is used where
//! `MATRON_TEST_POSTGRES` names a server on which databases may be created; where it does not,
//! the test says what it left out.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

use super::{Store, StoreError};

/// What goes wrong before a test begins.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrialError {
    /// No runtime or no temporary folder.
    #[error("the machine has no room for a test")]
    Machine(#[from] std::io::Error),
    /// The store does not open.
    #[error("the store does not open")]
    Store(#[from] StoreError),
    /// The server does not make or drop a database.
    #[error("the test server refused")]
    Server(#[from] sqlx::Error),
    /// The variable holds no URL with a database in it.
    #[error("MATRON_TEST_POSTGRES is no URL that ends in a database")]
    Url,
}

/// Runs the test on SQLite, and on PostgreSQL where there is one. The store has no tables.
///
/// # Errors
/// [`TrialError`] when a database cannot be made; the test itself panics as tests do.
pub fn on_both_engines(test: impl AsyncFn(Store)) -> Result<(), TrialError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("matron.db").display());
        test(Store::open(&url).await?).await;
        let Some(server) = server() else {
            return Ok(());
        };
        on_postgres(&server, async |url| {
            test(Store::open(url).await?).await;
            Ok(())
        })
        .await
    })
}

/// Runs the test on SQLite alone.
///
/// # Errors
/// As [`on_both_engines`].
pub fn on_sqlite(test: impl AsyncFn(Store)) -> Result<(), TrialError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("matron.db").display());
        test(Store::open(&url).await?).await;
        Ok(())
    })
}

/// Runs the test on two stores of one PostgreSQL database, which know of each other as two
/// processes do: not at all. The database has no tables.
///
/// # Errors
/// As [`on_both_engines`].
#[cfg(test)]
pub(crate) fn on_two_nodes(test: impl AsyncFn(Store, Store)) -> Result<(), TrialError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let Some(server) = server() else {
        return Ok(());
    };
    runtime.block_on(on_postgres(&server, async |url| {
        test(Store::open(url).await?, Store::open(url).await?).await;
        Ok(())
    }))
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by their environment what is there"
)]
fn server() -> Option<String> {
    let server = std::env::var("MATRON_TEST_POSTGRES")
        .ok()
        .filter(|url| !url.is_empty());
    if server.is_none() {
        static SAID: Once = Once::new();
        // Past the capture of the test runner, once for all tests.
        let line =
            "left out: PostgreSQL (MATRON_TEST_POSTGRES names no server; tests/run starts one)";
        SAID.call_once(|| drop(writeln!(std::io::stderr(), "{line}")));
    }
    server
}

/// Runs the test with the address of a fresh database.
async fn on_postgres(
    server: &str,
    test: impl AsyncFn(&str) -> Result<(), TrialError>,
) -> Result<(), TrialError> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("matron_trial_{}_{count}", std::process::id());
    let (base, _) = server.rsplit_once('/').ok_or(TrialError::Url)?;
    let mut keeper = PgConnection::connect(server).await?;
    let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    keeper.execute(AssertSqlSafe(drop.clone())).await?;
    keeper
        .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await?;
    let url = format!("{base}/{name}");
    let tested = AssertUnwindSafe(test(&url)).catch_unwind().await;
    keeper.execute(AssertSqlSafe(drop)).await?;
    tested.unwrap_or_else(|panic| resume_unwind(panic))
}
