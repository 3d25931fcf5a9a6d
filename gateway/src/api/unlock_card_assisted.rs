//! `unlockCardAssisted`: a desk sets the passcode anew, the holder being present (domain 5.4 T7). Its card
//! client asks twice: for the unblock key, sealed, and when the card has its new passcode.

use axum::Json;
use axum::extract::State;
use enrolment::journeys::lock::{self, AssistedUnlock};
use http::HeaderMap;
use policies::card::CardState;
use wire::desk::CardSecrets;
use wire::unlock::{CardUnlockedAssisted, UnlockCardAssisted};

use super::body::Body;
use super::caller::Caller;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::{sealing, shapes};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "unlockCardAssisted",
    "/api/v1/desk/cards/unlock",
    Access::DeskToken,
    (
        schema_of::<UnlockCardAssisted>,
        schema_of::<CardUnlockedAssisted>,
    ),
)
.about("The holder being present, releases the unblock key to a transport key, or records that the passcode was set anew.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<UnlockCardAssisted>,
) -> Result<Json<CardUnlockedAssisted>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let card = shapes::card_number(&body.card_number)?;
    let about = About::desk(&caller.user_id, Some(card.clone()));
    let wanted = AssistedUnlock {
        card,
        by: desk.into(),
        holder_present: body.holder_present,
        photo_compared: body.photo_compared,
    };
    match (body.transport_key, body.unlock_id) {
        (Some(_), Some(_)) => Err(Failure::BadInput("transport_key_malformed")),
        (Some(key), None) => release(&house, &arrival, (wanted, about), &key).await,
        (None, unlock_id) => record(&house, &arrival, (wanted, about), unlock_id).await,
    }
}

async fn release(
    house: &Shared,
    arrival: &Arrival,
    (wanted, about): (AssistedUnlock, About),
    key: &str,
) -> Result<Json<CardUnlockedAssisted>, Failure> {
    let key = sealing::transport_key(house, key)?;
    let card = wanted.card.clone();
    let made = lock::release_at_desk(&house.codes()?, wanted, arrival.now).await;
    let made = settle(house, arrival, OPERATION.id, about, made).await?;
    let secrets = CardSecrets {
        management_key: None,
        next_management_key: None,
        unblock_key: made.unblock_key.as_ref().map(sealing::hex_of),
        next_unblock_key: Some(sealing::hex_of(&made.next_unblock_key)),
    };
    Ok(Json(CardUnlockedAssisted {
        card_number: card.to_string(),
        state: made.state.as_str().to_owned(),
        unlock_id: Some(made.unlock_id),
        sealed_secrets: Some(sealing::seal(house, &key, &card, &secrets)?),
    }))
}

async fn record(
    house: &Shared,
    arrival: &Arrival,
    (wanted, about): (AssistedUnlock, About),
    unlock_id: Option<String>,
) -> Result<Json<CardUnlockedAssisted>, Failure> {
    let card = wanted.card.clone();
    let done = match unlock_id {
        Some(unlock_id) => {
            let wanted = (wanted, unlock_id);
            lock::released_and_used(&house.codes()?, wanted, arrival.now).await
        }
        None => lock::unlock_assisted(&house.store, &house.policy, wanted, arrival.now).await,
    };
    settle(house, arrival, OPERATION.id, about, done).await?;
    Ok(Json(CardUnlockedAssisted {
        card_number: card.to_string(),
        state: CardState::Active.as_str().to_owned(),
        unlock_id: None,
        sealed_secrets: None,
    }))
}
