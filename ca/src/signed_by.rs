//! What a card signs outside a handshake.

use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::EndEntityCert;

/// Whether the key of this certificate, one of ours from our own books, made this signature:
/// SHA256withECDSA on P-256, SHA384withECDSA on P-384, or RSA PKCS#1 1.5 with SHA-256. Whether the
/// certificate still counts is the caller's question.
pub fn signed_by(certificate: &[u8], message: &[u8], signature: &[u8]) -> bool {
    const BY_CARDS: [&dyn SignatureVerificationAlgorithm; 4] = [
        webpki::ring::ECDSA_P256_SHA256,
        webpki::ring::ECDSA_P384_SHA256,
        webpki::ring::ECDSA_P384_SHA384,
        webpki::ring::RSA_PKCS1_2048_8192_SHA256,
    ];
    let certificate = CertificateDer::from(certificate);
    let Ok(leaf) = EndEntityCert::try_from(&certificate) else {
        return false;
    };
    BY_CARDS
        .into_iter()
        .any(|algorithm| leaf.verify_signature(algorithm, message, signature).is_ok())
}
