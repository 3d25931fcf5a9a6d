//! A stop at each step: what recovery finds, and that the repeated wish ends in exactly one set.

use ca::ledger::{Intended, Ledger as _};
use policies::card::CertificateState;
use policies::refusal::RefusalCode;
use policies::time::{Span, Time};

use super::house::{House, START, desk, first, refused};
use crate::cards::CertificateSet;
use crate::journeys::first_card::{self, FirstCard};
use crate::journeys::self_renew;
use crate::ledger::{CardLedger, Ground, Wish};
use crate::recovery;
use crate::requests::Examined;
use crate::store::trial::on_both_engines;

fn wish(wanted: &FirstCard) -> Wish {
    Wish {
        card: wanted.card.clone(),
        key: wanted.idempotency_key.clone(),
        keys: Examined::examine(&wanted.requests, None),
        ground: Ground::First {
            user_id: wanted.user_id.clone(),
            by: desk().into(),
            work_id: None,
        },
    }
}

/// The state that a process leaves which stops after transaction A.
async fn stopped_after_intent(house: &House) -> FirstCard {
    let user_id = house.person(1).await;
    let wanted = first(&user_id, 1, "first");
    let ledger = CardLedger::new(house.issuing.clone(), START);
    let intended = ledger.intend(wish(&wanted)).await.unwrap();
    assert!(matches!(intended, Intended::ToSign { .. }));
    wanted
}

async fn exactly_one_set(house: &House, wanted: FirstCard) -> CertificateSet {
    let set = first_card::issue(&house.issuing, wanted, &desk(), START)
        .await
        .unwrap();
    assert_eq!(
        house
            .count("SELECT COUNT(*) FROM certificate WHERE state = 'reserved'")
            .await,
        0
    );
    assert_eq!(
        house
            .count("SELECT COUNT(*) FROM certificate WHERE state = 'delivered'")
            .await,
        2
    );
    set
}

#[test]
fn a_key_that_repeats_itself_rolls_forward() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let wanted = stopped_after_intent(&house).await;
        let recovered = recovery::at_start(&house.issuing, START).await.unwrap();
        assert_eq!(recovered.rolled_forward.len(), 1);
        assert!(recovered.burned.is_empty() && recovered.failed.is_empty());
        let set = exactly_one_set(&house, wanted).await;
        assert_eq!(set.set_id, recovered.rolled_forward[0]);
        let again = recovery::at_start(&house.issuing, START).await.unwrap();
        assert!(again.rolled_forward.is_empty() && again.burned.is_empty());
    })
    .unwrap();
}

#[test]
fn a_key_that_does_not_burns_and_the_wish_gets_new_serials() {
    on_both_engines(async |store| {
        let house = House::forgetful(store).await;
        let wanted = stopped_after_intent(&house).await;
        let answer = first_card::issue(&house.issuing, wanted.clone(), &desk(), START).await;
        assert_eq!(refused(answer), RefusalCode::Busy);
        let later = START.plus(Span::seconds(60));
        let recovered = recovery::at_start(&house.issuing, later).await.unwrap();
        assert_eq!(recovered.burned.len(), 1);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM certificate WHERE state = 'burned'")
                .await,
            2
        );
        exactly_one_set(&house, wanted).await;
        let listed =
            "SELECT COUNT(*) FROM certificate WHERE state = 'burned' AND revoked_at IS NOT NULL";
        assert_eq!(house.count(listed).await, 2);
    })
    .unwrap();
}

#[test]
fn a_stop_after_the_signature_makes_the_same_certificates() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let wanted = stopped_after_intent(&house).await;
        let ledger = CardLedger::new(house.issuing.clone(), START);
        let unfinished = ledger.unfinished().await.unwrap();
        let lost: Vec<_> = unfinished[0]
            .reserved
            .iter()
            .map(|one| house.issuing.authority.sign(one).unwrap())
            .collect();
        recovery::at_start(&house.issuing, START).await.unwrap();
        let set = exactly_one_set(&house, wanted).await;
        for (one, held) in lost.iter().zip(&set.certificates) {
            assert_eq!(one.der(), held.der);
        }
        // The process that was thought dead records as well: nothing changes.
        let again = ledger.record(set.set_id.clone(), lost).await.unwrap();
        assert_eq!(again, set);
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
fn a_stop_after_the_record_loses_only_the_answer() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let wanted = first(&user_id, 1, "first");
        let unanswered = first_card::issue(&house.issuing, wanted.clone(), &desk(), START)
            .await
            .unwrap();
        let recovered = recovery::at_start(&house.issuing, START).await.unwrap();
        assert!(recovered.rolled_forward.is_empty());
        assert_eq!(exactly_one_set(&house, wanted).await, unanswered);
    })
    .unwrap();
}

#[test]
fn while_running_only_what_is_old_is_touched() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        stopped_after_intent(&house).await;
        let soon = recovery::while_running(&house.issuing, START.plus(Span::seconds(59)))
            .await
            .unwrap();
        assert!(soon.rolled_forward.is_empty());
        let later = recovery::while_running(&house.issuing, START.plus(Span::seconds(60)))
            .await
            .unwrap();
        assert_eq!(later.rolled_forward.len(), 1);
    })
    .unwrap();
}

/// A renewal that stops after transaction A, by a key that does not repeat itself.
#[test]
fn a_burned_renewal_costs_no_slot() {
    on_both_engines(async |store| {
        let house = House::forgetful(store).await;
        let user_id = house.person(1).await;
        let (card, set) = house.card(&user_id, 1, START).await;
        let now: Time = set.certificates[0].not_after;
        let wanted = house.renewal(&set, "one", now).await;
        let wish = Wish {
            card,
            key: wanted.idempotency_key.clone(),
            keys: Examined::examine(&wanted.requests, None),
            ground: Ground::SelfRenewal {
                renewal_id: wanted.renewal_id.clone(),
                presented: wanted.presented.clone(),
            },
        };
        CardLedger::new(house.issuing.clone(), now)
            .intend(wish)
            .await
            .unwrap();
        assert_eq!(house.count("SELECT self_renewals FROM card").await, 1);
        let later = now.plus(Span::seconds(60));
        let recovered = recovery::at_start(&house.issuing, later).await.unwrap();
        assert_eq!(recovered.burned.len(), 1);
        assert_eq!(house.count("SELECT self_renewals FROM card").await, 0);
        let pending = self_renew::renew(&house.issuing, wanted, now)
            .await
            .unwrap();
        assert_eq!(pending.state, CertificateState::Delivered);
        assert_eq!(house.count("SELECT self_renewals FROM card").await, 1);
        assert_eq!(house.count("SELECT COUNT(*) FROM renewal_slot").await, 1);
    })
    .unwrap();
}
