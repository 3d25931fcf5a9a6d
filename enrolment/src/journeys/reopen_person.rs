//! A person comes back (domain 5.4 T19): her profile is open again under her old number; no card
//! and no position comes back with it.

use std::sync::Arc;

use policies::handling::{self, ReopenFacts};
use policies::ids::UserId;
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::{JourneyError, MOVED};
use crate::audit::Event;
use crate::desk::Desk;
use crate::store::{Key, Store, people};

/// Reopens the profile; an open one is answered as done.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::handling::reopen_person` does.
pub async fn reopen_person(
    store: &Store,
    policy: &Arc<Policy>,
    user_id: UserId,
    by: impl Into<Desk>,
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, by) = (Arc::clone(policy), by.into());
    store
        .write(
            "reopen_person",
            Key::of("person", user_id.clone().as_str()),
            move |tx| {
                let (policy, by, user_id) = (Arc::clone(&policy), by.clone(), user_id.clone());
                Box::pin(async move {
                    let person = people::find(tx, &user_id)
                        .await?
                        .ok_or(RefusalCode::NotFound)?;
                    let actor = by.actor(tx, &user_id, now).await?;
                    let facts = ReopenFacts {
                        user_id,
                        version: person.version,
                        closed_at: person.closed_at,
                    };
                    let asked = actor.facts(&facts.user_id);
                    let permit = handling::reopen_person(&facts, &asked, now, &policy)?;
                    if person.open {
                        return Ok(());
                    }
                    let version = permit.person_version();
                    if !people::reopen(tx, permit.user_id(), version).await? {
                        return Err(MOVED.into());
                    }
                    let event = Event::PersonReopened {
                        actor: actor.actor,
                        person: permit.user_id().clone(),
                    };
                    tx.audit(now, &event).await?;
                    Ok(())
                })
            },
        )
        .await
}
