//! What roles ask of the devices that open them, from the row of the credential (law G27).

use std::collections::BTreeSet;
use std::sync::Arc;

use policies::authenticator::groups::{RoleGroup, RoleGroups};
use policies::authenticator::{Attestation, Standing};
use policies::ids::{AuthenticatorId, UserId};
use policies::rbac::Rbac;
use policies::refusal::RefusalCode;
use policies::signin::{Aal, Method};

use super::books;
use super::house::{House, START, desk, refused};
use super::public_key::{added_under, made, owner};
use super::register::{role, surgery};
use crate::audit::Actor;
use crate::journeys::authenticator::may_add;
use crate::journeys::grant_role::{NewRole, grant_role};
use crate::journeys::owner::{Ground, Owner};
use crate::journeys::public_key::{Made, add};
use crate::journeys::register_organisation::register_organisation;
use crate::role_keys::{Opener, RoleKeys, Sorted};
use crate::signed_in::LiveSession;
use crate::store::trial::on_both_engines;
use crate::store::{Store, StoreError};

/// Asked of doctors.
fn doctors(group: RoleGroup) -> RoleGroups {
    RoleGroups::new(vec![RoleGroup {
        roles: vec!["S8000:G8000:R8000".parse().unwrap()],
        ..group
    }])
}

/// No doctor uses the model of [`made`].
fn denied() -> RoleGroups {
    doctors(RoleGroup {
        deny: BTreeSet::from([[1; 16]]),
        ..RoleGroup::default()
    })
}

async fn grant(house: &House, role: NewRole) {
    grant_role(house.store(), house.policy(), role, &desk(), START)
        .await
        .unwrap();
}

/// A house, and a doctor in it.
async fn practice(store: Store) -> (House, UserId) {
    let house = House::new(store).await;
    let doctor = house.person(1).await;
    register_organisation(house.store(), surgery(), &Actor::System, START)
        .await
        .unwrap();
    grant(&house, role(&doctor, 1)).await;
    (house, doctor)
}

/// A second role, of which nothing is asked.
fn elsewhere(user_id: &UserId) -> NewRole {
    NewRole {
        job_role: "S8002:G8003:R5080".parse().unwrap(),
        ..role(user_id, 2)
    }
}

#[test]
fn g27_what_would_open_none_of_her_roles_is_not_added() {
    on_both_engines(async |store| {
        let (house, doctor) = practice(store).await;
        let who = owner(&doctor, Aal::Aal3);
        let no = added_under(&house, denied(), &who, made(7)).await;
        assert_eq!(refused(no), RefusalCode::ModelNotAllowed);
        let attested = doctors(RoleGroup {
            attestation: true,
            ..RoleGroup::default()
        });
        let mut silent = made(7);
        silent.evidence.attestation = Attestation::None;
        let no = added_under(&house, attested.clone(), &who, silent).await;
        assert_eq!(refused(no), RefusalCode::AttestationMissing);
        assert_eq!(house.count("SELECT COUNT(*) FROM authenticator").await, 0);
        let nobody = house.person(2).await;
        let without_roles = owner(&nobody, Aal::Aal3);
        added_under(&house, denied(), &without_roles, made(8))
            .await
            .unwrap();
        added_under(&house, attested, &who, made(9)).await.unwrap();
        grant(&house, elsewhere(&doctor)).await;
        added_under(&house, denied(), &who, made(7)).await.unwrap();
    })
    .unwrap();
}

fn opened_with(groups: RoleGroups, opened_by: Option<&AuthenticatorId>) -> Opener {
    Opener {
        authenticator: opened_by.cloned(),
        role_keys: RoleKeys::new(Arc::new(groups), Arc::new(Rbac::default_file())),
    }
}

/// The same person in a session that this opened, where some roles do not take the demo key.
fn who_opened_with(who: &Owner, opened_by: Option<&AuthenticatorId>) -> Owner {
    let live = LiveSession {
        user_id: who.user_id.clone(),
        standing: Standing {
            aal: Aal::Aal3,
            authenticated_at: START,
            method: Method::Fido2,
            temporary: false,
        },
        authenticator: opened_by.cloned(),
    };
    Owner {
        user_id: who.user_id.clone(),
        ground: Ground::Session(books::in_that(who.seat().as_str(), live)),
        role_keys: opened_with(denied(), None).role_keys,
    }
}

#[test]
fn g27_a_device_that_some_of_her_roles_do_not_take_adds_nothing() {
    on_both_engines(async |store| {
        let (house, doctor) = practice(store).await;
        grant(&house, elsewhere(&doctor)).await;
        let who = owner(&doctor, Aal::Aal3);
        let key = added_under(&house, denied(), &who, made(7)).await.unwrap();
        let by_key = who_opened_with(&who, Some(&key.id));
        let (store, policy) = (house.store(), house.policy());
        let may = may_add(store, policy, &by_key, START).await;
        assert_eq!(refused(may), RefusalCode::ModelNotAllowed);
        let better = Made {
            aaguid: Some([2; 16]),
            ..made(8)
        };
        let name = || "My key".parse().unwrap();
        let no = add(store, policy, &by_key, (name(), better.clone()), START).await;
        assert_eq!(refused(no), RefusalCode::ModelNotAllowed);
        let by_card = who_opened_with(&who, None);
        add(store, policy, &by_card, (name(), better), START)
            .await
            .unwrap();
    })
    .unwrap();
}

async fn sorted(
    house: &House,
    groups: RoleGroups,
    who: &UserId,
    opened_by: Option<&AuthenticatorId>,
) -> Sorted {
    let (who, opener) = (who.clone(), opened_with(groups, opened_by));
    let read = house
        .store()
        .read::<_, StoreError, _>("test.sort", move |tx| {
            let (opener, who) = (opener.clone(), who.clone());
            Box::pin(async move { opener.roles(tx, &who).await })
        });
    read.await.unwrap()
}

#[test]
fn g27_a_session_has_the_roles_that_its_device_opens_and_a_card_has_all() {
    on_both_engines(async |store| {
        let (house, doctor) = practice(store).await;
        grant(&house, elsewhere(&doctor)).await;
        let who = owner(&doctor, Aal::Aal3);
        let add = |made: Made| added_under(&house, RoleGroups::default(), &who, made);
        let key = add(made(7)).await.unwrap().id;
        let other = add(Made {
            aaguid: Some([2; 16]),
            ..made(8)
        });
        let other = other.await.unwrap().id;
        for (groups, opened_by, open, closed) in [
            (denied(), Some(&key), 1, 1),
            (denied(), Some(&other), 2, 0),
            (denied(), None, 2, 0),
            (RoleGroups::default(), Some(&key), 2, 0),
        ] {
            let found = sorted(&house, groups, &doctor, opened_by).await;
            assert_eq!((found.open.len(), found.closed.len()), (open, closed));
            for (role, why) in &found.closed {
                assert_eq!(role.job_role.role(), "R8000");
                assert_eq!(*why, RefusalCode::ModelNotAllowed);
            }
        }
    })
    .unwrap();
}
