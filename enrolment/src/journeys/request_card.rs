//! A desk asks for a card for somebody (domain 5.4 T1): the card's row begins, nothing is produced.

use std::sync::Arc;

use policies::card::CardState;
use policies::handling::{self, RequestFacts};
use policies::ids::{CardNumber, UserId};
use policies::permit::RequestPermit;
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::{DeskActor, IdempotencyKey, JourneyError, request_hash};
use crate::audit::Event;
use crate::desk::Desk;
use crate::store::{Key, Store, Tx, cards, handling as rows, people};

/// A card wanted for somebody.
#[derive(Clone, Debug)]
pub struct CardRequest {
    /// For whom.
    pub user_id: UserId,
    /// The number on the plastic from stock; one is drawn where none is named.
    pub card: Option<CardNumber>,
    /// Chosen by the caller.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl CardRequest {
    /// The key of the wish and its hash, where it has a key.
    pub(super) fn wish(&self, act: &str) -> Option<(String, String)> {
        let key = self.idempotency_key.as_ref()?.as_str().to_owned();
        let card = self.card.as_ref().map_or("", CardNumber::as_str);
        let parts = [act, self.user_id.as_str(), card];
        Some((key, request_hash(&parts.map(str::as_bytes))))
    }
}

/// Asks for the card; answers its number.
///
/// # Errors
/// Refuses with `not_found`, as `policies::handling::request` does, and with
/// `idempotency_key_reused`.
pub async fn request_card(
    store: &Store,
    policy: &Arc<Policy>,
    wanted: CardRequest,
    by: impl Into<Desk>,
    now: Time,
) -> Result<CardNumber, JourneyError> {
    let (policy, by, drawn) = (Arc::clone(policy), by.into(), draw()?);
    store
        .write(
            "request_card",
            Key::of("person", wanted.user_id.clone().as_str()),
            move |tx| {
                let (policy, by) = (Arc::clone(&policy), by.clone());
                let (wanted, drawn) = (wanted.clone(), drawn.clone());
                Box::pin(async move {
                    let actor = by.actor(tx, &wanted.user_id, now).await?;
                    ask(tx, &policy, ("request", &wanted, drawn), &actor, now).await
                })
            },
        )
        .await
}

/// Asks within a transaction that may do more: the wish's word, the wish, and a number to fall back
/// on.
pub(super) async fn ask(
    tx: Tx<'_>,
    policy: &Policy,
    wish: (&str, &CardRequest, CardNumber),
    actor: &DeskActor,
    now: Time,
) -> Result<CardNumber, JourneyError> {
    let (act, wanted, drawn) = wish;
    // Whoever may not ask learns nothing of an earlier answer.
    let task = policies::access::CardAction::Issue;
    policies::access::ask(policy, &actor.facts(&wanted.user_id), task)?;
    let key = wanted.wish(act);
    if let Some(card) = known(tx, wanted, key.as_ref()).await? {
        return Ok(card);
    }
    let card = wanted.card.clone().unwrap_or(drawn);
    let facts = facts(tx, &wanted.user_id, card, actor).await?;
    spend(tx, handling::request(&facts, now, policy)?, actor, key).await
}

/// The card that the same wish led to before.
pub(super) async fn known(
    tx: Tx<'_>,
    wanted: &CardRequest,
    key: Option<&(String, String)>,
) -> Result<Option<CardNumber>, JourneyError> {
    let Some((key, hash)) = key else {
        return Ok(None);
    };
    match rows::by_request(tx, &wanted.user_id, key).await? {
        Some((card, known)) if known == *hash => Ok(Some(card)),
        Some(_) => Err(RefusalCode::IdempotencyKeyReused.into()),
        None => Ok(None),
    }
}

/// What the law asks about, as one transaction sees it.
pub(crate) async fn facts(
    tx: Tx<'_>,
    user_id: &UserId,
    card: CardNumber,
    actor: &DeskActor,
) -> Result<RequestFacts, JourneyError> {
    let person = people::find(tx, user_id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let newest = cards::newest_of(tx, user_id).await?;
    Ok(RequestFacts {
        user_id: user_id.clone(),
        person_version: person.version,
        person_open: person.open,
        identity_verified: person.id_assurance_level > 0,
        live_card: newest.is_some_and(|card| card.state != CardState::Cancelled),
        terms_accepted: person.terms_version.is_some(),
        plastic_used_before: cards::find(tx, &card).await?.is_some(),
        card,
        actor: actor.facts(user_id),
    })
}

async fn spend(
    tx: Tx<'_>,
    permit: RequestPermit,
    actor: &DeskActor,
    wish: Option<(String, String)>,
) -> Result<CardNumber, JourneyError> {
    let (card, now) = (permit.card().clone(), permit.decided_at());
    cards::insert(tx, &card, permit.user_id(), now, actor.person()).await?;
    if let Some((key, hash)) = &wish {
        rows::remember_request(tx, &card, (key, hash)).await?;
    }
    let event = Event::CardRequested {
        actor: actor.actor.clone(),
        person: permit.user_id().clone(),
        card: card.clone(),
    };
    tx.audit(now, &event).await?;
    Ok(card)
}

/// A number for a card: 16 random digits, the first of them no zero.
pub(crate) fn draw() -> Result<CardNumber, JourneyError> {
    const LOWEST: u64 = 1_000_000_000_000_000;
    let mut bytes = [0_u8; 8];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| JourneyError::NoChance)?;
    let number = LOWEST + u64::from_be_bytes(bytes) % (9 * LOWEST);
    Ok(number.to_string().parse()?)
}
