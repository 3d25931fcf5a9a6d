//! Who the client believes is signing in. A login hint is text; an ID token hint is verified, an
//! expired one included (OpenID Connect Core 3.1.2.1). Neither decides anything.
//!
//! `ui_locales`, `claims_locales`, `display` and `claims` are accepted and change nothing yet.

use policies::ids::UserId;

use crate::oidc::client::Client;
use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;
use crate::tokens::{TokenKeys, verify};

/// Longest login hint kept, in characters: an address has at most 254 (RFC 5321 4.5.3.1).
const LONGEST_LOGIN_HINT: usize = 254;

/// The subject of a genuine ID token that this client was given.
pub(super) fn id_token(
    parameters: &Parameters,
    client: &Client,
    keys: &TokenKeys,
) -> Result<Option<UserId>, OAuthError> {
    let Some(text) = parameters.single("id_token_hint") else {
        return Ok(None);
    };
    let hint = verify::hint(text, Some(&client.id), keys).map_err(|_| OAuthError::HintMalformed)?;
    Ok(Some(hint.subject().clone()))
}

/// The login hint; an overlong one is no hint.
pub(super) fn login(parameters: &Parameters) -> Option<String> {
    let hint = parameters.single("login_hint")?;
    (hint.chars().count() <= LONGEST_LOGIN_HINT).then(|| hint.to_owned())
}
