//! Transaction B: card and holder are read again, the signatures are stored, and only what is
//! stored as good is released. If either has ended since the intent, the set is stored as revoked,
//! its bytes go nowhere, and the slot is free again. Also the other end of an interrupted intent:
//! its serials are given up.

use ca::authority::Signed;
use policies::card::{CancelReason, CardState, CertificateState, RevocationReason};
use policies::ids::{IntentId, Serial};
use policies::permit::IssueKind;
use policies::refusal::RefusalCode;
use policies::time::Time;

use super::judge::begins_epoch;
use crate::audit::{Actor, Event, Sha256};
use crate::cards::{CertificateSet, released};
use crate::journeys::{JourneyError, MOVED, Subject, abandon};
use crate::store::certificates::Certificate;
use crate::store::intents::Intent;
use crate::store::{StoreError, Tx, cards, certificates, desk_works, intents, renewals};

/// A signed set that is not the recorded one: somebody signed something else under our serials.
const OTHER: StoreError = StoreError::Inconsistent {
    table: "certificate",
    column: "der",
};
const GONE: StoreError = StoreError::Inconsistent {
    table: "intent",
    column: "intent_id",
};

/// What became of a signed set.
pub(super) enum Recorded {
    /// It is on record as good and may leave the house.
    Released(CertificateSet),
    /// Its ground ended before it was recorded; this is what the law says now.
    Withheld(RefusalCode),
}

/// Stores a signed set.
pub(super) async fn record(
    tx: Tx<'_>,
    intent_id: &IntentId,
    signed: &[Signed],
    now: Time,
) -> Result<Recorded, JourneyError> {
    let intent = intents::find(tx, intent_id).await?.ok_or(GONE)?;
    let subject = Subject::of_card(tx, &intent.card).await?;
    let rows = certificates::of_set(tx, intent_id).await?;
    match intent.state {
        CertificateState::Reserved => {}
        CertificateState::Signed
        | CertificateState::Delivered
        | CertificateState::Active
        | CertificateState::Superseded => {
            check_same(&rows, signed)?;
            return Ok(Recorded::Released(released(tx, &intent).await?));
        }
        CertificateState::Revoked | CertificateState::Burned => {
            return Ok(Recorded::Withheld(
                ended(&subject).unwrap_or(RefusalCode::CertificateRevoked),
            ));
        }
    }
    check_whole(&rows, signed)?;
    ca::crash_point!("issue.in_record");
    match ended(&subject) {
        Some(code) => {
            let reason = subject
                .card
                .cancel_reason
                .unwrap_or(CancelReason::IdentityClosed);
            withhold(tx, &intent, signed, (code, reason.revocation_reason()), now).await?;
            Ok(Recorded::Withheld(code))
        }
        None => Ok(Recorded::Released(
            release(tx, intent, &subject, signed, now).await?,
        )),
    }
}

/// What has ended since the intent, in the order in which the law asks.
fn ended(subject: &Subject) -> Option<RefusalCode> {
    if !subject.person.open {
        return Some(RefusalCode::IdentityClosed);
    }
    (subject.card.state == CardState::Cancelled).then_some(RefusalCode::CardCancelled)
}

/// Every row of the set has its signature, and there is no signature without a row.
fn check_whole(rows: &[Certificate], signed: &[Signed]) -> Result<(), StoreError> {
    let all = rows
        .iter()
        .all(|row| signed.iter().any(|one| *one.serial() == row.serial));
    if all && rows.len() == signed.len() {
        Ok(())
    } else {
        Err(OTHER)
    }
}

/// A repeat signed the same octets under the same serials.
fn check_same(rows: &[Certificate], signed: &[Signed]) -> Result<(), StoreError> {
    check_whole(rows, signed)?;
    let same = |one: &Signed| {
        rows.iter()
            .any(|row| row.serial == *one.serial() && row.der.as_deref() == Some(one.der()))
    };
    if signed.iter().all(same) {
        Ok(())
    } else {
        Err(OTHER)
    }
}

fn serials(signed: &[Signed]) -> Vec<Serial> {
    signed.iter().map(|one| one.serial().clone()).collect()
}

async fn release(
    tx: Tx<'_>,
    mut intent: Intent,
    subject: &Subject,
    signed: &[Signed],
    now: Time,
) -> Result<CertificateSet, JourneyError> {
    for one in signed {
        if !certificates::deliver(tx, &intent.id, one.serial(), one.der()).await? {
            return Err(OTHER.into());
        }
    }
    ca::crash_point!("issue.after_certificates");
    let (from, to) = (CertificateState::Reserved, CertificateState::Delivered);
    if !intents::advance(tx, &intent.id, from, to).await? {
        return Err(MOVED.into());
    }
    if intent.kind == IssueKind::First {
        let card = &subject.card;
        if !cards::move_to(tx, &card.number, card.version, CardState::Produced, now).await? {
            return Err(MOVED.into());
        }
    }
    if begins_epoch(intent.kind) {
        let card = &subject.card;
        if !cards::begin_epoch(tx, &card.number, card.version).await? {
            return Err(MOVED.into());
        }
    }
    if intent.kind == IssueKind::Repair {
        end_current(tx, &intent, now).await?;
    }
    let event = Event::CertificatesIssued {
        person: intent.user_id.clone(),
        card: intent.card.clone(),
        intent: intent.id.clone(),
        serials: serials(signed),
        certificates: signed.iter().map(|one| Sha256::of(one.der())).collect(),
    };
    tx.audit(now, &event).await?;
    intent.state = to;
    Ok(released(tx, &intent).await?)
}

/// A repair replaces everything on the chip: what was on it ends with the release of the new set
/// (domain 5.4 T12).
async fn end_current(tx: Tx<'_>, intent: &Intent, now: Time) -> Result<(), JourneyError> {
    let Some(current) = intents::current(tx, &intent.card).await? else {
        return Ok(());
    };
    let actor = intent.actor.clone().map_or(Actor::System, Actor::Person);
    abandon::revoke_set(tx, &current, RevocationReason::Superseded, &actor, now).await
}

async fn withhold(
    tx: Tx<'_>,
    intent: &Intent,
    signed: &[Signed],
    why: (RefusalCode, RevocationReason),
    now: Time,
) -> Result<(), JourneyError> {
    let (code, reason) = why;
    for one in signed {
        let signature = (one.serial(), one.der());
        certificates::withhold(tx, &intent.id, signature, now, reason).await?;
    }
    let (from, to) = (CertificateState::Reserved, CertificateState::Revoked);
    if !intents::end(tx, &intent.id, from, to, now).await? {
        return Err(MOVED.into());
    }
    free_slot(tx, intent).await?;
    let event = Event::CertificatesWithheld {
        person: intent.user_id.clone(),
        card: intent.card.clone(),
        intent: intent.id.clone(),
        serials: serials(signed),
        code,
    };
    tx.audit(now, &event).await?;
    Ok(())
}

/// Gives up the serials of an interrupted intent; the wish may come again and gets new ones.
pub(super) async fn burn(tx: Tx<'_>, intent_id: &IntentId, now: Time) -> Result<(), JourneyError> {
    let intent = intents::find(tx, intent_id).await?.ok_or(GONE)?;
    if intent.state != CertificateState::Reserved {
        return Ok(());
    }
    let serials = certificates::of_set(tx, intent_id)
        .await?
        .into_iter()
        .map(|row| row.serial)
        .collect();
    certificates::burn(tx, intent_id, now).await?;
    let (from, to) = (CertificateState::Reserved, CertificateState::Burned);
    if !intents::end(tx, intent_id, from, to, now).await? {
        return Err(MOVED.into());
    }
    free_slot(tx, &intent).await?;
    renewals::give_back(tx, intent_id).await?;
    desk_works::give_back(tx, intent_id).await?;
    let event = Event::CertificatesBurned {
        person: intent.user_id,
        intent: intent_id.clone(),
        serials,
    };
    tx.audit(now, &event).await?;
    Ok(())
}

/// A set that was never released costs no renewal.
pub(crate) async fn free_slot(tx: Tx<'_>, intent: &Intent) -> Result<(), StoreError> {
    if intents::free_slot(tx, &intent.id).await? {
        cards::give_back_self_renewal(tx, &intent.card).await?;
    }
    Ok(())
}
