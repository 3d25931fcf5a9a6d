//! Which of her roles the authenticator that opened a session may open (law G25), read in the
//! transaction that relies on it. A house that asks nothing of any role pays nothing for it.

use std::sync::Arc;

use policies::authenticator::groups::{Device, RoleGroup, RoleGroups};
use policies::ids::{AuthenticatorId, RoleId, UserId};
use policies::rbac::Rbac;
use policies::refusal::RefusalCode;
use policies::role::{RoleHeld, offered};
use policies::time::Time;

use crate::store::{StoreError, Tx, public_keys, roles};

/// What the roles of this house ask of devices.
#[derive(Debug, Clone)]
pub struct RoleKeys {
    groups: Arc<RoleGroups>,
    rbac: Arc<Rbac>,
}

/// The roles of a person, sorted by what her session may do with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sorted {
    /// Those that it may act in, if they are offered now.
    pub open: Vec<RoleHeld>,
    /// Those that its authenticator does not open, each with the reason.
    pub closed: Vec<(RoleHeld, RefusalCode)>,
}

impl Sorted {
    /// The closed ones that she could choose now with another authenticator.
    pub fn closed_now(&self, now: Time) -> impl Iterator<Item = (&RoleHeld, RefusalCode)> {
        let offered = self
            .closed
            .iter()
            .filter(move |(role, _)| role.is_offered(now));
        offered.map(|(role, why)| (role, *why))
    }

    /// Whether her authenticator keeps her from acting in a role of hers.
    ///
    /// # Errors
    /// `model_not_allowed`, `attestation_missing`.
    pub fn may_act_in(&self, wanted: &RoleId, now: Time) -> Result<(), RefusalCode> {
        let mut closed = self.closed_now(now);
        let closed = closed.find(|(role, _)| role.role_id == *wanted);
        closed.map_or(Ok(()), |(_, why)| Err(why))
    }
}

impl RoleKeys {
    /// These groups, of roles from this catalogue.
    pub fn new(groups: Arc<RoleGroups>, rbac: Arc<Rbac>) -> Self {
        Self { groups, rbac }
    }

    /// Sorts the roles of a session's person. `opened_by` is the authenticator that opened it; none
    /// for a card, of which nothing is asked, as of everything that has no model.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn sort(
        &self,
        tx: Tx<'_>,
        opened_by: Option<&AuthenticatorId>,
        held: Vec<RoleHeld>,
    ) -> Result<Sorted, StoreError> {
        let device = match opened_by {
            Some(id) if !self.groups.is_empty() => device(tx, id).await?,
            _ => None,
        };
        let Some(device) = device else {
            return Ok(Sorted {
                open: held,
                closed: Vec::new(),
            });
        };
        let mut sorted = Sorted::default();
        for role in held {
            match self.groups.judge(&role, &self.rbac, device) {
                Ok(()) => sorted.open.push(role),
                Err(why) => sorted.closed.push((role, why)),
            }
        }
        Ok(sorted)
    }

    /// What a role asks of the devices that open it.
    pub fn asked_by<'a>(&'a self, role: &'a RoleHeld) -> impl Iterator<Item = &'a RoleGroup> {
        self.groups.of(role, &self.rbac)
    }

    /// Why a device that she is about to add would open none of the roles that she may choose now.
    pub(crate) async fn opens_none(
        &self,
        tx: Tx<'_>,
        user_id: &UserId,
        device: Device,
        now: Time,
    ) -> Result<Option<RefusalCode>, StoreError> {
        if self.groups.is_empty() {
            return Ok(None);
        }
        let held = roles::held(tx, user_id).await?;
        let offered = offered(&held, now).into_iter();
        Ok(self.groups.opens_none(offered, &self.rbac, device))
    }
}

async fn device(tx: Tx<'_>, id: &AuthenticatorId) -> Result<Option<Device>, StoreError> {
    let credential = public_keys::of_authenticator(tx, id).await?;
    Ok(credential.map(|credential| Device {
        model: credential.aaguid,
        attestation: credential.evidence.attestation,
    }))
}
