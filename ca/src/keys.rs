//! The port to signing keys: a file today, a hardware module tomorrow.
//!
//! A key says whether it [`Repeats`] itself, because recovery depends on it: a deterministic key
//! that signs the recorded octets again makes the *same* certificate, a randomised one would make
//! a second certificate under one serial.

pub mod file;
mod public;

pub use file::FileKey;
pub(crate) use public::{key_identifier, signature_is_good};

use der::asn1::ObjectIdentifier;

use crate::oids;

/// What can go wrong with a signing key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text is no PKCS#8 private key in PEM (RFC 7468 section 10).
    #[error("not a PKCS#8 private key")]
    NotPkcs8(#[source] p256::pkcs8::Error),
    /// The key is of a kind that this house does not sign with: only P-256 and P-384.
    #[error("not a P-256 or P-384 key")]
    UnsupportedKind,
    /// The key could not be written down.
    #[error("key cannot be encoded")]
    Encoding(#[source] p256::pkcs8::Error),
    /// The public half could not be written down.
    #[error("public key cannot be encoded")]
    PublicEncoding(#[source] spki::Error),
    /// The operating system gave no randomness.
    #[error("no randomness")]
    NoRandomness,
    /// The key refused to sign.
    #[error("key did not sign")]
    DidNotSign(#[source] p256::ecdsa::Error),
    /// A hardware key was not reachable, by its own name for the cause.
    #[error("key is not reachable")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The signature algorithms of this house: each curve with the digest of its own strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256: issuing authorities.
    P256,
    /// ECDSA on P-384 with SHA-384: roots.
    P384,
}

impl Algorithm {
    /// The identifier written into what is signed; its parameters are absent (RFC 5758 3.2).
    pub const fn signature_oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => oids::ECDSA_WITH_SHA256,
            Self::P384 => oids::ECDSA_WITH_SHA384,
        }
    }
}

/// What a key answers when it is asked to sign the same octets twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// The same signature (RFC 6979): an interrupted issuance is rolled forward.
    Deterministic,
    /// Another signature: an interrupted issuance is burned.
    Randomised,
}

/// A key that signs certificates and lists.
pub trait SigningKey: Send + Sync {
    /// The public half: DER of `SubjectPublicKeyInfo` (RFC 5280 4.1.2.7).
    fn spki_der(&self) -> &[u8];

    /// The algorithm of [`SigningKey::sign`].
    fn algorithm(&self) -> Algorithm;

    /// Whether the same octets get the same signature.
    fn repeats(&self) -> Repeats;

    /// Signs `octets` (hashing included); the answer is DER `ECDSA-Sig-Value` (RFC 3279 2.2.3).
    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, KeyError>;
}
