//! `renewMyCard`: the card asks for its next set of certificates (domain 5.4 T9).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::self_renew::{self, SelfRenewal};
use wire::renewal::{RenewMyCard, Renewal};

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
    "renewMyCard",
    "/api/v1/renewals/renew",
    Access::CardClient,
    (schema_of::<RenewMyCard>, schema_of::<Renewal>),
)
.about("Issues the pending set of the card that calls; the old set keeps working until the new one is confirmed.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<RenewMyCard>,
) -> Result<Json<Renewal>, Failure> {
    let presented = caller::card(&house, &arrival).await?;
    let body = body.read()?;
    let about = caller::about_card(&house, &presented).await?;
    let wanted = SelfRenewal {
        presented,
        renewal_id: body.renewal_id.clone(),
        requests: shapes::requests(body.csrs)?,
        idempotency_key: shapes::idempotency_key(&body.idempotency_key)?,
    };
    let set = self_renew::renew(&house.issuing(), wanted, arrival.now).await;
    let set = settle(&house, &arrival, OPERATION.id, about, set).await?;
    Ok(Json(shapes::renewed(body.renewal_id, &set)))
}
