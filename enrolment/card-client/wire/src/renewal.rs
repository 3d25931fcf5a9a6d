//! A holder renews the certificates on her card: begin, ask, confirm.

use policies::card::KeyRole;
use policies::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::desk::Sealed;

/// Answer of `startRenewal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StartedRenewal {
    /// Names the renewal.
    pub renewal_id: String,
    /// Goes into each PKCS#10 as `challengePassword` (RFC 2985 5.4.1).
    pub nonce: String,
    /// The last second at which the nonce is taken.
    #[schemars(with = "String")]
    pub expires_at: Time,
}

/// A certificate request for one key of the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// `authentication` or `signature`.
    #[schemars(with = "KeyRoleWord")]
    pub key_role: KeyRole,
    /// PKCS#10, PEM (RFC 2986, RFC 7468).
    pub pem: String,
}

/// The words of [`KeyRole`], for the API's description.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyRoleWord {
    /// Signs in.
    Authentication,
    /// Signs prescriptions.
    Signature,
}

/// Body of `renewMyCard`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewMyCard {
    /// From `startRenewal`.
    pub renewal_id: String,
    /// One request per key of the card.
    pub csrs: Vec<KeyRequest>,
    /// Chosen by the client: the same key with the same body gets the same answer.
    pub idempotency_key: String,
}

/// Body of `restartRenewal`: the card's client lost the keys of the pending set. Without requests a
/// fresh nonce is given out; with them, made over the renewal's newest nonce, the set is issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestartRenewal {
    /// The renewal that is pending.
    pub renewal_id: String,
    /// One request per key of the card; none to ask for a nonce.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub csrs: Vec<KeyRequest>,
    /// Chosen by the client; needed with requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// Body of `confirmMyCard` and `abandonRenewal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThisRenewal {
    /// Which.
    pub renewal_id: String,
}

/// Body of `releaseCardSecrets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseCardSecrets {
    /// A renewal of the card that calls, which is not over.
    pub renewal_id: String,
    /// A one-time X25519 public key, base64url, to which the management key is sealed.
    pub transport_key: String,
}

/// Answer of `releaseCardSecrets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardSecretsReleased {
    /// The renewal.
    pub renewal_id: String,
    /// The card; `aad` of what is sealed.
    pub card_number: String,
    /// `CardSecrets` with `management_key` and `next_management_key`, sealed to the transport key.
    pub sealed_secrets: Sealed,
}

/// A renewal as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Renewal {
    /// Which.
    pub renewal_id: String,
    /// `started`, `pending`, `active`, `superseded`, `abandoned`.
    pub state: String,
    /// The nonce that requests must carry now, while it waits for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The certificates to be written to the card, authentication first.
    pub certificates: Vec<IssuedCertificate>,
}

/// A certificate for the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IssuedCertificate {
    /// Which key it is for.
    #[schemars(with = "KeyRoleWord")]
    pub key_role: KeyRole,
    /// Its serial number, lower-case hex.
    pub serial: String,
    /// The certificate, PEM.
    pub pem: String,
}
