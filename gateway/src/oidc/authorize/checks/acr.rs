//! The level asked for is one that the client may ask for, and can be reached at all. Unknown values
//! are ignored; a known one that no way of signing in here can meet is refused at once, instead of
//! after a vain sign-in (contract 4). Whoever asks for nothing asks for all that the client may.

use policies::signin::{Demand, Method};

use crate::oidc::client::Client;
use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// The ways of signing in that this build has, accounts of other organisations last.
pub(crate) const WAYS: [Method; 6] = [
    Method::Smartcard,
    Method::Fido2,
    Method::WindowsHello,
    Method::Passkey,
    Method::Totp,
    Method::Federated,
];

/// The `acr_values` that count, when some way can meet them: as sent, or the client's own.
pub(super) fn reachable(
    parameters: &Parameters,
    client: &Client,
    federated: bool,
) -> Result<String, OAuthError> {
    let all = WAYS.iter().copied();
    let ways: Vec<Method> = all
        .filter(|way| federated || *way != Method::Federated)
        .collect();
    let asked = Demand::from_acr_values(parameters.single("acr_values").unwrap_or_default());
    let demand = asked
        .within(&client.settings.acr_values)
        .ok_or(OAuthError::AcrNotAllowed)?;
    if demand.is_impossible_with(&ways) {
        return Err(OAuthError::UnmetAuthenticationRequirements);
    }
    Ok(demand.to_string())
}
