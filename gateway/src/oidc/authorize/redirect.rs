//! Sending the browser back to the app, with a code or an error, always with `state` and `iss`.
//!
//! A [`ReturnAddress`] exists only for a proven redirect URI. Parameters are appended to it as it
//! was registered, its own query kept (RFC 6749 3.1.2); the status is 303, so that a browser that
//! posted credentials does not post them to the app (RFC 9700 4.12).

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::request::AuthorizationRequest;
use crate::house::Shared;
use crate::oidc::error::OAuthError;
use crate::oidc::secret::Secret;
use crate::signin::own::OwnPage;

/// Where an answer goes: a redirect URI that belongs to the client, and the client's `state`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnAddress {
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
}

impl ReturnAddress {
    /// Called once the client and its redirect URI are proven.
    pub(super) const fn proven(redirect_uri: String, state: Option<String>) -> Self {
        Self {
            redirect_uri,
            state,
        }
    }

    /// The redirect that says no.
    pub fn refuse(&self, house: &Shared, error: OAuthError) -> Response {
        let description = error.to_string();
        let fields = [
            ("error", error.code()),
            ("error_description", description.as_str()),
        ];
        self.answer(house, &fields)
    }

    fn answer(&self, house: &Shared, fields: &[(&str, &str)]) -> Response {
        let location = self.location(&house.names.issuer, fields);
        let headers = [
            (header::LOCATION, location),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ];
        (StatusCode::SEE_OTHER, headers).into_response()
    }

    fn location(&self, issuer: &str, fields: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(fields);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", issuer);
        let joint = if !self.redirect_uri.contains('?') {
            "?"
        } else if self.redirect_uri.ends_with(['?', '&']) {
            ""
        } else {
            "&"
        };
        format!("{}{joint}{}", self.redirect_uri, query.finish())
    }
}

impl From<&AuthorizationRequest> for ReturnAddress {
    fn from(request: &AuthorizationRequest) -> Self {
        Self::proven(request.redirect_uri.clone(), request.state.clone())
    }
}

/// The answer to a proven request that is not granted: a redirect with `error`, `state` and `iss`.
pub fn refuse(house: &Shared, request: &AuthorizationRequest, error: OAuthError) -> Response {
    match request.own_page {
        Some(page) => to_own_page(page),
        None => ReturnAddress::from(request).refuse(house, error),
    }
}

/// A page of ours says itself what is missing.
fn to_own_page(page: OwnPage) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, page.path())]).into_response()
}

/// The answer to a proven request that is granted: a redirect with `code`, `state` and `iss`.
pub(super) fn hand_over(house: &Shared, request: &AuthorizationRequest, code: &Secret) -> Response {
    match request.own_page {
        Some(page) => to_own_page(page),
        None => ReturnAddress::from(request).answer(house, &[("code", code.reveal())]),
    }
}

#[cfg(test)]
mod tests {
    use super::ReturnAddress;

    fn location(redirect_uri: &str, state: Option<&str>) -> String {
        ReturnAddress::proven(redirect_uri.to_owned(), state.map(str::to_owned))
            .location("https://id.example", &[("code", "abc")])
    }

    #[test]
    fn state_and_issuer_travel_with_the_code() {
        assert_eq!(
            location("https://app.example/cb", Some("a b&c=\"<javascript:")),
            "https://app.example/cb?code=abc&state=a+b%26c%3D%22%3Cjavascript%3A\
             &iss=https%3A%2F%2Fid.example"
        );
    }

    #[test]
    fn the_query_of_the_registered_uri_is_kept() {
        let expected = "https://app.example/cb?x=1&code=abc&iss=https%3A%2F%2Fid.example";
        assert_eq!(location("https://app.example/cb?x=1", None), expected);
        assert_eq!(location("https://app.example/cb?x=1&", None), expected);
    }
}
