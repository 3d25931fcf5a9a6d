//! A clinical application in the fewest words: builds authorization URLs, exchanges codes, asks userinfo.
//! It checks nothing by itself, so that a test can send what a careful client never would.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::{Client, StatusCode, Url};
use serde_json::Value;

use super::{Agent, Matron};

/// The redirect URI at which no server listens: tests read the redirect itself.
pub(crate) const CALLBACK: &str = "http://127.0.0.1:9999/callback";
/// A PKCE verifier and its S256 challenge (RFC 7636 appendix B).
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) struct App<'m> {
    pub(crate) matron: &'m Matron,
    pub(crate) alias: &'static str,
    http: Client,
}

/// What a token or userinfo endpoint answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_default().to_owned()
    }

    /// The claims of the ID token, read without checking its signature (foreign clients check that).
    pub(crate) fn claims(&self) -> Value {
        let token = self.text("id_token");
        let payload = token.split('.').nth(1).expect("three parts");
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
    }
}

impl<'m> App<'m> {
    pub(crate) fn new(matron: &'m Matron, alias: &'static str) -> Self {
        let http = super::http(matron).build().expect("a client");
        Self {
            matron,
            alias,
            http,
        }
    }

    pub(crate) fn id(&self) -> String {
        self.matron
            .text(&format!("/clients/{}/client_id", self.alias))
    }

    pub(crate) fn secret(&self) -> Option<String> {
        let secret = self
            .matron
            .dev
            .pointer(&format!("/clients/{}/client_secret", self.alias))?;
        secret.as_str().map(str::to_owned)
    }

    /// The parameters of an ordinary request; `changed` replaces, adds, or with an empty value removes.
    pub(crate) fn url(&self, changed: &[(&str, &str)]) -> String {
        let id = self.id();
        let mut all: Vec<(&str, &str)> = vec![
            ("response_type", "code"),
            ("client_id", &id),
            ("redirect_uri", CALLBACK),
            (
                "scope",
                "openid profile nationalrbacaccess associatedorgs selectedrole",
            ),
            ("state", "xyz"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changed {
            all.retain(|(n, _)| n != name);
            if !value.is_empty() {
                all.push((name, value));
            }
        }
        let mut url =
            Url::parse(&format!("{}/oauth2/authorize", self.matron.issuer())).expect("a URL");
        url.query_pairs_mut().extend_pairs(all);
        url.into()
    }

    /// Signs a person in by card and gives back the code.
    pub(crate) async fn code(&self, person: &'static str) -> String {
        self.code_with(&mut Agent::with_card(self.matron, person), &[])
            .await
    }

    pub(crate) async fn code_with(&self, agent: &mut Agent, changed: &[(&str, &str)]) -> String {
        let page = agent.sign_in(&self.url(changed), CALLBACK, 0).await;
        page.parameter("code")
            .unwrap_or_else(|| panic!("no code: {} {:?} {}", page.url, page.location, page.body))
    }

    /// The token endpoint with this form and, for confidential clients, HTTP Basic.
    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Answer {
        let url = format!("{}/oauth2/token", self.matron.issuer());
        let mut request = self.http.post(url);
        if let Some(secret) = self.secret() {
            request = request.header(
                "authorization",
                format!(
                    "Basic {}",
                    STANDARD.encode(format!("{}:{secret}", self.id()))
                ),
            );
        }
        let answer = request
            .form(&form.to_vec())
            .send()
            .await
            .expect("an answer");
        Answer {
            status: answer.status(),
            body: answer.json().await.unwrap_or(Value::Null),
        }
    }

    pub(crate) async fn exchange(&self, code: &str) -> Answer {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
        ];
        form.push(("code_verifier", VERIFIER));
        let id = self.id();
        if self.secret().is_none() {
            form.push(("client_id", &id));
        }
        self.token(&form).await
    }

    pub(crate) async fn userinfo(&self, token: &str) -> Answer {
        let url = format!("{}/oauth2/userinfo", self.matron.issuer());
        let answer = self
            .http
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

    /// From nothing to tokens.
    pub(crate) async fn tokens(&self, person: &'static str) -> Answer {
        let code = self.code(person).await;
        self.exchange(&code).await
    }
}
