//! The deputy whom a ward names (domain 5.7): she gives temporary access to the people of her ward,
//! and does nothing else, so that at night a card left at home does not send a nurse home. Who names
//! her, until when, and towards whom she plays that part.

use crate::access::{self, ActorFacts, PersonAction};
use crate::ids::{DeputyId, OrgCode, UserId, WorkgroupCode};
use crate::permit::{EndDeputyPermit, NameDeputyPermit};
use crate::refusal::{Refusal, RefusalCode, require};
use crate::role::RoleHeld;
use crate::time::Time;
use crate::values::Policy;

/// A ward: one workgroup of one organisation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ward {
    /// The organisation.
    pub org_code: OrgCode,
    /// The workgroup.
    pub workgroup: WorkgroupCode,
}

impl Ward {
    /// Whether whoever has this role works there: the role is of its organisation and carries its
    /// workgroup.
    fn is_carried_by(&self, role: &RoleHeld) -> bool {
        let here = |group: &crate::role::CodedName| group.code == self.workgroup.as_str();
        role.org_code == self.org_code && role.workgroups.iter().any(here)
    }

    /// Whether whoever holds these roles works there now.
    pub fn has(&self, roles: &[RoleHeld], now: Time) -> bool {
        let mut offered = roles.iter().filter(|role| role.is_offered(now));
        offered.any(|role| self.is_carried_by(role))
    }
}

/// The wards of these roles, as far as they may be used now, each once with its name.
pub fn wards_of(roles: &[RoleHeld], now: Time) -> Vec<(Ward, String)> {
    let mut found: Vec<(Ward, String)> = Vec::new();
    for role in roles.iter().filter(|role| role.is_offered(now)) {
        for group in &role.workgroups {
            let Ok(workgroup) = group.code.parse() else {
                continue;
            };
            let org_code = role.org_code.clone();
            let ward = Ward {
                org_code,
                workgroup,
            };
            if found.iter().all(|(known, _)| *known != ward) {
                found.push((ward, group.name.clone()));
            }
        }
    }
    found
}

/// One naming, as it is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// For which ward.
    pub ward: Ward,
    /// Its last second.
    pub ends_at: Time,
    /// Whether somebody ended it before.
    pub ended: bool,
}

impl Naming {
    /// Whether it counts now: its last second is included.
    pub fn is_live(&self, now: Time) -> bool {
        !self.ended && now <= self.ends_at
    }
}

/// The wards that somebody is the deputy of, acting under this role: her naming counts now, and the
/// role that she acts in is of that ward. Whoever has left it is its deputy no more, whatever the
/// naming says (law G26).
pub fn acts_for(role: &RoleHeld, namings: &[Naming], now: Time) -> Vec<Ward> {
    let live = namings.iter().filter(|naming| naming.is_live(now));
    let hers = live.filter(|naming| role.is_offered(now) && naming.ward.is_carried_by(role));
    hers.map(|naming| naming.ward.clone()).collect()
}

/// Whether the deputy of these wards plays her part towards whoever holds these roles: she works in
/// one of them now (law G26).
pub fn is_colleague(wards: &[Ward], roles: &[RoleHeld], now: Time) -> bool {
    wards.iter().any(|ward| ward.has(roles, now))
}

/// All that decides about naming somebody the deputy of a ward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameFacts {
    /// Who is named.
    pub user_id: UserId,
    /// Whether her profile is open.
    pub person_open: bool,
    /// Somebody verified who she is (F10).
    pub identity_verified: bool,
    /// For which ward, where one is said.
    pub ward: Option<Ward>,
    /// Where she works now.
    pub works_in: Vec<Ward>,
    /// Its last second; none for as long as the policy allows.
    pub ends_at: Option<Time>,
    /// Who names her.
    pub actor: ActorFacts,
}

/// Decides on naming the deputy of a ward (law G25).
///
/// # Errors
/// The questions of [`access::ask`], then `identity_closed`, `identity_not_verified`,
/// `not_in_ward`, `period_not_allowed`, in this order.
pub fn name(facts: &NameFacts, now: Time, policy: &Policy) -> Result<NameDeputyPermit, Refusal> {
    access::ask(policy, &facts.actor, PersonAction::NameDeputy)?;
    require(facts.person_open, RefusalCode::IdentityClosed)?;
    require(facts.identity_verified, RefusalCode::IdentityNotVerified)?;
    let ward = facts.ward.as_ref();
    let ward = ward.filter(|ward| facts.works_in.contains(ward));
    let ward = ward.ok_or(RefusalCode::NotInWard)?;
    let longest = now.plus(policy.deputy_longest());
    let ends_at = facts.ends_at.unwrap_or(longest);
    require(
        (now..=longest).contains(&ends_at),
        RefusalCode::PeriodNotAllowed,
    )?;
    Ok(NameDeputyPermit {
        user_id: facts.user_id.clone(),
        ward: ward.clone(),
        ends_at,
        decided_at: now,
    })
}

/// Decides on ending a naming; `is_hers` says whether it is one of the person meant. What may be
/// given may always be taken away, also from a profile that is closed (law G25).
///
/// # Errors
/// The questions of [`access::ask`], then `not_found`.
pub fn end(
    id: &DeputyId,
    is_hers: bool,
    actor: &ActorFacts,
    now: Time,
    policy: &Policy,
) -> Result<EndDeputyPermit, Refusal> {
    access::ask(policy, actor, PersonAction::NameDeputy)?;
    require(is_hers, RefusalCode::NotFound)?;
    Ok(EndDeputyPermit {
        id: id.clone(),
        decided_at: now,
    })
}

#[cfg(test)]
mod tests;
