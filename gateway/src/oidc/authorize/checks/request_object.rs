//! No request object, by value or by reference (OpenID Connect Core 6, RFC 9101 6.2): we neither
//! read one nor fetch one, and ignoring it would answer another question than was asked.

use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// Refuses `request`, `request_uri` and `registration`, each with its registered error.
pub(super) fn absent(parameters: &Parameters) -> Result<(), OAuthError> {
    if parameters.names("request") {
        return Err(OAuthError::RequestObject);
    }
    if parameters.names("request_uri") {
        return Err(OAuthError::RequestUri);
    }
    if parameters.names("registration") {
        return Err(OAuthError::RegistrationParameter);
    }
    Ok(())
}
