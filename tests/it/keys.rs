//! Security keys and passkeys through the front door: added by pages and API, tried at once, signing
//! in without a name, at the level that their evidence and their session prove.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::invitations::told_everywhere;
use crate::support::agent::Page;
use crate::support::app::CALLBACK;
use crate::support::ceremony::{self, add, add_by_api, offer_by_api, sign_in, use_key, way};
use crate::support::key::{Batch, Make, SoftKey};
use crate::support::letters::letters;
use crate::support::phone;
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron, Options, Reader, pages};

pub(crate) const AAL2: (&str, &str) = ("acr_values", "AAL2_OR_AAL3_ANY");
pub(crate) const AAL3: (&str, &str) = ("acr_values", "AAL3_ANY");
pub(crate) const CLOCK: &str = "2026-11-25T09:00:00Z";

/// A Matron whose clock stands, and which allows the keys of that batch for AAL3.
pub(crate) fn allowing(batch: &Batch) -> Matron {
    let folder = tempfile::TempDir::new().expect("a folder");
    Matron::start(listing(batch, folder.path(), "allowed"))
}

/// How to start one with a list in which the model of that batch stands so.
pub(crate) fn listing(batch: &Batch, folder: &std::path::Path, standing: &str) -> Options {
    let list = batch.list(folder, standing);
    Options {
        clock: Some(CLOCK.into()),
        arguments: vec![
            "--authenticator-models".to_owned(),
            list.display().to_string(),
        ],
        ..Options::default()
    }
}

/// Signs kofi in to his own pages, with password and app; three minutes later than the last time.
async fn kofi(matron: &Matron, agent: &mut Agent) {
    let secret = phone::secret(&matron.text("/people/kofi/totp_secret"));
    let own = format!("{}/signin/own?page=my", matron.issuer());
    let (_, form) = phone::form(agent, &own).await;
    let name = matron.text("/people/kofi/user_id");
    let password = matron.text("/people/kofi/password");
    let code = phone::code(matron, &secret);
    let page = phone::send(agent, &form, &name, &password, &code).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
}

async fn claims(app: &App<'_>, agent: &mut Agent, page: Page) -> Value {
    let page = agent.follow(page, CALLBACK).await;
    let page = match page.parameter("code") {
        Some(_) => page,
        None => agent.sign_in(page.url.as_str(), CALLBACK, 0).await,
    };
    let code = page
        .parameter("code")
        .unwrap_or_else(|| panic!("no code: {} {}", page.url, page.body));
    app.exchange(&code).await.claims()
}

#[tokio::test]
async fn kofi_adds_a_key_himself_in_four_actions_and_signs_in_without_a_name() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::new(&matron, Reader::Empty);
    kofi(&matron, &mut agent).await;
    let mut key = SoftKey::new(&matron.issuer(), Make::of(&batch));
    // From his list: the link, the kind, the trial. The name is filled in.
    let list = format!("{}/my/authenticators", matron.issuer());
    let list = agent.get(&list).await;
    let link = pages::link(&list.body, "add-key").expect("a link");
    let page = agent.get(&link).await;
    assert!(
        page.body.contains("data-bound-at=\"aal2\""),
        "{}",
        page.body
    );
    assert!(pages::text(&page.body).contains("(AAL2), so this device will open"));
    let form = ceremony::form(&page);
    let asked = ceremony::asked(
        &mut agent,
        &form,
        &[("name", "My key"), ("kind", "roaming")],
    )
    .await;
    assert_eq!(
        asked.options["authenticatorSelection"]["authenticatorAttachment"],
        "cross-platform"
    );
    let answer = key.create(&asked.options).to_string();
    let answer = (asked.ceremony.as_str(), answer.as_str());
    let added = ceremony::send(&mut agent, &form, answer, &[("name", "My key")]).await;
    let trial = agent.follow(added, CALLBACK).await;
    assert!(
        trial.body.contains("data-notice=\"bound_at_aal2\""),
        "{}",
        trial.body
    );
    let tried = use_key(&mut agent, &trial, &mut key).await;
    let list = agent.follow(tried, CALLBACK).await;
    let words = pages::text(&list.body);
    assert!(
        words.contains("My key Security key State In use"),
        "{words}"
    );
    assert_eq!(matron.audit_lines("authenticator_added", "security-key"), 1);
    assert!(!letters(&matron, "My key").is_empty(), "he was told");

    let mut other = Agent::new(&matron, Reader::Empty);
    let page = sign_in(&mut other, &app.url(&[AAL2]), "security-key", &mut key).await;
    let claims = claims(&app, &mut other, page).await;
    assert_eq!(claims["sub"], matron.text("/people/kofi/user_id"));
    assert_eq!(claims["amr"], json!(["FIDO2"]));
    assert_eq!(claims["acr"], "AAL2_ANY");
    let mut other = Agent::new(&matron, Reader::Empty);
    let page = sign_in(&mut other, &app.url(&[AAL3]), "security-key", &mut key).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(page.refusal().as_deref(), Some("authenticator_too_weak"));
    assert!(
        pages::link(&page.body, "other-way").is_some(),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_spent_budget_of_codes_blocks_no_other_way() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::new(&matron, Reader::Empty);
    kofi(&matron, &mut agent).await;
    let mut key = SoftKey::new(&matron.issuer(), Make::of(&batch));
    let added = add(&mut agent, &matron, &mut key, "My key").await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    // Somebody spends it, until the right words are not looked at either.
    matron.set_clock("2026-11-25T09:05:00Z");
    let mut other = Agent::new(&matron, Reader::Empty);
    let (_, form) = phone::form(&mut other, &app.url(&[AAL2])).await;
    let (name, password) = (
        matron.text("/people/kofi/user_id"),
        matron.text("/people/kofi/password"),
    );
    for _ in 0..4 {
        phone::send(&mut other, &form, &name, "wrong", "123456").await;
    }
    let secret = phone::secret(&matron.text("/people/kofi/totp_secret"));
    let digits = phone::code(&matron, &secret);
    let spent = phone::send(&mut other, &form, &name, &password, &digits).await;
    assert_eq!(spent.refusal().as_deref(), Some("too_many_tries"));
    let page = sign_in(&mut other, &app.url(&[AAL2]), "security-key", &mut key).await;
    let claims = claims(&app, &mut other, page).await;
    assert_eq!(claims["sub"], name.as_str());
    assert_eq!(claims["amr"], json!(["FIDO2"]));
}

#[tokio::test]
async fn a_card_sign_in_raises_a_key_and_the_refusal_before_names_the_card() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let app = App::new(&matron, "ward7");
    let api = Api::of(&matron, "amara").await;
    let (phone, _) = phone::set_up(&matron, &api).await;
    matron.set_clock("2026-11-25T09:05:00Z");
    // In a session of AAL2.
    let mut agent = Agent::new(&matron, Reader::Empty);
    let (_, form) = phone::form(&mut agent, &app.url(&[AAL2])).await;
    let digits = phone::code(&matron, &phone);
    let name = matron.text("/people/amara/email");
    phone::send(&mut agent, &form, &name, "tea at the window", &digits).await;
    let mut key = SoftKey::new(&matron.issuer(), Make::of(&batch));
    let added = add(&mut agent, &matron, &mut key, "Blue key").await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);

    let mut other = Agent::new(&matron, Reader::Empty);
    let weak = sign_in(&mut other, &app.url(&[AAL3]), "security-key", &mut key).await;
    assert_eq!(weak.refusal().as_deref(), Some("authenticator_too_weak"));
    assert!(weak.body.contains("<li>Smartcard</li>"), "{}", weak.body);
    assert_eq!(
        matron.audit_lines("sign_in_refused", "authenticator_too_weak"),
        1
    );
    app.tokens("amara").await;
    assert_eq!(matron.audit_lines("authenticator_raised", ""), 1);
    told_everywhere(&matron, "amara", "raised to AAL3");
    let mut other = Agent::new(&matron, Reader::Empty);
    let page = sign_in(&mut other, &app.url(&[AAL3]), "security-key", &mut key).await;
    let claims = claims(&app, &mut other, page).await;
    assert_eq!(claims["acr"], "AAL3_ANY");
    assert_eq!(claims["amr"], json!(["FIDO2"]));
}

#[tokio::test]
async fn a_session_ends_with_the_key_that_opened_it_and_names_are_only_text() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let app = App::new(&matron, "ward7");
    let api = Api::of(&matron, "amara").await;
    let site = matron.issuer();
    let mut key = SoftKey::new(&site, Make::of(&batch));
    for name in ["<b onclick=\"x\">key</b>", "key \u{202e}yek"] {
        let refused = offer_by_api(&api, &mut key, name).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let added = add_by_api(&api, &mut key, "key & \"lock\"").await;
    let mut agent = Agent::new(&matron, Reader::Empty);
    let page = sign_in(&mut agent, &app.url(&[AAL3]), "security-key", &mut key).await;
    agent.follow(page, CALLBACK).await;
    let list = agent.get(&format!("{site}/my/authenticators")).await;
    assert!(
        list.body.contains("key &#38; &#34;lock&#34;"),
        "{}",
        list.body
    );
    // Lost: its session is over, and it opens nothing until it is found.
    let id = added["authenticator_id"].as_str().expect("a name");
    let change = async |state| {
        let body = json!({ "authenticator_id": id, "state": state });
        api.post("/api/v1/my/authenticators/change", &body)
            .await
            .good();
    };
    change("suspended").await;
    let mine = format!("{site}/my/sessions");
    assert_eq!(agent.get(&mine).await.status, StatusCode::SEE_OTHER);
    let refused = async |key: &mut SoftKey| {
        let mut other = Agent::new(&matron, Reader::Empty);
        let page = sign_in(&mut other, &app.url(&[AAL2]), "security-key", key).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        page.refusal().expect("a refusal")
    };
    assert_eq!(refused(&mut key).await, "authenticator_suspended");
    change("active").await;
    let body = json!({ "authenticator_id": id });
    api.post("/api/v1/my/authenticators/remove", &body)
        .await
        .good();
    assert_eq!(refused(&mut key).await, "authenticator_removed");
    let mut stranger = SoftKey::new(&site, Make::plain());
    stranger.user_handle = key.user_handle.clone();
    assert_eq!(refused(&mut stranger).await, "authenticator_unknown");
}

#[tokio::test]
async fn the_pages_say_what_to_do_without_javascript_and_offer_every_way() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::new(&matron, Reader::Empty);
    for method in ["security-key", "windows-hello", "passkey"] {
        let page = way(&mut agent, &app.url(&[AAL2]), method).await;
        assert_eq!(page.status, StatusCode::OK);
        let words = pages::text(&page.body);
        assert!(words.contains("needs JavaScript"), "{words}");
        assert!(
            words.contains("password and authenticator app, work"),
            "{words}"
        );
        assert!(!page.body.contains("<script>"), "no inline script");
        let csp = page.headers["content-security-policy"]
            .to_str()
            .expect("ASCII");
        assert!(
            csp.contains("script-src 'self'") && !csp.contains("unsafe"),
            "{csp}"
        );
        let form = ceremony::form(&page);
        assert_eq!(form.action, "/signin/key");
        let asked = ceremony::asked(&mut agent, &form, &[]).await;
        assert_eq!(asked.options["userVerification"], "required");
        assert_eq!(asked.options["allowCredentials"], json!([]));
        // Sent without an answer, as a browser without JavaScript could.
        let empty = ceremony::send(&mut agent, &form, ("", ""), &[]).await;
        assert_eq!(empty.refusal().as_deref(), Some("ceremony_failed"));
        assert!(pages::link(&empty.body, "other-way").is_some());
    }
    let first = agent.get(&app.url(&[AAL3])).await;
    let methods = agent.follow(first, CALLBACK).await;
    let off = "data-method=\"passkey\" data-unavailable=\"acr\"";
    assert!(methods.body.contains(off), "{}", methods.body);
    assert!(
        methods.body.contains("href=\"/signin/key"),
        "{}",
        methods.body
    );
}
