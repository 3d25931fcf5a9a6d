//! The table of a card's life row by row (domain 5.4, T1 to T19), the sequences of the count (5.5) and the edge cases
//! (5.6, E1 to E47), over the API of the real program with a moving clock, on the engine of the run. `docs/law.md`
//! says which row is where, and which part of a row no request can reach.

mod begin;
mod desks;
mod edges;
mod end;
mod passcode;
mod renewing;
mod seconds;
mod sequences;

use policies::time::Time;
use serde_json::Value;

use crate::support::soft::{Api, Card, Said};
use crate::support::{Agent, App, Matron, Options, Reader};

/// A Matron whose clock stood there at its first start.
fn at(clock: &str) -> Matron {
    Matron::start(Options {
        clock: Some(clock.into()),
        ..Options::default()
    })
}

/// Moves the clock to this second.
fn to(matron: &Matron, second: i64) {
    matron.set_clock(&Time::from_unix(second).to_string());
}

/// Renews and puts the new set to use.
async fn renewed<'m>(matron: &'m Matron, card: &Card<'m>) -> Card<'m> {
    let (keys, set) = card.renew().await;
    let next = Card::renewed(matron, &keys, &set.good());
    next.get("/api/v1/my/card").await.good();
    next
}

/// A work of a desk, written to the card and read back.
async fn worked<'m>(matron: &'m Matron, desk: &Api<'m>, alias: &str, kind: &str) -> Card<'m> {
    let (keys, done) = desk.work(matron, alias, kind).await;
    let done = done.good();
    assert_eq!(desk.confirm(&done).await.good().text("state"), "active");
    Card::renewed(matron, &keys, &done)
}

/// What the card says of itself.
async fn status(card: &Card<'_>) -> Value {
    card.get("/api/v1/my/card").await.good().body
}

/// Self-renewals used, as the card says.
async fn used(card: &Card<'_>) -> i64 {
    let used = &status(card).await["self_renewals_used"];
    used.as_i64().expect("a number")
}

/// The validity of the set in this answer, Unix seconds; both certificates agree.
fn validity(set: &Said) -> (i64, i64) {
    let certificates = set.body["certificates"].as_array().expect("certificates");
    let ends: Vec<(i64, i64)> = certificates
        .iter()
        .map(|one| {
            let pem = one["pem"].as_str().expect("PEM").as_bytes();
            let (_, pem) = x509_parser::pem::parse_x509_pem(pem).expect("PEM");
            let certificate = pem.parse_x509().expect("a certificate");
            let validity = certificate.validity();
            (
                validity.not_before.timestamp(),
                validity.not_after.timestamp(),
            )
        })
        .collect();
    assert_eq!(ends.len(), 2);
    assert_eq!(ends[0], ends[1], "both share their dates exactly");
    ends[0]
}

/// What the sign-in says to this certificate and key, PEM.
async fn refusal_at_sign_in(matron: &Matron, pem: String) -> Option<String> {
    let app = App::new(matron, "ward7");
    let mut agent = Agent::new(matron, Reader::Foreign(pem.into_bytes()));
    agent.present_card(&app.url(&[])).await.refusal()
}
