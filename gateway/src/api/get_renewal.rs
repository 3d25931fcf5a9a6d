//! `getRenewal`: how a renewal stands; its certificates can be fetched until they are confirmed (E12).

use axum::Json;
use axum::extract::{Path, State};
use enrolment::journeys::renewal;
use wire::renewal::Renewal;

use super::caller;
use super::operation::{Operation, schema_of};
use super::outcome::settle;
use super::shapes;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::get(
    "getRenewal",
    "/api/v1/renewals/{renewal_id}",
    Access::CardClient,
    schema_of::<Renewal>,
)
.about("How a renewal of the card that calls stands, with the certificates to be written.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    Path(renewal_id): Path<String>,
) -> Result<Json<Renewal>, Failure> {
    let presented = caller::card(&house, &arrival).await?;
    let about = caller::about_card(&house, &presented).await?;
    let found = renewal::find(&house.store, &presented, &renewal_id, arrival.now).await;
    let found = settle(&house, &arrival, OPERATION.id, about, found).await?;
    Ok(Json(shapes::renewal(found)))
}
