//! What became of an act, for pages and API alike: a refusal leaves its line in the trail and
//! learns who can help; nothing else does either.

use enrolment::audit::{Actor, Code, Event};
use enrolment::journeys::JourneyError;
use enrolment::store::{Key, StoreError};
use policies::ids::{CardNumber, UserId};
use policies::refusal::Refusal;

use crate::door::Arrival;
use crate::error::{Failure, Refused};
use crate::house::Shared;

/// Whom and what an act is about, as far as is known when it is refused.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Who acts.
    pub actor: Option<Actor>,
    /// Whom it is about.
    pub person: Option<UserId>,
    /// Which card.
    pub card: Option<CardNumber>,
}

impl About {
    /// Somebody at a desk, about this card.
    pub fn desk(actor: &UserId, card: Option<CardNumber>) -> Self {
        Self {
            actor: Some(Actor::Person(actor.clone())),
            person: None,
            card,
        }
    }

    /// Somebody at a desk, about the card of her work.
    ///
    /// # Errors
    /// What the store says.
    pub async fn work(house: &Shared, actor: &UserId, work_id: &str) -> Result<Self, Failure> {
        let card = enrolment::desk::card_of_work(&house.store, work_id, actor).await?;
        Ok(Self::desk(actor, card))
    }

    /// Somebody at a desk, about this person.
    pub fn person(actor: &UserId, person: UserId) -> Self {
        Self {
            person: Some(person),
            ..Self::desk(actor, None)
        }
    }

    /// Somebody about herself.
    pub fn herself(person: &UserId) -> Self {
        Self {
            actor: Some(Actor::Holder(person.clone())),
            person: Some(person.clone()),
            card: None,
        }
    }
}

/// The answer of a journey, or its refusal with a line in the trail and the people who can help.
///
/// # Errors
/// The refusal, or what went wrong.
pub async fn settle<T>(
    house: &Shared,
    arrival: &Arrival,
    task: &'static str,
    about: About,
    done: Result<T, JourneyError>,
) -> Result<T, Failure> {
    match done {
        Ok(answer) => Ok(answer),
        Err(JourneyError::Refused(refusal)) => {
            Err(refuse(house, arrival, task, about, refusal).await?.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Records the refusal and adds who can help.
///
/// # Errors
/// What the store says.
pub async fn refuse(
    house: &Shared,
    arrival: &Arrival,
    task: &'static str,
    about: About,
    refusal: Refusal,
) -> Result<Refused, Failure> {
    let reference = arrival
        .correlation
        .as_str()
        .parse()
        .map_err(Failure::internal)?;
    let (now, rbac) = (arrival.now, house.rbac.clone());
    let roles = refusal.helper_roles.clone();
    let event = Event::ActRefused {
        actor: about.actor.clone(),
        person: about.person.clone(),
        card: about.card.clone(),
        task: Code::of(task),
        code: refusal.code,
        reference,
    };
    // A stranger who has proven nothing may fill no trail.
    let leaves_a_line = about.actor.is_some() || arrival.may_leave_a_line();
    let helpers = house
        .store
        .write::<_, StoreError, _>("act.refused", Key::none(), move |tx| {
            let (event, about) = (event.clone(), about.clone());
            let (roles, rbac) = (roles.clone(), rbac.clone());
            Box::pin(async move {
                if leaves_a_line {
                    tx.audit(now, &event).await?;
                }
                enrolment::helpers::near(tx, (about.person, about.card), &roles, &rbac, now).await
            })
        })
        .await?;
    let helpers = helpers
        .into_iter()
        .map(|helper| wire::problem::Helper {
            name: helper.name,
            org: helper.organisation,
            hours: helper.hours,
            contact: helper.contact,
        })
        .collect();
    Ok(Refused {
        helpers,
        ..Refused::new(refusal)
    })
}
