//! The response type is `code`; no token ever travels through the browser (RFC 9700 2.1.2).

use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// Accepts `code` alone.
pub(super) fn code(parameters: &Parameters) -> Result<(), OAuthError> {
    match parameters.single("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(OAuthError::ResponseTypeUnsupported),
        None => Err(OAuthError::ResponseTypeMissing),
    }
}
