//! The card's own secrets, for one work at a desk (contract 5, `startDeskCardWork`) or one
//! self-renewal (`releaseCardSecrets`): the keys that the card has now, and those that it is to have
//! afterwards. Both are kept until work or renewal is confirmed, so that a card that is pulled in
//! between is not lost.

use policies::ids::CardNumber;
use policies::refusal::RefusalCode;
use policies::signin::judge_card;
use policies::time::Time;
use zeroize::Zeroizing;

use super::renewal::{Stage, open_of};
use super::self_renew::proven_by;
use super::{JourneyError, fresh_id};
use crate::audit::{Actor, Event};
use crate::card_view;
use crate::codes::CodeHouse;
use crate::desk::DeskSession;
use crate::ledger::{Issuing, Presented};
use crate::store::{Key, StoreError, Tx, card_secrets as rows, desk_works};
use crate::vault::SecretKind;

/// One kind of secret in plain. No `Debug`.
#[derive(Clone)]
pub struct Secret {
    /// On the card now; none for a card that never got one of ours.
    pub current: Option<Zeroizing<Vec<u8>>>,
    /// To be written.
    pub next: Zeroizing<Vec<u8>>,
}

/// Both kinds. No `Debug`.
#[derive(Clone)]
pub struct CardSecrets {
    /// Sets a blocked passcode anew.
    pub unblock: Secret,
    /// Writes keys and certificates.
    pub management: Secret,
}

/// The secrets of the card of a work that this desk person has just begun, in plain, to be sealed
/// to her client's one-time key at once. Asked again, the next ones are the same.
///
/// # Errors
/// Refuses with `not_found` for a work that is unknown or somebody else's, and as
/// [`DeskSession::standing`] does.
pub async fn for_work(
    house: &CodeHouse,
    work_id: &str,
    by: &DeskSession,
    now: Time,
) -> Result<CardSecrets, JourneyError> {
    let (inner, work_id, session) = (house.clone(), work_id.to_owned(), by.clone());
    let ids = (fresh_id()?, fresh_id()?);
    house
        .store
        .write(
            "desk.card_secrets",
            Key::of("work", &work_id.clone()),
            move |tx| {
                let (house, work_id, session, ids) =
                    (inner.clone(), work_id.clone(), session.clone(), ids.clone());
                Box::pin(async move {
                    session.standing(tx, now).await?;
                    let by = session.user_id;
                    let work = desk_works::find(tx, &work_id)
                        .await?
                        .filter(|work| work.actor == by)
                        .ok_or(RefusalCode::NotFound)?;
                    let (unblock_id, unblock) =
                        both(tx, &house, &work.card, SecretKind::Unblock, (ids.0, now)).await?;
                    let (management_id, management) =
                        both(tx, &house, &work.card, SecretKind::Management, (ids.1, now)).await?;
                    rows::note_work(tx, &work_id, &unblock_id, &management_id).await?;
                    let event = Event::CardSecretsReleased {
                        actor: Actor::Person(by),
                        person: work.user_id,
                        card: work.card,
                    };
                    tx.audit(now, &event).await?;
                    Ok(CardSecrets {
                        unblock,
                        management,
                    })
                })
            },
        )
        .await
}

/// The management key of the card that calls, for a renewal of its own that is open: it has a nonce
/// that still counts and the law would renew, or its set waits for the card or is the current one,
/// which the card may still have to tidy. The unblock key is not for a renewal.
#[derive(Clone)]
pub struct RenewalSecrets {
    /// The card; what is sealed is bound to it.
    pub card: CardNumber,
    /// The management key now, and the one afterwards.
    pub management: Secret,
}

/// Releases it, in plain, to be sealed to the client's one-time key at once. Asked again, the next
/// one is the same.
///
/// # Errors
/// Refuses with `not_found` for a renewal of another card, `nothing_pending` for one that is over,
/// as `policies::signin::judge_card` does, and, before anything is issued, as
/// `policies::renewal::self_renew` does.
pub async fn for_renewal(
    house: &CodeHouse,
    issuing: &Issuing,
    (presented, renewal_id): (&Presented, &str),
    now: Time,
) -> Result<RenewalSecrets, JourneyError> {
    let (inner, issuing) = (house.clone(), issuing.clone());
    let (presented, renewal_id) = (presented.clone(), renewal_id.to_owned());
    let fresh = fresh_id()?;
    let key = Key::of("renewal", &renewal_id);
    house
        .store
        .write("renewal.card_secrets", key, move |tx| {
            let (house, issuing) = (inner.clone(), issuing.clone());
            let (presented, renewal_id) = (presented.clone(), renewal_id.clone());
            let fresh = fresh.clone();
            Box::pin(async move {
                let standing = proven_by(tx, &presented).await?;
                judge_card(&standing.facts(), now)?;
                let stage = open_of(tx, &standing, &renewal_id, now).await?;
                if stage == Stage::Started {
                    let view = card_view::of_holder(tx, &issuing, &standing.person, now).await?;
                    view.asked("renew")?;
                }
                let (card, made) = (standing.card, (fresh, now));
                let (id, management) =
                    both(tx, &house, &card, SecretKind::Management, made).await?;
                rows::note_renewal(tx, &renewal_id, &id).await?;
                let event = Event::CardSecretsReleased {
                    actor: Actor::Holder(standing.person.clone()),
                    person: standing.person,
                    card: card.clone(),
                };
                tx.audit(now, &event).await?;
                Ok(RenewalSecrets { card, management })
            })
        })
        .await
}

/// The card's client says that the set and the next management key are on the card.
pub(super) async fn renewal_confirmed(tx: Tx<'_>, renewal_id: &str) -> Result<(), StoreError> {
    if let Some(id) = rows::of_renewal(tx, renewal_id).await? {
        rows::promote(tx, &id).await?;
    }
    Ok(())
}

/// What is on record of one kind; a next one is made where none waits.
pub(super) async fn both(
    tx: Tx<'_>,
    house: &CodeHouse,
    card: &CardNumber,
    kind: SecretKind,
    (fresh, now): (String, Time),
) -> Result<(String, Secret), JourneyError> {
    let pair = rows::pair(tx, card, kind).await?;
    let (id, next) = if let Some(next) = pair.next {
        next
    } else {
        let sealed = house.vault.fresh(card, kind, &house.chance)?;
        rows::put_next(tx, card, kind, (&fresh, &sealed), now).await?;
        (fresh, sealed)
    };
    let open = |sealed: &[u8]| house.vault.open(card, kind, sealed);
    let secret = Secret {
        current: pair.current.as_deref().map(open).transpose()?,
        next: open(&next)?,
    };
    Ok((id, secret))
}

/// The work's client has written the card: the next secrets are the current ones.
pub(super) async fn work_confirmed(tx: Tx<'_>, work_id: &str) -> Result<(), StoreError> {
    for id in rows::of_work(tx, work_id).await? {
        rows::promote(tx, &id).await?;
    }
    Ok(())
}
