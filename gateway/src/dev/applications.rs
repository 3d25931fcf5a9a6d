//! The demo applications of `certs_dev::clients`, registered by the same rule as everybody's.

use certs_dev::clients::{CLIENTS, DemoClient, IdTokenSignature, Manner, Proof};
use certs_dev::manifest::{ClientEntry, Manifest};
use enrolment::audit::Actor;
use enrolment::store::Store;
use policies::time::Time;
use ring::rand::SystemRandom;

use super::DevError;
use crate::oidc::client::AuthenticationMethod;
use crate::oidc::registration::Registration;
use crate::oidc::secret::Secret;
use crate::tokens::Algorithm;

/// Registers every demo client with the secret that `dev.json` tells.
pub(super) async fn register(
    store: &Store,
    manifest: &Manifest,
    now: Time,
) -> Result<(), DevError> {
    let chance = SystemRandom::new();
    for client in CLIENTS {
        let Some(entry) = manifest.client(client.alias) else {
            continue;
        };
        let checked = registration(client, entry).check(&chance);
        let checked = checked.map_err(|problems| DevError::Application {
            alias: client.alias.to_owned(),
            problems,
        })?;
        let secret = entry.client_secret.clone().map(Secret::presented);
        checked
            .register(store, &chance, (now, Actor::System), secret)
            .await?;
    }
    Ok(())
}

fn registration(client: &DemoClient, entry: &ClientEntry) -> Registration {
    let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
    let cis2_compatible = client.manner == Manner::Cis2;
    Registration {
        client_id: entry.client_id.clone(),
        name: client.name.to_owned(),
        auth_method: method(client.proof).as_str().to_owned(),
        redirect_uris: entry.redirect_uris.clone(),
        post_logout_redirect_uris: entry.post_logout_redirect_uris.clone(),
        origins: owned(client.origins),
        id_token_alg: Some(algorithm(client.id_token).as_str().to_owned()),
        scopes: Some(owned(client.scopes)),
        require_pkce: Some(!cis2_compatible),
        require_nonce: false,
        first_party: client.manner == Manner::FirstParty,
        cis2_compatible,
        limit_roles: Some(!cis2_compatible),
        acr_values: None,
        roles: None,
    }
}

fn method(proof: Proof) -> AuthenticationMethod {
    match proof {
        Proof::SecretBasic => AuthenticationMethod::ClientSecretBasic,
        Proof::SecretPost => AuthenticationMethod::ClientSecretPost,
        Proof::Public => AuthenticationMethod::None,
    }
}

fn algorithm(signature: IdTokenSignature) -> Algorithm {
    match signature {
        IdTokenSignature::Es256 => Algorithm::Es256,
        IdTokenSignature::Rs256 => Algorithm::Rs256,
    }
}
