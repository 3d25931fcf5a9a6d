//! One list of migrations per room, one text for both engines: BIGINT, TEXT and BLOB, rewritten
//! into STRICT tables for SQLite and BYTEA for PostgreSQL. What was applied is on record with its
//! hash; a database that a newer program has changed is refused (house decision 5).

use std::fmt::Write as _;
use std::sync::Arc;

use ring::digest::{SHA256, digest};

use super::engine::{Dialect, Tx};
use super::{Key, Row, Store};
use crate::error::StoreError;
use crate::params;

/// What the doors call a migration; it may take longer than other writes.
pub(super) const NAME: &str = "store.migrate";

/// One step of the schema, applied once and never changed afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its place in the room's list, from 1 without gaps.
    pub number: i64,
    /// A few words for the record.
    pub name: &'static str,
    /// Statements, each ended by a semicolon at the end of a line; comments on lines of their own.
    pub sql: &'static str,
}

/// Applies what is missing.
pub(super) async fn run(
    store: &Store,
    room: &'static str,
    migrations: &'static [Migration],
) -> Result<(), StoreError> {
    // Another node may migrate at the same moment: what failed because it was quicker is found
    // applied when we look again.
    let mut last = step_through(store, room, migrations).await;
    for _ in 0..3 {
        if last.is_ok() {
            break;
        }
        last = step_through(store, room, migrations).await;
    }
    last
}

/// Whether everything has been applied.
pub(super) async fn is_current(
    store: &Store,
    room: &'static str,
    migrations: &'static [Migration],
) -> Result<bool, StoreError> {
    let applied = store
        .read("store.migrations", move |tx| {
            Box::pin(async move { applied(tx, room).await })
        })
        .await;
    match applied {
        Ok(applied) => {
            refuse_unknown(room, migrations, &applied)?;
            Ok(applied.len() == migrations.len())
        }
        // A database without the record has not been migrated at all.
        Err(StoreError::Engine(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn step_through(
    store: &Store,
    room: &'static str,
    migrations: &'static [Migration],
) -> Result<(), StoreError> {
    store
        .write(NAME, Key::none(), |tx| Box::pin(keep_record(tx)))
        .await?;
    let done = store
        .read("store.migrations", move |tx| {
            Box::pin(async move { applied(tx, room).await })
        })
        .await?;
    refuse_unknown(room, migrations, &done)?;
    for migration in migrations.iter().skip(done.len()) {
        store
            .write(NAME, Key::none(), move |tx| {
                Box::pin(async move { apply(tx, room, migration).await })
            })
            .await?;
        tracing::info!(
            room,
            number = migration.number,
            name = migration.name,
            "migrated"
        );
    }
    Ok(())
}

async fn keep_record(tx: Tx<'_>) -> Result<(), StoreError> {
    let ddl = "CREATE TABLE IF NOT EXISTS schema_change (
        room TEXT NOT NULL,
        number BIGINT NOT NULL CHECK (number > 0),
        name TEXT NOT NULL,
        sha256 BLOB NOT NULL,
        PRIMARY KEY (room, number)
    );";
    tx.define(&in_words_of(tx.dialect(), ddl)).await
}

/// Drops the tables of a room, the youngest first, and what is on record of them.
pub(super) async fn forget(
    store: &Store,
    room: &'static str,
    migrations: &'static [Migration],
) -> Result<(), StoreError> {
    let texts = migrations
        .iter()
        .flat_map(|migration| migration.sql.lines());
    let tables = texts.filter_map(|line| line.strip_prefix("CREATE TABLE "));
    let mut tables: Vec<&str> = tables
        .filter_map(|rest| rest.split_whitespace().next())
        .collect();
    tables.reverse();
    let tables = Arc::new(tables);
    store
        .write(NAME, Key::none(), move |tx| {
            let tables = Arc::clone(&tables);
            Box::pin(async move {
                keep_record(tx).await?;
                // A column that came later may point at a table that goes first.
                let with_pointers = match tx.dialect() {
                    Dialect::Sqlite => "",
                    Dialect::Postgres => " CASCADE",
                };
                let drops: Vec<String> = tables
                    .iter()
                    .map(|table| format!("DROP TABLE IF EXISTS {table}{with_pointers};\n"))
                    .collect();
                tx.define(&drops.concat()).await?;
                let record = "DELETE FROM schema_change WHERE room = $1";
                tx.execute(record, params![room]).await?;
                Ok(())
            })
        })
        .await
}

/// The hashes of what was applied, in order.
async fn applied(tx: Tx<'_>, room: &'static str) -> Result<Vec<[u8; 32]>, StoreError> {
    const APPLIED: &str =
        "SELECT number, sha256 FROM schema_change WHERE room = $1 ORDER BY number";
    let rows = tx.rows(APPLIED, params![room]).await?;
    let rows = rows.into_iter().map(Row::read::<(i64, [u8; 32])>);
    rows.map(|row| row.map(|(_, hash)| hash)).collect()
}

fn refuse_unknown(
    room: &'static str,
    migrations: &'static [Migration],
    applied: &[[u8; 32]],
) -> Result<(), StoreError> {
    if applied.len() > migrations.len() {
        let count = |length| i64::try_from(length).unwrap_or(i64::MAX);
        let (found, known) = (count(applied.len()), count(migrations.len()));
        return Err(StoreError::SchemaNewer { room, found, known });
    }
    for (migration, applied) in migrations.iter().zip(applied) {
        if sha256(migration.sql) != applied {
            return Err(StoreError::SchemaChanged {
                room,
                number: migration.number,
            });
        }
    }
    Ok(())
}

async fn apply(
    tx: Tx<'_>,
    room: &'static str,
    migration: &'static Migration,
) -> Result<(), StoreError> {
    tx.define(&in_words_of(tx.dialect(), migration.sql)).await?;
    let record = "INSERT INTO schema_change (room, number, name, sha256) VALUES ($1, $2, $3, $4)";
    let hash = sha256(migration.sql);
    tx.execute(
        record,
        params![room, migration.number, migration.name, &hash],
    )
    .await?;
    Ok(())
}

fn sha256(sql: &str) -> Vec<u8> {
    digest(&SHA256, sql.as_bytes()).as_ref().to_vec()
}

/// The same DDL for one engine.
fn in_words_of(dialect: Dialect, ddl: &str) -> String {
    let mut words = String::with_capacity(ddl.len() + 64);
    let lines = ddl
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"));
    let text = lines.collect::<Vec<_>>().join("\n");
    for statement in text
        .split(";\n")
        .map(|part| part.trim().trim_end_matches(';'))
    {
        if statement.is_empty() {
            continue;
        }
        let statement = match dialect {
            Dialect::Sqlite => for_sqlite(statement),
            Dialect::Postgres => replace_word(statement, "BLOB", "BYTEA"),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(words, "{statement};");
    }
    words
}

fn for_sqlite(statement: &str) -> String {
    let statement = replace_word(
        statement,
        "BIGSERIAL PRIMARY KEY",
        "INTEGER PRIMARY KEY AUTOINCREMENT",
    );
    let statement = replace_word(&statement, "BIGINT", "INTEGER");
    if statement.starts_with("CREATE TABLE") {
        format!("{statement} STRICT")
    } else {
        statement
    }
}

/// Replaces whole words only: a column called `blob_count` stays as it is.
fn replace_word(text: &str, from: &str, to: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        replaced.push_str(before);
        let whole = !before.ends_with(is_part) && !after.starts_with(is_part);
        replaced.push_str(if whole { to } else { from });
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_becomes_the_words_of_each_engine() {
        let ddl = "-- a comment; with a semicolon\nCREATE TABLE t (a BIGINT, blob_count BLOB);\n\
                   CREATE INDEX i ON t (a);\n";
        assert_eq!(
            in_words_of(Dialect::Sqlite, ddl),
            "CREATE TABLE t (a INTEGER, blob_count BLOB) STRICT;\nCREATE INDEX i ON t (a);\n"
        );
        assert_eq!(
            in_words_of(Dialect::Postgres, ddl),
            "CREATE TABLE t (a BIGINT, blob_count BYTEA);\nCREATE INDEX i ON t (a);\n"
        );
    }
}
