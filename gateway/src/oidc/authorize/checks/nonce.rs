//! The nonce: optional in the code flow (OpenID Connect Core 3.1.2.1), demanded by setting.

use crate::oidc::client::Client;
use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// Longest nonce returned in an ID token, in characters.
const LONGEST: usize = 512;

/// The nonce as sent.
pub(super) fn read(parameters: &Parameters, client: &Client) -> Result<Option<String>, OAuthError> {
    match parameters.single("nonce") {
        None if client.settings.require_nonce => Err(OAuthError::NonceMissing),
        None => Ok(None),
        Some(nonce) if nonce.chars().count() > LONGEST => Err(OAuthError::NonceMalformed),
        Some(nonce) => Ok(Some(nonce.to_owned())),
    }
}
