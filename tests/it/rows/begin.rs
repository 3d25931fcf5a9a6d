//! T1 to T4: a card is asked for, produced, sent, and put to use by its holder.

use reqwest::StatusCode;
use serde_json::json;

use super::{refusal_at_sign_in, status};
use crate::support::desk::{
    Produced, number, on_card, production, request, seen, start_activation, stranger, user_id,
};
use crate::support::letters::{address, code_to, letters};
use crate::support::soft::{Api, Keys};
use crate::support::{Matron, Options};

#[tokio::test]
async fn t1_a_card_is_asked_for_once_and_each_guard_speaks() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    for (alias, code) in [
        ("ben", "identity_not_verified"),
        ("nina", "identity_closed"),
        ("noah", "live_card_exists"),
        ("ruth", "actor_is_subject"),
    ] {
        let refused = request(&ruth, &user_id(&matron, alias), "a").await;
        assert_eq!(refused.code(), code, "{alias}");
    }
    let hidden = request(&ruth, &user_id(&matron, "wren"), "a").await;
    assert_eq!(
        (hidden.status, hidden.code()),
        (StatusCode::NOT_FOUND, "not_found".to_owned())
    );
    assert_eq!(matron.audit_lines("act_refused", "actor_out_of_scope"), 1);
    let ivan = Api::of(&matron, "ivan").await;
    let refused = request(&ivan, &user_id(&matron, "grace"), "a").await;
    assert_eq!(refused.code(), "actor_role_missing");

    let asked = request(&ruth, &user_id(&matron, "grace"), "a").await.good();
    let card = asked.text("card_number");
    let again = request(&ruth, &user_id(&matron, "grace"), "a").await.good();
    assert_eq!(again.text("card_number"), card, "the same wish");
    let other = request(&ruth, &user_id(&matron, "grace"), "b").await;
    assert_eq!(other.code(), "live_card_exists");
    let seen = ruth.get(&format!("/api/v1/desk/cards/{card}")).await.good();
    assert_eq!(seen.text("state"), "requested");
    assert_eq!(matron.audit_lines("card_requested", &card), 1);
}

#[tokio::test]
async fn t2_a_card_is_produced_with_a_pending_set_and_signs_nobody_in() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let asked = request(&ruth, &user_id(&matron, "grace"), "a").await.good();
    let card = asked.text("card_number");
    let produce = "/api/v1/desk/works/produce";

    // One key for both purposes; a request that somebody else's key signed; another nonce; a key that is known.
    let (keys, body) = production(&ruth, &card).await;
    let mut twice = body.clone();
    twice["csrs"][1]["pem"] = body["csrs"][0]["pem"].clone();
    let refused = ruth.post(produce, &twice).await;
    assert_eq!(
        (refused.status, refused.code()),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            "key_not_acceptable".to_owned()
        )
    );
    let mut elsewhere = body.clone();
    elsewhere["csrs"] = keys.csrs("another nonce");
    let refused = ruth.post(produce, &elsewhere).await;
    assert_eq!(refused.code(), "proof_of_possession_failed");

    let done = ruth.post(produce, &body).await.good();
    assert_eq!(done.text("state"), "pending");
    let seen = ruth.get(&format!("/api/v1/desk/cards/{card}")).await.good();
    assert_eq!(
        (seen.text("state"), &seen.body["self_renewals_used"]),
        ("produced".to_owned(), &json!(0))
    );
    let certificate = done.body["certificates"][0]["pem"].as_str().expect("PEM");
    let pem = format!("{certificate}{}", keys.authentication.serialize_pem());
    assert_eq!(
        refusal_at_sign_in(&matron, pem).await.as_deref(),
        Some("card_not_active"),
        "nobody signs in with a card that its holder has not made hers"
    );
    // The keys of one card are no keys of another.
    let omar = on_card(
        &ruth,
        "replace",
        &number(&matron, "omar"),
        json!({ "reason": "damaged", "idempotency_key": "k" }),
    )
    .await;
    let other = omar.good().text("card_number");
    let begun = json!({ "card_number": other, "kind": "issue" });
    let begun = ruth.post("/api/v1/desk/works", &begun).await.good();
    let csrs = keys.csrs(&begun.text("nonce"));
    let body = json!({ "work_id": begun.text("work_id"), "csrs": csrs });
    assert_eq!(ruth.post(produce, &body).await.code(), "key_reused");
}

#[tokio::test]
async fn t2_the_nonce_of_a_work_lives_ten_minutes() {
    let matron = super::at("2028-03-01T09:00:00Z");
    let ruth = Api::of(&matron, "ruth").await;
    let asked = request(&ruth, &user_id(&matron, "grace"), "a").await.good();
    let (_, body) = production(&ruth, &asked.text("card_number")).await;
    matron.set_clock("2028-03-01T09:10:01Z");
    let ruth = Api::of(&matron, "ruth").await;
    let late = ruth.post("/api/v1/desk/works/produce", &body).await;
    assert_eq!(late.code(), "proof_of_possession_failed");
    matron.set_clock("2028-03-01T09:10:00Z");
    let ruth = Api::of(&matron, "ruth").await;
    ruth.post("/api/v1/desk/works/produce", &body).await.good();
}

#[tokio::test]
async fn t3_a_produced_card_is_sent_to_an_organisation_of_its_holder() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let asked = request(&ruth, &user_id(&matron, "grace"), "first").await;
    let card = asked.good().text("card_number");
    let send = async |to: &str| on_card(&ruth, "dispatch", &card, json!({ "org_code": to })).await;
    assert_eq!(send("DEM01").await.code(), "card_not_active");
    Produced::with(&ruth, card.clone()).await;
    assert_eq!(send("DEM40").await.code(), "address_not_allowed");
    for _ in 0..2 {
        assert_eq!(send("DEM01").await.good().text("state"), "dispatched");
    }
    assert_eq!(matron.audit_lines("card_dispatched", &card), 1);
}

#[tokio::test]
async fn t4_the_holder_puts_her_card_to_use_and_each_guard_speaks() {
    let matron = super::at("2028-03-01T09:00:00Z");
    let ruth = Api::of(&matron, "ruth").await;
    let mail = address(&matron, "grace");
    let new = Produced::of(&matron, &ruth, "grace").await;
    let finish =
        async |body: &serde_json::Value| stranger(&matron, "/activations/finish", body).await;
    // Before its arrival is on record there is no code for it, and the answer does not say so.
    let before = letters(&matron, &mail).len();
    start_activation(&matron, &new.card).await.good();
    assert_eq!(letters(&matron, &mail).len(), before);
    on_card(&ruth, "receipt", &new.card, json!({})).await.good();

    let begun = start_activation(&matron, &new.card).await.good();
    let code = code_to(&matron, &mail);
    let body = new.activation(&begun, &code);
    let mut wrong = body.clone();
    wrong["code"] = json!("0000 0000");
    let refused = finish(&wrong).await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "code_wrong".to_owned())
    );
    let other = Produced {
        keys: Keys::fresh(),
        card: new.card.clone(),
        done: begun.clone(),
    };
    let refused = finish(&other.activation(&begun, &code)).await;
    assert_eq!(refused.code(), "proof_of_possession_failed", "not the card");
    let mut silent = body.clone();
    silent["receipt_confirmed"] = json!(false);
    assert_eq!(finish(&silent).await.code(), "receipt_not_confirmed");
    let mut old = body.clone();
    old["terms_version"] = json!("another");
    assert_eq!(finish(&old).await.code(), "terms_not_accepted");
    matron.set_clock("2028-03-01T09:15:01Z");
    assert_eq!(finish(&body).await.code(), "code_expired");

    matron.set_clock("2028-03-01T09:15:00Z");
    assert_eq!(
        finish(&body).await.code(),
        "code_wrong",
        "five tries are up"
    );
    let begun = start_activation(&matron, &new.card).await.good();
    let body = new.activation(&begun, &code_to(&matron, &mail));
    matron.set_clock("2028-03-01T09:30:00Z");
    let done = finish(&body).await.good();
    assert_eq!(
        (done.text("card_number"), done.text("state")),
        (new.card.clone(), "active".to_owned())
    );
    assert_eq!(finish(&body).await.code(), "code_wrong", "once");
    let card = new.in_reader(&matron);
    let now = status(&card).await;
    assert_eq!(now["self_renewals_left"], json!(2), "{now}");
    assert_eq!(matron.audit_lines("card_activated", &new.card), 1);
    let told = letters(&matron, &mail);
    let ready = told
        .iter()
        .filter(|it| it.contains("Your smartcard is ready"));
    assert_eq!(ready.count(), 1, "{told:#?}");
}

#[tokio::test]
async fn t4_whoever_names_a_card_that_waits_for_nothing_is_told_nothing() {
    let matron = Matron::start(Options::default());
    let begun = start_activation(&matron, &number(&matron, "noah")).await;
    let unknown = start_activation(&matron, "9999999999999999").await;
    let shape = |said: &crate::support::soft::Said| {
        let members = said.body.as_object().expect("members");
        let names: Vec<String> = members.keys().cloned().collect();
        (said.status, names, said.text("nonce").len())
    };
    assert_eq!(shape(&begun), shape(&unknown));
    assert!(letters(&matron, &address(&matron, "noah")).is_empty());
    // A desk cannot do it for her: unlocking is for cards that were in use.
    let ruth = Api::of(&matron, "ruth").await;
    let new = Produced::of(&matron, &ruth, "grace").await;
    let refused = on_card(&ruth, "unlock", &new.card, seen()).await;
    assert_eq!(refused.code(), "card_not_active");
}
