//! What is kept of a credential.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use webauthn_rs_core::proto::COSEKey;

use super::error::CeremonyError;

/// The longest name of a credential (WebAuthn 6.1.2, 7.1 step 25).
const LONGEST_ID: usize = 1023;

/// Bytes as the browser's JSON has them.
pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Base64url without padding, and nothing else.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Bytes kept as base64url text.
pub(super) mod text {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        bytes: &[u8],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::encode(bytes))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        super::decode(&text).ok_or_else(|| D::Error::custom("not base64url"))
    }
}

/// A credential's name: 1 to 1,023 bytes that its device chose. Written as base64url.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    /// Takes bytes; `None` unless there are 1 to 1,023.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (1..=LONGEST_ID)
            .contains(&bytes.len())
            .then_some(Self(bytes))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(&self.0))
    }
}

impl FromStr for CredentialId {
    type Err = CeremonyError;

    fn from_str(text: &str) -> Result<Self, CeremonyError> {
        decode(text)
            .and_then(Self::from_bytes)
            .ok_or(CeremonyError::Malformed("the credential's name"))
    }
}

impl TryFrom<String> for CredentialId {
    type Error = CeremonyError;

    fn try_from(text: String) -> Result<Self, CeremonyError> {
        text.parse()
    }
}

impl From<CredentialId> for String {
    fn from(id: CredentialId) -> Self {
        id.to_string()
    }
}

/// What is kept of a credential: enough to judge its next signature. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    pub(super) credential_id: CredentialId,
    pub(super) key: COSEKey,
    pub(super) counter: u32,
    pub(super) backup_eligible: bool,
    pub(super) backed_up: bool,
    pub(super) aaguid: Option<[u8; 16]>,
    pub(super) transports: Vec<String>,
}

impl StoredKey {
    /// Its name.
    pub fn credential_id(&self) -> &CredentialId {
        &self.credential_id
    }

    /// Its model, where the device named one.
    pub fn aaguid(&self) -> Option<[u8; 16]> {
        self.aaguid
    }

    /// How often it signed, as it said last; 0 where it does not count.
    pub fn counter(&self) -> u32 {
        self.counter
    }

    /// How it is reached.
    pub fn transports(&self) -> &[String] {
        &self.transports
    }

    /// What to keep after a sign-in that was accepted.
    pub fn used(&self, used: &Used) -> Self {
        Self {
            counter: used.counter.max(self.counter),
            backed_up: used.backed_up,
            ..self.clone()
        }
    }
}

/// What a signature at a sign-in proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// The device's counter.
    pub counter: u32,
    /// That the device checked the person; without it there is no `Used`.
    pub user_verified: bool,
    /// Whether a copy of the key exists elsewhere (flag BS).
    pub backed_up: bool,
    /// Whether the key may leave the device (flag BE), as it says now.
    pub backup_eligible: bool,
    /// Whose credential it is, as the device says; compare it with the row.
    pub user_handle: Option<Vec<u8>>,
    /// The counter did not rise: there may be a copy of the key (WebAuthn 6.1.1).
    pub counter_regressed: bool,
    /// Flag BE is not what it was when the credential was made, which it can never be.
    pub eligibility_changed: bool,
}
