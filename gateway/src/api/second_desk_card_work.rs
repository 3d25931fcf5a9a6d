//! `secondDeskCardWork`: another desk person stands behind a reissue for a colleague (contract 5).

use axum::Json;
use axum::extract::State;
use enrolment::desk;
use http::HeaderMap;
use schemars::JsonSchema;
use serde::Serialize;
use wire::desk::SecondDeskCardWork;

use super::body::Body;
use super::caller::Caller;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "secondDeskCardWork",
    "/api/v1/desk/works/second",
    Access::DeskToken,
    (schema_of::<SecondDeskCardWork>, schema_of::<Seconded>),
)
.about("Stands behind a work that somebody else has begun.");

/// It is seconded.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Seconded {
    /// Which work.
    work_id: String,
    /// `seconded`.
    state: &'static str,
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<SecondDeskCardWork>,
) -> Result<Json<Seconded>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let about = About::desk(&caller.user_id, None);
    let (store, policy) = (&house.store, &house.policy);
    let done = desk::second_work(store, policy, &body.work_id, desk, arrival.now).await;
    settle(&house, &arrival, OPERATION.id, about, done).await?;
    Ok(Json(Seconded {
        work_id: body.work_id,
        state: "seconded",
    }))
}
