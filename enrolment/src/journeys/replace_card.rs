//! Another card takes the place of one (domain 5.4 T16): cancelled with its reason and asked for
//! anew in one transaction, so that nobody is left with neither.

use std::sync::Arc;

use policies::access::{self, CardAction};
use policies::card::{CancelReason, CardState};
use policies::ids::CardNumber;
use policies::lifecycle::{self, Canceller};
use policies::time::Time;
use policies::values::Policy;

use super::request_card::{self, CardRequest};
use super::{IdempotencyKey, JourneyError, Subject, cancel_card};
use crate::desk::Desk;
use crate::store::{Key, Store, Tx};

/// A card that another one is to replace.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// Which.
    pub card: CardNumber,
    /// Why; not asked for again where it is cancelled already.
    pub reason: Option<CancelReason>,
    /// The number on the new plastic; one is drawn where none is named.
    pub new_card: Option<CardNumber>,
    /// Chosen by the caller.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// Cancels and asks anew; answers the number of the new card.
///
/// # Errors
/// Refuses with `not_found`, as `policies::lifecycle::cancel` and `policies::handling::request` do,
/// `already_cancelled` excepted, and with `idempotency_key_reused`.
pub async fn replace_card(
    store: &Store,
    policy: &Arc<Policy>,
    wanted: Replacement,
    by: impl Into<Desk>,
    now: Time,
) -> Result<CardNumber, JourneyError> {
    let (policy, by, drawn) = (Arc::clone(policy), by.into(), request_card::draw()?);
    store
        .write(
            "replace_card",
            Key::of("card", wanted.card.clone().as_str()),
            move |tx| {
                let (policy, by) = (Arc::clone(&policy), by.clone());
                let (wanted, drawn) = (wanted.clone(), drawn.clone());
                Box::pin(async move { replace(tx, &policy, (wanted, drawn), &by, now).await })
            },
        )
        .await
}

async fn replace(
    tx: Tx<'_>,
    policy: &Policy,
    wanted: (Replacement, CardNumber),
    by: &Desk,
    now: Time,
) -> Result<CardNumber, JourneyError> {
    let (wanted, drawn) = wanted;
    let subject = Subject::of_card(tx, &wanted.card).await?;
    let holder = &subject.person.user_id;
    let actor = by.actor(tx, holder, now).await?;
    access::ask(policy, &actor.facts(holder), CardAction::Issue)?;
    let request = CardRequest {
        user_id: holder.clone(),
        card: wanted.new_card,
        idempotency_key: wanted.idempotency_key,
    };
    let act = format!("replace {}", wanted.card);
    if let Some(card) = request_card::known(tx, &request, request.wish(&act).as_ref()).await? {
        return Ok(card);
    }
    if subject.card.state != CardState::Cancelled {
        let canceller = Canceller::Desk(actor.facts(holder));
        let facts = subject.facts();
        let permit = lifecycle::cancel(&facts, &canceller, wanted.reason, now, policy)?;
        cancel_card::spend(tx, permit, &actor.actor).await?;
    }
    request_card::ask(tx, policy, (&act, &request, drawn), &actor, now).await
}
