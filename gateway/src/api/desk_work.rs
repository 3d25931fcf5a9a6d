//! What every work that issues does with its requests, whatever its kind: one handler each says
//! which kind and what is attested, this does the rest.

use axum::Json;
use enrolment::desk::{Attestation, DeskSession, WorkKind};
use enrolment::journeys::desk_card::{self, DeskCard};
use wire::desk::CardWorkDone;
use wire::renewal::KeyRequest;

use super::caller::Caller;
use super::outcome::{About, settle};
use super::shapes;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;

/// A work as its body asks for it.
pub(super) struct Asked {
    /// The `operationId`, for the trail.
    pub(super) operation: &'static str,
    /// The kind that the work must be of.
    pub(super) kind: WorkKind,
    /// Which work.
    pub(super) work_id: String,
    /// One request per key of the card.
    pub(super) csrs: Vec<KeyRequest>,
    /// What the desk attests.
    pub(super) attestation: Attestation,
    /// Chosen by the client.
    pub(super) idempotency_key: Option<String>,
}

/// Issues the set of the work.
pub(super) async fn issue(
    house: &Shared,
    arrival: &Arrival,
    by: (Caller, DeskSession),
    asked: Asked,
) -> Result<Json<CardWorkDone>, Failure> {
    let (caller, desk) = by;
    let key = asked.idempotency_key.as_deref();
    let wanted = DeskCard {
        work_id: asked.work_id.clone(),
        requests: shapes::requests(asked.csrs)?,
        attestation: asked.attestation,
        restart: false,
        idempotency_key: key.map(shapes::idempotency_key).transpose()?,
    };
    let about = About::work(house, &caller.user_id, &asked.work_id).await?;
    let set = desk_card::issue(&house.issuing(), asked.kind, wanted, desk, arrival.now).await;
    let set = settle(house, arrival, asked.operation, about, set).await?;
    Ok(Json(shapes::work_done(asked.work_id, &set)))
}
