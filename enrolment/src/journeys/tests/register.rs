//! People, organisations and roles.

use policies::access::ActorRole;
use policies::ids::UserId;
use policies::refusal::RefusalCode;
use policies::role::offered;

use super::house::{House, START, desk, new_person, refused};
use crate::audit::Actor;
use crate::journeys::DeskActor;
use crate::journeys::grant_role::{NewRole, grant_role};
use crate::journeys::register_organisation::register_organisation;
use crate::journeys::register_person::register_person;
use crate::journeys::suspend_roles::{end_role, suspend_roles};
use crate::register::{self, Organisation, ProfessionalBody, ProfessionalNumber};
use crate::store::trial::on_both_engines;
use crate::store::{Store, StoreError};

pub(super) fn surgery() -> Organisation {
    Organisation {
        org_code: "A9A5A".parse().unwrap(),
        name: "DEMO Surgery".into(),
        hosted_by: None,
        desk_hours: String::new(),
        desk_contact: String::new(),
        address: String::new(),
    }
}

pub(super) fn role(user_id: &UserId, number: u32) -> NewRole {
    NewRole {
        role_id: format!("5551{number:08}").parse().unwrap(),
        user_id: user_id.clone(),
        org_code: "A9A5A".parse().unwrap(),
        person_orgid: format!("5552{number:08}").parse().unwrap(),
        job_role: "S8000:G8000:R8000".parse().unwrap(),
        role_name: "\"Clinical\":\"Clinical Provision\":\"General Medical Practitioner\"".into(),
        activities: vec![policies::role::CodedName {
            code: "B0820".into(),
            name: "Activity".into(),
        }],
        areas_of_work: Vec::new(),
        workgroups: Vec::new(),
        starts_at: START,
        ends_at: None,
    }
}

async fn held(house: &House, user_id: &UserId) -> Vec<policies::role::RoleHeld> {
    let user_id = user_id.clone();
    house
        .store()
        .read::<_, StoreError, _>("test.roles", move |tx| {
            let user_id = user_id.clone();
            Box::pin(async move { register::roles(tx, &user_id).await })
        })
        .await
        .unwrap()
}

#[test]
fn a_person_is_registered_once_and_never_overwritten() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let mut new = new_person(1);
        new.professional_numbers = vec![ProfessionalNumber {
            body: ProfessionalBody::Gmc,
            number: "7654321".into(),
        }];
        let person = register_person(house.store(), house.policy(), new.clone(), &desk(), START)
            .await
            .unwrap();
        let again = register_person(house.store(), house.policy(), new.clone(), &desk(), START)
            .await
            .unwrap();
        assert!(person == again);
        let mut other = new.clone();
        other.family_name = "Somebody".into();
        let answer = register_person(house.store(), house.policy(), other, &desk(), START).await;
        assert_eq!(refused(answer), RefusalCode::IdempotencyKeyReused);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM audit WHERE kind = 'person_registered'")
                .await,
            1
        );
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM professional_number")
                .await,
            1
        );
    })
    .unwrap();
}

/// A house with one person who holds two roles in one organisation.
async fn house_with_roles(store: Store) -> (House, UserId) {
    let house = House::new(store).await;
    let user_id = house.person(1).await;
    register_organisation(house.store(), surgery(), &Actor::System, START)
        .await
        .unwrap();
    for number in [1, 2] {
        let role = role(&user_id, number);
        grant_role(house.store(), house.policy(), role, &desk(), START)
            .await
            .unwrap();
    }
    (house, user_id)
}

#[test]
fn roles_are_granted_once() {
    on_both_engines(async |store| {
        let (house, user_id) = house_with_roles(store).await;
        let (store, policy) = (house.store(), house.policy());
        register_organisation(store, surgery(), &Actor::System, START)
            .await
            .unwrap();
        grant_role(store, policy, role(&user_id, 1), &desk(), START)
            .await
            .unwrap();
        let roles = held(&house, &user_id).await;
        assert_eq!(roles.len(), 2);
        assert_eq!(roles[0].person_orgid, roles[1].person_orgid);
        assert_eq!(roles[0].activities[0].code, "B0820");
        let granted = "SELECT COUNT(*) FROM audit WHERE kind = 'role_granted'";
        assert_eq!(house.count(granted).await, 2);
    })
    .unwrap();
}

#[test]
fn roles_end_one_by_one_and_are_suspended_all_at_once() {
    on_both_engines(async |store| {
        let (house, user_id) = house_with_roles(store).await;
        let (store, policy) = (house.store(), house.policy());
        let first = held(&house, &user_id).await[0].role_id.clone();
        end_role(store, policy, &user_id, &first, &desk(), START)
            .await
            .unwrap();
        assert_eq!(offered(&held(&house, &user_id).await, START).len(), 1);
        for changed in [1, 0] {
            let suspended = suspend_roles(store, policy, &user_id, &desk(), START).await;
            assert_eq!(suspended.unwrap(), changed);
        }
        assert!(offered(&held(&house, &user_id).await, START).is_empty());
    })
    .unwrap();
}

#[test]
fn nobody_grants_a_role_to_herself() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        register_organisation(house.store(), surgery(), &Actor::System, START)
            .await
            .unwrap();
        let herself = DeskActor {
            actor: Actor::Person(user_id.clone()),
            ..desk()
        };
        let answer = grant_role(
            house.store(),
            house.policy(),
            role(&user_id, 1),
            &herself,
            START,
        )
        .await;
        assert_eq!(refused(answer), RefusalCode::ActorIsSubject);
        let mut elsewhere = role(&user_id, 1);
        elsewhere.org_code = "NOWHERE".parse().unwrap();
        let answer = grant_role(house.store(), house.policy(), elsewhere, &desk(), START).await;
        assert_eq!(refused(answer), RefusalCode::NotFound);
    })
    .unwrap();
}

#[test]
fn whoever_may_not_changes_nobody() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let user_id = house.person(1).await;
        register_organisation(house.store(), surgery(), &Actor::System, START)
            .await
            .unwrap();
        let reader = DeskActor {
            roles: vec![ActorRole::PrivacyOfficer],
            ..desk()
        };
        let stranger = DeskActor {
            in_scope: false,
            ..desk()
        };
        let (store, policy) = (house.store(), house.policy());
        let held = role(&user_id, 1).role_id;
        for (by, code) in [
            (&reader, RefusalCode::ActorRoleMissing),
            (&stranger, RefusalCode::ActorOutOfScope),
        ] {
            let answer = register_person(store, policy, new_person(2), by, START).await;
            assert_eq!(refused(answer), code);
            let answer = grant_role(store, policy, role(&user_id, 1), by, START).await;
            assert_eq!(refused(answer), code);
            let answer = suspend_roles(store, policy, &user_id, by, START).await;
            assert_eq!(refused(answer), code);
            let answer = end_role(store, policy, &user_id, &held, by, START).await;
            assert_eq!(refused(answer), code);
        }
        assert_eq!(house.count("SELECT COUNT(*) FROM person").await, 1);
        assert_eq!(house.count("SELECT COUNT(*) FROM role").await, 0);
    })
    .unwrap();
}
