//! `confirmReceipt`: the holder has told the desk that her card arrived (F16, domain 5.4 T4).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::confirm_receipt::confirm_receipt;
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
    "confirmReceipt",
    "/api/v1/desk/cards/receipt",
    Access::DeskToken,
    (schema_of::<ConfirmReceipt>, schema_of::<CardDone>),
)
.about("Records that the holder has her card in her hands; only then can she put it to use.");

/// Its body.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmReceipt {
    /// The number on the plastic.
    #[serde(alias = "card", alias = "number")]
    card_number: String,
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ConfirmReceipt>,
) -> Result<Json<CardDone>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let card = shapes::card_number(&body.card_number)?;
    let about = About::desk(&caller.user_id, Some(card.clone()));
    let (store, policy) = (&house.store, &house.policy);
    let done = confirm_receipt(store, policy, card.clone(), desk, arrival.now).await;
    settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(CardDone::new(&card, "received")))
}
