//! `abandonRenewal`: the holder, or a desk, gives up a pending set (domain 5.4 T14).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::{desk_card, renewal};
use http::HeaderMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::renewal::{Renewal, ThisRenewal};

use super::body::Body;
use super::caller::{self, Caller};
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::shapes;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description for cards.
pub(super) const OPERATION: Operation = Operation::post(
    "abandonRenewal",
    "/api/v1/renewals/abandon",
    Access::CardClient,
    (schema_of::<ThisRenewal>, schema_of::<Renewal>),
)
.about("Gives up the pending set of the card that calls; a self-renewal is given back.");

/// Its description for the desk.
pub(super) const DESK: Operation = Operation::post(
    "abandonCardRenewal",
    "/api/v1/desk/cards/abandon",
    Access::DeskToken,
    (schema_of::<ThisCard>, schema_of::<Abandoned>),
)
.about("Gives up the pending set of somebody's card.");

/// A card by its number.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ThisCard {
    /// The number on the plastic.
    #[serde(alias = "card", alias = "number")]
    card_number: String,
}

/// It is given up.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Abandoned {
    /// The card.
    card_number: String,
    /// `abandoned`.
    state: &'static str,
}

/// The handler for cards.
pub(super) async fn by_card(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<ThisRenewal>,
) -> Result<Json<Renewal>, Failure> {
    let presented = caller::card(&house, &arrival).await?;
    let body = body.read()?;
    let about = caller::about_card(&house, &presented).await?;
    let (store, policy) = (&house.store, &house.policy);
    let done = renewal::give_up(store, policy, &presented, &body.renewal_id, arrival.now).await;
    let done = settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(shapes::renewal(done)))
}

/// The handler for the desk.
pub(super) async fn by_desk(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ThisCard>,
) -> Result<Json<Abandoned>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let card = shapes::card_number(&body.card_number)?;
    let about = About::desk(&caller.user_id, Some(card.clone()));
    let done = desk_card::abandon(&house.store, &house.policy, &card, desk, arrival.now).await;
    settle(&house, &arrival, DESK.id, about, done).await?;
    Ok(Json(Abandoned {
        card_number: body.card_number,
        state: "abandoned",
    }))
}
