//! On which database the houses of this run stand. `tests/run` runs the same binary twice: once with SQLite, and once
//! with `MATRON_TEST_ENGINE=postgresql` and the server of `MATRON_TEST_POSTGRES`.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

/// A fresh database for a house, where this run is about PostgreSQL.
#[expect(
    clippy::disallowed_methods,
    reason = "the run is told by its environment which engine it is about"
)]
pub(crate) fn of_this_run() -> Option<String> {
    match std::env::var("MATRON_TEST_ENGINE").as_deref() {
        Err(_) | Ok("" | "sqlite") => None,
        Ok("postgresql") => Some(aside(postgres()).expect("MATRON_TEST_POSTGRES names a server")),
        Ok(other) => panic!("MATRON_TEST_ENGINE is sqlite or postgresql, not {other}"),
    }
}

/// A fresh database on the PostgreSQL that `tests/run` started; says what is left out where there is none.
#[expect(
    clippy::disallowed_methods,
    reason = "where the tests learn of the PostgreSQL that tests/run started"
)]
pub(crate) async fn postgres() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("MATRON_TEST_POSTGRES") else {
        say_once();
        return None;
    };
    let name = format!(
        "it_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let mut connection = PgConnection::connect(&server).await.expect("the server");
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection
        .execute(sqlx::raw_sql(create))
        .await
        .expect("a database");
    let (base, _) = server.rsplit_once('/').expect("a database in the URL");
    Some(format!("{base}/{name}"))
}

/// The first column of what this statement finds on PostgreSQL, text.
pub(super) fn texts(url: &str, sql: &str) -> Vec<String> {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    aside(async move {
        let mut connection = PgConnection::connect(&url).await.expect("the database");
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection);
        let rows = rows.await.expect("rows");
        rows.iter().map(|row| row.get::<String, _>(0)).collect()
    })
}

/// Waits for this on a thread of its own, whatever runs on the present one.
fn aside<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let thread = std::thread::spawn(|| {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(future)
    });
    thread.join().expect("it ends")
}

/// Says what is left out, past the capture of the test runner, once for all tests.
fn say_once() {
    use std::io::Write as _;
    static SAID: std::sync::Once = std::sync::Once::new();
    SAID.call_once(|| {
        let line = "left out: PostgreSQL, end to end (MATRON_TEST_POSTGRES names no server; tests/run starts one)";
        let _ = writeln!(std::io::stderr(), "{line}");
    });
}
