//! The write door: a durable audited write (one row and its audit line), many callers at once, against the same two
//! statements hand-written in one batch on the same engine.

use std::time::Instant;

use enrolment::audit::{Actor, Event};
use enrolment::params;
use enrolment::store::{Key, Migration, Store, StoreError};
use policies::time::Time;

use crate::cpu;

/// Callers waiting at the door at once, and statements of the hand-written batch between two commits.
const BATCH: u32 = 256;
const WRITES: u32 = 20_000;

const TABLES: &[Migration] = &[Migration {
    number: 1,
    name: "bench",
    sql: "CREATE TABLE bench (id TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, data TEXT NOT NULL);\n",
}];
const ROW: &str = "INSERT INTO bench (id, at, data) VALUES ($1, $2, $3)";
const DATA: &str = "a session row of about two hundred bytes: person, level, method, role, card, serial, instants, version ........................................................................................................";

/// Prints both engines; answers CPU µs of one hand-written row pair on SQLite, the W of docs/performance.md.
pub(crate) async fn measure() -> f64 {
    println!("\n== durable audited write (row and audit line), {BATCH} callers");
    let folder = tempfile::tempdir().expect("a folder");
    let (hand_cpu, hand_rate) = by_hand_sqlite(&folder.path().join("hand.db"));
    let url = format!("sqlite:{}", folder.path().join("door.db").display());
    report("SQLite", door(&url).await, (hand_cpu, hand_rate));
    match crate::support::postgres().await {
        Some(url) => {
            let hand = by_hand_postgres(&url).await;
            let door_url = crate::support::postgres().await.expect("another database");
            report("PostgreSQL", door(&door_url).await, hand);
        }
        None => println!("(start a server and set MATRON_TEST_POSTGRES for PostgreSQL's row)"),
    }
    hand_cpu
}

fn report(engine: &str, (door_cpu, door_rate): (f64, f64), (hand_cpu, hand_rate): (f64, f64)) {
    let verdict = if door_rate >= hand_rate / 2.0 {
        "met"
    } else {
        "NOT met"
    };
    println!(
        "{engine:<12} door {door_rate:>8.0} /s {door_cpu:>6.1} µs   by hand in batches of {BATCH} {hand_rate:>8.0} /s {hand_cpu:>6.1} µs   rate ratio {:.2} (goal 0.50: {verdict}), CPU ratio {:.2}",
        door_rate / hand_rate,
        door_cpu / hand_cpu
    );
}

/// CPU µs per write (this process) and writes per second.
async fn door(url: &str) -> (f64, f64) {
    let store = Store::open(url).await.expect("a store");
    store
        .migrate(enrolment::schema::ROOM, enrolment::schema::MIGRATIONS)
        .await
        .expect("tables");
    store.migrate("bench", TABLES).await.expect("a table");
    let pid = std::process::id();
    let (cpu_before, begun) = (cpu::process(pid), Instant::now());
    let callers = (0..BATCH).map(|caller| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..WRITES / BATCH {
                write(&store, format!("{caller}-{n}"))
                    .await
                    .expect("written");
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("a caller");
    }
    let writes = f64::from(WRITES / BATCH * BATCH);
    (
        (cpu::process(pid) - cpu_before) / writes,
        writes / begun.elapsed().as_secs_f64(),
    )
}

async fn write(store: &Store, id: String) -> Result<(), StoreError> {
    let at = Time::from_unix(1_800_000_000);
    store
        .write("bench", Key::none(), move |tx| {
            let id = id.clone();
            Box::pin(async move {
                tx.execute(ROW, params![id, at, DATA]).await?;
                tx.audit(at, &event()).await
            })
        })
        .await
}

fn event() -> Event {
    Event::PersonRegistered {
        person: "910000000001".parse().expect("an id"),
        actor: Actor::System,
    }
}

const AUDIT: &str = "INSERT INTO audit (lane, seq, at, kind, event, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

fn by_hand_sqlite(path: &std::path::Path) -> (f64, f64) {
    let file = rusqlite::Connection::open(path).expect("a database");
    file.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE bench (id TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
         CREATE TABLE audit (lane INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
           event TEXT NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (lane, seq)) STRICT;
         CREATE INDEX audit_by_instant ON audit (at);",
    )
    .expect("tables");
    let event = serde_json::to_string(&event()).expect("JSON");
    let (cpu_before, begun) = (cpu::this_thread(), Instant::now());
    let mut hash = vec![0_u8; 32];
    for n in 0..WRITES {
        if n % BATCH == 0 {
            file.execute_batch("BEGIN IMMEDIATE").expect("begun");
        }
        let id = format!("{}-{}", n % BATCH, n / BATCH);
        file.prepare_cached(&ROW.replace('$', "?"))
            .and_then(|mut s| s.execute(rusqlite::params![id, 1_800_000_000_i64, DATA]))
            .expect("a row");
        let next = ring::digest::digest(
            &ring::digest::SHA256,
            &[hash.as_slice(), event.as_bytes()].concat(),
        );
        let values = rusqlite::params![
            1,
            n + 1,
            1_800_000_000_i64,
            "person_registered",
            event,
            hash,
            next.as_ref()
        ];
        file.prepare_cached(AUDIT)
            .and_then(|mut s| s.execute(values))
            .expect("a line");
        hash = next.as_ref().to_vec();
        if n % BATCH == BATCH - 1 || n == WRITES - 1 {
            file.execute_batch("COMMIT").expect("committed");
        }
    }
    let writes = f64::from(WRITES);
    (
        (cpu::this_thread() - cpu_before) / writes,
        writes / begun.elapsed().as_secs_f64(),
    )
}

/// One connection, the same statements, a commit for each batch: the engine's own pace without Matron.
async fn by_hand_postgres(url: &str) -> (f64, f64) {
    use sqlx::{Connection, Executor};
    let mut connection = sqlx::PgConnection::connect(url).await.expect("the server");
    connection
        .execute(sqlx::raw_sql(
            "CREATE TABLE bench (id TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, data TEXT NOT NULL);
             CREATE TABLE audit (lane BIGINT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, kind TEXT NOT NULL,
               event TEXT NOT NULL, previous BYTEA NOT NULL, hash BYTEA NOT NULL, PRIMARY KEY (lane, seq));
             CREATE INDEX audit_by_instant ON audit (at);",
        ))
        .await
        .expect("tables");
    let event = serde_json::to_string(&event()).expect("JSON");
    let pid = std::process::id();
    let (cpu_before, begun) = (cpu::process(pid), Instant::now());
    for batch in 0..WRITES / BATCH {
        let mut transaction = connection.begin().await.expect("begun");
        for n in 0..BATCH {
            let seq = i64::from(batch * BATCH + n) + 1;
            let hash = ring::digest::digest(&ring::digest::SHA256, event.as_bytes());
            sqlx::query(ROW)
                .bind(format!("{n}-{batch}"))
                .bind(1_800_000_000_i64)
                .bind(DATA)
                .execute(&mut *transaction)
                .await
                .expect("a row");
            sqlx::query("INSERT INTO audit (lane, seq, at, kind, event, previous, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)")
                .bind(1_i64)
                .bind(seq)
                .bind(1_800_000_000_i64)
                .bind("person_registered")
                .bind(&event)
                .bind(hash.as_ref())
                .bind(hash.as_ref())
                .execute(&mut *transaction)
                .await
                .expect("a line");
        }
        transaction.commit().await.expect("committed");
    }
    let writes = f64::from(WRITES / BATCH * BATCH);
    (
        (cpu::process(pid) - cpu_before) / writes,
        writes / begun.elapsed().as_secs_f64(),
    )
}
