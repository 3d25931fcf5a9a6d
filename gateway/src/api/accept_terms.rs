//! `acceptTerms`: a person accepts the present terms of use (X8).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::accept_terms;
use http::HeaderMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::body::Body;
use super::caller::Caller;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Body and answer of `acceptTerms`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Terms {
    /// The version that she has read.
    terms_version: String,
}

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "acceptTerms",
    "/api/v1/my/terms",
    Access::SelfToken,
    (schema_of::<Terms>, schema_of::<Terms>),
)
.about("Puts on record that the caller accepts the present terms of use.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<Terms>,
) -> Result<Json<Terms>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let (policy, who) = (&house.policy, &caller.user_id);
    let version = body.terms_version.as_str();
    let hers = (who, caller.signed_in(&house));
    let done = accept_terms::accept_terms(&house.store, policy, hers, version, arrival.now).await;
    settle(&house, &arrival, OPERATION.id, About::herself(who), done).await?;
    Ok(Json(body))
}
