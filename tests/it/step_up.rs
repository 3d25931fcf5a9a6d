//! From a weaker sign-in to a stronger one, and what the page of ways knows of the person and the
//! browser before it.

use reqwest::StatusCode;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::json;

use crate::held::hold;
use crate::support::agent::{Page, smartcard_link};
use crate::support::app::{Answer, CALLBACK};
use crate::support::letters::{address, letters};
use crate::support::phone::{self, ACR};
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron, Options, Reader, pages};

const AAL3: (&str, &str) = ("acr_values", "AAL3_ANY");

fn standing() -> Matron {
    Matron::start(Options {
        clock: Some("2026-11-25T09:00:00Z".into()),
        ..Options::default()
    })
}

/// The session cookie that a page gives, as a browser would send it.
fn session_cookie(page: &Page) -> Option<String> {
    let lines = page.headers.get_all(SET_COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok()?.split(';').next().map(str::to_owned))
        .find(|pair| pair.starts_with("__Host-matron-session"))
}

/// Amara, who has a card in this reader, signs in with the app that she set up before.
async fn signed_in_by_app(matron: &Matron, app: &App<'_>) -> (Agent, Page) {
    let api = Api::of(matron, "amara").await;
    let (secret, _) = phone::set_up(matron, &api).await;
    matron.set_clock("2026-11-25T09:02:00Z");
    let mut agent = Agent::with_card(matron, "amara");
    let (_, form) = phone::form(&mut agent, &app.url(&[ACR])).await;
    let name = matron.text("/people/amara/email");
    let digits = phone::code(matron, &secret);
    let page = phone::send(&mut agent, &form, &name, "tea at the window", &digits).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    (agent, page)
}

/// Chooses the first role where it is asked, until the redirect to the application.
async fn on(agent: &mut Agent, page: Page) -> Page {
    let page = agent.follow(page, CALLBACK).await;
    let Some(role) = crate::support::agent::role_ids(&page.body)
        .into_iter()
        .next()
    else {
        return page;
    };
    let form = pages::form_with(&page.body, "name=\"role_id\"");
    let page = agent.submit(&form, &[("role_id", &role)]).await;
    agent.follow(page, CALLBACK).await
}

#[tokio::test]
async fn what_asks_for_aal3_in_an_aal2_session_gets_a_step_up_and_no_new_sign_in() {
    let matron = standing();
    let app = App::new(&matron, "ward7");
    let (mut agent, page) = signed_in_by_app(&matron, &app).await;
    let weak_cookie = session_cookie(&page).expect("a session");
    let page = on(&mut agent, page).await;
    let weak = app.exchange(&page.parameter("code").expect("a code")).await;
    assert_eq!(weak.claims()["acr"], json!("AAL2_ANY"));
    let role = weak.claims()["matron_session_role"].clone();

    // Who she is, what is asked, which of her own ways reach it, and which is not enough.
    let first = agent.get(&app.url(&[AAL3])).await;
    let ways = agent.follow(first, CALLBACK).await;
    assert!(
        ways.body.contains("data-notice=\"step-up\""),
        "{}",
        ways.body
    );
    assert!(
        ways.body
            .contains("Of your own ways, this is enough: Smartcard.")
    );
    let off = "data-method=\"authenticator-app\" data-unavailable=\"acr\"";
    assert!(ways.body.contains(off), "{}", ways.body);
    let card = agent
        .get(&smartcard_link(&ways.body).expect("the card"))
        .await;
    let ticket = agent.follow(card, CALLBACK).await;
    let strong = app
        .exchange(&ticket.parameter("code").expect("no picker, a code"))
        .await;

    // The level is the new one, the role the old one, the name and key of the session others.
    assert_eq!(strong.claims()["acr"], json!("AAL3_ANY"));
    assert_eq!(strong.claims()["amr"], json!(["N3_SMARTCARD"]));
    assert_eq!(strong.claims()["matron_session_role"], role);
    assert_ne!(strong.claims()["sid"], weak.claims()["sid"]);
    let request = crate::support::http(&matron).build().expect("a client");
    let old = request
        .get(format!("{}/my/sessions", matron.issuer()))
        .header(COOKIE, weak_cookie)
        .send();
    assert_eq!(
        old.await.expect("an answer").status(),
        StatusCode::SEE_OTHER
    );
    // It is one session that went on: the tokens of the first application live.
    let told = async |tokens: &Answer| app.userinfo(&tokens.text("access_token")).await.status;
    assert_eq!(told(&weak).await, StatusCode::OK);
    // What an application is held to is asked of the proof that its token came of (law S11).
    hold(&matron, "ward7", "acr_values", &["AAL2_TOTP"]);
    assert_eq!(told(&weak).await, StatusCode::OK);
    assert_eq!(told(&strong).await, StatusCode::UNAUTHORIZED);
    hold(&matron, "ward7", "acr_values", &["AAL3_ANY"]);
    assert_eq!(told(&weak).await, StatusCode::UNAUTHORIZED);
    assert_eq!(told(&strong).await, StatusCode::OK);
}

#[tokio::test]
async fn a_step_up_without_a_way_that_reaches_it_says_so_and_silence_is_an_error() {
    let matron = standing();
    let app = App::new(&matron, "ward7");
    let kofi = phone::secret(&matron.text("/people/kofi/totp_secret"));
    let mut agent = Agent::new(&matron, Reader::Empty);
    let (_, form) = phone::form(&mut agent, &app.url(&[ACR])).await;
    let (name, password) = (
        matron.text("/people/kofi/email"),
        matron.text("/people/kofi/password"),
    );
    let digits = phone::code(&matron, &kofi);
    let page = phone::send(&mut agent, &form, &name, &password, &digits).await;
    on(&mut agent, page).await;
    let silent = agent.get(&app.url(&[AAL3, ("prompt", "none")])).await;
    let silent = agent.follow(silent, CALLBACK).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
    let first = agent.get(&app.url(&[AAL3])).await;
    let ways = agent.follow(first, CALLBACK).await;
    assert!(
        ways.body.contains("data-notice=\"step-up\""),
        "{}",
        ways.body
    );
    assert!(
        ways.body
            .contains("None of your own ways to sign in is strong enough yet.")
    );
    assert!(ways.body.contains("href=\"/find-your-ra\""));
    // He goes back as he is: the application is told, and his session goes on.
    let back = pages::form_with(&ways.body, "data-choice=\"without\"");
    let forged = back.clone().forged("form_token", "other");
    assert_eq!(
        agent.submit(&forged, &[]).await.status,
        StatusCode::FORBIDDEN
    );
    let told = agent.submit(&back, &[]).await;
    let error = told.parameter("error");
    assert_eq!(error.as_deref(), Some("unmet_authentication_requirements"));
    assert!(told.parameter("iss").is_some(), "{:?}", told.location);
    let over = agent.submit(&back, &[]).await;
    assert_eq!(over.refusal().as_deref(), Some("sign_in_over"));
    let mine = format!("{}/my/sessions", matron.issuer());
    assert_eq!(agent.get(&mine).await.status, StatusCode::OK);
    // A page of ours would ask again at once.
    let desk = agent.get(&format!("{}/desk", matron.issuer())).await;
    let ways = agent.follow(desk, "none").await;
    let back = pages::form_with(&ways.body, "data-choice=\"without\"");
    let start = agent.submit(&back, &[]).await;
    assert_eq!(start.location.expect("a way").path(), "/");
}

#[tokio::test]
async fn the_way_that_a_browser_used_last_comes_first_where_it_is_enough() {
    let matron = standing();
    let app = App::new(&matron, "ward7");
    let (mut agent, page) = signed_in_by_app(&matron, &app).await;
    on(&mut agent, page).await;
    let methods = |body: &str| -> Vec<String> {
        body.split("data-method=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next().map(str::to_owned))
            .collect()
    };
    let first = agent.get(&app.url(&[ACR, ("prompt", "login")])).await;
    let ways = agent.follow(first, CALLBACK).await;
    assert_eq!(methods(&ways.body)[0], "authenticator-app", "{}", ways.body);
    assert_eq!(ways.body.matches("Used last on this computer.").count(), 1);
    let first = agent.get(&app.url(&[AAL3, ("prompt", "login")])).await;
    let ways = agent.follow(first, CALLBACK).await;
    assert_eq!(
        methods(&ways.body)[0],
        "smartcard",
        "not enough is not first"
    );
    assert_eq!(ways.body.matches("Used last on this computer.").count(), 0);
}

/// A browser whose connections come from that address.
fn from(matron: &Matron, address: [u8; 4]) -> Agent {
    let mut pem = matron.file("/people/amara/card/authentication/certificate");
    pem.extend(matron.file("/people/amara/card/authentication/key"));
    let client = crate::support::http(matron)
        .cookie_store(true)
        .identity(reqwest::Identity::from_pem(&pem).expect("a card"))
        .local_address(std::net::IpAddr::from(address))
        .user_agent("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0")
        .build();
    Agent::of(client.expect("a client"))
}

#[tokio::test]
async fn s8_signing_in_from_two_places_at_once_is_told_once_a_day() {
    const TOLD: &str = "signed in in two places";
    let matron = standing();
    let app = App::new(&matron, "ward7");
    let (mut ward, mut office) = (from(&matron, [127, 0, 0, 1]), from(&matron, [127, 0, 7, 1]));
    app.code_with(&mut ward, &[]).await;
    // Next door, in the same network: nothing.
    app.code_with(&mut from(&matron, [127, 0, 0, 9]), &[]).await;
    assert_eq!(matron.audit_lines("seen_in_two_places", "person"), 0);
    app.code_with(&mut office, &[]).await;
    assert_eq!(matron.audit_lines("seen_in_two_places", "person"), 1);
    app.code_with(&mut from(&matron, [127, 0, 8, 1]), &[]).await;
    assert_eq!(
        matron.audit_lines("seen_in_two_places", "person"),
        2,
        "every time in the trail"
    );
    // Both are in her list, with where and how; the other one can be ended from here.
    let list = office
        .get(&format!("{}/my/sessions", matron.issuer()))
        .await;
    assert!(
        list.body.contains("Edge, Windows, from 127.0.0.1"),
        "{}",
        list.body
    );
    assert!(
        list.body.contains("Edge, Windows, from 127.0.7.1"),
        "{}",
        list.body
    );
    // A quarter of an hour later the others are no longer in use.
    matron.set_clock("2026-11-25T09:16:00Z");
    app.code_with(&mut from(&matron, [127, 0, 9, 1]), &[]).await;
    assert_eq!(matron.audit_lines("seen_in_two_places", "person"), 2);
    // Told once, at each of her addresses.
    let mail = address(&matron, "amara");
    let told = letters(&matron, TOLD);
    let to_her = told.iter().filter(|letter| letter.contains(&mail)).count();
    assert_eq!(to_her, 1, "{told:?}");
}

#[tokio::test]
async fn the_desk_asks_for_aal3_before_anybody_proves_less() {
    let matron = Matron::shared();
    let mut agent = Agent::new(matron, Reader::Empty);
    let first = agent.get(&format!("{}/desk", matron.issuer())).await;
    let ways = agent.follow(first, "none").await;
    for says in [
        "Sign in to Matron\u{2019}s card desk",
        "data-method=\"authenticator-app\" data-unavailable=\"acr\"",
    ] {
        assert!(ways.body.contains(says), "{says}: {}", ways.body);
    }
    assert!(smartcard_link(&ways.body).is_some(), "{}", ways.body);
    let own = agent.get(&format!("{}/my", matron.issuer())).await;
    let ways = agent.follow(own, "none").await;
    assert!(!ways.body.contains("data-unavailable=\"acr\""));
}
