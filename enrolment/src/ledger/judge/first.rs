//! Facts and law of the first set of a card.

use policies::card::CardState;
use policies::ids::UserId;
use policies::issuance::{FirstCardFacts, KeyFacts, SubjectFacts, first_card};
use policies::permit::IssuePermit;
use policies::refusal::RefusalCode;
use policies::time::Time;

use super::super::{Issuing, Wish};
use super::key_facts;
use crate::audit::Event;
use crate::cards::Card;
use crate::desk::Desk;
use crate::journeys::JourneyError;
use crate::store::{StoreError, Tx, cards, desk_works, intents, people};

/// Facts and law of a first card. The card's row begins here, unless it was requested before.
pub(super) async fn judge_first(
    tx: Tx<'_>,
    issuing: &Issuing,
    wish: &Wish,
    first: (&UserId, &Desk, Option<&str>),
    now: Time,
) -> Result<IssuePermit, JourneyError> {
    let (user_id, by, work_id) = first;
    let actor = by.actor(tx, user_id, now).await?;
    let person = people::find(tx, user_id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let row = cards::find(tx, &wish.card).await?;
    let begun = match &row {
        Some(card) => is_begun(tx, card, user_id).await?,
        None => false,
    };
    let live = cards::newest_of(tx, user_id)
        .await?
        .filter(|card| card.state != CardState::Cancelled);
    let keys = key_facts(tx, wish).await?;
    let facts = FirstCardFacts {
        subject: SubjectFacts {
            user_id: user_id.clone(),
            person_version: person.version,
            person_open: person.open,
            card: wish.card.clone(),
            card_version: row.as_ref().map_or(1, |card| card.version),
            card_state: row
                .as_ref()
                .filter(|card| card.user_id == *user_id)
                .map_or(CardState::Requested, |card| card.state),
        },
        identity_verified: person.id_assurance_level > 0,
        terms_accepted: person.terms_version.is_some(),
        other_live_card: live.is_some() && !begun,
        plastic_used_before: row.is_some() && !begun,
        series_ended: false,
        actor: actor.facts(user_id),
        keys: KeyFacts {
            proven: keys.proven && nonce_stands(tx, work_id).await?,
            ..keys
        },
        issuer_not_after: issuing.authority.current()?.validity().not_after,
    };
    let permit = first_card(&facts, now, &issuing.policy)?;
    if row.is_none() {
        cards::insert(tx, permit.card(), permit.user_id(), now, actor.person()).await?;
        let event = Event::CardRequested {
            actor: actor.actor,
            person: user_id.clone(),
            card: wish.card.clone(),
        };
        tx.audit(now, &event).await?;
    }
    Ok(permit)
}

/// Whether the nonce of the work is still to be spent; without a work there is none.
async fn nonce_stands(tx: Tx<'_>, work_id: Option<&str>) -> Result<bool, StoreError> {
    let Some(work_id) = work_id else {
        return Ok(true);
    };
    let work = desk_works::find(tx, work_id).await?;
    Ok(work.is_some_and(|work| work.intent_id.is_none()))
}

/// True when this card was requested for this person, was never hers to use, and holds no set: its
/// first issuance is still to come, or was given up.
async fn is_begun(tx: Tx<'_>, card: &Card, user_id: &UserId) -> Result<bool, StoreError> {
    let unused = matches!(
        card.state,
        CardState::Requested | CardState::Produced | CardState::Dispatched
    );
    let hers = unused && card.user_id == *user_id;
    Ok(hers && intents::pending(tx, &card.number).await?.is_none())
}
