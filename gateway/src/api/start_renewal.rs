//! `startRenewal`: a card begins to renew itself and gets a nonce.

use axum::Json;
use axum::extract::State;
use enrolment::journeys::self_renew;
use wire::renewal::StartedRenewal;

use super::caller;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation {
    request: None,
    ..Operation::post(
        "startRenewal",
        "/api/v1/renewals",
        Access::CardClient,
        (schema_of::<()>, schema_of::<StartedRenewal>),
    )
    .about("Begins a renewal of the card that calls; its nonce goes into each certificate request.")
};

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
) -> Result<Json<StartedRenewal>, Failure> {
    let presented = caller::card(&house, &arrival).await?;
    let begun = self_renew::start(&house.store, &presented, arrival.now).await;
    let begun = settle(&house, &arrival, OPERATION.id, About::default(), begun).await?;
    Ok(Json(StartedRenewal {
        renewal_id: begun.renewal_id,
        nonce: begun.nonce,
        expires_at: begun.expires_at,
    }))
}
