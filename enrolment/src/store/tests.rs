//! Every promise of the two doors, on both engines.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::trial::on_both_engines;
use super::{Key, Migration, Store, StoreError, Tx};
use crate::params;

const TABLES: &[Migration] = &[Migration {
    number: 1,
    name: "a table",
    sql: "CREATE TABLE thing (
            name TEXT NOT NULL PRIMARY KEY,
            count BIGINT NOT NULL CHECK (count >= 0),
            note TEXT, bytes BLOB, parent TEXT REFERENCES thing (name)
        );\n",
}];

async fn with_tables(store: &Store) {
    store.migrate("trial", TABLES).await.unwrap();
}

async fn insert(store: &Store, name: &'static str, count: i64) -> Result<(), StoreError> {
    store
        .write("insert", Key::none(), move |tx| {
            Box::pin(async move { put(tx, name, count).await })
        })
        .await
}

async fn put(tx: Tx<'_>, name: &'static str, count: i64) -> Result<(), StoreError> {
    let insert = "INSERT INTO thing (name, count) VALUES ($1, $2)";
    tx.execute(insert, params![name, count]).await?;
    Ok(())
}

async fn count(tx: Tx<'_>, name: &'static str) -> Result<Option<i64>, StoreError> {
    let row = tx
        .row("SELECT count FROM thing WHERE name = $1", params![name])
        .await?;
    Ok(row
        .map(super::Row::read::<(i64,)>)
        .transpose()?
        .map(|(count,)| count))
}

async fn count_of(store: &Store, name: &'static str) -> Option<i64> {
    store
        .read("count", move |tx| Box::pin(count(tx, name)))
        .await
        .unwrap()
}

async fn increment(tx: Tx<'_>, name: &'static str) -> Result<(), StoreError> {
    let before = count(tx, name).await?.unwrap();
    let update = "UPDATE thing SET count = $2 WHERE name = $1";
    tx.execute(update, params![name, before + 1]).await?;
    Ok(())
}

#[test]
fn four_hundred_read_modify_writes_at_once_lose_none() {
    on_both_engines(async |store| {
        with_tables(&store).await;
        insert(&store, "a", 0).await.unwrap();
        insert(&store, "b", 0).await.unwrap();
        let tasks = (0..400).map(|turn| {
            let store = store.clone();
            tokio::spawn(async move {
                // Half of them without the key's help: SERIALIZABLE alone must be enough.
                let (name, key) = if turn % 8 == 0 {
                    ("b", Key::none())
                } else {
                    ("a", Key::of("thing", "a"))
                };
                store
                    .write("increment", key, move |tx| Box::pin(increment(tx, name)))
                    .await
            })
        });
        for task in futures_util::future::join_all(tasks).await {
            task.unwrap().unwrap();
        }
        assert_eq!(
            (count_of(&store, "a").await, count_of(&store, "b").await),
            (Some(350), Some(50))
        );
    })
    .unwrap();
}

#[test]
fn what_is_refused_leaves_its_neighbours_alone() {
    on_both_engines(async |store| {
        with_tables(&store).await;
        let writes = (0..40_i64).map(|number| {
            let store = store.clone();
            async move {
                store
                    .write("put", Key::none(), move |tx| {
                        Box::pin(async move {
                            let insert = "INSERT INTO thing (name, count) VALUES ($1, 0)";
                            tx.execute(insert, params![format!("n{number}")]).await?;
                            if number % 2 == 0 {
                                Ok(())
                            } else {
                                Err(StoreError::Busy)
                            }
                        })
                    })
                    .await
            }
        });
        let answers = futures_util::future::join_all(writes).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 20);
        let read = store.read("all", |tx| {
            Box::pin(async move { tx.rows("SELECT name FROM thing", &[]).await })
        });
        assert_eq!(read.await.unwrap().len(), 20);
    })
    .unwrap();
}

#[test]
fn a_panic_rolls_back_its_own_transaction_only() {
    on_both_engines(async |store| {
        with_tables(&store).await;
        let broken = store.write("broken", Key::of("thing", "x"), |tx| {
            Box::pin(async move {
                put(tx, "x", 1).await?;
                panic!("on purpose");
            })
        });
        let answer: Result<(), StoreError> = broken.await;
        assert!(matches!(
            answer,
            Err(StoreError::Panicked {
                transaction: "broken"
            })
        ));
        insert(&store, "y", 1).await.unwrap();
        assert_eq!(
            (count_of(&store, "x").await, count_of(&store, "y").await),
            (None, Some(1))
        );
    })
    .unwrap();
}

#[test]
fn each_closure_runs_twice_and_counts_once() {
    on_both_engines(async |store| {
        with_tables(&store).await;
        let runs = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&runs);
        let write = store.write("twice", Key::none(), move |tx| {
            seen.fetch_add(1, Ordering::SeqCst);
            Box::pin(put(tx, "once", 1))
        });
        write.await.unwrap();
        assert_eq!(
            (runs.load(Ordering::SeqCst), count_of(&store, "once").await),
            (2, Some(1))
        );
    })
    .unwrap();
}

#[test]
fn a_broken_rule_of_the_schema_has_its_own_error() {
    on_both_engines(async |store| {
        with_tables(&store).await;
        insert(&store, "a", 1).await.unwrap();
        assert!(matches!(
            insert(&store, "a", 1).await,
            Err(StoreError::Unique)
        ));
        assert!(matches!(
            insert(&store, "b", -1).await,
            Err(StoreError::Check)
        ));
        let orphan = store.write("orphan", Key::none(), |tx| {
            Box::pin(async move {
                let insert = "INSERT INTO thing (name, count, parent) VALUES ('o', 0, 'nobody')";
                tx.execute(insert, &[]).await
            })
        });
        assert!(matches!(orphan.await, Err(StoreError::ForeignKey)));
        let empty = store.write("empty", Key::none(), |tx| {
            Box::pin(async move {
                let insert = "INSERT INTO thing (name, count) VALUES ('e', $1)";
                tx.execute(insert, params![None::<i64>]).await
            })
        });
        assert!(matches!(empty.await, Err(StoreError::NotNull)));
    })
    .unwrap();
}

#[test]
fn a_transaction_with_a_refused_statement_cannot_go_on() {
    on_both_engines(async |store| {
        with_tables(&store).await;
        insert(&store, "a", 1).await.unwrap();
        let stubborn = store.write("stubborn", Key::none(), |tx| {
            Box::pin(async move {
                assert!(matches!(put(tx, "a", 2).await, Err(StoreError::Unique)));
                assert!(matches!(put(tx, "b", 2).await, Err(StoreError::Spoiled)));
                Ok(())
            })
        });
        let answer: Result<(), StoreError> = stubborn.await;
        assert!(matches!(answer, Err(StoreError::Unique)));
        assert_eq!(count_of(&store, "b").await, None);
    })
    .unwrap();
}

#[test]
fn nothing_fits_a_column_of_any_type() {
    type All = (Option<i64>, Option<String>, Option<Vec<u8>>);
    on_both_engines(async |store| {
        with_tables(&store).await;
        // The statement is prepared once with NULLs and once with values, in both orders.
        for (name, note, bytes) in [
            ("1", None, None),
            ("2", Some("text"), Some(vec![0, 255])),
            ("3", None, Some(vec![])),
            ("4", Some(""), None),
        ] {
            let kept = bytes.clone();
            let write = store.write("nulls", Key::none(), move |tx| {
                let bytes = bytes.clone();
                Box::pin(async move {
                    let insert = "INSERT INTO thing (bytes, note, count, name)
                        VALUES ($4, $3, $2, $1) RETURNING NULLIF(count, 7), note, bytes";
                    let row = tx.row(insert, params![name, 7, note, bytes]).await?;
                    row.unwrap().read::<All>()
                })
            });
            assert_eq!(write.await.unwrap(), (None, note.map(str::to_owned), kept));
        }
        let found = store.read("by null", |tx| {
            Box::pin(async move {
                let select = "SELECT name FROM thing WHERE CAST($1 AS TEXT) IS NULL OR note = $1";
                Ok::<_, StoreError>((
                    tx.rows(select, params![None::<String>]).await?.len(),
                    tx.rows(select, params!["text"]).await?.len(),
                ))
            })
        });
        assert_eq!(found.await.unwrap(), (4, 1));
    })
    .unwrap();
}

#[test]
fn the_read_door_cannot_write() {
    on_both_engines(async |store| {
        with_tables(&store).await;
        let write = store.read("sly", |tx| Box::pin(put(tx, "a", 1)));
        assert!(matches!(write.await, Err(StoreError::ReadOnly)));
        assert_eq!(count_of(&store, "a").await, None);
    })
    .unwrap();
}

#[test]
fn a_column_of_another_kind_is_an_error_with_its_place() {
    on_both_engines(async |store| {
        let read = store.read("kinds", |tx| {
            Box::pin(async move { tx.row("SELECT CAST(2 AS BIGINT), 'x'", &[]).await })
        });
        let row = read.await.unwrap().unwrap();
        let place = |error| match error {
            StoreError::Column { position, .. } => Some(position),
            _ => None,
        };
        assert_eq!(
            row.clone().read::<(bool, String)>().map_err(place),
            Err(Some(0))
        );
        assert_eq!(
            row.clone().read::<(i64, Vec<u8>)>().map_err(place),
            Err(Some(1))
        );
        assert!(matches!(
            row.read::<(i64,)>(),
            Err(StoreError::Columns {
                found: 2,
                wanted: 1
            })
        ));
    })
    .unwrap();
}

#[test]
fn a_database_of_a_newer_or_another_program_is_refused() {
    const CHANGED: &[Migration] = &[Migration {
        number: 1,
        name: "a table",
        sql: "CREATE TABLE other (a BIGINT);\n",
    }];
    on_both_engines(async |store| {
        assert!(!store.is_migrated("trial", TABLES).await.unwrap());
        with_tables(&store).await;
        with_tables(&store).await;
        assert!(store.is_migrated("trial", TABLES).await.unwrap());
        let newer = store.migrate("trial", &[]).await;
        assert!(matches!(
            newer,
            Err(StoreError::SchemaNewer {
                found: 1,
                known: 0,
                ..
            })
        ));
        let changed = store.migrate("trial", CHANGED).await;
        assert!(matches!(
            changed,
            Err(StoreError::SchemaChanged { number: 1, .. })
        ));
    })
    .unwrap();
}

#[tokio::test]
async fn an_address_names_its_engine() {
    for url in ["", "matron.db", "sqlite:", "mysql://localhost/x"] {
        assert!(
            matches!(Store::open(url).await, Err(StoreError::Address)),
            "{url}"
        );
    }
}
