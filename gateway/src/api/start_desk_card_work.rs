//! `startDeskCardWork`: a desk person begins to work on somebody's card and gets a nonce.

use axum::Json;
use axum::extract::State;
use enrolment::desk::{self, WorkKind};
use enrolment::journeys::card_secrets;
use http::HeaderMap;
use wire::desk::{DeskCardWork, StartDeskCardWork};

use super::body::Body;
use super::caller::Caller;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::{sealing, shapes};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "startDeskCardWork",
    "/api/v1/desk/works",
    Access::DeskToken,
    (schema_of::<StartDeskCardWork>, schema_of::<DeskCardWork>),
)
.about("Begins a work on a card: ten minutes, this actor, this card.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<StartDeskCardWork>,
) -> Result<Json<DeskCardWork>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let card = shapes::card_number(&body.card_number)?;
    let kind: WorkKind = body
        .kind
        .parse()
        .map_err(|_| Failure::BadInput("kind_malformed"))?;
    let transport_key = body.transport_key.as_deref();
    let transport_key = transport_key
        .map(|key| sealing::transport_key(&house, key))
        .transpose()?;
    let about = About::desk(&caller.user_id, Some(card.clone()));
    let (wanted, by) = ((card, kind), desk.clone());
    let begun = desk::start_work(&house.store, &house.policy, wanted, by, arrival.now).await;
    let begun = settle(&house, &arrival, OPERATION.id, about.clone(), begun).await?;
    let sealed_secrets = match transport_key {
        Some(key) => {
            let made =
                card_secrets::for_work(&house.codes()?, &begun.work_id, &desk, arrival.now).await;
            let secrets = settle(&house, &arrival, OPERATION.id, about, made).await?;
            Some(sealing::seal(
                &house,
                &key,
                &begun.card,
                &on_wire(&secrets),
            )?)
        }
        None => None,
    };
    Ok(Json(DeskCardWork {
        work_id: begun.work_id,
        nonce: begun.nonce,
        expires_at: begun.expires_at,
        second_actor_needed: begun.second_actor_needed,
        sealed_secrets,
    }))
}

fn on_wire(secrets: &card_secrets::CardSecrets) -> wire::desk::CardSecrets {
    let (unblock, management) = (&secrets.unblock, &secrets.management);
    wire::desk::CardSecrets {
        management_key: management.current.as_ref().map(sealing::hex_of),
        next_management_key: Some(sealing::hex_of(&management.next)),
        unblock_key: unblock.current.as_ref().map(sealing::hex_of),
        next_unblock_key: Some(sealing::hex_of(&unblock.next)),
    }
}
