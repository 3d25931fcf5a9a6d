//! A produced card is sent to an organisation where its holder works (domain 5.4 T3), never to a
//! home.

use std::sync::Arc;

use policies::card::CardState;
use policies::handling::{self, DispatchFacts};
use policies::ids::{CardNumber, OrgCode, UserId};
use policies::permit::DispatchPermit;
use policies::time::Time;
use policies::values::Policy;

use super::{DeskActor, JourneyError, MOVED, Subject};
use crate::audit::Event;
use crate::desk::Desk;
use crate::store::{Key, Store, StoreError, Tx, handling as rows, organisations};

/// Sends the card; one that was sent there already is answered as done.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::handling::dispatch` does.
pub async fn dispatch_card(
    store: &Store,
    policy: &Arc<Policy>,
    wanted: (CardNumber, OrgCode),
    by: impl Into<Desk>,
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, by) = (Arc::clone(policy), by.into());
    store
        .write(
            "dispatch_card",
            Key::of("card", wanted.0.clone().as_str()),
            move |tx| {
                let (policy, by) = (Arc::clone(&policy), by.clone());
                let (card, to) = wanted.clone();
                Box::pin(async move {
                    let subject = Subject::of_card(tx, &card).await?;
                    let holder = &subject.person.user_id;
                    let actor = by.actor(tx, holder, now).await?;
                    let facts = DispatchFacts {
                        subject: subject.facts(),
                        address_known: may_receive(tx, holder, &to).await?,
                        to,
                        actor: actor.facts(holder),
                    };
                    let permit = handling::dispatch(&facts, now, &policy)?;
                    let sent_to = rows::journey(tx, &card).await?.dispatched_to;
                    let sent = subject.card.state == CardState::Dispatched;
                    if sent && sent_to.as_ref() == Some(permit.to()) {
                        return Ok(());
                    }
                    spend(tx, permit, actor).await
                })
            },
        )
        .await
}

/// Whether a card of this person may be sent there: she belongs to it, and its address is known.
pub(crate) async fn may_receive(
    tx: Tx<'_>,
    holder: &UserId,
    to: &OrgCode,
) -> Result<bool, StoreError> {
    let hers = organisations::of_person(tx, holder).await?;
    if !hers.iter().any(|membership| membership.org_code == *to) {
        return Ok(false);
    }
    let found = organisations::find(tx, to).await?;
    Ok(found.is_some_and(|organisation| !organisation.address.trim().is_empty()))
}

async fn spend(tx: Tx<'_>, permit: DispatchPermit, actor: DeskActor) -> Result<(), JourneyError> {
    if !rows::dispatch(tx, &permit).await? {
        return Err(MOVED.into());
    }
    let event = Event::CardDispatched {
        actor: actor.actor,
        person: permit.user_id().clone(),
        card: permit.card().clone(),
        organisation: permit.to().clone(),
    };
    tx.audit(permit.decided_at(), &event).await?;
    Ok(())
}
