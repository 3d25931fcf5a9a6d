//! No parameter is given twice (RFC 6749 3.1), whether we know it or not: what two readers would
//! resolve differently is refused.

use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// Refuses any repeated parameter.
pub(super) fn none(parameters: &Parameters) -> Result<(), OAuthError> {
    if parameters.has_repeated() {
        return Err(OAuthError::RepeatedParameter);
    }
    Ok(())
}
