//! One-time codes, and unlocking by them.

use std::sync::Arc;

use policies::card::CardState;
use policies::ids::{CardNumber, UserId};
use policies::refusal::RefusalCode;
use policies::time::{Span, Time};
use ring::rand::SystemRandom;
use zeroize::Zeroizing;

use super::house::{House, START, refused};
use crate::audit::Actor;
use crate::clock_mark::ClockTrust;
use crate::codes::{CodeHouse, Named, Typed};
use crate::journeys::{lock, unlock};
use crate::notices::Letter;
use crate::store::trial::on_both_engines;
use crate::store::{Store, StoreError, cards};
use crate::vault::Vault;

const KEY: &[u8] = b"a transport key of thirty-two b.";

pub(super) async fn made(store: Store) -> (House, CodeHouse, UserId, CardNumber) {
    let house = House::new(store).await;
    let codes = CodeHouse {
        store: house.store().clone(),
        vault: Arc::new(Vault::from_bytes(&[7; 32]).unwrap()),
        policy: house.policy().clone(),
        chance: SystemRandom::new(),
        clock: ClockTrust::Guarded,
    };
    let person = house.person(1).await;
    let (card, _) = house.card(&person, 1, START).await;
    (house, codes, person, card)
}

/// The newest code that went out to this address, if any.
pub(super) async fn code_to(store: &Store, address: &'static str) -> Option<String> {
    let contents = letters_to(store, address).await;
    contents
        .iter()
        .rev()
        .find_map(|content| match Letter::read(content) {
            Some(Letter::Code { code, .. }) => Some(code),
            _ => None,
        })
}

pub(super) async fn letters_to(store: &Store, address: &'static str) -> Vec<String> {
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

pub(super) async fn state(store: &Store, card: &CardNumber) -> CardState {
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

pub(super) fn typed(id: &str, code: &str) -> Typed {
    Typed {
        request_id: id.to_owned(),
        code: Zeroizing::new(code.to_owned()),
    }
}

fn other_than(code: &str) -> String {
    let first = if code.starts_with('0') { '1' } else { '0' };
    format!("{first}{}", code.get(1..).unwrap())
}

pub(super) async fn start(codes: &CodeHouse, named: Named, now: Time) -> String {
    unlock::start(codes, named, Some(KEY.to_vec()), now)
        .await
        .unwrap()
}

pub(super) const MAIL: &str = "person1@demo.example";

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
