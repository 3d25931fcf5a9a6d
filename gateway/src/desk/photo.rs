//! The photo that a desk compares with a face: for whoever may see the person, by the same question
//! that her page asks.

use axum::extract::{Path, State};
use axum::response::Response;
use enrolment::desk_view::PersonView;
use enrolment::journeys::JourneyError;
use http::HeaderMap;

use super::visitor;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::signin::photo;

/// `GET /desk/people/{user_id}/photo`.
///
/// # Errors
/// [`Failure::NotFound`] for whoever is not to be seen.
pub(super) async fn of_person(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(user_id): Path<String>,
) -> Result<Response, Failure> {
    let visitor = visitor(&house, &arrival, &headers).await?;
    let user_id = user_id.parse().map_err(|_| Failure::NotFound)?;
    let view = super::person::read_person(&house, &arrival, user_id, visitor.desk).await;
    picture(view)
}

/// `GET /desk/cards/{card_number}/photo`.
///
/// # Errors
/// [`Failure::NotFound`] for whoever is not to be seen.
pub(super) async fn of_holder(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    let visitor = visitor(&house, &arrival, &headers).await?;
    let card = number.parse().map_err(|_| Failure::NotFound)?;
    let view = super::person::read_card(&house, &arrival, card, visitor.desk).await;
    picture(view)
}

fn picture(view: Result<PersonView, JourneyError>) -> Result<Response, Failure> {
    let person = match view {
        Ok(view) => view.person,
        Err(JourneyError::Refused(_)) => return Err(Failure::NotFound),
        Err(error) => return Err(error.into()),
    };
    let svg = person.photo_svg.ok_or(Failure::NotFound)?;
    Ok(photo::picture(svg))
}
