//! The greatest age of the authentication, in whole seconds (OpenID Connect Core 3.1.2.1).

use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// The age, digits only; one that no clock reaches is as good as none.
pub(super) fn read(parameters: &Parameters) -> Result<Option<i64>, OAuthError> {
    let Some(text) = parameters.single("max_age") else {
        return Ok(None);
    };
    if !text.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(OAuthError::MaxAgeMalformed);
    }
    Ok(text.parse().ok())
}
