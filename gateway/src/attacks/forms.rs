//! Forms: from our own pages only, for their own sign-in only, and never more than the books allow
//! (attack table 17, 25, 50 and 68).

use axum::body::Body;
use axum::response::Response;
use http::{Method, Request, header};

use super::scene::{authorize, location, parameter, session_cookie, set_cookie, text};
use super::{Scene, StatusCode};
use crate::router::{self, Access};

const PRELOGIN: &str = "__Host-matron-prelogin-8443=";
const SESSION: &str = "__Host-matron-session-8443=";

/// A browser that is on its way in.
struct Browser {
    cookies: String,
    handle: String,
    token: String,
}

impl Browser {
    /// Comes from the app with a live session, as far as "Continue as".
    async fn at_continue_as(scene: &Scene) -> Self {
        let url = authorize("openid selectedrole");
        let answer = scene.get(&url, Some(&session_cookie())).await;
        let prelogin = set_cookie(&answer, PRELOGIN).unwrap();
        let at = location(&answer).unwrap();
        let cookies = format!("{prelogin}; {}", session_cookie());
        let page = text(scene.get(&at, Some(&cookies)).await).await;
        let (_, rest) = page.split_once("name=\"form_token\" value=\"").unwrap();
        let (token, _) = rest.split_once('"').unwrap();
        let (_, handle) = at.split_once("?t=").unwrap();
        Self {
            cookies,
            handle: handle.to_owned(),
            token: token.to_owned(),
        }
    }

    async fn posts(&self, scene: &Scene, path: &str, more: &str) -> Response {
        self.posts_with(scene, path, more, &self.token).await
    }

    async fn posts_with(&self, scene: &Scene, path: &str, more: &str, token: &str) -> Response {
        let form = format!("t={}&form_token={token}&{more}", self.handle);
        let request = Request::post(path)
            .header(header::COOKIE, &self.cookies)
            .header(header::ORIGIN, "https://localhost:8443");
        scene.send(request.body(Body::from(form)).unwrap()).await
    }
}

#[tokio::test]
async fn a_role_not_held_or_lost_a_moment_ago_is_not_given() {
    let scene = Scene::set().await;
    scene.meanwhile("UPDATE role SET suspended = 0").await;
    let browser = Browser::at_continue_as(&scene).await;
    let answer = browser
        .posts(&scene, "/signin/continue", "choice=continue")
        .await;
    assert!(location(&answer).unwrap().starts_with("/signin/role"));
    scene
        .meanwhile("UPDATE role SET suspended = 1 WHERE role_id = '777000000002'")
        .await;
    for role in ["777000000002", "888000000001"] {
        let answer = browser
            .posts(&scene, "/signin/role", &format!("role_id={role}"))
            .await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{role}");
        let page = text(answer).await;
        assert!(page.contains("data-refusal=\"role_not_held\""), "{page}");
    }
    let answer = browser
        .posts(&scene, "/signin/role", "role_id=777000000001")
        .await;
    assert!(parameter(&answer, "code").is_some());
    let again = browser
        .posts(&scene, "/signin/role", "role_id=777000000001")
        .await;
    assert_eq!(location(&again), None, "a sign-in is finished once");
}

#[tokio::test]
async fn two_tabs_that_choose_at_once_each_give_their_app_the_role_chosen_for_it() {
    let scene = Scene::set().await;
    scene.meanwhile("UPDATE role SET suspended = 0").await;
    let tabs = [
        (Browser::at_continue_as(&scene).await, "777000000001"),
        (Browser::at_continue_as(&scene).await, "777000000002"),
    ];
    for (tab, _) in &tabs {
        let answer = tab
            .posts(&scene, "/signin/continue", "choice=continue")
            .await;
        assert!(location(&answer).unwrap().starts_with("/signin/role"));
    }
    let scene = &scene;
    let choices = tabs.each_ref().map(|(tab, role)| async move {
        let chosen = format!("role_id={role}");
        (tab.posts(scene, "/signin/role", &chosen).await, *role)
    });
    for (answer, role) in futures_util::future::join_all(choices).await {
        let code = parameter(&answer, "code").unwrap();
        assert_eq!(scene.claims(&code).await["selected_roleid"], role);
    }
}

#[tokio::test]
async fn a_form_without_its_own_token_does_nothing() {
    let scene = Scene::set().await;
    let browser = Browser::at_continue_as(&scene).await;
    let other = Browser::at_continue_as(&scene).await;
    for token in ["", "AAAA", other.token.as_str()] {
        for (path, more) in [
            ("/signin/continue", "choice=continue"),
            ("/signin/role", "role_id=777000000001"),
        ] {
            let answer = browser.posts_with(&scene, path, more, token).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path} {token}");
        }
    }
}

#[tokio::test]
async fn every_form_of_every_route_is_refused_from_another_origin() {
    let scene = Scene::set().await;
    let routes = router::gateway();
    let changing = routes.list().iter().filter(|route| {
        let ours = [Access::Anyone, Access::Browser, Access::Session];
        route.method == Method::POST && ours.contains(&route.access)
    });
    let mut asked = 0;
    for route in changing {
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "https://localhost:8444"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let request = Request::post(route.path)
                .header(header::COOKIE, session_cookie())
                .header(name, value);
            let answer = scene.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{}", route.path);
            assert!(text(answer).await.contains("cross_site"), "{}", route.path);
            asked += 1;
        }
    }
    assert!(asked >= 15, "the routes were found");
    scene.code("openid").await;
}

#[tokio::test]
async fn a_card_cancelled_between_handshake_and_redemption_signs_nobody_in() {
    for cancelled in [false, true] {
        let scene = Scene::set().await;
        let answer = scene.get(&authorize("openid"), None).await;
        let prelogin = set_cookie(&answer, PRELOGIN).unwrap();
        let at = location(&answer).unwrap();
        let (_, handle) = at.split_once("?t=").unwrap();
        let ticket = scene.ticket(handle).await;
        if cancelled {
            scene.cancel_card().await;
        }
        let path = format!("/signin/card?t={handle}&ticket={ticket}");
        let redeemed = scene.get(&path, Some(&prelogin)).await;
        assert_eq!(set_cookie(&redeemed, SESSION).is_some(), !cancelled);
        if cancelled {
            let page = text(redeemed).await;
            assert!(page.contains("data-refusal=\"card_cancelled\""), "{page}");
        }
    }
}
