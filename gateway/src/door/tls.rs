//! TLS of the two listeners. The gateway never asks for a client certificate. The card listener
//! asks, proves that the client holds the key, and keeps nothing: no tickets, no session store, no
//! early data, so a removed or revoked card cannot come back through a resumed session
//! (decision 10; attack table 4). Trust and dates are judged after the handshake, where a person
//! can still be given a page.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, ServerConfig};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};

/// The longest chain a card may present: leaf, issuer, root, and one to spare.
const MOST_CERTIFICATES: usize = 4;
/// The most bytes of all presented certificates together.
const MOST_BYTES: usize = 16 * 1024;

/// A server's certificate chain, leaf first, and its key.
#[derive(Debug)]
pub struct Credentials {
    /// DER certificates, leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The leaf's private key.
    pub key: PrivateKeyDer<'static>,
}

impl Credentials {
    /// Whether the key is the leaf's, so that clients will believe it.
    pub fn belong_together(&self) -> bool {
        CertifiedKey::from_der(self.chain.clone(), self.key.clone_key(), &provider()).is_ok()
    }
}

/// TLS for the gateway: HTTP/2 and HTTP/1.1, nobody is asked for a certificate.
///
/// # Errors
/// When the key is of no known kind or does not belong to the certificate.
pub fn gateway(server: Credentials) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(server.chain, server.key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// TLS for the card listener. `issuing` are the DER certificates whose subjects are hinted to the
/// browser, so that it offers cards and nothing else.
///
/// # Errors
/// When the key is of no known kind or does not belong to the certificate, or an issuing
/// certificate cannot be read.
pub fn card(
    server: Credentials,
    issuing: &[CertificateDer<'static>],
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let verifier = ProofOfKey {
        provider: provider(),
        hints: subjects(issuing)?,
    };
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(server.chain, server.key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    Ok(Arc::new(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn subjects(issuing: &[CertificateDer<'static>]) -> Result<Vec<DistinguishedName>, rustls::Error> {
    let mut named = rustls::RootCertStore::empty();
    for certificate in issuing {
        named.add(certificate.clone())?;
    }
    Ok(named.subjects())
}

/// Checks that the client holds the presented certificate's key, and nothing else about it.
/// Whether the certificate is ours is `ca::verify::judge`'s business, after the handshake.
#[derive(Debug)]
struct ProofOfKey {
    provider: Arc<CryptoProvider>,
    hints: Vec<DistinguishedName>,
}

impl ClientCertVerifier for ProofOfKey {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    /// Refuses only what is too large to be looked at (attack table 78).
    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let bytes = intermediates.iter().map(|each| each.len()).sum::<usize>() + end_entity.len();
        if intermediates.len() >= MOST_CERTIFICATES || bytes > MOST_BYTES {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
