//! One token key: a private key in ring, its public half as a JWK, and its name.
//!
//! The name (`kid`) is the SHA-256 thumbprint of RFC 7638, so the same key has the same name
//! everywhere and no registry of names is needed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde::Serialize;
use thiserror::Error;

use super::Algorithm;

/// Smallest RSA modulus accepted, in octets (2048 bits, RFC 7518 3.3).
const LEAST_RSA_OCTETS: usize = 256;

/// Octets of a coordinate on P-256.
const COORDINATE: usize = 32;

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not a PKCS#8 PEM text.
    #[error("the token key is not a PKCS#8 PEM text")]
    NotPkcs8,
    /// Neither RSA of 2048 bits or more, nor ECDSA on P-256.
    #[error("the token key is neither RSA of at least 2048 bits nor ECDSA on P-256")]
    Unusable,
    /// A key could not be made.
    #[error("a token key could not be generated")]
    Generation,
    /// A signature could not be made.
    #[error("the token key failed to sign")]
    Signing,
}

/// The public half as published (RFC 7517 4, RFC 7518 6). Field order is the order in the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwk {
    kid: String,
    #[serde(rename = "use")]
    purpose: &'static str,
    alg: &'static str,
    #[serde(flatten)]
    material: Material,
}

/// The numbers of the public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kty")]
enum Material {
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    #[serde(rename = "EC")]
    Ec {
        crv: &'static str,
        x: String,
        y: String,
    },
}

impl Material {
    /// The thumbprint: SHA-256 of the required members in lexical order (RFC 7638 3).
    fn thumbprint(&self) -> String {
        let canonical = match self {
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Self::Ec { crv, x, y } => {
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
        };
        URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
    }
}

/// The private half. Never printed, never cloned.
enum Private {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

/// A key that signs tokens.
pub struct TokenKey {
    private: Private,
    jwk: Jwk,
    chance: SystemRandom,
}

impl TokenKey {
    /// Reads PKCS#8 DER for a known algorithm.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, KeyError> {
        match algorithm {
            Algorithm::Rs256 => Self::rsa(pkcs8),
            Algorithm::Es256 => Self::ec(pkcs8),
        }
    }

    /// Reads a PKCS#8 PEM text; the key itself says which algorithm it is for.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|_| KeyError::NotPkcs8)?;
        Self::ec(der.secret_pkcs8_der()).or_else(|_| Self::rsa(der.secret_pkcs8_der()))
    }

    fn rsa(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Unusable)?;
        if pair.public().modulus_len() < LEAST_RSA_OCTETS {
            return Err(KeyError::Unusable);
        }
        let public: PublicKeyComponents<Vec<u8>> = pair.public().into();
        let material = Material::Rsa {
            n: URL_SAFE_NO_PAD.encode(public.n),
            e: URL_SAFE_NO_PAD.encode(public.e),
        };
        Ok(Self::new(Private::Rsa(pair), Algorithm::Rs256, material))
    }

    fn ec(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let chance = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &chance)
            .map_err(|_| KeyError::Unusable)?;
        let point = pair.public_key().as_ref();
        // An uncompressed point: one octet 04, then x and y (SEC 1 2.3.3).
        let (x, y) = point
            .get(1..)
            .and_then(|xy| xy.split_at_checked(COORDINATE))
            .ok_or(KeyError::Unusable)?;
        let material = Material::Ec {
            crv: "P-256",
            x: URL_SAFE_NO_PAD.encode(x),
            y: URL_SAFE_NO_PAD.encode(y),
        };
        Ok(Self::new(Private::Ec(pair), Algorithm::Es256, material))
    }

    fn new(private: Private, algorithm: Algorithm, material: Material) -> Self {
        let jwk = Jwk {
            kid: material.thumbprint(),
            purpose: "sig",
            alg: algorithm.as_str(),
            material,
        };
        Self {
            private,
            jwk,
            chance: SystemRandom::new(),
        }
    }

    /// The one algorithm this key is used with.
    pub const fn algorithm(&self) -> Algorithm {
        match self.private {
            Private::Rsa(_) => Algorithm::Rs256,
            Private::Ec(_) => Algorithm::Es256,
        }
    }

    /// The key's name: its RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.jwk.kid
    }

    /// The public half.
    pub const fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// Signs with the key's own algorithm; for ECDSA the fixed-length form of RFC 7518 3.4.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.private {
            Private::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &self.chance, message, &mut signature)
                    .map_err(|_| KeyError::Signing)?;
                Ok(signature)
            }
            Private::Ec(pair) => {
                let signature = pair
                    .sign(&self.chance, message)
                    .map_err(|_| KeyError::Signing)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }

    /// The public half in the form jsonwebtoken verifies with.
    pub(super) fn decoding_key(&self) -> Result<DecodingKey, KeyError> {
        match &self.jwk.material {
            Material::Rsa { n, e } => DecodingKey::from_rsa_components(n, e),
            Material::Ec { x, y, .. } => DecodingKey::from_ec_components(x, y),
        }
        .map_err(|_| KeyError::Unusable)
    }
}

#[cfg(test)]
mod tests {
    use super::Material;

    #[test]
    fn the_thumbprint_is_that_of_the_standard() {
        // The example of RFC 7638 3.1.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_\
                 BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_F\
                 DW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4v\
                 MQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let material = Material::Rsa {
            n: n.to_owned(),
            e: "AQAB".to_owned(),
        };
        assert_eq!(
            material.thumbprint(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
    }
}
