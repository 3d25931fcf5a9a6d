//! The words of cards and of the certificates on them (domain 5.2 and 5.3).
//! "In window" and "expired" are not among them: they are computed from a certificate's dates,
//! never stored (domain 5.1.2).

use crate::words::words;

words! {
    /// Where a card is in its life.
    pub enum CardState {
        /// Approved, not yet produced.
        Requested => "requested",
        /// Certificates written; the card is still locked.
        Produced => "produced",
        /// Sent to a work address.
        Dispatched => "dispatched",
        /// The holder has set a passcode; the only state that may sign in.
        Active => "active",
        /// The passcode is blocked.
        Locked => "locked",
        /// For ever (F83).
        Cancelled => "cancelled",
    }
}

impl CardState {
    /// Whether this card counts against "one card per person" (F24): all but the cancelled.
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Cancelled)
    }
}

words! {
    /// Why a card was cancelled (domain 5.2).
    pub enum CancelReason {
        /// The holder cannot find it.
        Lost => "lost",
        /// Somebody took it.
        Stolen => "stolen",
        /// The chip cannot be read any more (X16).
        Damaged => "damaged",
        /// A new card in the new name replaces it (F27).
        NameChange => "name_change",
        /// Another card takes its place.
        Replaced => "replaced",
        /// Somebody other than the holder used it.
        Misused => "misused",
        /// The holder left healthcare.
        LeftHealthcare => "left_healthcare",
        /// It was sent and never received.
        NeverArrived => "never_arrived",
        /// The person's profile was closed.
        IdentityClosed => "identity_closed",
    }
}

impl CancelReason {
    /// What the revocation list says about the certificates of a card cancelled for this reason.
    /// Whoever may hold a usable key besides the holder makes it a compromise.
    pub const fn revocation_reason(self) -> RevocationReason {
        match self {
            Self::Lost | Self::Stolen | Self::Misused | Self::NeverArrived => {
                RevocationReason::KeyCompromise
            }
            Self::Damaged | Self::Replaced => RevocationReason::Superseded,
            Self::NameChange => RevocationReason::AffiliationChanged,
            Self::LeftHealthcare | Self::IdentityClosed => RevocationReason::CessationOfOperation,
        }
    }
}

words! {
    /// What became of the plastic of a card (domain 5.2): a record beside the card's own state.
    pub enum PlasticState {
        /// Back at the desk.
        Returned => "returned",
        /// Cut up, chip included.
        Destroyed => "destroyed",
        /// Wiped and ready for stock.
        Cleared => "cleared",
        /// Nobody knows where it is.
        Unaccounted => "unaccounted",
    }
}

words! {
    /// Which of the two keys of a card (domain 2.11).
    pub enum KeyRole {
        /// Signs in.
        Authentication => "authentication",
        /// Signs prescriptions; never signs in.
        Signature => "signature",
    }
}

words! {
    /// Where a certificate is in its life (house decision 3).
    pub enum CertificateState {
        /// Its serial and exact bytes are recorded; nothing is signed.
        Reserved => "reserved",
        /// Signed, not yet released.
        Signed => "signed",
        /// Of the pending set: released to the card, not yet confirmed.
        Delivered => "delivered",
        /// Of the current set.
        Active => "active",
        /// Replaced by a confirmed successor.
        Superseded => "superseded",
        /// Ended early.
        Revoked => "revoked",
        /// Its serial was given up during recovery; never released.
        Burned => "burned",
    }
}

words! {
    /// Why a certificate was revoked: the reasons of RFC 5280 5.3.1 that this service uses.
    pub enum RevocationReason {
        /// None of the others.
        Unspecified => "unspecified",
        /// Somebody else may use the key.
        KeyCompromise => "key_compromise",
        /// The name or standing of the subject changed.
        AffiliationChanged => "affiliation_changed",
        /// A newer certificate took its place.
        Superseded => "superseded",
        /// It is no longer needed.
        CessationOfOperation => "cessation_of_operation",
    }
}

impl RevocationReason {
    /// The value of the `CRLReason` enumeration of RFC 5280 5.3.1.
    pub const fn crl_reason(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
        }
    }
}
