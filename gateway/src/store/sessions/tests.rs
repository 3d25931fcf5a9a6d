//! Sessions: one live row per family, keys that die at once, and what ends a session without
//! anybody remembering it. On both engines.

use enrolment::store::trial::on_both_engines;
use enrolment::store::{Key, Store};
use policies::signin::Method;
use policies::values::Policy;

use super::*;
use crate::signin::others;
use crate::signin::session::EndReason;
use crate::store::{MIGRATIONS, ROOM};

const NOW: Time = Time::from_unix(1_900_000_000);
const USER: &str = "555000000001";
const CARD: &str = "9000000000000001";

fn session(sid: &str) -> NewSession {
    let session = Session {
        sid: sid.parse().unwrap(),
        user_id: USER.parse().unwrap(),
        aal: Aal::Aal3,
        method: Method::Smartcard,
        authenticated_at: NOW,
        last_active_at: NOW,
        role_id: Some("555000000077".parse().unwrap()),
        role_chosen: true,
        card: Some(CARD.parse().unwrap()),
        serial: Some("01ab".parse().unwrap()),
        authenticator: None,
        until: None,
        added_at: None,
        place: Place::default(),
        version: 1,
    };
    NewSession {
        session,
        key_hash: key(sid),
    }
}

fn key(sid: &str) -> Vec<u8> {
    let mut key = sid.as_bytes().to_vec();
    key.resize(32, 0);
    key
}

/// A person with an active card and the session "one".
async fn furnish(store: &Store) {
    store
        .migrate(enrolment::schema::ROOM, enrolment::schema::MIGRATIONS)
        .await
        .unwrap();
    store.migrate(ROOM, MIGRATIONS).await.unwrap();
    store
        .write::<_, StoreError, _>("test.furnish", Key::none(), |tx| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO person (user_id, version, state, title, given_name, middle_names,
                                         family_name, initials, display_name, id_assurance_level,
                                         registered_at, request_hash)
                     VALUES ($1, 1, 'open', 'Dr', 'Amara', '', 'Demo', '', 'Amara Demo', 3, $2, '')",
                    params![USER, NOW],
                )
                .await?;
                tx.execute(
                    "INSERT INTO card (card_number, user_id, version, state, epoch, self_renewals,
                                       requested_at, activated_at)
                     VALUES ($1, $2, 1, 'active', 1, 0, $3, $3)",
                    params![CARD, USER, NOW],
                )
                .await?;
                begin(tx, &session("one")).await
            })
        })
        .await
        .unwrap();
}

async fn opened(store: &Store, sid: &'static str) -> Option<Session> {
    let read = store.read::<_, StoreError, _>("test.by_key", move |tx| {
        Box::pin(async move { by_key(tx, &key(sid)).await })
    });
    read.await.unwrap()
}

async fn named(store: &Store, sid: &'static str) -> Option<Session> {
    let read = store.read::<_, StoreError, _>("test.newest", move |tx| {
        Box::pin(async move { newest(tx, &sid.parse().unwrap(), NOW).await })
    });
    read.await.unwrap()
}

async fn does(store: &Store, sql: &'static str) {
    let write = store.write::<_, StoreError, _>("test.does", Key::none(), move |tx| {
        Box::pin(async move { tx.execute(sql, &[]).await })
    });
    write.await.unwrap();
}

#[test]
fn a_session_reads_back_as_it_was_written() {
    on_both_engines(async |store| {
        furnish(&store).await;
        assert_eq!(opened(&store, "one").await.unwrap(), session("one").session);
        assert!(opened(&store, "two").await.is_none());
    })
    .unwrap();
}

#[test]
fn the_old_key_dies_and_the_old_name_leads_to_the_successor() {
    on_both_engines(async |store| {
        furnish(&store).await;
        let write = store.write::<_, StoreError, _>("test.succeed", Key::none(), |tx| {
            Box::pin(async move {
                succeed(tx, &"one".parse().unwrap(), &session("two"), NOW).await?;
                succeed(tx, &"two".parse().unwrap(), &session("three"), NOW).await
            })
        });
        write.await.unwrap();
        assert!(opened(&store, "one").await.is_none());
        assert!(opened(&store, "two").await.is_none());
        assert_eq!(named(&store, "one").await.unwrap().sid.as_str(), "three");

        let write = store.write::<_, StoreError, _>("test.end", Key::none(), |tx| {
            Box::pin(async move {
                let one = "one".parse().unwrap();
                Ok((
                    end(tx, &one, NOW, EndReason::SignedOut).await?,
                    end(tx, &one, NOW, EndReason::SignedOut).await?,
                ))
            })
        });
        assert_eq!(
            write.await.unwrap(),
            (true, false),
            "by any of its names, once"
        );
        assert!(opened(&store, "three").await.is_none());
        assert!(named(&store, "one").await.is_none());
    })
    .unwrap();
}

#[test]
fn a_cancelled_card_or_a_closed_profile_ends_the_session_and_a_locked_card_does_not() {
    on_both_engines(async |store| {
        furnish(&store).await;
        does(&store, "UPDATE card SET state = 'locked'").await;
        assert!(opened(&store, "one").await.is_some());
        does(&store, "UPDATE person SET state = 'closed', closed_at = 1900000001").await;
        assert!(opened(&store, "one").await.is_none());
        does(&store, "UPDATE person SET state = 'open', closed_at = NULL").await;
        does(
            &store,
            "UPDATE card SET state = 'cancelled', cancelled_at = 1900000001, cancel_reason = 'lost'",
        )
        .await;
        assert!(opened(&store, "one").await.is_none());
        assert!(named(&store, "one").await.is_none());
    })
    .unwrap();
}

#[test]
fn a_sign_of_life_never_moves_time_back() {
    on_both_engines(async |store| {
        furnish(&store).await;
        for seconds in [30, 10] {
            let at = Time::from_unix(NOW.unix() + seconds);
            let write = store.write::<_, StoreError, _>("test.touch", Key::none(), move |tx| {
                Box::pin(async move { touch(tx, &"one".parse().unwrap(), at).await })
            });
            write.await.unwrap();
        }
        let session = opened(&store, "one").await.unwrap();
        assert_eq!(session.last_active_at.unix() - NOW.unix(), 30);
    })
    .unwrap();
}

/// The policy of this program, but one session a person.
fn one_session() -> Policy {
    let file = include_str!("../../../../policies/policy.toml");
    Policy::parse(&file.replace("\nmost = 10\n\n[absence]", "\nmost = 1\n\n[absence]")).unwrap()
}

#[test]
fn of_a_hundred_that_begin_at_once_where_one_may_live_one_lives() {
    on_both_engines(async |store| {
        furnish(&store).await;
        assert_eq!(one_session().sessions(), 1);
        let begun = (0..100).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let write = store.write::<_, StoreError, _>("test.begin", Key::none(), move |tx| {
                    let new = session(&format!("at-once-{number}"));
                    Box::pin(async move {
                        begin(tx, &new).await?;
                        others::look(tx, &new.session, NOW, &one_session()).await
                    })
                });
                write.await.unwrap();
            })
        });
        for begun in begun.collect::<Vec<_>>() {
            begun.await.unwrap();
        }
        let running = store.read::<_, StoreError, _>("test.running", |tx| {
            Box::pin(async move { running_of(tx, &USER.parse().unwrap()).await })
        });
        assert_eq!(running.await.unwrap().len(), 1);
        let lines = store.read::<_, StoreError, _>("test.lines", |tx| {
            Box::pin(async move {
                let line = "SELECT event FROM audit WHERE event LIKE '%session_limit%'";
                tx.rows(line, &[]).await
            })
        });
        assert_eq!(lines.await.unwrap().len(), 100, "each with its line");
    })
    .unwrap();
}
