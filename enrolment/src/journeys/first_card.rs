//! The first card (domain 5.4 T1, T2, T4): issued locked from one request per key, put to use by
//! the holder. Issuing begins the card's row in the same transaction that judges it and reserves
//! its serials.

use std::sync::Arc;

use policies::card::{CardState, CertificateState};
use policies::ids::{CardNumber, UserId};
use policies::lifecycle::{self, ActivateFacts, CodeFacts};
use policies::permit::ActivatePermit;
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::confirm::swap;
use super::{IdempotencyKey, JourneyError, MOVED, Subject};
use crate::audit::{Actor, Event};
use crate::cards::{CertificateSet, current_set};
use crate::desk::Desk;
use crate::ledger::{CardLedger, Ground, Issuing, Wish};
use crate::requests::{CertificateRequest, Examined};
use crate::store::{Key, Store, Tx, cards, handling, intents};

/// A card for a person.
#[derive(Clone)]
pub struct FirstCard {
    /// For whom.
    pub user_id: UserId,
    /// The number on the plastic; never used before.
    pub card: CardNumber,
    /// One request per key.
    pub requests: Vec<CertificateRequest>,
    /// The nonce that the requests must carry, where one was given out.
    pub nonce: Option<String>,
    /// Chosen by the caller.
    pub idempotency_key: IdempotencyKey,
}

/// Issues the first set of a new card; the card is then `produced`, its set pending.
///
/// # Errors
/// Refuses as `policies::issuance::first_card` does, and with `idempotency_key_reused` and
/// `clock_untrusted`.
pub async fn issue(
    issuing: &Issuing,
    wanted: FirstCard,
    by: impl Into<Desk>,
    now: Time,
) -> Result<CertificateSet, JourneyError> {
    let wish = Wish {
        card: wanted.card,
        key: wanted.idempotency_key,
        keys: Examined::examine(&wanted.requests, wanted.nonce.as_deref()),
        ground: Ground::First {
            user_id: wanted.user_id,
            by: by.into(),
            work_id: None,
        },
    };
    let ledger = CardLedger::new(issuing.clone(), now);
    ca::issuance::issue(&issuing.authority, &ledger, wish).await
}

/// The holder's first use of her card.
#[derive(Clone, Debug)]
pub struct Activation {
    /// Which card.
    pub card: CardNumber,
    /// She has said that it arrived; what she told a desk is on record and counts as well.
    pub receipt_confirmed: bool,
    /// The code that was sent to her verified contact.
    pub code: CodeFacts,
}

/// The holder has the card in her hands and has set a passcode: the card is `active`, its set
/// current.
///
/// # Errors
/// Refuses with `not_found`, as `policies::lifecycle::activate` does, and with `nothing_pending`
/// for a card whose first set was given up.
pub async fn activate(
    store: &Store,
    policy: &Arc<Policy>,
    wanted: Activation,
    now: Time,
) -> Result<CertificateSet, JourneyError> {
    let policy = Arc::clone(policy);
    store
        .write(
            "activate_card",
            Key::of("card", wanted.card.clone().as_str()),
            move |tx| {
                let (policy, wanted) = (Arc::clone(&policy), wanted.clone());
                Box::pin(async move {
                    let subject = Subject::of_card(tx, &wanted.card).await?;
                    let journey = handling::journey(tx, &wanted.card).await?;
                    let facts = ActivateFacts {
                        subject: subject.facts(),
                        receipt_confirmed: wanted.receipt_confirmed
                            || journey.receipt_confirmed_at.is_some(),
                        terms_accepted: subject.person.terms_version.is_some(),
                        code: wanted.code,
                    };
                    let permit = lifecycle::activate(&facts, now, &policy)?;
                    // Its first set may have been given up; then it is issued again first.
                    let set = intents::pending(tx, &wanted.card).await?;
                    if set.is_none_or(|set| set.state != CertificateState::Delivered) {
                        return Err(RefusalCode::NothingPending.into());
                    }
                    put_to_use(tx, permit).await
                })
            },
        )
        .await
}

pub(super) async fn put_to_use(
    tx: Tx<'_>,
    permit: ActivatePermit,
) -> Result<CertificateSet, JourneyError> {
    let now = permit.decided_at();
    if !cards::move_to(
        tx,
        permit.card(),
        permit.card_version(),
        CardState::Active,
        now,
    )
    .await?
    {
        return Err(MOVED.into());
    }
    swap(tx, permit.card(), now).await?;
    let event = Event::CardActivated {
        actor: Actor::Holder(permit.user_id().clone()),
        person: permit.user_id().clone(),
        card: permit.card().clone(),
    };
    tx.audit(now, &event).await?;
    Ok(current_set(tx, permit.card()).await?.ok_or(MOVED)?)
}
