//! The trail on both engines: whatever is done to it behind our back is named.

use policies::time::Time;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};

use super::checkpoint::{self, CheckpointKey};
use super::{Actor, Event, Fault, Report, verify};
use crate::params;
use crate::schema;
use crate::store::trial::on_both_engines;
use crate::store::{Key, Store, StoreError, Tx};

fn at(second: i64) -> Time {
    Time::from_unix(1_862_000_000 + second)
}

fn key() -> CheckpointKey {
    let chance = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &chance).unwrap();
    CheckpointKey::from_pkcs8(der.as_ref()).unwrap()
}

fn closed(number: i64) -> Event {
    let person = format!("{:012}", 555_000_000_000 + number).parse().unwrap();
    Event::PersonClosed {
        actor: Actor::System,
        person,
    }
}

async fn write(store: &Store, number: i64) -> Result<(), StoreError> {
    store
        .write("act", Key::none(), move |tx| {
            Box::pin(async move { tx.audit(at(number), &closed(number)).await })
        })
        .await
}

async fn with_lines(store: &Store, count: i64) {
    store
        .migrate(schema::ROOM, schema::MIGRATIONS)
        .await
        .unwrap();
    for number in 0..count {
        write(store, number).await.unwrap();
    }
}

/// What a database operator could do.
async fn tamper(store: &Store, sql: &'static str, lane: i64, seq: i64) {
    let write = store.write("tamper", Key::none(), move |tx| {
        Box::pin(async move { tx.execute(sql, params![lane, seq]).await })
    });
    assert_ne!(write.await.unwrap(), 0, "{sql}");
}

async fn places(store: &Store) -> Vec<(i64, i64)> {
    let read = store.read("places", |tx| {
        Box::pin(async move {
            let rows = tx
                .rows("SELECT lane, seq FROM audit ORDER BY lane, seq", &[])
                .await?;
            rows.into_iter()
                .map(crate::store::Row::read)
                .collect::<Result<Vec<_>, StoreError>>()
        })
    });
    read.await.unwrap()
}

async fn faults(store: &Store) -> Vec<Fault> {
    verify(store, None).await.unwrap().faults
}

#[test]
fn an_untouched_trail_is_whole() {
    on_both_engines(async |store| {
        assert!(
            verify(&store, None).await.is_err(),
            "a database without tables has no trail"
        );
        with_lines(&store, 0).await;
        assert_eq!(verify(&store, None).await.unwrap(), Report::default());
        with_lines(&store, 5).await;
        let key = key();
        let seal = checkpoint::once(&store, &key, at(9))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(checkpoint::once(&store, &key, at(10)).await.unwrap(), None);
        let report = verify(&store, Some(key.public_key())).await.unwrap();
        assert!(report.is_whole(), "{:?}", report.faults);
        assert_eq!(
            (report.lines, report.checkpoints, report.last),
            (5, 1, Some(seal))
        );
    })
    .unwrap();
}

#[test]
fn every_altered_line_is_named_and_no_other() {
    let damage = [
        "UPDATE audit SET at = at + 1 WHERE lane = $1 AND seq = $2",
        "UPDATE audit SET kind = 'signed_in' WHERE lane = $1 AND seq = $2",
        "UPDATE audit SET event = REPLACE(event, '555', '556') WHERE lane = $1 AND seq = $2",
        "UPDATE audit SET hash = previous WHERE lane = $1 AND seq = $2",
    ];
    on_both_engines(async |store| {
        with_lines(&store, 40).await;
        let mut expected = Vec::new();
        for (turn, (lane, seq)) in places(&store).await.into_iter().enumerate().skip(1) {
            // Two neighbours are left whole after each, so that a fault must not spread.
            if turn % 3 == 0 {
                tamper(&store, damage[turn / 3 % damage.len()], lane, seq).await;
                expected.push(Fault::Altered { lane, seq });
            }
        }
        assert_eq!(expected.len(), 13);
        assert_eq!(faults(&store).await, expected);
    })
    .unwrap();
}

#[test]
fn missing_lines_are_named() {
    on_both_engines(async |store| {
        with_lines(&store, 6).await;
        let (lane, seq) = places(&store).await[2];
        tamper(
            &store,
            "DELETE FROM audit WHERE lane = $1 AND seq = $2",
            lane,
            seq,
        )
        .await;
        assert_eq!(
            faults(&store).await,
            [Fault::Missing {
                lane,
                from: seq,
                to: seq
            }]
        );
    })
    .unwrap();
}

#[test]
fn a_checkpoint_notices_what_was_cut_off() {
    on_both_engines(async |store| {
        with_lines(&store, 6).await;
        checkpoint::once(&store, &key(), at(9)).await.unwrap();
        let (lane, seq) = *places(&store).await.last().unwrap();
        tamper(
            &store,
            "DELETE FROM audit WHERE lane = $1 AND seq = $2",
            lane,
            seq,
        )
        .await;
        assert_eq!(
            faults(&store).await,
            [Fault::CutOff {
                lane,
                seq,
                checkpoint: 1
            }]
        );
    })
    .unwrap();
}

/// Writes a lane anew from line 3 on, hashes and all, as somebody who knows this file could.
async fn rewrite(tx: Tx<'_>) -> Result<(), StoreError> {
    let select = "SELECT lane, seq, at, kind, event, previous FROM audit ORDER BY lane, seq";
    let mut previous = [0; 32];
    for row in tx.rows(select, &[]).await? {
        let (lane, seq, mut at, kind, event, _) =
            row.read::<(i64, i64, i64, String, String, Vec<u8>)>()?;
        at += i64::from(seq == 3);
        let entry = super::Line {
            lane,
            seq,
            at,
            kind: &kind,
            event: &event,
            previous: &previous,
        };
        let hash = entry.hash();
        let update = "UPDATE audit SET at = $3, previous = $4, hash = $5
            WHERE lane = $1 AND seq = $2";
        tx.execute(update, params![lane, seq, at, &previous, &hash])
            .await?;
        previous = hash;
    }
    Ok(())
}

#[test]
fn a_checkpoint_notices_a_trail_written_anew() {
    on_both_engines(async |store| {
        let key = key();
        with_lines(&store, 2).await;
        checkpoint::once(&store, &key, at(2)).await.unwrap();
        for number in 2..5 {
            write(&store, number).await.unwrap();
        }
        checkpoint::once(&store, &key, at(5)).await.unwrap();
        store
            .write("rewrite", Key::none(), |tx| Box::pin(rewrite(tx)))
            .await
            .unwrap();
        let (lane, _) = places(&store).await[0];
        let expected = [Fault::Rewritten {
            lane,
            from: 3,
            to: 5,
            checkpoint: 2,
        }];
        assert_eq!(faults(&store).await, expected);
    })
    .unwrap();
}

/// Writes one line, or one checkpoint, anew so that it agrees with its own hash.
async fn rewrite_one(tx: Tx<'_>) -> Result<(), StoreError> {
    let select = "SELECT lane, seq, at, kind, event, previous FROM audit WHERE seq = 3";
    for row in tx.rows(select, &[]).await? {
        let (lane, seq, at, kind, event, previous) =
            row.read::<(i64, i64, i64, String, String, [u8; 32])>()?;
        let entry = super::Line {
            lane,
            seq,
            at: at + 1,
            kind: &kind,
            event: &event,
            previous: &previous,
        };
        let update = "UPDATE audit SET at = at + 1, hash = $3 WHERE lane = $1 AND seq = $2";
        tx.execute(update, params![lane, seq, &entry.hash()])
            .await?;
    }
    let select = "SELECT at, heads, previous FROM audit_checkpoint WHERE number = 2";
    for row in tx.rows(select, &[]).await? {
        let (at, heads, previous) = row.read::<(i64, String, [u8; 32])>()?;
        let checkpoint = checkpoint::Checkpoint {
            number: 2,
            at: at + 1,
            heads: &heads,
            previous: &previous,
        };
        let update = "UPDATE audit_checkpoint SET at = at + 1, hash = $1 WHERE number = 2";
        tx.execute(update, params![&checkpoint.hash()]).await?;
    }
    Ok(())
}

#[test]
fn what_agrees_with_its_own_hash_must_also_follow_what_is_before_it() {
    on_both_engines(async |store| {
        with_lines(&store, 5).await;
        let rewrite = || store.write("rewrite", Key::none(), |tx| Box::pin(rewrite_one(tx)));
        rewrite().await.unwrap();
        let (lane, _) = places(&store).await[0];
        let unlinked = Fault::Unlinked { lane, seq: 4 };
        assert_eq!(faults(&store).await, [unlinked]);
        let key = key();
        for number in 1..4 {
            write(&store, 10 + number).await.unwrap();
            checkpoint::once(&store, &key, at(20 + number))
                .await
                .unwrap();
        }
        assert_eq!(faults(&store).await, [unlinked]);
        rewrite().await.unwrap();
        let expected = [Fault::CheckpointUnlinked { number: 3 }, unlinked];
        assert_eq!(faults(&store).await, expected);
    })
    .unwrap();
}

#[test]
fn a_checkpoint_of_another_key_or_another_day_is_named() {
    on_both_engines(async |store| {
        let (ours, theirs) = (key(), key());
        for (number, key) in [(1, &ours), (2, &theirs), (3, &ours), (4, &ours)] {
            with_lines(&store, 0).await;
            write(&store, number).await.unwrap();
            checkpoint::once(&store, key, at(number)).await.unwrap();
        }
        let report = verify(&store, Some(ours.public_key())).await.unwrap();
        assert_eq!(report.faults, [Fault::CheckpointUnsigned { number: 2 }]);
        let later = "UPDATE audit_checkpoint SET at = at + $1 WHERE number = $2";
        tamper(&store, later, 1, 3).await;
        assert_eq!(
            faults(&store).await,
            [Fault::CheckpointAltered { number: 3 }]
        );
        tamper(
            &store,
            "DELETE FROM audit_checkpoint WHERE number IN ($1, $2)",
            2,
            3,
        )
        .await;
        assert_eq!(
            faults(&store).await,
            [Fault::CheckpointMissing { from: 2, to: 3 }]
        );
    })
    .unwrap();
}

#[test]
fn lanes_stay_whole_under_concurrency_and_refusals() {
    on_both_engines(async |store| {
        with_lines(&store, 0).await;
        let key = key();
        let tasks = (0..200).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let write = store.write("act", Key::none(), move |tx| {
                    Box::pin(async move {
                        tx.audit(at(number), &closed(number)).await?;
                        tx.audit(at(number), &closed(number)).await?;
                        // One in four changes its mind after its lines are written.
                        if number % 4 == 0 {
                            Err(StoreError::Closed)
                        } else {
                            Ok(())
                        }
                    })
                });
                drop(write.await);
            })
        });
        let tasks: Vec<_> = tasks.collect();
        checkpoint::once(&store, &key, at(1)).await.unwrap();
        for task in tasks {
            task.await.unwrap();
        }
        checkpoint::once(&store, &key, at(2)).await.unwrap();
        let report = verify(&store, Some(key.public_key())).await.unwrap();
        assert!(report.is_whole(), "{:?}", report.faults);
        assert_eq!(report.lines, 300);
    })
    .unwrap();
}

#[test]
fn the_read_door_leaves_no_line() {
    on_both_engines(async |store| {
        with_lines(&store, 0).await;
        let read = store.read("sly", |tx| {
            Box::pin(async move { tx.audit(at(1), &closed(1)).await })
        });
        assert!(matches!(read.await, Err(StoreError::ReadOnly)));
    })
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_writer_goes_on_where_the_lane_ends() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("matron.db").display());
    for _ in 0..3 {
        let store = Store::open(&url).await.unwrap();
        with_lines(&store, 3).await;
        assert!(verify(&store, None).await.unwrap().is_whole());
    }
    let store = Store::open(&url).await.unwrap();
    assert_eq!(verify(&store, None).await.unwrap().lines, 9);
}

#[test]
fn an_event_reads_back_as_it_was_written() {
    let text = closed(7).to_json().unwrap();
    assert_eq!(
        text,
        r#"{"kind":"person_closed","actor":"system","person":"555000000007"}"#
    );
    assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), closed(7));
    assert_eq!(closed(7).kind(), "person_closed");
    let extra = text.replace('}', r#","name":"Amara"}"#);
    assert!(serde_json::from_str::<Event>(&extra).is_err());
}
