//! Password and authenticator app in a visit: the same ceremony as in a session of hers.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use enrolment::journeys::authenticator_app as journey;
use http::HeaderMap;

use super::{PURPOSE, TASK, visitor_by_form};
use crate::api::outcome::{About, settle};
use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::my::app::{Place, Step, finish_form, set_up_page};
use crate::pages::Frame;
use crate::signin::transaction::{give, see_other};

const PLACE: Place = Place {
    frame: Frame::gateway,
    finish: "/enrol/app/finish",
    purpose: PURPOSE,
    back: ("/enrol", EN.invitations.other),
};

/// `POST /enrol/app`: begins, and shows what the app is to know.
///
/// # Errors
/// The refusal of a link that works no more; as [`journey::start`] refuses.
pub(super) async fn begin(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (visitor, _) = visitor_by_form(&house, &arrival, &headers, &body).await?;
    let owner = visitor.owner(&house)?;
    let begun = journey::start(&house.codes()?, &owner, arrival.now).await;
    let about = About::herself(&owner.user_id);
    let begun = settle(&house, &arrival, TASK, about, begun).await?;
    set_up_page((&visitor.key, PLACE), &begun, None)
}

/// `POST /enrol/app/finish`: adds it, and the link has done its work.
///
/// # Errors
/// The refusal of a link that works no more; as [`journey::finish`] refuses.
pub(super) async fn finish(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (visitor, form) = visitor_by_form(&house, &arrival, &headers, &body).await?;
    let owner = visitor.owner(&house)?;
    let about = About::herself(&owner.user_id);
    let done = finish_form(&house, &arrival, (&owner, &visitor.key, PLACE), &form).await?;
    match done {
        Step::Again(page) => Ok(page),
        Step::Finished(done) => {
            settle(&house, &arrival, TASK, about, done).await?;
            let mut response = see_other("/enrol/done")?;
            give(&mut response, Cookie::Visit.clear(&house.names));
            Ok(response)
        }
    }
}
