//! `dispatchCard`: a produced card is sent to an organisation of its holder (domain 5.4 T3).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::dispatch_card::dispatch_card;
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
    "dispatchCard",
    "/api/v1/desk/cards/dispatch",
    Access::DeskToken,
    (schema_of::<DispatchCard>, schema_of::<CardDone>),
)
.about("Records that a produced card was sent to an organisation where its holder works.");

/// Its body.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DispatchCard {
    /// The number on the plastic.
    #[serde(alias = "card", alias = "number")]
    card_number: String,
    /// The organisation it goes to.
    org_code: String,
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<DispatchCard>,
) -> Result<Json<CardDone>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let card = shapes::card_number(&body.card_number)?;
    let to = body.org_code.parse();
    let to = to.map_err(|_| Failure::BadInput("org_code_malformed"))?;
    let about = About::desk(&caller.user_id, Some(card.clone()));
    let wanted = (card.clone(), to);
    let done = dispatch_card(&house.store, &house.policy, wanted, desk, arrival.now).await;
    settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(CardDone::new(&card, "dispatched")))
}
