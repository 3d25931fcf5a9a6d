//! The authorization endpoint (OpenID Connect Core 3.1.2): checks, then the sign-in, then a code.
//!
//! Until client and redirect URI are proven an error is a page and nothing redirects (RFC 9700
//! 4.11); afterwards every error goes back to the app with `state` and `iss` (RFC 9207). No CORS
//! here: only browsers come, as a whole page.

pub mod checks;
mod grant;
mod redirect;
pub mod request;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use enrolment::audit::{Code, Event};
use http::{HeaderMap, StatusCode, header};

pub(crate) use checks::WAYS;
pub use grant::NewCode;
pub use redirect::refuse;
pub use request::{AuthorizationRequest, Prompt};

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;
use crate::signin::{self, trail};
use checks::Stop;

/// `GET /oauth2/authorize`.
///
/// # Errors
/// A page where the request cannot be trusted with a redirect, and whatever the sign-in says.
pub async fn get(
    State(house): State<Shared>,
    arrival: Arrival,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let parameters = read(query.unwrap_or_default().as_bytes())?;
    match checks::in_order(&house, &parameters).await {
        Ok(request) => signin::begin(&house, &arrival, &headers, request).await,
        Err(stop) => stopped(&house, &arrival, stop).await,
    }
}

/// `POST /oauth2/authorize`: the same request in a form. It is checked, then sent round as a GET:
/// the app's form is a cross-site POST, which carries no SameSite=Lax cookie, so that only the GET
/// that follows can see a session.
///
/// # Errors
/// As [`get`].
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = read(&body)?;
    match checks::in_order(&house, &parameters).await {
        Ok(_) => {
            let location = format!("/oauth2/authorize?{}", parameters.to_query());
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
        }
        Err(stop) => stopped(&house, &arrival, stop).await,
    }
}

fn read(octets: &[u8]) -> Result<Parameters, Failure> {
    Parameters::parse(octets).map_err(|_| page(OAuthError::MalformedRequest))
}

/// The answer to a request that is not granted. What a known application asked for and is not given
/// has its line in the trail; anybody can write such a request, so it is one of a stranger's lines.
async fn stopped(house: &Shared, arrival: &Arrival, stop: Stop) -> Result<Response, Failure> {
    match stop {
        Stop::Page(error) => Err(page(error)),
        Stop::Redirect(address, error, client) => {
            if arrival.may_leave_a_line() {
                let event = Event::AuthorizationRefused {
                    client,
                    reason: Code::of(error.code()),
                    reference: trail::reference(arrival)?,
                };
                trail::leave(house, "authorize.refused", arrival, event).await?;
            }
            Ok(address.refuse(house, error))
        }
        Stop::Failure(failure) => Err(failure),
    }
}

/// The page of an error that must not redirect; its words are in the catalogue under this code.
fn page(error: OAuthError) -> Failure {
    Failure::BadRequest(match error {
        OAuthError::ClientMissing => "client_missing",
        OAuthError::ClientUnknown => "client_unknown",
        OAuthError::RedirectUriMissing => "redirect_uri_missing",
        OAuthError::RedirectUriUnknown => "redirect_uri_unknown",
        _ => "request_malformed",
    })
}
