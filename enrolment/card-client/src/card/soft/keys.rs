//! A key and its certificates, as files hold them.

use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, Pkcs12ImportPolicy,
    PrivateKey, PrivateKeyChain,
};
use p256::SecretKey;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::card::{CardError, PublicKey, Secret};

/// Rounds of the password derivation of a PKCS#12, as p12-keystore and current OpenSSL write them.
const ROUNDS: u32 = 10_000;
/// Name of the entry in a PKCS#12; browsers show it.
const ENTRY: &str = "matron card";

/// A key and its certificates, own certificate first; none yet for a key that waits for its own.
pub(super) struct Pair {
    key: SecretKey,
    /// DER.
    pub(super) chain: Vec<Vec<u8>>,
}

impl Pair {
    /// A new key, from the system's random numbers.
    pub(super) fn generate() -> Result<Self, CardError> {
        let mut scalar = Zeroizing::new([0_u8; 32]);
        loop {
            SystemRandom::new()
                .fill(scalar.as_mut())
                .map_err(|_| CardError::Odd("no random numbers".into()))?;
            // A number outside the curve's order comes once in 2^32 tries.
            if let Ok(key) = SecretKey::from_slice(scalar.as_ref()) {
                let chain = Vec::new();
                return Ok(Self { key, chain });
            }
        }
    }

    /// Reads a key in PKCS#8 PEM.
    pub(super) fn from_pem(key: &str, chain: Vec<Vec<u8>>) -> Result<Self, CardError> {
        let key = SecretKey::from_pkcs8_pem(key)
            .map_err(|_| CardError::Unusable("a key that is not PKCS#8 PEM for the curve P-256"))?;
        Ok(Self { key, chain })
    }

    /// The key in PKCS#8 PEM.
    pub(super) fn key_pem(&self) -> Result<Zeroizing<String>, CardError> {
        self.key
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(CardError::odd)
    }

    /// The public half.
    pub(super) fn public(&self) -> Result<PublicKey, CardError> {
        let key = SigningKey::from(&self.key);
        PublicKey::from_point(key.verifying_key().to_sec1_point(false).as_bytes())
    }

    /// Signs a SHA-256 digest, deterministically (RFC 6979).
    pub(super) fn sign(&self, digest: &[u8]) -> Result<Vec<u8>, CardError> {
        let signature: Signature = SigningKey::from(&self.key)
            .sign_prehash(digest)
            .map_err(CardError::odd)?;
        Ok(signature.to_der().as_bytes().to_vec())
    }

    /// Reads the one key of a PKCS#12. A wrong password is told from a broken file by its MAC alone,
    /// so both are called a wrong password.
    pub(super) fn from_pkcs12(file: &[u8], password: &Secret) -> Result<Option<Self>, CardError> {
        let store = KeyStore::from_pkcs12(file, password, Pkcs12ImportPolicy::Relaxed)
            .map_err(|_| CardError::Passcode(None))?;
        let Some((_, entry)) = store.private_key_chain() else {
            return Ok(None);
        };
        let key = SecretKey::from_pkcs8_der(entry.key().as_der())
            .map_err(|_| CardError::Unusable("a key that is not for the curve P-256"))?;
        let chain = entry.certs().iter().map(|one| one.as_der().to_vec());
        let chain = chain.collect();
        Ok(Some(Self { key, chain }))
    }

    /// A PKCS#12 with AES-256 and HMAC-SHA-256, which NSS, OpenSSL 3 and current Windows read.
    pub(super) fn to_pkcs12(&self, password: &Secret) -> Result<Vec<u8>, CardError> {
        let key = self.key.to_pkcs8_der().map_err(CardError::odd)?;
        let key = PrivateKey::from_der(key.as_bytes()).map_err(CardError::odd)?;
        let chain = self.chain.iter().map(|der| Certificate::from_der(der));
        let chain = chain
            .collect::<Result<Vec<_>, _>>()
            .map_err(CardError::odd)?;
        let mut store = KeyStore::new();
        let entry = PrivateKeyChain::new(ENTRY, key, chain);
        store.add_entry(ENTRY, KeyStoreEntry::PrivateKeyChain(entry));
        store
            .writer(password)
            .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
            .encryption_iterations(ROUNDS)
            .mac_algorithm(MacAlgorithm::HmacSha256)
            .mac_iterations(ROUNDS)
            .write()
            .map_err(CardError::odd)
    }
}
