//! The real house with the people of its desks.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ca::keys::{Algorithm, FileKey, Repeats};
use policies::ids::UserId;
use policies::rbac::Rbac;
use policies::signin::Aal;
use policies::time::Time;
use ring::rand::SystemRandom;

use super::super::house::{House, START, desk, in_session, new_person};
use super::key::Moody;
use super::state::{EVERYBODY, Kind, SPONSOR_ENDS, Who};
use crate::audit::{Actor, OperatorName};
use crate::clock_mark::{self, ClockTrust};
use crate::codes::CodeHouse;
use crate::desk::DeskSession;
use crate::journeys::grant_role::{NewRole, grant_role};
use crate::journeys::register_organisation::register_organisation;
use crate::journeys::register_person::register_person;
use crate::register::Organisation;
use crate::role_keys::RoleKeys;
use crate::store::Store;
use crate::vault::Vault;

/// The house, its desks, and the key.
pub(in super::super) struct World {
    pub(in super::super) house: House,
    pub(super) forgetful: bool,
    pub(in super::super) refuses: Arc<AtomicBool>,
    pub(super) rbac: Arc<Rbac>,
    /// The processes: each with a store of its own on one database.
    nodes: Vec<(House, CodeHouse)>,
}

/// Somebody with nothing special about her.
pub(super) const PLAIN: Kind = Kind {
    staff: false,
    verified: true,
    terms: true,
};

impl World {
    pub(in super::super) async fn new(store: Store, forgetful: bool) -> Self {
        let refuses = Arc::new(AtomicBool::new(false));
        let key = Moody {
            key: FileKey::generate(Algorithm::P256).unwrap(),
            repeats: if forgetful {
                Repeats::Randomised
            } else {
                Repeats::Deterministic
            },
            refuses: Arc::clone(&refuses),
        };
        let mut house = House::with_key(store, Arc::new(key)).await;
        house.issuing.clock = ClockTrust::FileIsTruth;
        organisations(&house).await;
        // The model asks by person after each step; nobody else does.
        for sql in [
            "CREATE INDEX model_intent ON intent (user_id)",
            "CREATE INDEX model_certificate ON certificate (user_id)",
            "CREATE INDEX model_outbox ON outbox (address)",
        ] {
            house.execute(sql, Vec::new()).await.unwrap();
        }
        let world = Self {
            nodes: vec![(house.clone(), codes(&house))],
            house,
            forgetful,
            refuses,
            rbac: Arc::new(Rbac::default_file()),
        };
        for who in EVERYBODY.into_iter().filter(|who| *who != Who::Holder) {
            person(&world.house, number(who), who, PLAIN).await;
        }
        world
    }

    /// The same with a clock that is watched, and with as many processes as there are stores.
    pub(super) async fn watched(stores: Vec<Store>, forgetful: bool) -> Self {
        let mut stores = stores.into_iter();
        let mut world = Self::new(stores.next().unwrap(), forgetful).await;
        world.house.issuing.clock = ClockTrust::Guarded;
        let others = stores.map(|store| {
            let mut other = world.house.clone();
            other.issuing.store = store;
            other
        });
        let houses = std::iter::once(world.house.clone()).chain(others);
        world.nodes = houses.map(|house| (house.clone(), codes(&house))).collect();
        world
    }

    /// One of the processes.
    pub(super) fn node(&self, number: usize) -> &(House, CodeHouse) {
        &self.nodes[number % self.nodes.len()]
    }

    /// Every history begins at the same second: two operators say so.
    pub(super) async fn begin(&self) {
        let operators: [OperatorName; 2] = ["one", "two"].map(|name| name.parse().unwrap());
        clock_mark::reset(self.house.store(), START, operators)
            .await
            .unwrap();
    }

    /// Somebody of the first authority, with or without a role at its desk.
    pub(in super::super) async fn holder(&self, number: usize, staff: bool) -> UserId {
        self.special(number, Kind { staff, ..PLAIN }).await
    }

    /// The same, of any kind.
    pub(super) async fn special(&self, number: usize, kind: Kind) -> UserId {
        let who = if kind.staff {
            Who::Manager
        } else {
            Who::Holder
        };
        person(&self.house, number, who, kind).await
    }

    /// One of the desk people, signed in under her role.
    pub(in super::super) fn session(&self, who: Who) -> DeskSession {
        let number = number(who);
        let user_id: UserId = format!("5550{number:08}").parse().unwrap();
        DeskSession {
            signed_in: in_session(&user_id, Aal::Aal3),
            user_id,
            role_id: format!("5551{number:08}").parse().unwrap(),
            rbac: Arc::clone(&self.rbac),
            role_keys: RoleKeys::open(),
        }
    }
}

fn codes(house: &House) -> CodeHouse {
    CodeHouse {
        store: house.store().clone(),
        vault: Arc::new(Vault::from_bytes(&[7; 32]).unwrap()),
        policy: Arc::clone(house.policy()),
        chance: SystemRandom::new(),
        clock: ClockTrust::Guarded,
    }
}

/// Registers a person with the one role that she has.
async fn person(house: &House, number: usize, who: Who, kind: Kind) -> UserId {
    let mut new = new_person(u32::try_from(number).unwrap());
    let user_id = new.user_id.clone();
    if !kind.verified {
        new.id_assurance_level = 0;
        new.home_ra = Some("RAH".parse().unwrap());
    }
    if !kind.terms {
        new.terms_version = None;
    }
    register_person(house.store(), house.policy(), new, &desk(), START)
        .await
        .unwrap();
    if !kind.verified {
        // Nobody gives her a role.
        return user_id;
    }
    let (job, activity) = match who {
        Who::Manager | Who::Stranger => ("S0080:G0450:R5080", None),
        Who::Agent => ("S0080:G0450:R5090", None),
        Who::Admin => ("S8000:G8000:R8000", Some("B9802")),
        Who::Sponsor => ("S8000:G8000:R8000", Some("B1300")),
        Who::ServiceDesk => ("S8000:G8000:R8000", Some("B9803")),
        Who::Holder => ("S8000:G8000:R8000", None),
    };
    let role = NewRole {
        role_id: format!("5551{number:08}").parse().unwrap(),
        user_id: user_id.clone(),
        org_code: if who == Who::Stranger { "RAS" } else { "RAH" }
            .parse()
            .unwrap(),
        person_orgid: format!("5552{number:08}").parse().unwrap(),
        job_role: job.parse().unwrap(),
        role_name: "\"A\":\"B\":\"C\"".into(),
        activities: activity
            .map(|code| policies::role::CodedName {
                code: code.into(),
                name: "Activity".into(),
            })
            .into_iter()
            .collect(),
        areas_of_work: Vec::new(),
        workgroups: Vec::new(),
        starts_at: START,
        ends_at: (who == Who::Sponsor).then_some(Time::from_unix(SPONSOR_ENDS)),
    };
    grant_role(house.store(), house.policy(), role, &desk(), START)
        .await
        .unwrap();
    user_id
}

/// Both registration authorities.
async fn organisations(house: &House) {
    for code in ["RAH", "RAS"] {
        let organisation = Organisation {
            org_code: code.parse().unwrap(),
            name: code.into(),
            hosted_by: None,
            desk_hours: String::new(),
            desk_contact: String::new(),
            address: "1 High Street".into(),
        };
        register_organisation(house.store(), organisation, &Actor::System, START)
            .await
            .unwrap();
    }
}

/// The number of a desk person.
fn number(who: Who) -> usize {
    EVERYBODY.iter().position(|one| *one == who).unwrap() + 1
}
