//! Issuing and renewing over the card, through the front door: real TLS, the clock moved, each refusal as a problem
//! document with its code.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::app::CALLBACK;
use crate::support::soft::{Api, Card, Keys};
use crate::support::{Agent, App, Matron, Options};

#[tokio::test]
async fn a_holder_renews_twice_by_herself_and_then_a_person_must_look() {
    let matron = Matron::start(Options::default());
    let old = Card::of(&matron, "noah");
    let status = old.get("/api/v1/my/card").await.good();
    assert_eq!(status.body["self_renewals_left"], 2);
    assert_eq!(status.body["allowed_actions"], json!(["renew", "cancel"]));

    let (keys, renewal) = old.renew().await;
    assert_eq!(renewal.clone().good().text("state"), "pending");
    // The old set works until the new one is confirmed, and the pending one can be fetched again.
    let again = old
        .get(&format!("/api/v1/renewals/{}", renewal.text("renewal_id")))
        .await
        .good();
    assert_eq!(again.body["certificates"], renewal.body["certificates"]);
    let this = json!({ "renewal_id": renewal.text("renewal_id") });
    let early = old.post("/api/v1/renewals/confirm", &this).await;
    assert_eq!(
        (early.status, early.code()),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            "serial_mismatch".to_owned()
        )
    );

    let new = Card::renewed(&matron, &keys, &renewal);
    let done = new.post("/api/v1/renewals/confirm", &this).await.good();
    assert_eq!(done.text("state"), "active");
    let refused = old.get("/api/v1/my/card").await;
    assert_eq!(refused.code(), "certificate_superseded");
    let refused = new.renew().await.1;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::CONFLICT, "renewal_window_not_open".to_owned())
    );
    assert!(refused.body["opens_at"].is_string(), "{refused:?}");

    matron.set_clock("+1080d");
    let (keys, renewal) = new.renew().await;
    let third = Card::renewed(&matron, &keys, &renewal.good());
    // Any use confirms.
    assert_eq!(
        third.get("/api/v1/my/card").await.good().body["self_renewals_left"],
        0
    );
    matron.set_clock("+2160d");
    let refused = third.renew().await.1;
    assert_eq!(
        (refused.status, refused.code()),
        (
            StatusCode::CONFLICT,
            "self_renewal_limit_reached".to_owned()
        )
    );
    assert_eq!(
        (&refused.body["used"], &refused.body["limit"]),
        (&json!(2), &json!(2))
    );
}

#[tokio::test]
async fn mei_is_told_which_three_people_can_help() {
    let matron = Matron::shared();
    let refused = Card::of(matron, "mei").renew().await.1;
    assert_eq!(refused.code(), "self_renewal_limit_reached");
    let helpers = refused.body["helpers"].as_array().expect("helpers");
    assert_eq!(helpers.len(), 3, "{refused:?}");
    for helper in helpers {
        for member in ["name", "org", "hours", "contact"] {
            assert!(
                !helper[member].as_str().expect("text").is_empty(),
                "{helper}"
            );
        }
    }
}

#[tokio::test]
async fn a_renewal_is_begun_again_with_fresh_keys_or_given_up() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "hana");
    let (_, first) = card.renew().await;
    let id = first.good().text("renewal_id");
    let fresh = card
        .post("/api/v1/renewals/restart", &json!({ "renewal_id": id }))
        .await
        .good();
    let keys = Keys::fresh();
    let body = json!({ "renewal_id": id, "csrs": keys.csrs(&fresh.text("nonce")), "idempotency_key": "again" });
    let again = card.post("/api/v1/renewals/restart", &body).await.good();
    assert_eq!(again.text("state"), "pending");
    let new = Card::renewed(&matron, &keys, &again);
    let status = new.get("/api/v1/my/card").await.good();
    assert_eq!(
        status.body["self_renewals_used"], 2,
        "the decision stands: {status:?}"
    );

    // noah gives his up: nothing was used, nothing is counted.
    let card = Card::of(&matron, "noah");
    let id = card.renew().await.1.good().text("renewal_id");
    assert_eq!(card.renew().await.1.code(), "renewal_in_progress");
    let this = json!({ "renewal_id": id });
    let gone = card.post("/api/v1/renewals/abandon", &this).await.good();
    assert_eq!(gone.text("state"), "abandoned");
    assert_eq!(
        card.get("/api/v1/my/card").await.good().body["self_renewals_used"],
        0
    );
    assert_eq!(
        card.post("/api/v1/renewals/abandon", &this).await.code(),
        "nothing_pending"
    );
}

#[tokio::test]
async fn a_page_cannot_use_a_card_and_a_card_takes_only_json() {
    let matron = Matron::shared();
    let pem = [
        matron.file("/people/noah/card/authentication/certificate"),
        matron.file("/people/noah/card/authentication/key"),
    ]
    .concat();
    let identity = reqwest::Identity::from_pem(&pem).expect("a card");
    let client = crate::support::http(matron)
        .identity(identity)
        .build()
        .expect("a client");
    let url = format!("{}/api/v1/renewals/confirm", matron.card_url());
    for (name, value) in [
        ("origin", matron.issuer()),
        ("sec-fetch-site", "same-origin".to_owned()),
    ] {
        let answer = client
            .post(&url)
            .header(name, value)
            .json(&json!({}))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name}");
    }
    let form = client
        .post(&url)
        .form(&[("renewal_id", "x")])
        .send()
        .await
        .expect("an answer");
    assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn ruth_reissues_an_expired_card_in_person_and_it_signs_in_again() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    assert_eq!(
        ruth.work(&matron, "tomasz", "renew").await.1.code(),
        "certificate_expired"
    );
    let (keys, done) = ruth.work(&matron, "tomasz", "reissue").await;
    let done = done.good();
    assert_eq!(ruth.confirm(&done).await.good().text("state"), "active");
    let card = Card::renewed(&matron, &keys, &done);
    let status = card.get("/api/v1/my/card").await.good();
    assert_eq!(
        (&status.body["self_renewals_used"], status.text("state")),
        (&json!(0), "active".to_owned())
    );

    assert_eq!(
        ruth.work(&matron, "noah", "reissue").await.1.code(),
        "certificate_not_expired"
    );
    assert_eq!(
        ruth.work(&matron, "grace", "repair").await.1.code(),
        "card_cancelled"
    );
    let herself = ruth.work(&matron, "ruth", "repair").await.1;
    assert_eq!(
        (herself.status, herself.code()),
        (StatusCode::FORBIDDEN, "actor_is_subject".to_owned())
    );
}

#[tokio::test]
async fn reach_ends_at_the_own_authority_but_for_what_every_desk_may_do() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    // Renewal with the holder present is open to the role in any area.
    assert_eq!(
        ruth.work(&matron, "wren", "renew")
            .await
            .1
            .good()
            .text("state"),
        "pending"
    );
    let hidden = ruth.work(&matron, "wren", "repair").await.1;
    assert_eq!(
        (hidden.status, hidden.code()),
        (StatusCode::NOT_FOUND, "not_found".to_owned())
    );
    let ida = Api::of(&matron, "ida").await;
    assert_eq!(
        ida.work(&matron, "noah", "repair").await.1.status,
        StatusCode::NOT_FOUND
    );
    let theo = Api::of(&matron, "theo").await;
    let refused = theo.work(&matron, "noah", "renew").await.1;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::FORBIDDEN, "actor_role_missing".to_owned())
    );
    assert!(
        !refused.body["helper_roles"]
            .as_array()
            .expect("roles")
            .is_empty()
    );
}

#[tokio::test]
async fn a_token_for_something_else_opens_nothing() {
    let matron = Matron::shared();
    let client = crate::support::http(matron).build().expect("a client");
    let url = format!("{}/api/v1/my/card", matron.issuer());
    let none = client.get(&url).send().await.expect("an answer");
    assert_eq!(none.status(), StatusCode::UNAUTHORIZED);
    let ward7 = App::new(matron, "ward7");
    let mut agent = Agent::with_card(matron, "noah");
    let page = agent.sign_in(&ward7.url(&[]), CALLBACK, 0).await;
    let token = ward7
        .exchange(&page.parameter("code").expect("a code"))
        .await
        .text("access_token");
    let other = client
        .get(&url)
        .bearer_auth(token)
        .send()
        .await
        .expect("an answer");
    assert_eq!(other.status(), StatusCode::FORBIDDEN);
    let own = Api::of(matron, "noah")
        .await
        .get("/api/v1/my/card")
        .await
        .good();
    assert_eq!(own.text("number"), matron.text("/people/noah/card/number"));
}
