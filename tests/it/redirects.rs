//! Before client and redirect URI are proven nothing redirects; a redirect URI is its exact bytes
//! (RFC 9700 2.1, oidc 5b 1-7).

use crate::support::app::{CALLBACK, CHALLENGE};
use crate::support::{Agent, App, Matron, Reader};

/// Forty spellings that a lenient server has somewhere been fooled by.
const SPELLINGS: [&str; 40] = [
    "http://127.0.0.1:9999/callback/",
    "http://127.0.0.1:9999/callback?",
    "http://127.0.0.1:9999/callback?x=1",
    "http://127.0.0.1:9999/callback#",
    "http://127.0.0.1:9999/callback#x",
    "http://127.0.0.1:9999/Callback",
    "http://127.0.0.1:9999/callbac",
    "http://127.0.0.1:9999/callback2",
    "http://127.0.0.1:9999//callback",
    "http://127.0.0.1:9999/./callback",
    "http://127.0.0.1:9999/x/../callback",
    "http://127.0.0.1:9999/callback/..",
    "http://127.0.0.1:9999/%63allback",
    "http://127.0.0.1:9999/callback%2f",
    "http://127.0.0.1:9999/callback%00",
    "http://127.0.0.1:9999/callback%20",
    "http://127.0.0.1:9999/callback;x",
    "http://127.0.0.1:9999/..;/callback",
    "http://127.0.0.1:9999/callback\\",
    "http://127.0.0.1:9999\\callback",
    "http:\\\\127.0.0.1:9999/callback",
    "HTTP://127.0.0.1:9999/callback",
    "https://127.0.0.1:9999/callback",
    "//127.0.0.1:9999/callback",
    "127.0.0.1:9999/callback",
    "/callback",
    "http://127.0.0.1/callback",
    "http://127.0.0.1:09999/callback",
    "http://127.0.0.1:99999/callback",
    "http://127.0.0.1.:9999/callback",
    "http://127.1:9999/callback",
    "http://2130706433:9999/callback",
    "http://localhost:9999/callback",
    "http://[::1]:9999/callback",
    "http://127.0.0.1:9999@evil.example/callback",
    "http://evil.example#@127.0.0.1:9999/callback",
    "http://127.0.0.1:9999.evil.example/callback",
    "http://127.0.0.1:9999/callback\t",
    "http://127.0.0.1:9999/callback\r\nx: y",
    "javascript:alert(1)//127.0.0.1:9999/callback",
];

#[tokio::test]
async fn of_forty_spellings_none_redirects() {
    let app = App::new(Matron::shared(), "ward7");
    for spelling in SPELLINGS {
        let page = Agent::new(app.matron, Reader::Empty)
            .get(&app.url(&[("redirect_uri", spelling)]))
            .await;
        assert!(
            page.location.is_none(),
            "{spelling:?} redirects to {:?}",
            page.location
        );
        assert_eq!(page.status, 400, "{spelling:?}");
    }
}

#[tokio::test]
async fn an_unknown_client_or_a_missing_redirect_uri_is_a_page() {
    let app = App::new(Matron::shared(), "ward7");
    for changed in [
        ("client_id", "nobody"),
        ("client_id", ""),
        ("redirect_uri", ""),
        ("client_id", "ward7\u{0}"),
    ] {
        let page = Agent::new(app.matron, Reader::Empty)
            .get(&app.url(&[changed]))
            .await;
        assert!(
            page.location.is_none() && page.status == 400,
            "{changed:?}: {} {:?}",
            page.status,
            page.location
        );
        assert!(page.body.contains("<main"), "a page for people");
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_refused_wherever_it_stands() {
    let app = App::new(Matron::shared(), "ward7");
    for (name, value) in [
        ("client_id", "ward7"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "b"),
        ("nonce", "c"),
    ] {
        let mut url = reqwest::Url::parse(&app.url(&[])).expect("a URL");
        url.query_pairs_mut().append_pair(name, value);
        let page = Agent::new(app.matron, Reader::Empty)
            .get(url.as_str())
            .await;
        let refused =
            page.status == 400 || page.parameter("error").as_deref() == Some("invalid_request");
        assert!(refused, "{name} twice: {} {:?}", page.status, page.location);
    }
}

#[tokio::test]
async fn what_is_not_supported_is_refused_by_its_name() {
    let app = App::new(Matron::shared(), "ward7");
    let cases = [
        (("response_type", "token"), "unsupported_response_type"),
        (
            ("response_type", "code id_token"),
            "unsupported_response_type",
        ),
        (("response_type", ""), "invalid_request"),
        (
            ("request", "eyJhbGciOiJub25lIn0.e30."),
            "request_not_supported",
        ),
        (
            ("request_uri", "https://evil.example/r"),
            "request_uri_not_supported",
        ),
        (("scope", "profile"), "invalid_scope"),
        (("scope", "oidc"), "invalid_scope"),
        (("prompt", "none login"), "invalid_request"),
        (("max_age", "-1"), "invalid_request"),
        (("max_age", "soon"), "invalid_request"),
    ];
    for (changed, error) in cases {
        let page = Agent::new(app.matron, Reader::Empty)
            .get(&app.url(&[changed]))
            .await;
        assert_eq!(
            page.parameter("error").as_deref(),
            Some(error),
            "{changed:?}: {} {:?}",
            page.status,
            page.location
        );
        assert_eq!(
            page.parameter("state").as_deref(),
            Some("xyz"),
            "{changed:?}"
        );
    }
}

#[tokio::test]
async fn an_unknown_parameter_is_ignored_and_post_works_like_get() {
    let app = App::new(Matron::shared(), "ward7");
    let page = Agent::with_card(app.matron, "noah")
        .get(&app.url(&[("colour", "blue"), ("ui_locales", "cy en")]))
        .await;
    assert!(page.parameter("error").is_none(), "{:?}", page.location);
    let form = [
        ("response_type", "code"),
        ("client_id", &app.id()),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
    .map(|(n, v)| (n.to_owned(), v.to_owned()));
    let mut agent = Agent::new(app.matron, Reader::Empty);
    let url = format!("{}/oauth2/authorize", app.matron.issuer());
    let page = agent.post(&url, &form).await;
    assert!(
        page.status.is_redirection() || page.status.is_success(),
        "{}",
        page.status
    );
    assert!(page.parameter("error").is_none(), "{:?}", page.location);
}
