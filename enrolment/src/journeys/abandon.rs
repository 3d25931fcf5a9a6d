//! A pending set that nobody confirmed is given up (domain 5.4 T14): revoked, and the self-renewal
//! it cost given back, because it was never used. After 14 days it counts as given up whether or
//! not a job has said so: the next wish finds it and ends it first.

use policies::access::{CardAction, Reach};
use policies::card::{CertificateState, RevocationReason};
use policies::ids::CardNumber;
use policies::lifecycle::{self, AbandonFacts, AbandonGround};
use policies::permit::AbandonPermit;
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::{JourneyError, MOVED, Subject};
use crate::audit::{Actor, CertificateName, Event};
use crate::desk::{Desk, DeskSession};
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
    let facts = pending.pending_facts();
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
    spend(tx, permit, &pending, &Actor::System).await
}

/// The holder gives up her pending set, having shown that it is hers.
pub(super) async fn by_holder(
    tx: Tx<'_>,
    card: &CardNumber,
    policy: &Policy,
    now: Time,
) -> Result<(), JourneyError> {
    let subject = Subject::of_card(tx, card).await?;
    let actor = Actor::Holder(subject.person.user_id.clone());
    given_up(tx, subject, &actor, policy, now).await
}

/// A desk gives up the pending set of a card that it may renew.
pub(super) async fn by_desk(
    tx: Tx<'_>,
    card: &CardNumber,
    by: DeskSession,
    policy: &Policy,
    now: Time,
) -> Result<(), JourneyError> {
    let subject = Subject::of_card(tx, card).await?;
    let holder = subject.person.user_id.clone();
    let actor = Desk::from(by).actor(tx, &holder, now).await?;
    // Open to any area is what is done in the holder's presence (contract 5); this is not.
    if policies::access::ask(policy, &actor.facts(&holder), CardAction::Renew)? == Reach::OutOfArea
    {
        return Err(RefusalCode::ActorOutOfScope.into());
    }
    given_up(tx, subject, &actor.actor, policy, now).await
}

async fn given_up(
    tx: Tx<'_>,
    subject: Subject,
    actor: &Actor,
    policy: &Policy,
    now: Time,
) -> Result<(), JourneyError> {
    let pending = intents::pending(tx, &subject.card.number)
        .await?
        .filter(|set| set.state == CertificateState::Delivered);
    let facts = AbandonFacts {
        subject: subject.facts(),
        pending: pending.as_ref().map(intents::Intent::pending_facts),
        self_renewals_in_a_row: subject.card.self_renewals,
        ground: AbandonGround::GivenUp,
    };
    let permit = lifecycle::abandon(&facts, now, policy)?;
    match pending {
        Some(pending) => spend(tx, permit, &pending, actor).await,
        None => Err(MOVED.into()),
    }
}

async fn spend(
    tx: Tx<'_>,
    permit: AbandonPermit,
    pending: &intents::Intent,
    actor: &Actor,
) -> Result<(), JourneyError> {
    let reason = RevocationReason::CessationOfOperation;
    revoke_set(tx, pending, reason, actor, permit.decided_at()).await?;
    intents::free_slot(tx, &pending.id).await?;
    let count = i64::from(permit.self_renewals_after());
    if cards::set_self_renewals(tx, permit.card(), permit.card_version(), count).await? {
        Ok(())
    } else {
        Err(MOVED.into())
    }
}

/// Revokes a released set and every certificate in it, with a line for each.
pub(crate) async fn revoke_set(
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
