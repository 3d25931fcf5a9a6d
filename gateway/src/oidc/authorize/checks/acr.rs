//! The level asked for can be reached at all. Unknown values are ignored; a known one that no way
//! of signing in here can meet is refused at once, instead of after a vain sign-in (contract 4).

use policies::signin::{Demand, Method};

use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// The ways of signing in that this build has.
const WAYS: [Method; 1] = [Method::Smartcard];

/// The `acr_values` as sent, when some way can meet them.
pub(super) fn reachable(parameters: &Parameters) -> Result<String, OAuthError> {
    let text = parameters.single("acr_values").unwrap_or_default();
    if Demand::from_acr_values(text).is_impossible_with(&WAYS) {
        return Err(OAuthError::UnmetAuthenticationRequirements);
    }
    Ok(text.to_owned())
}
