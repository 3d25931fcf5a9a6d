//! The lists that a client may be held to. Left out, each holds everything; empty, it could be taken
//! for nothing or for everything, and is refused.

use policies::role::RoleList;
use policies::signin::{AcrValue, Demand};

use super::RegistrationProblem;
use crate::oidc::authorize::WAYS;

/// What it may ask for in `acr_values` (law S11).
pub(super) fn acr_values(
    written: Option<&[String]>,
    problems: &mut Vec<RegistrationProblem>,
) -> Demand {
    let Some(written) = written else {
        return Demand::default();
    };
    let demand = Demand::from_acr_values(&written.join(" "));
    let unknown = written
        .iter()
        .filter(|word| word.parse::<AcrValue>().is_err())
        .cloned()
        .map(RegistrationProblem::AcrValue)
        .collect::<Vec<_>>();
    if unknown.is_empty() && (demand.is_empty() || demand.is_impossible_with(&WAYS)) {
        problems.push(RegistrationProblem::AcrOfNobody);
    }
    problems.extend(unknown);
    demand
}

/// The roles that it is told of (law P9).
pub(super) fn roles(
    written: Option<&[String]>,
    problems: &mut Vec<RegistrationProblem>,
) -> RoleList {
    let Some(written) = written else {
        return RoleList::default();
    };
    if written.is_empty() {
        problems.push(RegistrationProblem::NoRole);
    }
    let mut parts = Vec::new();
    for text in written {
        match text.parse() {
            Ok(part) => parts.push(part),
            Err(error) => problems.push(RegistrationProblem::Role(text.clone(), error)),
        }
    }
    RoleList::new(parts)
}
