//! Which of her roles the authenticator that opened a session may open (law G27), read in the
//! transaction that relies on it. A house that asks nothing of any role pays nothing for it.

use std::sync::Arc;

use policies::authenticator::groups::{Device, RoleGroup, RoleGroups};
use policies::ids::{AuthenticatorId, RoleId, UserId};
use policies::rbac::Rbac;
use policies::refusal::RefusalCode;
use policies::role::{RoleHeld, RoleList, SessionRole, choose, offered};
use policies::time::Time;

use crate::store::{StoreError, Tx, public_keys, roles};

/// What the roles of a house ask of devices.
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
    /// Those that the application is not told of, whatever opens them (law P9).
    pub untold: Vec<RoleHeld>,
}

impl Sorted {
    /// What an application may be told of them.
    #[must_use]
    pub fn told(self, list: &RoleList) -> Self {
        let (open, mut untold): (Vec<_>, Vec<_>) =
            self.open.into_iter().partition(|role| list.holds(role));
        let (closed, others): (Vec<_>, Vec<_>) = self
            .closed
            .into_iter()
            .partition(|(role, _)| list.holds(role));
        untold.extend(others.into_iter().map(|(role, _)| role));
        untold.extend(self.untold);
        Self {
            open,
            closed,
            untold,
        }
    }

    /// Whether she could act now in a role that the application is not told of.
    pub fn has_untold(&self, now: Time) -> bool {
        self.untold.iter().any(|role| role.is_offered(now))
    }

    /// Whether the application is told of this role, held or not.
    pub fn may_tell(&self, role_id: &RoleId) -> bool {
        self.untold.iter().all(|role| role.role_id != *role_id)
    }

    /// The closed ones that she could choose now with another authenticator.
    pub fn closed_now(&self, now: Time) -> impl Iterator<Item = (&RoleHeld, RefusalCode)> {
        let offered = self
            .closed
            .iter()
            .filter(move |(role, _)| role.is_offered(now));
        offered.map(|(role, why)| (role, *why))
    }

    /// Why her authenticator does not open this role, if it is one that she could choose now.
    pub fn why_closed(&self, role_id: &RoleId, now: Time) -> Option<RefusalCode> {
        let mut closed = self.closed_now(now);
        let this = closed.find(|(role, _)| role.role_id == *role_id);
        this.map(|(_, why)| why)
    }

    /// Chooses one of them.
    ///
    /// # Errors
    /// `model_not_allowed` or `attestation_missing` where her authenticator does not open it,
    /// `role_not_held` for anything that is not offered now.
    pub fn choose(&self, wanted: &RoleId, now: Time) -> Result<SessionRole, RefusalCode> {
        match self.why_closed(wanted, now) {
            Some(why) => Err(why),
            None => choose(&self.open, wanted, now).map_err(|refusal| refusal.code),
        }
    }
}

/// What opened a session, and what roles ask of it.
#[derive(Debug, Clone)]
pub struct Opener {
    /// The authenticator; none for a card, of which nothing is asked.
    pub authenticator: Option<AuthenticatorId>,
    /// What roles ask.
    pub role_keys: RoleKeys,
}

impl Opener {
    /// The roles of its person, read now and sorted.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn roles(&self, tx: Tx<'_>, user_id: &UserId) -> Result<Sorted, StoreError> {
        let held = roles::held(tx, user_id).await?;
        self.sort(tx, held).await
    }

    /// Why it does not open one of the roles that its person may choose now; none where it opens all.
    pub(crate) async fn closes(
        &self,
        tx: Tx<'_>,
        user_id: &UserId,
        now: Time,
    ) -> Result<Option<RefusalCode>, StoreError> {
        if self.authenticator.is_none() || self.role_keys.groups.is_empty() {
            return Ok(None);
        }
        let roles = self.roles(tx, user_id).await?;
        Ok(roles.closed_now(now).next().map(|(_, why)| why))
    }

    /// Sorts roles that were read in this transaction. Whatever has no model opens all.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn sort(&self, tx: Tx<'_>, held: Vec<RoleHeld>) -> Result<Sorted, StoreError> {
        let RoleKeys { groups, rbac } = &self.role_keys;
        let device = match &self.authenticator {
            Some(id) if !groups.is_empty() => device(tx, id).await?,
            _ => None,
        };
        let Some(device) = device else {
            return Ok(Sorted {
                open: held,
                ..Sorted::default()
            });
        };
        let mut sorted = Sorted::default();
        for role in held {
            match groups.judge(&role, rbac, device) {
                Ok(()) => sorted.open.push(role),
                Err(why) => sorted.closed.push((role, why)),
            }
        }
        Ok(sorted)
    }
}

impl RoleKeys {
    /// These groups, of roles from this catalogue.
    pub fn new(groups: Arc<RoleGroups>, rbac: Arc<Rbac>) -> Self {
        Self { groups, rbac }
    }

    /// Roles that ask for nothing.
    pub fn open() -> Self {
        Self::new(Arc::default(), Arc::new(Rbac::default_file()))
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
