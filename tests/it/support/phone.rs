//! Somebody's phone: an authenticator app, and what its owner types at a sign-in.

use enrolment::totp::AppSecret;
use policies::time::Time;
use policies::totp::step_of;
use serde_json::json;

use super::agent::Page;
use super::app::CALLBACK;
use super::pages::{self, Form};
use super::soft::Api;
use super::{Agent, Matron};

/// What an application asks that takes two factors of any kind.
pub(crate) const ACR: (&str, &str) = ("acr_values", "AAL2_OR_AAL3_ANY");

/// Base32 as a phone reads it (RFC 4648 6).
pub(crate) fn secret(text: &str) -> AppSecret {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.chars() {
        let value = LETTERS.find(letter).expect("Base32");
        bits = (bits << 5) | u32::try_from(value).expect("small");
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).expect("a byte"));
        }
    }
    AppSecret::from_bytes(bytes.into())
}

/// What the app shows now.
pub(crate) fn code(matron: &Matron, secret: &AppSecret) -> String {
    let now = Time::from_unix(matron.now());
    secret.code(step_of(now)).to_string()
}

/// From an authorization URL to the form of password and code.
pub(crate) async fn form(agent: &mut Agent, url: &str) -> (Page, Form) {
    let first = agent.get(url).await;
    let methods = agent.follow(first, CALLBACK).await;
    let link = pages::tags(&methods.body, "a")
        .into_iter()
        .find(|tag| pages::attribute(tag, "data-method").as_deref() == Some("authenticator-app"))
        .and_then(|tag| pages::attribute(tag, "href"))
        .unwrap_or_else(|| panic!("no app: {}", methods.body));
    let page = agent.get(&link).await;
    let form = pages::form_with(&page.body, "data-method=\"authenticator-app\"");
    (page, form)
}

pub(crate) async fn send(
    agent: &mut Agent,
    form: &Form,
    name: &str,
    password: &str,
    code: &str,
) -> Page {
    let fields = [("username", name), ("password", password), ("code", code)];
    agent.submit(form, &fields).await
}

/// By the API: another app, and the same password again.
pub(crate) async fn set_up(matron: &Matron, api: &Api<'_>) -> (AppSecret, String) {
    let begun = api
        .post("/api/v1/my/authenticators/app", &json!({}))
        .await
        .good();
    let by_api = secret(&begun.text("secret"));
    let body = json!({ "authenticator_id": begun.text("authenticator_id"), "name": "Phone",
                       "password": "tea at the window", "code": code(matron, &by_api) });
    api.post("/api/v1/my/authenticators/app/finish", &body)
        .await
        .good();
    let listed = api.get("/api/v1/my/authenticators").await.good();
    let id = begun.text("authenticator_id");
    assert!(listed.body.to_string().contains(&id), "{}", listed.body);
    (by_api, id)
}
