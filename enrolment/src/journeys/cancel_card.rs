//! A card ends for ever (domain 5.4 T15, F83): every set on it is revoked, the pending one
//! included, in the same transaction, and the lists that must say so are due. A set between intent
//! and signature is left to the transaction that records it, which finds the card ended and
//! withholds it.

use std::sync::Arc;

use policies::card::{CancelReason, CardState, CertificateState};
use policies::ids::CardNumber;
use policies::lifecycle::{self, Canceller};
use policies::permit::CancelPermit;
use policies::time::Time;
use policies::values::Policy;

use super::abandon::revoke_set;
use super::{JourneyError, MOVED, Subject};
use crate::audit::{Actor, Event};
use crate::desk::Desk;
use crate::notices::{self, Notice};
use crate::store::{Key, Store, Tx, cards, intents};

/// Who cancels.
#[derive(Clone, Debug)]
pub enum CancelledBy {
    /// The holder, her own card.
    Holder,
    /// Somebody at a desk.
    Desk(Desk),
}

/// A card to be cancelled.
#[derive(Clone, Debug)]
pub struct Cancellation {
    /// Which.
    pub card: CardNumber,
    /// Why.
    pub reason: Option<CancelReason>,
    /// By whom.
    pub by: CancelledBy,
}

/// Cancels the card; one that is cancelled already is answered as done.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::lifecycle::cancel` does, `already_cancelled`
/// excepted.
pub async fn cancel_card(
    store: &Store,
    policy: &Arc<Policy>,
    wanted: Cancellation,
    now: Time,
) -> Result<(), JourneyError> {
    let policy = Arc::clone(policy);
    store
        .write(
            "cancel_card",
            Key::of("card", wanted.card.clone().as_str()),
            move |tx| {
                let (policy, wanted) = (Arc::clone(&policy), wanted.clone());
                Box::pin(async move {
                    let subject = Subject::of_card(tx, &wanted.card).await?;
                    let holder = &subject.person.user_id;
                    let (canceller, actor) = match wanted.by {
                        CancelledBy::Holder => (Canceller::Holder, Actor::Holder(holder.clone())),
                        CancelledBy::Desk(by) => {
                            let by = by.actor(tx, holder, now).await?;
                            (Canceller::Desk(by.facts(holder)), by.actor)
                        }
                    };
                    let judged = lifecycle::cancel(
                        &subject.facts(),
                        &canceller,
                        wanted.reason,
                        now,
                        &policy,
                    );
                    if subject.card.state == CardState::Cancelled
                        && judged
                            .as_ref()
                            .is_err_and(|refusal| refusal.code == ALREADY)
                    {
                        return Ok(());
                    }
                    spend(tx, judged?, &actor).await
                })
            },
        )
        .await
}

const ALREADY: policies::refusal::RefusalCode = policies::refusal::RefusalCode::AlreadyCancelled;

/// Ends the card and every set on it.
pub(super) async fn spend(
    tx: Tx<'_>,
    permit: CancelPermit,
    actor: &Actor,
) -> Result<(), JourneyError> {
    let now = permit.decided_at();
    let card = permit.card();
    if !cards::cancel(tx, card, permit.card_version(), permit.reason(), now).await? {
        return Err(MOVED.into());
    }
    ca::crash_point!("cancel.in_transaction");
    let sets = [
        intents::current(tx, card).await?,
        intents::pending(tx, card).await?,
    ];
    for set in sets
        .into_iter()
        .flatten()
        .filter(|set| set.state != CertificateState::Reserved)
    {
        revoke_set(tx, &set, permit.reason().revocation_reason(), actor, now).await?;
    }
    let event = Event::CardCancelled {
        actor: actor.clone(),
        person: permit.user_id().clone(),
        card: card.clone(),
        reason: permit.reason(),
    };
    tx.audit(now, &event).await?;
    notices::tell(tx, permit.user_id(), &Notice::CardCancelled, now).await?;
    Ok(())
}
