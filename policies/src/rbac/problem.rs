//! What can be wrong with a catalogue of roles and activities.

use std::collections::BTreeSet;

use thiserror::Error;

use super::RbacFile;
use crate::access::ActorRole;
use crate::role::{Activity, JobRole};

/// One problem of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RbacProblem {
    /// Not TOML, or not of the form of a catalogue.
    #[error("the catalogue cannot be read")]
    Form(#[source] toml::de::Error),
    /// A catalogue without a version cannot be cited.
    #[error("the version is empty")]
    NoVersion,
    /// The same job role twice.
    #[error("the job role {0} stands twice")]
    RoleTwice(JobRole),
    /// The same activity twice.
    #[error("the activity {0} stands twice")]
    ActivityTwice(Activity),
    /// A baseline names an activity that is not in the catalogue.
    #[error("the baseline of {role} names {activity}, which is not in the catalogue")]
    UnknownBaseline {
        /// The job role.
        role: JobRole,
        /// What it names.
        activity: Activity,
    },
    /// A part that no role carries: it is played for oneself, or by being named.
    #[error("{0} is not carried by a role")]
    NotCarried(ActorRole),
    /// An activity includes one that is not in the catalogue.
    #[error("{activity} includes {included}, which is not in the catalogue")]
    UnknownIncluded {
        /// The activity.
        activity: Activity,
        /// What it names.
        included: Activity,
    },
}

/// Every problem of a catalogue that has the right form.
pub(super) fn problems_of(file: &RbacFile) -> Vec<RbacProblem> {
    let mut problems = Vec::new();
    if file.version.trim().is_empty() {
        problems.push(RbacProblem::NoVersion);
    }
    let mut activities = BTreeSet::new();
    for entry in &file.activity {
        if !activities.insert(&entry.code) {
            problems.push(RbacProblem::ActivityTwice(entry.code.clone()));
        }
    }
    let mut roles = BTreeSet::new();
    for entry in &file.role {
        if !roles.insert(&entry.code) {
            problems.push(RbacProblem::RoleTwice(entry.code.clone()));
        }
        let unknown = entry
            .baseline
            .iter()
            .filter(|activity| !activities.contains(activity));
        problems.extend(unknown.map(|activity| RbacProblem::UnknownBaseline {
            role: entry.code.clone(),
            activity: activity.clone(),
        }));
    }
    let by_job = file.role.iter().filter_map(|entry| entry.desk);
    let by_activity = file.activity.iter().filter_map(|entry| entry.desk);
    let carried = by_job.chain(by_activity);
    let wrong = carried.filter(|part| matches!(part, ActorRole::Holder | ActorRole::WardDeputy));
    problems.extend(wrong.map(RbacProblem::NotCarried));
    for entry in &file.activity {
        let unknown = entry
            .includes
            .iter()
            .filter(|included| !activities.contains(included));
        problems.extend(unknown.map(|included| RbacProblem::UnknownIncluded {
            activity: entry.code.clone(),
            included: included.clone(),
        }));
    }
    problems
}
