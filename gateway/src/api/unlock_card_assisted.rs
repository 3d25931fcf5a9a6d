//! `unlockCardAssisted`: a desk has set the passcode anew, the holder being present (domain 5.4 T7).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::lock::{AssistedUnlock, unlock_assisted};
use http::HeaderMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::body::Body;
use super::caller::Caller;
use super::desk_shapes::CardDone;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::shapes;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "unlockCardAssisted",
    "/api/v1/desk/cards/unlock",
    Access::DeskToken,
    (schema_of::<UnlockCardAssisted>, schema_of::<CardDone>),
)
.about("Records that a passcode was set anew at a desk, the holder being present with her card.");

/// Its body.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UnlockCardAssisted {
    /// The number on the plastic.
    #[serde(alias = "card", alias = "number")]
    card_number: String,
    /// The holder is here, with her card.
    #[serde(default)]
    holder_present: bool,
    /// Her face was compared with the photo on record.
    #[serde(default)]
    photo_compared: bool,
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<UnlockCardAssisted>,
) -> Result<Json<CardDone>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let card = shapes::card_number(&body.card_number)?;
    let about = About::desk(&caller.user_id, Some(card.clone()));
    let wanted = AssistedUnlock {
        card: card.clone(),
        by: desk.into(),
        holder_present: body.holder_present,
        photo_compared: body.photo_compared,
    };
    let done = unlock_assisted(&house.store, &house.policy, wanted, arrival.now).await;
    settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(CardDone::new(&card, "active")))
}
