//! A session that ends between a request's first look and its last write ends the act: whoever hangs
//! on to a slow request must not come out of it with a way in of her own (attack table 29 and 52).

use enrolment::codes::Typed;
use enrolment::desk::DeskSession;
use enrolment::journeys::JourneyError;
use enrolment::journeys::accept_terms::accept_terms;
use enrolment::journeys::authenticator::{Wish, change_own, may_add};
use enrolment::journeys::authenticator_app::{self as app, Finish};
use enrolment::journeys::cancel_own::by_herself;
use enrolment::journeys::card_secrets::for_work;
use enrolment::journeys::change_contact::{self, NewAddress, Whose};
use enrolment::journeys::public_key::newcomer;
use enrolment::store::StoreError;
use policies::authenticator::Change;
use policies::refusal::RefusalCode;
use policies::totp::step_of;

use super::Scene;
use crate::api::caller::Caller;
use crate::error::Failure;
use crate::my::authenticators::owner;
use crate::signin::session;

async fn caller(scene: &Scene) -> Caller {
    let (now, policy) = (scene.house.now(), scene.house.policy.clone());
    let read = scene
        .house
        .store
        .read::<_, StoreError, _>("test.session", move |tx| {
            let policy = policy.clone();
            Box::pin(async move { session::live(tx, &"one".parse().unwrap(), now, &policy).await })
        });
    Caller::from(read.await.unwrap().expect("a session"))
}

fn code<T>(said: Result<T, JourneyError>) -> Option<RefusalCode> {
    said.err().map(|error| error.refusal().unwrap().code)
}

async fn standing(scene: &Scene, desk: DeskSession) -> Option<RefusalCode> {
    let now = scene.house.now();
    let read = scene
        .house
        .store
        .read::<_, JourneyError, _>("test.desk", move |tx| {
            let desk = desk.clone();
            Box::pin(async move { desk.standing(tx, now).await })
        });
    code(read.await)
}

fn desk(scene: &Scene, caller: &Caller) -> DeskSession {
    let house = &scene.house;
    DeskSession {
        user_id: caller.user_id.clone(),
        role_id: "777000000001".parse().unwrap(),
        rbac: house.rbac.clone(),
        signed_in: caller.signed_in(house),
        role_keys: house.role_keys(),
    }
}

#[tokio::test]
async fn a_session_that_ends_under_an_act_ends_the_act() {
    let scene = Scene::set().await;
    let (house, now) = (&scene.house, scene.house.now());
    let (store, policy, codes) = (&house.store, &house.policy, house.codes().unwrap());
    let caller = caller(&scene).await;
    let owner = owner(house, &caller);
    let begun = app::start(&codes, &owner, now).await.unwrap();
    let finish = || Finish {
        id: begun.id.clone(),
        name: "Mine".parse().unwrap(),
        password: "tea at the window".to_owned().into(),
        code: begun.secret.code(step_of(now)),
    };
    let wish = || Wish {
        user_id: caller.user_id.clone(),
        signed_in: caller.signed_in(house),
        id: "nothing".parse().unwrap(),
        change: Change::Suspend,
    };
    let whose = || Whose {
        user_id: caller.user_id.clone(),
        signed_in: caller.signed_in(house),
    };
    let hers = || (&caller.user_id, caller.signed_in(house));
    let address = || NewAddress::parse("mail", "amara@trust.example").unwrap();
    let acts = async || {
        [
            code(may_add(store, policy, &owner, now).await),
            code(newcomer(store, policy, &owner, now).await),
            code(change_contact::start(&codes, whose(), address(), now).await),
            standing(&scene, desk(&scene, &caller)).await,
            code(change_own(store, policy, wish(), now).await),
            code(by_herself(store, policy, hers(), None, now).await),
        ]
    };
    let while_it_lives = [
        None,
        None,
        None,
        None,
        Some(RefusalCode::NotFound),
        Some(RefusalCode::ReasonMissing),
    ];
    assert_eq!(acts().await, while_it_lives);
    scene
        .meanwhile("UPDATE session SET ended_at = 1, end_reason = 'signed_out'")
        .await;
    let anew = Some(RefusalCode::ReauthenticationNeeded);
    assert_eq!(acts().await, [anew; 6]);
    assert_eq!(code(app::finish(&codes, &owner, finish(), now).await), anew);
    // One that another proof has continued under another name is not the one that began.
    scene.meanwhile(CONTINUED).await;
    assert_eq!(acts().await, [anew; 6]);
}

/// Whatever let her in, a desk's act asks for the level itself (contract 5).
#[tokio::test]
async fn a_session_of_aal2_acts_at_no_desk() {
    let scene = Scene::set().await;
    let house = &scene.house;
    let caller = caller(&scene).await;
    let desk = || desk(&scene, &caller);
    assert_eq!(standing(&scene, desk()).await, None);
    scene.meanwhile("UPDATE session SET aal = 2").await;
    let low = Some(RefusalCode::SessionLevelTooLow);
    assert_eq!(standing(&scene, desk()).await, low);
    let Failure::Refused(refused) = self::caller(&scene)
        .await
        .desk(house, house.now())
        .unwrap_err()
    else {
        panic!("no refusal")
    };
    assert_eq!(Some(refused.refusal.code), low);
}

const CONTINUED: &str =
    "INSERT INTO session (sid, family, key_hash, user_id, aal, method, authenticated_at,
                          last_active_at, role_chosen, card_number, serial, version)
     SELECT 'two', family, zeroblob(32), user_id, aal, method, authenticated_at, last_active_at,
            role_chosen, card_number, serial, 1
     FROM session WHERE sid = 'one'";

#[tokio::test]
async fn nor_does_it_accept_terms_confirm_an_address_or_get_the_secrets_of_a_card() {
    let scene = Scene::set().await;
    let (house, now) = (&scene.house, scene.house.now());
    let (store, policy, codes) = (&house.store, &house.policy, house.codes().unwrap());
    let caller = caller(&scene).await;
    let hers = || (&caller.user_id, caller.signed_in(house));
    let whose = || Whose {
        user_id: caller.user_id.clone(),
        signed_in: caller.signed_in(house),
    };
    let typed = || Typed {
        request_id: "nothing".to_owned(),
        code: "000000".to_owned().into(),
    };
    let acts = async || {
        [
            code(accept_terms(store, policy, hers(), policy.terms_version(), now).await),
            code(change_contact::confirm(&codes, whose(), typed(), now).await),
            code(for_work(&codes, "nothing", &desk(&scene, &caller), now).await),
        ]
    };
    let nothing = [RefusalCode::CodeWrong, RefusalCode::NotFound].map(Some);
    assert_eq!(acts().await, [None, nothing[0], nothing[1]]);
    scene
        .meanwhile("UPDATE session SET ended_at = 1, end_reason = 'signed_out'")
        .await;
    assert_eq!(acts().await, [Some(RefusalCode::ReauthenticationNeeded); 3]);
}
