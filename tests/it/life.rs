//! The sequences of domain 5.5 and the edge cases about a card's later life, over the API with a moving clock. Cases
//! that need two requests in the same instant are raced in the enrolment room.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::soft::{Api, Card, Keys, Said};
use crate::support::{Matron, Options};

/// Renews and puts the new set to use.
async fn renewed<'m>(matron: &'m Matron, card: &Card<'m>) -> Card<'m> {
    let (keys, set) = card.renew().await;
    let next = Card::renewed(matron, &keys, &set.good());
    next.get("/api/v1/my/card").await.good();
    next
}

async fn left(card: &Card<'_>) -> serde_json::Value {
    let status = card.get("/api/v1/my/card").await.good();
    status.body["self_renewals_left"].clone()
}

/// A work of a desk, written to the card and read back.
async fn worked<'m>(matron: &'m Matron, desk: &Api<'m>, alias: &str, kind: &str) -> Card<'m> {
    let (keys, done) = desk.work(matron, alias, kind).await;
    let done = done.good();
    assert_eq!(desk.confirm(&done).await.good().text("state"), "active");
    Card::renewed(matron, &keys, &done)
}

#[tokio::test]
async fn sequence_self_assisted_self_self_and_then_a_person() {
    let matron = Matron::start(Options::default());
    let hana = Card::of(&matron, "hana");
    assert_eq!(left(&hana).await, 1, "she has renewed once");
    let card = worked(&matron, &Api::of(&matron, "ruth").await, "hana", "renew").await;
    assert_eq!(left(&card).await, 2);
    matron.set_clock("+1070d");
    let card = renewed(&matron, &card).await;
    matron.set_clock("+2140d");
    let card = renewed(&matron, &card).await;
    matron.set_clock("+3210d");
    assert_eq!(card.renew().await.1.code(), "self_renewal_limit_reached");
}

#[tokio::test]
async fn sequence_both_used_then_assisted_and_allowed_again() {
    let matron = Matron::start(Options::default());
    let mei = Card::of(&matron, "mei");
    assert_eq!(mei.renew().await.1.code(), "self_renewal_limit_reached");
    let ruth = Api::of(&matron, "ruth").await;
    let mei = worked(&matron, &ruth, "mei", "renew").await;
    assert_eq!(left(&mei).await, 2);
    matron.set_clock("+1060d");
    assert_eq!(left(&renewed(&matron, &mei).await).await, 1);
}

#[tokio::test]
async fn sequence_both_used_then_repair_and_allowed_again() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let mei = worked(&matron, &ruth, "mei", "repair").await;
    assert_eq!(left(&mei).await, 2);
}

#[tokio::test]
async fn sequence_both_used_expired_reissued_and_allowed_again() {
    let matron = Matron::start(Options::default());
    matron.set_clock("+46d");
    let mei = Card::of(&matron, "mei");
    assert_eq!(mei.renew().await.1.code(), "certificate_expired");
    let ruth = Api::of(&matron, "ruth").await;
    assert_eq!(
        ruth.work(&matron, "mei", "renew").await.1.code(),
        "certificate_expired"
    );
    let mei = worked(&matron, &ruth, "mei", "reissue").await;
    assert_eq!(left(&mei).await, 2);
}

#[tokio::test]
async fn sequence_abandoned_unused_does_not_count() {
    let matron = Matron::start(Options::default());
    let hana = Card::of(&matron, "hana");
    let id = hana.renew().await.1.good().text("renewal_id");
    let this = json!({ "renewal_id": id });
    hana.post("/api/v1/renewals/abandon", &this).await.good();
    let hana = renewed(&matron, &hana).await;
    assert_eq!(left(&hana).await, 0);
    matron.set_clock("+1080d");
    assert_eq!(hana.renew().await.1.code(), "self_renewal_limit_reached");
}

#[tokio::test]
async fn sequence_a_refused_renewal_changes_nothing() {
    let matron = Matron::shared();
    let amara = Card::of(matron, "amara");
    let before = left(&amara).await;
    assert_eq!(amara.renew().await.1.code(), "renewal_window_not_open");
    assert_eq!(left(&amara).await, before);
}

#[tokio::test]
async fn e9_expired_is_for_the_three_roles_and_the_answer_says_so() {
    let matron = Matron::shared();
    let ivan = Api::of(matron, "ivan").await;
    let refused = ivan.work(matron, "tomasz", "reissue").await.1;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::FORBIDDEN, "actor_role_missing".into())
    );
    assert_eq!(
        refused.body["helper_roles"].as_array().map(Vec::len),
        Some(3),
        "{refused:?}"
    );
}

#[tokio::test]
async fn e11_the_same_request_again_is_the_same_set() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "noah");
    let (_, body) = card.begin().await;
    let path = "/api/v1/renewals/renew";
    let first = card.post(path, &body).await.good();
    let again = card.post(path, &body).await.good();
    assert_eq!(first.body["certificates"], again.body["certificates"]);
    let mut renamed = body.clone();
    renamed["idempotency_key"] = json!("another");
    let again = card.post(path, &renamed).await.good();
    assert_eq!(first.body["certificates"], again.body["certificates"]);
    assert_eq!(left(&card).await, 1);
}

#[tokio::test]
async fn e14_self_and_assisted_the_first_commit_wins_and_e12_it_waits_fourteen_days() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "noah");
    let (keys, pending) = card.renew().await;
    let pending = pending.good();
    let ruth = Api::of(&matron, "ruth").await;
    assert_eq!(
        ruth.work(&matron, "noah", "renew").await.1.code(),
        "renewal_in_progress"
    );
    matron.set_clock("+13d");
    let again = card
        .get(&format!("/api/v1/renewals/{}", pending.text("renewal_id")))
        .await
        .good();
    assert_eq!(again.body["certificates"], pending.body["certificates"]);
    matron.set_clock("+15d");
    let (_, later) = card.renew().await;
    later.good();
    let forgotten = Card::renewed(&matron, &keys, &pending)
        .get("/api/v1/my/card")
        .await;
    assert_eq!(forgotten.code(), "certificate_revoked");
    assert_eq!(left(&card).await, 1);
}

#[tokio::test]
async fn e16_a_cancelled_card_that_is_found_stays_cancelled() {
    let matron = Matron::shared();
    let grace = Card::of(matron, "grace");
    assert_eq!(grace.renew().await.1.code(), "card_cancelled");
    let ruth = Api::of(matron, "ruth").await;
    for kind in ["renew", "reissue", "repair"] {
        assert_eq!(
            ruth.work(matron, "grace", kind).await.1.code(),
            "card_cancelled",
            "{kind}"
        );
    }
}

#[tokio::test]
async fn e34_a_late_confirmation_counts_after_the_old_set_has_expired() {
    let matron = Matron::start(Options::default());
    matron.set_clock("+55d");
    let card = Card::of(&matron, "noah");
    let (keys, pending) = card.renew().await;
    let pending = pending.good();
    matron.set_clock("+62d");
    let fetched = card
        .get(&format!("/api/v1/renewals/{}", pending.text("renewal_id")))
        .await;
    assert_eq!(fetched.code(), "certificate_expired");
    assert_eq!(left(&Card::renewed(&matron, &keys, &pending)).await, 1);
}

#[tokio::test]
async fn e35_a_locked_card_is_unlocked_before_it_is_renewed() {
    let matron = Matron::shared();
    let luca = Card::of(matron, "luca");
    assert_eq!(luca.renew().await.1.code(), "card_locked");
    let ruth = Api::of(matron, "ruth").await;
    assert_eq!(
        ruth.work(matron, "luca", "renew").await.1.code(),
        "card_locked"
    );
}

#[tokio::test]
async fn e37_somebody_on_leave_renews_her_identity() {
    let matron = Matron::shared();
    let paul = Card::of(matron, "paul").renew().await.1;
    assert_eq!(
        paul.code(),
        "renewal_window_not_open",
        "leave is no reason: {paul:?}"
    );
}

#[tokio::test]
async fn e38_a_leaver_is_told_that_her_profile_is_closed() {
    let matron = Matron::shared();
    assert_eq!(
        Card::of(matron, "nina").renew().await.1.code(),
        "identity_closed"
    );
}

#[tokio::test]
async fn e39_keys_that_were_certified_before_are_refused() {
    let matron = Matron::start(Options::default());
    let card = Card::of(&matron, "noah");
    let (keys, set) = card.renew().await;
    let id = set.good().text("renewal_id");
    card.post("/api/v1/renewals/abandon", &json!({ "renewal_id": id }))
        .await
        .good();
    let again = with_keys(&card, &keys).await;
    assert_eq!(
        (again.status, again.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "key_reused".into())
    );
}

#[tokio::test]
async fn e40_one_key_for_both_purposes_is_refused() {
    let matron = Matron::shared();
    let card = Card::of(matron, "noah");
    let keys = Keys::fresh();
    let begun = card.post("/api/v1/renewals", &json!({})).await.good();
    let mut csrs = keys.csrs(&begun.text("nonce"));
    csrs[1]["pem"] = csrs[0]["pem"].clone();
    let id = begun.text("renewal_id");
    let body = json!({ "renewal_id": id, "csrs": csrs, "idempotency_key": id });
    let refused = card.post("/api/v1/renewals/renew", &body).await;
    assert_eq!(
        (refused.status, refused.code()),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            "key_not_acceptable".into()
        )
    );
}

/// A new renewal with these keys.
async fn with_keys(card: &Card<'_>, keys: &Keys) -> Said {
    let begun = card.post("/api/v1/renewals", &json!({})).await.good();
    let id = begun.text("renewal_id");
    let csrs = keys.csrs(&begun.text("nonce"));
    let body = json!({ "renewal_id": id, "csrs": csrs, "idempotency_key": id });
    card.post("/api/v1/renewals/renew", &body).await
}

#[tokio::test]
async fn e42_nobody_reissues_her_own_card_and_no_colleague_before_it_has_expired() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let own = ruth.work(&matron, "ruth", "reissue").await.1;
    assert_eq!(
        (own.status, own.code()),
        (StatusCode::FORBIDDEN, "actor_is_subject".into())
    );
    let sam = Api::of(&matron, "sam").await;
    assert_eq!(
        sam.work(&matron, "ruth", "reissue").await.1.code(),
        "certificate_not_expired"
    );
}
