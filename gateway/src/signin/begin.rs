//! Where an authorization request becomes a sign-in: is there a session that fits, may anything be
//! shown at all (`prompt=none`), or is a sign-in opened (OpenID Connect Core 3.1.2.3)?

use axum::response::Response;
use http::HeaderMap;
use policies::session::SessionStanding;
use policies::time::Time;

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::authorize::{AuthorizationRequest, Prompt};
use crate::signin::session::Session;
use crate::signin::{advance, transaction};

/// Signs the person in for a proven request, or lets her go on.
///
/// # Errors
/// What the store says.
pub async fn begin(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    request: AuthorizationRequest,
) -> Result<Response, Failure> {
    if request.prompts(Prompt::None) {
        return advance::silently(house, arrival, headers, request).await;
    }
    let afresh = request.prompts(Prompt::Login);
    transaction::open(house, arrival, headers, request, afresh).await
}

/// Whether a live session can answer this request without another proof: strong enough, recent
/// enough (`max_age`; zero means now, Core 3.1.2.1), and hers whom the hint names.
pub(super) fn fits(session: &Session, request: &AuthorizationRequest, now: Time) -> bool {
    let age = now.since(session.authenticated_at).as_seconds();
    let recent = request
        .max_age
        .is_none_or(|oldest| oldest > 0 && age <= oldest);
    let hers = request
        .id_token_hint_sub
        .as_ref()
        .is_none_or(|sub| *sub == session.user_id);
    recent && hers && request.demand().satisfied_by(session.aal, session.method)
}

/// When the session ends, if so soon that signing in again is worth offering (from 11 h 30).
pub(super) const fn ends_soon(standing: &SessionStanding) -> Option<Time> {
    match standing {
        SessionStanding::Live {
            ends_at,
            reauthenticate_soon: true,
        } => Some(*ends_at),
        SessionStanding::Live { .. }
        | SessionStanding::Idle
        | SessionStanding::Over
        | SessionStanding::Ended => None,
    }
}

#[cfg(test)]
mod tests {
    use policies::signin::{Aal, Method};
    use policies::time::Span;

    use super::*;

    const NOW: Time = Time::from_unix(1_900_000_000);

    fn session() -> Session {
        Session {
            sid: "s".parse().unwrap(),
            user_id: "555000000001".parse().unwrap(),
            aal: Aal::Aal3,
            method: Method::Smartcard,
            authenticated_at: NOW.minus(Span::minutes(5)),
            last_active_at: NOW,
            role_id: None,
            role_chosen: false,
            card: None,
            serial: None,
            authenticator: None,
            until: None,
            added_at: None,
            place: crate::signin::place::Place::default(),
            version: 1,
        }
    }

    /// A request with something changed.
    fn asking(change: impl FnOnce(&mut AuthorizationRequest)) -> AuthorizationRequest {
        let mut request = AuthorizationRequest::for_tests("app", "https://app.example/cb", &[]);
        change(&mut request);
        request
    }

    #[test]
    fn a_session_serves_until_max_age_and_not_a_second_longer() {
        let with = |max_age| asking(|request| request.max_age = Some(max_age));
        assert!(fits(&session(), &asking(|_| ()), NOW));
        assert!(fits(&session(), &with(300), NOW));
        assert!(!fits(&session(), &with(299), NOW));
        assert!(
            !fits(&session(), &with(0), NOW.minus(Span::minutes(5))),
            "zero means now"
        );
    }

    #[test]
    fn a_session_of_somebody_else_than_the_hint_names_does_not_fit() {
        let hint = |id: &str| asking(|request| request.id_token_hint_sub = id.parse().ok());
        assert!(fits(&session(), &hint("555000000001"), NOW));
        assert!(!fits(&session(), &hint("555000000002"), NOW));
    }

    #[test]
    fn a_session_of_another_kind_than_demanded_does_not_fit() {
        let key = asking(|request| "AAL3_FIDO2".clone_into(&mut request.acr_values));
        assert!(!fits(&session(), &key, NOW));
    }
}
