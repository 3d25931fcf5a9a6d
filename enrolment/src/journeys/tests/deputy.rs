//! Deputies of wards: who is one, towards whom, and for how long; and that she does one thing only.

mod scene;

use std::sync::Arc;

use policies::access::ActorRole;
use policies::ids::UserId;
use policies::invitation::InvitationKind;
use policies::refusal::RefusalCode as Code;
use policies::time::Span;
use policies::values::Policy;

use self::scene::{SUPPORT, Scene, after, coded, role, role_id, session, ward};
use super::house::{START, desk, refused};
use crate::audit::Actor;
use crate::desk::DeskSession;
use crate::finding::find_people;
use crate::journeys::DeskActor;
use crate::journeys::close_person::close_person;
use crate::journeys::deputy::{NameDeputy, end_deputy, name_deputy};
use crate::journeys::suspend_roles::{end_role, suspend_roles};
use crate::store::trial::on_both_engines;

#[test]
fn g25_naming_twice_is_one_naming_and_another_last_second_takes_its_place() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        let first = scene.name(None, START).await.unwrap();
        assert_eq!(first.ends_at, after(366));
        assert_eq!(first.named_by.as_ref(), Some(&scene.sponsor));
        for again in [None, Some(after(366))] {
            assert_eq!(scene.name(again, START).await.unwrap(), first);
        }
        assert_eq!(scene.lines("deputy_named").await, 1);
        let letters = "SELECT COUNT(*) FROM outbox WHERE content LIKE '%deputy_named%'";
        assert_eq!(scene.house.count(letters).await, 1);
        let second = scene.name(Some(after(7)), START).await.unwrap();
        assert_eq!(second.ends_at, after(7));
        let live = "SELECT COUNT(*) FROM ward_deputy WHERE ended_at IS NULL";
        assert_eq!(scene.house.count(live).await, 1);
        assert_eq!(scene.lines("deputy_ended").await, 1);
        // What has run out is no naming any more, and its books are closed at its own last second.
        let third = scene.name(None, after(8)).await.unwrap();
        assert_ne!(third.id, second.id);
        assert_eq!(scene.lines("deputy_ended").await, 1);
        let closed =
            "SELECT COUNT(*) FROM ward_deputy WHERE ended_at = ends_at AND ended_by IS NULL";
        assert_eq!(scene.house.count(closed).await, 1);
        for _ in 0..2 {
            scene.end(&third, after(9)).await.unwrap();
        }
        assert_eq!(scene.lines("deputy_ended").await, 2);
        let letters = "SELECT COUNT(*) FROM outbox WHERE content LIKE '%deputy_ended%'";
        assert_eq!(scene.house.count(letters).await, 1);
    })
    .unwrap();
}

#[test]
fn g25_who_names_must_be_somebody_else_of_the_area_and_who_is_named_of_the_ward() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        // The sponsor of another hospital.
        let mut stranger = role(6, &scene.elsewhere, "OTHER", None);
        stranger.job_role = SUPPORT.parse().unwrap();
        stranger.activities = vec![coded("B1300")];
        scene.grant(stranger).await;
        let by = session(6, &scene.elsewhere);
        let answer = scene.name_by(by.into(), None, START).await;
        assert_eq!(refused(answer), Code::ActorOutOfScope);
        // A nurse names nobody, a deputy neither.
        let nurse = || session(2, &scene.colleague).into();
        let answer = scene.name_by(nurse(), None, START).await;
        assert_eq!(refused(answer), Code::ActorRoleMissing);
        let named = scene.name(None, START).await.unwrap();
        let wanted = NameDeputy {
            user_id: scene.colleague.clone(),
            ward: ward("HOSP", "7001"),
            ends_at: None,
            by: session(1, &scene.deputy).into(),
        };
        let (store, policy) = (scene.house.store(), scene.house.policy());
        let answer = name_deputy(store, policy, wanted.clone(), START).await;
        assert_eq!(refused(answer), Code::ActorRoleMissing);
        // Nobody herself.
        let herself = DeskActor {
            actor: Actor::Person(scene.deputy.clone()),
            roles: vec![ActorRole::RaManager],
            in_scope: true,
        };
        let answer = scene.name_by(herself.into(), None, START).await;
        assert_eq!(refused(answer), Code::ActorIsSubject);
        // For no ward in which she does not work.
        for ward in [ward("HOSP", "8001"), ward("OTHER", "7001")] {
            let by = session(5, &scene.sponsor).into();
            let wanted = NameDeputy {
                ward,
                by,
                ..wanted.clone()
            };
            let answer = name_deputy(store, policy, wanted, START).await;
            assert_eq!(refused(answer), Code::NotInWard);
        }
        // A naming is ended with the person it is of.
        let whose = (scene.colleague.clone(), named.id.clone());
        let by = session(5, &scene.sponsor);
        let answer = end_deputy(store, policy, whose, by, START).await;
        assert_eq!(refused(answer), Code::NotFound);
    })
    .unwrap();
}

#[test]
fn g26_a_deputy_gives_the_people_of_her_ward_temporary_access_and_nothing_else() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        let role_missing = Some(Code::ActorRoleMissing);
        assert_eq!(scene.helps(&scene.colleague, START).await, role_missing);
        let named = scene.name(Some(after(30)), START).await.unwrap();
        assert_eq!(scene.helps(&scene.colleague, START).await, None);
        // Of another ward, of another hospital, herself; for good.
        assert_eq!(scene.helps(&scene.next_door, START).await, role_missing);
        let out = Some(Code::ActorOutOfScope);
        assert_eq!(scene.helps(&scene.elsewhere, START).await, out);
        let herself = Some(Code::ActorIsSubject);
        assert_eq!(scene.helps(&scene.deputy, START).await, herself);
        let lasting = (1, InvitationKind::Lasting);
        let answer = scene.gives(lasting, &scene.colleague, START).await;
        assert_eq!(answer, role_missing);
        // To its last second, and no longer.
        let last = after(30);
        assert_eq!(scene.helps(&scene.colleague, last).await, None);
        let over = last.plus(Span::seconds(1));
        assert_eq!(scene.helps(&scene.colleague, over).await, role_missing);
        // Nor once it was ended.
        let now = after(10);
        scene.end(&named, now).await.unwrap();
        assert_eq!(scene.helps(&scene.colleague, now).await, role_missing);
    })
    .unwrap();
}

#[test]
fn g26_who_has_left_the_ward_neither_helps_nor_is_helped() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        let (store, policy) = (scene.house.store(), scene.house.policy());
        scene.name(None, START).await.unwrap();
        let missing = Some(Code::ActorRoleMissing);
        // Acting in a role of another ward, or of none, she is nobody's deputy.
        scene.nurse(7, &scene.deputy, "HOSP", None).await;
        scene.nurse(8, &scene.deputy, "HOSP", Some("8001")).await;
        for role in [7, 8] {
            let shift = (role, InvitationKind::Temporary);
            for person in [&scene.colleague, &scene.next_door] {
                assert_eq!(scene.gives(shift, person, START).await, missing);
            }
        }
        // Her colleague is away: no longer of the ward.
        suspend_roles(store, policy, &scene.colleague, &desk(), after(1))
            .await
            .unwrap();
        assert_eq!(scene.helps(&scene.colleague, after(1)).await, missing);
        // Her own role in the ward ends: its session ends with it.
        end_role(store, policy, &scene.deputy, &role_id(1), &desk(), after(2))
            .await
            .unwrap();
        let not_held = Some(Code::RoleNotHeld);
        assert_eq!(scene.helps(&scene.colleague, after(2)).await, not_held);
    })
    .unwrap();
}

#[test]
fn g26_a_deputy_finds_the_people_of_her_ward_and_nobody_else() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        let nobody = scene.finds("demo", START).await;
        assert_eq!(refused(nobody), Code::ActorRoleMissing);
        scene.name(None, START).await.unwrap();
        scene.house.card(&scene.colleague, 2, START).await;
        scene.house.card(&scene.next_door, 3, START).await;
        let hers = vec![scene.colleague.clone()];
        let whole = scene.colleague.to_string();
        for text in ["", "demo", "demo person", &whole, "9000000000000002"] {
            assert_eq!(scene.finds(text, START).await.unwrap(), hers, "{text}");
        }
        let others = [&scene.next_door, &scene.elsewhere, &scene.deputy];
        for person in others.map(ToString::to_string) {
            assert_eq!(scene.finds(&person, START).await.unwrap(), [], "{person}");
        }
        for text in ["nobody", "9000000000000003"] {
            assert_eq!(scene.finds(text, START).await.unwrap(), [], "{text}");
        }
        let (store, policy) = (scene.house.store(), scene.house.policy());
        suspend_roles(store, policy, &scene.colleague, &desk(), START)
            .await
            .unwrap();
        assert_eq!(scene.finds("", START).await.unwrap(), []);
    })
    .unwrap();
}

#[test]
fn g26_where_the_policy_does_without_deputies_they_find_nobody() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        scene.name(None, START).await.unwrap();
        let text = include_str!("../../../../policies/policy.toml");
        let text = text.replace(", \"ward_deputy\"]", "]");
        let policy = Arc::new(Policy::parse(&text).unwrap());
        let by = session(1, &scene.deputy);
        let found = find_people(scene.house.store(), &policy, "", by, START).await;
        assert_eq!(refused(found.map(drop)), Code::ActorRoleMissing);
    })
    .unwrap();
}

#[test]
fn closing_a_profile_ends_what_she_is_named_for() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        scene.name(None, START).await.unwrap();
        let (store, policy) = (scene.house.store(), scene.house.policy());
        close_person(store, policy, &scene.deputy, desk(), after(1))
            .await
            .unwrap();
        assert_eq!(scene.lines("deputy_ended").await, 1);
        let answer = scene.name(None, after(1)).await;
        assert_eq!(refused(answer), Code::IdentityClosed);
    })
    .unwrap();
}

#[test]
fn many_desks_name_a_deputy_at_once_and_there_is_one_naming() {
    on_both_engines(async |store| {
        let scene = Arc::new(Scene::new(store).await);
        let tries: Vec<_> = (0..16)
            .map(|_| {
                let scene = Arc::clone(&scene);
                tokio::spawn(async move { scene.name(None, START).await.unwrap().id })
            })
            .collect();
        let mut ids = Vec::new();
        for one in tries {
            ids.push(one.await.unwrap());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1);
        assert_eq!(scene.lines("deputy_named").await, 1);
    })
    .unwrap();
}

#[test]
fn the_schema_knows_one_live_naming_and_nobody_who_named_herself() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        scene.name(None, START).await.unwrap();
        let insert = "INSERT INTO ward_deputy (deputy_id, user_id, org_code, workgroup, named_by, named_at, ends_at)
                      VALUES ($1, $2, 'HOSP', $3, $4, 1, 2)";
        let values = |workgroup: &str, by: &UserId| {
            vec![
                "second".into(),
                (&scene.deputy).into(),
                workgroup.into(),
                by.into(),
            ]
        };
        let twice = values("7001", &scene.sponsor);
        assert!(scene.house.execute(insert, twice).await.is_err());
        let herself = values("8001", &scene.deputy);
        assert!(scene.house.execute(insert, herself).await.is_err());
        let good = values("8001", &scene.sponsor);
        assert!(scene.house.execute(insert, good).await.is_ok());
    })
    .unwrap();
}

/// She works in both hospitals, so that both find her: each names and ends for its own wards.
#[test]
fn g25_nobody_names_for_a_ward_that_another_authority_looks_after() {
    on_both_engines(async |store| {
        let scene = Scene::new(store).await;
        scene.nurse(6, &scene.deputy, "OTHER", Some("7001")).await;
        let other = scene.house.person(6).await;
        let mut stranger = role(7, &other, "OTHER", None);
        stranger.job_role = SUPPORT.parse().unwrap();
        stranger.activities = vec![coded("B1300")];
        scene.grant(stranger).await;
        let (store, policy) = (scene.house.store(), scene.house.policy());
        let wanted = |org_code: &str, by: DeskSession| NameDeputy {
            user_id: scene.deputy.clone(),
            ward: ward(org_code, "7001"),
            ends_at: None,
            by: by.into(),
        };
        let ours = || session(5, &scene.sponsor);
        let theirs = || session(7, &other);
        for (org_code, by) in [("OTHER", ours()), ("HOSP", theirs())] {
            let answer = name_deputy(store, policy, wanted(org_code, by), START).await;
            assert_eq!(refused(answer), Code::ActorOutOfScope, "{org_code}");
        }
        let named = name_deputy(store, policy, wanted("OTHER", theirs()), START);
        let named = named.await.unwrap();
        let whose = || (scene.deputy.clone(), named.id.clone());
        let answer = end_deputy(store, policy, whose(), ours(), START).await;
        assert_eq!(refused(answer), Code::ActorOutOfScope);
        end_deputy(store, policy, whose(), theirs(), START)
            .await
            .unwrap();
    })
    .unwrap();
}
