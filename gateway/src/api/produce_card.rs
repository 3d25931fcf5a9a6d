//! `produceCard`: the first set of a requested card (domain 5.4 T2).

use axum::Json;
use axum::extract::State;
use enrolment::desk::{Attestation, WorkKind};
use http::HeaderMap;
use wire::desk::{CardWork, CardWorkDone};

use super::body::Body;
use super::caller::Caller;
use super::desk_work::{self, Asked};
use super::operation::{Operation, schema_of};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "produceCard",
    "/api/v1/desk/works/produce",
    Access::DeskToken,
    (schema_of::<CardWork>, schema_of::<CardWorkDone>),
)
.about(
    "Issues the first set of a requested card; the card is locked until its holder activates it.",
);

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
        kind: WorkKind::Issue,
        work_id: body.work_id,
        csrs: body.csrs,
        attestation: Attestation {
            holder_present: body.holder_present,
            photo_compared: body.photo_compared,
            ..Attestation::default()
        },
        idempotency_key: body.idempotency_key,
    };
    desk_work::issue(&house, &arrival, by, asked).await
}
