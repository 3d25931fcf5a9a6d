//! Opens what the server sealed to a key of this run (RFC 9180, base mode): a card's own secrets, which
//! neither the desk person nor anything between sees.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, Serializable, single_shot_open};
use ring::rand::{SecureRandom, SystemRandom};
use wire::desk::{CardSecrets, Sealed};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// What the sealing is for (wire::desk::Sealed).
const INFO: &[u8] = b"matron card secrets v1";

/// A key pair for one run.
pub struct OneTime {
    private: <X25519HkdfSha256 as Kem>::PrivateKey,
    public: <X25519HkdfSha256 as Kem>::PublicKey,
}

impl OneTime {
    /// Makes one from the system's random numbers.
    ///
    /// # Errors
    /// There are none.
    pub fn generate() -> Result<Self, Failure> {
        let mut material = Zeroizing::new([0_u8; 32]);
        SystemRandom::new()
            .fill(material.as_mut())
            .map_err(|_| Failure::other("no random numbers"))?;
        let (private, public) = X25519HkdfSha256::derive_keypair(material.as_ref());
        Ok(Self { private, public })
    }

    /// The public half, base64url.
    pub fn transport_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.public.to_bytes())
    }

    /// Opens the secrets of this card.
    ///
    /// # Errors
    /// Sealed to another key, for another card, or changed on the way.
    pub fn open(&self, sealed: &Sealed, card_number: &str) -> Result<CardSecrets, Failure> {
        let octets = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('='));
        let enc = octets(&sealed.enc).map_err(Failure::other)?;
        let ciphertext = octets(&sealed.ciphertext).map_err(Failure::other)?;
        let broken = |_| Failure::other("the card's secrets cannot be opened");
        let enc = Deserializable::from_bytes(&enc).map_err(broken)?;
        let plain = single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.private,
            &enc,
            INFO,
            &ciphertext,
            card_number.as_bytes(),
        );
        let plain = Zeroizing::new(plain.map_err(broken)?);
        serde_json::from_slice(&plain)
            .map_err(|_| Failure::other("the card's secrets make no sense"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hpke::rand_core::{CryptoRng, RngCore};
    use hpke::{OpModeS, single_shot_seal};

    /// The system's random numbers, in the form that hpke takes.
    struct Chance;

    impl RngCore for Chance {
        fn next_u32(&mut self) -> u32 {
            let mut octets = [0; 4];
            self.fill_bytes(&mut octets);
            u32::from_le_bytes(octets)
        }

        fn next_u64(&mut self) -> u64 {
            let mut octets = [0; 8];
            self.fill_bytes(&mut octets);
            u64::from_le_bytes(octets)
        }

        fn fill_bytes(&mut self, octets: &mut [u8]) {
            SystemRandom::new().fill(octets).expect("random numbers");
        }
    }

    impl CryptoRng for Chance {}

    fn seal(key: &OneTime, card: &str, plain: &[u8]) -> Sealed {
        let (enc, ciphertext) = single_shot_seal::<AesGcm256, HkdfSha256, X25519HkdfSha256, _>(
            &OpModeS::Base,
            &key.public,
            INFO,
            plain,
            card.as_bytes(),
            &mut Chance,
        )
        .expect("sealed");
        Sealed {
            enc: URL_SAFE_NO_PAD.encode(enc.to_bytes()),
            ciphertext: URL_SAFE_NO_PAD.encode(ciphertext),
        }
    }

    #[test]
    fn secrets_open_for_their_card_and_their_key_only() {
        let key = OneTime::generate().expect("a key");
        let sealed = seal(&key, "12", br#"{"next_unblock_key":"0011223344556677"}"#);
        let secrets = key.open(&sealed, "12").expect("opened");
        assert_eq!(
            secrets.next_unblock_key.as_deref(),
            Some("0011223344556677")
        );
        assert!(secrets.management_key.is_none());
        assert!(key.open(&sealed, "13").is_err());
        assert!(
            OneTime::generate()
                .expect("a key")
                .open(&sealed, "12")
                .is_err()
        );
        assert_ne!(
            OneTime::generate().expect("a key").transport_key(),
            key.transport_key()
        );
    }
}
