//! A client proves itself in the one way it registered (RFC 6749 2.3.1): secret in the header,
//! secret in the form, or, for a public client, its name alone with PKCE behind it.
//!
//! An unknown client costs the same work and gets the same answer as a wrong secret.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use enrolment::store::{StoreError, Tx};
use http::header::AUTHORIZATION;
use policies::ids::ClientId;

use super::error::TokenError;
use crate::oidc::client::{AuthenticationMethod, Client};
use crate::oidc::parameters::{Parameters, decode};
use crate::oidc::secret::{Purpose, Secret, SecretHash};
use crate::store::clients;

/// What a request offers as proof.
#[derive(Debug)]
pub struct Proof {
    /// The name it claims.
    pub client_id: String,
    /// The way it uses.
    pub method: AuthenticationMethod,
    /// The secret it shows; `None` exactly for [`AuthenticationMethod::None`].
    pub secret: Option<Secret>,
}

impl Proof {
    /// Reads the proof out of header and form.
    ///
    /// # Errors
    /// Two proofs at once, two names, or a header that cannot be read.
    pub fn read(headers: &HeaderMap, form: &Parameters) -> Result<Self, TokenError> {
        let named = form.single("client_id");
        let posted = form.single("client_secret");
        if headers.get_all(AUTHORIZATION).iter().count() > 1 {
            return Err(TokenError::TwoProofs);
        }
        let Some(header) = headers.get(AUTHORIZATION) else {
            let client_id = named.ok_or(TokenError::ClientRefused)?.to_owned();
            return Ok(match posted {
                Some(secret) => Self {
                    client_id,
                    method: AuthenticationMethod::ClientSecretPost,
                    secret: Some(Secret::presented(secret)),
                },
                None => Self {
                    client_id,
                    method: AuthenticationMethod::None,
                    secret: None,
                },
            });
        };
        if form.names("client_secret") {
            return Err(TokenError::TwoProofs);
        }
        let (client_id, secret) = basic(header.as_bytes()).ok_or(TokenError::ClientRefused)?;
        if named.is_some_and(|named| named != client_id) {
            return Err(TokenError::TwoClients);
        }
        let method = AuthenticationMethod::ClientSecretBasic;
        Ok(Self {
            client_id,
            method,
            secret: Some(secret),
        })
    }
}

/// Reads `Basic base64(id:secret)`, both halves form-encoded before they were joined
/// (RFC 6749 2.3.1).
fn basic(header: &[u8]) -> Option<(String, Secret)> {
    let (scheme, rest) = header.split_at_checked(b"Basic ".len())?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let joined = STANDARD.decode(rest.trim_ascii()).ok()?;
    let colon = joined.iter().position(|octet| *octet == b':')?;
    let (id, secret) = joined.split_at_checked(colon)?;
    let (id, secret) = (decode(id).ok()?, decode(secret.get(1..)?).ok()?);
    (!id.is_empty() && !secret.is_empty()).then(|| (id, Secret::presented(secret)))
}

/// The client, proven inside the transaction that acts for it; or whom it named and why not. Nothing is
/// written: whoever is refused has proven nothing.
pub(super) async fn client(
    tx: Tx<'_>,
    proof: &Proof,
) -> Result<Result<Client, (Option<ClientId>, &'static str)>, StoreError> {
    let registered = match proof.client_id.parse() {
        Ok(id) => clients::find(tx, &id).await?,
        Err(_) => None,
    };
    Ok(judge(registered, proof))
}

/// Compares the proof with the registration; on refusal, whom it was and why, for the trail.
fn judge(
    registered: Option<Client>,
    proof: &Proof,
) -> Result<Client, (Option<ClientId>, &'static str)> {
    let shown = proof
        .secret
        .as_ref()
        .map(|secret| secret.hash(Purpose::ClientSecret));
    let Some(client) = registered else {
        // The comparison an unknown client is spared would tell it apart.
        let nobody = SecretHash::stored([0; 32]);
        let _ = shown.is_some_and(|shown| shown.matches(&nobody));
        return Err((None, "unknown"));
    };
    let right = match (&client.secret, &shown) {
        (Some(secret), Some(shown)) => shown.matches(secret),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if client.method != proof.method {
        return Err((Some(client.id), "other_method"));
    }
    if !right {
        return Err((Some(client.id), "wrong_secret"));
    }
    Ok(client)
}

#[cfg(test)]
#[path = "client_proof_tests.rs"]
mod tests;
