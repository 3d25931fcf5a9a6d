//! `releaseCardSecrets`: the management key of the card that calls, sealed, for one open renewal of its
//! own. No card keeps the key behind its passcode, and none keeps it after the renewal.

use axum::Json;
use axum::extract::State;
use enrolment::journeys::card_secrets;
use wire::desk::CardSecrets;
use wire::renewal::{CardSecretsReleased, ReleaseCardSecrets};

use super::body::Body;
use super::operation::{Operation, schema_of};
use super::outcome::settle;
use super::{caller, sealing};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "releaseCardSecrets",
    "/api/v1/renewals/secrets",
    Access::CardClient,
    (
        schema_of::<ReleaseCardSecrets>,
        schema_of::<CardSecretsReleased>,
    ),
)
.about(
    "Releases the card's management key and the next one, sealed, for one open renewal of its own.",
);

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<ReleaseCardSecrets>,
) -> Result<Json<CardSecretsReleased>, Failure> {
    let presented = caller::card(&house, &arrival).await?;
    let body = body.read()?;
    let key = sealing::transport_key(&house, &body.transport_key)?;
    let about = caller::about_card(&house, &presented).await?;
    let (codes, issuing) = (house.codes()?, house.issuing());
    let this = (&presented, body.renewal_id.as_str());
    let made = card_secrets::for_renewal(&codes, &issuing, this, arrival.now).await;
    let made = settle(&house, &arrival, OPERATION.id, about, made).await?;
    let secrets = CardSecrets {
        management_key: made.management.current.as_ref().map(sealing::hex_of),
        next_management_key: Some(sealing::hex_of(&made.management.next)),
        unblock_key: None,
        next_unblock_key: None,
    };
    let sealed_secrets = sealing::seal(&house, &key, &made.card, &secrets)?;
    Ok(Json(CardSecretsReleased {
        renewal_id: body.renewal_id,
        card_number: made.card.as_str().to_owned(),
        sealed_secrets,
    }))
}
