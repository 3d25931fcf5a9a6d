//! `confirmDeskCardWork`: the desk's client has written the certificates and read them back (T13).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::desk_card;
use http::HeaderMap;
use wire::desk::{CardWorkDone, ConfirmDeskCardWork};

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
    "confirmDeskCardWork",
    "/api/v1/desk/works/confirm",
    Access::DeskToken,
    (schema_of::<ConfirmDeskCardWork>, schema_of::<CardWorkDone>),
)
.about("Says which serials were read back from the card; the new set becomes the current one.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ConfirmDeskCardWork>,
) -> Result<Json<CardWorkDone>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let serials = body
        .serials
        .iter()
        .map(|serial| serial.parse())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| Failure::BadInput("serials_malformed"))?;
    let about = About::work(&house, &caller.user_id, &body.work_id).await?;
    let done = desk_card::confirm(&house.store, &body.work_id, serials, &desk, arrival.now).await;
    let done = settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(shapes::work_done(body.work_id, &done)))
}
