//! `prompt=none` and single sign-on: what is settled without a page still keeps session and role.

use super::scene::{authorize, location, parameter, session_cookie, set_cookie, silent};
use super::{CALLBACK, Scene};
use policies::values::Policy;

const SESSION: &str = "__Host-matron-session-8443=";

#[tokio::test]
async fn a_single_role_is_chosen_without_a_page() {
    let scene = Scene::set().await;
    let url = silent("openid selectedrole");
    let answer = scene.get(&url, Some(&session_cookie())).await;
    assert!(location(&answer).unwrap().starts_with(CALLBACK));
    assert_eq!(parameter(&answer, "error"), None);
    assert!(parameter(&answer, "code").is_some());
    assert_eq!(
        set_cookie(&answer, SESSION),
        None,
        "nothing has changed hands"
    );
}

#[tokio::test]
async fn a_role_changed_without_a_page_changes_the_key_and_the_browser_gets_it() {
    let scene = Scene::set().await;
    scene.code("openid selectedrole").await;
    scene
        .meanwhile("UPDATE role SET suspended = 1 - suspended")
        .await;
    let url = silent("openid selectedrole");
    let answer = scene.get(&url, Some(&session_cookie())).await;
    assert!(parameter(&answer, "code").is_some(), "{answer:?}");
    let fresh = set_cookie(&answer, SESSION).expect("a new key for a new role");
    assert_ne!(fresh, session_cookie());
    let again = scene.get(&silent("openid"), Some(&fresh)).await;
    assert!(parameter(&again, "code").is_some(), "the new key opens");
    let old = scene.get(&silent("openid"), Some(&session_cookie())).await;
    assert_eq!(parameter(&old, "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn a_role_changed_by_a_new_sign_in_leaves_the_browser_a_key_that_opens() {
    let scene = Scene::set().await;
    scene.code("openid selectedrole").await;
    scene
        .meanwhile("UPDATE role SET suspended = 1 - suspended")
        .await;
    let url = format!("{}&prompt=login", authorize("openid selectedrole"));
    let answer = scene.get(&url, Some(&session_cookie())).await;
    let prelogin = set_cookie(&answer, "__Host-matron-prelogin-8443=").unwrap();
    let at = location(&answer).unwrap();
    let (_, handle) = at.split_once("?t=").unwrap();
    let path = format!(
        "/signin/card?t={handle}&ticket={}",
        scene.ticket(handle).await
    );
    let cookies = format!("{prelogin}; {}", session_cookie());
    let redeemed = scene.get(&path, Some(&cookies)).await;
    assert!(parameter(&redeemed, "code").is_some(), "{redeemed:?}");
    let kept = set_cookie(&redeemed, SESSION).unwrap();
    let silently = scene.get(&silent("openid"), Some(&kept)).await;
    assert!(parameter(&silently, "code").is_some(), "the key is dead");
}

/// The policy of this program with another value for how long nobody is asked.
fn unasked_for(minutes: u32) -> Policy {
    let file = include_str!("../../../policies/policy.toml");
    let value = "continue_unasked_minutes = 0";
    assert!(file.contains(value));
    Policy::parse(&file.replace(value, &format!("continue_unasked_minutes = {minutes}"))).unwrap()
}

#[tokio::test]
async fn continue_as_is_asked_unless_the_policy_says_otherwise() {
    for (minutes, prompt, goes_on) in [
        (0, "", false),
        (5, "", true),
        (5, "&prompt=select_account", false),
    ] {
        let scene = Scene::under(unasked_for(minutes)).await;
        let url = format!("{}{prompt}", authorize("openid"));
        let opened = scene.get(&url, Some(&session_cookie())).await;
        let prelogin = set_cookie(&opened, "__Host-matron-prelogin-8443=").unwrap();
        let cookies = format!("{prelogin}; {}", session_cookie());
        let answer = scene.get(&location(&opened).unwrap(), Some(&cookies)).await;
        assert_eq!(
            parameter(&answer, "code").is_some(),
            goes_on,
            "{minutes} {prompt}"
        );
    }
}
