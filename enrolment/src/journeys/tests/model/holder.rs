//! One history's holder in the real house, and what her card and the desks remember of it.

use std::sync::Arc;

use ca::authority::Signed;
use policies::access::ActorRole;
use policies::card::KeyRole;
use policies::ids::{CardNumber, IntentId, Serial, UserId};
use policies::renewal::RepairReason;
use policies::signin::Aal;
use policies::time::Time;
use rcgen::KeyPair;

use super::super::house::{House, in_session, request};
use super::law::{Ask, Ground};
use super::state::{Kind, Who};
use super::world::World;
use crate::audit::Actor;
use crate::codes::CodeHouse;
use crate::desk::{Attestation, DeskSession, WorkKind};
use crate::journeys::desk_card::{self, DeskCard};
use crate::journeys::first_card::{self, FirstCard};
use crate::journeys::renewal::{self, Restart};
use crate::journeys::self_renew::{self, SelfRenewal};
use crate::journeys::{DeskActor, IdempotencyKey, JourneyError};
use crate::ledger::Presented;
use crate::requests::CertificateRequest;
use crate::role_keys::RoleKeys;

/// What a deed gave for real; the model's numbers are compared later.
pub(super) enum Real {
    Nothing,
    Set(IntentId),
    Stage(&'static str),
    Card(CardNumber),
    Code(bool),
    /// What is on the card and what is to be written, of one kind or of both.
    Secrets(Vec<(Option<Vec<u8>>, Vec<u8>)>),
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
#[derive(Clone)]
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
    keys: Vec<Arc<[KeyPair; 2]>>,
    pub(super) slow: Option<(IntentId, Vec<Signed>)>,
    /// The names of the unlocks that were asked for.
    pub(super) unlocks: Vec<String>,
    /// The codes that reached her.
    pub(super) codes: Vec<String>,
    /// The secrets of her cards in the order in which they were made.
    pub(super) secrets: Vec<Vec<u8>>,
    /// The process that is asked next.
    pub(super) node: usize,
}

impl Holder {
    /// A new person; `number` is hers alone.
    pub(super) async fn new(world: &World, number: usize, kind: Kind) -> Self {
        Self {
            user_id: world.special(number, kind).await,
            number,
            sets: Vec::new(),
            shown: Vec::new(),
            card_of: Vec::new(),
            renewals: Vec::new(),
            works: Vec::new(),
            keys: Vec::new(),
            slow: None,
            unlocks: Vec::new(),
            codes: Vec::new(),
            secrets: Vec::new(),
            node: 0,
        }
    }

    pub(super) fn house<'w>(&self, world: &'w World) -> &'w House {
        &world.node(self.node).0
    }

    pub(super) fn code_house<'w>(&self, world: &'w World) -> &'w CodeHouse {
        &world.node(self.node).1
    }

    /// Whether this is that secret; one that is new to her is learned.
    pub(super) fn is_secret(&mut self, number: Option<usize>, value: Option<&[u8]>) -> bool {
        let (Some(number), Some(value)) = (number, value) else {
            return number.is_none() && value.is_none();
        };
        if number == self.secrets.len() {
            self.secrets.push(value.to_vec());
        }
        self.secrets.get(number).is_some_and(|known| known == value)
    }

    pub(super) fn address(&self) -> String {
        format!("person{}@demo.example", self.number)
    }

    /// Makes the keys up to that number.
    pub(super) fn make_keys(&mut self, last: usize) {
        while self.keys.len() <= last {
            let pair = [KeyPair::generate().unwrap(), KeyPair::generate().unwrap()];
            self.keys.push(Arc::new(pair));
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
            signed_in: in_session(&self.user_id, Aal::Aal3),
            role_keys: RoleKeys::open(),
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
        self.make_keys(ask.keys);
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
        let issuing = &self.house(world).issuing;
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
            &self.house(world).issuing,
            kind,
            wanted,
            self.session(world, by),
            now,
        )
        .await
    }
}
