//! One-time codes: eight digits that go to a verified address and prove that it is read.

use serde::{Deserialize, Serialize};

/// What a code is for; a code for one thing is no code for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodePurpose {
    /// To set the passcode of a card anew (T6).
    Unlock,
    /// To put a card to use (T4).
    Activate,
    /// To cancel a card, or report misuse (T15).
    Cancel,
    /// To put an address on record.
    Contact,
}
