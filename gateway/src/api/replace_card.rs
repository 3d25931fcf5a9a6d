//! `replaceCard`: another card takes the place of one (domain 5.4 T16).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::replace_card::{self, Replacement};
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
    "replaceCard",
    "/api/v1/desk/cards/replace",
    Access::DeskToken,
    (schema_of::<ReplaceCard>, schema_of::<CardDone>),
)
.about("Cancels a card and asks for the next one in one step; answers the number of the new card.");

/// Its body.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplaceCard {
    /// The number on the plastic.
    #[serde(alias = "card", alias = "number")]
    card_number: String,
    /// Why, as for `cancelCard`; not asked for again where the card is cancelled already.
    #[serde(default)]
    reason: Option<String>,
    /// The number on the new plastic; one is drawn where none is named.
    #[serde(default)]
    new_card_number: Option<String>,
    /// Chosen by the caller: the same key and body get the same answer.
    #[serde(default)]
    idempotency_key: Option<String>,
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ReplaceCard>,
) -> Result<Json<CardDone>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let card = shapes::card_number(&body.card_number)?;
    let number = body.new_card_number.as_deref();
    let key = body.idempotency_key.as_deref();
    let wanted = Replacement {
        card: card.clone(),
        reason: word(body.reason.as_deref(), "reason_malformed")?,
        new_card: number.map(shapes::card_number).transpose()?,
        idempotency_key: key.map(shapes::idempotency_key).transpose()?,
    };
    let about = About::desk(&caller.user_id, Some(card));
    let (store, policy) = (&house.store, &house.policy);
    let done = replace_card::replace_card(store, policy, wanted, desk, arrival.now).await;
    let new = settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(CardDone::new(&new, "requested")))
}
