//! T9, T13 to T14: the holder renews by herself, confirms, begins again, gives up.

use reqwest::StatusCode;
use serde_json::json;

use super::{refusal_at_sign_in, status, used};
use crate::support::desk::{number, on_card};
use crate::support::soft::{Api, Card, Keys, csr};
use crate::support::{Matron, Options};

const RENEW: &str = "/api/v1/renewals/renew";
const DAY: i64 = 86_400;

#[tokio::test]
async fn t9_the_guards_of_self_renewal_speak_each_to_its_own_card() {
    let matron = Matron::shared();
    for (alias, status, code) in [
        ("nina", StatusCode::CONFLICT, "identity_closed"),
        ("grace", StatusCode::CONFLICT, "card_cancelled"),
        ("luca", StatusCode::CONFLICT, "card_locked"),
        ("tomasz", StatusCode::CONFLICT, "certificate_expired"),
        ("leila", StatusCode::CONFLICT, "renewal_window_not_open"),
        ("mei", StatusCode::CONFLICT, "self_renewal_limit_reached"),
    ] {
        let refused = Card::of(matron, alias).renew().await.1;
        assert_eq!(refused.code(), code, "{alias}");
        assert_eq!(refused.status, status, "{alias}: {refused:?}");
    }
}

#[tokio::test]
async fn t9_the_guards_of_the_keys_speak_and_the_count_rises_by_one() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "noah");
    let begun = card.post("/api/v1/renewals", &json!({})).await.good();
    let (id, nonce, keys) = (begun.text("renewal_id"), begun.text("nonce"), Keys::fresh());
    let body = json!({ "renewal_id": id, "csrs": keys.csrs(&nonce), "idempotency_key": "a-wish" });
    // The requests are those of two keys, each its own; the nonce is this renewal's; the bytes are what was signed.
    let mut twice = body.clone();
    twice["csrs"][1]["pem"] = body["csrs"][0]["pem"].clone();
    let mut elsewhere = body.clone();
    elsewhere["csrs"] = keys.csrs("0123456789abcdef");
    let old = String::from_utf8(matron.file("/people/noah/card/authentication/key")).expect("PEM");
    let old = rcgen::KeyPair::from_pem(&old).expect("a key");
    let mut known = body.clone();
    known["csrs"][0]["pem"] = json!(csr(&old, &nonce));
    for (wrong, code) in [
        (twice, "key_not_acceptable"),
        (elsewhere, "proof_of_possession_failed"),
        (known, "key_reused"),
    ] {
        let refused = card.post(RENEW, &wrong).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::UNPROCESSABLE_ENTITY, code.to_owned())
        );
    }
    assert_eq!(used(&card).await, 0);
    let set = card.post(RENEW, &body).await.good();
    assert_eq!(set.text("state"), "pending");
    assert_eq!(used(&card).await, 1);
    assert_eq!(card.renew().await.1.code(), "renewal_in_progress");
    assert_eq!(used(&card).await, 1);

    // After the change the old certificate is superseded, and says so in the renewal too.
    let new = Card::renewed(&matron, &keys, &set);
    status(&new).await;
    assert_eq!(card.renew().await.1.code(), "pair_superseded");
}

#[tokio::test]
async fn t13_a_set_is_confirmed_by_its_serials_or_its_use_and_ends_the_one_before() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "noah");
    let given_up = json!({ "renewal_id": card.renew().await.1.good().text("renewal_id") });
    card.post("/api/v1/renewals/abandon", &given_up)
        .await
        .good();
    let refused = card.post("/api/v1/renewals/confirm", &given_up).await;
    assert_eq!(refused.code(), "nothing_pending");
    let (keys, set) = card.renew().await;
    let this = json!({ "renewal_id": set.clone().good().text("renewal_id") });
    let refused = card.post("/api/v1/renewals/confirm", &this).await;
    assert_eq!(refused.code(), "serial_mismatch", "the old certificate");
    let new = Card::renewed(&matron, &keys, &set);
    for _ in 0..2 {
        let done = new.post("/api/v1/renewals/confirm", &this).await.good();
        assert_eq!(done.text("state"), "active");
    }
    assert_eq!(
        matron.audit_lines("certificates_confirmed", &number(&matron, "noah")),
        2,
        "the first set of all, and this one"
    );

    // A desk that read back other serials than it was given.
    let ruth = Api::of(&matron, "ruth").await;
    let (_, done) = ruth.work(&matron, "mei", "renew").await;
    let work = done.clone().good().text("work_id");
    let body = json!({ "work_id": work, "serials": ["0a", "0b"] });
    let refused = ruth.post("/api/v1/desk/works/confirm", &body).await;
    assert_eq!(refused.code(), "serial_mismatch");
    ruth.confirm(&done).await.good();
}

#[tokio::test]
async fn t13b_lost_keys_are_replaced_by_the_same_kind_of_actor_and_cost_nothing() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "noah");
    let restart = "/api/v1/renewals/restart";
    let given_up = json!({ "renewal_id": card.renew().await.1.good().text("renewal_id") });
    card.post("/api/v1/renewals/abandon", &given_up)
        .await
        .good();
    let refused = card.post(restart, &given_up).await;
    assert_eq!(refused.code(), "nothing_pending");
    let (lost, first) = card.renew().await;
    let id = first.clone().good().text("renewal_id");
    let fresh = card.post(restart, &json!({ "renewal_id": id })).await;
    let nonce = fresh.good().text("nonce");
    let again = |keys: &Keys| json!({ "renewal_id": id, "csrs": keys.csrs(&nonce), "idempotency_key": "again" });
    let known = card.post(restart, &again(&lost)).await;
    assert_eq!(known.code(), "key_reused");
    let keys = Keys::fresh();
    let second = card.post(restart, &again(&keys)).await.good();
    assert_eq!(used(&Card::renewed(&matron, &keys, &second)).await, 1);
    let pem = first.body["certificates"][0]["pem"].as_str().expect("PEM");
    let pem = format!("{pem}{}", lost.authentication.serialize_pem());
    let refused = refusal_at_sign_in(&matron, pem).await;
    assert_eq!(refused.as_deref(), Some("certificate_revoked"));
}

#[tokio::test]
async fn t14_a_pending_set_is_given_up_by_a_desk_or_after_fourteen_days() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let (noah, hana) = (number(&matron, "noah"), number(&matron, "hana"));
    let nothing = on_card(&ruth, "abandon", &noah, json!({})).await;
    assert_eq!(nothing.code(), "nothing_pending");
    let card = Card::of(&matron, "noah");
    card.renew().await.1.good();
    on_card(&ruth, "abandon", &noah, json!({})).await.good();
    assert_eq!(used(&card).await, 0, "it was never used");

    // Fourteen days to the second, and one more.
    let card = Card::of(&matron, "hana");
    let end = crate::clock::not_after(&matron, "hana");
    super::to(&matron, end - 19 * DAY);
    let (_, set) = card.renew().await;
    let path = format!("/api/v1/renewals/{}", set.good().text("renewal_id"));
    assert_eq!(used(&card).await, 2);
    super::to(&matron, end - 5 * DAY);
    assert_eq!(card.get(&path).await.good().text("state"), "pending");
    super::to(&matron, end - 5 * DAY + 1);
    card.renew().await.1.good();
    assert_eq!(used(&card).await, 2, "given back once, and taken once");
    assert_eq!(card.get(&path).await.good().text("state"), "abandoned");
    assert!(matron.audit_lines("certificate_revoked", &user(&matron, "hana")) >= 2);
    let dina = Api::of(&matron, "dina").await;
    let refused = on_card(&dina, "abandon", &hana, json!({})).await;
    assert_eq!(refused.code(), "actor_role_missing");
}

fn user(matron: &Matron, alias: &str) -> String {
    crate::support::desk::user_id(matron, alias)
}
