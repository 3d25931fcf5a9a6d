//! T15 to T19: a card ends, is replaced, its plastic cleared; a person leaves and comes back.

use reqwest::StatusCode;
use serde_json::json;

use super::used;
use crate::support::app::CALLBACK;
use crate::support::desk::{Produced, number, on_card, on_person, request, user_id};
use crate::support::letters::{address, letters};
use crate::support::soft::{Api, Card, Said};
use crate::support::{Agent, App, Matron, Options, http};

pub(super) fn user(matron: &Matron, alias: &str) -> String {
    user_id(matron, alias)
}

/// Whether the full revocation list holds each of these serials.
async fn revoked(matron: &Matron, serials: &[String]) -> Vec<bool> {
    let url = format!("{}/crl/full.crl", matron.text("/pki_url"));
    let client = http(matron).build().expect("a client");
    let answer = client.get(url).send().await.expect("a list");
    let list = answer.bytes().await.expect("DER");
    let (_, list) = x509_parser::parse_x509_crl(&list).expect("a list");
    let on_it: Vec<String> = list
        .iter_revoked_certificates()
        .map(|one| one.raw_serial_as_string().replace(':', ""))
        .collect();
    let bare = |serial: &str| serial.trim_start_matches('0').to_owned();
    serials
        .iter()
        .map(|serial| on_it.iter().any(|one| bare(one) == bare(serial)))
        .collect()
}

fn serials(set: &Said) -> Vec<String> {
    let certificates = set.body["certificates"].as_array().expect("certificates");
    certificates
        .iter()
        .filter_map(|one| one["serial"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn t15_cancelling_is_for_ever_and_ends_every_set_and_session_at_once() {
    let matron = Matron::start(Options::default());
    let noah = number(&matron, "noah");
    let api = Api::of(&matron, "noah").await;
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::with_card(&matron, "noah");
    agent.sign_in(&app.url(&[]), CALLBACK, 0).await;
    let card = Card::of(&matron, "noah");
    let current = card.get("/api/v1/my/card").await.good();
    let pending = card.renew().await.1.good();
    let all = [serials(&current), serials(&pending)].concat();
    assert_eq!(revoked(&matron, &all).await, vec![false; all.len()]);

    let theo = Api::of(&matron, "theo").await;
    let silent = on_card(&theo, "cancel", &noah, json!({})).await;
    assert_eq!(silent.code(), "reason_missing");
    for _ in 0..2 {
        let lost = json!({ "reason": "lost" });
        let done = on_card(&theo, "cancel", &noah, lost).await.good();
        assert_eq!(done.text("state"), "cancelled");
    }
    assert_eq!(matron.audit_lines("\"kind\":\"card_cancelled\"", &noah), 1);
    assert_eq!(revoked(&matron, &all).await, vec![true; all.len()]);
    assert_eq!(
        api.get("/api/v1/my/card").await.status,
        StatusCode::UNAUTHORIZED
    );
    let silent = agent.get(&app.url(&[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
    let told = letters(&matron, &address(&matron, "noah"));
    assert!(
        told.iter()
            .any(|it| it.contains("Your smartcard has been cancelled"))
    );
    let dina = Api::of(&matron, "dina").await;
    let hana = number(&matron, "hana");
    let refused = on_card(&dina, "cancel", &hana, json!({ "reason": "lost" })).await;
    assert_eq!(refused.code(), "actor_role_missing");
}

#[tokio::test]
async fn t15_the_holder_cancels_her_own_card_said_twice() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let once = json!({ "reason": "lost", "confirmed": true, "confirmed_again": false });
    let refused = ruth.post("/api/v1/my/card/cancel", &once).await;
    assert_ne!(refused.status, StatusCode::OK, "{refused:?}");
    let twice = json!({ "reason": "lost", "confirmed": true, "confirmed_again": true });
    ruth.post("/api/v1/my/card/cancel", &twice).await.good();
    let refused = Card::of(&matron, "ruth").get("/api/v1/my/card").await;
    assert_eq!(refused.code(), "card_cancelled");
}

#[tokio::test]
async fn t16_a_replaced_card_ends_and_the_next_one_begins_at_nought() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let mei = number(&matron, "mei");
    assert_eq!(used(&Card::of(&matron, "mei")).await, 2);
    let silent = on_card(&ruth, "replace", &mei, json!({})).await;
    assert_eq!(silent.code(), "reason_missing");
    let wish = json!({ "reason": "damaged", "idempotency_key": "k" });
    let asked = on_card(&ruth, "replace", &mei, wish).await.good();
    let old = Card::of(&matron, "mei").get("/api/v1/my/card").await;
    assert_eq!(old.code(), "card_cancelled");
    let new = Produced::with(&ruth, asked.text("card_number")).await;
    let mail = address(&matron, "mei");
    let card = new.put_to_use(&matron, &ruth, &mail).await;
    assert_eq!(used(&card).await, 0);
}

#[tokio::test]
async fn t17_plastic_is_cleared_once_it_is_back_and_its_card_has_ended() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let noah = number(&matron, "noah");
    let clear = async |more| on_card(&ruth, "clear", &noah, more).await;
    assert_eq!(clear(json!({})).await.code(), "card_not_returned");
    clear(json!({ "plastic": "returned" })).await.good();
    assert_eq!(clear(json!({})).await.code(), "card_active");
    let ended = json!({ "reason": "damaged" });
    on_card(&ruth, "cancel", &noah, ended).await.good();
    clear(json!({})).await.good();
    assert_eq!(matron.audit_lines("plastic_recorded", "cleared"), 1);
    let ivan = Api::of(&matron, "ivan").await;
    let refused = on_card(&ivan, "clear", &noah, json!({})).await;
    assert_eq!(refused.code(), "actor_role_missing");
}

#[tokio::test]
async fn t18_closing_a_person_ends_card_roles_and_sessions_and_keeps_the_number() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let amara = user(&matron, "amara");
    let hers = Api::of(&matron, "amara").await;
    let own = on_person(&ruth, "close", &user(&matron, "ruth")).await;
    assert_eq!(own.code(), "actor_is_subject");
    let hidden = on_person(&ruth, "close", &user(&matron, "wren")).await;
    assert_eq!(hidden.code(), "not_found");
    let theo = Api::of(&matron, "theo").await;
    let refused = on_person(&theo, "close", &amara).await;
    assert_eq!(refused.code(), "actor_role_missing");
    for _ in 0..2 {
        let done = on_person(&ruth, "close", &amara).await.good();
        assert_eq!(done.text("state"), "closed");
    }
    assert_eq!(
        hers.get("/api/v1/my/card").await.status,
        StatusCode::UNAUTHORIZED
    );
    let card = Card::of(&matron, "amara").get("/api/v1/my/card").await;
    assert_eq!(card.code(), "identity_closed");
    assert_eq!(matron.audit_lines("person_closed", &amara), 1);
    assert_eq!(matron.audit_lines("\"kind\":\"card_cancelled\"", &amara), 1);
    assert_eq!(matron.audit_lines("role_ended", &amara), 2, "both of hers");
    let found = ruth
        .get(&format!("/api/v1/desk/people?q={amara}"))
        .await
        .good();
    assert_eq!(found.body["people"][0]["user_id"], json!(amara));
}

#[tokio::test]
async fn t19_whoever_comes_back_has_neither_card_nor_role_until_they_are_given_anew() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let amara = user(&matron, "amara");
    on_person(&ruth, "close", &amara).await.good();
    let closed = request(&ruth, &amara, "k").await;
    assert_eq!(closed.code(), "identity_closed");
    for _ in 0..2 {
        let done = on_person(&ruth, "reopen", &amara).await.good();
        assert_eq!(done.text("state"), "open");
    }
    assert_eq!(matron.audit_lines("person_reopened", &amara), 1);
    let card = Card::of(&matron, "amara").get("/api/v1/my/card").await;
    assert_eq!(card.code(), "card_cancelled", "no card comes back");
    let new = Produced::of(&matron, &ruth, "amara").await;
    let mail = address(&matron, "amara");
    let card = new.put_to_use(&matron, &ruth, &mail).await;
    assert_eq!(used(&card).await, 0);
    let desk = crate::support::Reader::Foreign(new.pem());
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::new(&matron, desk);
    let page = agent.sign_in(&app.url(&[]), CALLBACK, 0).await;
    let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
    assert_eq!(tokens.claims()["selected_roleid"], "", "no role comes back");
}
