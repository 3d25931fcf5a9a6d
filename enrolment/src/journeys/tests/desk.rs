//! Asking for a card, sending it, its arrival, its replacement, its plastic; and a person who comes
//! back.

use policies::access::ActorRole;
use policies::card::{CancelReason, CardState, CertificateState, PlasticState};
use policies::ids::{CardNumber, OrgCode, UserId};
use policies::refusal::RefusalCode;
use policies::time::Span;

use super::house::{House, START, desk, first, new_person, refused};
use crate::audit::Actor;
use crate::desk::Desk;
use crate::journeys::confirm_receipt::confirm_receipt;
use crate::journeys::dispatch_card::dispatch_card;
use crate::journeys::record_plastic::record_plastic;
use crate::journeys::register_organisation::register_organisation;
use crate::journeys::register_person::register_person;
use crate::journeys::reopen_person::reopen_person;
use crate::journeys::replace_card::{Replacement, replace_card};
use crate::journeys::request_card::{CardRequest, request_card};
use crate::journeys::{DeskActor, close_person, first_card};
use crate::register::Organisation;
use crate::store::trial::on_both_engines;
use crate::store::{StoreError, cards, finding};

fn wanted(user_id: &UserId, key: Option<&str>) -> CardRequest {
    CardRequest {
        user_id: user_id.clone(),
        card: None,
        idempotency_key: key.map(|key| key.parse().unwrap()),
    }
}

async fn state(house: &House, card: &CardNumber) -> CardState {
    let card = card.clone();
    house
        .store()
        .read::<_, StoreError, _>("test.state", move |tx| {
            let card = card.clone();
            Box::pin(async move { Ok(cards::find(tx, &card).await?.unwrap().state) })
        })
        .await
        .unwrap()
}

async fn lines(house: &House, kind: &'static str) -> i64 {
    let sql: &'static str = match kind {
        "card_requested" => "SELECT COUNT(*) FROM audit WHERE kind = 'card_requested'",
        "card_dispatched" => "SELECT COUNT(*) FROM audit WHERE kind = 'card_dispatched'",
        "card_received" => "SELECT COUNT(*) FROM audit WHERE kind = 'card_received'",
        "card_cancelled" => "SELECT COUNT(*) FROM audit WHERE kind = 'card_cancelled'",
        "plastic_recorded" => "SELECT COUNT(*) FROM audit WHERE kind = 'plastic_recorded'",
        _ => "SELECT COUNT(*) FROM audit WHERE kind = 'person_reopened'",
    };
    house.count(sql).await
}

/// Her with every right, were it not for herself.
fn herself(user_id: &UserId) -> Desk {
    Desk::Known(DeskActor {
        actor: Actor::Person(user_id.clone()),
        ..desk()
    })
}

fn stranger() -> DeskActor {
    DeskActor {
        in_scope: false,
        ..desk()
    }
}

#[test]
fn a_card_is_asked_for_once_per_person_and_per_key() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let ask = async |wish, by: Desk| {
            request_card(house.store(), house.policy(), wish, by, START).await
        };
        let own = ask(wanted(&user_id, None), herself(&user_id)).await;
        assert_eq!(refused(own), RefusalCode::ActorIsSubject);
        let elsewhere = ask(wanted(&user_id, None), stranger().into()).await;
        assert_eq!(refused(elsewhere), RefusalCode::ActorOutOfScope);
        let card = ask(wanted(&user_id, Some("one")), desk().into())
            .await
            .unwrap();
        assert_eq!(state(&house, &card).await, CardState::Requested);
        let again = ask(wanted(&user_id, Some("one")), desk().into()).await;
        assert_eq!(again.unwrap(), card);
        let other = CardRequest {
            card: Some("9000000000000077".parse().unwrap()),
            ..wanted(&user_id, Some("one"))
        };
        let reused = ask(other, desk().into()).await;
        assert_eq!(refused(reused), RefusalCode::IdempotencyKeyReused);
        let second = ask(wanted(&user_id, Some("two")), desk().into()).await;
        assert_eq!(refused(second), RefusalCode::LiveCardExists);
        assert_eq!(lines(&house, "card_requested").await, 1);

        let mut starter = new_person(2);
        starter.id_assurance_level = 0;
        let number = starter.user_id.clone();
        register_person(house.store(), house.policy(), starter, &desk(), START)
            .await
            .unwrap();
        let early = ask(wanted(&number, None), desk().into()).await;
        assert_eq!(refused(early), RefusalCode::IdentityNotVerified);
        let mut unwilling = new_person(3);
        unwilling.terms_version = None;
        let number = unwilling.user_id.clone();
        register_person(house.store(), house.policy(), unwilling, &desk(), START)
            .await
            .unwrap();
        let early = ask(wanted(&number, None), desk().into()).await;
        assert_eq!(refused(early), RefusalCode::TermsNotAccepted);
    })
    .unwrap();
}

#[test]
fn a_produced_card_goes_to_an_organisation_of_its_holder_and_arrives() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let here = place(&house, "DEM01", "1 Example Road").await;
        let nowhere = place(&house, "DEM02", " ").await;
        let foreign = place(&house, "DEM03", "3 Example Road").await;
        for org_code in [&here, &nowhere] {
            join(&house, &user_id, org_code).await;
        }
        let card = request_card(
            house.store(),
            house.policy(),
            wanted(&user_id, None),
            desk(),
            START,
        )
        .await
        .unwrap();
        let send = async |to: &OrgCode, by: Desk| {
            let wish = (card.clone(), to.clone());
            dispatch_card(house.store(), house.policy(), wish, by, START).await
        };
        let receive = async |by: Desk| {
            confirm_receipt(house.store(), house.policy(), card.clone(), by, START).await
        };
        let early = send(&here, desk().into()).await;
        assert_eq!(refused(early), RefusalCode::CardNotActive);
        assert_eq!(
            refused(receive(desk().into()).await),
            RefusalCode::CardNotActive
        );
        let mut set = first(&user_id, 1, "first");
        set.card = card.clone();
        first_card::issue(&house.issuing, set, desk(), START)
            .await
            .unwrap();
        for to in [&nowhere, &foreign] {
            let answer = send(to, desk().into()).await;
            assert_eq!(refused(answer), RefusalCode::AddressNotAllowed);
        }
        assert_eq!(
            refused(send(&here, herself(&user_id)).await),
            RefusalCode::ActorIsSubject
        );
        assert_eq!(
            refused(receive(herself(&user_id)).await),
            RefusalCode::ActorIsSubject
        );
        for _ in 0..2 {
            send(&here, desk().into()).await.unwrap();
            receive(desk().into()).await.unwrap();
        }
        assert_eq!(state(&house, &card).await, CardState::Dispatched);
        assert_eq!(lines(&house, "card_dispatched").await, 1);
        assert_eq!(lines(&house, "card_received").await, 1);
    })
    .unwrap();
}

#[test]
fn a_replaced_card_ends_and_another_is_asked_for_or_neither_happens() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (card, set) = house.card(&user_id, 1, START).await;
        let replace = async |reason, new_card: Option<&CardNumber>, by: Desk| {
            let wish = Replacement {
                card: card.clone(),
                reason,
                new_card: new_card.cloned(),
                idempotency_key: Some("swap".parse().unwrap()),
            };
            replace_card(house.store(), house.policy(), wish, by, START).await
        };
        let damaged = Some(CancelReason::Damaged);
        let own = replace(damaged, None, herself(&user_id)).await;
        assert_eq!(refused(own), RefusalCode::ActorIsSubject);
        let without = replace(None, None, desk().into()).await;
        assert_eq!(refused(without), RefusalCode::ReasonMissing);
        let helpdesk = DeskActor {
            roles: vec![ActorRole::ServiceDesk],
            ..desk()
        };
        let helpdesk = replace(damaged, None, helpdesk.into()).await;
        assert_eq!(refused(helpdesk), RefusalCode::ActorRoleMissing);
        // The number is taken: nothing is cancelled either.
        let taken = replace(damaged, Some(&card), desk().into()).await;
        assert_eq!(refused(taken), RefusalCode::CardSerialReused);
        assert_eq!(state(&house, &card).await, CardState::Active);

        let new = replace(damaged, None, desk().into()).await.unwrap();
        assert_eq!(replace(damaged, None, desk().into()).await.unwrap(), new);
        assert_eq!(state(&house, &card).await, CardState::Cancelled);
        assert_eq!(state(&house, &new).await, CardState::Requested);
        let standing = house.standing(&set).await;
        assert_eq!(standing.certificate_state, CertificateState::Revoked);
        assert_eq!(lines(&house, "card_cancelled").await, 1);
        assert_eq!(lines(&house, "card_requested").await, 2);
    })
    .unwrap();
}

#[test]
fn plastic_is_cleared_once_it_is_back_and_its_card_has_ended() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (card, _) = house.card(&user_id, 1, START).await;
        let record = async |becomes, by: Desk| {
            let wish = (card.clone(), becomes);
            record_plastic(house.store(), house.policy(), wish, by, START).await
        };
        let clear = record(PlasticState::Cleared, desk().into()).await;
        assert_eq!(refused(clear), RefusalCode::CardNotReturned);
        record(PlasticState::Returned, desk().into()).await.unwrap();
        let clear = record(PlasticState::Cleared, desk().into()).await;
        assert_eq!(refused(clear), RefusalCode::CardActive);
        close_person::close_person(house.store(), house.policy(), &user_id, desk(), START)
            .await
            .unwrap();
        let own = record(PlasticState::Cleared, herself(&user_id)).await;
        assert_eq!(refused(own), RefusalCode::ActorIsSubject);
        for _ in 0..2 {
            record(PlasticState::Cleared, desk().into()).await.unwrap();
        }
        assert_eq!(lines(&house, "plastic_recorded").await, 2);
    })
    .unwrap();
}

#[test]
fn a_person_comes_back_without_card_and_roles_and_without_an_address_taken_since() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        house.card(&user_id, 1, START).await;
        close_person::close_person(house.store(), house.policy(), &user_id, desk(), START)
            .await
            .unwrap();
        let mut other = new_person(2);
        other.email = Some("person1@demo.example".to_owned());
        register_person(house.store(), house.policy(), other, &desk(), START)
            .await
            .unwrap();
        let reopen = async |by: Desk, now| {
            reopen_person(house.store(), house.policy(), user_id.clone(), by, now).await
        };
        let late = START.plus_calendar_months(24).plus(Span::seconds(1));
        let answer = reopen(desk().into(), late).await;
        assert_eq!(refused(answer), RefusalCode::IdentityRecheckNeeded);
        let own = reopen(herself(&user_id), START).await;
        assert_eq!(refused(own), RefusalCode::ActorIsSubject);
        for _ in 0..2 {
            reopen(desk().into(), START).await.unwrap();
        }
        assert_eq!(lines(&house, "person_reopened").await, 1);
        let kept = "SELECT COUNT(*) FROM person WHERE email = 'person1@demo.example'";
        assert_eq!(house.count(kept).await, 1);
        let live = "SELECT COUNT(*) FROM card WHERE state <> 'cancelled'";
        assert_eq!(house.count(live).await, 0);
    })
    .unwrap();
}

#[test]
fn people_are_found_by_the_beginnings_of_their_names_near_one_authority() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let here = place(&house, "DEM01", "1 Example Road").await;
        for (number, name) in [
            (1, "Tomasz Zielinski"),
            (2, "Ann Smith-Jones"),
            (3, "Zoe Elsewhere"),
        ] {
            let mut new = new_person(number);
            new.display_name = name.to_owned();
            new.home_ra = (number != 3).then(|| here.clone());
            register_person(house.store(), house.policy(), new, &desk(), START)
                .await
                .unwrap();
        }
        let find = async |words: &[&str]| {
            let (here, words) = (
                here.clone(),
                words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>(),
            );
            let hits = house
                .store()
                .read::<_, StoreError, _>("test.find", move |tx| {
                    let (here, words) = (here.clone(), words.clone());
                    Box::pin(async move { finding::by_name(tx, &here, &words, 10).await })
                });
            let names = hits.await.unwrap().into_iter().map(|hit| hit.display_name);
            names.collect::<Vec<_>>()
        };
        assert_eq!(find(&["ziel"]).await, ["Tomasz Zielinski"]);
        assert_eq!(find(&["jones", "ann"]).await, ["Ann Smith-Jones"]);
        assert_eq!(find(&["zoe"]).await, Vec::<String>::new());
        assert_eq!(find(&["ielinski"]).await, Vec::<String>::new());
    })
    .unwrap();
}

async fn place(house: &House, code: &str, address: &str) -> OrgCode {
    let organisation = Organisation {
        org_code: code.parse().unwrap(),
        name: format!("DEMO {code}"),
        hosted_by: None,
        desk_hours: String::new(),
        desk_contact: String::new(),
        address: address.to_owned(),
    };
    let org_code = organisation.org_code.clone();
    register_organisation(house.store(), organisation, &desk().actor, START)
        .await
        .unwrap();
    org_code
}

async fn join(house: &House, user_id: &UserId, org_code: &OrgCode) {
    let values = vec![
        format!("5559{}", &org_code.as_str()[3..]).into(),
        user_id.into(),
        org_code.into(),
    ];
    let sql =
        "INSERT INTO membership (person_orgid, user_id, org_code) VALUES ($1 || '000000', $2, $3)";
    house.execute(sql, values).await.unwrap();
}
