//! The code challenge (RFC 7636), S256 only: demanded of public clients always, of others by
//! setting, and held to the standard wherever it is sent.

use crate::oidc::client::Client;
use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// Length of a base64url SHA-256 without padding (RFC 7636 4.2).
const CHALLENGE_LENGTH: usize = 43;

/// The challenge, if one was sent. A missing method means `plain` (RFC 7636 4.3), which is refused.
pub(super) fn challenge(
    parameters: &Parameters,
    client: &Client,
) -> Result<Option<String>, OAuthError> {
    let method = parameters.single("code_challenge_method");
    let Some(challenge) = parameters.single("code_challenge") else {
        let silent = !client.must_use_pkce() && method.is_none();
        return if silent {
            Ok(None)
        } else {
            Err(OAuthError::PkceMissing)
        };
    };
    if method != Some("S256") {
        return Err(OAuthError::PkceMethod);
    }
    let in_alphabet = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    if challenge.len() != CHALLENGE_LENGTH || !challenge.bytes().all(in_alphabet) {
        return Err(OAuthError::PkceMalformed);
    }
    Ok(Some(challenge.to_owned()))
}
