//! One-time codes and what they open: unlocking, cancelling, reporting, changing an address.

use std::sync::Arc;

use policies::card::{CancelReason, CardState};
use policies::contact::Proof;
use policies::ids::{CardNumber, UserId};
use policies::refusal::RefusalCode;
use policies::signin::Aal;
use policies::time::{Span, Time};
use ring::rand::SystemRandom;
use zeroize::Zeroizing;

use super::house::{House, START, new_person, refused};
use crate::audit::Actor;
use crate::codes::{CodeHouse, Named, Typed};
use crate::journeys::change_contact::{self, NewAddress};
use crate::journeys::{cancel_own, lock, unlock};
use crate::notices::Letter;
use crate::schema;
use crate::store::trial::on_both_engines;
use crate::store::{Key, Store, StoreError, cards};
use crate::vault::Vault;

const KEY: &[u8] = b"a transport key of thirty-two b.";

async fn made(store: Store) -> (House, CodeHouse, UserId, CardNumber) {
    let house = House::new(store).await;
    let codes = CodeHouse {
        store: house.store().clone(),
        vault: Arc::new(Vault::from_bytes(&[7; 32]).unwrap()),
        policy: house.policy().clone(),
        chance: SystemRandom::new(),
    };
    let person = house.person(1).await;
    let (card, _) = house.card(&person, 1, START).await;
    (house, codes, person, card)
}

/// The newest code that went out to this address, if any.
async fn code_to(store: &Store, address: &'static str) -> Option<String> {
    let contents = letters_to(store, address).await;
    contents
        .iter()
        .rev()
        .find_map(|content| match Letter::read(content) {
            Some(Letter::Code { code, .. }) => Some(code),
            _ => None,
        })
}

async fn letters_to(store: &Store, address: &'static str) -> Vec<String> {
    store
        .read::<_, StoreError, _>("test.letters", move |tx| {
            Box::pin(async move {
                let sql = "SELECT content FROM outbox WHERE address = $1 ORDER BY number";
                let rows = tx.rows(sql, crate::params![address]).await?;
                rows.into_iter()
                    .map(|row| Ok(row.read::<(String,)>()?.0))
                    .collect()
            })
        })
        .await
        .unwrap()
}

async fn state(store: &Store, card: &CardNumber) -> CardState {
    let card = card.clone();
    let found = store
        .read::<_, StoreError, _>("test.card", move |tx| {
            let card = card.clone();
            Box::pin(async move { cards::find(tx, &card).await })
        })
        .await
        .unwrap();
    found.unwrap().state
}

fn typed(id: &str, code: &str) -> Typed {
    Typed {
        request_id: id.to_owned(),
        code: Zeroizing::new(code.to_owned()),
    }
}

fn other_than(code: &str) -> String {
    let first = if code.starts_with('0') { '1' } else { '0' };
    format!("{first}{}", code.get(1..).unwrap())
}

async fn start(codes: &CodeHouse, named: Named, now: Time) -> String {
    unlock::start(codes, named, Some(KEY.to_vec()), now)
        .await
        .unwrap()
}

const MAIL: &str = "person1@demo.example";

#[test]
fn a_code_unlocks_once_and_both_keys_are_kept_until_the_card_has_the_new_one() {
    on_both_engines(async |store| {
        let (house, codes, person, card) = made(store).await;
        let by = Actor::Holder(person.clone());
        lock::lock(house.store(), &card, &by, START).await.unwrap();
        let id = start(&codes, Named::Card(card.clone()), START).await;
        let code = code_to(house.store(), MAIL).await.unwrap();
        let early = unlock::confirm(&codes, &id, START).await;
        assert_eq!(refused(early), RefusalCode::NotFound);
        let wrong = unlock::finish(&codes, typed(&id, &other_than(&code)), START).await;
        assert_eq!(refused(wrong), RefusalCode::CodeWrong);
        let spaced = format!("{}-{} ", &code[..4], &code[4..]);
        let first = unlock::finish(&codes, typed(&id, &spaced), START)
            .await
            .unwrap();
        assert!(first.unblock_key.is_none(), "fresh from its maker");
        assert_eq!((first.next_unblock_key.len(), &first.card), (8, &card));
        assert_eq!(first.transport_key, KEY);
        let again = unlock::finish(&codes, typed(&id, &code), START).await;
        assert_eq!(refused(again), RefusalCode::CodeWrong);
        assert_eq!(state(house.store(), &card).await, CardState::Locked);
        // The card was pulled: another unlock releases the very same next key.
        let second = start(&codes, Named::Person(person.clone()), START).await;
        let code = code_to(house.store(), MAIL).await.unwrap();
        let pulled = unlock::finish(&codes, typed(&second, &code), START)
            .await
            .unwrap();
        assert!(pulled.unblock_key.is_none());
        assert_eq!(pulled.next_unblock_key, first.next_unblock_key);
        unlock::confirm(&codes, &second, START).await.unwrap();
        unlock::confirm(&codes, &second, START).await.unwrap();
        assert_eq!(state(house.store(), &card).await, CardState::Active);
        // An active card is unlocked as well; the next key has become the current one.
        let third = start(&codes, Named::Card(card.clone()), START).await;
        let code = code_to(house.store(), MAIL).await.unwrap();
        let later = unlock::finish(&codes, typed(&third, &code), START)
            .await
            .unwrap();
        assert_eq!(later.unblock_key, Some(first.next_unblock_key.clone()));
        assert_ne!(later.next_unblock_key, first.next_unblock_key);
        unlock::confirm(&codes, &third, START).await.unwrap();
        // The first one, confirmed late, does not bring the old key back.
        unlock::confirm(&codes, &id, START).await.unwrap();
        let fourth = start(&codes, Named::Card(card.clone()), START).await;
        let code = code_to(house.store(), MAIL).await.unwrap();
        let last = unlock::finish(&codes, typed(&fourth, &code), START)
            .await
            .unwrap();
        assert_eq!(last.unblock_key, Some(later.next_unblock_key.clone()));
        no_secret_is_on_record(&house, &[&first.next_unblock_key, &later.next_unblock_key]).await;
    })
    .unwrap();
}

/// Neither trail nor outbox nor any table holds an unblock key in plain, nor a code in the trail.
async fn no_secret_is_on_record(house: &House, secrets: &[&Zeroizing<Vec<u8>>]) {
    for secret in secrets {
        let text = std::str::from_utf8(secret).unwrap().to_owned();
        for (table, column) in [("audit", "event"), ("outbox", "content")] {
            let (text, hexed) = (text.clone(), hex::encode(secret.as_slice()));
            let sql = format!(
                "SELECT COUNT(*) FROM {table} WHERE {column} LIKE '%{text}%' OR {column} LIKE '%{hexed}%'"
            );
            let sql: &'static str = Box::leak(sql.into_boxed_str());
            assert_eq!(house.count(sql).await, 0, "{table}");
        }
    }
    let letters = letters_to(house.store(), MAIL).await;
    for letter in letters {
        if let Some(Letter::Code { code, .. }) = Letter::read(&letter) {
            let sql = format!("SELECT COUNT(*) FROM audit WHERE event LIKE '%{code}%'");
            let sql: &'static str = Box::leak(sql.into_boxed_str());
            assert_eq!(house.count(sql).await, 0);
        }
    }
}

#[test]
fn a_code_lives_fifteen_minutes_and_five_tries_and_a_newer_one_does_not_kill_it() {
    on_both_engines(async |store| {
        let (house, codes, _, card) = made(store).await;
        let first = start(&codes, Named::Card(card.clone()), START).await;
        let code = code_to(house.store(), MAIL).await.unwrap();
        let at = |seconds| START.plus(Span::seconds(seconds));
        let second = start(&codes, Named::Card(card.clone()), at(60)).await;
        let late = unlock::check(&codes, typed(&first, &code), at(901)).await;
        assert_eq!(refused(late), RefusalCode::CodeExpired);
        // The older code, typed into the newer request, in its last second.
        unlock::check(&codes, typed(&second, &code), at(900))
            .await
            .unwrap();
        for _ in 0..4 {
            let wrong = unlock::finish(&codes, typed(&second, "abc"), at(61)).await;
            assert_eq!(refused(wrong), RefusalCode::CodeWrong);
        }
        let sixth = unlock::finish(&codes, typed(&second, &code), at(61)).await;
        assert_eq!(refused(sixth), RefusalCode::CodeWrong, "tries are used up");
        // They were those of this request alone.
        unlock::finish(&codes, typed(&first, &code), at(61))
            .await
            .unwrap();
    })
    .unwrap();
}

#[test]
fn five_codes_an_hour_and_as_many_for_nobody() {
    on_both_engines(async |store| {
        let (house, codes, person, card) = made(store).await;
        let nobody: CardNumber = "9999999999999999".parse().unwrap();
        for named in [Named::Card(card), Named::Card(nobody)] {
            for _ in 0..5 {
                start(&codes, named.clone(), START).await;
            }
            let sixth = unlock::start(&codes, named.clone(), None, START).await;
            assert_eq!(refused(sixth), RefusalCode::TooManyCodes);
            let hour = START.plus(Span::hours(1));
            start(&codes, named, hour).await;
        }
        // By her other number she gets no further code: the count is hers, and is not told.
        start(&codes, Named::Person(person), START.plus(Span::minutes(1))).await;
        let sent = house
            .count("SELECT COUNT(*) FROM code WHERE user_id IS NOT NULL")
            .await;
        assert_eq!(sent, 6);
        let rows = house
            .count("SELECT COUNT(*) FROM outbox WHERE address = ''")
            .await;
        assert_eq!(rows, 2 * 13 - 6, "a letter to nobody for each");
    })
    .unwrap();
}

#[test]
fn of_sixty_four_attempts_at_once_one_releases_the_keys() {
    on_both_engines(async |store| {
        let (house, codes, _, card) = made(store).await;
        let id = start(&codes, Named::Card(card), START).await;
        let code = code_to(house.store(), MAIL).await.unwrap();
        let attempts = (0..64).map(|_| {
            let (codes, typed) = (codes.clone(), typed(&id, &code));
            tokio::spawn(async move { unlock::finish(&codes, typed, START).await.is_ok() })
        });
        let mut released = 0;
        for attempt in attempts.collect::<Vec<_>>() {
            released += u32::from(attempt.await.unwrap());
        }
        assert_eq!(released, 1);
        let lines = "SELECT COUNT(*) FROM audit WHERE kind = 'unblock_key_released'";
        assert_eq!(house.count(lines).await, 1);
    })
    .unwrap();
}

#[test]
fn an_expired_card_is_told_so_only_to_who_reads_the_mail() {
    on_both_engines(async |store| {
        let (house, codes, _, card) = made(store).await;
        let now = START.plus(Span::days(3 * 366));
        let id = start(&codes, Named::Card(card), now).await;
        let code = code_to(house.store(), MAIL).await.unwrap();
        let wrong = unlock::finish(&codes, typed(&id, &other_than(&code)), now).await;
        assert_eq!(refused(wrong), RefusalCode::CodeWrong);
        let right = unlock::finish(&codes, typed(&id, &code), now).await;
        assert_eq!(refused(right), RefusalCode::CertificateExpired);
    })
    .unwrap();
}

const STRONG: Proof = Proof {
    aal: Aal::Aal3,
    authenticated_at: START,
};

#[test]
fn a_changed_address_waits_and_the_old_one_is_told_meanwhile() {
    on_both_engines(async |store| {
        let (house, codes, person, card) = made(store).await;
        let new = NewAddress::parse("mail", "thief@evil.example").unwrap();
        let weak = Proof {
            aal: Aal::Aal2,
            authenticated_at: START.minus(Span::minutes(21)),
        };
        let stale = change_contact::start(&codes, &person, new.clone(), weak, START).await;
        assert_eq!(refused(stale), RefusalCode::ReauthenticationNeeded);
        let id = change_contact::start(&codes, &person, new, STRONG, START)
            .await
            .unwrap();
        let code = code_to(house.store(), "thief@evil.example").await.unwrap();
        let other = house.person(2).await;
        let stolen = change_contact::confirm(&codes, &other, typed(&id, &code), STRONG, START);
        assert_eq!(refused(stolen.await), RefusalCode::CodeWrong);
        change_contact::confirm(&codes, &person, typed(&id, &code), STRONG, START)
            .await
            .unwrap();
        let old = letters_to(house.store(), MAIL).await;
        assert!(old.iter().any(|letter| letter.contains("contact_changed")));
        // One hour after the change nobody gets a code; 73 hours after it the new address does.
        let before = letters_to(house.store(), "thief@evil.example").await.len();
        let hour = START.plus(Span::hours(1));
        start(&codes, Named::Card(card.clone()), hour).await;
        let letters = letters_to(house.store(), "thief@evil.example").await;
        assert_eq!(letters.len(), before);
        let later = START.plus(Span::hours(73));
        let id = start(&codes, Named::Card(card), later).await;
        let code = code_to(house.store(), "thief@evil.example").await.unwrap();
        unlock::finish(&codes, typed(&id, &code), later)
            .await
            .unwrap();
        // The old address has heard its last.
        assert_eq!(letters_to(house.store(), MAIL).await.len(), old.len());
    })
    .unwrap();
}

#[test]
fn a_card_ends_by_code_and_by_the_link_of_a_notice() {
    on_both_engines(async |store| {
        let (house, codes, _, card) = made(store).await;
        let id = cancel_own::start(&codes, Named::Card(card.clone()), START)
            .await
            .unwrap();
        let code = code_to(house.store(), MAIL).await.unwrap();
        // A code for one thing is no code for another.
        let unlocking = start(&codes, Named::Card(card.clone()), START).await;
        let crossed = unlock::finish(&codes, typed(&unlocking, &code), START).await;
        assert_eq!(refused(crossed), RefusalCode::CodeWrong);
        let silent = cancel_own::by_code(&codes, typed(&id, &code), None, START).await;
        assert_eq!(refused(silent), RefusalCode::ReasonMissing);
        let lost = Some(CancelReason::Lost);
        cancel_own::by_code(&codes, typed(&id, &code), lost, START)
            .await
            .unwrap();
        assert_eq!(state(house.store(), &card).await, CardState::Cancelled);

        let person = house.person(2).await;
        let (card, _) = house.card(&person, 2, START).await;
        let id = start(&codes, Named::Card(card.clone()), START).await;
        let code = code_to(house.store(), "person2@demo.example")
            .await
            .unwrap();
        unlock::finish(&codes, typed(&id, &code), START)
            .await
            .unwrap();
        let letters = letters_to(house.store(), "person2@demo.example").await;
        let token = letters
            .iter()
            .find_map(|letter| letter.split("\"cancel_token\":\"").nth(1))
            .and_then(|rest| rest.split('"').next())
            .unwrap()
            .to_owned();
        for _ in 0..2 {
            let of_link = cancel_own::of_link(house.store(), &token, START).await;
            assert_eq!(
                of_link.unwrap(),
                Some(card.clone()),
                "looking changes nothing"
            );
        }
        let over = START.plus(Span::hours(72)).plus(Span::seconds(1));
        let late = cancel_own::by_link(&codes, &token, over).await;
        assert_eq!(refused(late), RefusalCode::NotFound);
        cancel_own::by_link(&codes, &token, START).await.unwrap();
        assert_eq!(state(house.store(), &card).await, CardState::Cancelled);
        let twice = cancel_own::by_link(&codes, &token, START).await;
        assert_eq!(refused(twice), RefusalCode::NotFound);
    })
    .unwrap();
}

#[test]
fn a_report_of_misuse_cancels_nothing_and_makes_the_card_wait() {
    on_both_engines(async |store| {
        let (house, codes, person, card) = made(store).await;
        house
            .store()
            .write("test.report", Key::none(), move |tx| {
                let person = person.clone();
                Box::pin(async move { cancel_own::report(tx, &person, START).await })
            })
            .await
            .unwrap();
        assert_eq!(state(house.store(), &card).await, CardState::Locked);
        let told = letters_to(house.store(), MAIL).await;
        assert!(told.iter().any(|letter| letter.contains("misuse_reported")));
        let id = start(&codes, Named::Card(card.clone()), START).await;
        let code = code_to(house.store(), MAIL).await.unwrap();
        unlock::finish(&codes, typed(&id, &code), START)
            .await
            .unwrap();
        unlock::confirm(&codes, &id, START).await.unwrap();
        assert_eq!(state(house.store(), &card).await, CardState::Active);
    })
    .unwrap();
}

#[test]
fn what_was_on_record_before_becomes_a_contact() {
    on_both_engines(async |store| {
        let before = schema::MIGRATIONS
            .iter()
            .position(|migration| migration.name == "contacts")
            .unwrap();
        let old = schema::MIGRATIONS.get(..before).unwrap();
        store.migrate(schema::ROOM, old).await.unwrap();
        let user_id = new_person(1).user_id;
        store
            .write::<_, StoreError, _>("test.person", Key::none(), move |tx| {
                let user_id = user_id.clone();
                Box::pin(async move {
                    let sql = "INSERT INTO person (user_id, version, state, title, given_name, middle_names,
                        family_name, initials, display_name, email, mobile, id_assurance_level, registered_at,
                        request_hash)
                        VALUES ($1, 1, 'open', '', '', '', 'P', '', 'P', 'p@demo.example', '', 3, 5, '')";
                    tx.execute(sql, crate::params![&user_id]).await
                })
            })
            .await
            .unwrap();
        store
            .migrate(schema::ROOM, schema::MIGRATIONS)
            .await
            .unwrap();
        let house = House::new(store).await;
        let contacts = "SELECT COUNT(*) FROM contact WHERE verified_at = 5 AND channel = 'mail'";
        assert_eq!(house.count(contacts).await, 1);
        assert_eq!(house.count("SELECT COUNT(*) FROM contact").await, 1);
    })
    .unwrap();
}
