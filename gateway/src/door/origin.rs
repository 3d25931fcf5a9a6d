//! Keeps other sites' pages from posting forms here (attack table 68). Browsers say where a POST
//! comes from in `Origin` and `Sec-Fetch-Site`; a client that sends neither is no browser and has
//! no cookie to misuse. SameSite cookies and the form's own token stand behind this.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method};

use crate::error::Failure;
use crate::router::Access;

/// The origin that this listener's own pages have, placed in the request by the door.
#[derive(Debug, Clone)]
pub(crate) struct OwnOrigin(pub(crate) std::sync::Arc<str>);

/// Refuses a state-changing request that another site's page has sent.
pub(crate) async fn same_site_only(
    State(access): State<Access>,
    request: Request,
    next: Next,
) -> Response {
    let own = request
        .extensions()
        .get::<OwnOrigin>()
        .map(|own| own.0.clone());
    if access == Access::CardClient && comes_from_a_page(request.headers()) {
        return Failure::CrossSite.into_response();
    }
    if guards(access)
        && changes_state(request.method())
        && !comes_from_here(request.headers(), own.as_deref())
    {
        return Failure::CrossSite.into_response();
    }
    next.run(request).await
}

/// Routes whose POST may only come from our own pages.
fn guards(access: Access) -> bool {
    match access {
        Access::Anyone
        | Access::Browser
        | Access::Session
        | Access::Stranger
        | Access::CardCertificate => true,
        Access::RelyingPartyBrowser
        | Access::ClientCredentials
        | Access::BearerToken
        | Access::SelfToken
        | Access::DeskToken
        | Access::CardClient => false,
    }
}

/// Whether any web page sent this, our own included: a card acts for its own client alone, so that
/// no page can use a card by itself (contract 5).
fn comes_from_a_page(headers: &HeaderMap) -> bool {
    let site = headers.get_all("sec-fetch-site");
    headers.contains_key(http::header::ORIGIN) || site.iter().any(|site| site.as_bytes() != b"none")
}

fn changes_state(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Fetch Metadata: `same-origin`, or `none` for what the person typed or reloaded herself.
/// RFC 6454 7: an `Origin` must be ours, `null` is nobody's.
fn comes_from_here(headers: &HeaderMap, own: Option<&str>) -> bool {
    let site_is_ours = headers
        .get_all("sec-fetch-site")
        .iter()
        .all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    let origin_is_ours = headers
        .get_all(http::header::ORIGIN)
        .iter()
        .all(|origin| own.is_some_and(|own| origin.as_bytes() == own.as_bytes()));
    site_is_ours && origin_is_ours
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Option<&str> = Some("https://localhost:8443");

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    http::HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn a_form_of_our_own_page_passes() {
        let own = headers(&[
            ("origin", "https://localhost:8443"),
            ("sec-fetch-site", "same-origin"),
        ]);
        assert!(comes_from_here(&own, OWN));
    }

    #[test]
    fn no_page_of_any_site_uses_a_card_by_itself() {
        for pair in [
            ("origin", "https://localhost:8443"),
            ("origin", "https://localhost:8444"),
            ("origin", "null"),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "cross-site"),
        ] {
            assert!(comes_from_a_page(&headers(&[pair])), "{pair:?}");
        }
        assert!(!comes_from_a_page(&HeaderMap::new()));
        assert!(!comes_from_a_page(&headers(&[("sec-fetch-site", "none")])));
    }

    #[test]
    fn a_client_that_is_no_browser_passes() {
        assert!(comes_from_here(&HeaderMap::new(), OWN));
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        for pair in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "https://localhost:8444"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            assert!(!comes_from_here(&headers(&[pair]), OWN), "{pair:?}");
        }
    }

    #[test]
    fn the_token_endpoint_is_not_for_browsers_and_needs_no_origin() {
        assert!(!guards(Access::ClientCredentials));
        assert!(guards(Access::Session));
    }
}
