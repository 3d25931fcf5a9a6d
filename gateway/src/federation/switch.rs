//! The switch of an operator: signing in by way of one organisation ends at once, with every session
//! that it opened (attack table 14).

use enrolment::audit::{Actor, Code, Event};
use enrolment::journeys::federated;
use enrolment::store::{Key, Store, StoreError, Tx};
use policies::ids::FederationId;
use policies::time::Time;

use crate::store::sessions;

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
    store
        .write("federation.switch", key, move |tx| {
            let (id, actor) = (id.clone(), actor.clone());
            Box::pin(async move {
                match federated::switch(tx, &id, on, &actor, now).await? {
                    None => Ok(Turned::Unknown),
                    Some(false) => Ok(Turned::AsBefore),
                    Some(true) if on => Ok(Turned::Done(0)),
                    Some(true) => Ok(Turned::Done(end_sessions(tx, now).await?)),
                }
            })
        })
        .await
}

/// Ends the sessions of every organisation that is off.
///
/// # Errors
/// What the store says.
pub async fn end_what_is_off(store: &Store, now: Time) -> Result<usize, StoreError> {
    store
        .write("federation.end", Key::none(), move |tx| {
            Box::pin(end_sessions(tx, now))
        })
        .await
}

async fn end_sessions(tx: Tx<'_>, now: Time) -> Result<usize, StoreError> {
    let ended = sessions::end_by_federations_off(tx, now).await?;
    let count = ended.len();
    for (session, person) in ended {
        let event = Event::SessionEnded {
            person,
            session,
            reason: Code::of("federation_off"),
        };
        tx.audit(now, &event).await?;
    }
    Ok(count)
}
