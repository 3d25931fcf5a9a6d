//! The deputies of wards, as they are on record: who was named, for which ward, until when.

use policies::deputy::{self, Naming, Ward};
use policies::ids::{DeputyId, UserId};
use policies::role::RoleHeld;
use policies::time::Time;

use crate::store::{StoreError, Tx, deputies};

/// One naming.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedDeputy {
    /// Its name in the books.
    pub id: DeputyId,
    /// Who was named.
    pub user_id: UserId,
    /// For which ward.
    pub ward: Ward,
    /// By whom; none where that was no person.
    pub named_by: Option<UserId>,
    /// When.
    pub named_at: Time,
    /// Its last second.
    pub ends_at: Time,
    /// When it was ended before that.
    pub ended_at: Option<Time>,
}

impl NamedDeputy {
    /// What the law asks about it.
    pub fn naming(&self) -> Naming {
        Naming {
            ward: self.ward.clone(),
            ends_at: self.ends_at,
            ended: self.ended_at.is_some(),
        }
    }
}

/// The ward and its organisation by name, as far as these roles, ended ones included, know them.
pub(crate) fn names_of(ward: &Ward, roles: &[RoleHeld]) -> (String, String) {
    let here = || roles.iter().filter(|role| role.org_code == ward.org_code);
    let mut groups = here().flat_map(|role| &role.workgroups);
    let group = groups.find(|group| group.code == ward.workgroup.as_str());
    let organisation = here().next().map(|role| role.org_name.clone());
    (
        group.map_or_else(|| ward.workgroup.to_string(), |group| group.name.clone()),
        organisation.unwrap_or_else(|| ward.org_code.to_string()),
    )
}

/// Whether she is the deputy of a ward now, under any of these roles of hers.
///
/// # Errors
/// What the engine says.
pub async fn is_deputy(
    tx: Tx<'_>,
    user_id: &UserId,
    roles: &[RoleHeld],
    now: Time,
) -> Result<bool, StoreError> {
    if roles.iter().all(|role| role.workgroups.is_empty()) {
        return Ok(false);
    }
    let all = deputies::unended_of(tx, user_id).await?;
    let namings: Vec<_> = all.iter().map(NamedDeputy::naming).collect();
    let mut roles = roles.iter();
    Ok(roles.any(|role| !deputy::acts_for(role, &namings, now).is_empty()))
}
