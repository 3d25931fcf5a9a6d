//! `confirmUnlock`: the card has its new passcode and the next unblock key (T6).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::unlock;
use policies::card::CardState;
use wire::unlock::{ConfirmUnlock, UnlockDone};

use super::body::Body;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "confirmUnlock",
    "/api/v1/unlocks/confirm",
    Access::Stranger,
    (schema_of::<ConfirmUnlock>, schema_of::<UnlockDone>),
)
.about("Says that the card has taken its new passcode and unblock key; a locked card is active.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<ConfirmUnlock>,
) -> Result<Json<UnlockDone>, Failure> {
    let body = body.read()?;
    let codes = house.codes()?;
    let done = unlock::confirm(&codes, &body.unlock_id, arrival.now).await;
    settle(&house, &arrival, OPERATION.id, About::default(), done).await?;
    Ok(Json(UnlockDone {
        unlock_id: body.unlock_id,
        state: CardState::Active.as_str().to_owned(),
    }))
}
