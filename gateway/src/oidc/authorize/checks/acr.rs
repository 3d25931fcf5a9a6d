//! The level asked for can be reached at all. Unknown values are ignored; a known one that no way
//! of signing in here can meet is refused at once, instead of after a vain sign-in (contract 4).

use policies::signin::{Demand, Method};

use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;

/// The ways of signing in that this build has, accounts of other organisations last.
const WAYS: [Method; 6] = [
    Method::Smartcard,
    Method::Fido2,
    Method::WindowsHello,
    Method::Passkey,
    Method::Totp,
    Method::Federated,
];

/// The `acr_values` as sent, when some way can meet them.
pub(super) fn reachable(parameters: &Parameters, federated: bool) -> Result<String, OAuthError> {
    let all = WAYS.iter().copied();
    let ways: Vec<Method> = all
        .filter(|way| federated || *way != Method::Federated)
        .collect();
    let text = parameters.single("acr_values").unwrap_or_default();
    if Demand::from_acr_values(text).is_impossible_with(&ways) {
        return Err(OAuthError::UnmetAuthenticationRequirements);
    }
    Ok(text.to_owned())
}
