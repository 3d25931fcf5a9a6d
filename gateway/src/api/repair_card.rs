//! `repairCard`: everything on the chip anew (domain 5.4 T12).

use axum::Json;
use axum::extract::State;
use enrolment::desk::{Attestation, WorkKind};
use enrolment::journeys::desk_card::{self, DeskCard};
use http::HeaderMap;
use wire::desk::{CardWork, CardWorkDone};

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
    "repairCard",
    "/api/v1/desk/works/repair",
    Access::DeskToken,
    (schema_of::<CardWork>, schema_of::<CardWorkDone>),
)
.about("Replaces everything on a card, the holder being present, for a reason.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<CardWork>,
) -> Result<Json<CardWorkDone>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let wanted = DeskCard {
        work_id: body.work_id.clone(),
        requests: shapes::requests(body.csrs)?,
        attestation: Attestation {
            holder_present: body.holder_present,
            photo_compared: body.photo_compared,
            reason: shapes::repair_reason(body.reason)?,
            ..Attestation::default()
        },
        restart: false,
        idempotency_key: body
            .idempotency_key
            .as_deref()
            .map(shapes::idempotency_key)
            .transpose()?,
    };
    let about = About::work(&house, &caller.user_id, &body.work_id).await?;
    let set = desk_card::issue(
        &house.issuing(),
        WorkKind::Repair,
        wanted,
        desk,
        arrival.now,
    )
    .await;
    let set = settle(&house, &arrival, OPERATION.id, about, set).await?;
    Ok(Json(shapes::work_done(body.work_id, &set)))
}
