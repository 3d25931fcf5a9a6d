//! The switch of an operator: signing in by way of one organisation ends at once, with every session
//! that it opened (attack table 14).

use enrolment::audit::Actor;
use enrolment::journeys::federated;
use enrolment::store::{Key, Store, StoreError, Tx};
use policies::ids::FederationId;
use policies::time::Time;

use crate::signin::ending;
use crate::store::sessions::{self, Ended};

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
    loop {
        let id = id.clone();
        let actor = actor.clone();
        let step = store.write("federation.switch", key.clone(), move |tx| {
            let (id, actor) = (id.clone(), actor.clone());
            Box::pin(async move {
                // What is not ended in fact when the switch is on would live again.
                if on && !end_some(tx, now).await?.is_empty() {
                    return Ok(None);
                }
                federated::switch(tx, &id, on, &actor, now).await.map(Some)
            })
        });
        let Some(turned) = step.await? else {
            continue;
        };
        // Also where an order before this one died before it had ended all.
        let ended = match turned {
            Some(_) if !on => end_what_is_off(store, now).await?,
            _ => 0,
        };
        return Ok(match turned {
            None => Turned::Unknown,
            Some(false) => Turned::AsBefore,
            Some(true) => Turned::Done(ended),
        });
    }
}

/// Ends the sessions of every organisation that is off, a few in each transaction; how many there were.
/// None of them opens anything meanwhile, since whoever reads a session asks the switch.
///
/// # Errors
/// What the store says.
pub async fn end_what_is_off(store: &Store, now: Time) -> Result<usize, StoreError> {
    let mut all = 0;
    loop {
        let some = store.write("federation.end", Key::none(), move |tx| {
            Box::pin(async move { end_some(tx, now).await })
        });
        let some = some.await?;
        if some.is_empty() {
            return Ok(all);
        }
        all += some.iter().filter(|one| !one.facts.ended).count();
    }
}

async fn end_some(tx: Tx<'_>, now: Time) -> Result<Vec<Ended>, StoreError> {
    let some = sessions::end_by_federations_off(tx, AT_ONCE, now).await?;
    ending::tell(tx, &some, |facts| !facts.ended, (now, "federation_off")).await?;
    Ok(some)
}

#[cfg(test)]
mod tests;
