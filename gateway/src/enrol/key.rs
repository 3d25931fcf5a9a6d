//! A security key or passkey in a visit: the same ceremony as in a session of hers. The first sign-in
//! with it puts it in service, so that nothing is tried here.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use enrolment::journeys::public_key as journey;
use http::HeaderMap;
use policies::signin::Aal;

use super::{visitor, visitor_by_form};
use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::my::key::{added, asked, asked_by, attachment, name};
use crate::pages::Frame;
use crate::pages::key::KeyBeginPage;
use crate::signin::transaction::{give, see_other};

const PATH: &str = "/enrol/key";

/// `GET /enrol/key`: what it will open and what not, before anything begins.
///
/// # Errors
/// The refusal of a link that works no more; [`Failure::NotFound`] where this house has no keys.
pub(super) async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let visitor = visitor(&house, &arrival, &headers).await?;
    house.keys()?;
    let owner = visitor.owner(&house)?;
    let new = journey::newcomer(&house.store, &house.policy, &owner, arrival.now).await?;
    let bound_at = visitor.visit.invitation.kind.bound_at();
    let m = &EN.invitations;
    let opens = match bound_at {
        Aal::Aal3 => m.key_opens,
        Aal::Aal1 | Aal::Aal2 => m.key_opens_for_a_shift,
    };
    Ok(KeyBeginPage {
        frame: Frame::gateway(),
        token: visitor.token(),
        bound_at: bound_at.as_str(),
        opens: opens.to_owned(),
        asked: asked_by(&house, &new.roles)?,
        temporary: visitor.visit.invitation.ends_at.is_some(),
        path: PATH,
        own: false,
    }
    .respond())
}

/// `POST /enrol/key/start`: what the browser is to ask the device, for the page's script.
///
/// # Errors
/// The refusal of a link that works no more; a name that is none.
pub(super) async fn start(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (visitor, form) = visitor_by_form(&house, &arrival, &headers, &body).await?;
    let owner = visitor.owner(&house)?;
    name(&house, &arrival, &owner, &form).await?;
    let kind = attachment(form.clean("kind"))?;
    let (asked, _) = asked(&house, &arrival, &owner, kind).await?;
    Ok(asked.respond())
}

/// `POST /enrol/key`: the device has made a key, and the link has done its work.
///
/// # Errors
/// The refusal of a link that works no more; as the journey of adding a key refuses.
pub(super) async fn finish(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (visitor, form) = visitor_by_form(&house, &arrival, &headers, &body).await?;
    let owner = visitor.owner(&house)?;
    let ceremony = form.single("ceremony").unwrap_or_default();
    let answer = form.single("answer").unwrap_or_default();
    let name = name(&house, &arrival, &owner, &form).await?;
    added(
        &house,
        &arrival,
        &owner,
        (ceremony, answer.as_bytes(), name),
    )
    .await?;
    let mut response = see_other("/enrol/done")?;
    give(&mut response, Cookie::Visit.clear(&house.names));
    Ok(response)
}
