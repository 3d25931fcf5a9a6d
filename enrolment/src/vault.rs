//! Seals the cards' own secrets and makes the digests of one-time codes, under keys that are not in
//! the database: who reads the database, a backup of it or its log learns neither.
//!
//! One file of 32 random bytes; HKDF-SHA256 (RFC 5869) makes one key for each purpose from it.

use policies::ids::CardNumber;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::codes::CodePurpose;

/// The length of the key file, in bytes.
pub const KEY_LENGTH: usize = 32;

/// The bytes are no key, or a sealed secret does not open under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Not 32 bytes.
    #[error("the key of the cards' secrets is not 32 bytes long")]
    Key,
    /// Sealed under another key, for another card, or damaged.
    #[error("a card's secret does not open under this key")]
    Sealed,
    /// The platform gave no random bytes.
    #[error("no random bytes")]
    NoChance,
}

/// Which secret of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// Sets a blocked passcode anew: the PIV PUK, eight digits (NIST SP 800-73-4, part 2, 2.4.3).
    Unblock,
    /// Writes keys and certificates: the PIV card management key, 24 bytes.
    Management,
}

impl SecretKind {
    /// Its word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unblock => "unblock",
            Self::Management => "management",
        }
    }
}

/// Holds the keys. No `Debug`.
pub struct Vault {
    seal: LessSafeKey,
    apps: LessSafeKey,
    codes: hmac::Key,
}

impl Vault {
    /// From the bytes of the key file.
    ///
    /// # Errors
    /// [`VaultError::Key`] when they are not 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        if bytes.len() != KEY_LENGTH {
            return Err(VaultError::Key);
        }
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"matron vault v1").extract(bytes);
        let (seal, apps, codes) = (b"card secrets", b"authenticator apps", b"one-time codes");
        let seal_info: [&[u8]; 1] = [seal];
        let apps_info: [&[u8]; 1] = [apps];
        let codes_info: [&[u8]; 1] = [codes];
        let seal = root
            .expand(&seal_info, &AES_256_GCM)
            .map_err(|_| VaultError::Key)?;
        let apps = root
            .expand(&apps_info, &AES_256_GCM)
            .map_err(|_| VaultError::Key)?;
        let codes = root
            .expand(&codes_info, hmac::HMAC_SHA256)
            .map_err(|_| VaultError::Key)?;
        Ok(Self {
            seal: LessSafeKey::new(UnboundKey::from(seal)),
            apps: LessSafeKey::new(UnboundKey::from(apps)),
            codes: hmac::Key::from(codes),
        })
    }

    /// A fresh secret of that kind for a card, in plain and sealed.
    ///
    /// # Errors
    /// [`VaultError::NoChance`].
    pub fn fresh(
        &self,
        card: &CardNumber,
        kind: SecretKind,
        chance: &SystemRandom,
    ) -> Result<Vec<u8>, VaultError> {
        let plain = match kind {
            SecretKind::Unblock => Zeroizing::new(eight_digits(chance)?.as_bytes().to_vec()),
            SecretKind::Management => {
                let mut bytes = Zeroizing::new(vec![0_u8; 24]);
                chance.fill(&mut bytes).map_err(|_| VaultError::NoChance)?;
                bytes
            }
        };
        self.seal(card, kind, &plain, chance)
    }

    /// Nonce, ciphertext and tag, for this card and kind alone.
    fn seal(
        &self,
        card: &CardNumber,
        kind: SecretKind,
        plain: &[u8],
        chance: &SystemRandom,
    ) -> Result<Vec<u8>, VaultError> {
        seal(&self.seal, aad(card, kind), plain, chance)
    }

    /// The secret of an authenticator app, sealed for this app alone.
    ///
    /// # Errors
    /// [`VaultError::NoChance`].
    pub(crate) fn seal_app(
        &self,
        app: &str,
        plain: &[u8],
        chance: &SystemRandom,
    ) -> Result<Vec<u8>, VaultError> {
        seal(&self.apps, app.as_bytes().to_vec(), plain, chance)
    }

    /// The same in plain.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] for one of another app or key.
    pub(crate) fn open_app(
        &self,
        app: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        open(&self.apps, app.as_bytes().to_vec(), sealed)
    }

    /// The secret in plain.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] for one of another card, kind or key.
    pub fn open(
        &self,
        card: &CardNumber,
        kind: SecretKind,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        open(&self.seal, aad(card, kind), sealed)
    }

    /// The digest under which a code is stored.
    pub(crate) fn digest(&self, purpose: CodePurpose, code_id: &str, digits: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.codes, &message(purpose, code_id, digits));
        let mut digest = [0_u8; 32];
        digest.copy_from_slice(tag.as_ref());
        digest
    }

    /// Whether these digits are the code; takes the same time for every wrong one.
    pub(crate) fn is_code(
        &self,
        purpose: CodePurpose,
        code_id: &str,
        digits: &str,
        digest: &[u8],
    ) -> bool {
        hmac::verify(&self.codes, &message(purpose, code_id, digits), digest).is_ok()
    }
}

/// Nonce, ciphertext and tag.
fn seal(
    key: &LessSafeKey,
    aad: Vec<u8>,
    plain: &[u8],
    chance: &SystemRandom,
) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0_u8; NONCE_LEN];
    chance.fill(&mut nonce).map_err(|_| VaultError::NoChance)?;
    let mut body = plain.to_vec();
    let once = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(once, Aad::from(aad), &mut body)
        .map_err(|_| VaultError::Sealed)?;
    let mut sealed = nonce.to_vec();
    sealed.extend_from_slice(&body);
    Ok(sealed)
}

fn open(key: &LessSafeKey, aad: Vec<u8>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, body) = sealed
        .split_first_chunk::<NONCE_LEN>()
        .ok_or(VaultError::Sealed)?;
    let mut body = Zeroizing::new(body.to_vec());
    let once = Nonce::assume_unique_for_key(*nonce);
    let length = key
        .open_in_place(once, Aad::from(aad), &mut body)
        .map_err(|_| VaultError::Sealed)?
        .len();
    body.truncate(length);
    Ok(body)
}

fn message(purpose: CodePurpose, code_id: &str, digits: &str) -> Vec<u8> {
    format!("{}\n{code_id}\n{digits}", purpose.as_str()).into_bytes()
}

fn aad(card: &CardNumber, kind: SecretKind) -> Vec<u8> {
    format!("{}\n{}", card.as_str(), kind.as_str()).into_bytes()
}

/// Eight random digits, each as likely as any other.
pub(crate) fn eight_digits(chance: &SystemRandom) -> Result<Zeroizing<String>, VaultError> {
    const ALL: u32 = 100_000_000;
    // The largest multiple of ALL that 32 bits hold; beyond it a draw would favour low numbers.
    const FAIR: u32 = u32::MAX - u32::MAX % ALL;
    loop {
        let mut bytes = [0_u8; 4];
        chance.fill(&mut bytes).map_err(|_| VaultError::NoChance)?;
        let drawn = u32::from_be_bytes(bytes);
        if drawn < FAIR {
            return Ok(Zeroizing::new(format!("{:08}", drawn % ALL)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_for_its_card_and_kind_under_its_key_alone() {
        let (vault, chance) = (Vault::from_bytes(&[7; 32]).unwrap(), SystemRandom::new());
        let card: CardNumber = "8260000000000018".parse().unwrap();
        let other: CardNumber = "8260000000000026".parse().unwrap();
        let sealed = vault.fresh(&card, SecretKind::Unblock, &chance).unwrap();
        let plain = vault.open(&card, SecretKind::Unblock, &sealed).unwrap();
        assert!(plain.len() == 8 && plain.iter().all(u8::is_ascii_digit));
        assert!(!sealed.windows(8).any(|window| window == plain.as_slice()));
        let twice = vault.fresh(&card, SecretKind::Unblock, &chance).unwrap();
        assert_ne!(sealed, twice);
        assert!(vault.open(&card, SecretKind::Management, &sealed).is_err());
        assert!(vault.open(&other, SecretKind::Unblock, &sealed).is_err());
        let stranger = Vault::from_bytes(&[8; 32]).unwrap();
        assert!(stranger.open(&card, SecretKind::Unblock, &sealed).is_err());
        assert!(Vault::from_bytes(&[7; 31]).is_err());
    }

    #[test]
    fn a_code_is_bound_to_its_purpose_and_its_row() {
        let vault = Vault::from_bytes(&[7; 32]).unwrap();
        let digest = vault.digest(CodePurpose::Unlock, "a", "12345678");
        assert!(vault.is_code(CodePurpose::Unlock, "a", "12345678", &digest));
        assert!(!vault.is_code(CodePurpose::Cancel, "a", "12345678", &digest));
        assert!(!vault.is_code(CodePurpose::Unlock, "b", "12345678", &digest));
        assert!(!vault.is_code(CodePurpose::Unlock, "a", "12345679", &digest));
    }
}
