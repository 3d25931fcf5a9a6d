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

/// Two years, as the preload list asks; only `serve` sends it.
const TWO_YEARS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// What remains when a policy cannot be written.
const NOTHING_ALLOWED: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'");

/// Browsers apply `form-action` to the redirects after a form as well (CSP Level 3, 6.4.2). A page
/// whose form ends at an application puts this into its response's extensions, made from the
/// registered redirect URI; otherwise Chromium stops the last redirect.
#[derive(Debug, Clone)]
pub struct FormEndsAt(String);

impl FormEndsAt {
    /// Where forms of this page may end, besides here. `None` when `uri` is no URI.
    pub fn uri(uri: &str) -> Option<Self> {
        let url = Url::parse(uri).ok()?;
        let origin = url.origin();
        if origin.is_tuple() {
            return Some(Self(origin.ascii_serialization()));
        }
        Some(Self(format!("{}:", url.scheme())))
    }
}

/// A page of the card listener takes its style and its icon from the gateway, and leads back to
/// it; it puts this into its response's extensions.
#[derive(Debug, Clone)]
pub struct StyledBy(String);

impl StyledBy {
    /// The gateway's origin. `None` when `base` is no URL, as on the gateway's own pages.
    pub fn origin(base: &str) -> Option<Self> {
        let origin = Url::parse(base).ok()?.origin();
        origin
            .is_tuple()
            .then(|| Self(origin.ascii_serialization()))
    }
}

/// A picture from the register puts this into its response's extensions: it may do nothing at all,
/// even when it is opened by itself.
#[derive(Debug, Clone, Copy)]
pub struct Sandboxed;

/// The policy of such a picture.
const SANDBOX: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
);

/// Everything is forbidden that is not named: no inline script or style, no frame, no base.
fn policy(styled_by: Option<StyledBy>, form_ends_at: Option<FormEndsAt>) -> Option<HeaderValue> {
    let gateway = styled_by.map_or_else(String::new, |styled| format!(" {}", styled.0));
    let end = form_ends_at.map_or_else(String::new, |end| format!(" {}", end.0));
    let policy = format!(
        "default-src 'none'; style-src 'self'{gateway}; img-src 'self'{gateway}; script-src 'self'; \
         font-src 'self'; connect-src 'self'; form-action 'self'{gateway}{end}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).ok()
}

/// Adds what every response carries; a header that the handler has set is kept, except those that
/// no handler may weaken.
pub(crate) fn secure(response: &mut Response, hsts: bool) {
    let told = response.extensions_mut();
    let policy = match told.remove::<Sandboxed>() {
        Some(Sandboxed) => SANDBOX,
        None => policy(told.remove(), told.remove()).unwrap_or(NOTHING_ALLOWED),
    };
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
    // The card listener, another origin of the same site, shows the gateway's style sheet.
    keep_or(
        headers,
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-site",
    );
    if hsts {
        headers.insert(STRICT_TRANSPORT_SECURITY, TWO_YEARS);
    }
}

fn keep_or(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn policy_of(response: &Response) -> &str {
        response.headers()[CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
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
    fn a_picture_of_the_register_can_do_nothing() {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Sandboxed);
        secure(&mut response, false);
        assert!(policy_of(&response).ends_with("sandbox"));
        assert!(!policy_of(&response).contains("'self'"));
    }

    #[test]
    fn serve_pins_https_and_a_document_may_be_cached() {
        let mut response = Response::new(Body::empty());
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
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
        assert!(policy_of(&response).contains("form-action 'self' http://127.0.0.1:8445;"));
        assert!(!policy_of(&response).contains("script-src *"));
        assert!(FormEndsAt::uri("no url").is_none());
    }

    #[test]
    fn a_page_of_the_card_listener_wears_the_gateways_style() {
        let mut response = Response::new(Body::empty());
        response
            .extensions_mut()
            .insert(StyledBy::origin("https://localhost:8443").unwrap());
        secure(&mut response, false);
        assert!(policy_of(&response).contains("style-src 'self' https://localhost:8443;"));
        assert!(StyledBy::origin("").is_none());
    }
}
