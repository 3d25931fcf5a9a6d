//! TLS in which the card signs: the private key never leaves it.

use std::sync::{Arc, Mutex, PoisonError};

use policies::card::KeyRole;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{ClientConfig, RootCertStore, SignatureAlgorithm, SignatureScheme};

use crate::card::{CardError, Place, Shared};
use crate::certificate::digest;
use crate::failure::Failure;

/// What the card said when TLS only knows that signing failed.
pub type LastWords = Arc<Mutex<Option<CardError>>>;

/// The certificates that a server's chain may end in.
///
/// # Errors
/// The text holds no certificate.
pub fn roots(pem: &[u8]) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots
            .add(certificate.map_err(Failure::other)?)
            .map_err(Failure::other)?;
    }
    if roots.is_empty() {
        return Err(Failure::Usage("--ca holds no certificate".into()));
    }
    Ok(roots)
}

/// TLS without a client certificate.
///
/// # Errors
/// The provider has no safe protocol version (it has).
pub fn anonymous(roots: RootCertStore) -> Result<ClientConfig, Failure> {
    let builder = builder(roots)?;
    Ok(builder.with_no_client_auth())
}

/// TLS in which the certificate of this place is shown and its key signs.
///
/// # Errors
/// The card has no such certificate.
pub fn with_card(
    roots: RootCertStore,
    card: &Shared,
    place: Place,
) -> Result<(ClientConfig, LastWords), Failure> {
    let role = KeyRole::Authentication;
    let certificate = card.lock().certificate(place, role)?;
    let certificate = certificate.ok_or(CardError::Missing { role, place })?;
    let last_words = LastWords::default();
    let key = Arc::new(CardKey {
        card: card.clone(),
        place,
        last_words: last_words.clone(),
    });
    let shown = CertifiedKey::new(vec![CertificateDer::from(certificate)], key);
    let config = builder(roots)?.with_client_cert_resolver(Arc::new(Always(Arc::new(shown))));
    Ok((config, last_words))
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>;

fn builder(roots: RootCertStore) -> Result<Builder, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Failure::other)?;
    Ok(builder.with_root_certificates(roots))
}

/// Shows the one certificate whatever the server hints at.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesClientCert for Always {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[derive(Debug, Clone)]
struct CardKey {
    card: Shared,
    place: Place,
    last_words: LastWords,
}

impl SigningKey for CardKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let scheme = SignatureScheme::ECDSA_NISTP256_SHA256;
        let signer: Box<dyn Signer> = Box::new(self.clone());
        offered.contains(&scheme).then_some(signer)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for CardKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let digest = digest(message);
        let role = KeyRole::Authentication;
        let signature = self.card.lock().sign(self.place, role, digest.as_ref());
        signature.map_err(|error| {
            let words = error.to_string();
            *self
                .last_words
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = Some(error);
            rustls::Error::General(words)
        })
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP256_SHA256
    }
}
