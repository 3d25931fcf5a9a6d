//! Who may change where a person is reached (law K2): codes go there, and with them what they unlock.

use reqwest::StatusCode;
use serde_json::json;

use crate::app::standing;
use crate::invitations::{invite, open, set_up_with};
use crate::support::app::CALLBACK;
use crate::support::desk::user_id;
use crate::support::letters::letters;
use crate::support::phone::{self, ACR};
use crate::support::soft::{Api, Said};
use crate::support::{Agent, App, Matron, Reader, pages};

const SELF: (&str, &str) = ("scope", "openid self");
const THIEF: &str = "thief@evil.example";

/// A token of our own API, of whoever is signed in with this browser.
pub(crate) async fn token(matron: &Matron, agent: &mut Agent) -> String {
    let console = App::new(matron, "console");
    let page = agent.get(&console.url(&[ACR, SELF])).await;
    let page = agent.follow(page, CALLBACK).await;
    // Who is signed in already goes on as herself.
    let form = pages::form_with(&page.body, "data-choice=\"continue\"");
    let page = agent.submit(&form, &[]).await;
    let page = agent.follow(page, CALLBACK).await;
    let code = page.parameter("code").expect("a code");
    console.exchange(&code).await.text("access_token")
}

/// Signs in with password and app, in a browser of its own.
async fn by_app(
    matron: &Matron,
    alias: &str,
    (password, app): (&str, &enrolment::totp::AppSecret),
) -> Agent {
    let mut agent = Agent::new(matron, Reader::Empty);
    let ward = App::new(matron, "ward7");
    let (_, form) = phone::form(&mut agent, &ward.url(&[ACR])).await;
    let (name, digits) = (user_id(matron, alias), phone::code(matron, app));
    let page = phone::send(&mut agent, &form, &name, password, &digits).await;
    agent.follow(page, CALLBACK).await;
    agent
}

/// An operation with this token.
pub(crate) async fn ask(
    matron: &Matron,
    token: &str,
    path: &str,
    body: &serde_json::Value,
) -> Said {
    let client = crate::support::http(matron).build().expect("a client");
    let asked = client
        .post(format!("{}{path}", matron.issuer()))
        .bearer_auth(token)
        .json(body);
    crate::support::soft::ask(asked).await
}

/// Asks for a code to another address.
async fn change(matron: &Matron, token: &str, address: &str) -> Said {
    let body = json!({ "channel": "mail", "address": address });
    ask(matron, token, "/api/v1/my/contacts", &body).await
}

#[tokio::test]
async fn k2_who_never_had_a_card_changes_it_with_an_app_that_lasts_and_with_no_other() {
    let matron = standing();
    let password = matron.text("/people/kofi/password");
    let own = phone::secret(&matron.text("/people/kofi/totp_secret"));
    let mut agent = by_app(&matron, "kofi", (&password, &own)).await;
    let lasting = token(&matron, &mut agent).await;
    change(&matron, &lasting, "kofi@new.example").await.good();
    assert_eq!(letters(&matron, "kofi@new.example").len(), 1);

    let sam = Api::of(&matron, "sam").await;
    let given = invite(&sam, &user_id(&matron, "kofi"), "temporary")
        .await
        .good();
    let mut agent = Agent::new(&matron, Reader::Empty);
    let visit = open(&mut agent, &given.text("link")).await;
    let words = ("Borrowed", password.as_str());
    let (borrowed, done) = set_up_with(&matron, &mut agent, &visit, words).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    matron.set_clock("2026-11-25T09:01:00Z");
    let mut agent = by_app(&matron, "kofi", (&password, &borrowed)).await;
    let for_a_shift = token(&matron, &mut agent).await;
    let said = change(&matron, &for_a_shift, THIEF).await;
    assert_eq!(said.code(), "session_level_too_low");
    assert!(letters(&matron, THIEF).is_empty());
}

#[tokio::test]
async fn k2_a_session_that_cancels_her_card_does_not_do_away_with_what_stands_in_its_way() {
    let matron = standing();
    let api = Api::of(&matron, "amara").await;
    let (secret, _) = phone::set_up(&matron, &api).await;
    matron.set_clock("2026-11-25T09:02:00Z");
    let mut agent = by_app(&matron, "amara", ("tea at the window", &secret)).await;
    let weak = token(&matron, &mut agent).await;
    let said = change(&matron, &weak, THIEF).await;
    assert_eq!(said.code(), "session_level_too_low");
    let cancel = json!({ "confirmed": true, "confirmed_again": true, "reason": "lost" });
    ask(&matron, &weak, "/api/v1/my/card/cancel", &cancel)
        .await
        .good();
    let said = change(&matron, &weak, THIEF).await;
    assert_eq!(said.code(), "session_level_too_low");
    assert!(letters(&matron, THIEF).is_empty());
}
