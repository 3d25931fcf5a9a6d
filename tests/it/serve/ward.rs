//! A ward of that hospital: a doctor with a card, and the application that she signs in to.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::AUTHORIZATION;
use reqwest::{Client, ClientBuilder, Identity, Url};
use serde_json::Value;

use super::folder::{Layout, Production};
use super::people;
use super::process::matron;
use crate::support::app::{Answer, CHALLENGE, VERIFIER};
use crate::support::{Agent, http_trusting};

/// The application that people sign in to here.
pub(super) const WARD: &str = "ward";
pub(super) const CALLBACK: &str = "http://127.0.0.1:9999/callback";
pub(super) const GOODBYE: &str = "http://127.0.0.1:9999/goodbye";

/// A folder with tables, a doctor with a card, and an application that an operator has registered.
pub(super) struct Opened {
    pub(super) production: Production,
    /// Chain and key of the doctor's card, PEM.
    pub(super) card: Vec<u8>,
    /// The application's secret, as it was shown once.
    pub(super) secret: String,
}

pub(super) async fn opened(layout: Layout) -> Opened {
    opened_for(layout, &people::ROLES).await
}

/// The same, the doctor holding these of her roles.
pub(super) async fn opened_for(layout: Layout, roles: &[&str]) -> Opened {
    let production = Production::new(layout);
    let config = production.config();
    matron(&["migrate", "--config", &config]).well();
    let card = people::doctor(&production, roles).await;
    let add = [
        "client",
        "add",
        "--config",
        &config,
        "--operator",
        "ruth.o",
        "--id",
        WARD,
        "--name",
        "Ward",
        "--json",
    ];
    let uris = [
        "--redirect-uri",
        CALLBACK,
        "--post-logout-redirect-uri",
        GOODBYE,
    ];
    let added = matron(&[&add[..], &uris].concat()).well().json();
    assert_eq!(added["client_id"], WARD);
    let secret = added["client_secret"]
        .as_str()
        .expect("a secret, once")
        .to_owned();
    Opened {
        production,
        card,
        secret,
    }
}

/// A client that finds the three names of the house on this machine, and trusts its TLS root alone.
pub(super) fn http(production: &Production) -> ClientBuilder {
    let here = ([127, 0, 0, 1], 0).into();
    let names = ["id.localhost", "card.localhost", "pki.localhost"];
    let builder = http_trusting(production.read("tls-root.pem").as_bytes());
    names
        .into_iter()
        .fold(builder, |builder, name| builder.resolve(name, here))
}

pub(super) fn browser(production: &Production, card: Option<&[u8]>) -> Agent {
    let builder = http(production).cookie_store(true);
    let builder = match card {
        Some(pem) => builder.identity(Identity::from_pem(pem).expect("certificate and key")),
        None => builder,
    };
    Agent::of(builder.build().expect("a client"))
}

pub(super) fn authorization_url(production: &Production, added: &[(&str, &str)]) -> String {
    let mut url = Url::parse(&format!("{}/oauth2/authorize", production.issuer())).expect("a URL");
    url.query_pairs_mut()
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", WARD),
            ("redirect_uri", CALLBACK),
        ])
        .extend_pairs([
            ("scope", "openid profile nationalrbacaccess selectedrole"),
            ("state", "xyz"),
        ])
        .extend_pairs([
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
        .extend_pairs(added);
    url.into()
}

pub(super) async fn exchanged(client: &Client, opened: &Opened, code: &str) -> Answer {
    let basic = format!(
        "Basic {}",
        STANDARD.encode(format!("{WARD}:{}", opened.secret))
    );
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let url = format!("{}/oauth2/token", opened.production.issuer());
    let answer = client
        .post(url)
        .header(AUTHORIZATION, basic)
        .form(&form)
        .send()
        .await
        .expect("an answer");
    Answer {
        status: answer.status(),
        body: answer.json().await.unwrap_or(Value::Null),
    }
}
