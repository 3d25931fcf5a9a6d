//! A switch ends what it must end before it is on again, however much that is. On both engines.

use enrolment::params;
use enrolment::store::trial::on_both_engines;

use super::*;
use crate::store::{MIGRATIONS, ROOM};

const NOW: Time = Time::from_unix(1_900_000_000);
const USER: &str = "555000000001";
/// More than two transactions end.
const MANY: u32 = 2 * AT_ONCE + 7;

/// A person whose account an organisation vouches for that was switched off, by a process that died
/// before it ended anything: sessions that live, and one that a card has continued.
async fn furnish(store: &Store) {
    let rooms = (enrolment::schema::ROOM, enrolment::schema::MIGRATIONS);
    store.migrate(rooms.0, rooms.1).await.unwrap();
    store.migrate(ROOM, MIGRATIONS).await.unwrap();
    let person = "INSERT INTO person (user_id, version, state, title, given_name, middle_names,
                                      family_name, initials, display_name, id_assurance_level,
                                      registered_at, request_hash)
                  VALUES ($1, 1, 'open', 'Dr', 'Amara', '', 'Demo', '', 'Amara Demo', 3, $2, '')";
    let account = "INSERT INTO authenticator (authenticator_id, user_id, method, name, state,
                                              evidence, bound_at, added_by, added_at, changed_at,
                                              version)
                   VALUES ('a', $1, 'federated', 'Work', 'active', 2, 2, 'holder', $2, $2, 1)";
    let session =
        "INSERT INTO session (sid, family, key_hash, user_id, aal, method, authenticated_at,
                                        last_active_at, role_chosen, authenticator_id, version,
                                        ended_at, end_reason)
                   VALUES ($1, $2, $3, $4, 2, 'federated', $5, $5, 0, $6, 1, $7, $8)";
    store
        .write::<_, StoreError, _>("test.furnish", Key::none(), move |tx| {
            Box::pin(async move {
                tx.execute(person, params![USER, NOW]).await?;
                let off = "INSERT INTO federation (federation_id, configured, switched_off_at)
                           VALUES ('nhs', 1, $1)";
                tx.execute(off, params![NOW]).await?;
                tx.execute(account, params![USER, NOW]).await?;
                let whose =
                    "INSERT INTO federated_account (authenticator_id, federation_id, issuer,
                                                            subject)
                             VALUES ('a', 'nhs', 'https://nhs.example', $1)";
                tx.execute(whose, params!["amara"]).await?;
                for number in 0..MANY {
                    let sid = format!("s{number}");
                    let mut key = sid.as_bytes().to_vec();
                    key.resize(32, 0);
                    let ended = (number == 0).then_some(NOW);
                    let why = (number == 0).then_some("continued");
                    let family = if number == 0 { "card" } else { sid.as_str() };
                    let values = params![sid.as_str(), family, key, USER, NOW, "a", ended, why];
                    tx.execute(session, values).await?;
                }
                // The one that a card opened anew.
                let mut key = b"card".to_vec();
                key.resize(32, 0);
                let none: Option<&str> = None;
                let no_end: Option<Time> = None;
                let values = params!["card", "card", key, USER, NOW, none, no_end, none];
                tx.execute(session, values).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}

/// The newest session that this name leads to.
async fn leads_to(store: &Store, sid: &'static str) -> Option<String> {
    let read = store.read::<_, StoreError, _>("test.newest", move |tx| {
        Box::pin(async move { sessions::newest(tx, &sid.parse().unwrap(), NOW).await })
    });
    let found = read.await.unwrap();
    found.map(|session| session.sid.to_string())
}

#[test]
fn what_a_dead_process_left_unended_does_not_live_again_with_the_switch() {
    on_both_engines(async |store| {
        furnish(&store).await;
        let id: FederationId = "nhs".parse().unwrap();
        let stamp = || (NOW, Actor::System);
        assert_eq!(leads_to(&store, "s0").await, None, "while it is off");
        let done = turn(&store, id.clone(), true, stamp()).await.unwrap();
        assert_eq!(done, Turned::Done(0));
        for sid in ["s0", "s1", "s1006"] {
            assert_eq!(leads_to(&store, sid).await, None, "{sid}");
        }
        assert_eq!(leads_to(&store, "card").await.as_deref(), Some("card"));
        let again = turn(&store, id, true, stamp()).await.unwrap();
        assert_eq!(again, Turned::AsBefore);
    })
    .unwrap();
}

#[test]
fn an_order_to_switch_off_ends_what_the_one_before_it_left() {
    on_both_engines(async |store| {
        furnish(&store).await;
        let id: FederationId = "nhs".parse().unwrap();
        let said = turn(&store, id, false, (NOW, Actor::System)).await;
        assert_eq!(said.unwrap(), Turned::AsBefore);
        let lines = enrolment::audit::verify(&store, None).await.unwrap().lines;
        assert_eq!(
            lines,
            u64::from(MANY) - 1,
            "a line for each that had not been ended"
        );
    })
    .unwrap();
}

/// A second account of hers, of an organisation that is on, and the session that it opened.
async fn furnish_beside(store: &Store) {
    let statements = [
        "INSERT INTO federation (federation_id, configured) VALUES ('trust', 1)",
        "INSERT INTO authenticator (authenticator_id, user_id, method, name, state, evidence,
                                    bound_at, added_by, added_at, changed_at, version)
         SELECT 'b', user_id, method, 'Trust', state, evidence, bound_at, added_by, added_at,
                changed_at, version FROM authenticator WHERE authenticator_id = 'a'",
        "INSERT INTO federated_account (authenticator_id, federation_id, issuer, subject)
         VALUES ('b', 'trust', 'https://trust.example', 'amara')",
        "UPDATE session SET authenticator_id = 'b' WHERE sid = 'card'",
    ];
    let write = store.write::<_, StoreError, _>("test.beside", Key::none(), move |tx| {
        Box::pin(async move {
            for statement in statements {
                tx.execute(statement, &[]).await?;
            }
            Ok(())
        })
    });
    write.await.unwrap();
}

#[test]
fn what_another_organisation_opened_lives_on() {
    on_both_engines(async |store| {
        furnish(&store).await;
        furnish_beside(&store).await;
        let id: FederationId = "nhs".parse().unwrap();
        let said = turn(&store, id, false, (NOW, Actor::System)).await;
        assert_eq!(said.unwrap(), Turned::AsBefore);
        assert_eq!(leads_to(&store, "s1").await, None);
        assert_eq!(leads_to(&store, "card").await.as_deref(), Some("card"));
    })
    .unwrap();
}
