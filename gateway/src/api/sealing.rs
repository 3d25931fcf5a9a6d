//! Secrets of a card leave encrypted to a one-time key of the request, so that they are plain on
//! nothing between this program and the card's own client (RFC 9180: base mode, X25519,
//! HKDF-SHA256, AES-256-GCM; contract 5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{CryptoRng, RngCore};
use hpke::{Deserializable, Kem, OpModeS, Serializable, single_shot_seal};
use policies::ids::CardNumber;
use ring::rand::{SecureRandom, SystemRandom};
use wire::desk::{CardSecrets, Sealed};
use zeroize::Zeroizing;

use crate::error::Failure;
use crate::house::House;

/// What binds the ciphertext to its use.
const INFO: &[u8] = b"matron card secrets v1";

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;

/// The house's source of chance in the form that hpke takes.
struct Chance<'c> {
    source: &'c SystemRandom,
    dry: bool,
}

impl RngCore for Chance<'_> {
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
        // hpke has no way to be told; what was sealed without chance is thrown away below.
        self.dry |= self.source.fill(octets).is_err();
    }
}

impl CryptoRng for Chance<'_> {}

/// Reads a transport key: 32 octets in base64url, and a key that something can be sealed to.
///
/// # Errors
/// `transport_key_malformed` for anything else, a point of low order included (RFC 9180 7.1.4).
pub(super) fn transport_key(house: &House, text: &str) -> Result<Vec<u8>, Failure> {
    let malformed = || Failure::BadInput("transport_key_malformed");
    let octets = URL_SAFE_NO_PAD
        .decode(text.trim_end_matches('='))
        .map_err(|_| malformed())?;
    seal_octets(house, &octets, b"", b"").map_err(|failure| match failure {
        Failure::Chance => failure,
        _ => malformed(),
    })?;
    Ok(octets)
}

/// Seals a card's secrets.
///
/// # Errors
/// [`Failure::Chance`]; [`Failure::Internal`] for a key that was not read by [`transport_key`].
pub(super) fn seal(
    house: &House,
    key: &[u8],
    card: &CardNumber,
    secrets: &CardSecrets,
) -> Result<Sealed, Failure> {
    let plain = Zeroizing::new(serde_json::to_vec(secrets).map_err(Failure::internal)?);
    let (enc, ciphertext) = seal_octets(house, key, &plain, card.as_str().as_bytes())?;
    Ok(Sealed {
        enc: URL_SAFE_NO_PAD.encode(enc),
        ciphertext: URL_SAFE_NO_PAD.encode(ciphertext),
    })
}

fn seal_octets(
    house: &House,
    key: &[u8],
    plain: &[u8],
    aad: &[u8],
) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let broken = |error: hpke::HpkeError| Failure::internal(error.to_string());
    let key = PublicKey::from_bytes(key).map_err(broken)?;
    let mut chance = Chance {
        source: &house.chance,
        dry: false,
    };
    let (enc, ciphertext) = single_shot_seal::<AesGcm256, HkdfSha256, X25519HkdfSha256, _>(
        &OpModeS::Base,
        &key,
        INFO,
        plain,
        aad,
        &mut chance,
    )
    .map_err(broken)?;
    if chance.dry {
        return Err(Failure::Chance);
    }
    Ok((enc.to_bytes().to_vec(), ciphertext))
}

/// Octets as the wire has them.
pub(super) fn hex_of(octets: &Zeroizing<Vec<u8>>) -> String {
    hex::encode(octets.as_slice())
}

#[cfg(test)]
mod tests {
    use hpke::{OpModeR, single_shot_open};

    use super::*;
    use crate::house::trial;

    #[tokio::test]
    async fn what_is_sealed_opens_with_the_key_for_this_card_alone() {
        let (house, _folder) = trial::house().await;
        let mut chance = Chance {
            source: &house.chance,
            dry: false,
        };
        let (private, public) = X25519HkdfSha256::gen_keypair(&mut chance);
        let text = URL_SAFE_NO_PAD.encode(public.to_bytes());
        let key = transport_key(&house, &text).unwrap();
        let card: CardNumber = "8260000000000018".parse().unwrap();
        let secrets = CardSecrets {
            management_key: None,
            next_management_key: None,
            unblock_key: None,
            next_unblock_key: Some("3132".to_owned()),
        };
        let sealed = seal(&house, &key, &card, &secrets).unwrap();
        let open = |aad: &[u8]| {
            let enc = URL_SAFE_NO_PAD.decode(&sealed.enc).unwrap();
            let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&enc).unwrap();
            let text = URL_SAFE_NO_PAD.decode(&sealed.ciphertext).unwrap();
            single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
                &OpModeR::Base,
                &private,
                &enc,
                INFO,
                &text,
                aad,
            )
        };
        let plain = open(card.as_str().as_bytes()).unwrap();
        assert_eq!(plain, br#"{"next_unblock_key":"3132"}"#);
        assert!(open(b"8260000000000026").is_err());
    }

    #[tokio::test]
    async fn keys_that_nothing_can_be_sealed_to_are_refused() {
        let (house, _folder) = trial::house().await;
        for octets in [vec![0_u8; 32], vec![1; 31], vec![1; 33], Vec::new()] {
            let text = URL_SAFE_NO_PAD.encode(octets);
            assert!(transport_key(&house, &text).is_err(), "{text}");
        }
        assert!(transport_key(&house, "§").is_err());
    }
}
