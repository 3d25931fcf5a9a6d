//! The cards' own secrets leave sealed, for one open work or renewal, and the next ones stand once it is confirmed.

use serde_json::{Value, json};

use crate::support::desk::{open, transport};
use crate::support::soft::{Api, Card, Keys, Said};
use crate::support::{Matron, Options};

fn number(matron: &Matron, alias: &str) -> String {
    let number = &matron.dev["people"][alias]["card"]["number"];
    number.as_str().expect("a number").to_owned()
}

#[tokio::test]
async fn a_desk_gets_the_cards_secrets_sealed_and_the_next_ones_stand_once_confirmed() {
    let matron = Matron::start(Options {
        clock: Some("2028-03-01T09:00:00Z".into()),
        ..Options::default()
    });
    let desk = Api::of(&matron, "ruth").await;
    let card = number(&matron, "noah");
    let (private, key) = transport();
    let body = json!({ "card_number": card, "kind": "repair", "transport_key": key });
    let begun = desk.post("/api/v1/desk/works", &body).await.good();
    let first = open(&private, &begun.body["sealed_secrets"], &card);
    assert!(first.get("unblock_key").is_none() && first.get("management_key").is_none());
    assert_eq!(
        first["next_management_key"].as_str().map(str::len),
        Some(48)
    );
    let again = desk.post("/api/v1/desk/works", &body).await.good();
    assert_eq!(
        open(&private, &again.body["sealed_secrets"], &card),
        first,
        "the same next ones"
    );
    let keys = Keys::fresh();
    let work = json!({
        "work_id": again.text("work_id"), "csrs": keys.csrs(&again.text("nonce")),
        "holder_present": true, "photo_compared": true, "reason": "cannot_sign_in",
    });
    let done = desk.post("/api/v1/desk/works/repair", &work).await.good();
    desk.confirm(&done).await.good();
    let later = desk.post("/api/v1/desk/works", &body).await.good();
    let later = open(&private, &later.body["sealed_secrets"], &card);
    assert_eq!(later["unblock_key"], first["next_unblock_key"]);
    assert_eq!(later["management_key"], first["next_management_key"]);
    assert_ne!(later["next_unblock_key"], first["next_unblock_key"]);
    let poor = json!({ "card_number": card, "kind": "repair", "transport_key": "AAAA" });
    let refused = desk.post("/api/v1/desk/works", &poor).await;
    assert_eq!(refused.code(), "transport_key_malformed");
}

/// The management keys of a renewal, as the card's client opens them.
async fn secrets(card: &Card<'_>, number: &str, renewal_id: &str) -> Value {
    let released = ask(card, renewal_id).await.good();
    assert_eq!(released.text("card_number"), number);
    open(&transport().0, &released.body["sealed_secrets"], number)
}

async fn ask(card: &Card<'_>, renewal_id: &str) -> Said {
    let body = json!({ "renewal_id": renewal_id, "transport_key": transport().1 });
    card.post("/api/v1/renewals/secrets", &body).await
}

#[tokio::test]
async fn a_card_gets_its_management_key_for_one_open_renewal_of_its_own() {
    let matron = Matron::start(Options::default());
    let (old, noah) = (Card::of(&matron, "noah"), number(&matron, "noah"));
    let (keys, body) = old.begin().await;
    let id = body["renewal_id"].as_str().expect("a name").to_owned();
    let first = secrets(&old, &noah, &id).await;
    assert!(first.get("unblock_key").is_none() && first.get("next_unblock_key").is_none());
    assert!(
        first.get("management_key").is_none(),
        "fresh from its maker"
    );
    let next = first["next_management_key"]
        .as_str()
        .expect("a key")
        .to_owned();
    assert_eq!(next.len(), 48);

    let hana = Card::of(&matron, "hana");
    assert_eq!(
        ask(&hana, &id).await.code(),
        "not_found",
        "another card's renewal"
    );
    let mei = Card::of(&matron, "mei");
    let begun = mei.post("/api/v1/renewals", &json!({})).await.good();
    let refused = ask(&mei, &begun.text("renewal_id")).await;
    assert_eq!(
        refused.code(),
        "self_renewal_limit_reached",
        "nothing to be written for"
    );

    let issued = old.post("/api/v1/renewals/renew", &body).await.good();
    assert_eq!(
        secrets(&old, &noah, &id).await,
        first,
        "asked again, the same"
    );
    let new = Card::renewed(&matron, &keys, &issued);
    // Its first use confirms the set and says nothing of the card's key.
    new.get("/api/v1/my/card").await.good();
    assert_eq!(secrets(&new, &noah, &id).await, first);
    let this = json!({ "renewal_id": id });
    new.post("/api/v1/renewals/confirm", &this).await.good();
    let later = secrets(&new, &noah, &id).await;
    assert_eq!(later["management_key"], json!(next));
    assert_ne!(later["next_management_key"], json!(next));
    assert_eq!(ask(&old, &id).await.code(), "certificate_superseded");
    assert!(matron.audit_lines("card_secrets_released", &noah) >= 4);

    matron.set_clock("+1060d");
    let (_, newer) = new.begin().await;
    let newer = newer["renewal_id"].as_str().expect("a name");
    matron.set_clock("+1061d");
    assert_eq!(
        ask(&new, newer).await.code(),
        "nothing_pending",
        "its nonce is over"
    );
}

#[tokio::test]
async fn a_desk_gets_the_unblock_key_sealed_and_the_holder_is_told() {
    let matron = Matron::start(Options::default());
    let (desk, card) = (Api::of(&matron, "ruth").await, number(&matron, "luca"));
    let unlock = async |more: Value| {
        let mut body =
            json!({ "card_number": card, "holder_present": true, "photo_compared": true });
        let (body_of, more) = (body.as_object_mut().expect("members"), more);
        body_of.extend(more.as_object().expect("members").clone());
        desk.post("/api/v1/desk/cards/unlock", &body).await
    };
    let (private, key) = transport();
    let absent = unlock(json!({ "transport_key": key, "holder_present": false })).await;
    assert_eq!(absent.code(), "holder_not_present");
    let released = unlock(json!({ "transport_key": key })).await.good();
    assert_eq!(released.text("state"), "locked", "nothing is set yet");
    let first = open(&private, &released.body["sealed_secrets"], &card);
    assert!(first.get("management_key").is_none() && first.get("next_management_key").is_none());
    assert_eq!(matron.audit_lines("card_secrets_released", &card), 1);

    let others = unlock(json!({ "unlock_id": "00" })).await;
    assert_eq!(others.code(), "not_found");
    let both = unlock(json!({ "transport_key": key, "unlock_id": "00" })).await;
    assert_eq!(both.code(), "transport_key_malformed");
    let this = json!({ "unlock_id": released.text("unlock_id") });
    for _ in 0..2 {
        let done = unlock(this.clone()).await.good();
        assert_eq!(done.text("state"), "active");
    }
    let again = unlock(json!({ "transport_key": key })).await.good();
    let later = open(&private, &again.body["sealed_secrets"], &card);
    assert_eq!(later["unblock_key"], first["next_unblock_key"]);
    assert_ne!(later["next_unblock_key"], first["next_unblock_key"]);

    // A desk without a card client has set the passcode in another way, and only says so.
    assert_eq!(unlock(json!({})).await.good().text("state"), "active");
}
