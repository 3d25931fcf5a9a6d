//! Parts of the national catalogue of job roles, by which rules name many roles at once.

use std::fmt;
use std::str::FromStr;

use super::{JobRole, is_code};

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
}
