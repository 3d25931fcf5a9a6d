//! `restartDeskCardWork`: a pending set is begun again with fresh keys (domain 5.4 T13b).

use axum::Json;
use axum::extract::State;
use enrolment::desk::Attestation;
use enrolment::journeys::desk_card::{self, DeskCard};
use http::HeaderMap;
use wire::desk::{CardWorkDone, RenewCardAssisted};

use super::body::Body;
use super::caller::Caller;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::shapes;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description. The body is that of an assisted renewal; the work is a new one on that card.
pub(super) const OPERATION: Operation = Operation::post(
    "restartDeskCardWork",
    "/api/v1/desk/works/restart",
    Access::DeskToken,
    (schema_of::<RenewCardAssisted>, schema_of::<CardWorkDone>),
)
.about("Begins the pending set of a card again with fresh keys, under a new work; the first decision stands.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<RenewCardAssisted>,
) -> Result<Json<CardWorkDone>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let key = body.idempotency_key.as_deref();
    let wanted = DeskCard {
        work_id: body.work_id.clone(),
        requests: shapes::requests(body.csrs)?,
        attestation: Attestation {
            holder_present: body.holder_present,
            photo_compared: body.photo_compared,
            ..Attestation::default()
        },
        restart: true,
        idempotency_key: key.map(shapes::idempotency_key).transpose()?,
    };
    let about = About::work(&house, &caller.user_id, &body.work_id).await?;
    let set = desk_card::restart(&house.issuing(), wanted, desk, arrival.now).await;
    let set = settle(&house, &arrival, OPERATION.id, about, set).await?;
    Ok(Json(shapes::work_done(body.work_id, &set)))
}
