//! A passcode is blocked after three wrong tries, and set anew at a desk with the holder present
//! (domain 5.4 T5, T7). The card itself does both; here its state follows, and the desk's card client
//! gets the unblock key for it. The count of self-renewals stays as it is.

use std::sync::Arc;

use policies::card::CardState;
use policies::ids::{CardNumber, UserId};
use policies::lifecycle;
use policies::permit::ActivatePermit;
use policies::refusal::RefusalCode;
use policies::renewal::DeskFacts;
use policies::time::Time;
use policies::values::Policy;
use zeroize::Zeroizing;

use super::card_secrets::both;
use super::{DeskActor, JourneyError, MOVED, Subject, fresh_id};
use crate::audit::{Actor, Event};
use crate::codes::CodeHouse;
use crate::desk::Desk;
use crate::home::{self, Helped};
use crate::notices::{self, Notice};
use crate::store::{Key, Store, Tx, card_secrets, cards};
use crate::vault::SecretKind;

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
                    let judged = judge(tx, &policy, &wanted, now).await?;
                    tell_home(tx, &wanted, &judged, now).await?;
                    let person = record(tx, judged, &wanted, now).await?;
                    notices::tell(tx, &person, &Notice::CardUnlockedAtDesk, now).await?;
                    Ok(())
                })
            },
        )
        .await
}

/// What a desk's card client gets for one reset. No `Debug`.
#[derive(Clone)]
pub struct ReleasedAtDesk {
    /// Names the release.
    pub unlock_id: String,
    /// The state of the card in the books, which the release does not change.
    pub state: CardState,
    /// The unblock key that the card has; none for a card that never got one of ours.
    pub unblock_key: Option<Zeroizing<Vec<u8>>>,
    /// The unblock key that the card is to have afterwards.
    pub next_unblock_key: Zeroizing<Vec<u8>>,
}

/// Releases the unblock key of the card and the next one, in plain, to be sealed to the desk client's
/// one-time key at once. The holder is told now: from here on a passcode can be set. Asked again,
/// the next key is the same.
///
/// # Errors
/// As [`unlock_assisted`].
pub async fn release_at_desk(
    house: &CodeHouse,
    wanted: AssistedUnlock,
    now: Time,
) -> Result<ReleasedAtDesk, JourneyError> {
    let (inner, fresh) = (house.clone(), fresh_id()?);
    let key = Key::of("card", wanted.card.clone().as_str());
    house
        .store
        .write("unlock_card.release", key, move |tx| {
            let (house, wanted, fresh) = (inner.clone(), wanted.clone(), fresh.clone());
            Box::pin(async move {
                let judged = judge(tx, &house.policy, &wanted, now).await?;
                tell_home(tx, &wanted, &judged, now).await?;
                let made = (fresh, now);
                let (unlock_id, secret) =
                    both(tx, &house, &wanted.card, SecretKind::Unblock, made).await?;
                let person = judged.permit.user_id().clone();
                notices::tell(tx, &person, &Notice::CardUnlockedAtDesk, now).await?;
                let event = Event::CardSecretsReleased {
                    actor: judged.by.actor,
                    person,
                    card: wanted.card,
                };
                tx.audit(now, &event).await?;
                Ok(ReleasedAtDesk {
                    unlock_id,
                    state: judged.state,
                    unblock_key: secret.current,
                    next_unblock_key: secret.next,
                })
            })
        })
        .await
}

/// The desk's card client has set the passcode and written the next unblock key: that is the current
/// one now, and a card that was on record as locked is active. Saying it twice is saying it once.
///
/// # Errors
/// As [`unlock_assisted`]; `not_found` also for a release that is unknown or of another card.
pub async fn released_and_used(
    house: &CodeHouse,
    (wanted, unlock_id): (AssistedUnlock, String),
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, key) = (
        Arc::clone(&house.policy),
        Key::of("card", wanted.card.clone().as_str()),
    );
    house
        .store
        .write("unlock_card.used", key, move |tx| {
            let (policy, wanted, unlock_id) =
                (Arc::clone(&policy), wanted.clone(), unlock_id.clone());
            Box::pin(async move {
                let judged = judge(tx, &policy, &wanted, now).await?;
                record(tx, judged, &wanted, now).await?;
                let kind = SecretKind::Unblock;
                if !card_secrets::is_of(tx, &unlock_id, &wanted.card, kind).await? {
                    return Err(RefusalCode::NotFound.into());
                }
                card_secrets::promote(tx, &unlock_id).await?;
                Ok(())
            })
        })
        .await
}

struct Judged {
    permit: ActivatePermit,
    by: DeskActor,
    state: CardState,
}

async fn judge(
    tx: Tx<'_>,
    policy: &Policy,
    wanted: &AssistedUnlock,
    now: Time,
) -> Result<Judged, JourneyError> {
    let subject = Subject::of_card(tx, &wanted.card).await?;
    let by = wanted.by.actor(tx, &subject.person.user_id, now).await?;
    let desk = DeskFacts {
        actor: by.facts(&subject.person.user_id),
        holder_present: wanted.holder_present,
        photo_compared: wanted.photo_compared,
    };
    Ok(Judged {
        permit: lifecycle::unlock_assisted(&subject.facts(), &desk, now, policy)?,
        by,
        state: subject.card.state,
    })
}

/// The holder's own authority hears of what another desk does for her, once.
async fn tell_home(
    tx: Tx<'_>,
    wanted: &AssistedUnlock,
    judged: &Judged,
    now: Time,
) -> Result<(), JourneyError> {
    if let (Desk::Session(session), false) = (&wanted.by, judged.by.in_scope) {
        let about = (judged.permit.user_id(), judged.permit.card());
        home::tell(tx, session, about, Helped::Unlocked, now).await?;
    }
    Ok(())
}

/// Spends the permit; answers whose card it is.
async fn record(
    tx: Tx<'_>,
    Judged { permit, by, .. }: Judged,
    wanted: &AssistedUnlock,
    now: Time,
) -> Result<UserId, JourneyError> {
    let version = permit.card_version();
    if !cards::move_to(tx, permit.card(), version, CardState::Active, now).await? {
        return Err(MOVED.into());
    }
    let event = Event::CardUnlockedAtDesk {
        actor: by.actor,
        person: permit.user_id().clone(),
        card: wanted.card.clone(),
        out_of_area: !by.in_scope,
    };
    tx.audit(now, &event).await?;
    Ok(permit.user_id().clone())
}
