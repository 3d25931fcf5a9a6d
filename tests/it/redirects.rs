//! Before client and redirect URI are proven nothing redirects; a redirect URI is its exact bytes
//! (RFC 9700 2.1, oidc 5b 1-7).

use reqwest::StatusCode;

use crate::support::agent::{Page, role_ids};
use crate::support::app::{CALLBACK, CHALLENGE};
use crate::support::phone::{self, ACR};
use crate::support::{Agent, App, Matron, Options, Reader, pages};

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

/// RFC 9700 4.4: Ward 7 takes no answer that names another issuer, or none.
#[tokio::test]
async fn an_answer_of_another_issuer_signs_nobody_in_at_ward_7() {
    let matron = Matron::shared();
    let ward = matron.text("/app_url");
    let callback = format!("{ward}/callback");
    let mut agent = Agent::with_card(matron, "noah");
    for another in [Some("https://evil.example"), Some(ward.as_str()), None] {
        let back = agent
            .sign_in(&format!("{ward}/sign-in"), &callback, 0)
            .await;
        let mut back = back.location.expect("an answer");
        let pairs = back.query_pairs().into_owned();
        let mut pairs: Vec<_> = pairs.filter(|(name, _)| name != "iss").collect();
        assert!(pairs.iter().any(|(name, _)| name == "code"), "{back}");
        pairs.extend(another.map(|iss| ("iss".to_owned(), iss.to_owned())));
        back.query_pairs_mut().clear().extend_pairs(pairs);
        let page = agent.get(back.as_str()).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{another:?}");
        assert!(
            page.body.contains("wrong_issuer"),
            "{another:?} {}",
            page.body
        );
        let home = agent.get(&format!("{ward}/")).await;
        assert!(!home.body.contains("/sign-out"), "nobody is signed in");
    }
    let back = agent
        .sign_in(&format!("{ward}/sign-in"), &callback, 0)
        .await;
    let page = agent.follow(back, "none").await;
    assert!(page.body.contains("/sign-out"), "as it came: {}", page.body);
}

/// On to the next page with something to do, or to `stop`: a browser sends nothing twice on the way.
async fn hops(agent: &mut Agent, mut page: Page, stop: &str) -> Page {
    for _ in 0..10 {
        let Some(next) = page.location.clone() else {
            return page;
        };
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{} to {next}", page.url);
        if next.as_str().starts_with(stop) {
            return page;
        }
        page = agent.get(next.as_str()).await;
    }
    panic!("no end: {}", page.url);
}

/// Sends a form; what follows it is a 303, to whatever page or application.
async fn sent(agent: &mut Agent, page: &Page, form: &str, typed: &[(&str, &str)]) -> Page {
    let form = pages::form_with(&page.body, form);
    let answer = agent.submit(&form, typed).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    hops(agent, answer, CALLBACK).await
}

/// RFC 9700 4.12: a browser that has sent a passcode in a form does not send it on.
#[tokio::test]
async fn whatever_follows_a_form_with_a_passcode_is_a_303() {
    let matron = Matron::start(Options::default());
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::new(&matron, Reader::Empty);
    // The passcode of a card, the role, and back to the application.
    let first = agent.get(&app.url(&[ACR])).await;
    let ways = hops(&mut agent, first, CALLBACK).await;
    let passcode = matron.text("/people/amara/card/passcode");
    let typed = [("card", "amara"), ("passcode", passcode.as_str())];
    let picker = sent(&mut agent, &ways, "name=\"passcode\"", &typed).await;
    let role = role_ids(&picker.body)[0].clone();
    let chosen = [("role_id", role.as_str())];
    let back = sent(&mut agent, &picker, "name=\"role_id\"", &chosen).await;
    assert!(back.parameter("code").is_some(), "{}", back.body);
    // A page of ours.
    let mut agent = Agent::new(&matron, Reader::Empty);
    let first = agent.get(&format!("{}/my", matron.issuer())).await;
    let ways = hops(&mut agent, first, CALLBACK).await;
    let home = sent(&mut agent, &ways, "name=\"passcode\"", &typed).await;
    assert_eq!((home.status, home.url.path()), (StatusCode::OK, "/my"));
    // "Continue as", where a passcode may come next.
    let first = agent.get(&app.url(&[("scope", "openid")])).await;
    let asked = hops(&mut agent, first, CALLBACK).await;
    for choice in ["someone-else", "continue"] {
        let form = format!("data-choice=\"{choice}\"");
        let ways = sent(&mut agent, &asked, &form, &[]).await;
        // Somebody else has proven nothing yet that could be asked for again.
        assert!(!ways.body.contains("prove again"), "{}", ways.body);
    }
    // Password and code.
    let mut agent = Agent::new(&matron, Reader::Empty);
    let (page, _) = phone::form(&mut agent, &app.url(&[ACR])).await;
    let (name, password) = (
        matron.text("/people/kofi/user_id"),
        matron.text("/people/kofi/password"),
    );
    let kofi = phone::secret(&matron.text("/people/kofi/totp_secret"));
    let code = phone::code(&matron, &kofi);
    let typed = [
        ("username", name.as_str()),
        ("password", &password),
        ("code", &code),
    ];
    let back = sent(&mut agent, &page, "name=\"code\"", &typed).await;
    assert!(back.parameter("code").is_some(), "{}", back.body);
}

/// An application's own form is sent round as a GET; a refusal goes back to it in the same way.
#[tokio::test]
async fn whatever_follows_an_applications_form_is_a_303() {
    let app = App::new(Matron::shared(), "ward7");
    let mut agent = Agent::new(app.matron, Reader::Empty);
    let asked = reqwest::Url::parse(&app.url(&[])).expect("a URL");
    let fields: Vec<_> = asked.query_pairs().into_owned().collect();
    let issuer = app.matron.issuer();
    let mut wrong = fields.clone();
    wrong.push(("max_age".to_owned(), "soon".to_owned()));
    let client = vec![("client_id".to_owned(), app.id())];
    for (path, fields) in [
        ("authorize", fields),
        ("authorize", wrong),
        ("end_session", client),
    ] {
        let answer = agent
            .post(&format!("{issuer}/oauth2/{path}"), &fields)
            .await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{path}: {}",
            answer.body
        );
        hops(&mut agent, answer, CALLBACK).await;
    }
}
