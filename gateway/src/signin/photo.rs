//! `GET /photo/{user_id}`: a person's own photo, for her own session only. The picture is SVG from
//! the register, so it is served as a picture and nothing else: no script, no style, no fetch, a
//! sandbox if it is ever opened by itself (security 3.1 row 67).

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use enrolment::register;
use enrolment::store::StoreError;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use crate::door::Arrival;
use crate::door::headers::Sandboxed;
use crate::error::Failure;
use crate::house::Shared;
use crate::signin::session;

/// The handler.
///
/// # Errors
/// [`Failure::NotFound`] for every photo but one's own.
pub async fn own(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(user_id): Path<String>,
) -> Result<Response, Failure> {
    let opened = session::of_browser(&house, &arrival, &headers).await?;
    let own = opened.map(|opened| opened.session.user_id);
    let own = own
        .filter(|own| own.as_str() == user_id)
        .ok_or(Failure::NotFound)?;
    let read = house
        .store
        .read::<_, StoreError, _>("signin.photo", move |tx| {
            let own = own.clone();
            Box::pin(async move { register::person(tx, &own).await })
        });
    let svg = read
        .await?
        .and_then(|person| person.photo_svg)
        .ok_or(Failure::NotFound)?;
    Ok(picture(svg))
}

/// An SVG of the register as a picture and nothing else.
pub(crate) fn picture(svg: String) -> Response {
    let about = [
        (CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("inline; filename=\"photo.svg\""),
        ),
    ];
    let mut response = (about, svg).into_response();
    response.extensions_mut().insert(Sandboxed);
    response
}
