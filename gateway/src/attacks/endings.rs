//! What has ended gives nothing any more, at the very next step (attack table 25, 50, 51 and 93).

use http::header;

use super::scene::{
    AFTER, authorize, location, parameter, person, session_cookie, set_cookie, silent, text,
};
use super::{Scene, StatusCode, scene};

/// Ways in which what a sign-in rested on can end.
const ENDINGS: [&str; 4] = [
    "UPDATE session SET ended_at = authenticated_at, end_reason = 'signed_out'",
    scene::CANCELLED,
    "UPDATE person SET state = 'closed', closed_at = registered_at",
    "UPDATE role SET suspended = 1 WHERE role_id = '777000000001'",
];

#[tokio::test]
async fn a_code_gives_no_token_once_session_card_person_or_role_has_ended() {
    for ending in ENDINGS {
        let scene = Scene::set().await;
        let code = scene.code("openid selectedrole").await;
        scene.meanwhile(ending).await;
        let refused = scene.tokens(&code).await;
        let expected = (StatusCode::BAD_REQUEST, "invalid_grant".to_owned());
        assert_eq!(refused, expected, "{ending}");
    }
}

#[tokio::test]
async fn a_token_tells_nothing_once_session_card_person_or_role_has_ended() {
    for ending in ENDINGS {
        let scene = Scene::set().await;
        let code = scene.code("openid selectedrole").await;
        let (status, token) = scene.tokens(&code).await;
        assert_eq!(status, StatusCode::OK);
        let ask = || {
            let request = http::Request::get("/oauth2/userinfo")
                .header(header::AUTHORIZATION, format!("Bearer {token}"));
            request.body(axum::body::Body::empty()).unwrap()
        };
        assert_eq!(scene.send(ask()).await.status(), StatusCode::OK);
        scene.meanwhile(ending).await;
        let answer = scene.send(ask()).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{ending}");
    }
}

#[tokio::test]
async fn no_code_is_given_once_session_card_or_person_has_ended() {
    for ending in ENDINGS.into_iter().take(3) {
        let scene = Scene::set().await;
        scene.code("openid").await;
        scene.meanwhile(ending).await;
        let answer = scene.get(&silent("openid"), Some(&session_cookie())).await;
        let error = parameter(&answer, "error");
        assert_eq!(error.as_deref(), Some("login_required"), "{ending}");
    }
}

/// No page asks for a role here, so nothing but the writing of the code judges the one of her session.
#[tokio::test]
async fn a_role_lost_since_it_was_chosen_goes_into_no_code() {
    let scene = Scene::set().await;
    scene.code("openid selectedrole").await;
    for scope in [
        "nationalrbacaccess",
        "associatedorgs",
        "organisationalmemberships",
    ] {
        scene.code(&format!("openid {scope}")).await;
    }
    scene.meanwhile(ENDINGS[3]).await;
    for scope in [
        "nationalrbacaccess",
        "associatedorgs",
        "organisationalmemberships",
    ] {
        let url = silent(&format!("openid {scope}"));
        let answer = scene.get(&url, Some(&session_cookie())).await;
        let error = parameter(&answer, "error");
        assert_eq!(error.as_deref(), Some("access_denied"), "{scope}");
    }
    // What says nothing of roles goes on.
    scene.code("openid").await;
}

#[tokio::test]
async fn a_sign_out_that_nobody_asked_for_asks_first_and_leads_to_registered_addresses_only() {
    let scene = Scene::set().await;
    let cookie = session_cookie();
    let asked = scene.get("/oauth2/end_session", Some(&cookie)).await;
    assert_eq!(asked.status(), StatusCode::OK, "a question");
    for address in [
        "https://evil.example/",
        "https://app.example/bye/",
        "https://app.example/bye?x",
        "//evil.example",
        "/\\evil.example",
    ] {
        let path = format!(
            "/oauth2/end_session?client_id=app&post_logout_redirect_uri={}",
            form_urlencoded::byte_serialize(address.as_bytes()).collect::<String>()
        );
        for cookie in [None, Some(cookie.as_str())] {
            let answer = scene.get(&path, cookie).await;
            assert_eq!(location(&answer), None, "{address}");
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{address}");
        }
    }
    let path = format!("/oauth2/end_session?client_id=app&post_logout_redirect_uri={AFTER}");
    let answer = scene.get(&path, None).await;
    assert_eq!(location(&answer).as_deref(), Some(AFTER));
    assert!(scene.get(&path, Some(&cookie)).await.status().is_success());
    scene.code("openid").await;
}

#[tokio::test]
async fn signing_out_takes_cookie_and_cached_pages_away_and_tokens_with_them() {
    let scene = Scene::set().await;
    let (_, token) = scene.tokens(&scene.code("openid").await).await;
    let page = text(
        scene
            .get("/oauth2/end_session", Some(&session_cookie()))
            .await,
    )
    .await;
    let (_, rest) = page.split_once("name=\"form_token\" value=\"").unwrap();
    let (form_token, _) = rest.split_once('"').unwrap();
    let post = |token: &str| {
        http::Request::post("/oauth2/end_session")
            .header(header::COOKIE, session_cookie())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(format!("form_token={token}")))
            .unwrap()
    };
    let forged = scene.send(post("AAAA")).await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    let left = scene.send(post(form_token)).await;
    assert!(left.status().is_success());
    let cleared = set_cookie(&left, "__Host-matron-session-8443=").unwrap();
    assert_eq!(cleared, "__Host-matron-session-8443=");
    assert_eq!(left.headers()["clear-site-data"], "\"cache\"");
    let request = http::Request::get("/oauth2/userinfo")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(scene.send(request).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_photo_is_shown_to_its_own_session_and_can_do_nothing() {
    let scene = Scene::set().await;
    let own = format!("/photo/{}", person());
    let shown = scene.get(&own, Some(&session_cookie())).await;
    assert_eq!(shown.status(), StatusCode::OK);
    let policy = shown.headers()[header::CONTENT_SECURITY_POLICY].to_str();
    assert!(policy.unwrap().ends_with("sandbox"));
    assert_eq!(shown.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    for (path, cookie) in [
        (own.as_str(), None),
        ("/photo/555000000002", Some(session_cookie())),
    ] {
        let answer = scene.get(path, cookie.as_deref()).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn every_cookie_is_secure_and_of_this_host() {
    let scene = Scene::set().await;
    let answer = scene.get(&authorize("openid"), None).await;
    let lines = answer.headers().get_all(header::SET_COOKIE);
    assert!(lines.iter().count() > 0);
    for line in lines {
        let line = line.to_str().unwrap();
        assert!(
            line.starts_with("__Host-") && !line.contains("Domain"),
            "{line}"
        );
        for word in [
            "; Path=/;",
            "; Secure",
            "; HttpOnly",
            "; SameSite=Lax",
            "; Max-Age=",
        ] {
            assert!(line.contains(word), "{line}");
        }
    }
}
