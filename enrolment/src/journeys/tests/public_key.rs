//! Security keys and passkeys: added once, judged at each answer, locked by what only a copy says.

use std::sync::Arc;

use policies::authenticator::answer::ModelToday;
use policies::authenticator::groups::RoleGroups;
use policies::authenticator::{Attestation, AuthenticatorState, KeyEvidence};
use policies::ids::UserId;
use policies::rbac::Rbac;
use policies::refusal::RefusalCode;
use policies::signin::{Aal, Method};
use policies::time::{Span, Time};

use super::house::{House, START, in_session, refused};
use crate::journeys::JourneyError;
use crate::journeys::owner::{Ground, Owner};
use crate::journeys::public_key::{
    Accepted, Added, Answered, Made, accept, add, hers, newcomer, tried,
};
use crate::role_keys::RoleKeys;
use crate::store::trial::on_both_engines;
use crate::store::{Key, Store};

const HANDLE: [u8; 32] = [3; 32];

pub(super) fn owner(user_id: &UserId, aal: Aal) -> Owner {
    Owner {
        user_id: user_id.clone(),
        ground: Ground::Session(in_session(user_id, aal)),
        role_keys: RoleKeys::open(),
    }
}

pub(super) fn made(credential: u8) -> Made {
    Made {
        credential_id: vec![credential; 20],
        user_handle: HANDLE.to_vec(),
        stored_key: "{}".to_owned(),
        aaguid: Some([1; 16]),
        model: Some("Demo key".to_owned()),
        evidence: KeyEvidence {
            attestation: Attestation::Allowed,
            tpm: false,
            platform: false,
            backup_eligible: false,
            user_verified: true,
        },
        denied: false,
        backed_up: false,
        counter: 4,
        transports: vec!["usb".to_owned(), "nfc".to_owned()],
    }
}

fn answered(credential: u8, counter: u32) -> Answered {
    Answered {
        credential_id: vec![credential; 20],
        user_handle: Some(HANDLE.to_vec()),
        model: ModelToday::Allowed,
        user_verified: true,
        counter,
        backup_eligible: false,
        backed_up: false,
        stored_key: "{\"moved\":1}".to_owned(),
    }
}

async fn added(house: &House, owner: &Owner, made: Made) -> Result<Added, JourneyError> {
    added_under(house, RoleGroups::default(), owner, made).await
}

pub(super) async fn added_under(
    house: &House,
    groups: RoleGroups,
    owner: &Owner,
    made: Made,
) -> Result<Added, JourneyError> {
    let name = "My key".parse().unwrap();
    let mut owner = owner.clone();
    owner.role_keys = RoleKeys::new(Arc::new(groups), Arc::new(Rbac::default_file()));
    add(house.store(), house.policy(), &owner, (name, made), START).await
}

/// A sign-in, which stays also where it is refused.
async fn signed_in(store: &Store, answered: Answered, now: Time) -> Result<Accepted, RefusalCode> {
    store
        .write::<_, JourneyError, _>("test.accept", Key::none(), move |tx| {
            let answered = answered.clone();
            Box::pin(async move {
                match accept(tx, &answered, now).await {
                    Ok(accepted) => Ok(Ok(accepted)),
                    Err(JourneyError::Refused(refusal)) => Ok(Err(refusal.code)),
                    Err(error) => Err(error),
                }
            })
        })
        .await
        .unwrap()
}

async fn state(house: &House) -> String {
    house.text("SELECT state FROM authenticator").await
}

#[test]
fn a_key_is_added_once_for_one_person_at_the_level_of_the_session() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let (one, two) = (house.person(1).await, house.person(2).await);
        let who = owner(&one, Aal::Aal2);
        let first = newcomer(house.store(), house.policy(), &who, START)
            .await
            .unwrap();
        assert_eq!((first.user_handle.len(), first.known.len()), (32, 0));
        let key = added(&house, &who, made(7)).await.unwrap();
        assert_eq!(key.method, Method::Fido2);
        assert_eq!((key.evidence, key.bound_at), (Aal::Aal3, Aal::Aal2));
        let next = newcomer(house.store(), house.policy(), &who, START)
            .await
            .unwrap();
        assert_eq!(next.user_handle, HANDLE, "one handle for each person");
        assert_eq!(next.known, [vec![7; 20]]);
        let other = owner(&two, Aal::Aal3);
        for owner in [&who, &other] {
            let again = added(&house, owner, made(7)).await;
            assert_eq!(refused(again), RefusalCode::AlreadyRegisteredElsewhere);
        }
        assert_eq!(house.count("SELECT COUNT(*) FROM authenticator").await, 1);
        let event = house
            .count("SELECT COUNT(*) FROM audit WHERE event LIKE '%authenticator_added%'")
            .await;
        assert_eq!(event, 1);
        let (_, credential) = hers(house.store(), &one, &key.id).await.unwrap().unwrap();
        assert_eq!(credential.evidence, made(7).evidence);
        assert_eq!(credential.transports, ["usb", "nfc"]);
        assert!(hers(house.store(), &two, &key.id).await.unwrap().is_none());
    })
    .unwrap();
}

#[test]
fn an_answer_moves_the_counter_on_and_a_stale_one_locks() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let person = house.person(1).await;
        let who = owner(&person, Aal::Aal3);
        added(&house, &who, made(7)).await.unwrap();
        let unknown = signed_in(house.store(), answered(8, 5), START).await;
        assert_eq!(unknown.unwrap_err(), RefusalCode::AuthenticatorUnknown);
        let good = signed_in(house.store(), answered(7, 5), START)
            .await
            .unwrap();
        assert_eq!((good.login.level(), good.person), (Aal::Aal3, person));
        let counter = "SELECT counter FROM public_key_credential";
        assert_eq!(house.count(counter).await, 5);
        let known = Answered {
            model: ModelToday::Known,
            ..answered(7, 6)
        };
        let known = signed_in(house.store(), known, START).await.unwrap();
        assert_eq!(known.login.level(), Aal::Aal2);
        let denied = Answered {
            model: ModelToday::Denied,
            ..answered(7, 7)
        };
        let denied = signed_in(house.store(), denied, START).await;
        assert_eq!(denied.unwrap_err(), RefusalCode::ModelNotAllowed);
        assert_eq!(house.count(counter).await, 6);
        let stale = signed_in(house.store(), answered(7, 6), START).await;
        assert_eq!(stale.unwrap_err(), RefusalCode::AuthenticatorLocked);
        assert_eq!(state(&house).await, "locked");
        assert_eq!(house.count(counter).await, 6);
        let fresh = signed_in(house.store(), answered(7, 99), START).await;
        assert_eq!(fresh.unwrap_err(), RefusalCode::AuthenticatorLocked);
        let line = "SELECT COUNT(*) FROM audit WHERE event LIKE '%looks_copied%'";
        assert_eq!(house.count(line).await, 1);
    })
    .unwrap();
}

#[test]
fn a_flipped_flag_locks_another_owner_is_refused_and_a_device_that_does_not_count_goes_on() {
    type Change = fn(&mut Answered);
    let changes: [(Change, RefusalCode, &str); 2] = [
        (
            |answer| answer.backup_eligible = true,
            RefusalCode::AuthenticatorLocked,
            "locked",
        ),
        (
            |answer| answer.user_handle = Some(vec![9; 32]),
            RefusalCode::CeremonyFailed,
            "registered",
        ),
    ];
    for (change, code, then) in changes {
        on_both_engines(async |store| {
            let house = House::new(store).await;
            let who = owner(&house.person(1).await, Aal::Aal3);
            let silent = Made {
                counter: 0,
                ..made(7)
            };
            added(&house, &who, silent).await.unwrap();
            for _ in 0..2 {
                signed_in(house.store(), answered(7, 0), START)
                    .await
                    .unwrap();
            }
            let mut copy = answered(7, 0);
            change(&mut copy);
            let refused = signed_in(house.store(), copy, START).await;
            assert_eq!(refused.unwrap_err(), code);
            assert_eq!(state(&house).await, then);
        })
        .unwrap();
    }
}

#[test]
fn of_equal_answers_at_once_one_signs_in() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let who = owner(&house.person(1).await, Aal::Aal3);
        added(&house, &who, made(7)).await.unwrap();
        let all = (0..16).map(|_| signed_in(house.store(), answered(7, 5), START));
        let all = futures_util::future::join_all(all).await;
        assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 1);
    })
    .unwrap();
}

#[test]
fn the_trial_puts_her_own_device_in_service_and_nobody_elses() {
    on_both_engines(async |store| {
        let house = House::new(store).await;
        let (one, two) = (house.person(1).await, house.person(2).await);
        let who = owner(&one, Aal::Aal2);
        added(&house, &who, made(7)).await.unwrap();
        let trial = async |owner: Owner, counter| {
            house
                .store()
                .write("test.try", Key::none(), move |tx| {
                    let owner = owner.clone();
                    let now = START.plus(Span::minutes(1));
                    Box::pin(async move { tried(tx, &owner, &answered(7, counter), now).await })
                })
                .await
        };
        let foreign = trial(owner(&two, Aal::Aal3), 5).await;
        assert_eq!(refused(foreign), RefusalCode::AuthenticatorUnknown);
        assert_eq!(state(&house).await, AuthenticatorState::Registered.as_str());
        trial(who, 5).await.unwrap();
        assert_eq!(state(&house).await, AuthenticatorState::Active.as_str());
        let line = "SELECT COUNT(*) FROM audit WHERE event LIKE '%\"tried\"%'";
        assert_eq!(house.count(line).await, 1);
    })
    .unwrap();
}
