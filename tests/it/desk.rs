//! The card desk through the API: people are found, cards asked for, sent, replaced and cleared, and each guard refuses
//! by its code.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::desk::{number, on_card, on_person, user_id};
use crate::support::letters::{letters, plain};
use crate::support::soft::{Api, Card, Keys};
use crate::support::{Agent, Matron, Options, Reader};

#[tokio::test]
async fn ruth_finds_her_own_people_by_number_name_and_card_and_strangers_by_their_card_alone() {
    let matron = Matron::shared();
    let ruth = Api::of(matron, "ruth").await;
    let find = async |text: &str| {
        let query: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let said = ruth
            .get(&format!("/api/v1/desk/people?q={query}"))
            .await
            .good();
        said.body["people"].as_array().expect("people").clone()
    };
    for text in [
        user_id(matron, "tomasz"),
        number(matron, "tomasz"),
        "tomasz ziel".to_owned(),
    ] {
        let found = find(&text).await;
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0]["user_id"], json!(user_id(matron, "tomasz")));
        assert_eq!(found[0]["out_of_area"], json!(false));
    }
    assert!(find(&user_id(matron, "wren")).await.is_empty());
    assert!(find("wren").await.is_empty());
    let by_card = find(&number(matron, "wren")).await;
    assert_eq!(by_card[0]["out_of_area"], json!(true), "{by_card:?}");
    assert!(find("%").await.is_empty());
    // A nurse finds nobody, and is told who could.
    let noah = Api::of(matron, "noah").await;
    let refused = noah.get("/api/v1/desk/people?q=tomasz").await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::FORBIDDEN, "actor_role_missing".to_owned())
    );
}

#[tokio::test]
async fn get_card_promises_what_the_acts_keep() {
    let matron = Matron::shared();
    let ruth = Api::of(matron, "ruth").await;
    let card = async |alias: &str| {
        let path = format!("/api/v1/desk/cards/{}", number(matron, alias));
        ruth.get(&path).await.good().body
    };
    let tomasz = card("tomasz").await;
    assert_eq!(tomasz["state"], json!("active"));
    assert_eq!(tomasz["self_renewals_used"], json!(0));
    assert_eq!(
        tomasz["allowed_actions"],
        json!(["reissue", "repair", "unlock", "cancel", "replace", "return"])
    );
    assert_eq!(tomasz["refusals"]["renew"], json!("certificate_expired"));
    assert_eq!(tomasz["refusals"]["request"], json!("live_card_exists"));
    assert_eq!(tomasz["refusals"]["dispatch"], json!("card_active"));
    assert_eq!(tomasz["refusals"]["clear"], json!("card_not_returned"));
    let grace = card("grace").await;
    assert_eq!(
        grace["allowed_actions"],
        json!(["replace", "request", "return"])
    );
    let wren = card("wren").await;
    assert_eq!(wren["refusals"]["repair"], json!("actor_out_of_scope"));
    let ruths_own = card("ruth").await;
    assert_eq!(ruths_own["allowed_actions"], json!(["cancel"]));
    let path = format!("/api/v1/desk/cards/{}", number(matron, "noah"));
    let theo = Api::of(matron, "theo").await;
    let seen = theo.get(&path).await.good().body;
    assert_eq!(seen["allowed_actions"], json!(["cancel"]));
    let unknown = ruth.get("/api/v1/desk/cards/1234567890123456").await;
    assert_eq!(unknown.code(), "not_found");
}

#[tokio::test]
async fn a_first_card_is_requested_produced_sent_and_received() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let request = async |alias: &str, key: &str| {
        let body = json!({ "user_id": user_id(&matron, alias), "idempotency_key": key });
        ruth.post("/api/v1/desk/cards/request", &body).await
    };
    assert_eq!(request("ben", "a").await.code(), "identity_not_verified");
    assert_eq!(request("nina", "a").await.code(), "identity_closed");
    assert_eq!(request("noah", "a").await.code(), "live_card_exists");
    assert_eq!(request("ruth", "a").await.code(), "actor_is_subject");
    let hidden = request("wren", "a").await;
    assert_eq!(
        (hidden.status, hidden.code()),
        (StatusCode::NOT_FOUND, "not_found".to_owned())
    );
    assert_eq!(
        matron.audit_lines("act_refused", "\"code\":\"actor_out_of_scope\""),
        1,
        "the trail says what the answer does not"
    );
    let asked = request("grace", "a").await.good();
    let card = asked.text("card_number");
    assert_eq!(request("grace", "a").await.good().text("card_number"), card);
    assert_eq!(request("grace", "b").await.code(), "live_card_exists");

    let send = async |to: &str| on_card(&ruth, "dispatch", &card, json!({ "org_code": to })).await;
    assert_eq!(send("DEM01").await.code(), "card_not_active");
    let begun = json!({ "card_number": card, "kind": "issue" });
    let begun = ruth.post("/api/v1/desk/works", &begun).await.good();
    let keys = Keys::fresh();
    let body = json!({ "work_id": begun.text("work_id"), "csrs": keys.csrs(&begun.text("nonce")) });
    let done = ruth.post("/api/v1/desk/works/produce", &body).await.good();
    assert_eq!(done.text("state"), "pending");
    // The client lost the keys: the same decision again, under another work.
    let begun = json!({ "card_number": card, "kind": "issue" });
    let begun = ruth.post("/api/v1/desk/works", &begun).await.good();
    let keys = Keys::fresh();
    let body = json!({ "work_id": begun.text("work_id"), "csrs": keys.csrs(&begun.text("nonce")),
                       "holder_present": true, "photo_compared": true });
    let again = ruth.post("/api/v1/desk/works/restart", &body).await.good();
    assert_ne!(again.body["certificates"], done.body["certificates"]);
    // Its holder has not made it hers: confirming leaves it pending.
    assert_eq!(ruth.confirm(&again).await.good().text("state"), "pending");

    assert_eq!(send("DEM40").await.code(), "address_not_allowed");
    assert_eq!(send("DEM01").await.good().text("state"), "dispatched");
    assert_eq!(send("DEM01").await.good().text("state"), "dispatched");
    for _ in 0..2 {
        on_card(&ruth, "receipt", &card, json!({})).await.good();
    }
    assert_eq!(matron.audit_lines("card_dispatched", &card), 1);
    assert_eq!(matron.audit_lines("card_received", &card), 1);
    let noah = on_card(&ruth, "receipt", &number(&matron, "noah"), json!({})).await;
    assert_eq!(noah.code(), "card_active");
}

#[tokio::test]
async fn cards_end_are_replaced_and_their_plastic_is_cleared() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let card = number(&matron, "noah");
    assert_eq!(
        on_card(&ruth, "clear", &card, json!({})).await.code(),
        "card_not_returned"
    );
    on_card(&ruth, "clear", &card, json!({ "plastic": "returned" }))
        .await
        .good();
    assert_eq!(
        on_card(&ruth, "clear", &card, json!({})).await.code(),
        "card_active"
    );
    assert_eq!(
        on_card(&ruth, "replace", &card, json!({})).await.code(),
        "reason_missing"
    );
    let wish = json!({ "reason": "damaged", "idempotency_key": "k" });
    let new = on_card(&ruth, "replace", &card, wish.clone())
        .await
        .good()
        .text("card_number");
    assert_eq!(
        on_card(&ruth, "replace", &card, wish)
            .await
            .good()
            .text("card_number"),
        new
    );
    let state = ruth.get(&format!("/api/v1/desk/cards/{new}")).await.good();
    assert_eq!(state.text("state"), "requested");
    on_card(&ruth, "clear", &card, json!({})).await.good();
    assert_eq!(matron.audit_lines("plastic_recorded", "cleared"), 1);

    // The service desk cancels, and cancelling twice is cancelling.
    let theo = Api::of(&matron, "theo").await;
    let card = number(&matron, "hana");
    assert_eq!(
        on_card(&theo, "cancel", &card, json!({})).await.code(),
        "reason_missing"
    );
    for _ in 0..2 {
        on_card(&theo, "cancel", &card, json!({ "reason": "stolen" }))
            .await
            .good();
    }
    let hana = Card::of(&matron, "hana").get("/api/v1/my/card").await;
    assert_eq!(hana.code(), "card_cancelled");
    let ida = Api::of(&matron, "ida").await;
    let hidden = on_card(
        &ida,
        "cancel",
        &number(&matron, "mei"),
        json!({ "reason": "lost" }),
    )
    .await;
    assert_eq!(
        (hidden.status, hidden.code()),
        (StatusCode::NOT_FOUND, "not_found".to_owned())
    );
}

#[tokio::test]
async fn a_desk_unlocks_anywhere_and_says_when_it_is_out_of_its_area() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let seen = json!({ "holder_present": true, "photo_compared": true });
    let luca = number(&matron, "luca");
    assert_eq!(
        on_card(&ruth, "unlock", &luca, json!({})).await.code(),
        "holder_not_present"
    );
    on_card(&ruth, "unlock", &luca, seen.clone()).await.good();
    let status = Card::of(&matron, "luca")
        .get("/api/v1/my/card")
        .await
        .good();
    assert_eq!(status.text("state"), "active");
    // An active card too: the card alone knows whether its passcode is blocked.
    on_card(&ruth, "unlock", &luca, seen.clone()).await.good();
    on_card(&ruth, "unlock", &number(&matron, "wren"), seen.clone())
        .await
        .good();
    assert_eq!(
        matron.audit_lines("card_unlocked_at_desk", "\"out_of_area\":true"),
        1
    );
    assert_eq!(
        matron.audit_lines("card_unlocked_at_desk", "\"out_of_area\":false"),
        2
    );
    let grace = on_card(&ruth, "unlock", &number(&matron, "grace"), seen.clone()).await;
    assert_eq!(grace.code(), "card_cancelled");
    let own = on_card(&ruth, "unlock", &number(&matron, "ruth"), seen).await;
    assert_eq!(own.code(), "actor_is_subject");
}

#[tokio::test]
async fn people_leave_and_come_back_until_their_identity_is_too_old() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let amara = user_id(&matron, "amara");
    for _ in 0..2 {
        on_person(&ruth, "close", &amara).await.good();
    }
    let card = Card::of(&matron, "amara").get("/api/v1/my/card").await;
    assert_eq!(card.code(), "identity_closed");
    for _ in 0..2 {
        on_person(&ruth, "reopen", &amara).await.good();
    }
    assert_eq!(matron.audit_lines("person_reopened", &amara), 1);
    let own = user_id(&matron, "ruth");
    assert_eq!(
        on_person(&ruth, "close", &own).await.code(),
        "actor_is_subject"
    );
    let ida = Api::of(&matron, "ida").await;
    assert_eq!(on_person(&ida, "close", &amara).await.code(), "not_found");
    // nina left the day before the first start; the desk's own card must live as long as two years.
    matron.set_clock("+520d");
    let (keys, renewal) = Card::of(&matron, "rae").renew().await;
    let pem = renewal.good().body["certificates"][0]["pem"]
        .as_str()
        .expect("PEM")
        .to_owned();
    matron.set_clock("+731d");
    let pem = format!("{pem}{}", keys.authentication.serialize_pem());
    let card = Reader::Foreign(pem.into_bytes());
    let rae = Api::by(&matron, Agent::new(&matron, card)).await;
    let refused = on_person(&rae, "reopen", &user_id(&matron, "nina")).await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::CONFLICT, "identity_recheck_needed".to_owned())
    );
}

/// He has no card whose end would tell him.
#[tokio::test]
async fn kofi_is_told_once_at_each_address_that_his_ways_to_sign_in_ended_with_his_profile() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let kofi = user_id(&matron, "kofi");
    for _ in 0..2 {
        on_person(&ruth, "close", &kofi).await.good();
    }
    for kind in ["email", "mobile"] {
        let address = matron.text(&format!("/people/kofi/{kind}"));
        let told = || {
            let letters = letters(&matron, &address).into_iter();
            let letters = letters.map(|letter| plain(&letter).replace("\r\n", " "));
            letters.filter(|letter| letter.contains("Your profile was closed, and all your ways"))
        };
        for _ in 0..100 {
            if told().next().is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(told().count(), 1, "{kind}");
    }
    assert_eq!(matron.audit_lines("authenticator_changed", &kofi), 1);
}
