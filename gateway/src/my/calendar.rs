//! `GET /my/card.ics`: the window and the end of the card as a calendar file (RFC 5545).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use enrolment::calendar;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::overview::Overview;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::signin::own::{self, OwnPage};

/// The handler.
///
/// # Errors
/// The way to the sign-in; [`Failure::NotFound`] without a current set.
pub async fn file(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let opened = own::visitor(&house, &arrival, &headers, OwnPage::My).await?;
    let overview = Overview::of(&house, &opened.session.user_id, arrival.now).await?;
    let view = overview.ok_or(Failure::NotFound)?.view;
    let set = view.current.as_ref().ok_or(Failure::NotFound)?;
    let (Some(opens), Some(ends)) = (view.window_opens_at, view.not_after) else {
        return Err(Failure::NotFound);
    };
    let text = calendar::of_card(set.set_id.as_str(), (opens, ends), arrival.now);
    let about = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/calendar; charset=utf-8"),
        ),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"smartcard.ics\""),
        ),
    ];
    Ok((about, text).into_response())
}
