//! T5 to T8: a passcode is blocked, and set anew by its holder or with a desk.

use reqwest::StatusCode;
use serde_json::json;

use super::used;
use crate::support::agent::Reader;
use crate::support::desk::{
    confirm_unlock, finish_unlock, number, on_card, open, seen, start_unlock, transport,
};
use crate::support::letters::{address, code_to, letters};
use crate::support::soft::{Api, Card};
use crate::support::{Agent, App, Matron, Options, pages};

/// Types a passcode at dev's soft card reader.
async fn types(matron: &Matron, alias: &str, passcode: &str) -> String {
    let app = App::new(matron, "ward7");
    let mut agent = Agent::new(matron, Reader::Empty);
    let methods = agent.get(&app.url(&[])).await;
    let methods = agent.follow(methods, "none").await;
    let form = pages::form_with(&methods.body, "name=\"passcode\"");
    let page = agent
        .submit(&form, &[("card", alias), ("passcode", passcode)])
        .await;
    let page = agent.follow(page, crate::support::app::CALLBACK).await;
    match (page.refusal(), page.parameter("code")) {
        (Some(refusal), _) => refusal,
        (None, Some(_)) => "signed in".to_owned(),
        (None, None) => page.body,
    }
}

#[tokio::test]
async fn t5_three_wrong_passcodes_lock_the_card_and_a_fourth_right_one_does_not_help() {
    let matron = Matron::start(Options::default());
    let right = matron.text("/people/hana/card/passcode");
    let card = number(&matron, "hana");
    for tries in 0..2 {
        types(&matron, "hana", "1357").await;
        assert_eq!(matron.audit_lines("card_locked", &card), 0, "{tries}");
    }
    types(&matron, "hana", "1357").await;
    assert_eq!(matron.audit_lines("\"kind\":\"card_locked\"", &card), 1);
    types(&matron, "hana", &right).await;
    let refused = Card::of(&matron, "hana").get("/api/v1/my/card").await;
    assert_eq!(refused.code(), "card_locked");
    let told = letters(&matron, &address(&matron, "hana"));
    assert!(
        told.iter()
            .any(|letter| letter.contains("Your smartcard is locked"))
    );
}

#[tokio::test]
async fn t6_the_holder_unlocks_with_a_code_and_the_count_stays() {
    let matron = super::at("2028-03-01T09:00:00Z");
    let (card, mail) = (number(&matron, "luca"), address(&matron, "luca"));
    let id = start_unlock(&matron, &card).await.good().text("unlock_id");
    let code = code_to(&matron, &mail);
    let wrong = finish_unlock(&matron, &id, "12").await;
    assert_eq!(wrong.code(), "code_wrong");
    matron.set_clock("2028-03-01T09:15:01Z");
    let late = finish_unlock(&matron, &id, &code).await;
    assert_eq!(late.code(), "code_expired");
    matron.set_clock("2028-03-01T09:15:00Z");
    let early = confirm_unlock(&matron, &id).await;
    assert_eq!(early.code(), "not_found", "nothing was released");
    let released = finish_unlock(&matron, &id, &code).await.good();
    open(&transport().0, &released.body["sealed_secrets"], &card);
    let still = Card::of(&matron, "luca").get("/api/v1/my/card").await;
    assert_eq!(still.code(), "card_locked", "released, not yet done");
    for _ in 0..2 {
        confirm_unlock(&matron, &id).await.good();
    }
    assert_eq!(used(&Card::of(&matron, "luca")).await, 0);
    assert_eq!(matron.audit_lines("\"kind\":\"card_unlocked\"", &card), 1);
    for _ in 0..4 {
        start_unlock(&matron, &card).await.good();
    }
    let sixth = start_unlock(&matron, &card).await;
    assert_eq!(
        (sixth.status, sixth.code()),
        (StatusCode::TOO_MANY_REQUESTS, "too_many_codes".to_owned())
    );
    matron.set_clock("2028-03-01T10:00:01Z");
    start_unlock(&matron, &card).await.good();
}

#[tokio::test]
async fn t6_without_an_address_that_counts_a_code_opens_nothing() {
    let matron = super::at("2028-03-01T09:00:00Z");
    let (card, mail) = (number(&matron, "sam"), address(&matron, "sam"));
    let sam = Api::of(&matron, "sam").await;
    let id = start_unlock(&matron, &card).await.good().text("unlock_id");
    let code = code_to(&matron, &mail);
    for (channel, new) in [("mail", "sam@elsewhere.example"), ("sms", "+447700900999")] {
        let body = json!({ "channel": channel, "address": new });
        let begun = sam.post("/api/v1/my/contacts", &body).await.good();
        let body = json!({ "change_id": begun.text("change_id"), "code": code_to(&matron, new) });
        sam.post("/api/v1/my/contacts/confirm", &body).await.good();
    }
    let refused = finish_unlock(&matron, &id, &code).await;
    assert_eq!(refused.code(), "no_verified_contact");
}

#[tokio::test]
async fn t7_a_desk_unlocks_with_the_holder_there_and_each_guard_speaks() {
    let matron = Matron::start(Options::default());
    let luca = number(&matron, "luca");
    let dina = Api::of(&matron, "dina").await;
    let refused = on_card(&dina, "unlock", &luca, seen()).await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::FORBIDDEN, "actor_role_missing".to_owned())
    );
    let ruth = Api::of(&matron, "ruth").await;
    let own = on_card(&ruth, "unlock", &number(&matron, "ruth"), seen()).await;
    assert_eq!(own.code(), "actor_is_subject");
    for unseen in [
        json!({}),
        json!({ "holder_present": true }),
        json!({ "photo_compared": true }),
    ] {
        let refused = on_card(&ruth, "unlock", &luca, unseen).await;
        assert_eq!(refused.code(), "holder_not_present");
    }
    let grace = on_card(&ruth, "unlock", &number(&matron, "grace"), seen()).await;
    assert_eq!(grace.code(), "card_cancelled");
    // Each of the five roles that may.
    for alias in ["ruth", "sam", "rae", "joan", "ivan"] {
        let desk = Api::of(&matron, alias).await;
        on_card(&desk, "unlock", &luca, seen()).await.good();
    }
    assert_eq!(used(&Card::of(&matron, "luca")).await, 0);
    let mei = number(&matron, "mei");
    on_card(&ruth, "unlock", &mei, seen()).await.good();
    assert_eq!(
        used(&Card::of(&matron, "mei")).await,
        2,
        "no check, no rest"
    );
}

#[tokio::test]
async fn t8_no_request_changes_a_passcode_and_the_page_says_where_it_is_done() {
    let matron = Matron::start(Options::default());
    let mut agent = Agent::with_card(&matron, "noah");
    let page = agent
        .present_card(&format!("{}/my/passcode", matron.issuer()))
        .await;
    agent.follow(page, "none").await;
    let page = agent.get("/my/passcode").await;
    assert!(page.body.contains("never leaves the card"), "{}", page.body);
    assert!(
        !page.body.contains("name=\"passcode\""),
        "nobody types it into a page"
    );
}
