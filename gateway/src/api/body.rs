//! The JSON body of a request, read strictly, and only once the caller is known: whoever may not
//! ask learns nothing about how to ask.

use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::error::Failure;
use crate::oidc::parameters::Parameters;
use crate::signin::transaction;

/// A body that has arrived and has not been read.
#[derive(Debug)]
pub struct Body<T> {
    octets: Bytes,
    is_json: bool,
    shape: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Body<T> {
    /// The body as the type that the operation takes. Unknown members, other media types and
    /// anything that is not JSON are refused.
    ///
    /// # Errors
    /// [`Failure::NotJson`], [`Failure::BadInput`].
    pub fn read(self) -> Result<T, Failure> {
        if !self.is_json {
            return Err(Failure::NotJson);
        }
        if holds_nul(&self.octets) || !is_object(&self.octets) {
            return Err(Failure::BadInput("body_malformed"));
        }
        serde_json::from_slice(&self.octets).map_err(|_| Failure::BadInput("body_malformed"))
    }
}

/// The query of an operation: what cannot be read is input like a body (contract 5).
///
/// # Errors
/// [`Failure::BadInput`].
pub fn read_query(query: Option<String>) -> Result<Parameters, Failure> {
    let read = transaction::read(query.unwrap_or_default().as_bytes());
    read.map_err(|failure| match failure {
        Failure::BadRequest(code) => Failure::BadInput(code),
        other => other,
    })
}

/// Whether it begins as an object does: a list would be read as the members in their order.
fn is_object(json: &[u8]) -> bool {
    json.trim_ascii_start().starts_with(b"{")
}

/// Whether a text in it may hold U+0000, which no column of PostgreSQL takes. JSON knows it only in
/// this spelling (RFC 8259 7); a backslash before it makes it harmless, and is refused as well.
fn holds_nul(json: &[u8]) -> bool {
    json.windows(6).any(|six| six == b"\\u0000")
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let is_json = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        let octets = Bytes::from_request(request, state)
            .await
            .map_err(|_| Failure::BadRequest("body_broken"))?;
        Ok(Self {
            octets,
            is_json,
            shape: PhantomData,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_nul_is_refused_before_any_database_sees_it() {
        assert!(holds_nul(br#"{"work_id":"a\u0000b"}"#));
        assert!(!holds_nul(br#"{"work_id":"a\u0001b"}"#));
        let body = |octets: &'static [u8]| Body::<serde_json::Value> {
            octets: Bytes::from_static(octets),
            is_json: true,
            shape: PhantomData,
        };
        assert!(body(br#"{"a":"\u0000"}"#).read().is_err());
        assert!(body(br#" ["a"]"#).read().is_err(), "a list");
        assert!(body(br#"{"a":"b"}"#).read().is_ok());
    }
}
