//! A published key of another organisation. The OpenID Connect library reads it, chooses it by name,
//! use and algorithm, and judges every claim; the one thing done here is the signature itself, by ring
//! where ring has the algorithm: the library's own arithmetic is portable and takes five times as long.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreJsonWebKey, CoreJsonWebKeyType, CoreJsonWebKeyUse, CoreJwsSigningAlgorithm as Algorithm,
};
use openidconnect::{JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyId, SignatureVerificationError};
use ring::signature::{
    self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::{Deserialize, Serialize};

/// A key as the library has it, and its numbers as ring takes them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "CoreJsonWebKey", into = "CoreJsonWebKey")]
pub(super) struct Key {
    library: CoreJsonWebKey,
    numbers: Option<Numbers>,
}

/// The numbers of a public key.
#[derive(Debug, Clone)]
enum Numbers {
    /// An uncompressed point on P-256.
    P256(Vec<u8>),
    /// An uncompressed point on P-384.
    P384(Vec<u8>),
    /// Modulus and exponent, without leading zeros.
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
}

/// The members of a JWK that are numbers (RFC 7518 6.2, 6.3).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Members {
    kty: String,
    crv: String,
    x: String,
    y: String,
    n: String,
    e: String,
}

impl Numbers {
    /// `None` leaves the key to the library.
    fn of(key: &CoreJsonWebKey) -> Option<Self> {
        let members: Members = serde_json::to_value(key)
            .and_then(serde_json::from_value)
            .ok()?;
        match (members.kty.as_str(), members.crv.as_str()) {
            ("EC", "P-256") => Some(Self::P256(members.point(32)?)),
            ("EC", "P-384") => Some(Self::P384(members.point(48)?)),
            ("RSA", _) => Some(Self::Rsa(RsaPublicKeyComponents {
                n: positive(&members.n)?,
                e: positive(&members.e)?,
            })),
            _ => None,
        }
    }
}

impl Members {
    /// One octet 04, then both coordinates in full length (SEC 1 2.3.3, RFC 7518 6.2.1.2).
    fn point(&self, length: usize) -> Option<Vec<u8>> {
        let (x, y) = (octets(&self.x)?, octets(&self.y)?);
        (x.len() == length && y.len() == length)
            .then(|| [&[4], x.as_slice(), y.as_slice()].concat())
    }
}

fn octets(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// ring takes no leading zeros; some organisations publish one.
fn positive(text: &str) -> Option<Vec<u8>> {
    let octets = octets(text)?;
    let first = octets.iter().position(|octet| *octet != 0)?;
    octets.get(first..).map(<[u8]>::to_vec)
}

impl From<CoreJsonWebKey> for Key {
    fn from(library: CoreJsonWebKey) -> Self {
        Self {
            numbers: Numbers::of(&library),
            library,
        }
    }
}

impl From<Key> for CoreJsonWebKey {
    fn from(key: Key) -> Self {
        key.library
    }
}

impl JsonWebKey for Key {
    type KeyUse = CoreJsonWebKeyUse;
    type SigningAlgorithm = Algorithm;

    fn key_id(&self) -> Option<&JsonWebKeyId> {
        self.library.key_id()
    }

    fn key_type(&self) -> &CoreJsonWebKeyType {
        self.library.key_type()
    }

    fn key_use(&self) -> Option<&CoreJsonWebKeyUse> {
        self.library.key_use()
    }

    fn signing_alg(&self) -> JsonWebKeyAlgorithm<&Algorithm> {
        self.library.signing_alg()
    }

    fn new_symmetric(key: Vec<u8>) -> Self {
        CoreJsonWebKey::new_symmetric(key).into()
    }

    fn verify_signature(
        &self,
        algorithm: &Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureVerificationError> {
        // Refuses what the key is not for, in the library's own words.
        let fits = self.library.hash_bytes(&[], algorithm);
        fits.map_err(SignatureVerificationError::InvalidKey)?;
        let good = match &self.numbers {
            Some(Numbers::P256(point)) if *algorithm == Algorithm::EcdsaP256Sha256 => is_good(
                &signature::ECDSA_P256_SHA256_FIXED,
                point,
                (message, signature),
            ),
            Some(Numbers::P384(point)) if *algorithm == Algorithm::EcdsaP384Sha384 => is_good(
                &signature::ECDSA_P384_SHA384_FIXED,
                point,
                (message, signature),
            ),
            Some(Numbers::Rsa(key)) => match rsa(algorithm) {
                Some(how) => key.verify(how, message, signature).is_ok(),
                None => return self.library.verify_signature(algorithm, message, signature),
            },
            _ => return self.library.verify_signature(algorithm, message, signature),
        };
        if good {
            Ok(())
        } else {
            let why = "the signature is not this key's".to_owned();
            Err(SignatureVerificationError::CryptoError(why))
        }
    }

    fn hash_bytes(&self, bytes: &[u8], algorithm: &Algorithm) -> Result<Vec<u8>, String> {
        self.library.hash_bytes(bytes, algorithm)
    }
}

fn is_good(
    how: &'static dyn VerificationAlgorithm,
    key: &[u8],
    (message, signature): (&[u8], &[u8]),
) -> bool {
    let key = UnparsedPublicKey::new(how, key);
    key.verify(message, signature).is_ok()
}

/// 2,048 to 8,192 bits (RFC 7518 3.3 asks for 2,048 at least).
const fn rsa(algorithm: &Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::RsaSsaPkcs1V15Sha256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RsaSsaPkcs1V15Sha384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RsaSsaPkcs1V15Sha512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::RsaSsaPssSha256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::RsaSsaPssSha384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::RsaSsaPssSha512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
