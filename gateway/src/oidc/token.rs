//! The token endpoint (RFC 6749 3.2, OpenID Connect Core 3.1.3): a code becomes tokens, once.
//!
//! A recipe: read the form; prove the client, read what the grant needs, spend and mint in one
//! transaction; sign after it. POST only; every answer is JSON that nobody may store.

mod client_proof;
mod error;
mod exchange;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};
use serde::Serialize;

pub use client_proof::Proof;
pub use error::TokenError;

use crate::claims::scope::Scope;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::cors;
use crate::oidc::parameters::Parameters;
use error::Fault;

/// The answer of RFC 6749 5.1 with the ID token of OpenID Connect Core 3.1.3.3.
#[derive(Serialize)]
struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
    id_token: String,
}

/// `POST /oauth2/token`.
///
/// # Errors
/// What is nobody's business outside; every OAuth error is an answer.
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let answer = match tokens(&house, &arrival, &headers, &body).await {
        Ok(tokens) => unstored(Json(tokens).into_response()),
        Err(Fault::Refused(error)) => unstored(error.into_response()),
        Err(Fault::Failure(Failure::Busy)) => unstored(TokenError::Busy.into_response()),
        Err(Fault::Failure(failure)) => return Err(failure),
    };
    cors::shared_with(&house, &headers, answer).await
}

async fn tokens(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Tokens, Fault> {
    let form = form(headers, body)?;
    let proof = Proof::read(headers, &form)?;
    let minted = exchange::code(house, arrival, proof, &form).await?;
    Ok(Tokens {
        access_token: minted.access_token.reveal().to_owned(),
        token_type: "Bearer",
        expires_in: exchange::life_of(&minted.scope).as_seconds(),
        scope: Scope::join(&minted.scope),
        id_token: minted.id_token,
    })
}

/// The form: of the right type, nothing twice, no control characters (RFC 6749 3.2).
fn form(headers: &HeaderMap, body: &[u8]) -> Result<Parameters, TokenError> {
    if !is_form(headers) {
        return Err(TokenError::NotAForm);
    }
    let form = Parameters::parse(body).map_err(|_| TokenError::MalformedForm)?;
    if form.has_repeated() {
        return Err(TokenError::RepeatedParameter);
    }
    if form.has_control_characters() {
        return Err(TokenError::MalformedForm);
    }
    Ok(form)
}

/// Whether the body is `application/x-www-form-urlencoded`, whatever parameters the type carries.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = media_type
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    essence.is_some_and(|e| e.eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// Marks an answer as one that no cache may keep (RFC 6749 5.1).
pub(super) fn unstored(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
