//! A card in software, and the API as its client speaks it: fresh keys, PKCS#10 with the nonce, mutual TLS.

use rcgen::{Attribute, CertificateParams, KeyPair};
use reqwest::{Client, Identity, StatusCode};
use serde_json::{Value, json};

use super::Matron;

/// An answer of the API.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) status: StatusCode,
    pub(crate) kind: String,
    pub(crate) body: Value,
}

impl Said {
    pub(crate) fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_default().to_owned()
    }

    /// The code of a problem document.
    pub(crate) fn code(&self) -> String {
        assert!(
            self.kind.starts_with("application/problem+json"),
            "{self:?}"
        );
        self.text("code")
    }

    /// The answer, which must be a good one.
    pub(crate) fn good(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self
    }
}

pub(crate) async fn ask(request: reqwest::RequestBuilder) -> Said {
    let answer = request.send().await.expect("an answer");
    let (status, headers) = (answer.status(), answer.headers().clone());
    let kind = headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    Said {
        status,
        kind,
        body: answer.json().await.unwrap_or(Value::Null),
    }
}

/// The two keys of a set that is being asked for.
pub(crate) struct Keys {
    pub(crate) authentication: KeyPair,
    pub(crate) signature: KeyPair,
}

impl Keys {
    pub(crate) fn fresh() -> Self {
        let key = || KeyPair::generate().expect("a key");
        Self {
            authentication: key(),
            signature: key(),
        }
    }

    /// The requests of a body, each with the nonce as `challengePassword` (RFC 2985 5.4.1).
    pub(crate) fn csrs(&self, nonce: &str) -> Value {
        json!([
            { "key_role": "authentication", "pem": csr(&self.authentication, nonce) },
            { "key_role": "signature", "pem": csr(&self.signature, nonce) },
        ])
    }
}

pub(crate) fn csr(key: &KeyPair, nonce: &str) -> String {
    let length = u8::try_from(nonce.len()).expect("a short nonce");
    let mut values = vec![0x31, length + 2, 0x0c, length];
    values.extend(nonce.as_bytes());
    let nonce = Attribute {
        oid: &[1, 2, 840, 113_549, 1, 9, 7],
        values,
    };
    CertificateParams::default()
        .serialize_request_with_attributes(key, vec![nonce])
        .expect("a request")
        .pem()
        .expect("PEM")
}

/// A card in its reader: one certificate and its key.
pub(crate) struct Card<'m> {
    matron: &'m Matron,
    client: Client,
}

impl<'m> Card<'m> {
    /// The demo card of that person as dev.json has it.
    pub(crate) fn of(matron: &'m Matron, alias: &str) -> Self {
        let mut pem = matron.file(&format!("/people/{alias}/card/authentication/certificate"));
        pem.extend(matron.file(&format!("/people/{alias}/card/authentication/key")));
        Self::with(matron, &pem)
    }

    pub(crate) fn with(matron: &'m Matron, pem: &[u8]) -> Self {
        let identity = Identity::from_pem(pem).expect("certificate and key");
        let client = super::http(matron).identity(identity).build();
        Self {
            matron,
            client: client.expect("a client"),
        }
    }

    /// The card after its new certificates were written.
    pub(crate) fn renewed(matron: &'m Matron, keys: &Keys, renewal: &Said) -> Self {
        let certificate = renewal.body["certificates"][0]["pem"]
            .as_str()
            .expect("a certificate");
        let pem = format!("{certificate}{}", keys.authentication.serialize_pem());
        Self::with(matron, pem.as_bytes())
    }

    pub(crate) async fn get(&self, path: &str) -> Said {
        ask(self.client.get(format!("{}{path}", self.matron.card_url()))).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Said {
        ask(self
            .client
            .post(format!("{}{path}", self.matron.card_url()))
            .json(body))
        .await
    }

    /// The request of a renewal with fresh keys, not yet sent.
    pub(crate) async fn begin(&self) -> (Keys, Value) {
        let begun = self.post("/api/v1/renewals", &json!({})).await.good();
        let keys = Keys::fresh();
        let body = json!({
            "renewal_id": begun.text("renewal_id"),
            "csrs": keys.csrs(&begun.text("nonce")),
            "idempotency_key": begun.text("renewal_id"),
        });
        (keys, body)
    }

    /// Begins a renewal and asks for its set.
    pub(crate) async fn renew(&self) -> (Keys, Said) {
        let (keys, body) = self.begin().await;
        let said = self.post("/api/v1/renewals/renew", &body).await;
        (keys, said)
    }
}

/// Somebody with an access token of the first-party application.
pub(crate) struct Api<'m> {
    matron: &'m Matron,
    client: Client,
    token: String,
}

impl<'m> Api<'m> {
    /// Signs a person in by card; the first of her roles.
    pub(crate) async fn of(matron: &'m Matron, alias: &'static str) -> Self {
        Self::by(matron, super::Agent::with_card(matron, alias)).await
    }

    /// The same for whoever holds the card of this browser.
    pub(crate) async fn by(matron: &'m Matron, mut agent: super::Agent) -> Self {
        let app = super::App::new(matron, "console");
        let scope = ("scope", "openid self desk selectedrole");
        let code = app.code_with(&mut agent, &[scope]).await;
        let token = app.exchange(&code).await.text("access_token");
        Self::with_token(matron, token)
    }

    /// The same for whoever has got this access token.
    pub(crate) fn with_token(matron: &'m Matron, token: String) -> Self {
        assert!(!token.is_empty(), "no token");
        Self {
            matron,
            client: super::http(matron).build().expect("a client"),
            token,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Said {
        let url = format!("{}{path}", self.matron.issuer());
        ask(self.client.get(url).bearer_auth(&self.token)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Said {
        let url = format!("{}{path}", self.matron.issuer());
        ask(self.client.post(url).bearer_auth(&self.token).json(body)).await
    }

    /// Begins a work on somebody's card and sends its requests.
    pub(crate) async fn work(&self, matron: &Matron, alias: &str, kind: &str) -> (Keys, Said) {
        let card = matron.text(&format!("/people/{alias}/card/number"));
        let begun = self
            .post(
                "/api/v1/desk/works",
                &json!({ "card_number": card, "kind": kind }),
            )
            .await;
        let keys = Keys::fresh();
        if begun.status != StatusCode::OK {
            return (keys, begun);
        }
        let mut body = json!({
            "work_id": begun.text("work_id"),
            "csrs": keys.csrs(&begun.text("nonce")),
            "holder_present": true,
            "photo_compared": true,
        });
        if kind == "repair" {
            body["reason"] = json!("cannot_sign_in");
        }
        let path = format!(
            "/api/v1/desk/works/{}",
            if kind == "issue" { "produce" } else { kind }
        );
        (keys, self.post(&path, &body).await)
    }

    /// Says that the work's certificates were read back from the card.
    pub(crate) async fn confirm(&self, done: &Said) -> Said {
        let serials: Vec<&str> = done.body["certificates"]
            .as_array()
            .expect("certificates")
            .iter()
            .filter_map(|one| one["serial"].as_str())
            .collect();
        let body = json!({ "work_id": done.text("work_id"), "serials": serials });
        self.post("/api/v1/desk/works/confirm", &body).await
    }
}
