//! Work on somebody else's card at a desk.

use policies::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::renewal::{IssuedCertificate, KeyRequest};

/// Body of `startDeskCardWork`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartDeskCardWork {
    /// The number on the plastic.
    #[serde(alias = "card", alias = "number")]
    pub card_number: String,
    /// `issue`, `renew`, `reissue`, `repair`.
    pub kind: String,
    /// A one-time X25519 public key, base64url, to which the card's own secrets are sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport_key: Option<String>,
}

/// Answer of `startDeskCardWork`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeskCardWork {
    /// Names the work.
    pub work_id: String,
    /// Goes into each PKCS#10 as `challengePassword`.
    pub nonce: String,
    /// The last second of the work: ten minutes.
    #[schemars(with = "String")]
    pub expires_at: Time,
    /// Whether the holder has a role of the registration authority herself, so that another
    /// desk person must confirm the work.
    pub second_actor_needed: bool,
    /// The card's secrets, sealed to the transport key; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_secrets: Option<Sealed>,
}

/// Something encrypted to a one-time key (RFC 9180, base mode, X25519, HKDF-SHA256, AES-256-GCM).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sealed {
    /// The encapsulated key, base64url.
    pub enc: String,
    /// The ciphertext, base64url; `info` is `matron card secrets v1`, `aad` the card number.
    pub ciphertext: String,
}

/// What [`Sealed`] holds of a card: a JSON object with lower-case hex members.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSecrets {
    /// The management key that the card has now; absent for a card fresh from its maker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_key: Option<String>,
    /// The management key that the card is to have afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_management_key: Option<String>,
    /// The unblock key that the card has now; absent for a card fresh from its maker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unblock_key: Option<String>,
    /// The unblock key that the card is to have afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_unblock_key: Option<String>,
}

/// Body of `renewCardAssisted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewCardAssisted {
    /// From `startDeskCardWork`.
    pub work_id: String,
    /// One request per key of the card.
    pub csrs: Vec<KeyRequest>,
    /// The holder is here, with her card.
    pub holder_present: bool,
    /// Her face was compared with the photo on record.
    pub photo_compared: bool,
    /// Chosen by the client; the work's own number stands in where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// Body of `reissueCardInPerson`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReissueCardInPerson {
    /// From `startDeskCardWork`.
    pub work_id: String,
    /// One request per key of the card.
    pub csrs: Vec<KeyRequest>,
    /// The holder is here, with her card.
    pub holder_present: bool,
    /// Her face was compared with the photo on record.
    pub photo_compared: bool,
    /// References of the identity evidence that was looked at.
    #[serde(default)]
    pub evidence_ids: Vec<String>,
    /// Chosen by the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// Body of `repairCard` and `produceCard`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardWork {
    /// From `startDeskCardWork`.
    pub work_id: String,
    /// One request per key of the card.
    pub csrs: Vec<KeyRequest>,
    /// Why; needed for a repair: `corrupt_certificates`, `issuing_fault`, `cannot_sign_in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The holder is here, with her card; needed for a repair.
    #[serde(default)]
    pub holder_present: bool,
    /// Her face was compared with the photo on record; needed for a repair.
    #[serde(default)]
    pub photo_compared: bool,
    /// Chosen by the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// Answer of every work that issues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardWorkDone {
    /// Which work.
    pub work_id: String,
    /// `pending` until the card's new certificates are confirmed.
    pub state: String,
    /// The certificates to be written to the card, authentication first.
    pub certificates: Vec<IssuedCertificate>,
}

/// Body of `confirmDeskCardWork`: the serials that were read back from the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmDeskCardWork {
    /// Which work.
    pub work_id: String,
    /// One per key of the card, lower-case hex.
    pub serials: Vec<String>,
}

/// Body of `secondDeskCardWork`: another desk person stands behind the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondDeskCardWork {
    /// Which work.
    pub work_id: String,
}
