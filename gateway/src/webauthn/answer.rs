//! What a browser sends (WebAuthn 5.1: `RegistrationResponseJSON`, `AuthenticationResponseJSON`),
//! read strictly and within bounds.

use serde::Deserialize;

use super::error::CeremonyError;
use super::stored::{CredentialId, decode};

/// The longest answer that is looked at, in bytes.
pub const LARGEST_ANSWER: usize = 64 * 1024;

/// More ways to reach a device than there are.
const MOST_TRANSPORTS: usize = 8;

#[derive(Deserialize)]
struct Outer<R> {
    id: String,
    #[serde(rename = "rawId")]
    raw_id: String,
    #[serde(rename = "type")]
    kind: String,
    response: R,
    #[serde(rename = "clientExtensionResults", default)]
    extensions: Extensions,
    #[serde(rename = "authenticatorAttachment", default)]
    attachment: Option<String>,
}

#[derive(Deserialize, Default)]
struct Extensions {
    #[serde(rename = "credProps", default)]
    properties: Option<Properties>,
}

#[derive(Deserialize)]
struct Properties {
    #[serde(default)]
    rk: Option<bool>,
}

#[derive(Deserialize)]
struct Attested {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(rename = "attestationObject")]
    attestation: String,
    #[serde(default)]
    transports: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Asserted {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(rename = "authenticatorData")]
    auth_data: String,
    signature: String,
    #[serde(rename = "userHandle", default)]
    user_handle: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "rawId")]
    raw_id: String,
}

/// A credential that a browser says was made.
pub(super) struct Registration {
    pub(super) id: CredentialId,
    pub(super) client_data: Vec<u8>,
    pub(super) attestation: Vec<u8>,
    pub(super) transports: Vec<String>,
    pub(super) attachment: Option<String>,
    pub(super) resident: Option<bool>,
}

/// A signature that a browser brings.
pub(super) struct Authentication {
    pub(super) id: CredentialId,
    pub(super) client_data: Vec<u8>,
    pub(super) auth_data: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) user_handle: Option<Vec<u8>>,
}

/// What the browser says that it was asked, by whom (WebAuthn 5.8.1). Keys of later versions are
/// ignored; one key twice is refused.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: Option<bool>,
    #[serde(rename = "topOrigin", default)]
    top_origin: Option<String>,
}

/// Which credential an answer claims to be of: what to look up before it is judged.
///
/// # Errors
/// [`CeremonyError::TooLong`], [`CeremonyError::Malformed`].
pub fn credential_id_of(answer: &[u8]) -> Result<CredentialId, CeremonyError> {
    let named: Named = json(answer)?;
    named.raw_id.parse()
}

impl Registration {
    pub(super) fn read(answer: &[u8]) -> Result<Self, CeremonyError> {
        let outer: Outer<Attested> = json(answer)?;
        let id = outer.id()?;
        let response = outer.response;
        let transports = response.transports.unwrap_or_default();
        let fits =
            transports.len() <= MOST_TRANSPORTS && transports.iter().all(|word| is_word(word));
        if !fits
            || outer
                .attachment
                .as_deref()
                .is_some_and(|word| !is_word(word))
        {
            return Err(CeremonyError::Malformed("transports"));
        }
        Ok(Self {
            id,
            client_data: bytes(&response.client_data)?,
            attestation: bytes(&response.attestation)?,
            transports,
            attachment: outer.attachment,
            resident: outer.extensions.properties.and_then(|p| p.rk),
        })
    }
}

impl Authentication {
    pub(super) fn read(answer: &[u8]) -> Result<Self, CeremonyError> {
        let outer: Outer<Asserted> = json(answer)?;
        let id = outer.id()?;
        let response = outer.response;
        let user_handle = response
            .user_handle
            .filter(|text| !text.is_empty())
            .map(|text| bytes(&text))
            .transpose()?;
        if user_handle.as_ref().is_some_and(|handle| handle.len() > 64) {
            return Err(CeremonyError::Malformed("userHandle"));
        }
        Ok(Self {
            id,
            client_data: bytes(&response.client_data)?,
            auth_data: bytes(&response.auth_data)?,
            signature: bytes(&response.signature)?,
            user_handle,
        })
    }
}

impl<R> Outer<R> {
    fn id(&self) -> Result<CredentialId, CeremonyError> {
        if self.kind != "public-key" || self.id != self.raw_id {
            return Err(CeremonyError::Malformed("id"));
        }
        self.raw_id.parse()
    }
}

/// What must stand in client data.
pub(super) struct Expected<'a> {
    /// `webauthn.create` or `webauthn.get`.
    pub(super) kind: &'static str,
    /// The challenge.
    pub(super) challenge: &'a [u8],
    /// The one origin.
    pub(super) origin: &'a str,
}

impl Expected<'_> {
    /// Compares what the browser was asked with what we asked (WebAuthn 7.1 steps 5 to 10, 7.2
    /// steps 9 to 14). The origin is compared as text: no suffix, no port, no other spelling.
    pub(super) fn check(&self, client_data: &[u8]) -> Result<(), CeremonyError> {
        let data: ClientData = serde_json::from_slice(client_data)
            .map_err(|_| CeremonyError::Malformed("client data"))?;
        if data.kind != self.kind {
            return Err(CeremonyError::OtherCeremony);
        }
        if decode(&data.challenge).as_deref() != Some(self.challenge) {
            return Err(CeremonyError::OtherChallenge);
        }
        let framed = data.cross_origin == Some(true) || data.top_origin.is_some();
        if data.origin != self.origin || framed {
            return Err(CeremonyError::OtherOrigin);
        }
        Ok(())
    }
}

fn json<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, CeremonyError> {
    if answer.len() > LARGEST_ANSWER {
        return Err(CeremonyError::TooLong);
    }
    serde_json::from_slice(answer).map_err(|_| CeremonyError::Malformed("JSON"))
}

fn bytes(text: &str) -> Result<Vec<u8>, CeremonyError> {
    decode(text).ok_or(CeremonyError::Malformed("base64url"))
}

fn is_word(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
