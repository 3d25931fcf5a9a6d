//! A passcode is blocked after three wrong tries, and set anew at a desk with the holder present
//! (domain 5.4 T5, T7). The card itself does both; here its state follows. The count of
//! self-renewals stays as it is.

use std::sync::Arc;

use policies::card::CardState;
use policies::ids::CardNumber;
use policies::lifecycle;
use policies::renewal::DeskFacts;
use policies::time::Time;
use policies::values::Policy;

use super::{JourneyError, MOVED, Subject};
use crate::audit::{Actor, Event};
use crate::desk::Desk;
use crate::home::{self, Helped};
use crate::notices::{self, Notice};
use crate::store::{Key, Store, cards};

/// Marks the card as locked; a locked card is answered as done.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::lifecycle::lock` does.
pub async fn lock(
    store: &Store,
    card: &CardNumber,
    by: &Actor,
    now: Time,
) -> Result<(), JourneyError> {
    let (card, by) = (card.clone(), by.clone());
    store
        .write(
            "lock_card",
            Key::of("card", card.clone().as_str()),
            move |tx| {
                let (card, by) = (card.clone(), by.clone());
                Box::pin(async move {
                    let subject = Subject::of_card(tx, &card).await?;
                    let permit = lifecycle::lock(&subject.facts(), now)?;
                    if subject.card.state == CardState::Locked {
                        return Ok(());
                    }
                    let version = permit.card_version();
                    if !cards::move_to(tx, permit.card(), version, CardState::Locked, now).await? {
                        return Err(MOVED.into());
                    }
                    let event = Event::CardLocked {
                        actor: by,
                        person: permit.user_id().clone(),
                        card,
                    };
                    tx.audit(now, &event).await?;
                    notices::tell(tx, permit.user_id(), &Notice::CardLocked, now).await?;
                    Ok(())
                })
            },
        )
        .await
}

/// What the desk attests when it unlocks a card.
#[derive(Clone, Debug)]
pub struct AssistedUnlock {
    /// Which card.
    pub card: CardNumber,
    /// Who acts.
    pub by: Desk,
    /// The holder is here, with her card.
    pub holder_present: bool,
    /// Her face was compared with the photo on record.
    pub photo_compared: bool,
}

/// Records that the desk unlocked the card, and marks it as active where it was on record as locked.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::lifecycle::unlock_assisted` does.
pub async fn unlock_assisted(
    store: &Store,
    policy: &Arc<Policy>,
    wanted: AssistedUnlock,
    now: Time,
) -> Result<(), JourneyError> {
    let policy = Arc::clone(policy);
    store
        .write(
            "unlock_card",
            Key::of("card", wanted.card.clone().as_str()),
            move |tx| {
                let (policy, wanted) = (Arc::clone(&policy), wanted.clone());
                Box::pin(async move {
                    let subject = Subject::of_card(tx, &wanted.card).await?;
                    let by = wanted.by.actor(tx, &subject.person.user_id, now).await?;
                    let desk = DeskFacts {
                        actor: by.facts(&subject.person.user_id),
                        holder_present: wanted.holder_present,
                        photo_compared: wanted.photo_compared,
                    };
                    let permit = lifecycle::unlock_assisted(&subject.facts(), &desk, now, &policy)?;
                    let version = permit.card_version();
                    if !cards::move_to(tx, permit.card(), version, CardState::Active, now).await? {
                        return Err(MOVED.into());
                    }
                    if let (Desk::Session(session), false) = (&wanted.by, by.in_scope) {
                        let about = (permit.user_id(), permit.card());
                        home::tell(tx, session, about, Helped::Unlocked, now).await?;
                    }
                    let event = Event::CardUnlockedAtDesk {
                        actor: by.actor,
                        person: permit.user_id().clone(),
                        card: wanted.card,
                        out_of_area: !by.in_scope,
                    };
                    tx.audit(now, &event).await?;
                    let notice = Notice::CardUnlockedAtDesk;
                    notices::tell(tx, permit.user_id(), &notice, now).await?;
                    Ok(())
                })
            },
        )
        .await
}
