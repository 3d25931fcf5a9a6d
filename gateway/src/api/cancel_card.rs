//! `cancelCard`: a card ends for ever (domain 5.4 T15).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::cancel_card::{Cancellation, CancelledBy, cancel_card};
use http::HeaderMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::body::Body;
use super::caller::Caller;
use super::desk_shapes::{CardDone, word};
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::shapes;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "cancelCard",
    "/api/v1/desk/cards/cancel",
    Access::DeskToken,
    (schema_of::<CancelCard>, schema_of::<CardDone>),
)
.about("Cancels a card for ever, with its reason; once more is done as well.");

/// Its body.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelCard {
    /// The number on the plastic.
    #[serde(alias = "card", alias = "number")]
    card_number: String,
    /// `lost`, `stolen`, `damaged`, `name_change`, `replaced`, `misused`, `left_healthcare`,
    /// `never_arrived`, `identity_closed`.
    #[serde(default)]
    reason: Option<String>,
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<CancelCard>,
) -> Result<Json<CardDone>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let card = shapes::card_number(&body.card_number)?;
    let about = About::desk(&caller.user_id, Some(card.clone()));
    let wanted = Cancellation {
        card: card.clone(),
        reason: word(body.reason.as_deref(), "reason_malformed")?,
        by: CancelledBy::Desk(desk.into()),
    };
    let done = cancel_card(&house.store, &house.policy, wanted, arrival.now).await;
    settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(CardDone::new(&card, "cancelled")))
}
