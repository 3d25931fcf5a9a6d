//! `findPeople`: by number, by name, or by the number on a card.

use axum::Json;
use axum::extract::{RawQuery, State};
use enrolment::finding::{self, Found};
use http::HeaderMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::body::read_query;
use super::caller::Caller;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::get(
    "findPeople",
    "/api/v1/desk/people",
    Access::DeskToken,
    schema_of::<People>,
)
.query(&[(
    "q",
    "12 digits of a person, 16 digits of a card, or the beginnings of names",
)])
.about(
    "Finds people of the desk's own registration authority, and any holder of a card in the hand.",
);

/// Who was found.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct People {
    /// By name, at most 50.
    people: Vec<OnePerson>,
    /// Whether there are more than these.
    more: bool,
}

/// Somebody found.
#[derive(Debug, Serialize, JsonSchema)]
struct OnePerson {
    /// Her 12 digits.
    user_id: String,
    /// The name she wants to be shown by.
    name: String,
    /// `open` or `closed`.
    state: &'static str,
    /// Her newest card.
    card_number: Option<String>,
    /// Its state.
    card_state: Option<&'static str>,
    /// Of another registration authority, and found by her card.
    out_of_area: bool,
}

impl From<Found> for OnePerson {
    fn from(found: Found) -> Self {
        let state = found.card.as_ref().map(|(_, state)| state.as_str());
        Self {
            user_id: found.user_id.to_string(),
            name: found.name,
            state: if found.open { "open" } else { "closed" },
            card_number: found.card.map(|(number, _)| number.to_string()),
            card_state: state,
            out_of_area: found.out_of_area,
        }
    }
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<People>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let query = read_query(query)?;
    let text = query.clean("q").ok_or(Failure::BadInput("q_missing"))?;
    let about = About::desk(&caller.user_id, None);
    let (store, policy) = (&house.store, &house.policy);
    let found = finding::find_people(store, policy, text, desk, arrival.now).await;
    let found = settle(&house, &arrival, OPERATION.id, about, found).await?;
    Ok(Json(People {
        people: found.people.into_iter().map(OnePerson::from).collect(),
        more: found.more,
    }))
}
