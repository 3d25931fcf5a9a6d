//! What can go wrong at the token endpoint, by name, and how RFC 6749 5.2 says it.

use axum::Json;
use axum::response::{IntoResponse, Response};
use enrolment::store::StoreError;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use thiserror::Error;

use crate::error::Failure;

/// Why no tokens were given. `Display` is the public `error_description`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    /// The body is not a form.
    #[error("The request must be a form: application/x-www-form-urlencoded.")]
    NotAForm,
    /// The form cannot be read.
    #[error("The form is not well-formed.")]
    MalformedForm,
    /// A parameter was given more than once (RFC 6749 3.2).
    #[error("A parameter is given more than once.")]
    RepeatedParameter,
    /// No `grant_type`.
    #[error("The grant_type is missing.")]
    GrantTypeMissing,
    /// A `grant_type` we do not have.
    #[error("The only grant_type is authorization_code.")]
    GrantTypeUnsupported,
    /// No `code`.
    #[error("The code is missing.")]
    CodeMissing,
    /// No `redirect_uri` (RFC 6749 4.1.3).
    #[error("The redirect_uri is missing; send the one of the authorization request.")]
    RedirectUriMissing,
    /// Credentials in the header and in the form at once (RFC 6749 2.3).
    #[error("Use one way of client authentication, not two.")]
    TwoProofs,
    /// The header names another client than the form.
    #[error("The client_id of the form is not the client of the Authorization header.")]
    TwoClients,
    /// The client is unknown, or did not prove itself in the way it registered.
    #[error("Client authentication failed.")]
    ClientRefused,
    /// The code is unknown, spent, too old, or bound to something else. One sentence for all:
    /// who holds a stolen code learns nothing about it.
    #[error("The code is not valid for this client, redirect_uri and code_verifier.")]
    CodeRefused,
    /// The session, the person or the role ended between code and exchange.
    #[error("The sign-in that this code came from has ended.")]
    SignInEnded,
    /// Too much at once.
    #[error("The service is busy; try again in a moment.")]
    Busy,
}

impl TokenError {
    /// The registered code (RFC 6749 5.2).
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAForm
            | Self::MalformedForm
            | Self::RepeatedParameter
            | Self::GrantTypeMissing
            | Self::CodeMissing
            | Self::RedirectUriMissing
            | Self::TwoProofs
            | Self::TwoClients => "invalid_request",
            Self::GrantTypeUnsupported => "unsupported_grant_type",
            Self::ClientRefused => "invalid_client",
            Self::CodeRefused | Self::SignInEnded => "invalid_grant",
            Self::Busy => "temporarily_unavailable",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::ClientRefused => StatusCode::UNAUTHORIZED,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

#[derive(Serialize)]
struct Document {
    error: &'static str,
    error_description: String,
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let document = Document {
            error: self.code(),
            error_description: self.to_string(),
        };
        let mut response = (self.status(), Json(document)).into_response();
        let headers = response.headers_mut();
        match self {
            // RFC 6749 5.2: a 401 names a way to authenticate.
            Self::ClientRefused => {
                let challenge = HeaderValue::from_static("Basic realm=\"matron\"");
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
            Self::Busy => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            _ => {}
        }
        response
    }
}

/// A refusal of the endpoint, or a failure of the house.
#[derive(Debug)]
pub(super) enum Fault {
    Refused(TokenError),
    Failure(Failure),
}

impl From<TokenError> for Fault {
    fn from(error: TokenError) -> Self {
        Self::Refused(error)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}
