//! The scope holds `openid`, and nothing this client may not have. Unknown scopes are ignored
//! (OpenID Connect Core 3.1.2.1).

use crate::claims::scope::Scope;
use crate::oidc::client::Client;
use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// The known scopes asked for, each of them allowed.
pub(super) fn allowed(parameters: &Parameters, client: &Client) -> Result<Vec<Scope>, OAuthError> {
    let text = parameters.single("scope").unwrap_or_default();
    let scopes = Scope::split(text);
    if !scopes.contains(&Scope::OpenId) {
        let slip = text
            .split(' ')
            .any(|word| word.eq_ignore_ascii_case("oidc"));
        return Err(if slip {
            OAuthError::ScopeOidc
        } else {
            OAuthError::ScopeWithoutOpenid
        });
    }
    if !client.settings.first_party && scopes.iter().any(|scope| scope.is_first_party()) {
        return Err(OAuthError::ScopeFirstPartyOnly);
    }
    if scopes.iter().any(|scope| !client.scopes.contains(scope)) {
        return Err(OAuthError::ScopeNotAllowed);
    }
    Ok(scopes)
}
