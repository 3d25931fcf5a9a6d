//! Where somebody comes from is the other end of her connection. Nothing stands before this server that
//! could speak for it, so headers in which a proxy would say so are anybody's words (attack table 38).

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::app::standing;
use crate::support::app::CALLBACK;
use crate::support::phone::{self, ACR};
use crate::support::{Agent, App, Matron, pages};

pub(crate) const FORGED: &str = "203.0.113.9";

/// All the headers in which a proxy says for whom it asks, each with an address that is nobody's.
pub(crate) fn forged() -> HeaderMap {
    let named = [
        "x-forwarded-for",
        "x-real-ip",
        "x-client-ip",
        "true-client-ip",
        "cf-connecting-ip",
    ];
    let forwarded = ("forwarded", "for=203.0.113.9;proto=https".to_owned());
    let named = named.map(|name| (name, FORGED.to_owned()));
    let all = named.into_iter().chain([forwarded]);
    all.map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_str(&value).expect("a value"),
        )
    })
    .collect()
}

/// Kofi signs in with these headers on every request.
async fn kofi(matron: &Matron, headers: HeaderMap) -> Agent {
    let client = crate::support::http(matron)
        .cookie_store(true)
        .default_headers(headers)
        .build();
    let mut agent = Agent::of(client.expect("a client"));
    let app = App::new(matron, "ward7");
    let (_, form) = phone::form(&mut agent, &app.url(&[ACR])).await;
    let (name, password) = (
        matron.text("/people/kofi/email"),
        matron.text("/people/kofi/password"),
    );
    let secret = phone::secret(&matron.text("/people/kofi/totp_secret"));
    let digits = phone::code(matron, &secret);
    let page = phone::send(&mut agent, &form, &name, &password, &digits).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    agent.follow(page, CALLBACK).await;
    agent
}

#[tokio::test]
async fn an_address_in_a_header_is_nobodys_address() {
    let matron = standing();
    kofi(&matron, HeaderMap::new()).await;
    matron.set_clock("2026-11-25T09:01:00Z");
    let mut agent = kofi(&matron, forged()).await;
    let list = agent.get(&format!("{}/my/sessions", matron.issuer())).await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.body);
    let words = pages::text(&list.body);
    assert_eq!(words.matches("127.0.0.1").count(), 2, "{words}");
    assert!(!words.contains(FORGED), "{words}");
    // Nor is she in two places.
    assert_eq!(matron.audit_lines("two_places", ""), 0);
    assert_eq!(matron.audit_lines("", FORGED), 0);
}
