//! `/unlock`: a code is sent and checked; the new passcode is set by the card client, since only the
//! card can do that. The code stays good for the client.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use enrolment::codes::Named;
use enrolment::journeys::unlock;

use super::{Tried, tried};
use crate::api::outcome::{About, settle};
use crate::api::stranger;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::pages::any_hour::{Ask, done};
use crate::signin::transaction;

const PATH: &str = "/unlock";
const CODE_PATH: &str = "/unlock/code";

fn question() -> Ask {
    Ask::new("unlock", PATH, &EN.any_hour.unlock).field("number")
}

/// `GET /unlock`.
///
/// # Errors
/// [`Failure::NotFound`] where this house has no codes.
pub async fn page(State(house): State<Shared>) -> Result<Response, Failure> {
    house.codes()?;
    Ok(question().page())
}

/// `POST /unlock`: sends a code.
///
/// # Errors
/// `too_many_codes`; [`Failure::Busy`] past the allowance of strangers.
pub async fn start(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = transaction::read(&body)?;
    let codes = house.codes()?;
    let Some(named) = parameters.clean("number").and_then(Named::parse) else {
        return Ok(question()
            .typed(parameters.clean("number").unwrap_or_default())
            .problem("number", EN.any_hour.number_wrong)
            .page());
    };
    stranger::may_begin(&arrival)?;
    let begun = unlock::start(&codes, named, None, arrival.now).await;
    let id = settle(&house, &arrival, "startUnlock", About::default(), begun).await?;
    Ok(code_question(&id).page())
}

fn code_question(id: &str) -> Ask {
    Ask::new("unlock-code", CODE_PATH, &EN.any_hour.unlock_code)
        .field("code")
        .anew(PATH)
        .hidden("request", id)
}

/// `POST /unlock/code`: says whether the code would do.
///
/// # Errors
/// What the law refuses once the code is right.
pub async fn check(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = transaction::read(&body)?;
    let id = parameters.clean("request").unwrap_or_default();
    let typed = stranger::typed(id, parameters.clean("code").unwrap_or_default());
    let checked = unlock::check(&house.codes()?, typed, arrival.now).await;
    match tried(&house, &arrival, "checkUnlockCode", checked).await? {
        Tried::Done(()) => Ok(done("unlock-done", &EN.any_hour.unlock_done)),
        Tried::WrongCode => {
            let page = code_question(id).problem("code", EN.any_hour.code_wrong);
            Ok(page.page())
        }
    }
}
