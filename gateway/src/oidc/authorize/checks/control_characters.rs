//! No parameter holds a control character: nothing here has a use for one, logs and headers do.

use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// Refuses control characters anywhere.
pub(super) fn none(parameters: &Parameters) -> Result<(), OAuthError> {
    if parameters.has_control_characters() {
        return Err(OAuthError::ControlCharacter);
    }
    Ok(())
}
