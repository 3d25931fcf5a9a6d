//! Locking, cancelling, closing; and what ends between the two transactions of an issuance.

use ca::ledger::{Intended, Ledger as _};
use policies::card::{CancelReason, CardState, CertificateState};
use policies::ids::CardNumber;
use policies::refusal::RefusalCode;
use policies::time::Span;

use super::house::{House, START, desk, first, refused, requests};
use crate::audit::Actor;
use crate::cards::CertificateSet;
use crate::clock_mark::{self, ClockTrust};
use crate::desk::Desk;
use crate::journeys::cancel_card::{Cancellation, CancelledBy, cancel_card};
use crate::journeys::close_person::close_person;
use crate::journeys::lock::{AssistedUnlock, lock, unlock_assisted};
use crate::journeys::{DeskActor, JourneyError, first_card, self_renew};
use crate::ledger::{CardLedger, Ground, Wish};
use crate::params;
use crate::requests::Examined;
use crate::store::trial::on_both_engines;

fn lost(card: &CardNumber) -> Cancellation {
    Cancellation {
        card: card.clone(),
        reason: Some(CancelReason::Lost),
        by: CancelledBy::Holder,
    }
}

#[test]
fn a_card_is_locked_and_unlocked_at_a_desk() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (card, set) = house.card(&user_id, 1, START).await;
        for _ in 0..2 {
            lock(house.store(), &card, &Actor::System, START)
                .await
                .unwrap();
        }
        assert_eq!(house.standing(&set).await.card_state, CardState::Locked);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM audit WHERE kind = 'card_locked'")
                .await,
            1
        );
        let now = set.certificates[0].not_after;
        let wish = house.renewal(&set, "locked", now).await;
        let answer = self_renew::renew(&house.issuing, wish, now).await;
        assert_eq!(refused(answer), RefusalCode::CardLocked);
        let mut wanted = AssistedUnlock {
            card,
            by: desk().into(),
            holder_present: false,
            photo_compared: true,
        };
        let answer = unlock_assisted(house.store(), house.policy(), wanted.clone(), now).await;
        assert_eq!(refused(answer), RefusalCode::HolderNotPresent);
        wanted.holder_present = true;
        wanted.by = Desk::Known(DeskActor {
            actor: Actor::Person(user_id),
            ..desk()
        });
        let answer = unlock_assisted(house.store(), house.policy(), wanted.clone(), now).await;
        assert_eq!(refused(answer), RefusalCode::ActorIsSubject);
        wanted.by = desk().into();
        unlock_assisted(house.store(), house.policy(), wanted, now)
            .await
            .unwrap();
        assert_eq!(house.standing(&set).await.card_state, CardState::Active);
    })
    .unwrap();
}

#[test]
fn cancelling_revokes_every_set_the_pending_one_too() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (card, set) = house.card(&user_id, 1, START).await;
        let now = set.certificates[0].not_after.minus(Span::days(1));
        let wish = house.renewal(&set, "one", now).await;
        let pending = self_renew::renew(&house.issuing, wish.clone(), now)
            .await
            .unwrap();
        for _ in 0..2 {
            cancel_card(house.store(), house.policy(), lost(&card), now)
                .await
                .unwrap();
        }
        for one in [&set, &pending] {
            let standing = house.standing(one).await;
            assert_eq!(standing.certificate_state, CertificateState::Revoked);
            assert_eq!(standing.card_state, CardState::Cancelled);
        }
        let reasons = "SELECT COUNT(*) FROM certificate WHERE revocation_reason = 'key_compromise'";
        assert_eq!(house.count(reasons).await, 4);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM audit WHERE kind = 'card_cancelled'")
                .await,
            1
        );
        let answer = self_renew::renew(&house.issuing, wish, now).await;
        assert_eq!(refused(answer), RefusalCode::CardCancelled);
        first_card::issue(&house.issuing, first(&user_id, 2, "second"), &desk(), now)
            .await
            .unwrap();
    })
    .unwrap();
}

#[test]
fn a_closed_person_has_no_card_and_no_role() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (_, set) = house.card(&user_id, 1, START).await;
        let by = house.person(3).await;
        house
            .execute(
                "INSERT INTO authenticator_invitation (invitation_id, user_id, kind, secret_hash,
                                                       invited_by, invited_at, expires_at)
                 VALUES ('i', $1, 'lasting', $2, $4, $3, $3 + 900)",
                params![&user_id, [7_u8; 32].as_slice(), START, &by].to_vec(),
            )
            .await
            .unwrap();
        for _ in 0..2 {
            close_person(house.store(), house.policy(), &user_id, desk(), START)
                .await
                .unwrap();
        }
        let standing = house.standing(&set).await;
        assert!(!standing.person_open);
        assert_eq!(standing.certificate_state, CertificateState::Revoked);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM audit WHERE kind = 'person_closed'")
                .await,
            1
        );
        // A link of a desk is none for whoever comes back within its minutes.
        let links = "SELECT COUNT(*) FROM authenticator_invitation WHERE withdrawn_at IS NOT NULL";
        assert_eq!(house.count(links).await, 1);
        let answer =
            first_card::issue(&house.issuing, first(&user_id, 2, "again"), &desk(), START).await;
        assert_eq!(refused(answer), RefusalCode::IdentityClosed);
    })
    .unwrap();
}

/// Runs transaction A of a renewal, then `between`, then signs and runs transaction B.
async fn interrupted(
    house: &House,
    set: &CertificateSet,
    between: impl AsyncFn(),
) -> Result<CertificateSet, JourneyError> {
    let now = set.certificates[0].not_after;
    let wanted = house.renewal(set, "between", now).await;
    let presented = wanted.presented.clone();
    let keys = Examined::examine(&wanted.requests, None);
    let wish = Wish {
        card: house.standing(set).await.card,
        key: wanted.idempotency_key,
        keys,
        ground: Ground::SelfRenewal {
            renewal_id: wanted.renewal_id,
            presented,
        },
    };
    let ledger = CardLedger::new(house.issuing.clone(), now);
    let Intended::ToSign { intent, reserved } = ledger.intend(wish).await? else {
        panic!("not intended")
    };
    between().await;
    let signed = reserved
        .iter()
        .map(|one| house.issuing.authority.sign(one))
        .collect::<Result<Vec<_>, _>>()?;
    ledger.record(intent, signed).await
}

#[test]
fn what_is_cancelled_between_intent_and_record_is_never_released() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (card, set) = house.card(&user_id, 1, START).await;
        let answer = interrupted(&house, &set, async || {
            cancel_card(house.store(), house.policy(), lost(&card), START)
                .await
                .unwrap();
        })
        .await;
        assert_eq!(refused(answer), RefusalCode::CardCancelled);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM certificate WHERE state = 'revoked'")
                .await,
            4
        );
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM certificate WHERE state = 'delivered'")
                .await,
            0
        );
        assert_eq!(house.count("SELECT COUNT(*) FROM renewal_slot").await, 0);
        assert_eq!(house.count("SELECT self_renewals FROM card").await, 0);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM audit WHERE kind = 'certificates_withheld'")
                .await,
            1
        );
    })
    .unwrap();
}

#[test]
fn who_is_closed_between_intent_and_record_gets_nothing() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (_, set) = house.card(&user_id, 1, START).await;
        let answer = interrupted(&house, &set, async || {
            close_person(house.store(), house.policy(), &user_id, desk(), START)
                .await
                .unwrap();
        })
        .await;
        assert_eq!(refused(answer), RefusalCode::IdentityClosed);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM certificate WHERE state = 'revoked'")
                .await,
            4
        );
    })
    .unwrap();
}

#[test]
fn a_clock_far_behind_its_mark_issues_nothing() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let (one, two) = (house.person(1).await, house.person(2).await);
        house.card(&one, 1, START).await;
        let behind = START.minus(Span::seconds(61));
        let mut wanted = first(&two, 2, "behind");
        let answer = first_card::issue(&house.issuing, wanted.clone(), &desk(), behind).await;
        assert_eq!(refused(answer), RefusalCode::ClockUntrusted);
        wanted.requests = requests(None);
        let slack = START.minus(Span::seconds(60));
        first_card::issue(&house.issuing, wanted, &desk(), slack)
            .await
            .unwrap();
    })
    .unwrap();
}

#[test]
fn the_mark_rises_no_higher_than_an_hour_above_the_sources_and_two_reset_it() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let far = START.plus(Span::days(400));
        let file = ClockTrust::FileIsTruth;
        clock_mark::raise(house.store(), far, None, file)
            .await
            .unwrap();
        assert_eq!(house.count("SELECT COUNT(*) FROM clock_mark").await, 0);
        let guarded = ClockTrust::Guarded;
        clock_mark::raise(house.store(), far, Some(START), guarded)
            .await
            .unwrap();
        clock_mark::raise(house.store(), START, None, guarded)
            .await
            .unwrap();
        let hour = START.plus(Span::hours(1)).unix();
        assert_eq!(house.count("SELECT mark FROM clock_mark").await, hour);
        let name = |text: &str| text.parse().unwrap();
        let once = clock_mark::reset(house.store(), START, [name("ada"), name("ada")]).await;
        assert_eq!(refused(once), RefusalCode::ActorIsSubject);
        clock_mark::reset(house.store(), START, [name("ada"), name("bob")])
            .await
            .unwrap();
        assert_eq!(
            house.count("SELECT mark FROM clock_mark").await,
            START.unix()
        );
    })
    .unwrap();
}
