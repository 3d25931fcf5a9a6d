//! `reissueCardInPerson`: reissue after expiry, in person (domain 5.4 T11).

use axum::Json;
use axum::extract::State;
use enrolment::desk::{Attestation, WorkKind};
use http::HeaderMap;
use wire::desk::{CardWorkDone, ReissueCardInPerson};

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
    "reissueCardInPerson",
    "/api/v1/desk/works/reissue",
    Access::DeskToken,
    (schema_of::<ReissueCardInPerson>, schema_of::<CardWorkDone>),
)
.about("Reissues the certificates of an expired card, the holder being present.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ReissueCardInPerson>,
) -> Result<Json<CardWorkDone>, Failure> {
    let by = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let asked = Asked {
        operation: OPERATION.id,
        kind: WorkKind::Reissue,
        work_id: body.work_id,
        csrs: body.csrs,
        attestation: Attestation {
            holder_present: body.holder_present,
            photo_compared: body.photo_compared,
            evidence: shapes::evidence(body.evidence_ids)?,
            ..Attestation::default()
        },
        idempotency_key: body.idempotency_key,
    };
    desk_work::issue(&house, &arrival, by, asked).await
}
