//! Permits about authenticators other than the card (domain 5.7).

use crate::authenticator::AuthenticatorState;
use crate::ids::UserId;
use crate::invitation::InvitationKind;
use crate::signin::{Aal, Method};
use crate::time::Time;

/// The right to add one authenticator to its owner (domain 5.7).
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct AddAuthenticatorPermit {
    pub(crate) user_id: UserId,
    pub(crate) method: Method,
    pub(crate) evidence: Aal,
    pub(crate) bound_at: Aal,
    pub(crate) decided_at: Time,
}

impl AddAuthenticatorPermit {
    /// Whose it becomes.
    pub const fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// Which kind it is.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// What its evidence proves.
    pub const fn evidence(&self) -> Aal {
        self.evidence
    }

    /// The level of the sign-in under which it is added.
    pub const fn bound_at(&self) -> Aal {
        self.bound_at
    }

    /// The arrival instant that the decision rests on.
    pub const fn decided_at(&self) -> Time {
        self.decided_at
    }
}

/// The right to suspend, resume or remove one authenticator (domain 5.7).
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct ChangeAuthenticatorPermit {
    pub(crate) user_id: UserId,
    pub(crate) version: i64,
    pub(crate) to: AuthenticatorState,
    pub(crate) decided_at: Time,
}

impl ChangeAuthenticatorPermit {
    /// Whose it is.
    pub const fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// The version of the row that was judged.
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// Where it stands from now on.
    pub const fn to(&self) -> AuthenticatorState {
        self.to
    }

    /// The arrival instant that the decision rests on.
    pub const fn decided_at(&self) -> Time {
        self.decided_at
    }
}

/// The right to give one person one link, with which she adds one authenticator.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct InvitePermit {
    pub(crate) user_id: UserId,
    pub(crate) kind: InvitationKind,
    pub(crate) expires_at: Time,
    pub(crate) ends_at: Option<Time>,
    pub(crate) decided_at: Time,
}

impl InvitePermit {
    /// Who is invited.
    pub const fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// For good, or for one shift.
    pub const fn kind(&self) -> InvitationKind {
        self.kind
    }

    /// The last second of the link.
    pub const fn expires_at(&self) -> Time {
        self.expires_at
    }

    /// The last second of what is added, where that is temporary.
    pub const fn ends_at(&self) -> Option<Time> {
        self.ends_at
    }

    /// The arrival instant that the decision rests on.
    pub const fn decided_at(&self) -> Time {
        self.decided_at
    }
}

/// The right to let one authenticator count for all that its evidence proves.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct RaiseAuthenticatorPermit {
    pub(crate) user_id: UserId,
    pub(crate) version: i64,
    pub(crate) decided_at: Time,
}

impl RaiseAuthenticatorPermit {
    /// Whose it is.
    pub const fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// The version of the row that was judged.
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// The arrival instant that the decision rests on.
    pub const fn decided_at(&self) -> Time {
        self.decided_at
    }
}
