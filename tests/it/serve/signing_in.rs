//! From an application to a token and out again, over the two host names.

use reqwest::header::{CONNECTION, HOST, SET_COOKIE, STRICT_TRANSPORT_SECURITY};
use reqwest::{Client, Identity, StatusCode, Url};
use serde_json::{Value, json};

use super::folder::{Layout, Production};
use super::people::{DOCTOR, ROLES, colleagues};
use super::process::Served;
use super::ward::{
    CALLBACK, GOODBYE, Opened, authorization_url, browser, exchanged, http, opened, opened_for,
};
use crate::forwarded;
use crate::support::agent::{Page, role_ids, smartcard_link};
use crate::support::app::Answer;
use crate::support::{Agent, pages};

/// Every page over TLS tells the browser never to come back without it.
#[track_caller]
fn is_strict(page: &Page) {
    let told = page
        .headers
        .get(STRICT_TRANSPORT_SECURITY)
        .expect("Strict-Transport-Security");
    let told = told.to_str().expect("ASCII");
    let seconds: u64 = told
        .trim_start_matches("max-age=")
        .split(';')
        .next()
        .expect("a part")
        .parse()
        .expect("seconds");
    assert!(seconds >= 31_536_000, "{told}");
}

/// Cookies of the gateway stay at the gateway: `__Host-` leaves them no other host.
#[track_caller]
fn cookies_stay(page: &Page) -> usize {
    let set: Vec<_> = page
        .headers
        .get_all(SET_COOKIE)
        .iter()
        .map(|c| c.to_str().expect("ASCII"))
        .collect();
    for cookie in &set {
        assert!(
            cookie.starts_with("__Host-matron-") && cookie.contains("; Secure"),
            "{cookie}"
        );
        assert!(!cookie.to_ascii_lowercase().contains("domain"), "{cookie}");
    }
    set.len()
}

/// Through methods page, card listener and ticket to the role picker.
async fn to_the_picker(agent: &mut Agent, production: &Production) -> Page {
    let first = agent.get(&authorization_url(production, &[])).await;
    is_strict(&first);
    let methods = agent.follow(first, "none").await;
    is_strict(&methods);
    assert_eq!(methods.url.host_str(), Some("id.localhost"));
    assert!(
        !methods.body.contains("soft-card-reader"),
        "a way in that only dev has"
    );
    let link = smartcard_link(&methods.body).expect("the smartcard way");
    assert!(link.starts_with(&production.card_url()), "{link}");
    let ticket = agent.get(&link).await;
    is_strict(&ticket);
    assert_eq!(ticket.status, StatusCode::SEE_OTHER, "{}", ticket.body);
    assert_eq!(cookies_stay(&ticket), 0, "the card listener sets none");
    assert_eq!(ticket.headers[CONNECTION], "close");
    let next = ticket.location.as_ref().expect("a location");
    assert!(next.as_str().starts_with(&production.issuer()), "{next}");
    let redeemed = agent.get(next.as_str()).await;
    assert!(cookies_stay(&redeemed) > 0, "the session: {redeemed:?}");
    agent.follow(redeemed, CALLBACK).await
}

async fn userinfo(client: &Client, production: &Production, token: &str) -> Answer {
    let url = format!("{}/oauth2/userinfo", production.issuer());
    let answer = client
        .get(url)
        .bearer_auth(token)
        .send()
        .await
        .expect("an answer");
    Answer {
        status: answer.status(),
        body: answer.json().await.unwrap_or(Value::Null),
    }
}

/// In with the card and the second role, and out again.
async fn whole_visit(opened: &Opened) {
    let production = &opened.production;
    let client = http(production).build().expect("a client");
    let mut agent = browser(production, Some(&opened.card));
    let picker = to_the_picker(&mut agent, production).await;
    let mut offered = role_ids(&picker.body);
    offered.sort();
    assert_eq!(offered, ROLES, "{}", picker.body);
    let forms = pages::forms(&picker.body);
    let form = forms
        .iter()
        .find(|form| form.text.contains("role_id"))
        .expect("the picker's form");
    let chosen = agent.submit(form, &[("role_id", ROLES[1])]).await;
    let back = agent.follow(chosen, CALLBACK).await;
    assert_eq!(back.parameter("iss"), Some(production.issuer()));

    let tokens = exchanged(&client, opened, &back.parameter("code").expect("a code")).await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.body);
    let claims = tokens.claims();
    assert_eq!(claims["iss"], production.issuer());
    assert_eq!(
        (&claims["sub"], &claims["acr"]),
        (&json!(DOCTOR), &json!("AAL3_ANY"))
    );
    assert_eq!(claims["selected_roleid"], ROLES[1]);
    let token = tokens.text("access_token");
    let info = userinfo(&client, production, &token).await;
    assert_eq!(info.status, StatusCode::OK, "{:?}", info.body);
    assert_eq!(info.body["sub"], DOCTOR);
    assert_eq!(info.body["nhsid_nrbac_roles"][0]["person_roleid"], ROLES[1]);

    let hint = tokens.text("id_token");
    let mut leave =
        Url::parse(&format!("{}/oauth2/end_session", production.issuer())).expect("a URL");
    leave.query_pairs_mut().extend_pairs([
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", GOODBYE),
        ("state", "bye"),
    ]);
    let left = agent.get(leave.as_str()).await;
    assert_eq!(
        left.location.as_ref().map(Url::as_str),
        Some("http://127.0.0.1:9999/goodbye?state=bye"),
        "{}",
        left.body
    );
    assert_eq!(
        userinfo(&client, production, &token).await.status,
        StatusCode::UNAUTHORIZED
    );
    let silent = agent
        .get(&authorization_url(production, &[("prompt", "none")]))
        .await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
}

/// The wrong name on a connection is answered 421, whichever of the two it is.
async fn names_stay_apart(production: &Production) {
    let client = http(production).http1_only().build().expect("a client");
    let (id, card) = (production.issuer(), production.card_url());
    let authority = |url: &str| url.trim_start_matches("https://").to_owned();
    let [id_host, card_host] = [authority(&id), authority(&card)];
    let wrong = [
        (&id, card_host.as_str()),
        (&card, &id_host),
        (&id, "id.localhost"),
        (&card, "evil.example"),
    ];
    for (url, host) in wrong {
        for path in ["/login?t=x", "/healthz"] {
            let sent = client
                .get(format!("{url}{path}"))
                .header(HOST, host)
                .send()
                .await;
            let status = sent.expect("an answer").status();
            assert_eq!(
                status,
                StatusCode::MISDIRECTED_REQUEST,
                "{host} at {url}{path}"
            );
        }
    }
    let healthy = client
        .get(format!("{id}/healthz"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(healthy.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_address_in_a_header_is_nobodys_address_in_production_either() {
    let opened = opened(Layout::OneAddress).await;
    let _served = Served::start(&opened.production);
    let production = &opened.production;
    let card = Identity::from_pem(&opened.card).expect("certificate and key");
    let client = http(production)
        .cookie_store(true)
        .identity(card)
        .default_headers(forwarded::forged());
    let mut agent = Agent::of(client.build().expect("a client"));
    to_the_picker(&mut agent, production).await;
    let mine = format!("{}/my/sessions", production.issuer());
    let list = agent.get(&mine).await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.body);
    let words = pages::text(&list.body);
    assert_eq!(words.matches("127.0.0.1").count(), 1, "{words}");
    assert!(!words.contains(forwarded::FORGED), "{words}");
}

#[tokio::test]
async fn both_names_at_one_address_are_told_apart_by_sni() {
    let opened = opened(Layout::OneAddress).await;
    let _served = Served::start(&opened.production);
    whole_visit(&opened).await;
    names_stay_apart(&opened.production).await;
}

#[tokio::test]
async fn each_name_at_an_address_of_its_own() {
    let opened = opened(Layout::TwoAddresses).await;
    let _served = Served::start(&opened.production);
    whole_visit(&opened).await;
    names_stay_apart(&opened.production).await;
    let production = &opened.production;

    let mut empty_handed = browser(production, None);
    let refused = empty_handed
        .present_card(&authorization_url(production, &[]))
        .await;
    assert_eq!(
        (refused.status, refused.refusal().as_deref()),
        (StatusCode::FORBIDDEN, Some("no_certificate"))
    );
    is_strict(&refused);

    let client = http(production).build().expect("a client");
    for (document, kind) in [
        ("root.crt", "application/pkix-cert"),
        ("issuing.crt", "application/pkix-cert"),
        ("crl/full.crl", "application/pkix-crl"),
    ] {
        let answer = client
            .get(format!("{}/{document}", production.pki_url()))
            .send()
            .await
            .expect("an answer");
        assert_eq!(
            (answer.status(), &answer.headers()["content-type"]),
            (StatusCode::OK, &kind.parse().expect("a value"))
        );
        assert!(
            answer.headers().get(STRICT_TRANSPORT_SECURITY).is_none(),
            "plain HTTP promises nothing"
        );
    }
}

#[tokio::test]
async fn what_only_dev_has_is_not_there() {
    let opened = opened(Layout::OneAddress).await;
    let _served = Served::start(&opened.production);
    let client = http(&opened.production).build().expect("a client");
    let guests = gateway::dev::routes();
    assert!(!guests.list().is_empty());
    for guest in guests.list() {
        for method in [guest.method.clone(), reqwest::Method::GET] {
            let request = client.request(
                method,
                format!("{}{}", opened.production.issuer(), guest.path),
            );
            assert_eq!(
                request.send().await.expect("an answer").status(),
                StatusCode::NOT_FOUND,
                "{guest:?}"
            );
        }
    }
}

/// Class 50 of what OpenID providers got wrong: a limit that is asked before the session is written lets a crowd through.
#[tokio::test]
async fn of_a_hundred_sign_ins_at_once_one_session_lives_where_the_policy_allows_one() {
    let opened = opened_for(Layout::OneAddress, &ROLES[..1]).await;
    let production = &opened.production;
    let policy = include_str!("../../../policies/policy.toml");
    let one = policy.replace("\nmost = 10\n\n[absence]", "\nmost = 1\n\n[absence]");
    assert_ne!(policy, one);
    production.write("policy.toml", one);
    let text = format!("policy = \"policy.toml\"\n{}", production.text());
    production.write("matron.toml", text);
    let colleague = colleagues(production, 1).await.concat();
    let _served = Served::start(production);
    let mut beside = browser(production, Some(&colleague));
    let url = authorization_url(production, &[]);
    beside.sign_in(&url, CALLBACK, 0).await;

    let browsers = (0..100).map(|_| async {
        let mut agent = browser(production, Some(&opened.card));
        let back = agent.sign_in(&url, CALLBACK, 0).await;
        assert!(back.parameter("code").is_some(), "{}", back.body);
        agent
    });
    let mut live = 0;
    for mut agent in crate::support::all(browsers.collect()).await {
        live += u32::from(has_a_session(&mut agent, production).await);
    }
    assert_eq!(live, 1);
    assert!(
        has_a_session(&mut beside, production).await,
        "a colleague's"
    );
}

async fn has_a_session(agent: &mut Agent, production: &Production) -> bool {
    let url = authorization_url(production, &[("prompt", "none")]);
    let silent = agent.get(&url).await;
    let error = silent.parameter("error");
    assert!(
        matches!(error.as_deref(), None | Some("login_required")),
        "{error:?}"
    );
    error.is_none()
}
