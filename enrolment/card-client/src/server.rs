//! What is said to the server: JSON both ways, problem documents as refusals.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use rustls::RootCertStore;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Runtime;
use wire::problem::Problem;

use crate::card::{Place, Shared};
use crate::failure::Failure;
use crate::tls::{self, LastWords};

/// Longest wait for an answer; a card may need some seconds to sign.
const PATIENCE: Duration = Duration::from_mins(1);

/// The two addresses and what they are trusted by.
#[derive(Debug, Clone)]
pub struct Servers {
    /// The gateway, for desk work.
    pub issuer: Option<Url>,
    /// The card listener.
    pub card_url: Option<Url>,
    /// Whom their certificates must come from.
    pub roots: RootCertStore,
}

impl Servers {
    /// The card listener, met with the certificate of this place.
    ///
    /// # Errors
    /// No `--card-url`, or the card has no such certificate.
    pub fn card(&self, card: &Shared, place: Place) -> Result<Server, Failure> {
        let base = self.card_url.clone();
        let base = base.ok_or_else(|| Failure::Usage("--card-url is needed".into()))?;
        let (tls, last_words) = tls::with_card(self.roots.clone(), card, place)?;
        Server::new(base, tls, Caller::Card(last_words))
    }

    /// The gateway, met as nobody in particular.
    ///
    /// # Errors
    /// No `--issuer`.
    pub fn anybody(&self) -> Result<Server, Failure> {
        self.gateway(Caller::Nobody)
    }

    fn gateway(&self, caller: Caller) -> Result<Server, Failure> {
        let base = self.issuer.clone();
        let base = base.ok_or_else(|| Failure::Usage("--issuer is needed".into()))?;
        let tls = tls::anonymous(self.roots.clone())?;
        Server::new(base, tls, caller)
    }

    /// The gateway, met with a bearer token.
    ///
    /// # Errors
    /// No `--issuer`.
    pub fn desk(&self, token: String) -> Result<Server, Failure> {
        self.gateway(Caller::Token(token))
    }
}

enum Caller {
    Nobody,
    Card(LastWords),
    Token(String),
}

/// One of them, met as somebody.
pub struct Server {
    base: Url,
    client: Client,
    caller: Caller,
    runtime: Runtime,
}

impl Server {
    fn new(base: Url, tls: rustls::ClientConfig, caller: Caller) -> Result<Self, Failure> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            // Each request is a handshake of its own: the next one may be with another certificate.
            .pool_max_idle_per_host(0)
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .map_err(Failure::other)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::other)?;
        Ok(Self {
            base,
            client,
            caller,
            runtime,
        })
    }

    /// Asks for something.
    ///
    /// # Errors
    /// A refusal, the card's own words, or no answer.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.ask(self.client.get(self.at(path)?))
    }

    /// Says something.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, Failure> {
        self.ask(self.client.post(self.at(path)?).json(body))
    }

    fn at(&self, path: &str) -> Result<Url, Failure> {
        let base = self.base.as_str().trim_end_matches('/');
        format!("{base}/api/v1{path}")
            .parse()
            .map_err(Failure::other)
    }

    fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Failure> {
        let request = match &self.caller {
            Caller::Token(token) => request.bearer_auth(token),
            Caller::Card(_) | Caller::Nobody => request,
        };
        self.runtime.block_on(async {
            let answer = request.send().await;
            let answer = answer.map_err(|error| self.no_answer(&error))?;
            self.read(answer).await
        })
    }

    async fn read<T: DeserializeOwned>(&self, answer: Response) -> Result<T, Failure> {
        let status = answer.status();
        let octets = answer.bytes().await;
        let octets = octets.map_err(|error| self.no_answer(&error))?;
        if status.is_success() {
            return serde_json::from_slice(&octets).map_err(|error| {
                Failure::Other(format!("an answer that makes no sense: {error}"))
            });
        }
        if let Ok(problem) = serde_json::from_slice::<Problem>(&octets) {
            return Err(Failure::Refused(Box::new(problem)));
        }
        let place = self.base.to_string();
        Err(match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Failure::NotTrusted(format!("{place} does not accept who asks ({status})"))
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                let cause = status.to_string();
                Failure::Unreachable { place, cause }
            }
            _ => Failure::Other(format!("{place} answered {status}")),
        })
    }

    /// The innermost cause: the card's words before TLS's, TLS's before the network's.
    fn no_answer(&self, error: &reqwest::Error) -> Failure {
        if let Caller::Card(last_words) = &self.caller {
            let said = last_words
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .take();
            if let Some(said) = said {
                return said.into();
            }
        }
        let mut cause: &dyn std::error::Error = error;
        let mut untrusted = false;
        while let Some(inner) = cause.source() {
            cause = inner;
            untrusted |= matches!(
                cause.downcast_ref::<rustls::Error>(),
                Some(rustls::Error::InvalidCertificate(_))
            );
        }
        let place = self.base.to_string();
        let cause = cause.to_string();
        if untrusted || cause.contains("invalid peer certificate") {
            return Failure::NotTrusted(format!(
                "the server at {place} is not trusted: {cause}. Check --ca and the address"
            ));
        }
        Failure::Unreachable { place, cause }
    }
}
