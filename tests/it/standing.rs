//! What somebody may still do when her session has changed, or what opened it: each act is judged by
//! the session that came, as it stands now.

use reqwest::StatusCode;
use serde_json::json;

use crate::app::standing;
use crate::invitations::{invite, open, set_up_with, sign_in};
use crate::support::agent::smartcard_link;
use crate::support::app::CALLBACK;
use crate::support::desk::user_id;
use crate::support::phone::{self, ACR};
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron, Reader};

const AAL3: (&str, &str) = ("acr_values", "AAL3_ANY");
const PASSWORD: &str = "tea at the window";
const SELF: (&str, &str) = ("scope", "openid self");

/// Signs in with the app that was set up before.
async fn by_app(
    matron: &Matron,
    agent: &mut Agent,
    (app, scope): (&App<'_>, (&str, &str)),
    secret: &enrolment::totp::AppSecret,
) -> String {
    let (_, form) = phone::form(agent, &app.url(&[ACR, scope])).await;
    let (name, digits) = (
        matron.text("/people/amara/email"),
        phone::code(matron, secret),
    );
    let page = phone::send(agent, &form, &name, PASSWORD, &digits).await;
    let page = agent.follow(page, CALLBACK).await;
    page.parameter("code").expect("a code")
}

/// Proves herself with her card for an application that asks for more, in the same browser.
async fn step_up(agent: &mut Agent, ward: &App<'_>) {
    let first = agent.get(&ward.url(&[AAL3, ("scope", "openid")])).await;
    let ways = agent.follow(first, CALLBACK).await;
    let card = smartcard_link(&ways.body).expect("the card");
    let card = agent.get(&card).await;
    let done = agent.follow(card, CALLBACK).await;
    assert!(done.parameter("code").is_some(), "{}", done.body);
}

async fn listed(matron: &Matron, token: &str) -> StatusCode {
    let client = crate::support::http(matron).build().expect("a client");
    let url = format!("{}/api/v1/my/sessions", matron.issuer());
    let said = client.get(url).bearer_auth(token).send().await;
    said.expect("an answer").status()
}

#[tokio::test]
async fn a_token_of_our_own_api_lives_five_minutes() {
    let matron = standing();
    let console = App::new(&matron, "console");
    let mut agent = Agent::with_card(&matron, "amara");
    let code = console.code_with(&mut agent, &[SELF]).await;
    let tokens = console.exchange(&code).await;
    assert_eq!(tokens.body["expires_in"], json!(300));
    let token = tokens.text("access_token");
    matron.set_clock("2026-11-25T09:04:59Z");
    assert_eq!(listed(&matron, &token).await, StatusCode::OK);
    matron.set_clock("2026-11-25T09:05:00Z");
    assert_eq!(listed(&matron, &token).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_stronger_proof_lifts_no_token_of_before_and_its_old_name_still_ends_the_session() {
    let matron = standing();
    let (console, ward) = (App::new(&matron, "console"), App::new(&matron, "ward7"));
    let (secret, _) = phone::set_up(&matron, &Api::of(&matron, "amara").await).await;
    matron.set_clock("2026-11-25T09:02:00Z");
    let mut agent = Agent::with_card(&matron, "amara");
    let code = by_app(&matron, &mut agent, (&console, SELF), &secret).await;
    let weak = console.exchange(&code).await;
    let token = weak.text("access_token");
    assert_eq!(listed(&matron, &token).await, StatusCode::OK);
    step_up(&mut agent, &ward).await;
    assert_eq!(listed(&matron, &token).await, StatusCode::UNAUTHORIZED);
    // The application knows the session by the name of then.
    let sid = weak.claims()["sid"].clone();
    let api = Api::of(&matron, "amara").await;
    let ended = api
        .post("/api/v1/my/sessions/end", &json!({ "sid": sid }))
        .await
        .good();
    assert_eq!(ended.body["ended"], json!(1));
    let start = agent.get(&format!("{}/my/sessions", matron.issuer())).await;
    assert_eq!(start.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_was_lost_takes_with_it_what_it_opened_and_being_found_brings_nothing_back() {
    let matron = standing();
    let ward = App::new(&matron, "ward7");
    let (secret, id) = phone::set_up(&matron, &Api::of(&matron, "amara").await).await;
    matron.set_clock("2026-11-25T09:02:00Z");
    let scope = ("scope", "openid");
    let mut alone = Agent::new(&matron, Reader::Empty);
    let code = by_app(&matron, &mut alone, (&ward, scope), &secret).await;
    let first = ward.exchange(&code).await.text("access_token");
    matron.set_clock("2026-11-25T09:03:00Z");
    let mut stepped = Agent::with_card(&matron, "amara");
    let code = by_app(&matron, &mut stepped, (&ward, scope), &secret).await;
    let second = ward.exchange(&code).await.text("access_token");
    step_up(&mut stepped, &ward).await;
    for token in [&first, &second] {
        assert_eq!(ward.userinfo(token).await.status, StatusCode::OK);
    }
    let api = Api::of(&matron, "amara").await;
    let mine = format!("{}/my/sessions", matron.issuer());
    // Within the second in which it was used, and whatever the clock says afterwards.
    for (state, time) in [("suspended", "09:03:00"), ("active", "09:02:30")] {
        let body = json!({ "authenticator_id": id, "state": state });
        api.post("/api/v1/my/authenticators/change", &body)
            .await
            .good();
        matron.set_clock(&format!("2026-11-25T{time}Z"));
        assert_eq!(
            ward.userinfo(&first).await.status,
            StatusCode::UNAUTHORIZED,
            "{state}"
        );
        assert_eq!(alone.get(&mine).await.status, StatusCode::SEE_OTHER);
        assert_eq!(
            ward.userinfo(&second).await.status,
            StatusCode::UNAUTHORIZED,
            "{state}"
        );
        // Her card has opened this one anew; only what the app had opened is over.
        assert_eq!(stepped.get(&mine).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn saying_found_of_what_was_not_lost_ends_nothing() {
    let matron = standing();
    let api = Api::of(&matron, "amara").await;
    let (secret, id) = phone::set_up(&matron, &api).await;
    matron.set_clock("2026-11-25T09:02:00Z");
    let (mut agent, ward) = (
        Agent::new(&matron, Reader::Empty),
        App::new(&matron, "ward7"),
    );
    by_app(&matron, &mut agent, (&ward, ("scope", "openid")), &secret).await;
    let body = json!({ "authenticator_id": id, "state": "active" });
    let said = api.post("/api/v1/my/authenticators/change", &body).await;
    assert_eq!(said.good().body["state"], json!("active"));
    let mine = format!("{}/my/sessions", matron.issuer());
    assert_eq!(agent.get(&mine).await.status, StatusCode::OK);
    assert_eq!(matron.audit_lines("session_ended", "authenticator_lost"), 0);
}

#[tokio::test]
async fn what_an_app_for_one_shift_was_given_ends_with_the_shift_whatever_opened_the_session_anew()
{
    let matron = standing();
    let ward = App::new(&matron, "ward7");
    let (amara, api) = (user_id(&matron, "amara"), Api::of(&matron, "amara").await);
    phone::set_up(&matron, &api).await;
    let sam = Api::of(&matron, "sam").await;
    let given = invite(&sam, &amara, "temporary").await.good();
    let mut visitor = Agent::new(&matron, Reader::Empty);
    let visit = open(&mut visitor, &given.text("link")).await;
    let (secret, done) = set_up_with(&matron, &mut visitor, &visit, ("Shift", PASSWORD)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    matron.set_clock("2026-11-25T20:40:00Z");
    let mut agent = Agent::with_card(&matron, "amara");
    let code = by_app(&matron, &mut agent, (&ward, ("scope", "openid")), &secret).await;
    let token = ward.exchange(&code).await.text("access_token");
    step_up(&mut agent, &ward).await;
    let mine = format!("{}/my/sessions", matron.issuer());
    matron.set_clock("2026-11-25T20:50:00Z");
    assert_eq!(agent.get(&mine).await.status, StatusCode::OK);
    for (time, status) in [
        ("21:00:00", StatusCode::OK),
        ("21:00:01", StatusCode::UNAUTHORIZED),
    ] {
        matron.set_clock(&format!("2026-11-25T{time}Z"));
        assert_eq!(ward.userinfo(&token).await.status, status, "{time}");
    }
    // Her card goes on by itself.
    assert_eq!(agent.get(&mine).await.status, StatusCode::OK);
}

#[tokio::test]
async fn g28_access_for_a_shift_leaves_her_password() {
    let matron = standing();
    let (amara, api) = (user_id(&matron, "amara"), Api::of(&matron, "amara").await);
    let (secret, _) = phone::set_up(&matron, &api).await;
    let sam = Api::of(&matron, "sam").await;
    let given = invite(&sam, &amara, "temporary").await.good();
    // Whoever tries passwords at the door spends no tries of a visit.
    let ward = App::new(&matron, "ward7");
    for _ in 0..3 {
        let mut stranger = Agent::new(&matron, Reader::Empty);
        let (_, form) = phone::form(&mut stranger, &ward.url(&[ACR])).await;
        phone::send(&mut stranger, &form, &amara, "a wrong password", "000000").await;
    }
    assert_eq!(matron.audit_lines("sign_in_refused", "too_many_tries"), 1);
    let mut thief = Agent::new(&matron, Reader::Empty);
    let visit = open(&mut thief, &given.text("link")).await;
    let (_, wrong) = set_up_with(&matron, &mut thief, &visit, ("Mine", "a thief's password")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("current-password"), "{}", wrong.body);
    assert!(wrong.body.contains("password-wrong"), "{}", wrong.body);
    assert_eq!(matron.audit_lines("act_refused", "credentials_wrong"), 1);
    let (_, right) = set_up_with(&matron, &mut thief, &visit, ("Mine", PASSWORD)).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER, "{}", right.body);
    // Her own app and her own password go on.
    matron.set_clock("2026-11-25T09:01:00Z");
    let mut own = Agent::new(&matron, Reader::Empty);
    let page = sign_in(&matron, &mut own, &amara, &secret).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
}

#[tokio::test]
async fn g29_no_desk_gives_alone_a_lasting_way_into_a_colleagues_account() {
    let matron = standing();
    let (ruth, rae) = (user_id(&matron, "ruth"), Api::of(&matron, "rae").await);
    let refused = invite(&rae, &ruth, "lasting").await;
    assert_eq!(refused.code(), "second_actor_needed");
    invite(&rae, &ruth, "temporary").await.good();
    invite(&rae, &user_id(&matron, "noah"), "lasting")
        .await
        .good();
}

#[tokio::test]
async fn a_number_counts_the_same_in_every_spelling_whether_anybody_has_it_or_not() {
    let matron = standing();
    let ward = App::new(&matron, "ward7");
    let grouped = |number: &str| format!("{}-{}-{}", &number[..4], &number[4..8], &number[8..]);
    let mut said = Vec::new();
    for number in [user_id(&matron, "kofi"), "555099999999".to_owned()] {
        let mut agent = Agent::new(&matron, Reader::Empty);
        let (_, form) = phone::form(&mut agent, &ward.url(&[ACR])).await;
        let mut codes = Vec::new();
        for name in [&number, &number, &grouped(&number)] {
            let page = phone::send(&mut agent, &form, name, "wrong", "123456").await;
            codes.push(page.refusal());
        }
        said.push(codes);
    }
    assert_eq!(said[0], said[1]);
    assert_eq!(said[0][2].as_deref(), Some("too_many_tries"));
}

#[tokio::test]
async fn a_clock_that_is_put_back_keeps_nobody_out() {
    let matron = standing();
    let ward = App::new(&matron, "ward7");
    let kofi = phone::secret(&matron.text("/people/kofi/totp_secret"));
    let (name, password) = (
        user_id(&matron, "kofi"),
        matron.text("/people/kofi/password"),
    );
    for time in ["2026-11-25T12:00:00Z", "2026-11-25T09:00:00Z"] {
        matron.set_clock(time);
        let mut agent = Agent::new(&matron, Reader::Empty);
        let (_, form) = phone::form(&mut agent, &ward.url(&[ACR])).await;
        for _ in 0..2 {
            phone::send(&mut agent, &form, &name, "wrong", "123456").await;
        }
        let after = &time.replace(":00Z", ":20Z");
        matron.set_clock(after);
        let digits = phone::code(&matron, &kofi);
        let page = phone::send(&mut agent, &form, &name, &password, &digits).await;
        assert_eq!(
            page.status,
            StatusCode::SEE_OTHER,
            "{time}: {:?}",
            page.refusal()
        );
    }
}
