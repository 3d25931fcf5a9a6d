//! `requestCard`: a card is asked for (domain 5.4 T1).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::request_card::{self, CardRequest};
use http::HeaderMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::body::Body;
use super::caller::Caller;
use super::desk_shapes::{CardDone, user_id};
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::shapes;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "requestCard",
    "/api/v1/desk/cards/request",
    Access::DeskToken,
    (schema_of::<RequestCard>, schema_of::<CardDone>),
)
.about("Asks for a card for somebody who has none.");

/// Its body.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestCard {
    /// For whom, 12 digits.
    #[serde(alias = "person")]
    user_id: String,
    /// The number on the plastic from stock; one is drawn where none is named.
    #[serde(default, alias = "card", alias = "number")]
    card_number: Option<String>,
    /// Chosen by the caller: the same key and body get the same answer.
    #[serde(default)]
    idempotency_key: Option<String>,
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<RequestCard>,
) -> Result<Json<CardDone>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let person = user_id(&body.user_id)?;
    let number = body.card_number.as_deref();
    let key = body.idempotency_key.as_deref();
    let wanted = CardRequest {
        user_id: person.clone(),
        card: number.map(shapes::card_number).transpose()?,
        idempotency_key: key.map(shapes::idempotency_key).transpose()?,
    };
    let about = About::person(&caller.user_id, person);
    let (store, policy) = (&house.store, &house.policy);
    let done = request_card::request_card(store, policy, wanted, desk, arrival.now).await;
    let card = settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(CardDone::new(&card, "requested")))
}
