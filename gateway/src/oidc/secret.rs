//! Codes, access tokens and client secrets: 256 random bits, known to us only as a hash.
//!
//! A value of 256 random bits needs no slow hash; SHA-256 under a label per kind is enough, and the
//! label keeps a code from ever being taken for a token. Secrets are never printed or cloned.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enrolment::audit::Sha256;
use ring::digest::{Context, SHA256, SHA256_OUTPUT_LEN};
use ring::rand::{SecureRandom, SystemRandom};
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

/// Octets in a generated secret: 256 bits (RFC 6749 10.10 asks for 128).
const SECRET_OCTETS: usize = 32;

/// What a secret is for; part of its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// An authorization code.
    Code,
    /// An access token.
    AccessToken,
    /// A client's password.
    ClientSecret,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Code => b"matron code\0",
            Self::AccessToken => b"matron access token\0",
            Self::ClientSecret => b"matron client secret\0",
        }
    }
}

/// The machine's random source failed; nothing may be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the random source failed")]
pub struct NoRandomness;

/// A secret in the clear, on its way to or from its owner.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A fresh secret of 256 random bits, base64url.
    pub fn generate(chance: &SystemRandom) -> Result<Self, NoRandomness> {
        let mut octets = Zeroizing::new([0_u8; SECRET_OCTETS]);
        chance
            .fill(octets.as_mut_slice())
            .map_err(|_| NoRandomness)?;
        Ok(Self(Zeroizing::new(
            URL_SAFE_NO_PAD.encode(octets.as_slice()),
        )))
    }

    /// Takes what somebody presented.
    pub fn presented(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one answer that hands it over.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The hash under which it is stored.
    pub fn hash(&self, purpose: Purpose) -> SecretHash {
        let mut context = Context::new(&SHA256);
        context.update(purpose.label());
        context.update(self.0.as_bytes());
        let mut octets = [0; SHA256_OUTPUT_LEN];
        octets.copy_from_slice(context.finish().as_ref());
        SecretHash(octets)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

/// The stored form of a secret: a labelled SHA-256.
#[derive(Clone)]
pub struct SecretHash([u8; SHA256_OUTPUT_LEN]);

impl SecretHash {
    /// Takes a hash out of the database.
    pub const fn stored(octets: [u8; SHA256_OUTPUT_LEN]) -> Self {
        Self(octets)
    }

    /// The octets to store or look up.
    pub const fn octets(&self) -> &[u8; SHA256_OUTPUT_LEN] {
        &self.0
    }

    /// The hash as the audit trail names it; hashing cannot be undone, so it gives nothing away.
    pub fn for_the_trail(&self) -> Sha256 {
        Sha256::from_bytes(&self.0)
    }

    /// Equality whose time does not tell how much was right.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// As [`SecretHash::matches`].
impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other)
    }
}

impl Eq for SecretHash {}

impl fmt::Debug for SecretHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::{Purpose, Secret};

    #[test]
    fn a_secret_is_43_characters_and_never_the_same() {
        let chance = SystemRandom::new();
        let (one, two) = (
            Secret::generate(&chance).unwrap(),
            Secret::generate(&chance).unwrap(),
        );
        assert_eq!(one.reveal().len(), 43);
        assert_ne!(one.reveal(), two.reveal());
        assert!(!format!("{one:?}").contains(one.reveal()));
    }

    #[test]
    fn every_prefix_and_every_changed_bit_of_a_token_misses() {
        let token = Secret::generate(&SystemRandom::new()).unwrap();
        let hash = token.hash(Purpose::AccessToken);
        for end in 0..token.reveal().len() {
            let cut = Secret::presented(&token.reveal()[..end]);
            assert!(!cut.hash(Purpose::AccessToken).matches(&hash));
        }
        for place in 0..token.reveal().len() {
            let mut octets = token.reveal().as_bytes().to_vec();
            octets[place] ^= 1;
            let spliced = Secret::presented(String::from_utf8(octets).unwrap());
            assert!(!spliced.hash(Purpose::AccessToken).matches(&hash));
        }
    }

    #[test]
    fn a_code_is_not_a_token() {
        let secret = Secret::presented("same text");
        let (code, token) = (
            secret.hash(Purpose::Code),
            secret.hash(Purpose::AccessToken),
        );
        assert!(!code.matches(&token));
    }
}
