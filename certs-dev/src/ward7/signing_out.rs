//! Signing out: our own session first, then the single sign-on session at the gateway (OpenID Connect RP-Initiated
//! Logout 1.0), so that a failure in between leaves nobody signed in here.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};

use super::door::Arrival;
use super::{Shared, pages};

/// Ends the session and sends the browser to the gateway.
pub(super) async fn leave(
    State(ward): State<Shared>,
    Extension(arrival): Extension<Arrival>,
) -> Response {
    if !arrival.same_site {
        return pages::trouble(
            StatusCode::FORBIDDEN,
            "This did not come from Ward 7",
            "Use the button on Ward 7's own page.",
            "cross_site",
        );
    }
    let visit = ward.visits.end(arrival.session.as_deref());
    let hint = visit.as_ref().map(|visit| visit.id_token.as_str());
    let target = match ward.provider.leave(hint).await {
        Ok(url) => url.to_string(),
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "Ward 7 cannot reach the gateway's sign-out"
            );
            "/signed-out".to_owned()
        }
    };
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response();
    ward.set_cookie(&mut response, "session", "", 0);
    response
}

/// Where the gateway sends the browser afterwards.
pub(super) async fn left() -> Response {
    pages::landing(Some("You are signed out."))
}
