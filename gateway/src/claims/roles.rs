//! Roles as claims: the national shape, unchanged, plus what the role may really do.
//!
//! The national claim lists the extra activities of a role, not those it has by its job or by
//! inclusion, and every app had to ship its own tree (domain 2.5). `matron_effective_activity_codes`
//! is that answer, with the version of the national database that gave it. The odd plural of
//! `workgroups_codes` is theirs.

use policies::ids::{OrgCode, PersonOrgId, RoleId};
use policies::rbac::{Rbac, effective_activities};
use policies::role::{CodedName, RoleHeld, offered};
use policies::time::Time;
use serde::Serialize;

use crate::claims::scope::Scope;

/// One element of `nhsid_nrbac_roles`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleClaim {
    person_orgid: PersonOrgId,
    person_roleid: RoleId,
    org_code: OrgCode,
    role_name: String,
    role_code: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    activities: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    activity_codes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aow: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aow_codes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    workgroups: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    workgroups_codes: Vec<String>,
    matron_effective_activity_codes: Vec<String>,
    matron_rbac_version: String,
}

impl RoleClaim {
    /// The role in the national shape.
    pub fn of(role: &RoleHeld, rbac: &Rbac) -> Self {
        Self {
            person_orgid: role.person_orgid.clone(),
            person_roleid: role.role_id.clone(),
            org_code: role.org_code.clone(),
            role_name: role.role_name.clone(),
            role_code: role.job_role.to_string(),
            activities: names(&role.activities),
            activity_codes: codes(&role.activities),
            aow: names(&role.areas_of_work),
            aow_codes: codes(&role.areas_of_work),
            workgroups: names(&role.workgroups),
            workgroups_codes: codes(&role.workgroups),
            matron_effective_activity_codes: effective_codes(role, rbac),
            matron_rbac_version: rbac.version().to_owned(),
        }
    }
}

/// Whether these scopes make a grant carry the session's role: a role was asked for, or lists of
/// roles that may be limited to it, or the desk that acts under it.
pub fn are_carried_by(scope: &[Scope]) -> bool {
    scope.iter().any(|scope| {
        matches!(
            scope,
            Scope::SelectedRole
                | Scope::ChangedRole
                | Scope::NationalRbacAccess
                | Scope::AssociatedOrgs
                | Scope::OrganisationalMemberships
                | Scope::Desk
        )
    })
}

/// The role of that number, if the person holds it now and may act in it (attack 40: the choice of
/// a form or of yesterday is re-read, never believed).
pub fn held_now<'a>(roles: &'a [RoleHeld], role_id: &RoleId, now: Time) -> Option<&'a RoleHeld> {
    offered(roles, now)
        .into_iter()
        .find(|role| role.role_id == *role_id)
}

/// Everything the role may do, sorted.
pub(super) fn effective_codes(role: &RoleHeld, rbac: &Rbac) -> Vec<String> {
    effective_activities(role, rbac)
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn names(coded: &[CodedName]) -> Vec<String> {
    coded.iter().map(|coded| coded.name.clone()).collect()
}

fn codes(coded: &[CodedName]) -> Vec<String> {
    coded.iter().map(|coded| coded.code.clone()).collect()
}
