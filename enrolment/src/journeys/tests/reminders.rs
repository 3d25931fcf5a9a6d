//! Reminders: each once for each set, when it is due, and what becomes of those that were missed.

use std::sync::Arc;

use policies::rbac::Rbac;
use policies::time::{Span, Time};

use super::house::{House, START};
use crate::reminders::{self, Late, Reminding};
use crate::store::trial::on_both_engines;

const REMINDED: &str = "SELECT COUNT(*) FROM audit WHERE kind = 'reminded'";
const WAITING: &str = "SELECT COUNT(*) FROM outbox WHERE content LIKE '%card_ends%'";

fn reminding(house: &House, late: Late) -> Reminding {
    Reminding {
        store: house.store().clone(),
        policy: house.policy().clone(),
        rbac: Arc::new(Rbac::default_file()),
        late,
    }
}

fn before(end: Time, days: i64) -> Time {
    end.minus(Span::days(days))
}

#[test]
fn a_reminder_is_due_at_exactly_ninety_days_and_comes_once() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let person = house.person(1).await;
        let (_, set) = house.card(&person, 1, START).await;
        let end = set.certificates[0].not_after;
        let job = reminding(&house, Late::OnlyTheLatest);
        let early = before(end, 90).minus(Span::seconds(1));
        assert_eq!(reminders::run(&job, early).await.unwrap(), 0);
        assert_eq!(reminders::run(&job, before(end, 90)).await.unwrap(), 1);
        let put = house.count(WAITING).await;
        assert!(put >= 1, "{put}");
        for later in [before(end, 90), before(end, 61), early, before(end, 90)] {
            assert_eq!(reminders::run(&job, later).await.unwrap(), 0, "{later}");
        }
        assert_eq!(house.count(WAITING).await, put);
        assert_eq!(reminders::run(&job, before(end, 60)).await.unwrap(), 1);
        assert_eq!(house.count(REMINDED).await, 2);
    })
    .unwrap();
}

#[test]
fn missed_reminders_are_one_in_earnest_and_all_of_them_in_dev() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let one = house.person(1).await;
        let (_, set) = house.card(&one, 1, START).await;
        let end = set.certificates[0].not_after;
        let job = reminding(&house, Late::OnlyTheLatest);
        reminders::run(&job, START).await.unwrap();
        reminders::run(&job, before(end, 10)).await.unwrap();
        assert_eq!(house.count(REMINDED).await, 1, "the one of 14 days");
        reminders::run(&job, end.plus(Span::seconds(1)))
            .await
            .unwrap();
        assert_eq!(house.count(REMINDED).await, 1, "nothing after the end");

        let other = house.person(2).await;
        house.card(&other, 2, START.plus(Span::seconds(1))).await;
        let dev = reminding(&house, Late::All);
        reminders::run(&dev, START).await.unwrap();
        reminders::run(&dev, before(end, 10)).await.unwrap();
        assert_eq!(
            house.count(REMINDED).await,
            5,
            "90, 60, 30 and 14 of the other"
        );
    })
    .unwrap();
}

/// A whole intake whose cards end in the same second, more than fit in one transaction (domain E44).
#[test]
fn e44_everybody_due_in_one_second_is_told_and_nobody_twice() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        for number in 1..=45 {
            let person = house.person(number).await;
            house.card(&person, number, START).await;
        }
        let later = house.person(46).await;
        let (_, set) = house.card(&later, 46, START.plus(Span::seconds(1))).await;
        let first = set.certificates[0].not_after.minus(Span::seconds(1));
        let job = reminding(&house, Late::OnlyTheLatest);
        assert_eq!(reminders::run(&job, before(first, 90)).await.unwrap(), 45);
        let told = "SELECT COUNT(DISTINCT address) FROM outbox WHERE content LIKE '%card_ends%'";
        assert_eq!(house.count(told).await, 45);
        assert_eq!(house.count(WAITING).await, 45);
        assert_eq!(reminders::run(&job, before(first, 90)).await.unwrap(), 0);
        let next = before(first, 90).plus(Span::seconds(1));
        assert_eq!(reminders::run(&job, next).await.unwrap(), 1);
        assert_eq!(house.count(told).await, 46);
        assert_eq!(house.count(REMINDED).await, 46);
    })
    .unwrap();
}
