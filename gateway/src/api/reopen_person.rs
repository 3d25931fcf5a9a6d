//! `reopenPerson`: a person comes back (domain 5.4 T19).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::reopen_person::reopen_person;
use http::HeaderMap;

use super::body::Body;
use super::caller::Caller;
use super::desk_shapes::{PersonDone, ThisPerson};
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "reopenPerson",
    "/api/v1/desk/people/reopen",
    Access::DeskToken,
    (schema_of::<ThisPerson>, schema_of::<PersonDone>),
)
.about("Reopens a closed profile; no card and no position comes back with it.");

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ThisPerson>,
) -> Result<Json<PersonDone>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let person = body.read()?.number()?;
    let about = About::person(&caller.user_id, person.clone());
    let (store, policy) = (&house.store, &house.policy);
    let done = reopen_person(store, policy, person.clone(), desk, arrival.now).await;
    settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(PersonDone::new(&person, "open")))
}
