//! `confirmMyCard`: a handshake with the new certificate says that it is on the card (T13).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::renewal;
use wire::renewal::{Renewal, ThisRenewal};

use super::body::Body;
use super::caller;
use super::operation::{Operation, schema_of};
use super::outcome::settle;
use super::shapes;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "confirmMyCard",
    "/api/v1/renewals/confirm",
    Access::CardClient,
    (schema_of::<ThisRenewal>, schema_of::<Renewal>),
)
.about("Makes the pending set the current one; called with the new certificate.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<ThisRenewal>,
) -> Result<Json<Renewal>, Failure> {
    let presented = caller::card(&house, &arrival).await?;
    let body = body.read()?;
    let about = caller::about_card(&house, &presented).await?;
    let done = renewal::confirm(&house.store, &presented, &body.renewal_id, arrival.now).await;
    let done = settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(shapes::renewal(done)))
}
