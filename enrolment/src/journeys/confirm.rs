//! The new set is on the card (domain 5.4 T13): it becomes the current one, and the one before it
//! is superseded and revoked in the same transaction. Naming its serials confirms it, and so does
//! its first use.

use policies::card::{CardState, CertificateState, KeyRole};
use policies::ids::{CardNumber, Serial};
use policies::lifecycle::{self, ConfirmFacts};
use policies::permit::{ConfirmPermit, IssueKind};
use policies::time::Time;

use super::{JourneyError, MOVED, Subject};
use crate::audit::Event;
use crate::cards::{CertificateSet, current_set, pending_set};
use crate::notices::{self, Notice};
use crate::store::{Key, Store, StoreError, Tx, cards, certificates, intents};

/// The card's client says which serials it has written. Confirming the current set again is
/// answered as done.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::lifecycle::confirm` does.
pub async fn by_serials(
    store: &Store,
    card: &CardNumber,
    serials: Vec<Serial>,
    now: Time,
) -> Result<CertificateSet, JourneyError> {
    let card = card.clone();
    store
        .write(
            "confirm",
            Key::of("card", card.clone().as_str()),
            move |tx| {
                let (card, serials) = (card.clone(), serials.clone());
                Box::pin(async move {
                    let pending = pending_set(tx, &card).await?;
                    if pending.is_none() {
                        let current = current_set(tx, &card)
                            .await?
                            .filter(|set| names(set, &serials));
                        if let Some(current) = current {
                            return Ok(current);
                        }
                    }
                    let serials_match = pending.is_some_and(|set| names(&set, &serials));
                    confirm(tx, &card, serials_match, now).await
                })
            },
        )
        .await
}

/// A pending certificate was used in a handshake, inside the caller's transaction: that is proof
/// that it is on the card. Answers the set that is current now.
///
/// # Errors
/// Refuses with `certificate_unknown`, and as `policies::lifecycle::confirm` does.
pub async fn by_use(
    tx: Tx<'_>,
    issuer: &str,
    serial: &Serial,
    now: Time,
) -> Result<CertificateSet, JourneyError> {
    let standing = certificates::standing(tx, issuer, serial)
        .await?
        .ok_or(policies::refusal::RefusalCode::CertificateUnknown)?;
    let pending = pending_set(tx, &standing.card).await?;
    let used = pending.is_some_and(|set| set.set_id == standing.set_id);
    confirm(
        tx,
        &standing.card,
        used && standing.key_role == KeyRole::Authentication,
        now,
    )
    .await
}

/// True when these are all the serials of the set, in any order.
pub(super) fn names(set: &CertificateSet, serials: &[Serial]) -> bool {
    set.certificates.len() == serials.len()
        && set
            .certificates
            .iter()
            .all(|certificate| serials.contains(&certificate.serial))
}

async fn confirm(
    tx: Tx<'_>,
    card: &CardNumber,
    serials_match: bool,
    now: Time,
) -> Result<CertificateSet, JourneyError> {
    let subject = Subject::of_card(tx, card).await?;
    let pending = intents::pending(tx, card).await?;
    let facts = ConfirmFacts {
        subject: subject.facts(),
        pending: pending
            .filter(|set| set.state == CertificateState::Delivered)
            .map(|set| set.pending_facts()),
        serials_match,
    };
    // With a reissue or a repair the passcode is new too: a locked card wakes up (T11, T12).
    let new_passcode = facts
        .pending
        .is_some_and(|pending| matches!(pending.kind, IssueKind::Reissue | IssueKind::Repair));
    let wakes = new_passcode && subject.card.state == CardState::Locked;
    let permit = lifecycle::confirm(&facts, now)?;
    spend(tx, permit, wakes).await
}

async fn spend(
    tx: Tx<'_>,
    permit: ConfirmPermit,
    wakes: bool,
) -> Result<CertificateSet, JourneyError> {
    let (card, version) = (permit.card(), permit.card_version());
    let stands = if wakes {
        cards::move_to(tx, card, version, CardState::Active, permit.decided_at()).await?
    } else {
        cards::touch(tx, card, version).await?
    };
    if !stands {
        return Err(MOVED.into());
    }
    swap(tx, permit.card(), permit.decided_at()).await?;
    Ok(current_set(tx, permit.card()).await?.ok_or(MOVED)?)
}

/// Makes the pending set the current one. Called with a permit about this card spent.
pub(super) async fn swap(tx: Tx<'_>, card: &CardNumber, now: Time) -> Result<(), JourneyError> {
    ca::crash_point!("confirm.before_swap");
    let pending = intents::pending(tx, card).await?.ok_or(MOVED)?;
    let superseded = match intents::current(tx, card).await? {
        Some(current) => {
            let (from, to) = (CertificateState::Active, CertificateState::Superseded);
            let serials = serials(tx, &current).await?;
            certificates::supersede(tx, &current.id, now).await?;
            if !intents::end(tx, &current.id, from, to, now).await? {
                return Err(MOVED.into());
            }
            serials
        }
        None => Vec::new(),
    };
    let confirmed = serials(tx, &pending).await?;
    let (ground, not_after) = (pending.ground(), pending.not_after);
    let activated = certificates::activate(tx, &pending.id).await?;
    let (from, to) = (CertificateState::Delivered, CertificateState::Active);
    let moved = intents::advance(tx, &pending.id, from, to).await?;
    if !moved || usize::try_from(activated) != Ok(confirmed.len()) {
        return Err(MOVED.into());
    }
    ca::crash_point!("confirm.after_swap");
    let person = pending.user_id.clone();
    let event = Event::CertificatesConfirmed {
        person: pending.user_id,
        card: pending.card,
        serials: confirmed,
        superseded,
    };
    tx.audit(now, &event).await?;
    let notice = match ground {
        IssueKind::First => Notice::CardActivated,
        ground => Notice::CardRenewed { ground, not_after },
    };
    notices::tell(tx, &person, &notice, now).await?;
    Ok(())
}

async fn serials(tx: Tx<'_>, set: &intents::Intent) -> Result<Vec<Serial>, StoreError> {
    let rows = certificates::of_set(tx, &set.id).await?;
    Ok(rows.into_iter().map(|row| row.serial).collect())
}
