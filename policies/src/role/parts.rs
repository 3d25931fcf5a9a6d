//! Parts of the national catalogue of job roles, by which rules name many roles at once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{JobRole, RoleHeld, is_code};

/// A part of the national catalogue: a staff group, a subgroup or a job role, as in `S8000`,
/// `S8000:G8000` or `S8000:G8000:R8000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRoles {
    parts: Vec<String>,
}

/// Not a part of the national catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("roles are written as in S8000, S8000:G8000 or S8000:G8000:R8000")]
pub struct JobRolesError;

impl FromStr for JobRoles {
    type Err = JobRolesError;

    fn from_str(text: &str) -> Result<Self, JobRolesError> {
        let parts: Vec<String> = text.split(':').map(str::to_owned).collect();
        let mut coded = parts.iter().zip(['S', 'G', 'R']);
        let sound = parts.len() <= 3 && coded.all(|(part, letter)| is_code(part, letter));
        sound.then_some(Self { parts }).ok_or(JobRolesError)
    }
}

impl fmt::Display for JobRoles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts.join(":"))
    }
}

impl JobRoles {
    /// Whether this job role is in that part.
    pub fn contains(&self, job: &JobRole) -> bool {
        let its = [job.staff_group(), job.subgroup(), job.role()];
        self.parts.iter().zip(its).all(|(part, its)| part == its)
    }
}

/// The roles that an application may be told of, by their place in the catalogue (law P9). An empty
/// list holds every role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleList(Vec<JobRoles>);

impl RoleList {
    /// These parts; every role where there are none.
    pub fn new(parts: Vec<JobRoles>) -> Self {
        Self(parts)
    }

    /// Whether it holds every role.
    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it holds this role.
    pub fn holds(&self, role: &RoleHeld) -> bool {
        self.is_everything() || self.0.iter().any(|some| some.contains(&role.job_role))
    }

    /// Its parts, as they are written.
    pub fn parts(&self) -> impl Iterator<Item = &JobRoles> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_written_as_the_catalogue_writes_it() {
        for wrong in [
            "",
            "S800",
            "G8000",
            "S8000:",
            "S8000:R8000",
            "S8000:G8000:R8000:B1000",
        ] {
            assert_eq!(wrong.parse::<JobRoles>(), Err(JobRolesError), "{wrong}");
        }
    }

    #[test]
    fn p9_a_list_holds_what_is_in_one_of_its_parts_and_an_empty_one_everything() {
        let nurse = super::super::tests::role("000000000001");
        assert_eq!(nurse.job_role.to_string(), "S8000:G8000:R8001");
        for (list, holds) in [
            (&[][..], true),
            (&["S8000"], true),
            (&["S8000:G8000"], true),
            (&["S8001", "S8000:G8000:R8001"], true),
            (&["S8001"], false),
            (&["S8000:G8001"], false),
            (&["S8000:G8000:R8000", "S8001:G8000:R8001"], false),
        ] {
            let parts = list.iter().map(|part| part.parse().unwrap());
            let list = RoleList::new(parts.collect());
            assert_eq!(list.holds(&nurse), holds, "{list:?}");
            let kept = serde_json::to_string(&list).unwrap();
            assert_eq!(serde_json::from_str::<RoleList>(&kept).unwrap(), list);
        }
        assert!(serde_json::from_str::<RoleList>("[\"nurses\"]").is_err());
    }
}
