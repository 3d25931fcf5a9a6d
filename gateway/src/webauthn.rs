//! WebAuthn (Level 3), the verifying half: it writes what a browser is asked, and judges what comes
//! back. No database, no clock, no randomness: challenge, time and the list of models come in, what
//! was proven goes out, and `policies::authenticator` says what that is worth.
//!
//! An answer passes two readers. Ours comes first and is strict: size, JSON, exact origin, canonical
//! CBOR, nothing left over (`answer`, `cbor`, `authdata`). Then `webauthn-rs-core` verifies
//! statement and signature; TPM statements, which it cannot, are verified in `tpm`. Whether a
//! maker's chain leads to a root we trust at that time is `chain`'s, which model it is `models`'.

mod aik;
mod answer;
mod authdata;
mod cbor;
mod ceremony;
mod chain;
mod error;
pub mod models;
mod statement;
mod stored;
mod tpm;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use policies::authenticator::KeyEvidence;
use policies::time::{Span, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

pub use answer::{LARGEST_ANSWER, credential_id_of};
pub use error::CeremonyError;
pub use models::{Models, Standing};
pub use stored::{CredentialId, StoredKey, Used};

/// How long a browser waits for the person, and how long an answer counts.
pub const TIMEOUT: Span = Span::minutes(5);

/// What a browser must sign: 32 random bytes, drawn by the caller, good once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Challenge(#[serde(with = "stored::text")] Vec<u8>);

impl Challenge {
    /// Takes freshly drawn bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes.to_vec())
    }

    /// A challenge that somebody else drew, of any length: recorded ceremonies of real devices.
    #[cfg(test)]
    pub(crate) fn recorded(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// How a device is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachment {
    /// Part of the computer, tablet or phone: Windows Hello, Face ID, a fingerprint.
    Platform,
    /// A key that goes along.
    CrossPlatform,
}

/// For whom a credential is made.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer<'a> {
    /// What the device gives back at a sign-in without a name; random, 1 to 64 bytes, no personal
    /// data (WebAuthn 14.6.1).
    pub user_handle: &'a [u8],
    /// Shown in the browser's dialog.
    pub name: &'a str,
    /// Shown in the browser's dialog.
    pub display_name: &'a str,
    /// Which kind is asked for; `None` lets the browser offer all.
    pub attachment: Option<Attachment>,
    /// What she has already: such a device answers that it knows her.
    pub exclude: &'a [CredentialId],
}

/// A credential that may answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Which.
    pub id: CredentialId,
    /// How it is reached, as it said when it was made.
    pub transports: Vec<String>,
}

impl From<&StoredKey> for Allowed {
    fn from(key: &StoredKey) -> Self {
        Self {
            id: key.credential_id().clone(),
            transports: key.transports().to_vec(),
        }
    }
}

/// What must be remembered while a browser makes a credential. Kept on the server, taken out before
/// the answer is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationState {
    challenge: Challenge,
    exclude: Vec<CredentialId>,
}

/// What must be remembered while a browser asks for a signature. Kept on the server, taken out
/// before the answer is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticationState {
    challenge: Challenge,
    /// Empty when whoever holds a credential of this site may answer.
    allow: Vec<CredentialId>,
}

/// A credential that was made, and what its making proved.
#[derive(Debug, Clone, PartialEq)]
pub struct Registered {
    /// Its name.
    pub credential_id: CredentialId,
    /// What to keep.
    pub key: StoredKey,
    /// What was proven: [`KeyEvidence::level`] says what it is worth.
    pub evidence: KeyEvidence,
    /// The model, where the device named one.
    pub aaguid: Option<[u8; 16]>,
    /// What people call that model.
    pub model: Option<String>,
    /// Whether nobody may use that model here.
    pub denied: bool,
    /// How it is reached.
    pub transports: Vec<String>,
    /// Whether the key may leave the device (flag BE).
    pub backup_eligible: bool,
    /// Whether a copy of the key exists elsewhere (flag BS).
    pub backed_up: bool,
    /// Whether it can sign in without a name, as far as the browser knows (credProps.rk).
    pub resident: Option<bool>,
}

/// Why a site cannot use WebAuthn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// Only names have relying parties, and only over TLS.
    #[error("{0} is not https with a host name")]
    NotASite(Url),
}

/// The site to which credentials belong.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    core: Arc<ceremony::Core>,
    models: Arc<Models>,
}

impl RelyingParty {
    /// The site of an issuer: its host is the relying party's id and its origin the only one that
    /// may ask. No other port, no subdomain, no parent.
    ///
    /// # Errors
    /// [`SiteError`] unless it is `https` with a host name.
    pub fn new(issuer: &Url, name: &str, models: Arc<Models>) -> Result<Self, SiteError> {
        let not_a_site = || SiteError::NotASite(issuer.clone());
        let id = issuer.domain().ok_or_else(not_a_site)?;
        if issuer.scheme() != "https" {
            return Err(not_a_site());
        }
        let origin = issuer.origin().ascii_serialization();
        Ok(Self {
            core: Arc::new(ceremony::Core::new(id, &origin, name)),
            models,
        })
    }

    /// A site whose origin and id are what a recording says.
    #[cfg(test)]
    pub(crate) fn recorded(id: &str, origin: &str, models: Arc<Models>) -> Self {
        Self {
            core: Arc::new(ceremony::Core::new(id, origin, "recorded")),
            models,
        }
    }

    /// Which models count for what.
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// Begins to make a credential: what to hand to the browser
    /// (`PublicKeyCredential.parseCreationOptionsFromJSON`) and what to remember. User verification
    /// and a discoverable credential are required, attestation is asked for (WebAuthn 5.4).
    pub fn start_registration(
        &self,
        new: &Newcomer<'_>,
        challenge: Challenge,
    ) -> (Value, RegistrationState) {
        let mut selection = json!({
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": "required",
        });
        if let (Some(kind), Some(fields)) = (new.attachment, selection.as_object_mut()) {
            let kind = match kind {
                Attachment::Platform => "platform",
                Attachment::CrossPlatform => "cross-platform",
            };
            fields.insert("authenticatorAttachment".to_owned(), kind.into());
        }
        let exclude: Vec<Value> = new.exclude.iter().map(|id| descriptor(id, &[])).collect();
        let options = json!({"publicKey": {
            "rp": {"id": self.core.id(), "name": self.core.name()},
            "user": {
                "id": stored::encode(new.user_handle),
                "name": new.name,
                "displayName": new.display_name,
            },
            "challenge": stored::encode(challenge.as_bytes()),
            "pubKeyCredParams": ceremony::algorithms().map(|alg| json!({"type": "public-key", "alg": alg})),
            "timeout": TIMEOUT.as_seconds() * 1000,
            "excludeCredentials": exclude,
            "authenticatorSelection": selection,
            "attestation": "direct",
            "extensions": {"credProps": true},
        }});
        let state = RegistrationState {
            challenge,
            exclude: new.exclude.to_vec(),
        };
        (options, state)
    }

    /// Judges the answer to [`Self::start_registration`]: at most 64 KiB of what
    /// `PublicKeyCredential.toJSON` gives. A device that did not check the person is no error here:
    /// its evidence says so, and the law refuses it (law G1).
    ///
    /// # Errors
    /// [`CeremonyError`] when anything in it is not as this site asked, or as the device says.
    pub fn finish_registration(
        &self,
        state: &RegistrationState,
        answer: &[u8],
        now: Time,
    ) -> Result<Registered, CeremonyError> {
        self.core.register(&self.models, state, answer, now)
    }

    /// Begins a sign-in: what to hand to the browser (`parseRequestOptionsFromJSON`) and what to
    /// remember. With nothing allowed, the person picks one of her credentials of this site and no
    /// name is typed.
    pub fn start_authentication(
        &self,
        allow: &[Allowed],
        challenge: Challenge,
    ) -> (Value, AuthenticationState) {
        let descriptors: Vec<Value> = allow
            .iter()
            .map(|key| descriptor(&key.id, &key.transports))
            .collect();
        let options = json!({"publicKey": {
            "challenge": stored::encode(challenge.as_bytes()),
            "timeout": TIMEOUT.as_seconds() * 1000,
            "rpId": self.core.id(),
            "allowCredentials": descriptors,
            "userVerification": "required",
        }});
        let state = AuthenticationState {
            challenge,
            allow: allow.iter().map(|key| key.id.clone()).collect(),
        };
        (options, state)
    }

    /// Judges the answer to [`Self::start_authentication`] with the key that [`credential_id_of`]
    /// named. A counter that did not rise and a changed flag BE are no errors: [`Used`] reports
    /// them, and the caller locks and tells.
    ///
    /// # Errors
    /// [`CeremonyError`] when the answer is not this key's to this question, or the device did not
    /// check the person.
    pub fn finish_authentication(
        &self,
        state: &AuthenticationState,
        answer: &[u8],
        key: &StoredKey,
    ) -> Result<Used, CeremonyError> {
        self.core.authenticate(state, answer, key)
    }
}

fn descriptor(id: &CredentialId, transports: &[String]) -> Value {
    let mut descriptor = json!({"type": "public-key", "id": id.to_string()});
    if let (false, Some(fields)) = (transports.is_empty(), descriptor.as_object_mut()) {
        fields.insert("transports".to_owned(), transports.into());
    }
    descriptor
}
