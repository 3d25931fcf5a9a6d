//! `repairCard`: everything on the chip anew (domain 5.4 T12).

use axum::Json;
use axum::extract::State;
use enrolment::desk::{Attestation, WorkKind};
use http::HeaderMap;
use wire::desk::{CardWork, CardWorkDone};

use super::body::Body;
use super::caller::Caller;
use super::desk_work::{self, Asked};
use super::operation::{Operation, schema_of};
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
    let by = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let asked = Asked {
        operation: OPERATION.id,
        kind: WorkKind::Repair,
        work_id: body.work_id,
        csrs: body.csrs,
        attestation: Attestation {
            holder_present: body.holder_present,
            photo_compared: body.photo_compared,
            reason: shapes::repair_reason(body.reason)?,
            ..Attestation::default()
        },
        idempotency_key: body.idempotency_key,
    };
    desk_work::issue(&house, &arrival, by, asked).await
}
