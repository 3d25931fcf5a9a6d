//! Revocation lists: what they say, when they are signed anew, and that their numbers only rise.

use std::sync::Arc;

use ca::keys::{Algorithm, FileKey, SigningKey as _};
use futures_util::future::join_all;
use policies::card::CancelReason;
use policies::refusal::RefusalCode;
use policies::time::Span;
use policies::values::Policy;

use super::house::{House, START, refused};
use crate::journeys::cancel_card::{Cancellation, CancelledBy, cancel_card};
use crate::publishing::{Shard, crl};
use crate::store::trial::on_both_engines;

/// True when the serial's octets occur in the list.
fn lists(der: &[u8], serial: &[u8]) -> bool {
    der.windows(serial.len()).any(|window| window == serial)
}

#[test]
fn a_revocation_is_on_the_next_list_of_its_shard_and_on_the_full_one() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (card, set) = house.card(&user_id, 1, START).await;
        let store = house.store();
        let serial = set.certificates[0].serial.clone();
        let octets = serial.to_bytes();
        let shard = Shard::Number(ca::publishing::Publishing::shard_of(&serial));
        for one in [shard, Shard::Full] {
            let before = crl(&house.issuing, one, START).await.unwrap();
            assert!(!lists(&before, &octets));
            assert_eq!(crl(&house.issuing, one, START).await.unwrap(), before);
        }
        let wanted = Cancellation {
            card,
            reason: Some(CancelReason::Lost),
            by: CancelledBy::Holder,
        };
        cancel_card(store, house.policy(), wanted, START)
            .await
            .unwrap();
        for one in [shard, Shard::Full] {
            assert!(lists(
                &crl(&house.issuing, one, START).await.unwrap(),
                &octets
            ));
        }
        let numbers = "SELECT COUNT(*) FROM crl WHERE number = 2";
        assert_eq!(house.count(numbers).await, 2);
    })
    .unwrap();
}

#[test]
fn a_list_is_signed_anew_after_a_day_and_leaves_the_expired_out() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        let (card, set) = house.card(&user_id, 1, START).await;
        let store = house.store();
        let wanted = Cancellation {
            card,
            reason: Some(CancelReason::Lost),
            by: CancelledBy::Holder,
        };
        cancel_card(store, house.policy(), wanted, START)
            .await
            .unwrap();
        let first = crl(&house.issuing, Shard::Full, START).await.unwrap();
        let same = START.plus(Span::days(1)).minus(Span::seconds(1));
        assert_eq!(crl(&house.issuing, Shard::Full, same).await.unwrap(), first);
        let next = START.plus(Span::days(1));
        assert_ne!(crl(&house.issuing, Shard::Full, next).await.unwrap(), first);
        let octets = set.certificates[0].serial.to_bytes();
        let just_after = set.certificates[0].not_after.plus(Span::days(8));
        assert!(lists(
            &crl(&house.issuing, Shard::Full, just_after).await.unwrap(),
            &octets
        ));
        let long_after = just_after.plus(Span::days(2));
        assert!(!lists(
            &crl(&house.issuing, Shard::Full, long_after).await.unwrap(),
            &octets
        ));
    })
    .unwrap();
}

#[test]
fn many_who_ask_at_once_get_good_lists_and_numbers_only_rise() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let asked = (0..16).map(|_| crl(&house.issuing, Shard::Number(5), START));
        for answer in join_all(asked).await {
            answer.unwrap();
        }
        let rises = "SELECT COUNT(*) FROM crl_head JOIN crl ON crl.issuer = crl_head.issuer
                     AND crl.shard = crl_head.shard WHERE crl.number <= crl_head.last_number";
        assert_eq!(house.count(rises).await, 1);
        let answer = crl(&house.issuing, Shard::Number(128), START).await;
        assert_eq!(refused(answer), RefusalCode::NotFound);
    })
    .unwrap();
}

#[test]
fn a_clock_far_behind_gets_the_kept_list_and_signs_none() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        house.card(&user_id, 1, START).await;
        let behind = START.minus(Span::seconds(61));
        let answer = crl(&house.issuing, Shard::Full, behind).await;
        assert_eq!(refused(answer), RefusalCode::ClockUntrusted);
    })
    .unwrap();
}

#[test]
fn how_far_behind_is_too_far_is_a_value_of_the_policy() {
    on_both_engines(async |store| {
        let mut house = House::new(store).await;
        let user_id = house.person(1).await;
        house.card(&user_id, 1, START).await;
        let text = include_str!("../../../../policies/policy.toml");
        let wider = text.replace("step_back_seconds = 60", "step_back_seconds = 120");
        house.issuing.policy = Arc::new(Policy::parse(&wider).unwrap());
        let behind = |seconds| START.minus(Span::seconds(seconds));
        crl(&house.issuing, Shard::Full, behind(120)).await.unwrap();
        let answer = crl(&house.issuing, Shard::Number(1), behind(121)).await;
        assert_eq!(refused(answer), RefusalCode::ClockUntrusted);
    })
    .unwrap();
}

/// One key in 256 has an identifier that begins with a zero octet. It is a name, not a number: the
/// list of such an issuer follows a cancellation like any other.
#[test]
fn a_list_whose_issuer_begins_with_a_zero_follows_a_cancellation() {
    on_both_engines(async |store| {
        let key = loop {
            let key = FileKey::generate(Algorithm::P256).unwrap();
            // The last 65 octets of the public half are the point (RFC 5480 2.2; RFC 7093 2).
            let spki = key.spki_der();
            if ring::digest::digest(&ring::digest::SHA256, &spki[spki.len() - 65..]).as_ref()[0]
                == 0
            {
                break key;
            }
        };
        let house = House::with_key(store, Arc::new(key)).await;
        assert!(house.issuer().starts_with("00"));
        let user_id = house.person(1).await;
        let (card, _) = house.card(&user_id, 1, START).await;
        let wanted = Cancellation {
            card,
            reason: Some(CancelReason::Lost),
            by: CancelledBy::Holder,
        };
        cancel_card(house.store(), house.policy(), wanted, START)
            .await
            .unwrap();
        let unknown = "SELECT COUNT(*) FROM certificate WHERE revoked_at IS NOT NULL AND NOT EXISTS
                       (SELECT 1 FROM crl_head WHERE crl_head.issuer = certificate.issuer
                        AND crl_head.shard = certificate.shard)";
        assert_eq!(house.count(unknown).await, 0);
    })
    .unwrap();
}
