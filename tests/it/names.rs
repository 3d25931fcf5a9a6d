//! What a person calls her ways to sign in: only text, and what is none is refused with a code and a line
//! in the trail, whichever door it comes through.

use reqwest::StatusCode;
use serde_json::json;

use crate::keys::allowing;
use crate::support::ceremony::offer_by_api;
use crate::support::key::{Batch, Make, SoftKey};
use crate::support::pages;
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron};

/// Markup, a text that turns its neighbours round, nothing, too much.
fn no_names() -> [String; 4] {
    [
        "<b onclick=\"x\">key</b>",
        "key \u{202e}yek",
        " ",
        &"n".repeat(41),
    ]
    .map(str::to_owned)
}

fn lines(matron: &Matron, task: &str) -> usize {
    let ours = format!("\"task\":\"{task}\"");
    let all = matron.audit();
    let all = all.iter().map(ToString::to_string);
    all.filter(|line| line.contains("name_not_allowed") && line.contains(&ours))
        .count()
}

#[tokio::test]
async fn a_name_that_is_none_is_refused_with_a_code_and_a_line_by_the_api() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let api = Api::of(&matron, "amara").await;
    let mut key = SoftKey::new(&matron.issuer(), Make::of(&batch));
    let path = "/api/v1/my/authenticators/app";
    let begun = api.post(path, &json!({})).await.good();
    for name in no_names() {
        let said = offer_by_api(&api, &mut key, &name).await;
        assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
        assert_eq!(said.code(), "name_not_allowed");
        let body = json!({ "authenticator_id": begun.text("authenticator_id"), "name": name,
                           "password": "tea at the window", "code": "000000" });
        let said = api.post(&format!("{path}/finish"), &body).await;
        assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
        assert_eq!(said.code(), "name_not_allowed");
    }
    assert_eq!(lines(&matron, "finishSecurityKey"), 4);
    assert_eq!(lines(&matron, "finishAuthenticatorApp"), 4);
}

#[tokio::test]
async fn a_name_that_is_none_is_refused_with_a_code_and_a_line_by_the_pages() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let mut amara = Agent::with_card(&matron, "amara");
    App::new(&matron, "ward7").code_with(&mut amara, &[]).await;
    let mine = format!("{}/my/authenticators", matron.issuer());
    let page = amara.get(&format!("{mine}/key")).await;
    let key = pages::form_with(&page.body, "name=\"name\"");
    let page = amara.get(&format!("{mine}/app")).await;
    let begin = pages::form_with(&page.body, "data-choice=\"begin\"");
    let page = amara.submit(&begin, &[]).await;
    let app = pages::form_with(&page.body, "data-choice=\"finish\"");
    for name in no_names() {
        let said = amara.submit(&key, &[("name", &name)]).await;
        assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
        assert_eq!(said.refusal().as_deref(), Some("name_not_allowed"));
        let words = [("name", name.as_str()), ("password", "tea at the window")];
        let said = amara.submit(&app, &words).await;
        assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
        assert!(
            said.body.contains("without &#60; and &#62;"),
            "{}",
            said.body
        );
    }
    assert_eq!(lines(&matron, "startSecurityKey"), 4);
    assert_eq!(lines(&matron, "finishAuthenticatorApp"), 4);
}
