//! Signing in: sending the browser to the gateway, and what is checked when it comes back (OpenID Connect Core 3.1.2.5,
//! RFC 6749 10.12, RFC 9207).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use policies::time::{Span, Time};

use super::door::Arrival;
use super::provider::{Departure, RoleChoice};
use super::{Shared, Ward7, pages, session};
use crate::chance;

/// A person may take her time at the gateway, within reason.
const PATIENCE: Span = Span::minutes(30);
/// Sign-ins under way at once; the oldest make room.
const MOST: usize = 512;

/// Sign-ins under way, by state.
#[derive(Default)]
pub(super) struct Departures {
    open: Mutex<HashMap<String, Waiting>>,
}

struct Waiting {
    departure: Departure,
    browser: String,
    since: Time,
}

impl Departures {
    fn remember(&self, departure: Departure, browser: &str, now: Time) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, waiting| now.since(waiting.since) < PATIENCE);
        if open.len() >= MOST {
            let oldest = open
                .iter()
                .min_by_key(|(_, waiting)| waiting.since)
                .map(|(state, _)| state.clone());
            oldest.and_then(|state| open.remove(&state));
        }
        open.insert(
            departure.state.clone(),
            Waiting {
                departure,
                browser: browser.to_owned(),
                since: now,
            },
        );
    }

    /// Takes the sign-in out: a state is good for one answer, in the browser that began it.
    fn take(&self, state: &str, browser: Option<&str>) -> Option<Departure> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let same_browser = open
            .get(state)
            .is_some_and(|waiting| Some(waiting.browser.as_str()) == browser);
        if same_browser {
            open.remove(state).map(|waiting| waiting.departure)
        } else {
            None
        }
    }
}

/// Begins a sign-in.
pub(super) async fn depart(
    State(ward): State<Shared>,
    Extension(arrival): Extension<Arrival>,
) -> Response {
    send_away(&ward, &arrival, RoleChoice::Selected).await
}

/// Begins a sign-in that asks for the role anew.
pub(super) async fn depart_for_another_role(
    State(ward): State<Shared>,
    Extension(arrival): Extension<Arrival>,
) -> Response {
    send_away(&ward, &arrival, RoleChoice::Changed).await
}

async fn send_away(ward: &Ward7, arrival: &Arrival, choice: RoleChoice) -> Response {
    let departure = match ward.provider.depart(choice).await {
        Ok(departure) => departure,
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "Ward 7 cannot begin a sign-in"
            );
            return pages::trouble(
                StatusCode::BAD_GATEWAY,
                "The sign-in service does not answer",
                "Try again in a moment.",
                "gateway_unreachable",
            );
        }
    };
    let Ok(browser) = arrival.browser.clone().map_or_else(chance::secret, Ok) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (
        StatusCode::SEE_OTHER,
        [(LOCATION, departure.url.to_string())],
    )
        .into_response();
    ward.set_cookie(&mut response, "browser", &browser, PATIENCE.as_seconds());
    ward.departures.remember(departure, &browser, arrival.now);
    response
}

/// The browser is back: each check in order, then the session.
pub(super) async fn arrive(
    State(ward): State<Shared>,
    Extension(arrival): Extension<Arrival>,
    Query(answer): Query<Vec<(String, String)>>,
) -> Response {
    let once = |name: &str| {
        let mut values = answer
            .iter()
            .filter(|(found, _)| found == name)
            .map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    };
    let departure =
        once("state").and_then(|state| ward.departures.take(state, arrival.browser.as_deref()));
    let Some(departure) = departure else {
        return pages::trouble(
            StatusCode::BAD_REQUEST,
            "This sign-in was not begun here",
            "It may have been used already or have taken too long. Begin again.",
            "unknown_state",
        );
    };
    if !once("iss").is_some_and(|iss| ward.provider.is_issuer(iss)) {
        return pages::trouble(
            StatusCode::BAD_REQUEST,
            "The answer came from somewhere else",
            "Nothing was accepted. Begin again.",
            "wrong_issuer",
        );
    }
    if let Some(error) = once("error") {
        let detail = once("error_description").unwrap_or("The sign-in was not completed.");
        return pages::trouble(
            StatusCode::FORBIDDEN,
            "You were not signed in",
            detail,
            error,
        );
    }
    let Some(code) = once("code") else {
        return pages::trouble(
            StatusCode::BAD_REQUEST,
            "The answer has no code",
            "Begin again.",
            "missing_code",
        );
    };
    match signed_in(&ward, &arrival, code, departure).await {
        Ok(response) => response,
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "Ward 7 does not accept an answer"
            );
            pages::trouble(
                StatusCode::BAD_GATEWAY,
                "The sign-in could not be checked",
                "Nothing was accepted. Begin again.",
                "not_verified",
            )
        }
    }
}

async fn signed_in(
    ward: &Ward7,
    arrival: &Arrival,
    code: &str,
    departure: Departure,
) -> Result<Response> {
    // The exchange takes a moment, and a token stamped in that moment must not look like one from the future.
    let now = ward.clock.now();
    let (told, id_token) = ward
        .provider
        .arrive(code.to_owned(), departure, now)
        .await?;
    ward.visits.end(arrival.session.as_deref());
    let cookie = ward.visits.open(told, id_token, now)?;
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, "/")]).into_response();
    ward.set_cookie(
        &mut response,
        "session",
        &cookie,
        session::LONGEST.as_seconds(),
    );
    Ok(response)
}
