//! The client is registered. An error is a page: there is nobody to send it to.

use policies::ids::ClientId;

use super::Stop;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::client::Client;
use crate::oidc::error::OAuthError;
use crate::oidc::parameters::Parameters;
use crate::store::clients;

/// The client named by `client_id` (RFC 6749 4.1.1), read from the register.
pub(super) async fn registered(house: &Shared, parameters: &Parameters) -> Result<Client, Stop> {
    let id = parameters
        .clean("client_id")
        .ok_or(Stop::Page(OAuthError::ClientMissing))?;
    let id: ClientId = id
        .parse()
        .map_err(|_| Stop::Page(OAuthError::ClientUnknown))?;
    let found = house
        .store
        .read("oidc.authorize.client", move |tx| {
            let id = id.clone();
            Box::pin(async move { Ok::<_, Failure>(clients::find(tx, &id).await?) })
        })
        .await
        .map_err(Stop::Failure)?;
    found.ok_or(Stop::Page(OAuthError::ClientUnknown))
}
