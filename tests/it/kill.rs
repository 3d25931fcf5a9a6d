//! `kill -9` at every crash point of issuance, in real processes, on both engines (decision 3; security Q3).
//!
//! The worker issues a first card and renews it. It dies at the named place, starts again, finishes, and starts once
//! more. An outside referee, the journal that the key itself keeps, says what was really signed; the database says what
//! is known. The short version kills once at each place and passage; the long one is
//! `MATRON_KILLS=1000 cargo test -p matron-tests kill:: -- --nocapture`.

mod codes;
mod worker;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use sqlx::Row;

use self::worker::{CLAIMS, JOURNAL};

/// Every place on the way from a wish to a confirmed set.
const POINTS: [&str; 16] = [
    "issue.before_intend",
    "issue.in_intend",
    "issue.after_slot",
    "issue.after_serials",
    "issue.after_intend",
    "issue.before_sign",
    "issue.after_first_signature",
    "issue.after_sign",
    "issue.after_verify",
    "issue.before_record",
    "issue.in_record",
    "issue.after_certificates",
    "issue.after_record",
    "issue.before_release",
    "confirm.before_swap",
    "confirm.after_swap",
];

#[test]
fn every_kill_leaves_one_set_and_no_unknown_signature_on_sqlite() {
    for round in 0..rounds() {
        for (point, passage, repeats) in matrix(round) {
            let folder = tempfile::tempdir().expect("a folder");
            let url = format!("sqlite:{}", folder.path().join("matron.db").display());
            let died = scenario(folder.path(), &url, &format!("{point}:{passage}"), repeats);
            let facts = worker::sqlite_facts(&folder.path().join("matron.db"));
            judge(
                &facts,
                folder.path(),
                &format!("{point}:{passage} repeats={repeats} died={died}"),
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kill_leaves_one_set_and_no_unknown_signature_on_postgresql() {
    for round in 0..rounds() {
        for (point, passage, repeats) in matrix(round) {
            let Some(url) = crate::support::postgres().await else {
                return;
            };
            let folder = tempfile::tempdir().expect("a folder");
            let died = scenario(folder.path(), &url, &format!("{point}:{passage}"), repeats);
            let facts = postgres_facts(&url).await;
            judge(
                &facts,
                folder.path(),
                &format!("{point}:{passage} repeats={repeats} died={died}"),
            );
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the long version is asked for by its environment"
)]
fn rounds() -> usize {
    std::env::var("MATRON_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1)
}

/// Every place, at its first and second passage, with a key that repeats itself and with one that does not. The short
/// version takes the key that does not repeat only where it matters: between intent and record.
fn matrix(round: usize) -> Vec<(&'static str, usize, bool)> {
    let long = rounds() > 1 || round > 0;
    let mut all = Vec::new();
    for point in POINTS {
        for passage in [1, 2] {
            if point.starts_with("confirm") && passage == 2 {
                continue;
            }
            all.push((point, passage, true));
            if long || (passage == 1 && point.contains("sign")) {
                all.push((point, passage, false));
            }
        }
    }
    all
}

/// Dies (if the place is passed at all), then works to the end, twice. True if it died.
fn scenario(folder: &Path, url: &str, crash: &str, repeats: bool) -> bool {
    let killed = run(folder, url, Some(crash), repeats);
    for retry in 1..=2 {
        let status = run(folder, url, None, repeats);
        assert!(
            status.success(),
            "{crash}: retry {retry} ended with {status}"
        );
    }
    !killed.success()
}

fn run(folder: &Path, url: &str, crash: Option<&str>, repeats: bool) -> ExitStatus {
    let mut command = Command::new(std::env::current_exe().expect("this test binary"));
    command
        .args([
            "--exact",
            "kill::worker::the_worker",
            "--ignored",
            "--nocapture",
        ])
        .env("MATRON_KILL_FOLDER", folder)
        .env("MATRON_KILL_DATABASE", url)
        .env("MATRON_KILL_REPEATS", if repeats { "yes" } else { "no" })
        .env_remove("MATRON_CRASH")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    if let Some(crash) = crash {
        command.env("MATRON_CRASH", crash).stderr(Stdio::null());
    }
    command.status().expect("the worker starts")
}

/// What the database says after it all.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// SHA-256 of every to-be-signed certificate on record, hex.
    recorded: BTreeSet<String>,
    /// Certificates that are still only promised or signed but not given out.
    unfinished: i64,
    /// Serials on record, and how many of them differ.
    serials: (i64, i64),
    /// Sets in use.
    active_sets: i64,
    /// Certificates in use.
    active_certificates: i64,
    /// Self-renewals that the card has used.
    self_renewals: i64,
    /// Serials in use.
    active: BTreeSet<String>,
}

fn judge(facts: &Facts, folder: &Path, what: &str) {
    let journal = std::fs::read_to_string(folder.join(JOURNAL)).expect("the key's journal");
    for signed in journal.lines() {
        assert!(
            facts.recorded.contains(signed),
            "{what}: the key signed {signed}, which no row knows"
        );
    }
    assert_eq!(facts.unfinished, 0, "{what}: nothing stays reserved");
    assert_eq!(facts.serials.0, facts.serials.1, "{what}: no serial twice");
    assert_eq!(
        (facts.active_sets, facts.active_certificates),
        (1, 2),
        "{what}: exactly one set of two"
    );
    assert_eq!(facts.self_renewals, 1, "{what}: one renewal counted once");
    let claimed =
        std::fs::read_to_string(folder.join(CLAIMS)).expect("what the worker was given last");
    let claimed: BTreeSet<String> = claimed.lines().map(str::to_owned).collect();
    assert_eq!(
        claimed, facts.active,
        "{what}: the holder has what is in use"
    );
}

async fn postgres_facts(url: &str) -> Facts {
    use sqlx::Connection;
    let mut connection = sqlx::PgConnection::connect(url)
        .await
        .expect("the database");
    let mut facts = Facts::default();
    let texts =
        |rows: Vec<sqlx::postgres::PgRow>| rows.iter().map(|row| row.get::<String, _>(0)).collect();
    facts.recorded = texts(
        sqlx::query(worker::RECORDED)
            .fetch_all(&mut connection)
            .await
            .expect("rows"),
    );
    facts.active = texts(
        sqlx::query(worker::ACTIVE)
            .fetch_all(&mut connection)
            .await
            .expect("rows"),
    );
    let mut numbers = Vec::new();
    for sql in worker::NUMBERS {
        numbers.push(
            sqlx::query(sql)
                .fetch_one(&mut connection)
                .await
                .expect("a row")
                .get::<i64, _>(0),
        );
    }
    facts.fill(&numbers);
    facts
}

impl Facts {
    fn fill(&mut self, numbers: &[i64]) {
        let [unfinished, serials, distinct, sets, certificates, renewals] = numbers else {
            panic!("six numbers")
        };
        self.unfinished = *unfinished;
        self.serials = (*serials, *distinct);
        (
            self.active_sets,
            self.active_certificates,
            self.self_renewals,
        ) = (*sets, *certificates, *renewals);
    }
}
