//! What every request to Ward 7 passes: the Host it must name, the one reading of the clock, and the headers that
//! every answer carries.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use policies::time::Time;

use super::{Shared, Ward7, pages};

/// What is known about a request before its handler runs.
#[derive(Clone)]
pub(super) struct Arrival {
    /// The clock, read once.
    pub(super) now: Time,
    /// The session cookie as sent.
    pub(super) session: Option<String>,
    /// The cookie that ties a sign-in to this browser.
    pub(super) browser: Option<String>,
    /// The request came from a page of our own, or was typed in.
    pub(super) same_site: bool,
}

/// Reads the arrival, refuses foreign Hosts (a name that points at 127.0.0.1 must not reach us), dresses the answer.
pub(super) async fn enter(
    State(ward): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let hosts: Vec<_> = headers.get_all(HOST).iter().collect();
    if hosts != [ward.authority.as_str()] {
        let page = pages::trouble(
            StatusCode::MISDIRECTED_REQUEST,
            "This is not Ward 7's address",
            "Open the address that matron dev printed.",
            "misdirected",
        );
        return dressed(&ward, page);
    }
    let arrival = Arrival {
        now: ward.clock.now(),
        session: cookie(headers, &ward.cookie_name("session")),
        browser: cookie(headers, &ward.cookie_name("browser")),
        same_site: same_site(headers, &ward.app_url),
    };
    request.extensions_mut().insert(arrival);
    let response = next.run(request).await;
    dressed(&ward, response)
}

impl Ward7 {
    /// Cookies know no ports, so the name says ours: two demo houses on one machine keep apart.
    pub(super) fn cookie_name(&self, purpose: &str) -> String {
        let port = self.authority.rsplit(':').next().unwrap_or_default();
        format!("ward7-{purpose}-{port}")
    }

    /// Sets one of our cookies for `seconds`. Plain HTTP on loopback: no Secure, everything else.
    pub(super) fn set_cookie(
        &self,
        response: &mut Response,
        purpose: &str,
        value: &str,
        seconds: i64,
    ) {
        let name = self.cookie_name(purpose);
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned())
}

/// Fetch metadata where the browser sends it, Origin otherwise; a request with neither is not a browser's form.
fn same_site(headers: &HeaderMap, app_url: &str) -> bool {
    let text = |name: &str| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("unreadable"))
    };
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin == app_url,
        (None, None) => true,
    }
}

fn dressed(ward: &Ward7, mut response: Response) -> Response {
    // Signing out posts to ourselves and is then sent on to the gateway: browsers ask form-action for both.
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
        ward.provider.origin()
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
