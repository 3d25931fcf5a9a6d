//! Which scripts may read our answers: those of origins a client registered, and only at discovery,
//! the key set, the token endpoint and userinfo (RFC 9700 4: never at the authorization endpoint).
//!
//! No credentials are ever allowed: a script brings its own token or code, no cookie of ours.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::error::Failure;
use crate::house::Shared;
use crate::store::clients;

/// How long a browser may remember a preflight, in seconds.
const PREFLIGHT_SECONDS: HeaderValue = HeaderValue::from_static("600");

/// The methods and headers that these endpoints take.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type");

/// Adds to `response` that the caller's origin may read it, if a client registered that origin.
///
/// # Errors
/// What the store says.
pub async fn shared_with(
    house: &Shared,
    request: &HeaderMap,
    mut response: Response,
) -> Result<Response, Failure> {
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = registered_origin(house, request).await? {
        response
            .headers_mut()
            .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    Ok(response)
}

/// Answers a preflight for any of these endpoints: `OPTIONS` (Fetch, "CORS-preflight request").
///
/// # Errors
/// What the store says.
pub async fn preflight(
    State(house): State<Shared>,
    request: HeaderMap,
) -> Result<Response, Failure> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
    shared_with(&house, &request, response).await
}

async fn registered_origin(
    house: &Shared,
    request: &HeaderMap,
) -> Result<Option<HeaderValue>, Failure> {
    let Some(origin) = request.get(header::ORIGIN) else {
        return Ok(None);
    };
    let Ok(text) = origin.to_str() else {
        return Ok(None);
    };
    let text = text.to_owned();
    let known = house
        .store
        .read("oidc.cors.origin", move |tx| {
            let text = text.clone();
            Box::pin(async move { Ok::<_, Failure>(clients::knows_origin(tx, &text).await?) })
        })
        .await?;
    Ok(known.then(|| origin.clone()))
}
