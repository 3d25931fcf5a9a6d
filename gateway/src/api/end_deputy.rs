//! `endDeputy`: somebody is the deputy of a ward no more (domain 5.7).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::deputy::end_deputy;
use http::HeaderMap;
use policies::ids::DeputyId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::body::Body;
use super::caller::Caller;
use super::desk_shapes::user_id;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "endDeputy",
    "/api/v1/desk/people/deputies/end",
    Access::DeskToken,
    (schema_of::<ThisDeputy>, schema_of::<DeputyEnded>),
)
.about("Ends a naming before its last second; one that has ended is answered as done.");

/// Its body.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ThisDeputy {
    /// Her 12 digits.
    user_id: String,
    /// Names the naming.
    deputy_id: String,
}

/// Its answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DeputyEnded {
    /// Names the naming.
    deputy_id: String,
    /// `ended`.
    state: &'static str,
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ThisDeputy>,
) -> Result<Json<DeputyEnded>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let person = user_id(&body.user_id)?;
    let id: DeputyId = body
        .deputy_id
        .parse()
        .map_err(|_| Failure::BadInput("deputy_id_malformed"))?;
    let about = About::person(&caller.user_id, person.clone());
    let whose = (person, id.clone());
    let ended = end_deputy(&house.store, &house.policy, whose, desk, arrival.now).await;
    settle(&house, &arrival, OPERATION.id, about, ended).await?;
    Ok(Json(DeputyEnded {
        deputy_id: id.to_string(),
        state: "ended",
    }))
}
