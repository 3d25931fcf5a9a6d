//! The write door: a durable audited write (one row and its audit line), many callers at once, against the same two
//! statements hand-written in one batch on the same engine.

use std::ops::Range;
use std::time::Instant;

use enrolment::audit::{Actor, Event};
use enrolment::params;
use enrolment::store::{Key, Migration, Store, StoreError};
use policies::time::Time;

use crate::cpu;

/// Callers waiting at the door at once, and writes of the hand-written batch between two commits.
const BATCH: u32 = 256;
/// Writes of one round, whole batches.
const WRITES: u32 = 80 * BATCH;
/// Writes before each round that are not counted: they open connections and prepare statements.
const WARM: u32 = 4 * BATCH;
/// Rounds of each side, taken in turns on databases of their own; medians are compared, so that neither a slow minute of
/// the machine nor a lucky one decides.
const ROUNDS: u32 = 9;

/// CPU µs per write and writes per second.
#[derive(Clone, Copy)]
struct Pace {
    cpu: f64,
    rate: f64,
}

const TABLES: &[Migration] = &[Migration {
    number: 1,
    name: "bench",
    sql: "CREATE TABLE bench (id TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, data TEXT NOT NULL);\n",
}];
const ROW: &str = "INSERT INTO bench (id, at, data) VALUES ($1, $2, $3)";
const DATA: &str = "a session row of about two hundred bytes: person, level, method, role, card, serial, instants, version ........................................................................................................";

/// Prints both engines; answers CPU µs of one hand-written row pair on SQLite, the W of docs/performance.md.
pub(crate) async fn measure() -> f64 {
    println!(
        "\n== durable audited write (row and audit line), {BATCH} callers, medians of {ROUNDS} rounds in turns"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let (mut hand, mut doors) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        hand.push(by_hand_sqlite(
            &folder.path().join(format!("hand{round}.db")),
        ));
        let file = folder.path().join(format!("door{round}.db"));
        doors.push(door(&format!("sqlite:{}", file.display())).await);
    }
    let cost = report("SQLite", &doors, &hand).cpu;
    let (mut hand, mut doors) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let Some(url) = crate::support::postgres().await else {
            println!("(start a server and set MATRON_TEST_POSTGRES for PostgreSQL's row)");
            return cost;
        };
        hand.push(by_hand_postgres(&url).await);
        let url = crate::support::postgres().await.expect("another database");
        doors.push(door(&url).await);
    }
    report("PostgreSQL", &doors, &hand);
    cost
}

/// Prints the medians and the ratio of every round; answers the median of the hand.
fn report(engine: &str, doors: &[Pace], hands: &[Pace]) -> Pace {
    let (door, hand) = (median(doors), median(hands));
    let ratio = door.rate / hand.rate;
    let verdict = if ratio >= 0.5 { "met" } else { "NOT met" };
    println!(
        "{engine:<12} door {:>8.0} /s {:>6.1} µs   by hand in batches of {BATCH} {:>8.0} /s {:>6.1} µs   rate ratio {ratio:.2} (goal 0.50: {verdict}), CPU ratio {:.2}",
        door.rate,
        door.cpu,
        hand.rate,
        hand.cpu,
        door.cpu / hand.cpu
    );
    let mut ratios: Vec<f64> = doors
        .iter()
        .zip(hands)
        .map(|(d, h)| d.rate / h.rate)
        .collect();
    ratios.sort_by(f64::total_cmp);
    println!(
        "{:<12} ratios of the rounds {}",
        "",
        ratios
            .iter()
            .map(|r| format!("{r:.2}"))
            .collect::<Vec<_>>()
            .join(" ")
    );
    hand
}

fn median(paces: &[Pace]) -> Pace {
    let middle = |of: fn(&Pace) -> f64| {
        let mut all: Vec<f64> = paces.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    Pace {
        cpu: middle(|pace| pace.cpu),
        rate: middle(|pace| pace.rate),
    }
}

async fn door(url: &str) -> Pace {
    let store = Store::open(url).await.expect("a store");
    store
        .migrate(enrolment::schema::ROOM, enrolment::schema::MIGRATIONS)
        .await
        .expect("tables");
    store.migrate("bench", TABLES).await.expect("a table");
    callers(&store, "warm", WARM / BATCH).await;
    let pid = std::process::id();
    let (before, begun) = (cpu::Process::now(pid), Instant::now());
    callers(&store, "n", WRITES / BATCH).await;
    let writes = f64::from(WRITES);
    Pace {
        rate: writes / begun.elapsed().as_secs_f64(),
        cpu: cpu::Process::now(pid).since(&before) / writes,
    }
}

/// Everybody at the door at once, each with `times` writes, one after the other.
async fn callers(store: &Store, word: &'static str, times: u32) {
    let callers = (0..BATCH).map(|caller| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..times {
                write(&store, format!("{word}-{caller}-{n}"))
                    .await
                    .expect("written");
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("a caller");
    }
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

fn by_hand_sqlite(path: &std::path::Path) -> Pace {
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
    batches_sqlite(&file, "warm", 0..WARM, &event);
    let (cpu_before, begun) = (cpu::this_thread(), Instant::now());
    batches_sqlite(&file, "n", WARM..WARM + WRITES, &event);
    let writes = f64::from(WRITES);
    Pace {
        rate: writes / begun.elapsed().as_secs_f64(),
        cpu: (cpu::this_thread() - cpu_before) / writes,
    }
}

fn batches_sqlite(file: &rusqlite::Connection, word: &str, places: Range<u32>, event: &str) {
    let row = ROW.replace('$', "?");
    let mut hash = vec![0_u8; 32];
    for n in places {
        if n % BATCH == 0 {
            file.execute_batch("BEGIN IMMEDIATE").expect("begun");
        }
        let id = format!("{word}-{}-{}", n % BATCH, n / BATCH);
        file.prepare_cached(&row)
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
        if n % BATCH == BATCH - 1 {
            file.execute_batch("COMMIT").expect("committed");
        }
    }
}

/// One connection, the same statements, a commit for each batch: the engine's own pace without Matron.
async fn by_hand_postgres(url: &str) -> Pace {
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
    batches_postgres(&mut connection, 0..WARM / BATCH, &event).await;
    let pid = std::process::id();
    let (before, begun) = (cpu::Process::now(pid), Instant::now());
    let places = WARM / BATCH..(WARM + WRITES) / BATCH;
    batches_postgres(&mut connection, places, &event).await;
    let writes = f64::from(WRITES);
    Pace {
        rate: writes / begun.elapsed().as_secs_f64(),
        cpu: cpu::Process::now(pid).since(&before) / writes,
    }
}

async fn batches_postgres(connection: &mut sqlx::PgConnection, batches: Range<u32>, event: &str) {
    use sqlx::Connection;
    for batch in batches {
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
                .bind(event)
                .bind(hash.as_ref())
                .bind(hash.as_ref())
                .execute(&mut *transaction)
                .await
                .expect("a line");
        }
        transaction.commit().await.expect("committed");
    }
}
