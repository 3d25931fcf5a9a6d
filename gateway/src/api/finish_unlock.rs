//! `finishUnlock`: the right code releases the unblock key of the card for one reset (T6).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::unlock;
use wire::desk::CardSecrets;
use wire::unlock::{FinishUnlock, UnlockReleased};

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
    "finishUnlock",
    "/api/v1/unlocks/finish",
    Access::Stranger,
    (schema_of::<FinishUnlock>, schema_of::<UnlockReleased>),
)
.about("Releases the card's unblock key and the next one against the code, sealed; once.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<FinishUnlock>,
) -> Result<Json<UnlockReleased>, Failure> {
    let body = body.read()?;
    let codes = house.codes()?;
    let typed = stranger::typed(&body.unlock_id, &body.code);
    let done = unlock::finish(&codes, typed, arrival.now).await;
    let released = settle(&house, &arrival, OPERATION.id, About::default(), done).await?;
    let secrets = CardSecrets {
        management_key: None,
        next_management_key: None,
        unblock_key: released.unblock_key.as_ref().map(sealing::hex_of),
        next_unblock_key: Some(sealing::hex_of(&released.next_unblock_key)),
    };
    let sealed = sealing::seal(&house, &released.transport_key, &released.card, &secrets)?;
    Ok(Json(UnlockReleased {
        unlock_id: body.unlock_id,
        card_number: released.card.as_str().to_owned(),
        sealed_secrets: sealed,
    }))
}
