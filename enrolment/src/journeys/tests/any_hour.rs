//! Cancelling, reporting and changing an address without a desk.

use policies::authenticator::Standing;
use policies::card::{CancelReason, CardState};
use policies::ids::UserId;
use policies::refusal::RefusalCode;
use policies::signin::{Aal, Method};
use policies::time::{Span, Time};

use super::books;
use super::house::{House, START, new_person, refused};
use super::unlock::{MAIL, code_to, letters_to, made, start, state, typed};
use crate::codes::Named;
use crate::journeys::change_contact::{self, NewAddress, Whose};
use crate::journeys::{cancel_own, unlock};
use crate::params;
use crate::schema;
use crate::store::trial::on_both_engines;
use crate::store::{Key, StoreError};

/// Her address, in a session of that level that was proven then.
fn hers(person: &UserId, (aal, since): (Aal, Time)) -> Whose {
    let standing = Standing {
        aal,
        authenticated_at: since,
        method: Method::Totp,
        temporary: false,
    };
    Whose {
        user_id: person.clone(),
        signed_in: books::signed_in("a-session", person, standing),
    }
}

/// In a strong one.
fn strong(person: &UserId) -> Whose {
    hers(person, (Aal::Aal3, START))
}

#[test]
fn a_changed_address_waits_and_the_old_one_is_told_meanwhile() {
    on_both_engines(async |store| {
        let (house, codes, person, card) = made(store).await;
        let new = NewAddress::parse("mail", "thief@evil.example").unwrap();
        let weak = hers(&person, (Aal::Aal2, START));
        let stale = change_contact::start(&codes, weak, new.clone(), START).await;
        assert_eq!(
            refused(stale),
            RefusalCode::SessionLevelTooLow,
            "has a card"
        );
        let id = change_contact::start(&codes, strong(&person), new, START)
            .await
            .unwrap();
        let code = code_to(house.store(), "thief@evil.example").await.unwrap();
        let other = house.person(2).await;
        let stolen = change_contact::confirm(&codes, strong(&other), typed(&id, &code), START);
        assert_eq!(refused(stolen.await), RefusalCode::CodeWrong);
        change_contact::confirm(&codes, strong(&person), typed(&id, &code), START)
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
fn k2_who_had_a_key_of_aal3_changes_no_address_in_a_weaker_session() {
    on_both_engines(async |store| {
        let (house, codes, _, _) = made(store).await;
        let person = house.person(2).await;
        let new = || NewAddress::parse("mail", "new@demo.example").unwrap();
        let weak = || hers(&person, (Aal::Aal2, START));
        let before = change_contact::start(&codes, weak(), new(), START).await;
        assert!(before.is_ok(), "she comes no higher");
        // Taken away: by her, or in a session like this one.
        house
            .execute(
                "INSERT INTO authenticator (authenticator_id, user_id, method, name, state, evidence,
                                            bound_at, added_by, added_at, changed_at, version)
                 VALUES ('k', $1, 'security-key', 'A key', 'removed', 3, 3, 'desk', 1, 1, 1)",
                params![&person].to_vec(),
            )
            .await
            .unwrap();
        let after = change_contact::start(&codes, weak(), new(), START).await;
        assert_eq!(refused(after), RefusalCode::SessionLevelTooLow);
        let strong = change_contact::start(&codes, strong(&person), new(), START).await;
        assert!(strong.is_ok());
    })
    .unwrap();
}

#[test]
fn k2_a_card_on_its_way_that_such_a_session_cancelled_still_asks_for_aal3() {
    on_both_engines(async |store| {
        let (house, codes, _, _) = made(store).await;
        let person = house.person(2).await;
        house
            .execute(
                "INSERT INTO card (card_number, user_id, version, state, epoch, self_renewals,
                                   requested_at, cancelled_at, cancel_reason)
                 VALUES ('9000000000000077', $1, 1, 'cancelled', 1, 0, 1, 2, 'lost')",
                params![&person].to_vec(),
            )
            .await
            .unwrap();
        let new = NewAddress::parse("mail", "new@demo.example").unwrap();
        let weak = hers(&person, (Aal::Aal2, START));
        let refusal = change_contact::start(&codes, weak, new, START).await;
        assert_eq!(refused(refusal), RefusalCode::SessionLevelTooLow);
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
