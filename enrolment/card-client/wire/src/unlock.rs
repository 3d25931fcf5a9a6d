//! Setting a blocked passcode anew without a desk, and the first use of a card: nobody is signed in.

use policies::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::desk::Sealed;

/// Body of `startUnlock`: one of the two numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartUnlock {
    /// The number on the plastic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_number: Option<String>,
    /// The holder's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// A one-time X25519 public key, base64url, to which the unblock key will be sealed.
    pub transport_key: String,
}

/// Answer of `startUnlock`, the same for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnlockStarted {
    /// Names the unlock.
    pub unlock_id: String,
    /// The last second of a code that is sent now: fifteen minutes.
    #[schemars(with = "String")]
    pub expires_at: Time,
}

/// Body of `finishUnlock`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishUnlock {
    /// From `startUnlock`.
    pub unlock_id: String,
    /// The code as it was typed: eight digits; blanks and dashes do not matter.
    pub code: String,
}

/// Answer of `finishUnlock`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnlockReleased {
    /// The unlock.
    pub unlock_id: String,
    /// The card; `aad` of what is sealed.
    pub card_number: String,
    /// `CardSecrets` with `unblock_key` and `next_unblock_key`, sealed to the transport key.
    pub sealed_secrets: Sealed,
}

/// Body of `confirmUnlock`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmUnlock {
    /// From `startUnlock`.
    pub unlock_id: String,
}

/// Answer of `confirmUnlock`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnlockDone {
    /// The unlock.
    pub unlock_id: String,
    /// The state of the card: `active`.
    pub state: String,
}

/// Body of `unlockCardAssisted`. With a transport key it releases the unblock key for one reset and
/// records nothing yet; with the number of that release, or with neither, it records that the
/// passcode was set anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnlockCardAssisted {
    /// The number on the plastic.
    #[serde(alias = "card", alias = "number")]
    pub card_number: String,
    /// The holder is here, with her card.
    #[serde(default)]
    pub holder_present: bool,
    /// Her face was compared with the photo on record.
    #[serde(default)]
    pub photo_compared: bool,
    /// A one-time X25519 public key, base64url, to which the unblock key is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport_key: Option<String>,
    /// The release that the card's passcode was set with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlock_id: Option<String>,
}

/// Answer of `unlockCardAssisted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardUnlockedAssisted {
    /// The card; `aad` of what is sealed.
    pub card_number: String,
    /// Its state in the books: `active` once the passcode is on record as set.
    pub state: String,
    /// Names the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlock_id: Option<String>,
    /// `CardSecrets` with `unblock_key` and `next_unblock_key`, sealed to the transport key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_secrets: Option<Sealed>,
}

/// Body of `startActivation`: one of the two numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartActivation {
    /// The number on the plastic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_number: Option<String>,
    /// The holder's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// Answer of `startActivation`, the same for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActivationStarted {
    /// Names the activation.
    pub activation_id: String,
    /// What the card signs, as these very characters.
    pub nonce: String,
    /// The last second of a code that is sent now: fifteen minutes.
    #[schemars(with = "String")]
    pub expires_at: Time,
    /// The version of the terms of use that are accepted with it.
    pub terms_version: String,
}

/// Body of `activateCard`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivateCard {
    /// From `startActivation`.
    pub activation_id: String,
    /// The code as it was typed.
    pub code: String,
    /// The nonce, signed by the card's authentication key (SHA256withECDSA, DER), base64.
    pub signature: String,
    /// The version of the terms that the holder has read and accepts.
    pub terms_version: String,
    /// The holder says that the card has reached her.
    pub receipt_confirmed: bool,
}

/// Answer of `activateCard`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardActivated {
    /// The card.
    pub card_number: String,
    /// Its state: `active`.
    pub state: String,
}
