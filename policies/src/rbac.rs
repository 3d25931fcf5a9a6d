//! What a job role may do (domain 2.5, 2.10; F101): a baseline per job role, activities implied by
//! others, and the desk parts that roles and activities carry. Reference data with a version,
//! never code. The set shipped here is a small demonstration, not the national database.

mod problem;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

pub use problem::RbacProblem;

use crate::access::ActorRole;
use crate::role::{Activity, JobRole, RoleHeld};

const DEMO_FILE: &str = include_str!("../rbac/demo.toml");

/// The catalogue of job roles and activities in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rbac {
    version: String,
    roles: BTreeMap<JobRole, RoleEntry>,
    activities: BTreeMap<Activity, ActivityEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleEntry {
    code: JobRole,
    name: String,
    baseline: Vec<Activity>,
    desk: Option<ActorRole>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActivityEntry {
    code: Activity,
    name: String,
    #[serde(default)]
    includes: Vec<Activity>,
    desk: Option<ActorRole>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RbacFile {
    version: String,
    role: Vec<RoleEntry>,
    activity: Vec<ActivityEntry>,
}

impl Rbac {
    /// The demonstration set that this program carries.
    ///
    /// # Panics
    /// Never: the file is compiled in, and a test reads it.
    #[expect(
        clippy::expect_used,
        reason = "the file is compiled in, and a test reads it"
    )]
    pub fn default_file() -> Self {
        Self::parse(DEMO_FILE).expect("the catalogue compiled into the program is sound")
    }

    /// Reads a catalogue.
    ///
    /// # Errors
    /// Every problem of the file at once; a file that is not of the form at all has one.
    pub fn parse(text: &str) -> Result<Self, Vec<RbacProblem>> {
        let file: RbacFile =
            toml::from_str(text).map_err(|error| vec![RbacProblem::Form(error)])?;
        let problems = problem::problems_of(&file);
        if !problems.is_empty() {
            return Err(problems);
        }
        let roles = file
            .role
            .into_iter()
            .map(|entry| (entry.code.clone(), entry));
        let activities = file
            .activity
            .into_iter()
            .map(|entry| (entry.code.clone(), entry));
        Ok(Self {
            version: file.version,
            roles: roles.collect(),
            activities: activities.collect(),
        })
    }

    /// The version that the claim `matron_rbac_version` names.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The three-part name of a job role (claim `role_name`).
    pub fn role_name(&self, job_role: &JobRole) -> Option<&str> {
        self.roles.get(job_role).map(|entry| entry.name.as_str())
    }

    /// The name of an activity.
    pub fn activity_name(&self, activity: &Activity) -> Option<&str> {
        self.activities
            .get(activity)
            .map(|entry| entry.name.as_str())
    }

    /// Every job role, by code.
    pub fn job_roles(&self) -> impl Iterator<Item = &JobRole> {
        self.roles.keys()
    }

    /// `start` and everything it includes, directly or through others.
    fn closure(&self, start: Vec<Activity>) -> BTreeSet<Activity> {
        let mut found = BTreeSet::new();
        let mut open = start;
        while let Some(activity) = open.pop() {
            if let Some(entry) = self.activities.get(&activity) {
                open.extend(
                    entry
                        .includes
                        .iter()
                        .filter(|next| !found.contains(*next))
                        .cloned(),
                );
            }
            found.insert(activity);
        }
        found
    }
}

/// Everything that may be done under a role: the baseline of its job role, the activities granted
/// beyond it, and whatever those include; sorted, each once (law P5). An activity that this
/// catalogue does not know stays, for the national claim would carry it too; a text that is no
/// activity code is left out.
pub fn effective_activities(role: &RoleHeld, rbac: &Rbac) -> Vec<Activity> {
    let baseline = rbac
        .roles
        .get(&role.job_role)
        .map(|entry| entry.baseline.clone());
    let granted = role
        .activities
        .iter()
        .filter_map(|extra| extra.code.parse().ok());
    let start = baseline.into_iter().flatten().chain(granted).collect();
    rbac.closure(start).into_iter().collect()
}

/// The desk parts that a role gives: by its job role (registration authority manager, agent), and
/// by activity (sponsor, identity checker); sorted, each once (law A2).
pub fn actor_roles(role: &RoleHeld, rbac: &Rbac) -> Vec<ActorRole> {
    let by_job = rbac.roles.get(&role.job_role).and_then(|entry| entry.desk);
    let by_activity = effective_activities(role, rbac)
        .into_iter()
        .filter_map(|activity| rbac.activities.get(&activity)?.desk);
    let parts: BTreeSet<ActorRole> = by_job.into_iter().chain(by_activity).collect();
    parts.into_iter().collect()
}

#[cfg(test)]
mod tests;
