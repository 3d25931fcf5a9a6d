//! A pending set that nobody confirmed is given up (domain 5.4 T14): revoked, and the self-renewal
//! it cost given back, because it was never used. After 14 days it counts as given up whether or
//! not a job has said so: the next wish finds it and ends it first.

use policies::card::{CertificateState, RevocationReason};
use policies::ids::CardNumber;
use policies::lifecycle::{self, AbandonFacts, AbandonGround};
use policies::permit::AbandonPermit;
use policies::renewal::PendingFacts;
use policies::time::Time;
use policies::values::Policy;

use super::{JourneyError, MOVED, Subject};
use crate::audit::{Actor, CertificateName, Event};
use crate::store::{Tx, cards, certificates, intents};

/// Gives up the card's pending set if it has waited too long.
pub(crate) async fn if_forgotten(
    tx: Tx<'_>,
    card: &CardNumber,
    policy: &Policy,
    now: Time,
) -> Result<(), JourneyError> {
    let Some(pending) = intents::pending(tx, card).await? else {
        return Ok(());
    };
    let facts = PendingFacts {
        kind: pending.kind,
        issued_at: pending.decided_at,
    };
    if pending.state != CertificateState::Delivered || facts.waits(now, policy) {
        return Ok(());
    }
    let subject = Subject::of_card(tx, card).await?;
    let facts = AbandonFacts {
        subject: subject.facts(),
        pending: Some(facts),
        self_renewals_in_a_row: subject.card.self_renewals,
        ground: AbandonGround::Age,
    };
    let permit = lifecycle::abandon(&facts, now, policy)?;
    spend(tx, permit, &pending).await
}

async fn spend(
    tx: Tx<'_>,
    permit: AbandonPermit,
    pending: &intents::Intent,
) -> Result<(), JourneyError> {
    let reason = RevocationReason::CessationOfOperation;
    revoke_set(tx, pending, reason, &Actor::System, permit.decided_at()).await?;
    intents::free_slot(tx, &pending.id).await?;
    let count = i64::from(permit.self_renewals_after());
    if cards::set_self_renewals(tx, permit.card(), permit.card_version(), count).await? {
        Ok(())
    } else {
        Err(MOVED.into())
    }
}

/// Revokes a released set and every certificate in it, with a line for each.
pub(super) async fn revoke_set(
    tx: Tx<'_>,
    set: &intents::Intent,
    reason: RevocationReason,
    actor: &Actor,
    now: Time,
) -> Result<(), JourneyError> {
    if !intents::end(tx, &set.id, set.state, CertificateState::Revoked, now).await? {
        return Err(MOVED.into());
    }
    for (issuer, serial) in certificates::revoke(tx, &set.id, now, reason).await? {
        let event = Event::CertificateRevoked {
            actor: actor.clone(),
            person: set.user_id.clone(),
            certificate: CertificateName { issuer, serial },
            reason,
        };
        tx.audit(now, &event).await?;
    }
    Ok(())
}
