//! T10 to T12: a desk renews, reissues and repairs, the holder being there; and what E41 and E42 say of desks.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{used, worked};
use crate::support::desk::{number, on_card, seen};
use crate::support::letters::{address, letters, plain};
use crate::support::soft::{Api, Card, Keys, Said};
use crate::support::{Matron, Options};

/// A work whose body is changed before it is sent.
async fn work_with(api: &Api<'_>, card: &str, kind: &str, change: impl Fn(&mut Value)) -> Said {
    let begun = json!({ "card_number": card, "kind": kind });
    let begun = api.post("/api/v1/desk/works", &begun).await;
    if begun.status != StatusCode::OK {
        return begun;
    }
    let mut body = json!({
        "work_id": begun.text("work_id"),
        "csrs": Keys::fresh().csrs(&begun.text("nonce")),
        "holder_present": true, "photo_compared": true,
    });
    change(&mut body);
    api.post(&format!("/api/v1/desk/works/{kind}"), &body).await
}

#[tokio::test]
async fn t10_a_desk_renews_in_the_window_and_each_guard_speaks() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    for (alias, code) in [
        ("nina", "identity_closed"),
        ("grace", "card_cancelled"),
        ("luca", "card_locked"),
        ("tomasz", "certificate_expired"),
        ("leila", "renewal_window_not_open"),
        ("ruth", "actor_is_subject"),
    ] {
        let refused = ruth.work(&matron, alias, "renew").await.1;
        assert_eq!(refused.code(), code, "{alias}");
    }
    let mei = number(&matron, "mei");
    let absent = work_with(&ruth, &mei, "renew", |body| {
        body["holder_present"] = json!(false);
    });
    assert_eq!(absent.await.code(), "holder_not_present");
    let unseen = work_with(&ruth, &mei, "renew", |body| {
        body["photo_compared"] = json!(false);
    });
    assert_eq!(unseen.await.code(), "holder_not_present");
    let foreign = work_with(&ruth, &mei, "renew", |body| {
        body["csrs"] = Keys::fresh().csrs("another");
    });
    assert_eq!(foreign.await.code(), "proof_of_possession_failed");
    for alias in ["dina", "theo", "priya"] {
        let refused = Api::of(&matron, alias).await;
        let refused = refused.work(&matron, "mei", "renew").await.1;
        assert_eq!(refused.code(), "actor_role_missing", "{alias}");
    }
    assert_eq!(used(&Card::of(&matron, "mei")).await, 2);
    // The local smartcard administrator may, and the count begins again.
    let ivan = Api::of(&matron, "ivan").await;
    assert_eq!(used(&worked(&matron, &ivan, "mei", "renew").await).await, 0);
}

#[tokio::test]
async fn t11_an_expired_card_is_reissued_in_person_and_each_guard_speaks() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    for (alias, code) in [
        ("nina", "identity_closed"),
        ("grace", "card_cancelled"),
        ("noah", "certificate_not_expired"),
        ("ruth", "actor_is_subject"),
    ] {
        let refused = ruth.work(&matron, alias, "reissue").await.1;
        assert_eq!(refused.code(), code, "{alias}");
    }
    for alias in ["ivan", "joan", "dina", "theo"] {
        let refused = Api::of(&matron, alias).await;
        let refused = refused.work(&matron, "tomasz", "reissue").await.1;
        assert_eq!(refused.code(), "actor_role_missing", "{alias}");
        let helpers = refused.body["helper_roles"].as_array().map(Vec::len);
        assert_eq!(helpers, Some(3), "{refused:?}");
    }
    let tomasz = number(&matron, "tomasz");
    let absent = work_with(&ruth, &tomasz, "reissue", |body| {
        body["holder_present"] = json!(false);
    });
    assert_eq!(absent.await.code(), "holder_not_present");
    let rae = Api::of(&matron, "rae").await;
    let card = worked(&matron, &rae, "tomasz", "reissue").await;
    assert_eq!(used(&card).await, 0);
    let old = Card::of(&matron, "tomasz").get("/api/v1/my/card").await;
    assert_eq!(old.code(), "certificate_superseded");
    assert_eq!(
        matron.audit_lines("desk_acted", "\"ground\":\"reissue\""),
        1
    );
}

#[tokio::test]
async fn t12_a_card_is_repaired_at_any_time_with_a_reason_and_each_guard_speaks() {
    let matron = Matron::start(Options::default());
    let ruth = Api::of(&matron, "ruth").await;
    let (noah, card) = (number(&matron, "noah"), Card::of(&matron, "noah"));
    let silent = work_with(&ruth, &noah, "repair", |_| ()).await;
    assert_eq!(silent.code(), "reason_missing");
    let absent = work_with(&ruth, &noah, "repair", |body| {
        body["reason"] = json!("cannot_sign_in");
        body["holder_present"] = json!(false);
    });
    assert_eq!(absent.await.code(), "holder_not_present");
    for (alias, code) in [
        ("grace", "card_cancelled"),
        ("nina", "identity_closed"),
        ("ruth", "actor_is_subject"),
    ] {
        let refused = ruth.work(&matron, alias, "repair").await.1;
        assert_eq!(refused.code(), code, "{alias}");
    }
    let ivan = Api::of(&matron, "ivan").await;
    let refused = ivan.work(&matron, "noah", "repair").await.1;
    assert_eq!(refused.code(), "actor_role_missing");
    // Beside a set that waits: both end.
    let (keys, pending) = card.renew().await;
    let pending = pending.good();
    let new = worked(&matron, &ruth, "noah", "repair").await;
    assert_eq!(used(&new).await, 0);
    let waiting = Card::renewed(&matron, &keys, &pending);
    for ended in [&card, &waiting] {
        let refused = ended.get("/api/v1/my/card").await;
        assert!(
            ["certificate_revoked", "certificate_superseded"].contains(&refused.code().as_str()),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn e41_out_of_area_the_home_authority_is_told_and_what_is_closed_stays_closed() {
    let matron = Matron::start(Options::default());
    let (wren, ida) = (number(&matron, "wren"), address(&matron, "ida"));
    let told = || {
        let mut told = letters(&matron, &ida);
        told.retain(|it| it.contains("Another desk has helped somebody you look after"));
        told.iter().map(|it| plain(it)).collect::<Vec<_>>()
    };
    let ruth = Api::of(&matron, "ruth").await;
    let hidden = ruth.work(&matron, "wren", "repair").await.1;
    assert_eq!(hidden.code(), "not_found");
    assert_eq!(matron.audit_lines("act_refused", "actor_out_of_scope"), 1);
    let absent = on_card(&ruth, "unlock", &wren, json!({})).await;
    assert_eq!(absent.code(), "holder_not_present");
    assert!(told().is_empty(), "what was refused is told to nobody");

    on_card(&ruth, "unlock", &wren, seen()).await.good();
    let letter = told().pop().expect("told of the unlocking");
    for part in [
        "set a new passcode",
        wren.as_str(),
        "DEMO Northmoor General Hospital",
    ] {
        assert!(letter.contains(part), "{part}: {letter}");
    }
    worked(&matron, &ruth, "wren", "renew").await;
    assert_eq!(told().len(), 2, "and of the renewal");
    assert!(told()[1].contains("renewed the smartcard"), "{:?}", told());
    let flagged = matron.audit_lines("\"out_of_area\":true", &wren);
    assert_eq!(flagged, 2);
    // Somebody of her own area is told nothing about her own people.
    let before = letters(&matron, "Another desk has helped").len();
    on_card(&ruth, "unlock", &number(&matron, "noah"), seen())
        .await
        .good();
    assert_eq!(letters(&matron, "Another desk has helped").len(), before);
}

#[tokio::test]
async fn e41_a_reissue_out_of_area_is_told_too() {
    let matron = Matron::start(Options::default());
    matron.set_clock("+41d");
    let ruth = Api::of(&matron, "ruth").await;
    worked(&matron, &ruth, "wren", "reissue").await;
    let told = letters(&matron, &address(&matron, "ida"));
    let told = told.iter().map(|it| plain(it));
    assert_eq!(
        told.filter(|it| it.contains("gave new certificates to the smartcard"))
            .count(),
        1
    );
}

#[tokio::test]
async fn e42_the_managers_own_expired_card_is_reissued_by_an_agent_with_a_second_one() {
    let matron = Matron::start(Options::default());
    // ruth's ends first of the desk's but sam's, so sam renews in time; rae's goes on.
    let sams_end = crate::clock::not_after(&matron, "sam");
    let ruths_end = crate::clock::not_after(&matron, "ruth");
    super::to(&matron, sams_end - 10 * 86_400);
    let (keys, set) = Card::of(&matron, "sam").renew().await;
    let pem = set.clone().good().body["certificates"][0]["pem"]
        .as_str()
        .expect("PEM")
        .to_owned();
    Card::renewed(&matron, &keys, &set)
        .get("/api/v1/my/card")
        .await
        .good();
    super::to(&matron, ruths_end + 1);
    let expired = Card::of(&matron, "ruth").renew().await.1;
    assert_eq!(expired.code(), "certificate_expired");

    let pem = format!("{pem}{}", keys.authentication.serialize_pem());
    let sams = crate::support::Reader::Foreign(pem.into_bytes());
    let sam = Api::by(&matron, crate::support::Agent::new(&matron, sams)).await;
    let alone = sam.work(&matron, "ruth", "reissue").await.1;
    assert_eq!(alone.code(), "second_actor_needed");
    let begun = json!({ "card_number": number(&matron, "ruth"), "kind": "reissue" });
    let begun = sam.post("/api/v1/desk/works", &begun).await.good();
    assert_eq!(begun.body["second_actor_needed"], json!(true));
    let this = json!({ "work_id": begun.text("work_id") });
    let second = "/api/v1/desk/works/second";
    let own = sam.post(second, &this).await;
    assert_ne!(own.status, StatusCode::OK, "not the same one twice");
    let rae = Api::of(&matron, "rae").await;
    rae.post(second, &this).await.good();
    let keys = Keys::fresh();
    let body = json!({
        "work_id": begun.text("work_id"), "csrs": keys.csrs(&begun.text("nonce")),
        "holder_present": true, "photo_compared": true,
    });
    let done = sam.post("/api/v1/desk/works/reissue", &body).await.good();
    sam.confirm(&done).await.good();
    let pem = done.body["certificates"][0]["pem"].as_str().expect("PEM");
    let pem = format!("{pem}{}", keys.authentication.serialize_pem());
    let hers = crate::support::Reader::Foreign(pem.into_bytes());
    let ruth = Api::by(&matron, crate::support::Agent::new(&matron, hers)).await;
    on_card(&ruth, "unlock", &number(&matron, "noah"), seen())
        .await
        .good();
    let acted = matron.audit_lines("desk_acted", "\"ground\":\"reissue\"");
    assert_eq!(acted, 1);
    let both = matron.audit_lines("desk_acted", &super::end::user(&matron, "rae"));
    assert_eq!(both, 1, "the second one is on record");
}
