//! Security headers of every response. Pages are ours alone: no inline script or style, no frame,
//! no foreign content (CSP Level 3; attack table 69 and 92). Nothing dynamic is ever cached; a
//! document that may be cached says so itself.

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// Everything is forbidden that is not named. `form-action` is added per page.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Two years, as the preload list asks; only `serve` sends it.
const TWO_YEARS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Browsers apply `form-action` to the redirects after a form as well (CSP Level 3, 6.4.2). A page
/// whose form ends at an application puts this into its response's extensions, made from the
/// registered redirect URI; otherwise Chromium stops the last redirect.
#[derive(Debug, Clone)]
pub struct FormEndsAt(HeaderValue);

impl FormEndsAt {
    /// Where forms of this page may end, besides here. `None` when `uri` has no origin to name.
    pub fn uri(uri: &str) -> Option<Self> {
        let url = Url::parse(uri).ok()?;
        let origin = if url.origin().is_tuple() {
            url.origin().ascii_serialization()
        } else {
            format!("{}:", url.scheme())
        };
        HeaderValue::try_from(format!("{POLICY} {origin}")).ok().map(Self)
    }
}

/// Adds what every response carries; a header that the handler has set is kept, except those that
/// no handler may weaken.
pub(crate) fn secure(response: &mut Response, hsts: bool) {
    let policy = response
        .extensions_mut()
        .remove::<FormEndsAt>()
        .map_or(HeaderValue::from_static(POLICY), |form| form.0);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=()"),
    );
    // Not `no-referrer`: with that, browsers send `Origin: null` from our own forms.
    keep_or(headers, REFERRER_POLICY, "same-origin");
    keep_or(headers, CACHE_CONTROL, "no-store");
    keep_or(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if hsts {
        headers.insert(STRICT_TRANSPORT_SECURITY, TWO_YEARS);
    }
}

fn keep_or(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn policy_of(response: &Response) -> &str {
        response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap()
    }

    #[test]
    fn every_response_forbids_frames_inline_code_and_caching() {
        let mut response = Response::new(Body::empty());
        secure(&mut response, false);
        assert!(policy_of(&response).contains("frame-ancestors 'none'"));
        assert!(!policy_of(&response).contains("unsafe"));
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert!(!response.headers().contains_key(STRICT_TRANSPORT_SECURITY));
    }

    #[test]
    fn serve_pins_https_and_a_document_may_be_cached() {
        let mut response = Response::new(Body::empty());
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
        secure(&mut response, true);
        assert!(response.headers().contains_key(STRICT_TRANSPORT_SECURITY));
        assert_eq!(response.headers()[CACHE_CONTROL], "max-age=300");
    }

    #[test]
    fn a_form_may_end_at_the_registered_application() {
        let mut response = Response::new(Body::empty());
        let end = FormEndsAt::uri("http://127.0.0.1:8445/callback?x=1; script-src *").unwrap();
        response.extensions_mut().insert(end);
        secure(&mut response, false);
        assert!(policy_of(&response).ends_with("form-action 'self' http://127.0.0.1:8445"));
        assert!(FormEndsAt::uri("no url").is_none());
    }
}
