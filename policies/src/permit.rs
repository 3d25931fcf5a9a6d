//! A "yes" of the law. Whatever changes the world takes a permit by value; its fields are
//! private and only this crate makes one, so "forgot to ask" does not compile (house decision 2).
//! Permits are neither `Clone` nor `Copy`: one decision is spent once.
//!
//! A permit cannot be made outside this crate:
//!
//! ```compile_fail,E0451
//! use matron_policies::permit::CancelPermit;
//!
//! fn forge(genuine: CancelPermit) -> CancelPermit {
//!     CancelPermit { reason: matron_policies::card::CancelReason::Lost, ..genuine }
//! }
//! ```
//!
//! nor spent twice:
//!
//! ```compile_fail,E0382
//! use matron_policies::permit::IssuePermit;
//!
//! fn spend(_: IssuePermit) {}
//!
//! fn spend_twice(permit: IssuePermit) {
//!     spend(permit);
//!     spend(permit);
//! }
//! ```
//!
//! nor copied, to keep one for later:
//!
//! ```compile_fail,E0308
//! fn keep_one(permit: &matron_policies::permit::LockPermit) -> matron_policies::permit::LockPermit {
//!     permit.clone()
//! }
//! ```

mod authenticator;
mod deputy;

pub use authenticator::{
    AddAuthenticatorPermit, ChangeAuthenticatorPermit, InvitePermit, RaiseAuthenticatorPermit,
};
pub use deputy::{EndDeputyPermit, NameDeputyPermit};

use crate::access::Reach;
use crate::card::{CancelReason, PlasticState};
use crate::ids::{CardNumber, OrgCode, RoleId, UserId};
use crate::time::Time;
use crate::words::words;

words! {
    /// On which ground a set of certificates is issued.
    pub enum IssueKind {
        /// The first set of a new card (T2).
        First => "first",
        /// By the holder, in the window (T9).
        SelfRenewal => "self_renewal",
        /// By a desk, in the window, the holder being present (T10).
        Assisted => "assisted",
        /// By a desk, after expiry, in person (T11).
        Reissue => "reissue",
        /// By a desk, everything on the chip replaced (T12).
        Repair => "repair",
        /// A pending renewal begun again with fresh keys (T13b).
        Restart => "restart",
    }
}

/// The first and the last second of a certificate, both inclusive (RFC 5280 4.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Validity {
    /// The first second.
    pub not_before: Time,
    /// The last second.
    pub not_after: Time,
}

/// Whose card a permit is about, and the rows that the decision was made from. The journey
/// writes only where these versions still stand.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) user_id: UserId,
    pub(crate) person_version: i64,
    pub(crate) card: CardNumber,
    pub(crate) card_version: i64,
}

/// The right to issue one set of certificates for one card.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct IssuePermit {
    pub(crate) subject: Subject,
    pub(crate) kind: IssueKind,
    pub(crate) validity: Validity,
    pub(crate) self_renewals_after: u32,
    pub(crate) reach: Reach,
    pub(crate) decided_at: Time,
}

impl IssuePermit {
    /// Whose card.
    pub const fn user_id(&self) -> &UserId {
        &self.subject.user_id
    }

    /// Which card.
    pub const fn card(&self) -> &CardNumber {
        &self.subject.card
    }

    /// On which ground.
    pub const fn kind(&self) -> IssueKind {
        self.kind
    }

    /// The dates that every certificate of the set shares (domain 5.1.7).
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// The version of the card's row that was judged.
    pub const fn card_version(&self) -> i64 {
        self.subject.card_version
    }

    /// The version of the person's row that was judged.
    pub const fn person_version(&self) -> i64 {
        self.subject.person_version
    }

    /// Self-renewals in a row once this permit is spent (domain 5.5).
    pub const fn self_renewals_after(&self) -> u32 {
        self.self_renewals_after
    }

    /// Whether the home registration authority must be told.
    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// The arrival instant that the decision rests on (E6).
    pub const fn decided_at(&self) -> Time {
        self.decided_at
    }
}

/// The right to cancel one card for ever.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct CancelPermit {
    pub(crate) subject: Subject,
    pub(crate) reason: CancelReason,
    pub(crate) decided_at: Time,
}

impl CancelPermit {
    /// Why; its `revocation_reason()` goes onto every certificate of the card.
    pub const fn reason(&self) -> CancelReason {
        self.reason
    }
}

/// The right to mark one card as locked.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct LockPermit {
    pub(crate) subject: Subject,
    pub(crate) decided_at: Time,
}

/// The right to make one card usable: activated, or unlocked.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct ActivatePermit {
    pub(crate) subject: Subject,
    pub(crate) decided_at: Time,
}

/// The right to make the pending set of one card its current set.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct ConfirmPermit {
    pub(crate) subject: Subject,
    pub(crate) decided_at: Time,
}

/// The right to give up the pending set of one card.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct AbandonPermit {
    pub(crate) subject: Subject,
    pub(crate) self_renewals_after: u32,
    pub(crate) decided_at: Time,
}

impl AbandonPermit {
    /// Self-renewals in a row once the unused set is given up (T14).
    pub const fn self_renewals_after(&self) -> u32 {
        self.self_renewals_after
    }
}

/// The right to enter one card for one person.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct RequestPermit {
    pub(crate) subject: Subject,
    pub(crate) decided_at: Time,
}

/// The right to send one card to one organisation.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct DispatchPermit {
    pub(crate) subject: Subject,
    pub(crate) to: OrgCode,
    pub(crate) decided_at: Time,
}

impl DispatchPermit {
    /// Where it goes.
    pub const fn to(&self) -> &OrgCode {
        &self.to
    }
}

/// The right to record that one card has arrived.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct ReceiptPermit {
    pub(crate) subject: Subject,
    pub(crate) decided_at: Time,
}

/// The right to record what became of one card's plastic.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct PlasticPermit {
    pub(crate) subject: Subject,
    pub(crate) becomes: PlasticState,
    pub(crate) decided_at: Time,
}

impl PlasticPermit {
    /// What it becomes.
    pub const fn becomes(&self) -> PlasticState {
        self.becomes
    }
}

/// Gives a permit about a card its common getters.
macro_rules! about_a_card {
    ($($permit:ident),+) => { $(
        impl $permit {
            /// Whose card.
            pub const fn user_id(&self) -> &UserId {
                &self.subject.user_id
            }

            /// The version of the person's row that was judged.
            pub const fn person_version(&self) -> i64 {
                self.subject.person_version
            }

            /// Which card.
            pub const fn card(&self) -> &CardNumber {
                &self.subject.card
            }

            /// The version of the card's row that was judged.
            pub const fn card_version(&self) -> i64 {
                self.subject.card_version
            }

            /// The arrival instant that the decision rests on.
            pub const fn decided_at(&self) -> Time {
                self.decided_at
            }
        }
    )+ };
}

about_a_card!(
    CancelPermit,
    LockPermit,
    ActivatePermit,
    ConfirmPermit,
    AbandonPermit,
    RequestPermit,
    DispatchPermit,
    ReceiptPermit,
    PlasticPermit
);

/// The right to close one person's profile, with all that hangs on it (T18).
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct ClosePermit {
    pub(crate) user_id: UserId,
    pub(crate) person_version: i64,
    pub(crate) decided_at: Time,
}

impl ClosePermit {
    /// The version of the person's row that was judged.
    pub const fn person_version(&self) -> i64 {
        self.person_version
    }
}

/// The right to reopen one person's profile, with nothing that hung on it (T19).
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct ReopenPermit {
    pub(crate) user_id: UserId,
    pub(crate) person_version: i64,
    pub(crate) decided_at: Time,
}

impl ReopenPermit {
    /// The version of the person's row that was judged.
    pub const fn person_version(&self) -> i64 {
        self.person_version
    }
}

/// The right to enter one person into the register.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct RegisterPermit {
    pub(crate) user_id: UserId,
    pub(crate) decided_at: Time,
}

/// The right to give one person one role.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct GrantPermit {
    pub(crate) user_id: UserId,
    pub(crate) role_id: RoleId,
    pub(crate) decided_at: Time,
}

impl GrantPermit {
    /// Which role.
    pub const fn role_id(&self) -> &RoleId {
        &self.role_id
    }
}

/// The right to suspend every role of one person.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct SuspendPermit {
    pub(crate) user_id: UserId,
    pub(crate) decided_at: Time,
}

/// The right to end one role of one person.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct EndRolePermit {
    pub(crate) user_id: UserId,
    pub(crate) role_id: RoleId,
    pub(crate) decided_at: Time,
}

impl EndRolePermit {
    /// Which role.
    pub const fn role_id(&self) -> &RoleId {
        &self.role_id
    }
}

/// Gives a permit about a person its common getters.
macro_rules! about_a_person {
    ($($permit:ident),+) => { $(
        impl $permit {
            /// Whom it is about.
            pub const fn user_id(&self) -> &UserId {
                &self.user_id
            }

            /// The arrival instant that the decision rests on.
            pub const fn decided_at(&self) -> Time {
                self.decided_at
            }
        }
    )+ };
}

about_a_person!(
    ClosePermit,
    ReopenPermit,
    RegisterPermit,
    GrantPermit,
    SuspendPermit,
    EndRolePermit
);
