//! What is asked of a public key: does this signature verify, and what is the key's identifier.

use der::Decode;
use ring::{digest, signature};
use spki::SubjectPublicKeyInfoRef;

use super::Algorithm;

/// Whether `signature` (DER) over `octets` verifies with the public key in `spki_der`.
pub(crate) fn signature_is_good(
    algorithm: Algorithm,
    spki_der: &[u8],
    octets: &[u8],
    signature: &[u8],
) -> bool {
    let Some(point) = key_bits(spki_der) else {
        return false;
    };
    let verification: &'static dyn signature::VerificationAlgorithm = match algorithm {
        Algorithm::P256 => &signature::ECDSA_P256_SHA256_ASN1,
        Algorithm::P384 => &signature::ECDSA_P384_SHA384_ASN1,
    };
    signature::UnparsedPublicKey::new(verification, point)
        .verify(octets, signature)
        .is_ok()
}

/// The key identifier: the leftmost 160 bits of SHA-256 over the key bits (RFC 7093 2, method 1).
pub(crate) fn key_identifier(spki_der: &[u8]) -> Option<Vec<u8>> {
    let hash = digest::digest(&digest::SHA256, key_bits(spki_der)?);
    hash.as_ref().get(..20).map(<[u8]>::to_vec)
}

/// The octets of the BIT STRING of a `SubjectPublicKeyInfo`.
fn key_bits(spki_der: &[u8]) -> Option<&[u8]> {
    SubjectPublicKeyInfoRef::from_der(spki_der)
        .ok()?
        .subject_public_key
        .as_bytes()
}
