//! Two processes on one database: what queues inside one process collides between two, and the
//! answers stay the same.

use std::sync::Arc;

use futures_util::future::join_all;
use policies::card::CancelReason;
use policies::refusal::RefusalCode;
use policies::time::Span;

use super::house::{House, START, desk, first, refused};
use crate::cards::CertificateSet;
use crate::journeys::cancel_card::{Cancellation, CancelledBy, cancel_card};
use crate::journeys::{JourneyError, confirm, first_card, self_renew};
use crate::publishing::{Shard, crl};
use crate::recovery;
use crate::store::Store;
use crate::store::trial::on_two_nodes;

/// The same house, with its own connection to the database and the same keys.
fn beside(house: &House, store: Store) -> House {
    let mut other = house.clone();
    other.issuing.store = store;
    other
}

fn all(answers: Vec<Result<CertificateSet, JourneyError>>) -> Vec<CertificateSet> {
    answers.into_iter().map(Result::unwrap).collect()
}

#[test]
fn the_same_wish_on_two_nodes_makes_one_set() {
    on_two_nodes(async |one, two| {
        let here = House::new(one).await;
        let there = beside(&here, two);
        let user_id = here.person(1).await;
        let (wanted, by) = (first(&user_id, 1, "first"), desk());
        let asked = [&here, &there].repeat(16);
        let issues = asked
            .iter()
            .map(|house| first_card::issue(&house.issuing, wanted.clone(), &by, START));
        let sets = all(join_all(issues).await);
        assert!(sets.iter().all(|set| *set == sets[0]));
        assert_eq!(here.count("SELECT COUNT(*) FROM certificate").await, 2);
    })
    .unwrap();
}

#[test]
fn two_nodes_grant_one_renewal_and_not_two() {
    on_two_nodes(async |one, two| {
        let here = House::new(one).await;
        let there = beside(&here, two);
        let user_id = here.person(1).await;
        let (_, set) = here.card(&user_id, 1, START).await;
        let now = set.certificates[0].not_after.minus(Span::days(61));
        let mut wishes = Vec::new();
        for (number, house) in [&here, &there].repeat(8).into_iter().enumerate() {
            let wish = house.renewal(&set, &format!("key-{number}"), now).await;
            wishes.push(self_renew::renew(&house.issuing, wish, now));
        }
        let (issued, others): (Vec<_>, Vec<_>) =
            join_all(wishes).await.into_iter().partition(Result::is_ok);
        assert_eq!(issued.len(), 1);
        for answer in others {
            assert_eq!(refused(answer), RefusalCode::RenewalInProgress);
        }
        assert_eq!(here.count("SELECT self_renewals FROM card").await, 1);
        assert_eq!(here.count("SELECT COUNT(*) FROM renewal_slot").await, 1);
    })
    .unwrap();
}

#[test]
fn a_node_that_starts_finishes_what_another_is_doing_and_both_answer_alike() {
    on_two_nodes(async |one, two| {
        let here = House::new(one).await;
        let there = Arc::new(beside(&here, two));
        let (by, mut issues) = (desk(), Vec::new());
        for number in 0..8 {
            let user_id = here.person(number).await;
            let wanted = first(&user_id, number, "first");
            issues.push(first_card::issue(&here.issuing, wanted, &by, START));
        }
        let starting = Arc::clone(&there);
        let starts = tokio::spawn(async move {
            for _ in 0..10 {
                let recovered = recovery::at_start(&starting.issuing, START).await.unwrap();
                assert!(recovered.failed.is_empty(), "{:?}", recovered.failed);
            }
        });
        let sets = all(join_all(issues).await);
        starts.await.unwrap();
        assert_eq!(sets.len(), 8);
        let lines = "SELECT COUNT(*) FROM audit WHERE kind = 'certificates_issued'";
        assert_eq!(here.count(lines).await, 8);
        let open = "SELECT COUNT(*) FROM intent WHERE state <> 'delivered'";
        assert_eq!(here.count(open).await, 0);
    })
    .unwrap();
}

#[test]
fn list_numbers_rise_over_two_nodes_and_what_is_kept_is_the_highest() {
    on_two_nodes(async |one, two| {
        let here = House::new(one).await;
        let there = beside(&here, two);
        for number in 1..=4 {
            let user_id = here.person(number).await;
            let (card, _) = here.card(&user_id, number, START).await;
            let wanted = Cancellation {
                card,
                reason: Some(CancelReason::Lost),
                by: CancelledBy::Holder,
            };
            cancel_card(here.store(), here.policy(), wanted, START)
                .await
                .unwrap();
            let asked = [&here, &there].repeat(4);
            let lists = asked
                .iter()
                .map(|house| crl(&house.issuing, Shard::Full, START));
            for list in join_all(lists).await {
                list.unwrap();
            }
        }
        let again = "SELECT COUNT(*) - COUNT(DISTINCT event::json->>'number') FROM audit WHERE kind = 'crl_signed'";
        assert_eq!(here.count(again).await, 0);
        let lower = "SELECT COUNT(*) FROM crl WHERE shard = 128
                     AND number < (SELECT MAX((event::json->>'number')::int) FROM audit WHERE kind = 'crl_signed')";
        assert_eq!(here.count(lower).await, 0);
    })
    .unwrap();
}

/// Each decides by its own clock's reading at arrival, and the other's two seconds stop nobody.
#[test]
fn e28_two_nodes_two_seconds_apart_agree_on_one_set() {
    on_two_nodes(async |one, two| {
        let behind = House::new(one).await;
        let ahead = beside(&behind, two);
        let skew = Span::seconds(2);
        let mut sets = Vec::new();
        for number in 1..=8 {
            let user_id = behind.person(number).await;
            sets.push(behind.card(&user_id, number, START).await.1);
        }
        for set in sets {
            let end = set.certificates[0].not_after;
            // In the last second of the set by the clock that is behind; over by the other one.
            let here = behind.renewal(&set, "here", end).await;
            let there = ahead.renewal(&set, "there", end).await;
            let (renewed, late) = tokio::join!(
                self_renew::renew(&behind.issuing, here, end),
                self_renew::renew(&ahead.issuing, there, end.plus(skew)),
            );
            let pending = renewed.unwrap();
            assert_eq!(pending.certificates[0].not_before, end);
            assert_eq!(refused(late), RefusalCode::CertificateExpired);
            // What one node promised the other one finishes.
            let serials = pending.certificates.iter().map(|one| one.serial.clone());
            confirm::by_serials(
                ahead.store(),
                &pending.card,
                serials.collect(),
                end.plus(skew),
            )
            .await
            .unwrap();
        }
        assert_eq!(
            behind.count("SELECT COUNT(*) FROM renewal_slot").await,
            8,
            "one each"
        );
        // The one ahead has raised the mark: the other one is within its minute, and not after it.
        let user_id = ahead.person(9).await;
        let now = START.plus(Span::days(2_000));
        ahead.card(&user_id, 9, now.plus(skew)).await;
        let other = behind.person(10).await;
        behind.card(&other, 10, now).await;
        let third = behind.person(11).await;
        let wanted = first(&third, 11, "first");
        let minute = now.plus(skew).minus(Span::seconds(61));
        let stopped = first_card::issue(&behind.issuing, wanted, &desk(), minute).await;
        assert_eq!(refused(stopped), RefusalCode::ClockUntrusted);
    })
    .unwrap();
}
