//! The link itself: looked at, opened, and what is said when it has done its work.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use enrolment::journeys::invitation as journey;
use http::HeaderMap;

use super::{hash_of, settled};
use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::pages::Frame;
use crate::pages::invitation::{DonePage, LinkPage};
use crate::signin::browser::BrowserSecret;
use crate::signin::transaction::{self, give, see_other};

/// `GET /enrol/{secret}`: says what it will do; cameras and mail programs follow links by themselves.
///
/// # Errors
/// The refusal of a link that works no more.
pub(super) async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    Path(secret): Path<String>,
) -> Result<Response, Failure> {
    let known = BrowserSecret::read(Cookie::Visit, &headers, &house.names);
    let browser = known.as_ref().map(hash_of).transpose()?;
    let seen = journey::look(&house.store, &secret, browser, arrival.now).await;
    settled(&house, &arrival, seen).await?;
    Ok(LinkPage {
        frame: Frame::gateway(),
        secret,
    }
    .respond())
}

/// `POST /enrol` with `link`: it belongs to this browser from now on.
///
/// # Errors
/// The refusal of a link that works no more, or was opened in another browser.
pub(super) async fn open(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = transaction::read(&body)?;
    let secret = parameters.clean("link").unwrap_or_default();
    let known = BrowserSecret::read(Cookie::Visit, &headers, &house.names);
    let browser = known.as_ref().map(hash_of).transpose()?;
    let seen = journey::look(&house.store, secret, browser, arrival.now).await;
    let seen = settled(&house, &arrival, seen).await?;
    if seen.browser.is_some() {
        // This browser has opened it before.
        return see_other("/enrol");
    }
    let fresh = BrowserSecret::draw(&house)?;
    let hash = hash_of(&fresh)?;
    let opened = journey::open(&house.store, secret, hash, arrival.now).await;
    let opened = settled(&house, &arrival, opened).await?;
    let life = opened.expires_at.since(arrival.now);
    let mut response = see_other("/enrol")?;
    let cookie = fresh.to_cookie(Cookie::Visit, life, &house.names);
    give(&mut response, cookie);
    Ok(response)
}

/// `GET /enrol/done`: sign in now.
///
/// # Errors
/// None that we know.
pub(super) async fn done() -> Result<Response, Failure> {
    Ok(DonePage {
        frame: Frame::gateway(),
    }
    .respond())
}
