//! What somebody with patience tries against keys: answers of another ceremony, page, person or time, and
//! bytes that are nothing.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::keys::{AAL2, AAL3, allowing};
use crate::support::agent::Page;
use crate::support::app::CALLBACK;
use crate::support::ceremony::{self, Asked, add, add_by_api, sign_in, way};
use crate::support::key::{Batch, Make, SoftKey};
use crate::support::pages::Form;
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron, Reader};

pub(crate) const START: &str = "/api/v1/my/authenticators/key";
pub(crate) const FINISH: &str = "/api/v1/my/authenticators/key/finish";

/// amara's key, added by the API in a session of AAL3.
pub(crate) async fn with_key(batch: &std::sync::Arc<Batch>) -> (Matron, SoftKey) {
    let matron = allowing(batch);
    let mut key = SoftKey::new(&matron.issuer(), Make::of(batch));
    let api = Api::of(&matron, "amara").await;
    add_by_api(&api, &mut key, "My key").await;
    (matron, key)
}

/// A browser at the page of security keys, with its form and what it was asked.
async fn at_the_page(matron: &Matron, agent: &mut Agent) -> (Form, Asked) {
    let app = App::new(matron, "ward7");
    let page = way(agent, &app.url(&[AAL2]), "security-key").await;
    let form = ceremony::form(&page);
    let asked = ceremony::asked(agent, &form, &[]).await;
    (form, asked)
}

pub(crate) fn failed(page: &Page) {
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    assert_eq!(page.refusal().as_deref(), Some("ceremony_failed"));
}

#[tokio::test]
async fn an_answer_counts_once_in_its_browser_for_its_purpose_within_five_minutes() {
    let batch = Batch::of(*b"matron-test-key!");
    let (matron, mut key) = with_key(&batch).await;
    let (mut one, mut two) = (
        Agent::new(&matron, Reader::Empty),
        Agent::new(&matron, Reader::Empty),
    );
    let (form, asked) = at_the_page(&matron, &mut one).await;
    let (foreign_form, foreign) = at_the_page(&matron, &mut two).await;
    let answer = key.get(&asked.options).to_string();
    // In another browser: under its name there, and under the name of the other's ceremony.
    for name in [&asked.ceremony, &foreign.ceremony] {
        let page = ceremony::send(&mut two, &foreign_form, (name, &answer), &[]).await;
        failed(&page);
    }
    // Its own browser, five minutes and a second later, then in time; a replay finds nothing.
    let (late_form, late) = at_the_page(&matron, &mut two).await;
    let late_answer = key.get(&late.options).to_string();
    matron.set_clock("2026-11-25T09:05:01Z");
    let page = ceremony::send(&mut two, &late_form, (&late.ceremony, &late_answer), &[]).await;
    failed(&page);
    matron.set_clock("2026-11-25T09:05:00Z");
    let right = (asked.ceremony.as_str(), answer.as_str());
    let page = ceremony::send(&mut one, &form, right, &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    let (again_form, _) = at_the_page(&matron, &mut two).await;
    failed(&ceremony::send(&mut two, &again_form, right, &[]).await);
    assert_eq!(matron.audit_lines("\"signed_in\"", "FIDO2"), 1);
    assert_eq!(matron.audit_lines("sign_in_refused", "ceremony_failed"), 4);
}

#[tokio::test]
async fn a_form_without_its_token_begins_and_spends_nothing() {
    let batch = Batch::of(*b"matron-test-key!");
    let (matron, mut key) = with_key(&batch).await;
    let mut agent = Agent::new(&matron, Reader::Empty);
    let (form, asked) = at_the_page(&matron, &mut agent).await;
    let answer = key.get(&asked.options).to_string();
    let right = (asked.ceremony.as_str(), answer.as_str());
    let forged = form.clone().forged("form_token", &"A".repeat(43));
    let begun = ceremony::start(&mut agent, &forged, &[]).await;
    assert_eq!(begun.status, StatusCode::FORBIDDEN, "{}", begun.body);
    let sent = ceremony::send(&mut agent, &forged, right, &[]).await;
    assert_eq!(sent.status, StatusCode::FORBIDDEN, "{}", sent.body);
    // What was asked before waits as if nobody had come.
    let page = ceremony::send(&mut agent, &form, right, &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    // A sign-in that is over is told first, whatever the form says.
    matron.set_clock("2026-11-25T09:10:01Z");
    for form in [&form, &forged] {
        let over = ceremony::send(&mut agent, form, right, &[]).await;
        assert_eq!(over.refusal().as_deref(), Some("sign_in_over"));
        let over = ceremony::start(&mut agent, form, &[]).await;
        assert_eq!(over.refusal().as_deref(), Some("sign_in_over"));
    }
}

#[tokio::test]
async fn of_many_equal_answers_at_once_one_signs_in() {
    let batch = Batch::of(*b"matron-test-key!");
    let (matron, mut key) = with_key(&batch).await;
    let mut agent = Agent::new(&matron, Reader::Empty);
    let (form, asked) = at_the_page(&matron, &mut agent).await;
    let answer = key.get(&asked.options).to_string();
    let url = format!("{}{}", matron.issuer(), form.action);
    let mut fields = form.hidden.clone();
    fields.retain(|(name, _)| name != "ceremony" && name != "answer");
    fields.push(("ceremony".to_owned(), asked.ceremony));
    fields.push(("answer".to_owned(), answer));
    let tries = (0..32).map(|_| {
        let request = agent.client().post(&url).header("origin", matron.issuer());
        request.form(&fields).send()
    });
    let answers = crate::support::all(tries.collect()).await;
    let opened = answers
        .into_iter()
        .filter(|answer| answer.as_ref().expect("an answer").status() == StatusCode::SEE_OTHER);
    assert_eq!(opened.count(), 1);
    assert_eq!(matron.audit_lines("\"signed_in\"", "FIDO2"), 1);
    assert_eq!(
        matron.audit_lines("looks_copied", ""),
        0,
        "no copy was seen"
    );
}

#[tokio::test]
async fn what_was_asked_for_one_purpose_is_no_answer_for_another() {
    let batch = Batch::of(*b"matron-test-key!");
    let (matron, mut key) = with_key(&batch).await;
    let mut agent = Agent::with_card(&matron, "amara");
    App::new(&matron, "ward7").code_with(&mut agent, &[]).await;
    let page = agent
        .get(&format!("{}{}", matron.issuer(), "/my/authenticators/key"))
        .await;
    let form = ceremony::form(&page);
    let making = ceremony::asked(&mut agent, &form, &[("name", "Other")]).await;
    let mut other = SoftKey::new(&matron.issuer(), Make::of(&batch));
    let made = other.create(&making.options).to_string();
    // A new key's statement, and its challenge signed by a good key, at the sign-in.
    let mut guest = Agent::new(&matron, Reader::Empty);
    let (sign_in_form, asked) = at_the_page(&matron, &mut guest).await;
    let signed = key.get(&making.options).to_string();
    for (name, answer) in [
        (&making.ceremony, &made),
        (&making.ceremony, &signed),
        (&asked.ceremony, &made),
    ] {
        let page = ceremony::send(&mut guest, &sign_in_form, (name, answer), &[]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    }
    assert_eq!(matron.audit_lines("sign_in_refused", "ceremony_failed"), 2);
    assert_eq!(
        matron.audit_lines("sign_in_refused", "authenticator_unknown"),
        1
    );
    // A sign-in's answer where a key was to be made; the ceremony is spent by it.
    let (_, asked) = at_the_page(&matron, &mut guest).await;
    let answer = key.get(&asked.options).to_string();
    for answer in [&answer, &made] {
        let name = making.ceremony.as_str();
        failed(&ceremony::send(&mut agent, &form, (name, answer), &[("name", "Other")]).await);
    }
    assert_eq!(
        matron.audit_lines("authenticator_added", ""),
        2,
        "kofi's app, amara's key"
    );
}

#[tokio::test]
async fn a_ceremony_belongs_to_one_person_in_one_session() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let (amara, noah) = (
        Api::of(&matron, "amara").await,
        Api::of(&matron, "noah").await,
    );
    let again = Api::of(&matron, "amara").await;
    let begun = amara
        .post(START, &json!({ "kind": "roaming" }))
        .await
        .good();
    assert_eq!(begun.body["bound_at_level"], 3);
    let mut key = SoftKey::new(&matron.issuer(), Make::of(&batch));
    let body = json!({
        "ceremony_id": begun.text("ceremony_id"),
        "name": "My key",
        "credential": key.create(&begun.body["public_key"]),
    });
    for stranger in [&noah, &again] {
        let said = stranger.post(FINISH, &body).await;
        assert_eq!((said.status, said.code()), refusal(422, "ceremony_failed"));
    }
    amara.post(FINISH, &body).await.good();
    let twice = amara.post(FINISH, &body).await;
    assert_eq!(twice.code(), "ceremony_failed");
    // The same device for somebody else: it says so, whoever asks.
    let begun = noah.post(START, &json!({})).await.good();
    let body = json!({
        "ceremony_id": begun.text("ceremony_id"),
        "name": "My key",
        "credential": key.create(&begun.body["public_key"]),
    });
    let said = noah.post(FINISH, &body).await;
    assert_eq!(
        (said.status, said.code()),
        refusal(409, "already_registered_elsewhere")
    );
    assert_eq!(matron.audit_lines("act_refused", "finishSecurityKey"), 4);
    let begun = amara.post(START, &json!({})).await.good();
    let known = &begun.body["public_key"]["excludeCredentials"];
    assert_eq!(known[0]["id"], key.id());
}

pub(crate) fn refusal(status: u16, code: &str) -> (StatusCode, String) {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, code.to_owned())
}

/// What a signature of a device has in it, and what a new key has.
const SIGNED: [&str; 6] = [
    "/rawId",
    "/id",
    "/type",
    "/response/clientDataJSON",
    "/response/signature",
    "/response/authenticatorData",
];
const MADE: [&str; 5] = [
    "/rawId",
    "/id",
    "/type",
    "/response/clientDataJSON",
    "/response/attestationObject",
];

/// An answer with something of it replaced.
fn damaged(good: &Value, parts: &[&str]) -> Vec<String> {
    let replaced = |path: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(path).expect("there") = value;
        bad.to_string()
    };
    let mut all: Vec<String> = ["", "{}", "[]", "null", "\"x\"", "{\"rawId\":1}", "\u{fffd}"]
        .map(str::to_owned)
        .to_vec();
    all.push("[".repeat(15_000));
    all.push(format!("{{\"rawId\":\"{}\"}}", "A".repeat(40_000)));
    for path in parts {
        for value in [
            json!(""),
            json!(7),
            json!("%%%"),
            json!("AAAA"),
            Value::Null,
        ] {
            all.push(replaced(path, value));
        }
    }
    all
}

#[tokio::test]
async fn malformed_answers_are_refused_with_a_code_and_a_line() {
    let batch = Batch::of(*b"matron-test-key!");
    let (matron, mut key) = with_key(&batch).await;
    let api = Api::of(&matron, "noah").await;
    let mut agent = Agent::new(&matron, Reader::Empty);
    let app = App::new(&matron, "ward7");
    let page = way(&mut agent, &app.url(&[AAL2]), "security-key").await;
    let form = ceremony::form(&page);
    let model = ceremony::asked(&mut agent, &form, &[]).await;
    let all = damaged(&key.get(&model.options), &SIGNED).len();
    // Each answers a question of its own: but for the damage it would sign in.
    for number in 0..all {
        let asked = ceremony::asked(&mut agent, &form, &[]).await;
        let bad = damaged(&key.get(&asked.options), &SIGNED).swap_remove(number);
        let page = ceremony::send(&mut agent, &form, (&asked.ceremony, &bad), &[]).await;
        let code = page.refusal().unwrap_or_default();
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{bad}: {}", page.body);
        assert!(
            ["ceremony_failed", "authenticator_unknown"].contains(&code.as_str()),
            "{bad}: {code}"
        );
    }
    // Or be added.
    let mut new = SoftKey::new(&matron.issuer(), Make::of(&batch));
    let begun = api.post(START, &json!({})).await.good();
    let all_made = damaged(&new.create(&begun.body["public_key"]), &MADE).len();
    for number in 0..=all_made {
        let begun = api.post(START, &json!({})).await.good();
        let good = new.create(&begun.body["public_key"]);
        let bad = damaged(&good, &MADE).into_iter().nth(number);
        let bad = bad.unwrap_or_else(|| good.to_string());
        let Ok(credential) = serde_json::from_str::<Value>(&bad) else {
            continue;
        };
        let body = json!({ "ceremony_id": begun.text("ceremony_id"), "name": "x",
                           "credential": credential });
        let said = api.post(FINISH, &body).await;
        if number == all_made {
            said.good();
        } else {
            assert_eq!((said.status, said.code()), refusal(422, "ceremony_failed"));
        }
    }
    assert_eq!(matron.audit_lines("sign_in_refused", ""), all);
    for body in [
        json!({}),
        json!({ "kind": "any" }),
        json!({ "kind": 7 }),
        json!([]),
    ] {
        let said = api.post(FINISH, &body).await;
        assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    let said = api.post(START, &json!({ "kind": "any" })).await;
    assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY);
    // The key itself is untouched by all that.
    let page = sign_in(&mut agent, &app.url(&[AAL3]), "security-key", &mut key).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
}

#[tokio::test]
async fn the_session_gets_another_name_when_a_key_proves_her_again() {
    let batch = Batch::of(*b"matron-test-key!");
    let (matron, mut key) = with_key(&batch).await;
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::with_card(&matron, "amara");
    let code = app.code_with(&mut agent, &[]).await;
    let first = app.exchange(&code).await.claims();
    let url = app.url(&[AAL3, ("prompt", "login")]);
    let page = sign_in(&mut agent, &url, "security-key", &mut key).await;
    let page = agent.follow(page, CALLBACK).await;
    let code = page.parameter("code").expect("her role goes on with her");
    let second = app.exchange(&code).await.claims();
    assert_eq!(second["sub"], first["sub"]);
    assert_ne!(second["sid"], first["sid"]);
    let refused = add(&mut agent, &matron, &mut key, "x").await;
    assert_eq!(
        refused.refusal().as_deref(),
        Some("ceremony_failed"),
        "a device that she has already makes no second key"
    );
}
