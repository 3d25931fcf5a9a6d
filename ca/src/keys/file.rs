//! A signing key kept in a file: PKCS#8 PEM, P-256 or P-384, signing by RFC 6979.
//!
//! Deterministic on purpose (decision 3): recovery signs the recorded octets again and gets the
//! same certificate, whether or not the first signature ever happened.

use p256::ecdsa::signature::Signer;
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use ring::rand::{SecureRandom, SystemRandom};
use spki::EncodePublicKey;
use zeroize::Zeroizing;

use super::{Algorithm, KeyError, Repeats, SigningKey};

/// A private key in memory. It is wiped when dropped, and has neither `Debug` nor `Clone`.
pub struct FileKey {
    secret: Secret,
    spki_der: Vec<u8>,
}

/// The private half, by curve.
enum Secret {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
}

impl FileKey {
    /// Makes a new key from the randomness of the operating system.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`] if the operating system gives none.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        Self::from_secret(match algorithm {
            Algorithm::P256 => Secret::P256(candidate(p256::ecdsa::SigningKey::from_slice, 32)?),
            Algorithm::P384 => Secret::P384(candidate(p384::ecdsa::SigningKey::from_slice, 48)?),
        })
    }

    /// Reads a PKCS#8 private key in PEM.
    ///
    /// # Errors
    /// [`KeyError::NotPkcs8`] if the text is something else, [`KeyError::UnsupportedKind`] if the
    /// key is on another curve or of another algorithm.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        if let Ok(key) = p256::SecretKey::from_pkcs8_pem(pem) {
            return Self::from_secret(Secret::P256(key.into()));
        }
        match p384::SecretKey::from_pkcs8_pem(pem) {
            Ok(key) => Self::from_secret(Secret::P384(key.into())),
            Err(p256::pkcs8::Error::PublicKey(_)) => Err(KeyError::UnsupportedKind),
            Err(error) => Err(KeyError::NotPkcs8(error)),
        }
    }

    /// Writes the key as PKCS#8 PEM into memory that is wiped when dropped.
    ///
    /// # Errors
    /// [`KeyError::Encoding`] if the encoder refuses.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        match &self.secret {
            Secret::P256(key) => key.to_pkcs8_pem(LineEnding::LF),
            Secret::P384(key) => key.to_pkcs8_pem(LineEnding::LF),
        }
        .map_err(KeyError::Encoding)
    }

    fn from_secret(secret: Secret) -> Result<Self, KeyError> {
        let document = match &secret {
            Secret::P256(key) => key.verifying_key().to_public_key_der(),
            Secret::P384(key) => key.verifying_key().to_public_key_der(),
        }
        .map_err(KeyError::PublicEncoding)?;
        Ok(Self {
            secret,
            spki_der: document.into_vec(),
        })
    }
}

/// Draws scalars until one is in the range of the curve (FIPS 186-5 A.2.2, rejection sampling).
fn candidate<K, E>(read: impl Fn(&[u8]) -> Result<K, E>, length: usize) -> Result<K, KeyError> {
    let random = SystemRandom::new();
    let mut scalar = Zeroizing::new(vec![0_u8; length]);
    loop {
        random
            .fill(&mut scalar)
            .map_err(|_unspecified| KeyError::NoRandomness)?;
        if let Ok(key) = read(&scalar) {
            return Ok(key);
        }
    }
}

impl SigningKey for FileKey {
    fn spki_der(&self) -> &[u8] {
        &self.spki_der
    }

    fn algorithm(&self) -> Algorithm {
        match self.secret {
            Secret::P256(_) => Algorithm::P256,
            Secret::P384(_) => Algorithm::P384,
        }
    }

    fn repeats(&self) -> Repeats {
        Repeats::Deterministic
    }

    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.secret {
            Secret::P256(key) => {
                let signature: p256::ecdsa::DerSignature =
                    key.try_sign(octets).map_err(KeyError::DidNotSign)?;
                Ok(signature.as_bytes().to_vec())
            }
            Secret::P384(key) => {
                let signature: p384::ecdsa::DerSignature =
                    key.try_sign(octets).map_err(KeyError::DidNotSign)?;
                Ok(signature.as_bytes().to_vec())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use p256::pkcs8::EncodePrivateKey as _;

    use super::*;
    use crate::keys::signature_is_good;

    #[test]
    fn a_key_survives_being_written_and_read() {
        for algorithm in [Algorithm::P256, Algorithm::P384] {
            let key = FileKey::generate(algorithm).unwrap();
            let again = FileKey::from_pem(&key.to_pem().unwrap()).unwrap();
            assert_eq!(again.spki_der(), key.spki_der());
            assert_eq!(again.algorithm(), algorithm);
        }
    }

    #[test]
    fn the_same_octets_get_the_same_signature() {
        for algorithm in [Algorithm::P256, Algorithm::P384] {
            let key = FileKey::generate(algorithm).unwrap();
            let first = key.sign(b"certificate").unwrap();
            assert_eq!(first, key.sign(b"certificate").unwrap());
            assert_ne!(first, key.sign(b"another").unwrap());
            assert!(signature_is_good(
                algorithm,
                key.spki_der(),
                b"certificate",
                &first
            ));
            assert!(!signature_is_good(
                algorithm,
                key.spki_der(),
                b"another",
                &first
            ));
        }
    }

    #[test]
    fn the_published_signature_of_rfc_6979_comes_out() {
        // RFC 6979 A.2.5: P-256, SHA-256, message "sample".
        let scalar =
            hex::decode("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
                .unwrap();
        let secret = p256::SecretKey::from_slice(&scalar).unwrap();
        let pem = secret.to_pkcs8_pem(LineEnding::LF).unwrap();
        let key = FileKey::from_pem(&pem).unwrap();
        let signature = hex::encode(key.sign(b"sample").unwrap());
        let r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
        let s = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
        assert_eq!(signature, format!("3046022100{r}022100{s}"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(matches!(
            FileKey::from_pem("nothing"),
            Err(KeyError::NotPkcs8(_))
        ));
    }
}
