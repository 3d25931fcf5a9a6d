//! The main way: a card by mutual TLS, a role, tokens that carry it. Claims are those of domain 2.4 and 2.5.

use reqwest::StatusCode;

use crate::support::{Agent, App, Matron, app::CALLBACK};

#[tokio::test]
async fn a_card_login_yields_tokens_that_carry_the_chosen_role() {
    let matron = Matron::shared();
    let app = App::new(matron, "ward7");
    let mut agent = Agent::with_card(matron, "amara");
    let page = agent.sign_in(&app.url(&[]), CALLBACK, 1).await;
    assert_eq!(page.parameter("state").as_deref(), Some("xyz"));
    assert_eq!(page.parameter("iss"), Some(matron.issuer()), "RFC 9207");
    let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.body);
    let claims = tokens.claims();
    assert_eq!(claims["iss"], matron.issuer());
    assert_eq!(claims["sub"], matron.text("/people/amara/user_id"));
    assert_eq!(claims["aud"], app.id(), "a plain string");
    assert_eq!(claims["acr"], "AAL3_ANY");
    assert_eq!(claims["amr"], serde_json::json!(["N3_SMARTCARD"]));
    assert_eq!(claims["nonce"], "n-0S6_WzA2Mj");
    assert!(
        claims["sid"].is_string() && claims["at_hash"].is_string() && claims["auth_time"].is_i64()
    );
    let role = &claims["matron_session_role"];
    assert_eq!(role["role_id"], claims["selected_roleid"]);
    assert!(role["org_code"].is_string() && role["job_role"].is_string());

    let info = app.userinfo(&tokens.text("access_token")).await;
    assert_eq!(info.status, StatusCode::OK);
    assert_eq!(info.body["sub"], claims["sub"]);
    let listed = info.body["nhsid_nrbac_roles"].as_array().expect("a list");
    assert_eq!(listed.len(), 1, "role lists are limited to the chosen role");
    assert_eq!(listed[0]["person_roleid"], claims["selected_roleid"]);
    assert_eq!(
        info.body["nhsid_user_orgs"][0]["org_code"],
        role["org_code"]
    );
}

#[tokio::test]
async fn every_demo_person_who_may_sign_in_does() {
    let matron = Matron::shared();
    let app = App::new(matron, "ward7");
    for person in [
        "noah", "hana", "mei", "leila", "paul", "ruth", "sam", "rae", "dina", "joan", "ivan",
        "theo", "priya",
    ] {
        let tokens = app.tokens(person).await;
        assert_eq!(tokens.status, StatusCode::OK, "{person}: {:?}", tokens.body);
        assert_eq!(
            tokens.claims()["sub"],
            matron.text(&format!("/people/{person}/user_id"))
        );
    }
}

#[tokio::test]
async fn without_a_role_selected_roleid_is_empty_and_suspended_roles_do_not_count() {
    let app = App::new(Matron::shared(), "ward7");
    for person in ["omar", "paul"] {
        let tokens = app.tokens(person).await;
        assert_eq!(tokens.claims()["selected_roleid"], "", "{person}");
        let info = app.userinfo(&tokens.text("access_token")).await;
        assert!(
            info.body
                .get("nhsid_nrbac_roles")
                .is_none_or(|r| r.as_array().is_some_and(Vec::is_empty))
        );
    }
}

#[tokio::test]
async fn a_scope_that_was_not_asked_for_gives_nothing() {
    let app = App::new(Matron::shared(), "ward7");
    let mut agent = Agent::with_card(app.matron, "noah");
    let code = app.code_with(&mut agent, &[("scope", "openid")]).await;
    let tokens = app.exchange(&code).await;
    assert!(tokens.claims().get("selected_roleid").is_none());
    let info = app.userinfo(&tokens.text("access_token")).await;
    let names: Vec<_> = info
        .body
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    assert!(
        names.iter().all(|n| n == "sub" || n.starts_with("matron_")),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_second_app_rides_on_the_session_and_auth_time_stays() {
    let matron = Matron::shared();
    let (ward7, cis2app) = (App::new(matron, "ward7"), App::new(matron, "cis2app"));
    let mut agent = Agent::with_card(matron, "noah");
    let first = ward7
        .exchange(&ward7.code_with(&mut agent, &[]).await)
        .await
        .claims();
    let page = agent
        .get(&cis2app.url(&[
            ("prompt", "none"),
            ("code_challenge", ""),
            ("code_challenge_method", ""),
        ]))
        .await;
    let code = page
        .parameter("code")
        .unwrap_or_else(|| panic!("{:?} {}", page.location, page.body));
    let id = cis2app.id();
    let secret = cis2app.secret().expect("confidential");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    let answer = crate::support::post_form(matron, "/oauth2/token", &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    let claims = answer.claims();
    assert_eq!(claims["auth_time"], first["auth_time"]);
    assert_eq!(
        claims["id_assurance_level"], claims["idassurancelevel"],
        "both spellings for CIS2 clients"
    );
}

#[tokio::test]
async fn prompt_none_without_a_session_is_login_required() {
    let app = App::new(Matron::shared(), "ward7");
    let page = Agent::with_card(app.matron, "noah")
        .get(&app.url(&[("prompt", "none")]))
        .await;
    assert_eq!(page.parameter("error").as_deref(), Some("login_required"));
    assert_eq!(page.parameter("iss"), Some(app.matron.issuer()));
}

#[tokio::test]
async fn changedrole_changes_the_role_without_a_new_login() {
    let matron = Matron::shared();
    let app = App::new(matron, "ward7");
    let mut agent = Agent::with_card(matron, "amara");
    let first = app
        .exchange(&app.code_with(&mut agent, &[]).await)
        .await
        .claims();
    let url = app.url(&[("scope", "openid nationalrbacaccess changedrole")]);
    let page = agent.sign_in(&url, CALLBACK, 1).await;
    let second = app
        .exchange(&page.parameter("code").expect("a code"))
        .await
        .claims();
    assert_ne!(first["selected_roleid"], second["selected_roleid"]);
    assert_eq!(first["auth_time"], second["auth_time"], "no new login");
}

#[tokio::test]
async fn a_level_that_cannot_be_met_is_said_so() {
    let app = App::new(Matron::shared(), "ward7");
    let mut agent = Agent::with_card(app.matron, "noah");
    let unknown = app
        .code_with(&mut agent, &[("acr_values", "urn:nobody:knows")])
        .await;
    assert!(!unknown.is_empty(), "unknown acr_values are ignored");
    let page = Agent::with_card(app.matron, "noah")
        .get(&app.url(&[("acr_values", "AAL3_IOS")]))
        .await;
    assert_eq!(
        page.parameter("error").as_deref(),
        Some("unmet_authentication_requirements")
    );
}
