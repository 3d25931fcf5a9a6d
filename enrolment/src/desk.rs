//! Who stands at the desk, what she attests, and the works she begins (contract 5). A desk person
//! acts under the one role of her session; role and reach are read again in the transaction that
//! decides (house decision 8).

use std::sync::Arc;

use policies::access::ActorRole;
use policies::card::CardState;
use policies::deputy::{self, Ward};
use policies::ids::{CardNumber, OrgCode, RoleId, UserId};
use policies::rbac::{Rbac, actor_roles};
use policies::refusal::RefusalCode;
use policies::renewal::RepairReason;
use policies::signin::Aal;
use policies::time::{Span, Time};

use crate::audit::{Actor, Event, Reference};
use crate::deputies::NamedDeputy;
use crate::desk_parts::is_ra_staff;
use crate::journeys::{DeskActor, JourneyError, Subject, fresh_id};
use crate::role_keys::{Opener, RoleKeys};
use crate::signed_in::SignedIn;
use crate::store::desk_works::{self, Work};
use crate::store::{Key, Store, Tx, deputies, organisations, people, roles};

pub use crate::work_kind::WorkKind;

/// How long a work may take from its nonce to its requests (contract 5).
pub const WORK_LIFE: Span = Span::minutes(10);

/// Somebody signed in for the desk, under one role.
#[derive(Clone, Debug)]
pub struct DeskSession {
    /// Who.
    pub user_id: UserId,
    /// The role she chose.
    pub role_id: RoleId,
    /// What the role may do.
    pub rbac: Arc<Rbac>,
    /// Her session.
    pub signed_in: SignedIn,
    /// What the roles of the house ask of what opened it.
    pub role_keys: RoleKeys,
}

/// What a desk person is when she acts, whomever it is about.
#[derive(Clone, Debug)]
pub struct DeskStanding {
    /// The parts she plays under her role.
    pub roles: Vec<ActorRole>,
    /// The registration authority that she acts for.
    pub authority: Option<OrgCode>,
    /// The wards whose named deputy she is under her role, towards their people only.
    pub wards: Vec<Ward>,
}

impl DeskStanding {
    /// Every part that she may play towards somebody.
    pub fn parts(&self) -> Vec<ActorRole> {
        let deputy = (!self.wards.is_empty()).then_some(ActorRole::WardDeputy);
        self.roles.iter().copied().chain(deputy).collect()
    }
}

impl DeskSession {
    /// Her parts and her registration authority, read now.
    ///
    /// # Errors
    /// Refuses with `identity_closed` when her profile is closed, with `reauthentication_needed` when
    /// her session lives no more, with `session_level_too_low` when it is not of AAL3, with
    /// `role_not_held` when her role has ended or been suspended, with `model_not_allowed` or
    /// `attestation_missing` when what she signed in with does not open that role.
    pub async fn standing(&self, tx: Tx<'_>, now: Time) -> Result<DeskStanding, JourneyError> {
        people::find(tx, &self.user_id)
            .await?
            .filter(|person| person.open)
            .ok_or(RefusalCode::IdentityClosed)?;
        let live = self.signed_in.live(tx, &self.user_id, now).await?;
        if live.standing.aal < Aal::Aal3 {
            return Err(RefusalCode::SessionLevelTooLow.into());
        }
        let opener = Opener {
            authenticator: live.authenticator,
            role_keys: self.role_keys.clone(),
        };
        let roles = opener.roles(tx, &self.user_id).await?;
        let role = roles.choose(&self.role_id, now)?;
        // Only a role with a workgroup can be a deputy's: desks of other roles are not asked.
        let namings = if role.held().workgroups.is_empty() {
            Vec::new()
        } else {
            deputies::unended_of(tx, &self.user_id).await?
        };
        let namings: Vec<_> = namings.iter().map(NamedDeputy::naming).collect();
        Ok(DeskStanding {
            roles: actor_roles(role.held(), &self.rbac),
            authority: organisations::authority_of(tx, &role.held().org_code).await?,
            wards: deputy::acts_for(role.held(), &namings, now),
        })
    }
}

/// Who acts at a desk.
#[derive(Clone, Debug)]
pub enum Desk {
    /// A person under her session's role; parts and reach are read when the act is judged.
    Session(DeskSession),
    /// An operator, or the system, whose parts are known.
    Known(DeskActor),
}

impl From<&DeskActor> for Desk {
    fn from(actor: &DeskActor) -> Self {
        Self::Known(actor.clone())
    }
}

impl From<DeskActor> for Desk {
    fn from(actor: DeskActor) -> Self {
        Self::Known(actor)
    }
}

impl From<DeskSession> for Desk {
    fn from(session: DeskSession) -> Self {
        Self::Session(session)
    }
}

impl Desk {
    /// Who acts, as the law sees her towards this person, now.
    ///
    /// # Errors
    /// As [`DeskSession::standing`].
    pub(crate) async fn actor(
        &self,
        tx: Tx<'_>,
        subject: &UserId,
        now: Time,
    ) -> Result<DeskActor, JourneyError> {
        let session = match self {
            Self::Known(actor) => return Ok(actor.clone()),
            Self::Session(session) => session,
        };
        let standing = session.standing(tx, now).await?;
        let in_scope = match &standing.authority {
            Some(authority) => organisations::looks_after(tx, authority, subject).await?,
            None => false,
        };
        let helps = if standing.wards.is_empty() {
            false
        } else {
            deputy::is_colleague(&standing.wards, &roles::held(tx, subject).await?, now)
        };
        let roles = if helps {
            standing.parts()
        } else {
            standing.roles
        };
        Ok(DeskActor {
            actor: Actor::Person(session.user_id.clone()),
            roles,
            in_scope,
        })
    }

    /// Whether somebody works for a registration authority now, as far as this desk can tell: one that
    /// knows no roles takes everybody for such.
    pub(crate) async fn is_ra_staff(
        &self,
        tx: Tx<'_>,
        user_id: &UserId,
        now: Time,
    ) -> Result<bool, crate::StoreError> {
        match self {
            Self::Session(session) => is_ra_staff(tx, user_id, &session.rbac, now).await,
            Self::Known(_) => Ok(true),
        }
    }

    /// The person who acts; operators and the system are none.
    pub(crate) fn person(&self) -> Option<&UserId> {
        match self {
            Self::Session(session) => Some(&session.user_id),
            Self::Known(actor) => actor.person(),
        }
    }

    /// Who acts, for the trail.
    pub(crate) fn trail(&self) -> Actor {
        match self {
            Self::Session(session) => Actor::Person(session.user_id.clone()),
            Self::Known(actor) => actor.actor.clone(),
        }
    }
}

/// What the desk says about the holder, and why it acts.
#[derive(Clone, Debug, Default)]
pub struct Attestation {
    /// The holder is here, with her card.
    pub holder_present: bool,
    /// Her face was compared with the photo on record.
    pub photo_compared: bool,
    /// Why a card is repaired.
    pub reason: Option<RepairReason>,
    /// References of the identity evidence that was looked at.
    pub evidence: Vec<Reference>,
}

/// The attestation as it goes on record with the set.
#[derive(Clone, Debug)]
pub(crate) struct Attested {
    pub(crate) actor: UserId,
    pub(crate) second_actor: Option<UserId>,
    pub(crate) holder_present: bool,
    pub(crate) photo_compared: bool,
    pub(crate) out_of_area: bool,
    pub(crate) reason: Option<RepairReason>,
    pub(crate) evidence: Vec<String>,
}

/// A work that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BegunWork {
    /// Names the work.
    pub work_id: String,
    /// The card.
    pub card: CardNumber,
    /// Goes into each request as `challengePassword`.
    pub nonce: String,
    /// The last second of the work.
    pub expires_at: Time,
    /// Whether another desk person must stand behind it.
    pub second_actor_needed: bool,
}

/// Begins a work on this card. Asked here: reach, not oneself, role, an open person, a card that
/// has not ended; the guards of the act follow with the requests.
///
/// # Errors
/// Refuses with `not_found`, the questions of `policies::access::ask`, `identity_closed` and
/// `card_cancelled`.
pub async fn start_work(
    store: &Store,
    policy: &Arc<policies::values::Policy>,
    wanted: (CardNumber, WorkKind),
    by: DeskSession,
    now: Time,
) -> Result<BegunWork, JourneyError> {
    let ids = (fresh_id()?, fresh_id()?);
    let policy = Arc::clone(policy);
    store
        .write("desk.start_work", Key::none(), move |tx| {
            let (policy, by, ids) = (Arc::clone(&policy), by.clone(), ids.clone());
            let (card, kind) = wanted.clone();
            Box::pin(async move {
                let subject = Subject::of_card(tx, &card).await?;
                let holder = &subject.person.user_id;
                let rbac = Arc::clone(&by.rbac);
                let desk = Desk::from(by);
                let actor = desk.actor(tx, holder, now).await?;
                policies::access::ask(&policy, &actor.facts(holder), kind.task())?;
                if !subject.person.open {
                    return Err(RefusalCode::IdentityClosed.into());
                }
                if subject.card.state == CardState::Cancelled {
                    return Err(RefusalCode::CardCancelled.into());
                }
                let work = Work {
                    id: ids.0,
                    card,
                    user_id: holder.clone(),
                    kind,
                    actor: desk.person().ok_or(RefusalCode::ActorRoleMissing)?.clone(),
                    second_actor: None,
                    nonce: ids.1,
                    started_at: now,
                    intent_id: None,
                };
                desk_works::begin(tx, &work).await?;
                let event = Event::DeskWorkStarted {
                    actor: actor.actor,
                    person: work.user_id.clone(),
                    card: work.card.clone(),
                    task: crate::audit::Code::of(kind.as_str()),
                };
                tx.audit(now, &event).await?;
                let second_actor_needed =
                    kind == WorkKind::Reissue && is_ra_staff(tx, &work.user_id, &rbac, now).await?;
                Ok(BegunWork {
                    work_id: work.id,
                    card: work.card,
                    nonce: work.nonce,
                    expires_at: now.plus(WORK_LIFE),
                    second_actor_needed,
                })
            })
        })
        .await
}

/// The card that a work is about, if this desk person began it.
///
/// # Errors
/// What the store says.
pub async fn card_of_work(
    store: &Store,
    work_id: &str,
    by: &UserId,
) -> Result<Option<CardNumber>, crate::StoreError> {
    let (work_id, by) = (work_id.to_owned(), by.clone());
    store
        .read("desk.card_of_work", move |tx| {
            let (work_id, by) = (work_id.clone(), by.clone());
            Box::pin(async move {
                let work = desk_works::find(tx, &work_id).await?;
                Ok(work.filter(|work| work.actor == by).map(|work| work.card))
            })
        })
        .await
}

/// Another desk person, who has looked too, stands behind a reissue for a colleague.
///
/// # Errors
/// Refuses with `not_found` for a work that is unknown, spent, over or seconded by somebody else,
/// with `second_actor_needed` for whoever began it, and with the questions of
/// `policies::access::ask`.
pub async fn second_work(
    store: &Store,
    policy: &Arc<policies::values::Policy>,
    work_id: &str,
    by: DeskSession,
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, work_id) = (Arc::clone(policy), work_id.to_owned());
    store
        .write(
            "desk.second_work",
            Key::of("work", &work_id.clone()),
            move |tx| {
                let (policy, by, work_id) = (Arc::clone(&policy), by.clone(), work_id.clone());
                Box::pin(async move {
                    let work = desk_works::find(tx, &work_id)
                        .await?
                        .filter(|work| now <= work.started_at.plus(WORK_LIFE))
                        .ok_or(RefusalCode::NotFound)?;
                    let second = by.user_id.clone();
                    if work.second_actor.as_ref() == Some(&second) {
                        return Ok(());
                    }
                    let actor = Desk::from(by).actor(tx, &work.user_id, now).await?;
                    let task = work.kind.task();
                    policies::access::ask(&policy, &actor.facts(&work.user_id), task)?;
                    if work.actor == second {
                        return Err(RefusalCode::SecondActorNeeded.into());
                    }
                    if !desk_works::second(tx, &work_id, &second).await? {
                        return Err(RefusalCode::NotFound.into());
                    }
                    let event = Event::DeskWorkSeconded {
                        actor: actor.actor,
                        person: work.user_id,
                        card: work.card,
                        task: crate::audit::Code::of(work.kind.as_str()),
                    };
                    tx.audit(now, &event).await?;
                    Ok(())
                })
            },
        )
        .await
}
