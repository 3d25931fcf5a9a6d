//! `closePerson`: a person leaves (domain 5.4 T18).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::close_person::close_person;
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
    "closePerson",
    "/api/v1/desk/people/close",
    Access::DeskToken,
    (schema_of::<ThisPerson>, schema_of::<PersonDone>),
)
.about("Closes a profile: the card is cancelled, the positions end, the number stays.");

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
    let done = close_person(store, policy, &person, desk, arrival.now).await;
    settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(PersonDone::new(&person, "closed")))
}
