//! The switch of an operator: signing in by way of one organisation ends at once, with every session
//! that it opened (attack table 14).

use enrolment::audit::{Actor, Code, Event};
use enrolment::journeys::federated;
use enrolment::store::{Key, Store, StoreError};
use policies::ids::FederationId;
use policies::time::Time;

use crate::store::sessions;

/// Sessions that one transaction ends: some milliseconds, so that nobody's sign-in waits.
const AT_ONCE: u32 = 500;

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turned {
    /// No organisation of that name was ever configured.
    Unknown,
    /// It stood so before.
    AsBefore,
    /// It was turned; so many sessions ended.
    Done(usize),
}

/// Turns the switch of one organisation.
///
/// # Errors
/// What the store says.
pub async fn turn(
    store: &Store,
    id: FederationId,
    on: bool,
    (now, actor): (Time, Actor),
) -> Result<Turned, StoreError> {
    let key = Key::of("federation", id.as_str());
    if on {
        // What is not ended in fact before the switch is on would live again.
        end_what_is_off(store, now).await?;
    }
    let turned = store
        .write("federation.switch", key, move |tx| {
            let (id, actor) = (id.clone(), actor.clone());
            Box::pin(async move { federated::switch(tx, &id, on, &actor, now).await })
        })
        .await?;
    match turned {
        None => Ok(Turned::Unknown),
        Some(false) => Ok(Turned::AsBefore),
        Some(true) if on => Ok(Turned::Done(0)),
        Some(true) => Ok(Turned::Done(end_what_is_off(store, now).await?)),
    }
}

/// Ends the sessions of every organisation that is off, a few in each transaction. None of them opens
/// anything meanwhile, since whoever reads a session asks the switch.
///
/// # Errors
/// What the store says.
pub async fn end_what_is_off(store: &Store, now: Time) -> Result<usize, StoreError> {
    let mut lived = 0;
    loop {
        let ended = store.write("federation.end", Key::none(), move |tx| {
            Box::pin(async move {
                let ended = sessions::end_by_federations_off(tx, AT_ONCE, now).await?;
                for (session, person, _) in ended.iter().filter(|(.., lived)| *lived) {
                    let event = Event::SessionEnded {
                        person: person.clone(),
                        session: session.clone(),
                        reason: Code::of("federation_off"),
                    };
                    tx.audit(now, &event).await?;
                }
                Ok::<_, StoreError>(ended)
            })
        });
        let ended = ended.await?;
        lived += ended.iter().filter(|(.., lived)| *lived).count();
        if ended.is_empty() {
            return Ok(lived);
        }
    }
}
