//! `clearCard`: what became of a card's plastic, and clearing it for stock (domain 5.4 T17).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::record_plastic::record_plastic;
use http::HeaderMap;
use policies::card::PlasticState;
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
    "clearCard",
    "/api/v1/desk/cards/clear",
    Access::DeskToken,
    (schema_of::<ClearCard>, schema_of::<CardDone>),
)
.about("Records what became of the plastic; only what came back from a cancelled card is cleared for stock.");

/// Its body.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClearCard {
    /// The number on the plastic.
    #[serde(alias = "card", alias = "number")]
    card_number: String,
    /// `returned`, `destroyed`, `unaccounted`, or `cleared`, which stands where nothing is said.
    #[serde(default)]
    plastic: Option<String>,
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ClearCard>,
) -> Result<Json<CardDone>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let card = shapes::card_number(&body.card_number)?;
    let becomes = word(body.plastic.as_deref(), "plastic_malformed")?;
    let becomes = becomes.unwrap_or(PlasticState::Cleared);
    let about = About::desk(&caller.user_id, Some(card.clone()));
    let wanted = (card.clone(), becomes);
    let done = record_plastic(&house.store, &house.policy, wanted, desk, arrival.now).await;
    settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(CardDone::new(&card, becomes.as_str())))
}
