//! The userinfo endpoint (OpenID Connect Core 5.3, RFC 6750): what a token may say about a person,
//! as it is now.
//!
//! Token, session, person, card and role are read in one transaction at every call; nothing is
//! remembered. A call is a sign of life of the session, noted at most now and then.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use enrolment::role_keys::RoleKeys;
use enrolment::store::{Key, StoreError, Tx};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use policies::rbac::Rbac;
use policies::time::Time;
use policies::values::Policy;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::claims::roles;
use crate::claims::userinfo::{About, View, claims};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::cors;
use crate::oidc::parameters::Parameters;
use crate::oidc::secret::{Purpose, Secret, SecretHash};
use crate::oidc::token::{is_form, unstored};
use crate::signin::session::{self, Session};
use crate::store::{clients, grants};

/// Why a call got no claims (RFC 6750 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BearerError {
    /// No token at all: the answer says only how to bring one.
    #[error("An access token is needed.")]
    NoToken,
    /// A token in the query, where logs and histories keep it (RFC 9700 4.3.2).
    #[error("The access token must not be in the URL.")]
    TokenInUrl,
    /// More than one token, or a header or form that cannot be read.
    #[error("The access token must be given once, in the Authorization header or in a form.")]
    Malformed,
    /// Unknown, expired or revoked, or its session, person or role has ended.
    #[error("The access token is not valid, or the sign-in behind it has ended.")]
    InvalidToken,
}

impl IntoResponse for BearerError {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::NoToken => (StatusCode::UNAUTHORIZED, None),
            Self::TokenInUrl | Self::Malformed => {
                (StatusCode::BAD_REQUEST, Some("invalid_request"))
            }
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, Some("invalid_token")),
        };
        let challenge = error.map_or_else(
            || "Bearer realm=\"matron\"".to_owned(),
            |error| {
                format!("Bearer realm=\"matron\", error=\"{error}\", error_description=\"{self}\"")
            },
        );
        let mut response = error.map_or_else(
            || status.into_response(),
            |error| {
                let document = serde_json::json!({
                    "error": error,
                    "error_description": self.to_string(),
                });
                (status, Json(document)).into_response()
            },
        );
        if let Ok(challenge) = HeaderValue::try_from(challenge) {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// `GET /oauth2/userinfo`, the token in the header.
///
/// # Errors
/// What the store says.
pub async fn get(
    State(house): State<Shared>,
    arrival: Arrival,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let token = presented(&headers, query.as_deref(), &[]);
    answer(&house, &arrival, &headers, token).await
}

/// `POST /oauth2/userinfo`, the token in the header or in the form.
///
/// # Errors
/// What the store says.
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let token = presented(&headers, query.as_deref(), &body);
    answer(&house, &arrival, &headers, token).await
}

/// The one token of a request (RFC 6750 2: not more than one way at once).
fn presented(headers: &HeaderMap, query: Option<&str>, body: &[u8]) -> Result<Secret, BearerError> {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    if query
        .map_err(|_| BearerError::Malformed)?
        .names("access_token")
    {
        return Err(BearerError::TokenInUrl);
    }
    let body = if is_form(headers) { body } else { &[] };
    let form = Parameters::parse(body).map_err(|_| BearerError::Malformed)?;
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    match (lines.next(), lines.next(), form.names("access_token")) {
        (None, _, false) => Err(BearerError::NoToken),
        (None, _, true) => form
            .clean("access_token")
            .map(Secret::presented)
            .ok_or(BearerError::Malformed),
        (Some(line), None, false) => bearer(line).ok_or(BearerError::Malformed),
        (Some(_), _, _) => Err(BearerError::Malformed),
    }
}

/// Reads `Bearer TOKEN` (RFC 6750 2.1); the scheme's case does not matter (RFC 9110 11.1).
pub(crate) fn bearer(line: &HeaderValue) -> Option<Secret> {
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    let whole = !token.is_empty() && token.bytes().all(|octet| octet.is_ascii_graphic());
    (scheme.eq_ignore_ascii_case("Bearer") && whole).then(|| Secret::presented(token))
}

async fn answer(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    token: Result<Secret, BearerError>,
) -> Result<Response, Failure> {
    let response = match token {
        Err(error) => error.into_response(),
        Ok(token) => match look_up(house, arrival, &token).await? {
            None => BearerError::InvalidToken.into_response(),
            Some((claims, session)) => {
                note_sign_of_life(house, arrival, session).await?;
                Json(claims).into_response()
            }
        },
    };
    cors::shared_with(house, headers, unstored(response)).await
}

async fn look_up(
    house: &Shared,
    arrival: &Arrival,
    token: &Secret,
) -> Result<Option<(Map<String, Value>, Session)>, Failure> {
    let question = Arc::new(Question {
        token: token.hash(Purpose::AccessToken),
        policy: house.policy.clone(),
        rbac: house.rbac.clone(),
        role_keys: house.role_keys(),
        now: arrival.now,
    });
    let answer = house
        .store
        .read("oidc.userinfo", move |tx| {
            let question = question.clone();
            Box::pin(async move { question.answer(tx).await })
        })
        .await;
    Ok(answer?)
}

/// What the read closure owns.
struct Question {
    token: SecretHash,
    policy: Arc<Policy>,
    rbac: Arc<Rbac>,
    role_keys: RoleKeys,
    now: Time,
}

impl Question {
    async fn answer(
        &self,
        tx: Tx<'_>,
    ) -> Result<Option<(Map<String, Value>, Session)>, StoreError> {
        let Some(token) = grants::running_token(tx, &self.token, self.now).await? else {
            return Ok(None);
        };
        let Some(session) = session::live(tx, &token.sid, self.now, &self.policy).await? else {
            return Ok(None);
        };
        let Some(client) = clients::find(tx, &token.client).await? else {
            return Ok(None);
        };
        if !token.meets(&client.settings.acr_values)? {
            return Ok(None);
        }
        let Some(mut about) = About::open_person(tx, &token.user_id).await? else {
            return Ok(None);
        };
        let opener = session.opener(&self.role_keys);
        let roles = opener.sort(tx, about.roles).await?;
        about.roles = roles.told(&client.settings.roles).open;
        let role_id = token.role_id.as_ref();
        // A role that was withdrawn takes the token with it (attack 51).
        if role_id.is_some_and(|role_id| roles::held_now(&about.roles, role_id, self.now).is_none())
        {
            return Ok(None);
        }
        let limit_roles = client.settings.limit_roles;
        let view = View {
            scope: &token.scope,
            role_id,
            limit_roles,
            now: self.now,
        };
        Ok(Some((claims(&about, &view, &self.rbac), session)))
    }
}

async fn note_sign_of_life(
    house: &Shared,
    arrival: &Arrival,
    session: Session,
) -> Result<(), Failure> {
    if !session::needs_touch(&session, arrival.now) {
        return Ok(());
    }
    let now = arrival.now;
    let key = Key::of("session", session.sid.as_str());
    let noted = house
        .store
        .write("oidc.userinfo.touch", key, move |tx| {
            let session = session.clone();
            Box::pin(async move { session::touch(tx, &session, now).await })
        })
        .await;
    Ok(noted?)
}

#[cfg(test)]
#[path = "userinfo_tests.rs"]
mod tests;
