//! A deputy who moves to another ward of the same hospital while she is signed in: her naming stands,
//! and helps nobody. Her roles change while the house is closed, through the same journeys.

use std::path::Path;
use std::sync::Arc;

use enrolment::audit::Actor;
use enrolment::journeys::DeskActor;
use enrolment::journeys::grant_role::{NewRole, grant_role};
use enrolment::journeys::suspend_roles::end_role;
use enrolment::store::Store;
use policies::access::ActorRole;
use policies::role::CodedName;
use policies::time::Time;
use policies::values::Policy;
use reqwest::StatusCode;
use tempfile::TempDir;

use super::{WARD, at_desk};
use crate::invitations::invite;
use crate::support::desk::user_id;
use crate::support::matron::free_ports;
use crate::support::soft::Api;
use crate::support::{Matron, Options, engine};

const NOW: &str = "2026-11-25T09:00:00Z";

/// She gets a role in another ward of the same hospital, and loses the one she had.
async fn move_away(database: &str, person: &str, old: &str) {
    let store = Store::open(database).await.expect("the same database");
    let (policy, now) = (Arc::new(Policy::default_file()), NOW.parse::<Time>());
    let now = now.expect("an instant");
    let by = DeskActor {
        actor: Actor::Operator("tester".parse().expect("a name")),
        roles: vec![ActorRole::RaManager],
        in_scope: true,
    };
    let role = NewRole {
        role_id: "555254202599".parse().expect("an id"),
        user_id: person.parse().expect("an id"),
        org_code: WARD[0].parse().expect("a code"),
        person_orgid: "555254102599".parse().expect("an id"),
        job_role: "S8000:G8000:R8001".parse().expect("a job role"),
        role_name: r#""Clinical":"Clinical Provision":"Nurse Access Role""#.into(),
        activities: Vec::new(),
        areas_of_work: Vec::new(),
        workgroups: vec![CodedName {
            code: "555653110200".into(),
            name: "DEMO Ward 8 team".into(),
        }],
        starts_at: now,
        ends_at: None,
    };
    let (user_id, old) = (role.user_id.clone(), old.parse().expect("an id"));
    grant_role(&store, &policy, role, &by, now)
        .await
        .expect("granted");
    end_role(&store, &policy, &user_id, &old, &by, now)
        .await
        .expect("ended");
}

fn start(folder: &Path, port: u16, database: Option<&String>) -> Matron {
    let options = Options {
        clock: Some(NOW.into()),
        database: database.cloned(),
        ..Options::default()
    };
    Matron::start_in(folder, port, options).expect("matron dev is ready")
}

#[tokio::test]
async fn who_has_left_the_ward_is_its_deputy_no_more_whatever_the_naming_says() {
    let home = TempDir::new().expect("a temporary folder");
    let (folder, port) = (home.path().join("dev"), free_ports());
    let database = engine::of_this_run();
    let matron = start(&folder, port, database.as_ref());
    let (mut nadia, list) = at_desk(&matron, "nadia", 0).await;
    assert_eq!(list.status, StatusCode::OK);
    let noah = user_id(&matron, "noah");
    let page = format!("/desk/people/{noah}");
    assert_eq!(nadia.get(&page).await.status, StatusCode::OK);
    let (person, role) = (
        user_id(&matron, "nadia"),
        matron.text("/people/nadia/roles/0/role_id"),
    );
    matron.terminate();
    let url = database.clone();
    let url = url.unwrap_or_else(|| format!("sqlite:{}", folder.join("matron.db").display()));
    move_away(&url, &person, &role).await;

    let matron = start(&folder, port, database.as_ref());
    // The session of before acts in a role that she holds no more.
    let refused = nadia.get(&page).await;
    assert_eq!(refused.refusal().as_deref(), Some("role_not_held"));
    // Signed in anew she has no part at the desk, though her naming counts for eleven months to come.
    let (_, none) = at_desk(&matron, "nadia", 0).await;
    assert_eq!(none.refusal().as_deref(), Some("actor_role_missing"));
    let api = Api::of(&matron, "nadia").await;
    let refused = invite(&api, &noah, "temporary").await;
    assert_eq!(refused.code(), "actor_role_missing");
    let live = "SELECT deputy_id FROM ward_deputy WHERE ended_at IS NULL";
    assert_eq!(matron.texts(live).len(), 1);
}
