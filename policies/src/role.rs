//! Roles held and the role of a session (domain 2.5, 2.7). A role is read again in every
//! transaction that relies on it; none is remembered (F52, house decision 8).

mod parts;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::ids::{OrgCode, PersonOrgId, RoleId};
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Time;

pub use parts::{JobRoles, JobRolesError, RoleList};

/// A code of the national role catalogue that is not of its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CodeError {
    /// Not three codes as in `S8000:G8000:R8000`.
    #[error("a job role is written as in S8000:G8000:R8000")]
    JobRole,
    /// Not a code as in `B0820`.
    #[error("an activity is written as in B0820")]
    Activity,
}

/// A job role: staff group, subgroup and role, as in `S8000:G8000:R8000` (claim `role_code`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobRole {
    staff_group: String,
    subgroup: String,
    role: String,
}

impl JobRole {
    /// The S code.
    pub fn staff_group(&self) -> &str {
        &self.staff_group
    }

    /// The G code.
    pub fn subgroup(&self) -> &str {
        &self.subgroup
    }

    /// The R code.
    pub fn role(&self) -> &str {
        &self.role
    }
}

/// A letter and four digits.
fn is_code(text: &str, letter: char) -> bool {
    let digits = text.strip_prefix(letter);
    digits.is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))
}

impl FromStr for JobRole {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let (staff_group, rest) = text.split_once(':').ok_or(CodeError::JobRole)?;
        let (subgroup, role) = rest.split_once(':').ok_or(CodeError::JobRole)?;
        if !(is_code(staff_group, 'S') && is_code(subgroup, 'G') && is_code(role, 'R')) {
            return Err(CodeError::JobRole);
        }
        Ok(Self {
            staff_group: staff_group.to_owned(),
            subgroup: subgroup.to_owned(),
            role: role.to_owned(),
        })
    }
}

impl fmt::Display for JobRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.staff_group, self.subgroup, self.role)
    }
}

/// Something that may be done: a B code, as in `B0820`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Activity(String);

impl Activity {
    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Activity {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        if is_code(text, 'B') {
            Ok(Self(text.to_owned()))
        } else {
            Err(CodeError::Activity)
        }
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Gives a code its form in JSON: its text, read back strictly.
macro_rules! json_text {
    ($($name:ident),+) => { $(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+ };
}

json_text!(JobRole, JobRoles, Activity);

/// A code with the name that people know it by. Applications match on names: renaming breaks
/// them (domain 2.5).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CodedName {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
}

/// One role of one person in one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleHeld {
    /// The claim `person_roleid`.
    pub role_id: RoleId,
    /// The claim `person_orgid`.
    pub person_orgid: PersonOrgId,
    /// The organisation.
    pub org_code: OrgCode,
    /// Its name.
    pub org_name: String,
    /// The claim `role_code`.
    pub job_role: JobRole,
    /// The claim `role_name`: three parts, each in double quotes, joined by colons.
    pub role_name: String,
    /// Activities granted beyond the baseline of the job role.
    pub activities: Vec<CodedName>,
    /// Areas of work.
    pub areas_of_work: Vec<CodedName>,
    /// Workgroups; their codes have no fixed length.
    pub workgroups: Vec<CodedName>,
    /// The first second of the role.
    pub starts_at: Time,
    /// The first second without it; a last day ends at London midnight (E47).
    pub ends_at: Option<Time>,
    /// Paused, for example during leave (F88).
    pub suspended: bool,
}

impl RoleHeld {
    /// Whether the role may be used now (law P1).
    pub fn is_offered(&self, now: Time) -> bool {
        let ended = self.ends_at.is_some_and(|ends_at| ends_at <= now);
        self.starts_at <= now && !ended && !self.suspended
    }
}

/// The roles that a person may choose from, in the order given: no future, ended or suspended
/// ones (law P1; contract 4.4).
pub fn offered(roles: &[RoleHeld], now: Time) -> Vec<&RoleHeld> {
    roles.iter().filter(|role| role.is_offered(now)).collect()
}

/// The role that a session acts under: proof that it was held when it was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRole {
    held: RoleHeld,
    chosen_at: Time,
}

impl SessionRole {
    /// The role.
    pub const fn held(&self) -> &RoleHeld {
        &self.held
    }

    /// When it was chosen, or read again.
    pub const fn chosen_at(&self) -> Time {
        self.chosen_at
    }
}

/// Chooses one of the offered roles (law P2).
///
/// # Errors
/// `role_not_held` for anything that is not offered now.
pub fn choose(roles: &[RoleHeld], wanted: &RoleId, now: Time) -> Result<SessionRole, Refusal> {
    let found = roles
        .iter()
        .find(|role| role.role_id == *wanted && role.is_offered(now));
    let held = found.cloned().ok_or(RefusalCode::RoleNotHeld)?;
    Ok(SessionRole {
        held,
        chosen_at: now,
    })
}

/// The one role that needs no choosing (domain 2.7): present when exactly one is offered.
pub fn only_choice(roles: &[RoleHeld], now: Time) -> Option<SessionRole> {
    match offered(roles, now).as_slice() {
        [one] => Some(SessionRole {
            held: (*one).clone(),
            chosen_at: now,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
