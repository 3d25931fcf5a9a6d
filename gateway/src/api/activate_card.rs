//! `startActivation` and `activateCard`: the holder puts her new card to use (T4). No session opens.

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use enrolment::journeys::activation::{self, Activation};
use policies::card::CardState;
use wire::unlock::{ActivateCard, ActivationStarted, CardActivated, StartActivation};

use super::body::Body;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::stranger;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// The way to a code and a nonce.
pub(super) const START: Operation = Operation::post(
    "startActivation",
    "/api/v1/activations",
    Access::Stranger,
    (schema_of::<StartActivation>, schema_of::<ActivationStarted>),
)
.about("Gives a nonce for the card and sends a code; the answer is the same for everybody.");

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "activateCard",
    "/api/v1/activations/finish",
    Access::Stranger,
    (schema_of::<ActivateCard>, schema_of::<CardActivated>),
)
.about("Puts a new card to use: code, the card's signature over the nonce, terms, receipt.");

/// The handler of `startActivation`.
pub(super) async fn start(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<StartActivation>,
) -> Result<Json<ActivationStarted>, Failure> {
    let body = body.read()?;
    let codes = house.codes()?;
    stranger::may_begin(&arrival)?;
    let named = stranger::named(body.card_number.as_deref(), body.user_id.as_deref())?;
    let begun = activation::start(&codes, named, arrival.now).await;
    let begun = settle(&house, &arrival, START.id, About::default(), begun).await?;
    Ok(Json(ActivationStarted {
        activation_id: begun.activation_id,
        nonce: begun.nonce,
        expires_at: arrival.now.plus(house.policy.code_life()),
        terms_version: house.policy.terms_version().to_owned(),
    }))
}

/// The handler of `activateCard`.
pub(super) async fn finish(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<ActivateCard>,
) -> Result<Json<CardActivated>, Failure> {
    let body = body.read()?;
    let codes = house.codes()?;
    let signature = STANDARD
        .decode(&body.signature)
        .map_err(|_| Failure::BadInput("signature_malformed"))?;
    let wanted = Activation {
        typed: stranger::typed(&body.activation_id, &body.code),
        signature,
        terms_version: body.terms_version,
        receipt_confirmed: body.receipt_confirmed,
    };
    let done = activation::finish(&codes, wanted, arrival.now).await;
    let card = settle(&house, &arrival, OPERATION.id, About::default(), done).await?;
    Ok(Json(CardActivated {
        card_number: card.as_str().to_owned(),
        state: CardState::Active.as_str().to_owned(),
    }))
}
