//! `reportMisuse`: somebody else uses her card or account. Nothing is cancelled by that: she is
//! signed out everywhere, and the card waits for a new passcode.

use axum::Json;
use axum::extract::State;
use enrolment::journeys::JourneyError;
use enrolment::journeys::cancel_own;
use enrolment::store::{Key, Tx};
use http::HeaderMap;
use policies::ids::UserId;
use policies::time::Time;
use policies::values::Policy;
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
use crate::signin::ending;

/// Body of `reportMisuse`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportMisuse {
    /// Signed out everywhere, and a new passcode: she agrees.
    confirmed: bool,
}

/// Body of `reportMisuseByCode`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportByCode {
    /// From `startCardCancellation`.
    cancellation_id: String,
    /// The code as it was typed.
    code: String,
}

/// Answer of both.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct MisuseReported {
    /// Every session has ended.
    sessions_ended: bool,
    /// What is next: a new passcode, by `startUnlock` or at a desk.
    next_step: &'static str,
}

/// By token.
pub(super) const OPERATION: Operation = Operation::post(
    "reportMisuse",
    "/api/v1/my/misuse",
    Access::SelfToken,
    (schema_of::<ReportMisuse>, schema_of::<MisuseReported>),
)
.about("Ends all sessions of the caller and makes her card wait for a new passcode.");

/// By code.
pub(super) const BY_CODE: Operation = Operation::post(
    "reportMisuseByCode",
    "/api/v1/cancellations/misuse",
    Access::Stranger,
    (schema_of::<ReportByCode>, schema_of::<MisuseReported>),
)
.about("The same against a code to the holder's verified address.");

/// The handler for tokens.
pub(super) async fn by_token(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ReportMisuse>,
) -> Result<Json<MisuseReported>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    if !body.read()?.confirmed {
        return Err(Failure::BadInput("not_confirmed_twice"));
    }
    let (now, user_id) = (arrival.now, caller.user_id.clone());
    let policy = house.policy.clone();
    let (key, signed_in) = (
        Key::of("person", user_id.as_str()),
        caller.signed_in(&house),
    );
    let done = house
        .store
        .write::<_, JourneyError, _>("misuse.by_token", key, move |tx| {
            let (user_id, signed_in) = (user_id.clone(), signed_in.clone());
            let policy = policy.clone();
            Box::pin(async move {
                signed_in.live(tx, &user_id, now).await?;
                cancel_own::report(tx, &user_id, now).await?;
                end_all(tx, &user_id, (now, &policy)).await
            })
        })
        .await;
    let about = About::herself(&caller.user_id);
    settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(reported())
}

/// The handler for codes.
pub(super) async fn by_code(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Body<ReportByCode>,
) -> Result<Json<MisuseReported>, Failure> {
    let body = body.read()?;
    let done = report_by_code(&house, &body.cancellation_id, &body.code, arrival.now).await?;
    settle(&house, &arrival, BY_CODE.id, About::default(), done).await?;
    Ok(reported())
}

/// Misuse against a code, with the end of all sessions in the same transaction.
///
/// # Errors
/// [`Failure::NotFound`] where this house has no codes; the inner result refuses as
/// `cancel_own::report_by_code` does.
pub(crate) async fn report_by_code(
    house: &Shared,
    request_id: &str,
    code: &str,
    now: Time,
) -> Result<Result<(), JourneyError>, Failure> {
    let (codes, typed) = (house.codes()?, stranger::typed(request_id, code));
    let policy = house.policy.clone();
    let done = house
        .store
        .write::<_, JourneyError, _>("misuse.by_code", Key::of("code", request_id), move |tx| {
            let (codes, typed) = (codes.clone(), typed.clone());
            let policy = policy.clone();
            Box::pin(async move {
                match cancel_own::report_by_code(tx, &codes, &typed, now).await? {
                    Ok(user_id) => Ok(Ok(end_all(tx, &user_id, (now, &policy)).await?)),
                    Err(refusal) => Ok(Err(refusal)),
                }
            })
        })
        .await;
    Ok(done.and_then(|answer| answer.map_err(JourneyError::from)))
}

async fn end_all(
    tx: Tx<'_>,
    user_id: &UserId,
    judged: (Time, &Policy),
) -> Result<(), JourneyError> {
    ending::end_all(tx, user_id, judged, "misuse_reported").await?;
    Ok(())
}

fn reported() -> Json<MisuseReported> {
    Json(MisuseReported {
        sessions_ended: true,
        next_step: "unlock",
    })
}
