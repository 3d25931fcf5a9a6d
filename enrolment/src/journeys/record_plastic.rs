//! What became of a card's plastic (domain 5.4 T17): returned, destroyed, unaccounted for, or
//! cleared for stock. A card that is found again stays cancelled (F83).

use std::sync::Arc;

use policies::card::PlasticState;
use policies::handling;
use policies::ids::CardNumber;
use policies::time::Time;
use policies::values::Policy;

use super::{JourneyError, Subject};
use crate::audit::Event;
use crate::desk::Desk;
use crate::store::{Key, Store, handling as rows};

/// Records it; what is on record already is answered as done.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::handling::record_plastic` does.
pub async fn record_plastic(
    store: &Store,
    policy: &Arc<Policy>,
    wanted: (CardNumber, PlasticState),
    by: impl Into<Desk>,
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, by) = (Arc::clone(policy), by.into());
    store
        .write(
            "record_plastic",
            Key::of("card", wanted.0.clone().as_str()),
            move |tx| {
                let (policy, by) = (Arc::clone(&policy), by.clone());
                let (card, becomes) = wanted.clone();
                Box::pin(async move {
                    let subject = Subject::of_card(tx, &card).await?;
                    let holder = &subject.person.user_id;
                    let actor = by.actor(tx, holder, now).await?;
                    let facts = actor.facts(holder);
                    // Whoever may not ask learns nothing of what is on record.
                    let task = policies::access::CardAction::Clear;
                    policies::access::ask(&policy, &facts, task)?;
                    let known = rows::plastic(tx, &card).await?;
                    if known == Some(becomes) {
                        return Ok(());
                    }
                    let subject = subject.facts();
                    let change = (known, becomes);
                    let permit = handling::record_plastic(&subject, change, &facts, now, &policy)?;
                    rows::record_plastic(tx, &permit, actor.person()).await?;
                    let event = Event::PlasticRecorded {
                        actor: actor.actor,
                        person: permit.user_id().clone(),
                        card,
                        plastic: permit.becomes(),
                    };
                    tx.audit(now, &event).await?;
                    Ok(())
                })
            },
        )
        .await
}
