//! The first card: issued once, whatever is repeated and however many ask at once.

use futures_util::future::join_all;
use policies::card::{CardState, CertificateState};
use policies::refusal::RefusalCode;
use policies::time::Span;

use super::house::{House, START, activation, csr, desk, first, refused, requests};
use crate::audit::Actor;
use crate::journeys::{DeskActor, first_card};
use crate::requests::CertificateRequest;
use crate::store::trial::on_both_engines;

#[test]
fn a_first_card_is_issued_and_put_to_use() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let wanted = first(&user_id, 1, "first");
        let issued = first_card::issue(&house.issuing, wanted.clone(), &desk(), START)
            .await
            .unwrap();
        assert_eq!(issued.state, CertificateState::Delivered);
        assert_eq!(issued.certificates.len(), 2);
        let standing = house.standing(&issued).await;
        assert_eq!(standing.card_state, CardState::Produced);
        assert_eq!(standing.not_before, START);
        assert_eq!(
            standing.not_after,
            START.plus_calendar_months(36).minus(Span::seconds(1))
        );
        let start = activation(&wanted.card, START);
        let current = first_card::activate(house.store(), house.policy(), start, START)
            .await
            .unwrap();
        assert_eq!(current.set_id, issued.set_id);
        assert_eq!(current.state, CertificateState::Active);
        assert_eq!(house.standing(&current).await.card_state, CardState::Active);
        let kinds =
            "SELECT COUNT(*) FROM audit WHERE kind IN ('card_requested', 'certificates_intended',
                     'certificates_issued', 'card_activated', 'certificates_confirmed')";
        assert_eq!(house.count(kinds).await, 5);
    })
    .unwrap();
}

#[test]
fn the_same_wish_gets_the_same_set_and_another_one_a_conflict() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let wanted = first(&user_id, 1, "first");
        let issued = first_card::issue(&house.issuing, wanted.clone(), &desk(), START)
            .await
            .unwrap();
        let again = first_card::issue(&house.issuing, wanted.clone(), &desk(), START)
            .await
            .unwrap();
        assert_eq!(issued, again);
        let mut same_keys = wanted.clone();
        same_keys.idempotency_key = "another".parse().unwrap();
        let again = first_card::issue(&house.issuing, same_keys, &desk(), START)
            .await
            .unwrap();
        assert_eq!(issued, again);
        let mut for_somebody_else = wanted.clone();
        for_somebody_else.user_id = house.person(2).await;
        let answer = first_card::issue(&house.issuing, for_somebody_else, &desk(), START).await;
        assert_eq!(refused(answer), RefusalCode::IdempotencyKeyReused);
        let mut other_keys = wanted.clone();
        other_keys.requests = requests(None);
        let answer = first_card::issue(&house.issuing, other_keys, &desk(), START).await;
        assert_eq!(refused(answer), RefusalCode::IdempotencyKeyReused);
        let answer =
            first_card::issue(&house.issuing, first(&user_id, 2, "second"), &desk(), START).await;
        assert_eq!(refused(answer), RefusalCode::LiveCardExists);
        assert_eq!(house.count("SELECT COUNT(*) FROM certificate").await, 2);
    })
    .unwrap();
}

#[test]
fn sixty_four_repeats_at_once_make_one_set() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let wanted = first(&user_id, 1, "first");
        let by = desk();
        let issues = (0..64).map(|_| first_card::issue(&house.issuing, wanted.clone(), &by, START));
        let answers: Vec<_> = join_all(issues)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert!(answers.iter().all(|set| *set == answers[0]));
        assert_eq!(house.count("SELECT COUNT(*) FROM certificate").await, 2);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM audit WHERE kind = 'certificates_issued'")
                .await,
            1
        );
    })
    .unwrap();
}

#[test]
fn sixty_four_wishes_for_one_person_make_one_card() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let by = desk();
        let wishes = (0..64).map(|number| {
            let wanted = first(&user_id, number, "first");
            first_card::issue(&house.issuing, wanted, &by, START)
        });
        let (issued, others): (Vec<_>, Vec<_>) =
            join_all(wishes).await.into_iter().partition(Result::is_ok);
        assert_eq!(issued.len(), 1);
        for answer in others {
            assert_eq!(refused(answer), RefusalCode::LiveCardExists);
        }
        assert_eq!(house.count("SELECT COUNT(*) FROM card").await, 1);
        assert_eq!(house.count("SELECT COUNT(*) FROM certificate").await, 2);
    })
    .unwrap();
}

#[test]
fn keys_and_actors_that_will_not_do_are_refused() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let mut equal = first(&user_id, 1, "equal");
        equal.requests[1].csr = equal.requests[0].csr.clone();
        let answer = first_card::issue(&house.issuing, equal, &desk(), START).await;
        assert_eq!(refused(answer), RefusalCode::KeyNotAcceptable);
        let mut forged = first(&user_id, 1, "forged");
        let last = forged.requests[0].csr.len() - 1;
        forged.requests[0].csr[last] ^= 1;
        let answer = first_card::issue(&house.issuing, forged, &desk(), START).await;
        assert!(matches!(
            refused(answer),
            RefusalCode::ProofOfPossessionFailed | RefusalCode::KeyNotAcceptable
        ));
        let mut half = first(&user_id, 1, "half");
        half.requests.pop();
        let answer = first_card::issue(&house.issuing, half, &desk(), START).await;
        assert_eq!(refused(answer), RefusalCode::KeyNotAcceptable);
        let mut without = first(&user_id, 1, "without");
        without.nonce = Some("nonce".into());
        let answer = first_card::issue(&house.issuing, without, &desk(), START).await;
        assert_eq!(refused(answer), RefusalCode::ProofOfPossessionFailed);
        let herself = DeskActor {
            actor: Actor::Person(user_id.clone()),
            ..desk()
        };
        let answer =
            first_card::issue(&house.issuing, first(&user_id, 1, "self"), &herself, START).await;
        assert_eq!(refused(answer), RefusalCode::ActorIsSubject);
        assert_eq!(house.count("SELECT COUNT(*) FROM intent").await, 0);
        assert_eq!(house.count("SELECT COUNT(*) FROM card").await, 0);
    })
    .unwrap();
}

#[test]
fn a_key_is_certified_once_whoever_holds_it() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let (one, two) = (house.person(1).await, house.person(2).await);
        let wanted = first(&one, 1, "first");
        let mut stolen = first(&two, 2, "first");
        stolen.requests = vec![
            wanted.requests[0].clone(),
            CertificateRequest {
                csr: csr(None),
                ..wanted.requests[1].clone()
            },
        ];
        first_card::issue(&house.issuing, wanted, &desk(), START)
            .await
            .unwrap();
        let answer = first_card::issue(&house.issuing, stolen, &desk(), START).await;
        assert_eq!(refused(answer), RefusalCode::KeyReused);
    })
    .unwrap();
}
