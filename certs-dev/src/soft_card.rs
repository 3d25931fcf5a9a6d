//! The soft card: a demo card with its own reader, so that a newcomer needs nothing installed (contract 4.1).
//!
//! The passcode is asked where a card would ask it, here, and never travels. After a right one this is the card's
//! client: it opens a real mutual-TLS connection to the card listener and hands back what that answered. Three
//! wrong passcodes in a row block the card, as its chip would (domain F42); the caller then locks it in the register.

mod tries;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use bytes::Bytes;
use http::header::{HOST, LOCATION};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::folder::Folder;
use crate::manifest::Manifest;

pub use tries::{Passcode, TRIES};

/// Longest answer read from the card listener: a refusal page is a few KiB.
const LONGEST_ANSWER: usize = 256 * 1024;
/// The listener is on this machine; a healthy one answers within milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the card listener answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// 303 after a good card, 403 with a page otherwise.
    pub status: StatusCode,
    /// Where the browser goes next.
    pub location: Option<String>,
    /// The page, when there is no next place.
    pub body: String,
}

/// All demo cards of a folder, each with its reader.
pub struct Drawer {
    folder: Folder,
    manifest: Manifest,
    card_url: Url,
    tls_roots: Arc<RootCertStore>,
}

impl Drawer {
    /// The cards of this folder.
    pub fn open(folder: Folder, manifest: Manifest) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        let root = folder.read(&manifest.tls_root_certificate)?;
        roots.add(
            CertificateDer::from_pem_slice(root.as_bytes())
                .map_err(|error| anyhow!("the TLS root: {error}"))?,
        )?;
        let card_url = manifest
            .card_url
            .parse()
            .context("the card listener's URL")?;
        Ok(Self {
            folder,
            manifest,
            card_url,
            tls_roots: Arc::new(roots),
        })
    }

    /// Whose cards lie here.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Asks the card for its passcode. A card that is not there has none (`None`).
    pub fn try_passcode(&self, alias: &str, passcode: &str) -> Result<Option<Passcode>> {
        let Some(card) = self
            .manifest
            .person(alias)
            .and_then(|person| person.card.as_ref())
        else {
            return Ok(None);
        };
        tries::judge(&self.tries_file(alias), &card.passcode, passcode).map(Some)
    }

    /// Makes the handshake with the card's authentication key and asks for `login_url`.
    pub async fn present(&self, alias: &str, login_url: &str) -> Result<Answer> {
        let url: Url = login_url.parse().context("the sign-in address")?;
        ensure!(
            url.origin() == self.card_url.origin(),
            "a card speaks to its card listener only"
        );
        let talk = self.talk(self.client_config(alias)?, &url);
        tokio::time::timeout(PATIENCE, talk)
            .await
            .context("the card listener did not answer in time")?
    }

    async fn talk(&self, config: ClientConfig, url: &Url) -> Result<Answer> {
        let host = url.host_str().context("the sign-in address has no host")?;
        let port = url.port().context("the sign-in address has no port")?;
        let socket = TcpStream::connect(("127.0.0.1", port))
            .await
            .context("the card listener cannot be reached")?;
        let name = ServerName::try_from(host.to_owned())
            .context("the sign-in address has no server name")?;
        let tls = TlsConnector::from(Arc::new(config))
            .connect(name, socket)
            .await
            .context("the TLS handshake failed")?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(tls)).await?;
        let running = tokio::spawn(connection);
        let target = url.query().map_or_else(
            || url.path().to_owned(),
            |query| format!("{}?{query}", url.path()),
        );
        let request = Request::get(target)
            .header(HOST, format!("{host}:{port}"))
            .body(Empty::<Bytes>::new())?;
        let response = sender
            .send_request(request)
            .await
            .context("the card listener closed the connection")?;
        let status = response.status();
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let body = Limited::new(response.into_body(), LONGEST_ANSWER)
            .collect()
            .await;
        running.abort();
        let body = body
            .map_err(|error| anyhow!("the card listener's page broke off: {error}"))?
            .to_bytes();
        Ok(Answer {
            status,
            location,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    fn client_config(&self, alias: &str) -> Result<ClientConfig> {
        let card = self
            .manifest
            .person(alias)
            .and_then(|person| person.card.as_ref())
            .context("no such card")?;
        let certificates = self.folder.read(&card.authentication.certificate)?;
        let chain =
            CertificateDer::pem_slice_iter(certificates.as_bytes()).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| anyhow!("the certificates of {alias}: {error}"))?;
        let key = self.folder.read(&card.authentication.key)?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
            .map_err(|error| anyhow!("the key of {alias}: {error}"))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(Arc::clone(&self.tls_roots))
            .with_client_auth_cert(chain, key)?;
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }

    fn tries_file(&self, alias: &str) -> PathBuf {
        self.folder.path(&format!("cards/{alias}.tries"))
    }
}
