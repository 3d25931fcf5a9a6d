//! The operator's commands, before, beside and after a running server.

use rusqlite::Connection;
use rusqlite::types::Value as SqlValue;
use serde_json::Value;

use super::folder::{Layout, PHARMACY_SECRET, Production};
use super::process::{Ended, Served, matron};
use super::ward::{CALLBACK, Opened, WARD, opened};

/// A command on the folder's configuration.
fn on(production: &Production, words: &[&str]) -> Ended {
    matron(&[words, &["--config", &production.config()]].concat())
}

/// How one thing stands that the doctor looked at.
fn standing(findings: &Value, what: &str) -> String {
    let all = findings.as_array().expect("a list");
    let found = all
        .iter()
        .find(|finding| finding["what"] == what)
        .unwrap_or_else(|| panic!("{what}: {all:?}"));
    found["standing"].as_str().expect("a word").to_owned()
}

#[test]
fn tables_come_by_migrate_alone() {
    let production = Production::new(Layout::OneAddress);
    on(&production, &["serve"])
        .refused(1, &["the database is not up to date; run `matron migrate`"]);
    let unwell = on(&production, &["doctor", "--json"]);
    unwell.refused(5, &["found"]);
    assert_eq!(standing(&unwell.json(), "tables"), "fault");

    assert!(
        on(&production, &["migrate"])
            .well()
            .err
            .contains("the tables are up to date now")
    );
    assert!(
        on(&production, &["migrate"])
            .well()
            .err
            .contains("the tables are up to date")
    );
    assert!(
        production.path("matron.db").exists(),
        "beside its configuration, wherever the command was given"
    );
    let well = on(&production, &["doctor", "--json"]).well().json();
    for what in ["tables", "clock", "audit trail", "oldest issuer"] {
        assert_eq!(standing(&well, what), "well", "{well}");
    }
}

#[tokio::test]
async fn reading_goes_on_beside_the_server_and_writing_is_refused() {
    let Opened {
        production, secret, ..
    } = opened(Layout::OneAddress).await;
    let served = Served::start(&production);
    let listed = on(&production, &["client", "list", "--json"]).well().json();
    let ids: Vec<_> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|client| client["client_id"].clone())
        .collect();
    assert_eq!(
        ids,
        ["pharmacy", WARD],
        "from the configuration and by command, by id"
    );
    for secret in [secret.as_str(), PHARMACY_SECRET] {
        assert!(!listed.to_string().contains(secret), "a secret leaves");
    }
    assert_eq!(listed[1]["redirect_uris"], serde_json::json!([CALLBACK]));
    let held = |client: &Value| [client["acr_values"].clone(), client["roles"].clone()];
    let doctors = serde_json::json!(["S8000:G8000:R8000"]);
    assert_eq!(held(&listed[0]), [serde_json::json!(["AAL3_ANY"]), doctors]);
    assert_eq!(held(&listed[1]), [(); 2].map(|()| serde_json::json!([])));
    assert_eq!(
        on(&production, &["audit", "verify", "--json"])
            .well()
            .json()["faults"],
        serde_json::json!([])
    );
    on(&production, &["doctor"]).well();

    let add = [
        "client",
        "add",
        "--operator",
        "ruth.o",
        "--name",
        "Late",
        "--redirect-uri",
        CALLBACK,
    ];
    let held = [&add[..], &["--role", "nurses", "--acr-value", "GOLD"]].concat();
    let why = [
        "nurses: roles are written as in S8000",
        "GOLD is not a value",
    ];
    for writing in [&["migrate"][..], &["serve"], &add] {
        on(&production, writing).refused(1, &["another process uses"]);
    }
    served.terminate();
    served.ended().well();
    on(&production, &held).refused(4, &why);
    let held = [&add[..], &["--role", "S8000", "--acr-value", "AAL3_ANY"]].concat();
    on(&production, &held).well();
    let listed = on(&production, &["client", "list", "--json"]).well().json();
    let late = listed.as_array().expect("a list").iter();
    let late = late.filter(|client| client["name"] == "Late");
    let roles: Vec<_> = late.map(|client| &client["roles"]).collect();
    assert_eq!(roles, [&serde_json::json!(["S8000"])]);
}

/// Changes one byte of `column` in the row in the middle of the trail; where, and how to undo it.
fn change(production: &Production, column: &str) -> (String, impl FnOnce()) {
    let file = production.path("matron.db");
    let database = Connection::open(&file).expect("the database");
    let middle = format!(
        "SELECT lane, seq, {column} FROM audit ORDER BY lane, seq LIMIT 1 OFFSET (SELECT COUNT(*) / 2 FROM audit)"
    );
    let row = database.query_row(&middle, [], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    });
    let (lane, seq, old): (i64, i64, SqlValue) = row.expect("a line");
    let new = match old.clone() {
        SqlValue::Integer(number) => SqlValue::Integer(number ^ 1),
        SqlValue::Text(text) => SqlValue::Text(text.replacen(['a', 'e', 'i'], "o", 1)),
        SqlValue::Blob(mut octets) => {
            octets[0] ^= 1;
            SqlValue::Blob(octets)
        }
        other => panic!("{other:?}"),
    };
    let write = move |database: Connection, value| {
        let update = format!("UPDATE audit SET {column} = ?1 WHERE lane = ?2 AND seq = ?3");
        assert_eq!(
            database
                .execute(&update, (value, lane, seq))
                .expect("raw SQL"),
            1
        );
    };
    assert_ne!(old, new);
    write(database, new);
    let undo = move || write(Connection::open(file).expect("the database"), old);
    (format!("lane {lane}: line {seq} "), undo)
}

#[tokio::test]
async fn one_byte_of_one_row_is_noticed_and_the_row_is_named() {
    let production = opened(Layout::OneAddress).await.production;
    let served = Served::start(&production);
    served.terminate();
    served.ended().well();
    assert!(
        on(&production, &["audit", "verify"])
            .well()
            .out
            .contains("the trail is whole")
    );

    for column in ["event", "kind", "at", "hash", "previous"] {
        let (named, undo) = change(&production, column);
        let found = on(&production, &["audit", "verify"]);
        found.refused(5, &["found"]);
        assert!(
            found.out.contains(&named),
            "{column}: {named} is not in {}",
            found.out
        );
        assert!(!found.out.contains("the trail is whole"), "{}", found.out);
        let unwell = on(&production, &["doctor", "--json"]);
        unwell.refused(5, &["found"]);
        assert_eq!(standing(&unwell.json(), "audit trail"), "fault");
        undo();
        on(&production, &["audit", "verify"]).well();
    }
}
