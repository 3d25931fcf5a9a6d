//! What she calls one of her ways to sign in, as she typed it.

use enrolment::journeys::JourneyError;
use enrolment::journeys::authenticator::Name;
use http::StatusCode;
use policies::ids::UserId;

use crate::api::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;

/// The name that this text is; one that is none leaves its line in the trail, about `task` of `owner`.
///
/// # Errors
/// Refuses with `name_not_allowed`; what the store says.
pub(crate) async fn named(
    house: &Shared,
    arrival: &Arrival,
    (task, owner): (&'static str, &UserId),
    typed: &str,
) -> Result<Name, Failure> {
    let name = typed.parse::<Name>().map_err(JourneyError::from);
    let name = settle(house, arrival, task, About::herself(owner), name).await;
    name.map_err(|failure| match failure {
        Failure::Refused(mut refused) => {
            // The script of a page knows by it that only the name was wrong.
            refused.status = StatusCode::UNPROCESSABLE_ENTITY;
            Failure::Refused(refused)
        }
        other => other,
    })
}

/// The same for a form that can ask again: none for a name that is none.
///
/// # Errors
/// What the store says.
pub(crate) async fn named_or_again(
    house: &Shared,
    arrival: &Arrival,
    whose: (&'static str, &UserId),
    typed: &str,
) -> Result<Option<Name>, Failure> {
    match named(house, arrival, whose, typed).await {
        Ok(name) => Ok(Some(name)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}
