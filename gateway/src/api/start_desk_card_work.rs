//! `startDeskCardWork`: a desk person begins to work on somebody's card and gets a nonce.

use axum::Json;
use axum::extract::State;
use enrolment::desk::{self, WorkKind};
use http::HeaderMap;
use wire::desk::{DeskCardWork, StartDeskCardWork};

use super::body::Body;
use super::caller::Caller;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::shapes;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "startDeskCardWork",
    "/api/v1/desk/works",
    Access::DeskToken,
    (schema_of::<StartDeskCardWork>, schema_of::<DeskCardWork>),
)
.about("Begins a work on a card: ten minutes, this actor, this card.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<StartDeskCardWork>,
) -> Result<Json<DeskCardWork>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let card = shapes::card_number(&body.card_number)?;
    let kind: WorkKind = body
        .kind
        .parse()
        .map_err(|_| Failure::BadInput("kind_malformed"))?;
    let about = About::desk(&caller.user_id, Some(card.clone()));
    let wanted = (card, kind);
    let begun = desk::start_work(&house.store, &house.policy, wanted, desk, arrival.now).await;
    let begun = settle(&house, &arrival, OPERATION.id, about, begun).await?;
    Ok(Json(DeskCardWork {
        work_id: begun.work_id,
        nonce: begun.nonce,
        expires_at: begun.expires_at,
        second_actor_needed: begun.second_actor_needed,
        sealed_secrets: None,
    }))
}
