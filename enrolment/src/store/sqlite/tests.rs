//! What only the embedded engine promises: one process, one group, one fsync.

use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::params;
use crate::store::{Key, Migration, Store, StoreError, Tx};

const TABLES: &[Migration] = &[Migration {
    number: 1,
    name: "a table",
    sql: "CREATE TABLE thing (name TEXT NOT NULL PRIMARY KEY, bytes BLOB);\n",
}];

struct Trial {
    store: Store,
    url: String,
    _folder: TempDir,
}

async fn trial() -> Trial {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("matron.db").display());
    let store = Store::open(&url).await.unwrap();
    store.migrate("trial", TABLES).await.unwrap();
    Trial {
        store,
        url,
        _folder: folder,
    }
}

async fn put(tx: Tx<'_>, name: &'static str, length: usize) -> Result<(), StoreError> {
    let insert = "INSERT INTO thing (name, bytes) VALUES ($1, $2)";
    tx.execute(insert, params![name, vec![7; length]]).await?;
    Ok(())
}

async fn insert(store: &Store, name: &'static str, length: usize) -> Result<(), StoreError> {
    store
        .write("insert", Key::none(), move |tx| {
            Box::pin(put(tx, name, length))
        })
        .await
}

async fn names(store: &Store) -> Vec<String> {
    let read = store.read("names", |tx| {
        Box::pin(async move {
            let rows = tx.rows("SELECT name FROM thing ORDER BY name", &[]).await?;
            let names = rows.into_iter().map(|row| Ok(row.read::<(String,)>()?.0));
            names.collect::<Result<Vec<_>, StoreError>>()
        })
    });
    read.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_on_one_file_is_refused_until_the_first_is_gone() {
    let Trial {
        store,
        url,
        _folder,
    } = trial().await;
    insert(&store, "kept", 1).await.unwrap();
    assert!(matches!(Store::open(&url).await, Err(StoreError::Held(_))));
    let beside = Store::open_to_read(&url).await.unwrap();
    assert_eq!(names(&beside).await, ["kept"]);
    assert!(matches!(
        insert(&beside, "no", 1).await,
        Err(StoreError::ReadOnly)
    ));
    drop(store);
    let second = Store::open(&url).await.unwrap();
    assert_eq!(names(&second).await, ["kept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closure_that_waits_or_dawdles_is_put_out_of_the_group() {
    let Trial { store, .. } = &trial().await;
    let waits = store.write("waits", Key::none(), |tx| {
        Box::pin(async move {
            put(tx, "waits", 1).await?;
            tokio::task::yield_now().await;
            Ok(())
        })
    });
    let dawdles = store.write("dawdles", Key::none(), |tx| {
        Box::pin(async move {
            put(tx, "dawdles", 1).await?;
            let began = Instant::now();
            while began.elapsed() < Duration::from_millis(110) {
                std::hint::spin_loop();
            }
            Ok(())
        })
    });
    let (waits, dawdles, quick): (Result<(), StoreError>, Result<(), StoreError>, _) =
        tokio::join!(waits, dawdles, insert(store, "quick", 1));
    assert!(matches!(
        waits,
        Err(StoreError::Waited {
            transaction: "waits"
        })
    ));
    assert!(matches!(
        dawdles,
        Err(StoreError::TooSlow {
            transaction: "dawdles"
        })
    ));
    quick.unwrap();
    assert_eq!(names(store).await, ["quick"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_after_writing_is_undone_alone() {
    let Trial { store, .. } = &trial().await;
    let refused = store.write("refused", Key::none(), |tx| {
        Box::pin(async move {
            put(tx, "refused", 1).await?;
            Err::<(), _>(StoreError::Check)
        })
    });
    let unwritten = store.write("unwritten", Key::none(), |tx| {
        Box::pin(async move {
            tx.rows("SELECT name FROM thing", &[]).await?;
            Err::<(), _>(StoreError::Check)
        })
    });
    let (a, refused, b, unwritten, c) = tokio::join!(
        insert(store, "a", 1),
        refused,
        insert(store, "b", 1),
        unwritten,
        insert(store, "c", 1)
    );
    for kept in [a, b, c] {
        kept.unwrap();
    }
    for refused in [refused, unwritten] {
        assert!(matches!(refused, Err(StoreError::Check)));
    }
    assert_eq!(names(store).await, ["a", "b", "c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_kills_the_outer_transaction_is_alone_in_hearing_of_it() {
    let Trial { store, .. } = &trial().await;
    let kills = store.write("kills", Key::none(), |tx| {
        Box::pin(async move {
            put(tx, "killed", 1).await?;
            tx.execute("ROLLBACK", &[]).await
        })
    });
    let (a, killed, b) = tokio::join!(insert(store, "a", 1), kills, insert(store, "b", 1));
    a.unwrap();
    b.unwrap();
    assert!(matches!(killed, Err(StoreError::Spoiled)));
    assert_eq!(names(store).await, ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_what_does_not_fit_and_nothing_else() {
    let Trial { store, .. } = &trial().await;
    let limit = store.write("limit", Key::none(), |tx| {
        Box::pin(async move { tx.rows("PRAGMA max_page_count = 20", &[]).await })
    });
    limit.await.unwrap();
    let big = insert(store, "big", 1_000_000);
    let (a, big, b) = tokio::join!(insert(store, "a", 1), big, insert(store, "b", 1));
    a.unwrap();
    b.unwrap();
    assert!(matches!(big, Err(StoreError::Full)));
    assert_eq!(names(store).await, ["a", "b"]);
}

#[cfg(unix)]
#[tokio::test]
async fn only_we_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let Trial {
        store,
        url,
        _folder,
    } = trial().await;
    insert(&store, "a", 1).await.unwrap();
    let path = url.strip_prefix("sqlite:").unwrap();
    for name in [
        path.to_owned(),
        format!("{path}-wal"),
        format!("{path}-lock"),
    ] {
        let mode = std::fs::metadata(&name).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
