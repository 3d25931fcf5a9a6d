//! `restartRenewal`: the card's client lost the keys of the pending set (domain 5.4 T13b). Without
//! requests it gets a fresh nonce, with them the set again.

use axum::Json;
use axum::extract::State;
use enrolment::journeys::renewal::{self, Restart};
use wire::renewal::{Renewal, RestartRenewal};

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
    "restartRenewal",
    "/api/v1/renewals/restart",
    Access::CardClient,
    (schema_of::<RestartRenewal>, schema_of::<Renewal>),
)
.about("Begins the pending set again with fresh keys: without requests a fresh nonce, with them the set.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<RestartRenewal>,
) -> Result<Json<Renewal>, Failure> {
    let presented = caller::card(&house, &arrival).await?;
    let body = body.read()?;
    let about = caller::about_card(&house, &presented).await?;
    if body.csrs.is_empty() {
        let fresh = renewal::renonce(&house.store, &presented, &body.renewal_id, arrival.now).await;
        let fresh = settle(&house, &arrival, OPERATION.id, about, fresh).await?;
        return Ok(Json(shapes::renewal(fresh)));
    }
    let key = body.idempotency_key.as_deref().unwrap_or_default();
    let wanted = Restart {
        presented,
        renewal_id: body.renewal_id.clone(),
        requests: shapes::requests(body.csrs)?,
        idempotency_key: shapes::idempotency_key(key)?,
    };
    let set = renewal::restart(&house.issuing(), wanted, arrival.now).await;
    let set = settle(&house, &arrival, OPERATION.id, about, set).await?;
    Ok(Json(shapes::renewed(body.renewal_id, &set)))
}
