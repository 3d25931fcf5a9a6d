//! A card, whatever it is made of: files, a PKCS#11 token, or a PIV chip in a reader.
//!
//! A card has two places for a set of keys. The [`Place::Current`] set signs in. A renewal fills the
//! [`Place::Pending`] one, so that the current set keeps working until the new one has been proven;
//! [`Card::promote`] then makes the pending set the current one. Every step may be repeated, and a
//! card that was pulled out between any two of them is put right by the next run.

pub mod open;
#[cfg(feature = "readers")]
pub mod piv;
pub mod soft;
pub mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use policies::card::KeyRole;
use wire::desk::CardSecrets;
use zeroize::Zeroizing;

/// The roles of the keys of a card, in the order in which they are written.
pub const ROLES: [KeyRole; 2] = [KeyRole::Authentication, KeyRole::Signature];

/// A passcode, an unblock key or the password of a file. Never shown, wiped after use.
pub type Secret = Zeroizing<String>;

/// Which of the two places for a set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The set that signs in.
    Current,
    /// The set that waits for its confirmation.
    Pending,
}

/// A P-256 public key: an uncompressed point of 65 octets (SEC 1, 2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 65]);

impl PublicKey {
    /// Takes an uncompressed point; other kinds of keys are not used on these cards.
    ///
    /// # Errors
    /// [`CardError::Unusable`] for anything else.
    pub fn from_point(point: &[u8]) -> Result<Self, CardError> {
        match <[u8; 65]>::try_from(point) {
            Ok(point) if point.first() == Some(&4) => Ok(Self(point)),
            _ => Err(CardError::Unusable("a key that is not on the curve P-256")),
        }
    }

    /// The point, uncompressed.
    pub const fn point(&self) -> &[u8; 65] {
        &self.0
    }
}

/// Why a card did not do something.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// No card, no reader, no file, or it was pulled out.
    #[error("the card is not there: {0}")]
    Absent(String),
    /// Wrong passcode, with the tries that are left where the card says so.
    #[error("wrong passcode{}", tries(*.0))]
    Passcode(Option<u32>),
    /// Too many wrong passcodes.
    #[error("the card is locked after too many wrong passcodes")]
    Locked,
    /// Wrong unblock key, with the tries that are left where the card says so.
    #[error("wrong unblock key{}", tries(*.0))]
    UnblockKey(Option<u32>),
    /// None of the management keys at hand opens the card.
    #[error("the card does not accept the management key")]
    ManagementKey,
    /// There is no certificate or no key in that place.
    #[error("there is no {} in the {place:?} set of this card", .role.as_str())]
    Missing {
        /// Which key.
        role: KeyRole,
        /// Where it was looked for.
        place: Place,
    },
    /// This kind of card cannot do that.
    #[error("this card cannot do that: {0}")]
    Unusable(&'static str),
    /// The card or the module answered something unexpected.
    #[error("the card answered unexpectedly: {0}")]
    Odd(String),
}

fn tries(left: Option<u32>) -> String {
    match left {
        Some(1) => "; 1 try left".to_owned(),
        Some(left) => format!("; {left} tries left"),
        None => String::new(),
    }
}

impl CardError {
    /// Wraps what a library said.
    pub fn odd(error: impl std::fmt::Display) -> Self {
        Self::Odd(error.to_string())
    }
}

/// The unblock key of a card fresh from its maker (Yubico, Nitrokey).
pub const FACTORY_UNBLOCK_KEY: &str = "12345678";

/// The octets of an unblock key: sixteen hex digits are the eight octets of one that nobody types;
/// anything else is typed.
pub(crate) fn unblock_octets(unblock_key: &Secret) -> Zeroizing<Vec<u8>> {
    match hex::decode(unblock_key.as_str()) {
        Ok(octets) if octets.len() == 8 => Zeroizing::new(octets),
        _ => Zeroizing::new(unblock_key.as_bytes().to_vec()),
    }
}

/// What every card can do. All methods block; a card is used by one thread at a time.
pub trait Card: Send {
    /// What it is, for messages: never a secret.
    fn describe(&self) -> String;

    /// What the words for its secret are: a passcode, or the password of a file; `None` where a
    /// card has none.
    fn secret_kind(&self) -> Option<&'static str>;

    /// Proves the passcode to the card. Kept until the card is dropped, for keys that ask each time.
    ///
    /// # Errors
    /// [`CardError::Passcode`], [`CardError::Locked`], or the card is not there.
    fn unlock(&mut self, passcode: &Secret) -> Result<(), CardError>;

    /// The certificate of a place, DER.
    ///
    /// # Errors
    /// The card is not there or is broken.
    fn certificate(&mut self, place: Place, role: KeyRole) -> Result<Option<Vec<u8>>, CardError>;

    /// Makes a new key of the pending set, in the card. A certificate that stood there is removed
    /// first, so that none ever stands beside another key.
    ///
    /// # Errors
    /// The card is not there, locked, or does not make keys.
    fn generate(&mut self, role: KeyRole) -> Result<PublicKey, CardError>;

    /// Signs a SHA-256 digest: an ECDSA signature in DER (RFC 3279 2.2.3).
    ///
    /// # Errors
    /// There is no such key, the card is not there, or it wants its passcode.
    fn sign(&mut self, place: Place, role: KeyRole, digest: &[u8]) -> Result<Vec<u8>, CardError>;

    /// Writes a certificate (DER) of the pending set beside its key.
    ///
    /// # Errors
    /// The card is not there or is full.
    fn write_certificate(&mut self, role: KeyRole, certificate: &[u8]) -> Result<(), CardError>;

    /// Makes the pending set the current one and removes what stood there. May be repeated.
    ///
    /// # Errors
    /// The card is not there.
    fn promote(&mut self) -> Result<(), CardError>;

    /// Empties the pending place. May be repeated.
    ///
    /// # Errors
    /// The card is not there.
    fn discard(&mut self) -> Result<(), CardError>;

    /// Changes the passcode. The caller has judged the new one.
    ///
    /// # Errors
    /// [`CardError::Passcode`], [`CardError::Locked`], or the card is not there.
    fn change_passcode(&mut self, old: &Secret, new: &Secret) -> Result<(), CardError>;

    /// Sets a new passcode with the unblock key. The caller has judged the new passcode.
    ///
    /// # Errors
    /// [`CardError::UnblockKey`], [`CardError::Locked`], or the card has no unblock key.
    fn unblock(&mut self, unblock_key: &Secret, new: &Secret) -> Result<(), CardError>;

    /// Whether writing to the card takes a management key that the holder does not type.
    fn wants_secrets(&self) -> bool {
        false
    }

    /// Hands over the card's own secrets, for writing and for [`Self::rotate`].
    fn use_secrets(&mut self, _secrets: CardSecrets) {}

    /// Replaces the secrets that were handed over by their successors, and a factory default by a
    /// random key. Done after the certificates are written. May be repeated.
    ///
    /// # Errors
    /// The card is not there or refuses.
    fn rotate(&mut self) -> Result<(), CardError> {
        Ok(())
    }

    /// Replaces the unblock key alone, after it was used. May be repeated.
    ///
    /// # Errors
    /// The card is not there or refuses.
    fn rotate_unblock_key(&mut self) -> Result<(), CardError> {
        Ok(())
    }
}

/// A card that the TLS layer and a command use in turns.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<Box<dyn Card>>>);

impl Shared {
    /// Shares a card.
    pub fn new(card: Box<dyn Card>) -> Self {
        Self(Arc::new(Mutex::new(card)))
    }

    /// The card, for one step.
    pub fn lock(&self) -> MutexGuard<'_, Box<dyn Card>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared(card)")
    }
}
