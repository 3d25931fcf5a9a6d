//! The scopes a client can ask for, each with the claims it grants.
//!
//! A closed list: an unknown scope is ignored (OpenID Connect Core 3.1.2.1), a known one that the
//! client was not registered for is refused by the scope check.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A scope Matron knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Scope {
    /// `sub`; without it there is no OpenID Connect.
    OpenId,
    /// `name`, `family_name`, `given_name`, `uid`.
    Profile,
    /// `email`.
    Email,
    /// `nhsid_useruid`, `title`, `idassurancelevel`, `initials`, `middle_names`, `display_name`.
    NhsPerson,
    /// `nhsid_nrbac_roles`.
    NationalRbacAccess,
    /// `nhsid_user_orgs`.
    AssociatedOrgs,
    /// The numbers of professional registers.
    ProfessionalMemberships,
    /// `nhsid_org_memberships`.
    OrganisationalMemberships,
    /// The role of the session, chosen once: `selected_roleid`.
    SelectedRole,
    /// The role of the session, chosen afresh.
    ChangedRole,
    /// The holder's own API; first-party clients only.
    SelfService,
    /// The RA desk's API; first-party clients only.
    Desk,
}

/// The text names no scope of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a scope of this service")]
pub struct UnknownScope;

impl Scope {
    /// Every scope, in the order discovery lists them.
    pub const ALL: [Self; 12] = [
        Self::OpenId,
        Self::Profile,
        Self::Email,
        Self::NhsPerson,
        Self::NationalRbacAccess,
        Self::AssociatedOrgs,
        Self::ProfessionalMemberships,
        Self::OrganisationalMemberships,
        Self::SelectedRole,
        Self::ChangedRole,
        Self::SelfService,
        Self::Desk,
    ];

    /// The scope as it stands in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::NhsPerson => "nhsperson",
            Self::NationalRbacAccess => "nationalrbacaccess",
            Self::AssociatedOrgs => "associatedorgs",
            Self::ProfessionalMemberships => "professionalmemberships",
            Self::OrganisationalMemberships => "organisationalmemberships",
            Self::SelectedRole => "selectedrole",
            Self::ChangedRole => "changedrole",
            Self::SelfService => "self",
            Self::Desk => "desk",
        }
    }

    /// Whether only first-party clients may have it (contract 3).
    pub const fn is_first_party(self) -> bool {
        matches!(self, Self::SelfService | Self::Desk)
    }

    /// Every scope that any registered client may be given.
    pub fn for_everyone() -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|scope| !scope.is_first_party())
            .collect()
    }

    /// The scopes as one space-separated value (RFC 6749 3.3).
    pub fn join(scopes: &[Self]) -> String {
        scopes
            .iter()
            .map(|scope| scope.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Reads a space-separated value, dropping what is unknown and what repeats.
    pub fn split(text: &str) -> Vec<Self> {
        let mut scopes = Vec::new();
        for scope in text.split(' ').filter_map(|word| word.parse().ok()) {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        scopes
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or(UnknownScope)
    }
}

impl TryFrom<String> for Scope {
    type Error = UnknownScope;

    fn try_from(text: String) -> Result<Self, UnknownScope> {
        text.parse()
    }
}

impl From<Scope> for &'static str {
    fn from(scope: Scope) -> Self {
        scope.as_str()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn unknown_and_repeated_scopes_are_dropped() {
        let scopes = Scope::split("openid  address openid selectedrole OPENID");
        assert_eq!(scopes, [Scope::OpenId, Scope::SelectedRole]);
        assert_eq!(Scope::join(&scopes), "openid selectedrole");
    }

    #[test]
    fn every_scope_reads_back_as_itself() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
    }
}
