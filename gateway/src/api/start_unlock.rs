//! `startUnlock`: anybody names a card or a person and gets the same answer (T6, attack table 72).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::unlock;
use wire::unlock::{StartUnlock, UnlockStarted};

use super::body::Body;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::{sealing, stranger};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "startUnlock",
    "/api/v1/unlocks",
    Access::Stranger,
    (schema_of::<StartUnlock>, schema_of::<UnlockStarted>),
)
.about("Sends a code to the holder's verified addresses; the answer is the same for everybody.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<StartUnlock>,
) -> Result<Json<UnlockStarted>, Failure> {
    let body = body.read()?;
    let codes = house.codes()?;
    stranger::may_begin(&arrival)?;
    let named = stranger::named(body.card_number.as_deref(), body.user_id.as_deref())?;
    let key = sealing::transport_key(&house, &body.transport_key)?;
    let begun = unlock::start(&codes, named, Some(key), arrival.now).await;
    let unlock_id = settle(&house, &arrival, OPERATION.id, About::default(), begun).await?;
    Ok(Json(UnlockStarted {
        unlock_id,
        expires_at: arrival.now.plus(house.policy.code_life()),
    }))
}
