//! Many at once on one card: whoever wins, what is left is one of the orders in which it could have
//! happened, and nothing good is left on a card that ended. `MATRON_ROUNDS` asks for many rounds on
//! SQLite, and a tenth of them on PostgreSQL.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use policies::card::CancelReason;
use policies::ids::CardNumber;
use policies::time::{Span, Time};
use tokio::join;

use super::house::{House, START, desk, first, requests};
use super::model::{Desks, World, asked};
use crate::cards::CertificateSet;
use crate::clock_mark::ClockTrust;
use crate::desk::{Attestation, DeskSession, WorkKind, start_work};
use crate::journeys::cancel_card::{Cancellation, CancelledBy, cancel_card};
use crate::journeys::close_person::close_person;
use crate::journeys::desk_card::{self, DeskCard};
use crate::journeys::renewal::{self, Restart};
use crate::journeys::{JourneyError, confirm, first_card, self_renew};
use crate::recovery;
use crate::store::Store;
use crate::store::trial::{on_both_engines, on_two_nodes};

type Counts = BTreeMap<String, usize>;

fn word<T>(answer: &Result<T, JourneyError>) -> String {
    match answer {
        Ok(_) => "done".to_owned(),
        Err(error) => error.refusal().map_or_else(
            || format!("broken: {error:?}"),
            |refusal| refusal.code.as_str().to_owned(),
        ),
    }
}

fn count<T>(counts: &mut Counts, who: &str, answer: &Result<T, JourneyError>) {
    *counts
        .entry(format!("{who}: {}", word(answer)))
        .or_default() += 1;
}

fn only(counts: &Counts, allowed: &[&str]) {
    for seen in counts.keys() {
        let (_, word) = seen.split_once(": ").unwrap();
        assert!(allowed.contains(&word), "{seen} in {counts:?}");
    }
}

async fn whole(house: &House) {
    for (sql, why) in [
        ("SELECT COUNT(*) FROM card WHERE self_renewals NOT BETWEEN 0 AND 2", "a count beyond two"),
        (
            "SELECT COUNT(*) FROM certificate JOIN card ON card.card_number = certificate.card_number
             WHERE certificate.state IN ('delivered', 'active') AND card.state = 'cancelled'",
            "a good certificate on a card that ended",
        ),
        (
            "SELECT COUNT(*) FROM certificate JOIN person ON person.user_id = certificate.user_id
             WHERE certificate.state IN ('delivered', 'active') AND person.state <> 'open'",
            "a good certificate of somebody who left",
        ),
        (
            "SELECT COUNT(*) FROM card WHERE self_renewals <> (SELECT COUNT(*) FROM renewal_slot
             WHERE renewal_slot.card_number = card.card_number AND renewal_slot.epoch = card.epoch)",
            "a count that is not the slots of its epoch",
        ),
    ] {
        assert_eq!(house.count(sql).await, 0, "{why}");
    }
}

async fn moving(store: Store) -> House {
    let mut house = House::new(store).await;
    // It goes back between the rounds.
    house.issuing.clock = ClockTrust::FileIsTruth;
    house
}

pub(super) fn rounds(store: &Store) -> u32 {
    let wanted = u32::try_from(asked("MATRON_ROUNDS", 4)).unwrap();
    if store.is_shared() {
        wanted.div_ceil(10).max(2)
    } else {
        wanted
    }
}

fn say(name: &str, store: &Store, rounds: u32, counts: &Counts) {
    let engine = if store.is_shared() {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    println!("{name}, {rounds} rounds on {engine}: {counts:?}");
}

fn in_window(set: &CertificateSet) -> Time {
    set.certificates[0].not_after.minus(Span::days(1))
}

fn lost(card: &CardNumber) -> Cancellation {
    Cancellation {
        card: card.clone(),
        reason: Some(CancelReason::Lost),
        by: CancelledBy::Holder,
    }
}

async fn sixty_four(houses: [&House; 2], number: u32, same_keys: bool, counts: &mut Counts) {
    let house = houses[0];
    let user_id = house.person(number).await;
    let (_, set) = house.card(&user_id, number, START).await;
    let now = in_window(&set);
    let (mut wishes, one) = (Vec::new(), house.renewal(&set, "key", now).await);
    for turn in 0..64 {
        let house = houses[turn % 2];
        let wish = if same_keys {
            one.clone()
        } else {
            house.renewal(&set, &format!("key-{turn}"), now).await
        };
        wishes.push(self_renew::renew(&house.issuing, wish, now));
    }
    let answers = join_all(wishes).await;
    for answer in &answers {
        count(
            counts,
            if same_keys { "same keys" } else { "other keys" },
            answer,
        );
    }
    let sets: Vec<_> = answers
        .into_iter()
        .filter_map(Result::ok)
        .map(|set| set.set_id)
        .collect();
    assert!(
        !sets.is_empty() && sets.iter().all(|set| *set == sets[0]),
        "more than one set: {sets:?}"
    );
    assert_eq!(sets.len(), if same_keys { 64 } else { 1 });
}

#[test]
fn e10_e11_sixty_four_renewals_of_one_card_make_one_set() {
    on_both_engines(async |store| {
        let (house, mut counts) = (moving(store).await, Counts::new());
        let rounds = rounds(house.store());
        for round in 0..rounds {
            sixty_four([&house, &house], round, round % 2 == 1, &mut counts).await;
        }
        only(&counts, &["done", "renewal_in_progress"]);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM card WHERE self_renewals <> 1")
                .await,
            0
        );
        whole(&house).await;
        say("64 renewals", house.store(), rounds, &counts);
    })
    .unwrap();
}

#[test]
fn e10_e11_sixty_four_renewals_over_two_gateways_make_one_set() {
    on_two_nodes(async |one, two| {
        let (here, mut counts) = (moving(one).await, Counts::new());
        let mut there = here.clone();
        there.issuing.store = two;
        let rounds = rounds(here.store());
        for round in 0..rounds {
            sixty_four([&here, &there], round, round % 2 == 1, &mut counts).await;
        }
        only(&counts, &["done", "renewal_in_progress"]);
        assert_eq!(
            here.count("SELECT COUNT(*) FROM card WHERE self_renewals <> 1")
                .await,
            0
        );
        whole(&here).await;
        say(
            "64 renewals over two gateways",
            here.store(),
            rounds,
            &counts,
        );
    })
    .unwrap();
}

#[test]
fn e13_cancel_against_renew_leaves_nothing_good() {
    on_both_engines(async |store| {
        let (house, mut counts) = (moving(store).await, Counts::new());
        let rounds = rounds(house.store());
        for round in 0..rounds {
            let user_id = house.person(round).await;
            let (card, set) = house.card(&user_id, round, START).await;
            let now = in_window(&set);
            let wish = house.renewal(&set, "key", now).await;
            let (renewed, cancelled) = join!(self_renew::renew(&house.issuing, wish, now), async {
                after(&house, round).await;
                cancel_card(house.store(), house.policy(), lost(&card), now).await
            });
            cancelled.unwrap();
            count(&mut counts, "renewal", &renewed);
        }
        only(&counts, &["done", "card_cancelled"]);
        whole(&house).await;
        say("cancel against renew", house.store(), rounds, &counts);
    })
    .unwrap();
}

/// Lets others go first by so many statements.
async fn after(house: &House, turns: u32) {
    for _ in 0..turns % 5 {
        tokio::task::yield_now().await;
        house.count("SELECT COUNT(*) FROM clock_mark").await;
    }
}

async fn work(
    house: &House,
    by: &DeskSession,
    card: &CardNumber,
    kind: WorkKind,
    now: Time,
) -> DeskCard {
    let wanted = (card.clone(), kind);
    let begun = start_work(house.store(), house.policy(), wanted, by.clone(), now)
        .await
        .unwrap();
    DeskCard {
        work_id: begun.work_id,
        requests: requests(Some(&begun.nonce)),
        attestation: Attestation {
            holder_present: true,
            photo_compared: true,
            ..Attestation::default()
        },
        restart: false,
        idempotency_key: None,
    }
}

#[test]
fn e14_self_and_assisted_race_first_commit_wins() {
    on_both_engines(async |store| {
        let world = World::new(store, false).await;
        let (house, manager) = (&world.house, world.session(Desks::Manager));
        let (rounds, mut counts) = (rounds(house.store()), Counts::new());
        for round in 100..100 + rounds {
            let user_id = house.person(round).await;
            let (card, set) = house.card(&user_id, round, START).await;
            let now = in_window(&set);
            let wish = house.renewal(&set, "key", now).await;
            let desk_wish = work(house, &manager, &card, WorkKind::Renew, now).await;
            let (own, assisted) = join!(
                async {
                    after(house, round).await;
                    self_renew::renew(&house.issuing, wish, now).await
                },
                desk_card::issue(
                    &house.issuing,
                    WorkKind::Renew,
                    desk_wish,
                    manager.clone(),
                    now
                )
            );
            assert!(own.is_ok() != assisted.is_ok(), "{own:?} {assisted:?}");
            count(&mut counts, "self", &own);
            count(&mut counts, "assisted", &assisted);
        }
        only(&counts, &["done", "renewal_in_progress"]);
        whole(house).await;
        say("self against assisted", house.store(), rounds, &counts);
    })
    .unwrap();
}

#[test]
fn restart_against_confirm_leaves_one_of_both() {
    on_both_engines(async |store| {
        let (house, mut counts) = (moving(store).await, Counts::new());
        let rounds = rounds(house.store());
        for round in 0..rounds {
            let user_id = house.person(round).await;
            let (card, set) = house.card(&user_id, round, START).await;
            let now = in_window(&set);
            let wish = house.renewal(&set, "key", now).await;
            let renewal_id = wish.renewal_id.clone();
            let pending = self_renew::renew(&house.issuing, wish, now).await.unwrap();
            let presented = house.presented(&set);
            let again = renewal::renonce(house.store(), &presented, &renewal_id, now)
                .await
                .unwrap();
            let restart = Restart {
                presented,
                renewal_id,
                requests: requests(again.nonce.as_deref()),
                idempotency_key: "again".parse().unwrap(),
            };
            let serials = pending
                .certificates
                .iter()
                .map(|one| one.serial.clone())
                .collect();
            let (restarted, confirmed) = join!(
                async {
                    after(&house, round).await;
                    renewal::restart(&house.issuing, restart, now).await
                },
                confirm::by_serials(house.store(), &card, serials, now)
            );
            assert!(
                restarted.is_ok() != confirmed.is_ok(),
                "{restarted:?} {confirmed:?}"
            );
            count(&mut counts, "restart", &restarted);
            count(&mut counts, "confirm", &confirmed);
        }
        only(&counts, &["done", "nothing_pending", "serial_mismatch"]);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM card WHERE self_renewals <> 1")
                .await,
            0
        );
        whole(&house).await;
        say("restart against confirm", house.store(), rounds, &counts);
    })
    .unwrap();
}

#[test]
fn confirm_by_use_against_giving_up_leaves_one_of_both() {
    on_both_engines(async |store| {
        let (house, mut counts) = (moving(store).await, Counts::new());
        let rounds = rounds(house.store());
        for round in 0..rounds {
            let user_id = house.person(round).await;
            let (_, set) = house.card(&user_id, round, START).await;
            let now = in_window(&set);
            let wish = house.renewal(&set, "key", now).await;
            let renewal_id = wish.renewal_id.clone();
            let pending = self_renew::renew(&house.issuing, wish, now).await.unwrap();
            let (old, new) = (house.presented(&set), house.presented(&pending));
            let (used, given_up) = join!(
                async {
                    after(&house, round).await;
                    renewal::confirm_if_pending(house.store(), &new, now).await
                },
                renewal::give_up(house.store(), house.policy(), &old, &renewal_id, now)
            );
            used.unwrap();
            count(&mut counts, "giving up", &given_up);
        }
        only(
            &counts,
            &["done", "certificate_superseded", "nothing_pending"],
        );
        whole(&house).await;
        say("use against giving up", house.store(), rounds, &counts);
    })
    .unwrap();
}

#[test]
fn e15_closing_a_person_against_issue_and_recovery_releases_nothing_good() {
    on_both_engines(async |store| {
        let (house, mut counts) = (moving(store).await, Counts::new());
        let rounds = rounds(house.store());
        for round in 0..rounds {
            let user_id = house.person(round).await;
            let wanted = first(&user_id, round, "first");
            let by = desk();
            let (issued, closed, recovered) = join!(
                first_card::issue(&house.issuing, wanted, &by, START),
                async {
                    after(&house, round).await;
                    close_person(house.store(), house.policy(), &user_id, &by, START).await
                },
                recovery::at_start(&house.issuing, START)
            );
            closed.unwrap();
            recovered.unwrap();
            count(&mut counts, "first card", &issued);
        }
        only(&counts, &["done", "identity_closed", "card_cancelled"]);
        whole(&house).await;
        say("closing against issuing", house.store(), rounds, &counts);
    })
    .unwrap();
}
