//! The redirect URI is one of the client's, byte for byte (RFC 9700 2.1). An error is a page.

use crate::oidc::client::Client;
use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// The registered URI that equals the one presented. It must be presented even by clients with a
/// single one (OpenID Connect Core 3.1.2.1).
pub(super) fn registered(parameters: &Parameters, client: &Client) -> Result<String, OAuthError> {
    let presented = parameters
        .single("redirect_uri")
        .ok_or(OAuthError::RedirectUriMissing)?;
    client
        .redirect_uri(presented)
        .map(str::to_owned)
        .ok_or(OAuthError::RedirectUriUnknown)
}
