//! The holder has told the desk that her card arrived (F16); its first use asks about this (domain
//! 5.4 T4).

use std::sync::Arc;

use policies::handling;
use policies::ids::CardNumber;
use policies::time::Time;
use policies::values::Policy;

use super::{JourneyError, MOVED, Subject};
use crate::audit::Event;
use crate::desk::Desk;
use crate::store::{Key, Store, handling as rows};

/// Records the arrival; one that is on record already is answered as done.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::handling::receipt` does.
pub async fn confirm_receipt(
    store: &Store,
    policy: &Arc<Policy>,
    card: CardNumber,
    by: impl Into<Desk>,
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, by) = (Arc::clone(policy), by.into());
    store
        .write(
            "confirm_receipt",
            Key::of("card", card.clone().as_str()),
            move |tx| {
                let (policy, by, card) = (Arc::clone(&policy), by.clone(), card.clone());
                Box::pin(async move {
                    let subject = Subject::of_card(tx, &card).await?;
                    let holder = &subject.person.user_id;
                    let actor = by.actor(tx, holder, now).await?;
                    let facts = actor.facts(holder);
                    let permit = handling::receipt(&subject.facts(), &facts, now, &policy)?;
                    let journey = rows::journey(tx, &card).await?;
                    if journey.receipt_confirmed_at.is_some() {
                        return Ok(());
                    }
                    if !rows::receive(tx, &permit).await? {
                        return Err(MOVED.into());
                    }
                    let event = Event::CardReceived {
                        actor: actor.actor,
                        person: permit.user_id().clone(),
                        card,
                    };
                    tx.audit(now, &event).await?;
                    Ok(())
                })
            },
        )
        .await
}
