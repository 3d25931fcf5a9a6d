//! Permits about the deputies of wards (domain 5.7).

use crate::deputy::Ward;
use crate::ids::{DeputyId, UserId};
use crate::time::Time;

/// The right to name one person the deputy of one ward.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct NameDeputyPermit {
    pub(crate) user_id: UserId,
    pub(crate) ward: Ward,
    pub(crate) ends_at: Time,
    pub(crate) decided_at: Time,
}

impl NameDeputyPermit {
    /// Who is named.
    pub const fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// For which ward.
    pub const fn ward(&self) -> &Ward {
        &self.ward
    }

    /// The last second of it.
    pub const fn ends_at(&self) -> Time {
        self.ends_at
    }

    /// The arrival instant that the decision rests on.
    pub const fn decided_at(&self) -> Time {
        self.decided_at
    }
}

/// The right to end one naming of a ward's deputy.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not spent does nothing"]
pub struct EndDeputyPermit {
    pub(crate) id: DeputyId,
    pub(crate) decided_at: Time,
}

impl EndDeputyPermit {
    /// Which naming.
    pub const fn id(&self) -> &DeputyId {
        &self.id
    }

    /// The arrival instant that the decision rests on.
    pub const fn decided_at(&self) -> Time {
        self.decided_at
    }
}
