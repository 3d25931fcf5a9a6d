//! A card as its holder or a desk sees it.

use std::collections::BTreeMap;

use policies::card::KeyRole;
use policies::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::renewal::KeyRoleWord;

/// Answer of `getMyCard`, and part of `getCard`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardStatus {
    /// The number on the plastic.
    pub number: String,
    /// `requested`, `produced`, `dispatched`, `active`, `locked`, `cancelled`.
    pub state: String,
    /// Every certificate of the current and the pending set.
    pub certificates: Vec<CertificateStatus>,
    /// The first second of the renewal window of the current set.
    #[schemars(with = "Option<String>")]
    pub window_opens_at: Option<Time>,
    /// Self-renewals since a person last looked.
    pub self_renewals_used: u32,
    /// Self-renewals left until a person must look.
    pub self_renewals_left: u32,
    /// What whoever asks may do with the card now.
    pub allowed_actions: Vec<String>,
    /// Why not, for everything else: action to refusal code.
    pub refusals: BTreeMap<String, String>,
    /// The renewal that waits for its confirmation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_renewal_id: Option<String>,
    /// The renewal that led to the current set, where the holder began it herself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_renewal_id: Option<String>,
}

/// One certificate on the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CertificateStatus {
    /// Its serial number, lower-case hex.
    pub serial: String,
    /// Which key it is for.
    #[schemars(with = "KeyRoleWord")]
    pub key_role: KeyRole,
    /// Its first second.
    #[schemars(with = "String")]
    pub not_before: Time,
    /// Its last second.
    #[schemars(with = "String")]
    pub not_after: Time,
    /// `pending`, or while current: `not_yet_valid`, `valid`, `in_window`, `expired`.
    pub status: String,
}
