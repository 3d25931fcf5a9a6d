//! A person leaves (domain 5.4 T18): her card is cancelled, her other
//! authenticators go, her roles end and what she is named for, her profile is closed,
//! in one transaction. Her number and her history stay.

use std::sync::Arc;

use policies::card::{CancelReason, CardState};
use policies::ids::UserId;
use policies::lifecycle::{self, Canceller, PersonFacts};
use policies::permit::ClosePermit;
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::{JourneyError, MOVED, Subject, authenticator, cancel_card, deputy};
use crate::audit::{Actor, Event};
use crate::desk::Desk;
use crate::store::{Key, Store, Tx, cards, invitations, people, roles};

/// Closes the profile; a closed one is answered as done.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::lifecycle::close_person` does, `identity_closed`
/// excepted.
pub async fn close_person(
    store: &Store,
    policy: &Arc<Policy>,
    user_id: &UserId,
    by: impl Into<Desk>,
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, user_id, by) = (Arc::clone(policy), user_id.clone(), by.into());
    store
        .write(
            "close_person",
            Key::of("person", user_id.clone().as_str()),
            move |tx| {
                let (policy, user_id, by) = (Arc::clone(&policy), user_id.clone(), by.clone());
                Box::pin(async move {
                    let person = people::find(tx, &user_id)
                        .await?
                        .ok_or(RefusalCode::NotFound)?;
                    let facts = PersonFacts {
                        user_id,
                        version: person.version,
                        open: person.open,
                    };
                    let by = by.actor(tx, &facts.user_id, now).await?;
                    match lifecycle::close_person(&facts, &by.facts(&facts.user_id), now, &policy) {
                        Ok(permit) => spend(tx, permit, &by.actor, &policy).await,
                        Err(refusal) if refusal.code == RefusalCode::IdentityClosed => Ok(()),
                        Err(refusal) => Err(refusal.into()),
                    }
                })
            },
        )
        .await
}

async fn spend(
    tx: Tx<'_>,
    permit: ClosePermit,
    actor: &Actor,
    policy: &Policy,
) -> Result<(), JourneyError> {
    let (user_id, now) = (permit.user_id(), permit.decided_at());
    let card = cards::newest_of(tx, user_id).await?;
    if let Some(card) = card.filter(|card| card.state != CardState::Cancelled) {
        let subject = Subject::of_card(tx, &card.number).await?;
        let reason = Some(CancelReason::IdentityClosed);
        let cancel = lifecycle::cancel(
            &subject.facts(),
            &Canceller::Closure(&permit),
            reason,
            now,
            policy,
        )?;
        cancel_card::spend(tx, cancel, actor).await?;
    }
    for role in roles::end_all(tx, user_id, now).await? {
        let event = Event::RoleEnded {
            actor: actor.clone(),
            person: user_id.clone(),
            role,
        };
        tx.audit(now, &event).await?;
    }
    deputy::end_all(tx, user_id, actor, now).await?;
    invitations::withdraw(tx, user_id, now).await?;
    authenticator::remove_all(tx, user_id, actor, now).await?;
    if !people::close(tx, user_id, permit.person_version(), now).await? {
        return Err(MOVED.into());
    }
    let event = Event::PersonClosed {
        actor: actor.clone(),
        person: user_id.clone(),
    };
    tx.audit(now, &event).await?;
    Ok(())
}
