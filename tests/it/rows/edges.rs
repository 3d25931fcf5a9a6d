//! Edge cases of two at once and of cards in the wrong state (E8, E10, E13, E17, E27, E36).

use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderValue};
use serde_json::json;

use super::{refusal_at_sign_in, renewed, used, validity, worked};
use crate::support::desk::{finish_unlock, number, on_card, seen, start_unlock};
use crate::support::letters::{address, code_to};
use crate::support::soft::{Api, Card, ask};
use crate::support::{Matron, Options, all, http};

const RENEW: &str = "/api/v1/renewals/renew";

#[tokio::test]
async fn e8_the_third_in_a_row_is_a_persons_and_an_administrator_is_one() {
    let matron = super::at("2028-03-01T09:00:00Z");
    let mei = Card::of(&matron, "mei");
    let refused = mei.renew().await.1;
    assert_eq!(refused.code(), "self_renewal_limit_reached");
    assert_eq!(
        (&refused.body["used"], &refused.body["limit"]),
        (&json!(2), &json!(2))
    );
    let ivan = Api::of(&matron, "ivan").await;
    let card = worked(&matron, &ivan, "mei", "renew").await;
    assert_eq!(used(&card).await, 0, "in the same second");
}

#[tokio::test]
async fn e10_of_eight_submissions_with_different_keys_one_wins_and_counts_once() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "noah");
    let mut bodies = Vec::new();
    for _ in 0..8 {
        bodies.push(card.begin().await.1);
    }
    let answers = all(bodies.iter().map(|body| card.post(RENEW, body)).collect()).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .partition(|said| said.status == StatusCode::OK);
    assert_eq!(won.len(), 1);
    for said in lost {
        assert_eq!(said.code(), "renewal_in_progress");
    }
    assert_eq!(used(&card).await, 1);
    assert_eq!(
        matron.audit_lines("\"kind\":\"certificates_issued\"", &user(&matron)),
        2,
        "the first set and this one"
    );
}

fn user(matron: &Matron) -> String {
    crate::support::desk::user_id(matron, "noah")
}

#[tokio::test]
async fn e13_whichever_comes_first_nothing_good_is_left_on_a_cancelled_card() {
    let matron = Matron::start(Options::default());
    let theo = Api::of(&matron, "theo").await;
    let lost = json!({ "reason": "lost" });
    // Cancelled between the nonce and the requests.
    let noah = Card::of(&matron, "noah");
    let (_, body) = noah.begin().await;
    let cancelled = on_card(&theo, "cancel", &number(&matron, "noah"), lost.clone()).await;
    cancelled.good();
    assert_eq!(noah.post(RENEW, &body).await.code(), "card_cancelled");
    // Renewed first: both sets end.
    let hana = Card::of(&matron, "hana");
    let (keys, set) = hana.renew().await;
    let next = Card::renewed(&matron, &keys, &set.good());
    on_card(&theo, "cancel", &number(&matron, "hana"), lost)
        .await
        .good();
    for card in [&hana, &next] {
        assert_eq!(card.get("/api/v1/my/card").await.code(), "card_cancelled");
    }
}

#[tokio::test]
async fn e17_a_superseded_certificate_shakes_hands_and_is_refused() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "noah");
    renewed(&matron, &card).await;
    let pem = [
        matron.file("/people/noah/card/authentication/certificate"),
        matron.file("/people/noah/card/authentication/key"),
    ];
    let pem = String::from_utf8(pem.concat()).expect("PEM");
    let refused = refusal_at_sign_in(&matron, pem).await;
    assert_eq!(refused.as_deref(), Some("certificate_superseded"));
}

#[tokio::test]
async fn e27_what_the_clients_clock_says_changes_nothing() {
    let matron = super::at("2028-03-01T09:00:00Z");
    let mut pem = matron.file("/people/noah/card/authentication/certificate");
    pem.extend(matron.file("/people/noah/card/authentication/key"));
    let identity = reqwest::Identity::from_pem(&pem).expect("a card");
    let client = http(&matron).identity(identity).build().expect("a client");
    let card = Card::of(&matron, "noah");
    let url = format!("{}{RENEW}", matron.card_url());
    // Ten years behind, ten years ahead: the only time of a request (RFC 9110 6.6.1) is not read.
    for date in [
        "Tue, 01 Mar 2018 09:00:00 GMT",
        "Tue, 01 Mar 2038 09:00:00 GMT",
    ] {
        let (_, body) = card.begin().await;
        let request = client
            .post(&url)
            .header(DATE, HeaderValue::from_static(date));
        let set = ask(request.json(&body)).await.good();
        let arrival: policies::time::Time = "2028-03-01T09:00:00Z".parse().expect("an instant");
        assert_eq!(validity(&set).0, arrival.unix());
        let this = json!({ "renewal_id": set.text("renewal_id") });
        card.post("/api/v1/renewals/abandon", &this).await.good();
    }
}

#[tokio::test]
async fn e36_locked_and_expired_leaves_one_way_out_and_the_refusal_says_which() {
    let matron = Matron::start(Options::default());
    let card = number(&matron, "luca");
    super::to(&matron, crate::clock::not_after(&matron, "luca") + 1);
    let id = start_unlock(&matron, &card).await.good().text("unlock_id");
    let code = code_to(&matron, &address(&matron, "luca"));
    let refused = finish_unlock(&matron, &id, &code).await;
    assert_eq!(refused.code(), "certificate_expired");
    assert_eq!(
        refused.body["helper_roles"].as_array().map(Vec::len),
        Some(3),
        "{refused:?}"
    );
    // ruth's card has ended by then; rae's has not.
    let rae = Api::of(&matron, "rae").await;
    assert_eq!(
        rae.work(&matron, "luca", "renew").await.1.code(),
        "card_locked"
    );
    let new = worked(&matron, &rae, "luca", "reissue").await;
    assert_eq!(used(&new).await, 0);
    on_card(&rae, "unlock", &card, seen()).await.good();
}
