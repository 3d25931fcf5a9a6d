//! The ticket between card listener and browser: one sign-in, one browser, once, 60 seconds
//! (contract 4.2). On both engines.

use enrolment::store::trial::on_both_engines;
use enrolment::store::{Key, Store};
use policies::time::Span;

use super::*;
use crate::store::{MIGRATIONS, ROOM};

const NOW: Time = Time::from_unix(1_900_000_000);
const TICKET: [u8; 32] = [7; 32];
const HERS: [u8; 32] = [1; 32];
const OTHER: [u8; 32] = [2; 32];

fn handle(letter: char) -> Handle {
    Handle::parse(&letter.to_string().repeat(22)).unwrap()
}

fn sign_in(letter: char) -> SignIn {
    SignIn {
        handle: handle(letter),
        request: AuthorizationRequest::for_tests("app", "https://app.example/cb", &[]),
        afresh: false,
        sid: None,
        card_ends_at: None,
        role_id: None,
    }
}

fn presentation(letter: char, browser: [u8; 32]) -> Presentation {
    Presentation {
        ticket_hash: TICKET.to_vec(),
        handle: handle(letter),
        browser_hash: browser.to_vec(),
    }
}

/// Two sign-ins of two browsers and a ticket for the first.
async fn furnish(store: &Store) {
    store
        .migrate(enrolment::schema::ROOM, enrolment::schema::MIGRATIONS)
        .await
        .unwrap();
    store.migrate(ROOM, MIGRATIONS).await.unwrap();
    store
        .write::<_, StoreError, _>("test.furnish", Key::none(), |tx| {
            Box::pin(async move {
                let ends = NOW.plus(Span::minutes(10));
                begin(tx, &sign_in('a'), &HERS, NOW, ends).await?;
                begin(tx, &sign_in('b'), &HERS, NOW, ends).await?;
                begin(tx, &sign_in('c'), &OTHER, NOW, ends).await?;
                let ticket = NewTicket {
                    hash: TICKET.to_vec(),
                    handle: handle('a'),
                    issuer: "ab".to_owned(),
                    serial: "01".parse().unwrap(),
                    handshake_at: NOW,
                };
                hand_over(tx, &ticket, NOW, NOW.plus(Span::seconds(60))).await
            })
        })
        .await
        .unwrap();
}

/// Redeems, and says why not.
async fn redeemed(
    store: &Store,
    presented: Presentation,
    now: Time,
) -> Result<Redeemed, TicketFault> {
    store
        .write::<_, StoreError, _>("test.redeem", Key::none(), move |tx| {
            let presented = presented.clone();
            Box::pin(async move {
                match redeem(tx, &presented, now).await? {
                    Some(ticket) => Ok(Ok(ticket)),
                    None => Ok(Err(why_not(tx, &presented).await?)),
                }
            })
        })
        .await
        .unwrap()
}

#[test]
fn a_ticket_serves_its_own_sign_in_in_its_own_browser_once() {
    on_both_engines(async |store| {
        furnish(&store).await;
        let other_browser = redeemed(&store, presentation('c', OTHER), NOW).await;
        assert_eq!(other_browser, Err(TicketFault::OtherBrowser));
        let stolen = redeemed(&store, presentation('a', OTHER), NOW).await;
        assert_eq!(stolen, Err(TicketFault::OtherBrowser));
        let other_sign_in = redeemed(&store, presentation('b', HERS), NOW).await;
        assert_eq!(other_sign_in, Err(TicketFault::OtherSignIn));
        let unknown = Presentation {
            ticket_hash: vec![9; 32],
            ..presentation('a', HERS)
        };
        assert_eq!(
            redeemed(&store, unknown, NOW).await,
            Err(TicketFault::Unknown)
        );

        let first = redeemed(&store, presentation('a', HERS), NOW)
            .await
            .unwrap();
        assert_eq!(first.handshake_at, NOW);
        let second = redeemed(&store, presentation('a', HERS), NOW).await;
        assert_eq!(second, Err(TicketFault::Spent));
    })
    .unwrap();
}

#[test]
fn a_ticket_lives_sixty_seconds_and_not_one_more() {
    on_both_engines(async |store| {
        furnish(&store).await;
        let late = redeemed(&store, presentation('a', HERS), NOW.plus(Span::seconds(61))).await;
        assert_eq!(late, Err(TicketFault::Late));
        let early = redeemed(&store, presentation('a', HERS), NOW.minus(Span::seconds(1))).await;
        assert_eq!(
            early,
            Err(TicketFault::Late),
            "a clock that went back serves nobody"
        );
        let last = redeemed(&store, presentation('a', HERS), NOW.plus(Span::seconds(60))).await;
        assert!(last.is_ok());
    })
    .unwrap();
}

#[test]
fn of_many_redemptions_at_once_one_wins() {
    on_both_engines(async |store| {
        furnish(&store).await;
        let tries = (0..16).map(|_| redeemed(&store, presentation('a', HERS), NOW));
        let won = futures_util::future::join_all(tries).await;
        assert_eq!(won.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    })
    .unwrap();
}

#[test]
fn a_sign_in_is_seen_by_its_browser_alone_for_ten_minutes_and_finished_once() {
    on_both_engines(async |store| {
        furnish(&store).await;
        let seen = async |browser: [u8; 32], now: Time| {
            store
                .read::<_, StoreError, _>("test.see", move |tx| {
                    Box::pin(async move { under_way(tx, &handle('a'), &browser, now).await })
                })
                .await
                .unwrap()
                .is_some()
        };
        assert!(seen(HERS, NOW.plus(Span::minutes(10))).await);
        assert!(!seen(HERS, NOW.plus(Span::seconds(601))).await);
        assert!(!seen(OTHER, NOW).await);
        let finished = async |browser: [u8; 32]| {
            store
                .write::<_, StoreError, _>("test.finish", Key::none(), move |tx| {
                    Box::pin(async move { finish(tx, &handle('a'), &browser, None, NOW).await })
                })
                .await
                .unwrap()
        };
        assert!(!finished(OTHER).await);
        assert!(finished(HERS).await);
        assert!(!finished(HERS).await);
        assert!(!seen(HERS, NOW).await);
    })
    .unwrap();
}
