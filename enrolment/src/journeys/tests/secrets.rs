//! A card's own secrets: given out for one open act, kept with their successors until it is confirmed.

use std::sync::Arc;

use policies::card::CardState;
use policies::refusal::RefusalCode;
use policies::time::Span;
use ring::rand::SystemRandom;

use super::house::{House, START, desk, refused};
use super::unlock::{made, state};
use crate::audit::Actor;
use crate::clock_mark::ClockTrust;
use crate::codes::CodeHouse;
use crate::journeys::lock::{AssistedUnlock, lock, release_at_desk, released_and_used};
use crate::journeys::{card_secrets, renewal, self_renew};
use crate::ledger::Presented;
use crate::store::trial::on_both_engines;
use crate::vault::Vault;

#[test]
fn a_renewal_gets_the_management_key_and_its_successor_stands_once_the_client_says_so() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let codes = CodeHouse {
            store: house.store().clone(),
            vault: Arc::new(Vault::from_bytes(&[7; 32]).unwrap()),
            policy: house.policy().clone(),
            chance: SystemRandom::new(),
            clock: ClockTrust::Guarded,
        };
        let person = house.person(1).await;
        let (_, set) = house.card(&person, 1, START).await;
        let ends = set.certificates[0].not_after;
        let early = house.renewal(&set, "early", START).await;
        let released = async |presented: &Presented, id: &str, now| {
            let this = (presented, id);
            card_secrets::for_renewal(&codes, &house.issuing, this, now).await
        };
        let answer = released(&early.presented, &early.renewal_id, START).await;
        assert_eq!(refused(answer.map(drop)), RefusalCode::RenewalWindowNotOpen);

        let now = ends.minus(Span::days(1));
        let wish = house.renewal(&set, "one", now).await;
        let id = wish.renewal_id.clone();
        let old = wish.presented.clone();
        let first = released(&old, &id, now).await.unwrap();
        assert!(first.management.current.is_none());
        let set = self_renew::renew(&house.issuing, wish, now).await.unwrap();
        let again = released(&old, &id, now).await.unwrap();
        assert_eq!(again.management.next, first.management.next);
        let new = house.presented(&set);
        renewal::confirm_if_pending(house.store(), &new, now)
            .await
            .unwrap();
        let used = released(&new, &id, now).await.unwrap();
        assert!(used.management.current.is_none(), "use alone says nothing");
        for _ in 0..2 {
            renewal::confirm(house.store(), &new, &id, now)
                .await
                .unwrap();
        }
        let later = released(&new, &id, now).await.unwrap();
        assert_eq!(
            later.management.current,
            Some(first.management.next.clone())
        );
        assert_ne!(later.management.next, first.management.next);
        let replaced = released(&old, &id, now).await;
        assert_eq!(
            refused(replaced.map(drop)),
            RefusalCode::CertificateSuperseded
        );
    })
    .unwrap();
}

#[test]
fn a_desk_gets_the_unblock_key_and_its_successor_stands_once_it_says_so() {
    on_both_engines(async |store| {
        let (house, codes, person, card) = made(store).await;
        lock(house.store(), &card, &Actor::Holder(person), START)
            .await
            .unwrap();
        let wanted = AssistedUnlock {
            card: card.clone(),
            by: desk().into(),
            holder_present: true,
            photo_compared: true,
        };
        let absent = AssistedUnlock {
            holder_present: false,
            ..wanted.clone()
        };
        let answer = release_at_desk(&codes, absent, START).await;
        assert_eq!(refused(answer.map(drop)), RefusalCode::HolderNotPresent);
        let first = release_at_desk(&codes, wanted.clone(), START)
            .await
            .unwrap();
        assert_eq!(state(house.store(), &card).await, CardState::Locked);
        let odd = (wanted.clone(), "00".to_owned());
        let odd = released_and_used(&codes, odd, START).await;
        assert_eq!(refused(odd), RefusalCode::NotFound);
        assert_eq!(state(house.store(), &card).await, CardState::Locked);
        for _ in 0..2 {
            let used = (wanted.clone(), first.unlock_id.clone());
            released_and_used(&codes, used, START).await.unwrap();
        }
        assert_eq!(state(house.store(), &card).await, CardState::Active);
        let later = release_at_desk(&codes, wanted, START).await.unwrap();
        assert_eq!(later.unblock_key, Some(first.next_unblock_key.clone()));
        assert_ne!(later.next_unblock_key, first.next_unblock_key);
    })
    .unwrap();
}
