//! The real house with the people of its desks, and one history's holder in it: every deed of the
//! model done by the journeys themselves.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ca::authority::Signed;
use ca::keys::{Algorithm, FileKey, Repeats};
use policies::access::ActorRole;
use policies::card::KeyRole;
use policies::ids::{CardNumber, IntentId, Serial, UserId};
use policies::rbac::Rbac;
use policies::renewal::RepairReason;
use policies::time::Time;
use rcgen::KeyPair;

use super::super::house::{House, START, desk, request};
use super::key::Moody;
use super::law::{Ask, Ground};
use super::state::{EVERYBODY, SPONSOR_ENDS, Who};
use crate::audit::Actor;
use crate::clock_mark::ClockTrust;
use crate::desk::{Attestation, DeskSession, WorkKind};
use crate::journeys::desk_card::{self, DeskCard};
use crate::journeys::first_card::{self, FirstCard};
use crate::journeys::grant_role::{NewRole, grant_role};
use crate::journeys::register_organisation::register_organisation;
use crate::journeys::renewal::{self, Restart};
use crate::journeys::self_renew::{self, SelfRenewal};
use crate::journeys::{DeskActor, IdempotencyKey, JourneyError};
use crate::ledger::Presented;
use crate::register::Organisation;
use crate::requests::CertificateRequest;
use crate::store::Store;

/// The house, its desks, and the key.
pub(in super::super) struct World {
    pub(in super::super) house: House,
    pub(super) forgetful: bool,
    pub(in super::super) refuses: Arc<AtomicBool>,
    rbac: Arc<Rbac>,
}

/// What a deed gave for real; the model's numbers are compared later.
pub(super) enum Real {
    Nothing,
    Set(IntentId),
    Stage(&'static str),
}

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
        ] {
            house.execute(sql, Vec::new()).await.unwrap();
        }
        let world = Self {
            house,
            forgetful,
            refuses,
            rbac: Arc::new(Rbac::default_file()),
        };
        for who in EVERYBODY.into_iter().filter(|who| *who != Who::Holder) {
            person(&world.house, number(who), who).await;
        }
        world
    }
}

impl World {
    /// Somebody of the first authority, with or without a role at its desk.
    pub(in super::super) async fn holder(&self, number: usize, staff: bool) -> UserId {
        let who = if staff { Who::Manager } else { Who::Holder };
        person(&self.house, number, who).await
    }

    /// One of the desk people, signed in under her role.
    pub(in super::super) fn session(&self, who: Who) -> DeskSession {
        let number = number(who);
        DeskSession {
            user_id: format!("5550{number:08}").parse().unwrap(),
            role_id: format!("5551{number:08}").parse().unwrap(),
            rbac: Arc::clone(&self.rbac),
        }
    }
}

/// Registers a person with the one role that she has.
async fn person(house: &House, number: usize, who: Who) -> UserId {
    let user_id = house.person(u32::try_from(number).unwrap()).await;
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
            address: String::new(),
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

/// One certificate as the card would show it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) authentication: Serial,
    pub(super) signature: Serial,
}

impl Shown {
    pub(super) fn both(self) -> Vec<Serial> {
        vec![self.authentication, self.signature]
    }
}

/// The holder of one history, and what her card and the desks remember.
pub(super) struct Holder {
    pub(super) user_id: UserId,
    number: usize,
    /// The intents in the order of the model's sets.
    pub(super) sets: Vec<IntentId>,
    pub(super) shown: Vec<Option<Shown>>,
    /// The card of each set.
    pub(super) card_of: Vec<usize>,
    pub(super) renewals: Vec<(String, String)>,
    pub(super) works: Vec<(String, String, WorkKind)>,
    keys: Vec<[KeyPair; 2]>,
    pub(super) slow: Option<(IntentId, Vec<Signed>)>,
}

impl Holder {
    /// A new person; `number` is hers alone.
    pub(super) async fn new(world: &World, number: usize, staff: bool) -> Self {
        Self {
            user_id: world.holder(number, staff).await,
            number,
            sets: Vec::new(),
            shown: Vec::new(),
            card_of: Vec::new(),
            renewals: Vec::new(),
            works: Vec::new(),
            keys: Vec::new(),
            slow: None,
        }
    }

    pub(super) fn card(&self, card: usize) -> CardNumber {
        format!("9{:08}{card:07}", self.number).parse().unwrap()
    }

    pub(super) fn session(&self, world: &World, who: Who) -> DeskSession {
        if who != Who::Holder {
            return world.session(who);
        }
        let number = self.number;
        DeskSession {
            user_id: self.user_id.clone(),
            role_id: format!("5551{number:08}").parse().unwrap(),
            rbac: Arc::clone(&world.rbac),
        }
    }

    pub(super) fn actor(&self, world: &World, who: Who) -> DeskActor {
        let role = match who {
            Who::Manager | Who::Stranger | Who::Holder => ActorRole::RaManager,
            Who::Agent => ActorRole::RaAgent,
            Who::Admin => ActorRole::LocalSmartcardAdmin,
            Who::Sponsor => ActorRole::Sponsor,
            Who::ServiceDesk => ActorRole::ServiceDesk,
        };
        DeskActor {
            actor: Actor::Person(self.session(world, who).user_id),
            roles: vec![role],
            in_scope: who != Who::Stranger,
        }
    }

    pub(super) fn presented(&self, world: &World, set: usize, signature: bool) -> Presented {
        let shown = self.shown[set].clone().expect("it was released");
        Presented {
            issuer: world.house.issuer(),
            serial: if signature {
                shown.signature
            } else {
                shown.authentication
            },
        }
    }

    fn requests(&mut self, ask: &Ask) -> Vec<CertificateRequest> {
        while self.keys.len() <= ask.keys {
            self.keys
                .push([KeyPair::generate().unwrap(), KeyPair::generate().unwrap()]);
        }
        let nonce = match ask.ground {
            Ground::First { work: None, .. } => None,
            Ground::First {
                work: Some(work), ..
            }
            | Ground::Desk { work, .. } => Some(&self.works[work].1),
            Ground::Renewal { renewal, .. } | Ground::Restart { renewal, .. } => {
                Some(&self.renewals[renewal].1)
            }
        };
        let nonce = nonce.map(|nonce| if ask.nonce { nonce.as_str() } else { "guessed" });
        let keys = &self.keys[ask.keys];
        let second = if ask.twice { &keys[0] } else { &keys[1] };
        [
            (KeyRole::Authentication, &keys[0]),
            (KeyRole::Signature, second),
        ]
        .map(|(key_role, key)| CertificateRequest {
            key_role,
            csr: request(key, nonce),
        })
        .into()
    }

    pub(super) async fn ask(
        &mut self,
        world: &World,
        ask: Ask,
        now: Time,
    ) -> Result<Real, JourneyError> {
        let requests = self.requests(&ask);
        let key: IdempotencyKey = format!("key-{}", ask.idem).parse().unwrap();
        let issuing = &world.house.issuing;
        let set = match ask.ground {
            Ground::First { by, work: None } => {
                let wanted = FirstCard {
                    user_id: self.user_id.clone(),
                    card: self.card(ask.card),
                    requests,
                    nonce: None,
                    idempotency_key: key,
                };
                first_card::issue(issuing, wanted, self.session(world, by), now).await?
            }
            Ground::Renewal { renewal, shown } => {
                let wanted = SelfRenewal {
                    presented: self.presented(world, shown, false),
                    renewal_id: self.renewals[renewal].0.clone(),
                    requests,
                    idempotency_key: key,
                };
                self_renew::renew(issuing, wanted, now).await?
            }
            Ground::Restart { renewal, shown } => {
                let wanted = Restart {
                    presented: self.presented(world, shown, false),
                    renewal_id: self.renewals[renewal].0.clone(),
                    requests,
                    idempotency_key: key,
                };
                renewal::restart(issuing, wanted, now).await?
            }
            Ground::First {
                by,
                work: Some(work),
            } => {
                self.at_desk(world, (work, by), (requests, key), (true, true, false), now)
                    .await?
            }
            Ground::Desk {
                work,
                by,
                seen,
                reason,
                again,
            } => {
                self.at_desk(
                    world,
                    (work, by),
                    (requests, key),
                    (seen, reason, again),
                    now,
                )
                .await?
            }
        };
        Ok(Real::Set(set.set_id))
    }

    async fn at_desk(
        &self,
        world: &World,
        (work, by): (usize, Who),
        (requests, key): (Vec<CertificateRequest>, IdempotencyKey),
        (seen, reason, restart): (bool, bool, bool),
        now: Time,
    ) -> Result<crate::cards::CertificateSet, JourneyError> {
        let wanted = DeskCard {
            work_id: self.works[work].0.clone(),
            requests,
            attestation: Attestation {
                holder_present: seen,
                photo_compared: seen,
                reason: reason.then_some(RepairReason::CannotSignIn),
                evidence: Vec::new(),
            },
            restart,
            idempotency_key: Some(key),
        };
        let kind = self.works[work].2;
        desk_card::issue(
            &world.house.issuing,
            kind,
            wanted,
            self.session(world, by),
            now,
        )
        .await
    }
}
