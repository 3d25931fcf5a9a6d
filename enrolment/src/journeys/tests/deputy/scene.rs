//! Two hospitals with wards, and the people of the tests.

use std::sync::Arc;

use policies::deputy::Ward;
use policies::ids::{OrgCode, RoleId, UserId};
use policies::invitation::{InvitationKind, Meeting};
use policies::rbac::Rbac;
use policies::refusal::RefusalCode as Code;
use policies::role::CodedName;
use policies::signin::Aal;
use policies::time::{Span, Time};

use super::super::house::{House, START, desk, in_session};
use crate::audit::Actor;
use crate::deputies::NamedDeputy;
use crate::desk::{Desk, DeskSession};
use crate::finding::find_people;
use crate::journeys::JourneyError;
use crate::journeys::deputy::{NameDeputy, end_deputy, name_deputy};
use crate::journeys::grant_role::{NewRole, grant_role};
use crate::journeys::invitation::{Invite, invite};
use crate::journeys::register_organisation::register_organisation;
use crate::register::Organisation;
use crate::role_keys::RoleKeys;
use crate::store::Store;

pub(super) const NURSE: &str = "S8000:G8000:R8001";
pub(super) const SUPPORT: &str = "S8001:G8002:R8008";

pub(super) fn ward(org_code: &str, workgroup: &str) -> Ward {
    Ward {
        org_code: org_code.parse().unwrap(),
        workgroup: workgroup.parse().unwrap(),
    }
}

pub(super) fn after(days: i64) -> Time {
    START.plus(Span::days(days))
}

/// A hospital with two wards, and another hospital with a ward of the same code.
pub(super) struct Scene {
    pub(super) house: House,
    /// Ward 7001 of the hospital: the deputy and her colleague.
    pub(super) deputy: UserId,
    pub(super) colleague: UserId,
    /// Ward 8001 of the same hospital.
    pub(super) next_door: UserId,
    /// Ward 7001 of the other hospital.
    pub(super) elsewhere: UserId,
    /// Approves needs at the hospital.
    pub(super) sponsor: UserId,
}

impl Scene {
    pub(super) async fn new(store: Store) -> Self {
        let house = House::new(store).await;
        for code in ["HOSP", "OTHER"] {
            let organisation = Organisation {
                org_code: code.parse().unwrap(),
                name: format!("DEMO {code}"),
                hosted_by: None,
                desk_hours: String::new(),
                desk_contact: String::new(),
                address: String::new(),
            };
            register_organisation(house.store(), organisation, &Actor::System, START)
                .await
                .unwrap();
        }
        let mut people = Vec::new();
        for number in 1..=5 {
            people.push(house.person(number).await);
        }
        let scene = Self {
            house,
            deputy: people[0].clone(),
            colleague: people[1].clone(),
            next_door: people[2].clone(),
            elsewhere: people[3].clone(),
            sponsor: people[4].clone(),
        };
        scene.nurse(1, &people[0], "HOSP", Some("7001")).await;
        scene.nurse(2, &people[1], "HOSP", Some("7001")).await;
        scene.nurse(3, &people[2], "HOSP", Some("8001")).await;
        scene.nurse(4, &people[3], "OTHER", Some("7001")).await;
        let mut role = role(5, &people[4], "HOSP", None);
        role.job_role = SUPPORT.parse().unwrap();
        role.activities = vec![coded("B1300")];
        scene.grant(role).await;
        scene
    }

    pub(super) async fn nurse(&self, number: u32, person: &UserId, org: &str, group: Option<&str>) {
        self.grant(role(number, person, org, group)).await;
    }

    pub(super) async fn grant(&self, role: NewRole) {
        let (store, policy) = (self.house.store(), self.house.policy());
        grant_role(store, policy, role, &desk(), START)
            .await
            .unwrap();
    }

    pub(super) async fn name(
        &self,
        ends_at: Option<Time>,
        now: Time,
    ) -> Result<NamedDeputy, JourneyError> {
        self.name_by(session(5, &self.sponsor).into(), ends_at, now)
            .await
    }

    pub(super) async fn name_by(
        &self,
        by: Desk,
        ends_at: Option<Time>,
        now: Time,
    ) -> Result<NamedDeputy, JourneyError> {
        let wanted = NameDeputy {
            user_id: self.deputy.clone(),
            ward: ward("HOSP", "7001"),
            ends_at,
            by,
        };
        name_deputy(self.house.store(), self.house.policy(), wanted, now).await
    }

    pub(super) async fn end(&self, named: &NamedDeputy, now: Time) -> Result<(), JourneyError> {
        let whose = (self.deputy.clone(), named.id.clone());
        let by = session(5, &self.sponsor);
        end_deputy(self.house.store(), self.house.policy(), whose, by, now).await
    }

    /// What the deputy, acting in this role, is told when she gives somebody a link.
    pub(super) async fn gives(
        &self,
        (role, kind): (u32, InvitationKind),
        person: &UserId,
        now: Time,
    ) -> Option<Code> {
        let wanted = Invite {
            user_id: person.clone(),
            kind,
            meeting: Meeting {
                holder_present: true,
                photo_compared: true,
            },
            by: session(role, &self.deputy),
        };
        let given = invite(self.house.store(), self.house.policy(), wanted, now).await;
        given.err().map(|error| error.refusal().unwrap().code)
    }

    pub(super) async fn helps(&self, person: &UserId, now: Time) -> Option<Code> {
        self.gives((1, InvitationKind::Temporary), person, now)
            .await
    }

    /// The numbers that she finds.
    pub(super) async fn finds(&self, text: &str, now: Time) -> Result<Vec<UserId>, JourneyError> {
        let by = session(1, &self.deputy);
        let (store, policy) = (self.house.store(), self.house.policy());
        let found = find_people(store, policy, text, by, now).await?;
        Ok(found.people.into_iter().map(|one| one.user_id).collect())
    }

    pub(super) async fn lines(&self, kind: &'static str) -> i64 {
        let sql = match kind {
            "deputy_named" => "SELECT COUNT(*) FROM audit WHERE kind = 'deputy_named'",
            _ => "SELECT COUNT(*) FROM audit WHERE kind = 'deputy_ended'",
        };
        self.house.count(sql).await
    }
}

pub(super) fn session(role: u32, user_id: &UserId) -> DeskSession {
    DeskSession {
        user_id: user_id.clone(),
        role_id: role_id(role),
        rbac: Arc::new(Rbac::default_file()),
        signed_in: in_session(user_id, Aal::Aal3),
        role_keys: RoleKeys::open(),
    }
}

pub(super) fn role_id(number: u32) -> RoleId {
    format!("5551{number:08}").parse().unwrap()
}

pub(super) fn coded(code: &str) -> CodedName {
    CodedName {
        code: code.into(),
        name: format!("DEMO {code}"),
    }
}

pub(super) fn role(number: u32, user_id: &UserId, org: &str, group: Option<&str>) -> NewRole {
    let org_code: OrgCode = org.parse().unwrap();
    NewRole {
        role_id: role_id(number),
        user_id: user_id.clone(),
        org_code,
        person_orgid: format!("5552{number:08}").parse().unwrap(),
        job_role: NURSE.parse().unwrap(),
        role_name: "\"Clinical\":\"Clinical Provision\":\"Nurse Access Role\"".into(),
        activities: Vec::new(),
        areas_of_work: Vec::new(),
        workgroups: group.map(coded).into_iter().collect(),
        starts_at: START,
        ends_at: None,
    }
}
