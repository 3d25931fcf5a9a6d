//! Codes and tokens: once, for one client, one redirect URI, one verifier, 60 seconds (contract 4, oidc 5b 9-14).

use reqwest::StatusCode;
use serde_json::json;

use crate::support::app::{CALLBACK, VERIFIER};
use crate::support::{Agent, App, Matron, Options};

#[tokio::test]
async fn a_code_replayed_is_refused_and_kills_the_tokens_it_gave() {
    let app = App::new(Matron::shared(), "ward7");
    let code = app.code("noah").await;
    let tokens = app.exchange(&code).await;
    assert_eq!(
        app.userinfo(&tokens.text("access_token")).await.status,
        StatusCode::OK
    );
    let again = app.exchange(&code).await;
    assert_eq!(
        (again.status, again.text("error").as_str()),
        (StatusCode::BAD_REQUEST, "invalid_grant")
    );
    assert_eq!(
        app.userinfo(&tokens.text("access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn of_64_exchanges_at_once_exactly_one_wins() {
    one_of_64_wins(&App::new(Matron::shared(), "ward7")).await;
}

#[tokio::test]
async fn of_64_exchanges_at_once_exactly_one_wins_on_postgresql() {
    let Some(database) = crate::support::postgres().await else {
        return;
    };
    let matron = Matron::start(Options {
        database: Some(database),
        ..Options::default()
    });
    one_of_64_wins(&App::new(&matron, "ward7")).await;
}

async fn one_of_64_wins(app: &App<'_>) {
    for _ in 0..3 {
        let code = app.code("noah").await;
        let answers = (0..64).map(|_| app.exchange(&code)).collect::<Vec<_>>();
        let mut won = 0;
        for answer in crate::support::all(answers).await {
            match answer.status {
                StatusCode::OK => won += 1,
                _ => assert_eq!(answer.text("error"), "invalid_grant", "{:?}", answer.body),
            }
        }
        assert_eq!(won, 1);
    }
}

#[tokio::test]
async fn a_code_is_bound_to_its_client_redirect_uri_and_verifier() {
    let matron = Matron::shared();
    let app = App::new(matron, "ward7");
    let other = App::new(matron, "console");
    let grant = |code: &str, uri: &str, verifier: Option<&str>| {
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", uri.to_owned()),
        ];
        form.extend(verifier.map(|v| ("code_verifier", v.to_owned())));
        form
    };
    let cases: [(&App<'_>, &str, Option<&str>, &str); 5] = [
        (&other, CALLBACK, Some(VERIFIER), "another client"),
        (
            &app,
            "http://127.0.0.1:9999/callback/",
            Some(VERIFIER),
            "another redirect URI",
        ),
        (
            &app,
            CALLBACK,
            Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX"),
            "another verifier",
        ),
        (&app, CALLBACK, None, "no verifier"),
        (
            &app,
            CALLBACK,
            Some("short"),
            "a verifier too short for RFC 7636 4.1",
        ),
    ];
    for (who, uri, verifier, what) in cases {
        let code = app.code("noah").await;
        let form = grant(&code, uri, verifier);
        let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let answer = who.token(&form).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{what}: {:?}",
            answer.body
        );
        assert!(
            ["invalid_grant", "invalid_request"].contains(&answer.text("error").as_str()),
            "{what}"
        );
        assert!(answer.body.get("access_token").is_none(), "{what}");
    }
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let matron = Matron::shared();
    let app = App::new(matron, "cis2app");
    let mut agent = Agent::with_card(matron, "noah");
    let code = app
        .code_with(
            &mut agent,
            &[("code_challenge", ""), ("code_challenge_method", "")],
        )
        .await;
    let (id, secret) = (app.id(), app.secret().expect("confidential"));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", &id),
        ("client_secret", &secret),
    ];
    let answer = crate::support::post_form(matron, "/oauth2/token", &form).await;
    assert_eq!(
        answer.text("error"),
        "invalid_grant",
        "PKCE downgrade, RFC 9700 4.8.2: {:?}",
        answer.body
    );
}

#[tokio::test]
async fn a_code_dies_after_60_seconds() {
    let matron = Matron::start(Options {
        clock: Some("2028-03-01T09:00:00Z".into()),
        ..Options::default()
    });
    let app = App::new(&matron, "ward7");
    let code = app.code("noah").await;
    matron.set_clock("2028-03-01T09:01:00Z");
    let last = app.exchange(&code).await;
    assert_eq!(
        last.status,
        StatusCode::OK,
        "at 60 s exactly it still works: {:?}",
        last.body
    );
    let code = app.code("noah").await;
    matron.set_clock("2028-03-01T09:02:01Z");
    assert_eq!(app.exchange(&code).await.text("error"), "invalid_grant");
}

#[tokio::test]
async fn only_console_may_ask_for_self_and_desk() {
    let matron = Matron::shared();
    for (alias, allowed) in [
        ("ward7", false),
        ("spa", false),
        ("cis2app", false),
        ("console", true),
    ] {
        let app = App::new(matron, alias);
        for scope in ["openid self", "openid desk"] {
            let page = Agent::with_card(matron, "ruth")
                .get(&app.url(&[("scope", scope)]))
                .await;
            let refused = page.parameter("error").as_deref() == Some("invalid_scope");
            assert_eq!(refused, !allowed, "{alias} {scope}: {:?}", page.location);
        }
    }
}

#[tokio::test]
async fn what_an_application_asks_for_and_is_not_given_has_its_line_and_no_other_audience() {
    let matron = Matron::start(Options::default());
    let ward = App::new(&matron, "ward7");
    let page = Agent::with_card(&matron, "noah")
        .get(&ward.url(&[("scope", "openid desk")]))
        .await;
    assert_eq!(page.parameter("error").as_deref(), Some("invalid_scope"));
    assert_eq!(
        matron.audit_lines("authorization_refused", "invalid_scope"),
        1
    );
    // Another resource (RFC 8707) gets nobody another audience.
    let other = format!("{}/api/v1", matron.issuer());
    let code = ward
        .code_with(
            &mut Agent::with_card(&matron, "noah"),
            &[("resource", &other)],
        )
        .await;
    let tokens = ward.exchange(&code).await;
    let ours = matron.text("/clients/ward7/client_id");
    assert_eq!(tokens.claims()["aud"], ours);
    let said = crate::support::http(&matron)
        .build()
        .expect("a client")
        .get(format!("{other}/my/card"))
        .bearer_auth(tokens.text("access_token"))
        .send()
        .await
        .expect("an answer");
    assert!(said.status().is_client_error(), "{}", said.status());
}

#[tokio::test]
async fn a_public_client_needs_pkce_and_no_secret() {
    let matron = Matron::shared();
    let app = App::new(matron, "spa");
    let page = Agent::with_card(matron, "noah")
        .get(&app.url(&[("code_challenge", "")]))
        .await;
    assert_eq!(page.parameter("error").as_deref(), Some("invalid_request"));
    let plain = Agent::with_card(matron, "noah")
        .get(&app.url(&[("code_challenge_method", "plain")]))
        .await;
    assert_eq!(plain.parameter("error").as_deref(), Some("invalid_request"));
    let tokens = app.tokens("noah").await;
    assert_eq!(tokens.status, StatusCode::OK);
    assert_eq!(tokens.body["token_type"], json!("Bearer"));
    assert!(
        tokens.body["expires_in"]
            .as_i64()
            .is_some_and(|s| s <= 3600)
    );
}

#[tokio::test]
async fn every_truncation_of_an_access_token_is_refused() {
    let app = App::new(Matron::shared(), "ward7");
    let token = app.tokens("noah").await.text("access_token");
    for end in (0..token.len()).step_by(7) {
        assert_ne!(
            app.userinfo(&token[..end]).await.status,
            StatusCode::OK,
            "{end}"
        );
    }
    let flipped = format!(
        "{}{}",
        &token[..token.len() - 1],
        if token.ends_with('A') { 'B' } else { 'A' }
    );
    assert_eq!(
        app.userinfo(&flipped).await.status,
        StatusCode::UNAUTHORIZED
    );
}
