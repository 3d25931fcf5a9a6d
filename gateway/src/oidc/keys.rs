//! The JWKS endpoint, and how a public document is served: rendered once, with an entity tag.
//!
//! Relying parties cache both documents. They may do so for less time than a next key is announced
//! before it signs, so that no honest cache ever misses a key.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use ring::digest::{SHA256, digest};
use serde::Serialize;

use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::cors;
use crate::tokens::key::Jwk;
use crate::tokens::{KEY_LEAD_TIME, TokenKey};

/// Seconds for which discovery and the key set may be cached. Changes with [`CACHE_CONTROL`].
const CACHE_SECONDS: i64 = 3_600;
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=3600");
const _: () = assert!(CACHE_SECONDS < KEY_LEAD_TIME.as_seconds());

/// A public document, rendered once at start.
#[derive(Debug, Clone)]
pub struct Document {
    body: Bytes,
    etag: String,
}

impl Document {
    /// Renders a value whose type always becomes JSON.
    pub fn render(value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_default();
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(digest(&SHA256, &body)));
        Self {
            body: body.into(),
            etag,
        }
    }

    /// The JSON text.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Answers a GET: 304 where the caller has it already (RFC 9110 13.1.2).
    pub fn answer(&self, request: &HeaderMap) -> Response {
        let mut response = if self.is_known_to(request) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let json = [(header::CONTENT_TYPE, "application/json")];
            (json, self.body.clone()).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
        if let Ok(etag) = HeaderValue::from_str(&self.etag) {
            headers.insert(header::ETAG, etag);
        }
        response
    }

    fn is_known_to(&self, request: &HeaderMap) -> bool {
        request
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|tags| tags.to_str().ok())
            .flat_map(|tags| tags.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == self.etag || tag == "*")
    }
}

#[derive(Serialize)]
struct KeySet<'a> {
    keys: Vec<&'a Jwk>,
}

/// Renders the key set: every published key, those in use and those announced.
pub fn render<'a>(keys: impl Iterator<Item = &'a TokenKey>) -> Document {
    Document::render(&KeySet {
        keys: keys.map(TokenKey::jwk).collect(),
    })
}

/// `GET /oauth2/jwks`.
///
/// # Errors
/// What the store says about the caller's origin.
pub async fn get(State(house): State<Shared>, headers: HeaderMap) -> Result<Response, Failure> {
    let answer = house.token_keys.jwks().answer(&headers);
    cors::shared_with(&house, &headers, answer).await
}
