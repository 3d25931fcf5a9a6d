//! Self-renewal: in the window, twice in a row, once per wish, and nothing superseded before it is
//! confirmed.

use futures_util::future::join_all;
use policies::card::{CertificateState, KeyRole};
use policies::refusal::RefusalCode;
use policies::time::{Span, Time};

use super::house::{House, START, refused, requests};
use crate::cards::CertificateSet;
use crate::journeys::{confirm, self_renew};
use crate::store::trial::on_both_engines;

/// An instant in the window of a set.
fn in_window(set: &CertificateSet) -> Time {
    set.certificates[0].not_after.minus(Span::days(61))
}

#[test]
fn two_self_renewals_and_no_third() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (card, mut set) = house.card(&user_id, 1, START).await;
        for round in ["one", "two"] {
            let now = in_window(&set);
            let wish = house.renewal(&set, round, now).await;
            let pending = self_renew::renew(&house.issuing, wish, now).await.unwrap();
            assert_eq!(pending.state, CertificateState::Delivered);
            assert_eq!(
                house.standing(&set).await.certificate_state,
                CertificateState::Active
            );
            let serials = pending
                .certificates
                .iter()
                .map(|one| one.serial.clone())
                .collect();
            let old = set;
            set = confirm::by_serials(house.store(), &card, serials, now)
                .await
                .unwrap();
            assert_eq!(set.set_id, pending.set_id);
            assert_eq!(
                house.standing(&old).await.certificate_state,
                CertificateState::Superseded
            );
        }
        let now = in_window(&set);
        let wish = house.renewal(&set, "three", now).await;
        let answer = self_renew::renew(&house.issuing, wish, now).await;
        assert_eq!(refused(answer), RefusalCode::SelfRenewalLimitReached);
        assert_eq!(house.count("SELECT self_renewals FROM card").await, 2);
        assert_eq!(house.count("SELECT COUNT(*) FROM renewal_slot").await, 2);
    })
    .unwrap();
}

#[test]
fn the_window_and_the_standing_of_the_card_decide() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (_, set) = house.card(&user_id, 1, START).await;
        let not_after = set.certificates[0].not_after;
        let early = not_after.minus(Span::days(90)).minus(Span::seconds(1));
        let wish = house.renewal(&set, "early", early).await;
        let answer = self_renew::renew(&house.issuing, wish, early).await;
        assert_eq!(refused(answer), RefusalCode::RenewalWindowNotOpen);
        let late = not_after.plus(Span::seconds(1));
        let wish = house.renewal(&set, "late", late).await;
        let answer = self_renew::renew(&house.issuing, wish, late).await;
        assert_eq!(refused(answer), RefusalCode::CertificateExpired);
        let wish = house.renewal(&set, "last", not_after).await;
        self_renew::renew(&house.issuing, wish, not_after)
            .await
            .unwrap();
    })
    .unwrap();
}

#[test]
fn a_signature_certificate_renews_nothing() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (_, set) = house.card(&user_id, 1, START).await;
        let now = in_window(&set);
        let mut wish = house.renewal(&set, "one", now).await;
        wish.presented.serial = set.certificate(KeyRole::Signature).unwrap().serial.clone();
        let answer = self_renew::start(house.store(), &wish.presented, now).await;
        assert_eq!(refused(answer), RefusalCode::CertificateWrongPurpose);
        let answer = self_renew::renew(&house.issuing, wish, now).await;
        assert_eq!(refused(answer), RefusalCode::CertificateWrongPurpose);
        assert_eq!(house.count("SELECT COUNT(*) FROM intent").await, 1);
    })
    .unwrap();
}

#[test]
fn a_wish_is_repeated_freely_and_a_second_one_waits() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (_, set) = house.card(&user_id, 1, START).await;
        let now = in_window(&set);
        let wish = house.renewal(&set, "one", now).await;
        let pending = self_renew::renew(&house.issuing, wish.clone(), now)
            .await
            .unwrap();
        assert_eq!(
            self_renew::renew(&house.issuing, wish.clone(), now)
                .await
                .unwrap(),
            pending
        );
        let mut same_keys = wish.clone();
        same_keys.idempotency_key = "two".parse().unwrap();
        assert_eq!(
            self_renew::renew(&house.issuing, same_keys, now)
                .await
                .unwrap(),
            pending
        );
        let mut other_keys = wish;
        other_keys.requests = requests(Some("guessed"));
        assert_eq!(
            refused(self_renew::renew(&house.issuing, other_keys, now).await),
            RefusalCode::IdempotencyKeyReused
        );
        let second = house.renewal(&set, "three", now).await;
        let answer = self_renew::renew(&house.issuing, second, now).await;
        assert_eq!(refused(answer), RefusalCode::RenewalInProgress);
        assert_eq!(house.count("SELECT self_renewals FROM card").await, 1);
    })
    .unwrap();
}

#[test]
fn sixty_four_renewals_at_once_make_one_set() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (_, set) = house.card(&user_id, 1, START).await;
        let now = in_window(&set);
        let repeated = house.renewal(&set, "same", now).await;
        let mut wishes = vec![repeated; 32];
        for number in 0..32 {
            wishes.push(house.renewal(&set, &format!("other-{number}"), now).await);
        }
        let renewals = wishes
            .into_iter()
            .map(|wish| self_renew::renew(&house.issuing, wish, now));
        let (issued, others): (Vec<_>, Vec<_>) = join_all(renewals)
            .await
            .into_iter()
            .partition(Result::is_ok);
        let issued: Vec<_> = issued.into_iter().map(Result::unwrap).collect();
        assert!(!issued.is_empty() && issued.iter().all(|one| *one == issued[0]));
        for answer in others {
            assert_eq!(refused(answer), RefusalCode::RenewalInProgress);
        }
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM certificate WHERE state = 'delivered'")
                .await,
            2
        );
        assert_eq!(house.count("SELECT self_renewals FROM card").await, 1);
    })
    .unwrap();
}

#[test]
fn first_use_confirms_a_pending_set() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (_, set) = house.card(&user_id, 1, START).await;
        let now = in_window(&set);
        let wish = house.renewal(&set, "one", now).await;
        let pending = self_renew::renew(&house.issuing, wish, now).await.unwrap();
        let presented = house.presented(&pending);
        let current = house
            .store()
            .write("test.use", crate::store::Key::none(), move |tx| {
                let presented = presented.clone();
                Box::pin(async move {
                    confirm::by_use(tx, &presented.issuer, &presented.serial, now).await
                })
            })
            .await
            .unwrap();
        assert_eq!(current.set_id, pending.set_id);
        let wish = house.renewal(&set, "stale", now).await;
        let answer = self_renew::renew(&house.issuing, wish, now).await;
        assert_eq!(refused(answer), RefusalCode::PairSuperseded);
    })
    .unwrap();
}

#[test]
fn a_forgotten_pending_set_gives_its_renewal_back() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (_, set) = house.card(&user_id, 1, START).await;
        let now = in_window(&set);
        let wish = house.renewal(&set, "one", now).await;
        let forgotten = self_renew::renew(&house.issuing, wish, now).await.unwrap();
        let later = now.plus(Span::days(14)).plus(Span::seconds(1));
        let wish = house.renewal(&set, "two", later).await;
        self_renew::renew(&house.issuing, wish, later)
            .await
            .unwrap();
        assert_eq!(
            house.standing(&forgotten).await.certificate_state,
            CertificateState::Revoked
        );
        assert_eq!(house.count("SELECT self_renewals FROM card").await, 1);
        assert_eq!(house.count("SELECT COUNT(*) FROM renewal_slot").await, 1);
    })
    .unwrap();
}

#[test]
fn the_keys_of_the_current_set_are_not_renewed() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (_, set) = house.card(&user_id, 1, START).await;
        let now = in_window(&set);
        let wish = house.renewal(&set, "one", now).await;
        let mut foreign = house.renewal(&set, "two", now).await;
        foreign.requests = wish.requests.clone();
        let answer = self_renew::renew(&house.issuing, foreign, now).await;
        assert_eq!(refused(answer), RefusalCode::ProofOfPossessionFailed);
        self_renew::renew(&house.issuing, wish, now).await.unwrap();
    })
    .unwrap();
}
