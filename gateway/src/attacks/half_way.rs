//! A sign-in that must prove a person anew and is given up half-way: her session goes on as it was,
//! and nothing but a proof fills the sign-in (classes 15 and 19).

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, Request, header};

use super::scene::{authorize, location, session_cookie, set_cookie, text};
use super::{Scene, StatusCode};
use crate::door::cookies::Cookie;
use crate::signin::browser::BrowserSecret;

const PRELOGIN: &str = "__Host-matron-prelogin-8443=";

/// A sign-in that a browser with a live session has opened.
struct UnderWay {
    cookies: String,
    handle: String,
    token: String,
}

impl UnderWay {
    async fn open(scene: &Scene, more: &str) -> Self {
        let url = format!("{}{more}", authorize("openid selectedrole"));
        let answer = scene.get(&url, Some(&session_cookie())).await;
        let prelogin = set_cookie(&answer, PRELOGIN).unwrap();
        let at = location(&answer).unwrap();
        let (_, handle) = at.split_once("?t=").unwrap();
        // As its own pages make it, whichever of them she is shown.
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, prelogin.parse().unwrap());
        let secret = BrowserSecret::read(Cookie::PreLogin, &headers, &scene.house.names);
        Self {
            cookies: format!("{prelogin}; {}", session_cookie()),
            handle: handle.to_owned(),
            token: secret.unwrap().form_token(&format!("sign-in {handle}")),
        }
    }

    async fn looks(&self, scene: &Scene, path: &str) -> Response {
        let url = format!("{path}?t={}", self.handle);
        scene.get(&url, Some(&self.cookies)).await
    }

    async fn posts(&self, scene: &Scene, path: &str, more: &str) -> Response {
        let form = format!("t={}&form_token={}&{more}", self.handle, self.token);
        let request = Request::post(path).header(header::COOKIE, &self.cookies);
        scene.send(request.body(Body::from(form)).unwrap()).await
    }

    /// Whatever this browser asks, it is shown the ways to sign in.
    async fn asks_for_a_proof(&self, scene: &Scene, told: &str) {
        let ways = self.looks(scene, "/signin").await;
        assert_eq!(ways.status(), StatusCode::OK, "{told}");
        let ways = text(ways).await;
        assert!(ways.contains("data-method=\"smartcard\""), "{told}: {ways}");
        assert!(!ways.contains("data-choice=\"continue\""), "{told}: {ways}");
        let at = Some(format!("/signin?t={}", self.handle));
        for (path, more) in [
            ("/signin/continue", "choice=continue"),
            ("/signin/role", "role_id=777000000001"),
            ("/signin/renewal", "choice=not-now"),
        ] {
            let answer = self.posts(scene, path, more).await;
            assert_eq!(location(&answer), at, "{told} {path}");
        }
        let picker = self.looks(scene, "/signin/role").await;
        assert_eq!(location(&picker), at, "{told}");
    }
}

#[tokio::test]
async fn a_sign_in_afresh_given_up_half_way_leaves_her_session_and_opens_nothing() {
    let scene = Scene::set().await;
    let before = scene.claims(&scene.code("openid").await).await;
    let another = UnderWay::open(&scene, "").await;
    for (more, choice) in [
        ("", "choice=someone-else"),
        ("&prompt=login", ""),
        ("&max_age=0", ""),
    ] {
        let told = format!("{more}{choice}");
        let afresh = UnderWay::open(&scene, more).await;
        if !choice.is_empty() {
            let answer = afresh.posts(&scene, "/signin/continue", choice).await;
            assert!(location(&answer).unwrap().starts_with("/signin?t="));
        }
        afresh.asks_for_a_proof(&scene, &told).await;
        // Given up: she is who she was, silently and where she is asked.
        let after = scene.claims(&scene.code("openid").await).await;
        for claim in ["sid", "sub", "auth_time"] {
            assert_eq!(after[claim], before[claim], "{told} {claim}");
        }
        let page = text(another.looks(&scene, "/signin").await).await;
        assert!(page.contains("data-choice=\"continue\""), "{told}: {page}");
    }
    let goes_on = another
        .posts(&scene, "/signin/continue", "choice=continue")
        .await;
    assert!(location(&goes_on).unwrap().contains("code="));
}
