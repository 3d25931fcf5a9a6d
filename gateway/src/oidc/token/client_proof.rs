//! A client proves itself in the one way it registered (RFC 6749 2.3.1): secret in the header,
//! secret in the form, or, for a public client, its name alone with PKCE behind it.
//!
//! An unknown client costs the same work and gets the same answer as a wrong secret.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use enrolment::audit::{Code, Event};
use enrolment::store::{Key, StoreError};
use http::header::AUTHORIZATION;
use policies::ids::ClientId;

use super::error::{Fault, TokenError};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
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

/// The client, proven; a refusal leaves a line in the trail, within what strangers may write.
pub(super) async fn client(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    form: &Parameters,
) -> Result<Client, Fault> {
    let proof = Proof::read(headers, form)?;
    let registered = find(house, &proof.client_id).await?;
    match judge(registered, &proof) {
        Ok(client) => Ok(client),
        Err((client, reason)) => {
            if arrival.may_leave_a_line() {
                record(house, arrival, client, reason).await?;
            }
            Err(TokenError::ClientRefused.into())
        }
    }
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

async fn find(house: &Shared, client_id: &str) -> Result<Option<Client>, Failure> {
    let Ok(id) = client_id.parse::<ClientId>() else {
        return Ok(None);
    };
    let found = house
        .store
        .read("oidc.token.client", move |tx| {
            let id = id.clone();
            Box::pin(async move { clients::find(tx, &id).await })
        })
        .await;
    Ok(found?)
}

async fn record(
    house: &Shared,
    arrival: &Arrival,
    client: Option<ClientId>,
    reason: &'static str,
) -> Result<(), Failure> {
    let event = Event::ClientRefused {
        client,
        reason: Code::of(reason),
    };
    let now = arrival.now;
    let written = house
        .store
        .write("oidc.token.client_refused", Key::none(), move |tx| {
            let event = event.clone();
            Box::pin(async move {
                tx.audit(now, &event).await?;
                Ok::<_, StoreError>(())
            })
        })
        .await;
    Ok(written?)
}

#[cfg(test)]
#[path = "client_proof_tests.rs"]
mod tests;
