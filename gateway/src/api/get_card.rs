//! `getCard`: somebody's card at a desk, with what may be done with it now or why not.

use axum::Json;
use axum::extract::{Path, State};
use enrolment::card_view;
use enrolment::journeys::JourneyError;
use http::HeaderMap;
use schemars::JsonSchema;
use serde::Serialize;
use wire::card::CardStatus;

use super::caller::Caller;
use super::get_my_card::status;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::shapes;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::get(
    "getCard",
    "/api/v1/desk/cards/{card_number}",
    Access::DeskToken,
    schema_of::<CardAtDesk>,
)
.about("Somebody's card: its certificates, its window, what this desk may do with it and why not.");

/// A card with its holder.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CardAtDesk {
    /// The holder, 12 digits.
    user_id: String,
    /// Her name.
    name: String,
    /// The card.
    #[serde(flatten)]
    card: CardStatus,
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Result<Json<CardAtDesk>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let card = shapes::card_number(&number)?;
    let about = About::desk(&caller.user_id, Some(card.clone()));
    let (issuing, now) = (house.issuing(), arrival.now);
    let view = house
        .store
        .read::<_, JourneyError, _>("api.card", move |tx| {
            let (issuing, card, desk) = (issuing.clone(), card.clone(), desk.clone());
            Box::pin(async move { card_view::at_desk(tx, &issuing, &card, desk, now).await })
        })
        .await;
    let view = settle(&house, &arrival, OPERATION.id, about, view).await?;
    Ok(Json(CardAtDesk {
        user_id: view.holder.user_id.to_string(),
        name: view.holder.display_name.clone(),
        card: status(&view, now, &house.policy),
    }))
}
