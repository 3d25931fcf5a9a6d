//! The checks of an authorization request, in the order they are asked; each has its own file.
//!
//! A check takes what it needs and gives back what it proved; none changes anything. The first two
//! decide whether there is an address that an error may be sent to.

mod acr;
mod client;
mod control_characters;
mod hints;
mod max_age;
mod nonce;
mod pkce;
mod prompt;
mod redirect_uri;
mod repeated;
mod request_object;
mod response_mode;
mod response_type;
mod scope;

use policies::ids::ClientId;

pub(crate) use acr::WAYS;

use super::redirect::ReturnAddress;
use super::request::{AuthorizationRequest, Proven};
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::client::Client;
use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;
use crate::tokens::TokenKeys;

/// Where the list stopped.
#[derive(Debug)]
pub enum Stop {
    /// Nothing is proven: a page, no redirect.
    Page(OAuthError),
    /// Client and redirect URI are proven: back to the app.
    Redirect(ReturnAddress, OAuthError, ClientId),
    /// The database could not be asked.
    Failure(Failure),
}

/// Asks every check, in order.
///
/// # Errors
/// Where it stopped.
pub async fn in_order(
    house: &Shared,
    parameters: &Parameters,
) -> Result<AuthorizationRequest, Stop> {
    let client = client::registered(house, parameters).await?;
    let redirect_uri = redirect_uri::registered(parameters, &client).map_err(Stop::Page)?;
    let state = parameters.clean("state").map(str::to_owned);
    let address = ReturnAddress::proven(redirect_uri, state);
    let here = (&house.token_keys, !house.federation.is_empty());
    remaining(parameters, &client, &address, here)
        .map_err(|error| Stop::Redirect(address, error, client.id))
}

/// The checks whose errors go back to the app.
fn remaining(
    parameters: &Parameters,
    client: &Client,
    address: &ReturnAddress,
    (keys, federated): (&TokenKeys, bool),
) -> Result<AuthorizationRequest, OAuthError> {
    repeated::none(parameters)?;
    control_characters::none(parameters)?;
    request_object::absent(parameters)?;
    response_type::code(parameters)?;
    response_mode::query(parameters)?;
    let scope = scope::allowed(parameters, client)?;
    let challenge = pkce::challenge(parameters, client)?;
    let nonce = nonce::read(parameters, client)?;
    let prompt = prompt::read(parameters)?;
    let max_age = max_age::read(parameters)?;
    let acr_values = acr::reachable(parameters, client, federated)?;
    let id_token_hint_sub = hints::id_token(parameters, client, keys)?;
    let login_hint = hints::login(parameters);
    Ok(AuthorizationRequest {
        client: client.id.clone(),
        client_name: client.name.clone(),
        redirect_uri: address.redirect_uri.clone(),
        scope,
        state: address.state.clone(),
        nonce,
        challenge,
        prompt,
        max_age,
        acr_values,
        login_hint,
        id_token_hint_sub,
        roles: client.settings.roles.clone(),
        own_page: None,
        proven: Proven::by_the_checks(),
    })
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;
