//! `listDeputies`: the wards that somebody is named deputy of (domain 5.7).

use axum::Json;
use axum::extract::{RawQuery, State};
use enrolment::journeys::JourneyError;
use enrolment::journeys::deputy;
use http::HeaderMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::body::read_query;
use super::caller::Caller;
use super::desk_shapes::user_id;
use super::name_deputy::DeputyView;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::get(
    "listDeputies",
    "/api/v1/desk/people/deputies",
    Access::DeskToken,
    schema_of::<Deputies>,
)
.query(&[("user_id", "12 digits of a person")])
.about("The wards that somebody is named deputy of now.");

/// Its answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Deputies {
    /// The last to end first.
    deputies: Vec<DeputyView>,
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<Deputies>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let query = read_query(query)?;
    let person = user_id(query.clean("user_id").unwrap_or_default())?;
    let about = About::person(&caller.user_id, person.clone());
    let (policy, now) = (house.policy.clone(), arrival.now);
    let read = house
        .store
        .read::<_, JourneyError, _>("desk.deputies", move |tx| {
            let (policy, asked) = (policy.clone(), (person.clone(), desk.clone()));
            Box::pin(async move {
                let (person, desk) = asked;
                deputy::of_person(tx, &policy, (&person, desk), now).await
            })
        });
    let all = settle(&house, &arrival, OPERATION.id, about, read.await).await?;
    let deputies = all.into_iter().map(DeputyView::from).collect();
    Ok(Json(Deputies { deputies }))
}
