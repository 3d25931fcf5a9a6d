//! People and roles as pages show them.

use policies::role::RoleHeld;
use policies::time::{Span, Time};

use enrolment::register::Person;

use crate::messages::Messages;

/// How long before its end a role's last day is worth showing.
const NEAR: Span = Span::days(60);

/// A person as she is recognised: photo, name, role.
#[derive(Debug, Clone)]
pub struct Face {
    /// The 12 digits; also the name of the photo.
    pub user_id: String,
    /// The name she wants to be shown by.
    pub name: String,
    /// Initials, where there is no photo.
    pub initials: String,
    /// Whether there is a photo.
    pub photo: bool,
    /// The role she acts in.
    pub role: Option<RoleLine>,
}

impl Face {
    /// The face of this person, acting in `role`.
    pub fn of(person: &Person, role: Option<RoleLine>) -> Self {
        let first = |name: &str| name.chars().next();
        Self {
            user_id: person.user_id.to_string(),
            name: person.display_name.clone(),
            initials: first(&person.given_name)
                .into_iter()
                .chain(first(&person.family_name))
                .collect(),
            photo: person.photo_svg.is_some(),
            role,
        }
    }
}

/// A role as it is read at a glance: the job first, then where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleLine {
    /// The value of the form.
    pub role_id: String,
    /// Job title.
    pub job: String,
    /// Organisation.
    pub organisation: String,
    /// Organisation code.
    pub code: String,
    /// The last day in words, when it is near.
    pub until: Option<String>,
    /// Whether the session acts in it now.
    pub current: bool,
}

impl RoleLine {
    /// The line of this role.
    pub fn of(role: &RoleHeld, now: Time, m: &Messages) -> Self {
        // `ends_at` is the first instant without access; the day named is the last one with it.
        let last = role.ends_at.map(|end| end.minus(Span::seconds(1)));
        let near = last.filter(|last| *last <= now.plus(NEAR));
        Self {
            role_id: role.role_id.to_string(),
            job: job_title(&role.role_name).to_owned(),
            organisation: role.org_name.clone(),
            code: role.org_code.to_string(),
            until: near.map(|last| (m.day)(last)),
            current: false,
        }
    }

    /// Whether every word typed occurs in what the line shows.
    pub fn matches(&self, typed: &str) -> bool {
        let line = format!("{} {} {}", self.job, self.organisation, self.code).to_lowercase();
        typed
            .to_lowercase()
            .split_whitespace()
            .all(|word| line.contains(word))
    }
}

/// The last part of a national role name: `"Clinical":"Clinical Provision":"Nurse"` is a nurse.
pub(crate) fn job_title(role_name: &str) -> &str {
    role_name
        .rsplit(':')
        .next()
        .unwrap_or(role_name)
        .trim()
        .trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> RoleLine {
        RoleLine {
            role_id: "555000000001".to_owned(),
            job: "General Medical Practitioner".to_owned(),
            organisation: "Willow Lane Surgery".to_owned(),
            code: "A81001".to_owned(),
            until: None,
            current: false,
        }
    }

    #[test]
    fn a_national_role_name_is_shown_by_its_job() {
        assert_eq!(
            job_title("\"Clinical\":\"Clinical Provision\":\"Nurse\""),
            "Nurse"
        );
        assert_eq!(job_title("Pharmacist"), "Pharmacist");
        assert_eq!(job_title(""), "");
    }

    #[test]
    fn a_search_finds_by_job_place_and_code_in_any_order() {
        for typed in ["willow", "SURGERY general", "a81001", "  ", ""] {
            assert!(line().matches(typed), "{typed}");
        }
        assert!(!line().matches("willow nurse"));
    }
}
