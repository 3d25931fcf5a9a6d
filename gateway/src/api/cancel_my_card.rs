//! `cancelMyCard`: a person ends her own card at any hour, signed in or by a code to her address
//! (T15; F80, F81). She says so twice, since it cannot be undone (F83).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::cancel_own;
use http::HeaderMap;
use policies::card::{CancelReason, CardState};
use policies::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::body::Body;
use super::caller::Caller;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::stranger;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Body of `cancelMyCard`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelMyCard {
    /// `lost`, `stolen`, `damaged`, `never_arrived`, `misused`.
    reason: Option<String>,
    /// The card is to be cancelled.
    confirmed: bool,
    /// For ever.
    confirmed_again: bool,
}

/// Body of `startCardCancellation`: one of the two numbers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StartCancellation {
    /// The number on the plastic.
    card_number: Option<String>,
    /// The holder's number.
    user_id: Option<String>,
}

/// Answer of `startCardCancellation`, the same for everybody.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CancellationStarted {
    /// Names the cancellation.
    cancellation_id: String,
    /// The last second of a code that is sent now: fifteen minutes.
    #[schemars(with = "String")]
    expires_at: Time,
}

/// Body of `cancelMyCardByCode`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelByCode {
    /// From `startCardCancellation`.
    cancellation_id: String,
    /// The code as it was typed.
    code: String,
    /// `lost`, `stolen`, `damaged`, `never_arrived`, `misused`.
    reason: Option<String>,
    /// The card is to be cancelled.
    confirmed: bool,
    /// For ever.
    confirmed_again: bool,
}

/// Answer of both.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CardCancelled {
    /// The card.
    card_number: String,
    /// Its state: `cancelled`.
    state: String,
}

/// By token.
pub(super) const OPERATION: Operation = Operation::post(
    "cancelMyCard",
    "/api/v1/my/card/cancel",
    Access::SelfToken,
    (schema_of::<CancelMyCard>, schema_of::<CardCancelled>),
)
.about("Cancels the caller's card for ever.");

/// The way to a code.
pub(super) const START: Operation = Operation::post(
    "startCardCancellation",
    "/api/v1/cancellations",
    Access::Stranger,
    (
        schema_of::<StartCancellation>,
        schema_of::<CancellationStarted>,
    ),
)
.about("Sends a code to the holder's verified addresses; the answer is the same for everybody.");

/// By code.
pub(super) const BY_CODE: Operation = Operation::post(
    "cancelMyCardByCode",
    "/api/v1/cancellations/finish",
    Access::Stranger,
    (schema_of::<CancelByCode>, schema_of::<CardCancelled>),
)
.about("Cancels the holder's card for ever against a code to her verified address.");

/// The reasons a holder gives.
pub(crate) const REASONS: [CancelReason; 5] = [
    CancelReason::Lost,
    CancelReason::Stolen,
    CancelReason::Damaged,
    CancelReason::NeverArrived,
    CancelReason::Misused,
];

/// The handler for tokens.
pub(super) async fn by_token(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<CancelMyCard>,
) -> Result<Json<CardCancelled>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let reason = reason(
        body.reason.as_deref(),
        body.confirmed && body.confirmed_again,
    )?;
    let (user_id, now) = (&caller.user_id, arrival.now);
    let hers = (user_id, caller.signed_in(&house));
    let done = cancel_own::by_herself(&house.store, &house.policy, hers, reason, now).await;
    let about = About::herself(user_id);
    let card = settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(cancelled(card.as_str()))
}

/// The handler that sends a code.
pub(super) async fn start(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<StartCancellation>,
) -> Result<Json<CancellationStarted>, Failure> {
    let body = body.read()?;
    let codes = house.codes()?;
    stranger::may_begin(&arrival)?;
    let named = stranger::named(body.card_number.as_deref(), body.user_id.as_deref())?;
    let begun = cancel_own::start(&codes, named, arrival.now).await;
    let id = settle(&house, &arrival, START.id, About::default(), begun).await?;
    Ok(Json(CancellationStarted {
        cancellation_id: id,
        expires_at: arrival.now.plus(house.policy.code_life()),
    }))
}

/// The handler for codes.
pub(super) async fn by_code(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<CancelByCode>,
) -> Result<Json<CardCancelled>, Failure> {
    let body = body.read()?;
    let codes = house.codes()?;
    let reason = reason(
        body.reason.as_deref(),
        body.confirmed && body.confirmed_again,
    )?;
    let typed = stranger::typed(&body.cancellation_id, &body.code);
    let done = cancel_own::by_code(&codes, typed, reason, arrival.now).await;
    let card = settle(&house, &arrival, BY_CODE.id, About::default(), done).await?;
    Ok(cancelled(card.as_str()))
}

/// The reason, if she has said twice that she means it.
fn reason(word: Option<&str>, confirmed: bool) -> Result<Option<CancelReason>, Failure> {
    if !confirmed {
        return Err(Failure::BadInput("not_confirmed_twice"));
    }
    let Some(word) = word.filter(|word| !word.is_empty()) else {
        return Ok(None);
    };
    let known = REASONS.into_iter().find(|reason| reason.as_str() == word);
    known.map(Some).ok_or(Failure::BadInput("reason_malformed"))
}

fn cancelled(card: &str) -> Json<CardCancelled> {
    Json(CardCancelled {
        card_number: card.to_owned(),
        state: CardState::Cancelled.as_str().to_owned(),
    })
}
