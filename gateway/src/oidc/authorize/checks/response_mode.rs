//! The answer travels in the query, which is the mode of the code flow (OAuth 2.0 Multiple
//! Response Types 2.1).

use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// Accepts `query` and silence.
pub(super) fn query(parameters: &Parameters) -> Result<(), OAuthError> {
    match parameters.single("response_mode") {
        None | Some("query") => Ok(()),
        Some(_) => Err(OAuthError::ResponseModeUnsupported),
    }
}
